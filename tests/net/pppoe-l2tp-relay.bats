#!/usr/bin/env bats
# pppoe-l2tp-relay between many clients and l2tpns (Debian's user-space LNS),
# each in a network namespace of its own
# uses: pppoe-l2tp-relay
# waits
# timeout: 240
load ../helper
load ../lns

setup_file() {
	if command -v l2tpns >/dev/null; then
		: >"$BATS_FILE_TMPDIR/have"
	elif [ -n "${CI-}" ]; then
		echo "no l2tpns" >&2
		return 1
	fi
}

# the three hosts: cli - lac - lns
setup() {
	[ -e "$BATS_FILE_TMPDIR/have" ] || skip "no l2tpns"
	T=$BATS_TEST_TMPDIR
	cd "$T" || return 1
	host cli lac lns
	link cli lac
	link lac lns 192.0.2.1/24 192.0.2.2/24
	on lac ip addr add 192.0.2.11/24 dev to-lns
	on lns ip addr add 192.0.2.3/24 dev to-lac
	on lns sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	nsenter -n -t "$host_lns" "$O/bench/radius-yes" radius 3>&- 4>&- \
	    </dev/null >/dev/null 2>&1 &
}
teardown() {
	local p
	for p in $(jobs -p) $(cat "$T"/dir*/pid 2>/dev/null); do
		kill -KILL "$p" 2>/dev/null || :
	done
	lns_kill
}
lns_kill() {
	local p
	for p in $(cat "$T"/lns*/pid 2>/dev/null); do
		kill -KILL "$p" 2>/dev/null || :
	done
}

lns() { # [LINE...]
	l2tpns_start lns "$T/lns" 192.0.2.2 "$@"
	until_ok 15 l2tpns_ready "$T/lns"
}

relay() { # [ARG...], behind, in dir; the LNS is 192.0.2.2
	nsenter -n -t "$host_lac" pppoe-l2tp-relay --background "$T/dir" -v \
	    "$@"
}
load_() {
	nsenter -n -t "$host_cli" timeout 60 "$O/bench/pppoe-load" \
	    --method pap packet:to-lac "$@"
}
load_bg() {
	nsenter -n -t "$host_cli" "$O/bench/pppoe-load" --method pap \
	    packet:to-lac "$@" 3>&- 4>&- </dev/null >load.out 2>&1 &
	load_pid=$!
}
control() {
	printf '%s\nquit\n' "$*" | timeout 10 socat -t5 - UNIX-CONNECT:"$T/dir/control"
}
sessions_are() { # N
	control status | head -n 1 | grep -q ", $1 sessions of"
}
calls_are() { # N: in the tunnel to the LNS, those that end there as well
	control status | grep -q "^lns .* established, .*, $1 sessions$"
}
logged() {
	grep -q -- "$1" "$T/dir/log"
}

@test "one session: PAP at the LNS, packets both ways, each side told of its end" {
	lns
	relay packet:to-cli 192.0.2.2
	run -0 load_ -t 1s -R 50 --to 192.0.2.2 --no-loss
	[[ "$output" == *"setup up=1 failed=0"* ]]
	until_ok 5 sessions_are 0
	logged "tunnel [0-9]* to 192.0.2.2 established: lns, its id"
	grep -q "PAP User user authentication allowed\|Login by db123@a.1" "$T/lns/log"
	until_ok 5 grep -q "Received CDN\|Shutting down session 1" "$T/lns/log"
	kill "$(cat dir/pid)"
	until_ok 5 test ! -e dir/pid
	until_ok 5 grep -q "Shutting down tunnel" "$T/lns/log"
}

# load_of N ARG...: traffic of N sessions, each to the next one
load_of() {
	local n=$1
	shift
	run load_ -n "$n" -c 200 -t 2500ms -R 2000 -s 200 --no-loss "$@"
	echo "$output"
	[ "$status" = 0 ]
	[[ "$output" == *"setup up=$n failed=0"* ]]
	[[ "$output" == *"lost=0 wrong=0 reordered=0 served=$n uneven=0"* ]]
}

@test "1, 100, 1000, 4000 sessions: each one's packets reach it, none is lost" {
	local n
	lns "set debug 1"
	relay packet:to-cli 192.0.2.2
	for n in 1 100 1000; do
		load_of $n
		[[ "$output" == *"teardown sessions=$n "* ]]
		# neither side holds anything of them
		until_ok 10 sessions_are 0
		until_ok 20 calls_are 0
	done
	# left without a word they are still held
	load_of 4000 --abandon
	run -0 control status
	[[ "${lines[0]}" == *", 4000 sessions of 10000, 1 tunnels" ]]
	[[ "$output" == *"established, peer lns id"*", 4000 sessions"* ]]
	[[ "$output" == *"lost up 0, down 0"* ]]
	[ "$(control sessions | grep -c '^session .*: up, ')" = 4000 ]
}

@test "a tunnel secret, hidden AVPs; a wrong one says so to the client" {
	lns 'set l2tp_secret "s3cret"'
	echo s3cret >secret
	echo other >wrong
	relay --secret-file secret --hide packet:to-cli 192.0.2.2
	run -0 load_ -n 3 -t 1s -R 20 --to 192.0.2.2
	[[ "$output" == *"setup up=3 failed=0"* ]]
	kill "$(cat dir/pid)"
	until_ok 5 test ! -e dir/lock
	relay --secret-file wrong --capture cap packet:to-cli 192.0.2.2
	run -1 load_ -T 3s
	until_ok 5 logged "not established: 192.0.2.2: "
	control status | grep "^lns 192.0.2.2: dead (\(the peer does not know the secret\|StopCCN 4, not authorized\).*), tried again in"
	kill "$(cat dir/pid)"
	until_ok 5 test ! -e dir/lock
	grep -aq "192.0.2.2: the peer does not know the secret\|StopCCN 4, not authorized" cap
}

@test "a tunnel for each session" {
	lns "set debug 1"
	relay --tunnel-per-session packet:to-cli 192.0.2.2
	run -0 load_ -n 20 -t 1s -R 100 --to 192.0.2.2
	[[ "$output" == *"setup up=20 failed=0"* ]]
	until_ok 5 sessions_are 0
	[ "$(grep -c 'established: lns' dir/log)" = 20 ]
	[ "$(grep -c 'New tunnel from' lns/log)" = 20 ]
}

@test "the first LNS is silent, the second refuses: the third takes all" {
	lns
	on lns ip addr del 192.0.2.3/24 dev to-lac
	relay --tries 2 packet:to-cli 192.0.2.3 192.0.2.1 192.0.2.2
	run -0 load_ -n 5 -T 40s -t 1s -R 20 --to 192.0.2.2
	[[ "$output" == *"setup up=5 failed=0"* ]]
	logged "not established: 192.0.2.3: the peer does not answer"
	logged "not established: 192.0.2.1: refuses connections"
	# the dead are left alone
	n=$(grep -c "SCCRQ to" dir/log)
	run -0 load_ -n 5 -T 5s
	[ "$(grep -c "SCCRQ to" dir/log)" = "$n" ]
}

@test "the LNS dies: PADT within the bound; it comes back and is found again" {
	lns
	relay --hello 1s --tries 2 packet:to-cli 192.0.2.2
	load_bg -n 3 -H 60s
	until_ok 10 sessions_are 3
	lns_kill
	until_ok 20 sessions_are 0
	logged "ends: 192.0.2.2: the peer does not answer"
	until_ok 5 gone "$load_pid" # its clients were told
	rm -f lns/log
	lns
	until_ok 20 load_ -n 3 -T 5s
}

frames() { # that came from the clients
	on lac awk '$1 == "to-cli:" { print $3 }' /proc/net/dev
}
frames_are() { # N: so many, or more
	[ "$(frames)" -ge "$1" ]
}
lns_gone() {
	! on lns grep -q ':06A5 ' /proc/net/udp # 1701
}

# More frames wait than go out in a turn: the ICMP errors of the first (their
# kernel limits them to six) are queued when the next are sent, and a
# send takes the errno. What is left then wakes poll until somebody reads it.
@test "the LNS is gone and ICMP says so: the relay sleeps" {
	local pid
	lns
	relay packet:to-cli 192.0.2.2
	pid=$(cat dir/pid)
	load_bg -n 3 -t 60s -R 1000 --to 192.0.2.2
	until_ok 20 frames_are 300 # set-up takes a tenth of that
	kill -STOP "$pid"
	until_ok 10 frames_are $(($(frames) + 300))
	kill -KILL "$load_pid"
	lns_kill
	until_ok 5 lns_gone
	kill -CONT "$pid"
	until_ok 5 grep -q '^State:.S' "/proc/$pid/status"
	sessions_are 3
}

@test "the relay dies; its successor tells the clients" {
	lns
	relay packet:to-cli 192.0.2.2
	load_bg -n 3 -H 60s -t 60s -R 30 --to 192.0.2.2 -v
	until_ok 10 sessions_are 3
	kill -KILL "$(cat dir/pid)"
	until_ok 5 relay packet:to-cli 192.0.2.2
	until_ok 20 sh -c "echo status | socat -t5 - UNIX:$T/dir/control | \
	    grep -q 'PADT in [0-9]*, out [1-9]'"
	run -0 load_ -n 1 --ac "$(hostname)"
}

@test "SIGTERM: the clients get PADT, the LNS CDN and StopCCN" {
	lns
	relay --capture cap --capture-lns lcap packet:to-cli 192.0.2.2
	load_bg -n 3 -H 60s
	until_ok 10 sessions_are 3
	kill -TERM "$(cat dir/pid)"
	until_ok 5 test ! -e dir/pid
	until_ok 5 grep -q "Shutting down tunnel" lns/log
	[ "$(grep -c "Received CDN" lns/log)" = 3 ]
	[ "$(grep -ac "the access concentrator shuts down" cap)" -ge 1 ]
}

@test "the LNS refuses a call with words, and drops one" {
	lns
	relay packet:to-cli 192.0.2.2
	load_bg -n 2 -H 60s
	until_ok 10 sessions_are 2
	sid=$(control sessions | sed -n 's/^session \([0-9]*\) .*/\1/p' | head -n 1)
	run -0 control drop "$sid"
	until_ok 5 sessions_are 1
	logged "session $sid of .* ends: dropped by the operator"
}

@test "PADT and frames from another MAC, L2TP from another address: ignored" {
	lns
	relay packet:to-cli 192.0.2.2
	load_bg -n 1 -t 60s -R 20 --to 192.0.2.2
	until_ok 10 sessions_are 1
	sid=$(control sessions | sed -n 's/^session \([0-9]*\) .*/\1/p')
	mac=$(on lac cat /sys/class/net/to-cli/address 2>/dev/null ||
	    on lac ip -o link show to-cli | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
	hex() { printf '%b' "$(printf '%s' "$1" | sed 's/[: ]//g; s/../\\x&/g')"; }
	padt="$mac 02 66 66 66 66 66 8863 11 a7 $(printf %04x "$sid") 0000"
	# by files: bash writes what holds a newline, 10, in pieces
	hex "$padt" >padt
	for _ in 1 2 3; do
		nsenter -n -t "$host_cli" socat -u FILE:padt INTERFACE:to-lac
	done
	port=$(grep -o "New tunnel from 192.0.2.1:[0-9]*" lns/log | cut -d: -f2)
	tid=$(control status | sed -n 's/^lns .*: tunnel \([0-9]*\) at .*/\1/p')
	# StopCCN for the tunnel, from the right port of the wrong address
	stop="c802 0026 $(printf %04x "$tid") 0000 0001 0001 8008 0000 0000 0004 8008 0000 0009 0002 800a 0000 0001 0001 0000"
	hex "$stop" >stop
	nsenter -n -t "$host_lns" socat -u FILE:stop \
	    UDP4-SENDTO:"192.0.2.1:$port",bind=192.0.2.3:1701
	until_ok 5 sh -c "echo status | socat -t5 - UNIX:$T/dir/control | \
	    grep -q 'forged [1-9]'"
	run -0 control status
	[[ "$output" == *"no such session of this address"* ]]
	sessions_are 1
}

# l2tpns asks a client that says nothing whether it is there, and lets it go
@test "a client that dies without a word: its session ends, nothing is left" {
	lns "set echo_timeout 1" "set idle_echo_timeout 3"
	relay packet:to-cli 192.0.2.2
	load_bg -n 3 -H 60s
	until_ok 10 sessions_are 3
	kill -KILL "$load_pid"
	until_ok 30 sessions_are 0
	until_ok 5 calls_are 0
	[ "$(grep -c "session [0-9]* of .* ends: 192.0.2.2: CDN" dir/log)" = 3 ]
	run -0 load_ -n 3
	[[ "$output" == *"setup up=3 failed=0"* ]]
}

fragments() { # HOST: packets that it had to cut
	on "$1" awk '$1 == "Ip:" && $18 ~ /^[0-9]/ { print $18 }' /proc/net/snmp
}

# 1492 bytes become 1530: too long for the first link. 1400 become 1438: only too
# long for the second, whose router must be allowed to cut them.
@test "packets longer than the path takes are cut, here and on the way" {
	host mid
	link lac mid 192.0.3.1/24 192.0.3.254/24
	link mid lns 192.0.4.254/24 192.0.4.2/24
	on mid sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	on mid ip link set dev to-lns mtu 1300
	on lac ip route add 192.0.4.0/24 via 192.0.3.254
	on lns ip route add 192.0.3.0/24 via 192.0.4.254
	on lns ip link set dev to-mid mtu 1300
	lns "set bind_address 192.0.4.2" "set l2tp_mtu 1560"
	relay packet:to-cli 192.0.4.2
	for size in 1492 1400; do
		run -0 load_ -n 2 -t 1s -R 50 -s $size --no-loss
		echo "$output"
		[[ "$output" == *"lost=0 wrong=0 reordered=0 served=2 uneven=0"* ]]
	done
	[ "$(fragments lac)" -gt 40 ]
	[ "$(fragments mid)" -gt 80 ]
}

@test "two concentrators on one wire, each serves its own" {
	lns
	relay -n one packet:to-cli 192.0.2.2
	nsenter -n -t "$host_lac" pppoe-l2tp-relay --background "$T/dir2" -n two \
	    --mac 02:00:00:00:00:22 packet:to-cli 192.0.2.2
	for ac in one two; do
		run -0 load_ -n 5 --ac $ac
		[[ "$output" == *"setup up=5 failed=0"* ]]
	done
	run -0 control status
	[[ "$output" == *"PADR 5, PADS 5"* ]]
}

@test "balance: two tunnels share the sessions" {
	lns "set debug 1"
	relay --balance packet:to-cli 192.0.2.2 192.0.2.2:1701
	load_bg -n 10 -H 30s
	until_ok 10 sessions_are 10
	run -0 control status
	[ "$(grep -c ', 5 sessions' <<<"$output")" = 2 ]
}

@test "an LNS by name is looked up" {
	lns
	echo "192.0.2.2 lns.test" >hosts
	cp /etc/hosts old 2>/dev/null || : >old
	mount --bind hosts /etc/hosts || skip "no /etc/hosts to mount on"
	relay packet:to-cli lns.test
	umount /etc/hosts
	run -0 load_ -n 2
	[[ "$output" == *"setup up=2 failed=0"* ]]
	logged "tunnel [0-9]* to lns.test: SCCRQ to 192.0.2.2:1701"
}

@test "a name is looked up anew for each tunnel: the LNS moved" {
	lns
	echo "192.0.2.3 lns.test" >hosts
	mount --bind hosts /etc/hosts || skip "no /etc/hosts to mount on"
	relay packet:to-cli lns.test
	run -1 load_ -T 2s
	logged "SCCRQ to 192.0.2.3:1701"
	logged "not established: lns.test: refuses connections"
	echo "192.0.2.2 lns.test" >hosts
	# an LNS that has just failed is not asked for a second
	until_ok 20 load_ -n 2 -T 10s
	umount /etc/hosts
	logged "SCCRQ to 192.0.2.2:1701"
}

@test "rp-pppoe's pppoe-discovery sees the name and the services" {
	command -v pppoe-discovery >/dev/null || skip "no pppoe-discovery"
	relay -n conc -s gold -s silver packet:to-cli 192.0.2.2
	run -0 on cli pppoe-discovery -I to-lac
	[[ "$output" == *"Access-Concentrator: conc"* ]]
	[[ "$output" == *"gold"* ]]
	[[ "$output" == *"silver"* ]]
}

@test "without root: on a multicast wire, LNS by UDP, in one namespace" {
	[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || skip "no setpriv"
	lns
	on lac setpriv --reuid 65534 --regid 65534 --clear-groups \
	    pppoe-l2tp-relay -v access 192.0.2.2 3>&- >relay.out 2>&1 &
	until_ok 5 on lac grep -q "230.0.0.1\|E6000001\|010000E6" /proc/net/udp
	run -0 on lac timeout 30 "$O/bench/pppoe-load" --method pap access -n 3
	[[ "$output" == *"setup up=3 failed=0"* ]]
}
