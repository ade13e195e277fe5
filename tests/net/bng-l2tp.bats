#!/usr/bin/env bats
# uses: bng pppoe-l2tp-relay
# waits
# timeout: 120
# bng as the LNS of pppoe-l2tp-relay: router -> PPPoE -> L2TP -> bng

load ../helper
load build
load bng
load ../lns

setup_file() {
	build_c "$BATS_FILE_TMPDIR/pppoe-client" tests/net/pppoe-client.c
	build_c "$BATS_FILE_TMPDIR/l2tp-twist" tests/net/l2tp-twist.c
	build_c "$BATS_FILE_TMPDIR/nuisance" bench/nuisance.c
	build_c "$BATS_FILE_TMPDIR/pppoe-load" bench/pppoe-load.c
}

setup() {
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	local pid
	if [ -e r/pid ]; then
		pid=$(cat r/pid)
		kill "$pid"
		until_ok 10 gone "$pid" # its port may be wanted next
	fi
	[ ! -e d/pid ] || bng --stop d
	[ ! -e l2tpns/pid ] || kill -KILL "$(cat l2tpns/pid)" || :
	[ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null || :
}

lns() {
	bng --background d --access none --l2tp 127.0.0.1 "$@"
}

# twister ARG...: l2tp-twist between 1701 and 1702; a relay that asks before it
# listens is refused, and leaves that LNS alone for a while
twister() {
	l2tp-twist "$@" 1701 1702 >twisted 3>&- 4>&- &
	twist=$!
	until_ok 10 grep -q ':06A5 ' /proc/net/udp
}

relay() {
	pppoe-l2tp-relay --background r "$@" access 127.0.0.1
}

@test "a session through the relay: address, gateway, and who it is" {
	lns
	relay
	dialled out -p 192.168.100.1 access
	grep -q ' 192.168.100.10 192.168.100.1 192.168.100.2 mtu 1492' out
	until_ok 10 grep -q 'icmp 0 from 192.168.100.1' out
	ask status | grep -Eq '^[0-9a-f]{4} 02:00:00:[0-9a-f:]{8} db123@a.1 192.168.100.10 up'
	ask counters | grep -qx 'tunnels 1'
}

@test "the line that an access node tells goes to the LNS, tags of a VLAN too" {
	lns
	relay --capture-lns cap
	run -0 client -V 10.20 -l 'olt7 eth 1/2,line 9' access
	# AVPs of vendor 3561 (RFC 5515): Agent-Circuit-Id, Agent-Remote-Id
	LC_ALL=C grep -aqP '\x80?.\x12\x0d\xe9\x00\x01olt7 eth 1/2' cap
	LC_ALL=C grep -aqP '\x0c\x0d\xe9\x00\x02line 9' cap
	LC_ALL=C grep -aqP '\x00\x00\x00\x1602:00:00:[0-9a-f:]{8}/10.20' cap
}

@test "an LNS with every form of data header" {
	bng --background d --access none --l2tp 127.0.0.1:1702
	twister
	relay
	dialled out -n 20 -p 192.168.100.1 access
	grep -q '^20 up' out
	until_ok 10 grep -q 'icmp 0 from 192.168.100.1' out
	kill "$twist"
	wait "$twist"
	[ "$(grep -c 'form [0-9]*: [1-9]' twisted)" = 16 ]
	echo status | socat -t5 - unix-connect:r/control | grep 'malformed 0$'
}

@test "proxy AVPs are not used; Sequencing Required numbers all we send" {
	bng --background d --access none --l2tp 127.0.0.1:1702
	twister -i
	relay
	dialled out -n 3 -p 192.168.100.1 access
	grep -q '^3 up' out
	until_ok 10 grep -q 'icmp 0 from 192.168.100.1' out
	ask status | grep -q '^3 sessions, 3 up'
	kill "$twist"
	wait "$twist"
	grep -Ex 'numbered [1-9][0-9]*, not 0' twisted
}

@test "the LNS takes no more: PADS tells the client why" {
	lns --max 1
	relay
	dialled out access
	run -1 client -t 5 access
	[[ "$output" == *"down "*"127.0.0.1: CDN 4, no facilities for now, out of resources"* ]]
}

@test "a wrong password is told the client" {
	lns
	relay
	run -1 client -u db123@a.1:wrong access
	[[ $output == *"0 up in"* ]]
	ask status | grep -q '^0 sessions'
}

@test "many sessions in one tunnel, reaching each other" {
	lns --pool 10.0.0.10-10.0.3.255 --address 10.0.0.1
	relay
	dialled out -n 300 -p peer access
	grep -q '^300 up' out
	until_ok 10 grep -q 'icmp 0 from' out
	ask status | grep -q '^300 sessions, 300 up'
	ask counters | grep -qx 'tunnels 1'
	kill %1
	wait %1 || :
	until_ok 10 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^0 sessions"'
}

@test "20000 sessions come and go, by either side: none is left, no memory" {
	relay --local-port 1702 --max-per-mac 0 --padi-rate 0 -m 1000
	mkfifo ask say
	"$O/bench/relay_load" -n 1000 -C 2 -i -a 127.0.0.1 access \
	    <ask >say 2>load.err 3>&- 4>&- &
	exec 7>ask 8<say
	for part in $(seq 10); do
		echo >&7
		read -r -t 60 line <&8
		[[ $line == "waves sessions=2000 "* ]] || { echo "$part: $line"; cat load.err; return 1; }
		printf 'status\nquit\n' | timeout 10 socat -t5 - unix-connect:r/control |
			grep -q ', 0 sessions of 1000, 1 tunnels'
		sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(cat r/pid)/status" >>rss
		find "/proc/$(cat r/pid)/fd" -type l | wc -l >>fds
	done
	exec 7>&- 8<&-
	# all that there can be is touched in the first waves
	[ $(($(tail -n 1 rss) - $(sed -n 2p rss))) -lt 64 ] || { cat rss; return 1; }
	[ "$(sort -u fds | wc -l)" -eq 1 ]
}

@test "a tunnel for each session" {
	lns
	relay --tunnel-per-session
	dialled out -n 20 access
	grep -q '^20 up' out
	ask counters | grep -qx 'tunnels 20'
}

@test "a tunnel secret: the same, another, none" {
	printf 'hush\nit is of the tunnel to the LNS\n' >s
	printf 'wrong\n' >w
	: >e
	lns --l2tp-secret s
	relay --secret-file s --hide
	run -0 client access
	kill "$(cat r/pid)"
	until_ok 10 test ! -e r/pid
	relay --secret-file w
	run -1 client -t 5 access
	[[ $output == *"0 up in"* ]]
	bng --stop d
	run -1 bng --l2tp --l2tp-secret e
	[ "$output" = "bng: e: not a secret of 1 to 128 bytes" ]
	run -1 bng --l2tp --l2tp-secret nosuch
	[ "$output" = "bng: nosuch: No such file or directory" ]
}

# it asks for a response to its challenge, and gives none to ours
@test "l2tpns as the concentrator: --l2tp-no-challenge" {
	[ "${CI-}" ] || command -v l2tpns >/dev/null || skip "no l2tpns"
	echo hush >s
	host cli lac lns
	link cli lac
	link lac lns 192.0.2.2/24 192.0.2.9/24
	on lns bng --background d -v --access none --l2tp 192.0.2.9 \
	    --l2tp-secret s --l2tp-no-challenge
	l2tpns_start lac "$PWD/l2tpns" 192.0.2.2 \
	    'set pppoe_if_to_bind "to-cli"' 'set bind_address_remotelns 192.0.2.2' \
	    'setforward db123@a.1 192.0.2.9 1701 hush'
	until_ok 15 l2tpns_ready "$PWD/l2tpns"
	# it asks us for PAP, to know where to
	run -0 on cli timeout 60 pppoe-client -A pap -n 20 -t 30 -p 192.168.100.1 packet:to-lac
	[[ $output == *"20 up in"* && $output == *"icmp 0 from 192.168.100.1"* ]]
	grep -q 'tunnel [0-9]* from 192.0.2.2:[0-9]* (lns) established' d/log
	until_ok 10 sh -c '[ "$(grep -c "ended: terminated by the peer" d/log)" = 20 ]'
}

@test "drop ends the call and the client's session" {
	lns
	relay
	dialled out -n 2 access
	[ "$(ask 'drop 192.168.100.10')" = "1 dropped
ok" ]
	until_ok 10 grep -q '^down' out
	ask status | grep -q '^1 sessions'
}

# 1400 bytes become 1438, too long for the second link, whose router is not heard
@test "a router on the way may cut what goes to the concentrator" {
	host lac mid lns
	link lac mid 192.0.3.1/24 192.0.3.254/24
	link mid lns 192.0.4.254/24 192.0.4.2/24
	on mid sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	on mid ip rule add ipproto icmp pref 1 blackhole
	on mid ip link set dev to-lac mtu 1300
	on lac ip link set dev to-mid mtu 1300
	on lac ip route add 192.0.4.0/24 via 192.0.3.254
	on lns ip route add 192.0.3.0/24 via 192.0.4.254
	on lns bng --background d --access none --l2tp
	on lac pppoe-l2tp-relay --background r access 192.0.4.2
	run -0 on lac timeout 60 pppoe-load -n 2 -t 1s -R 50 -s 1400 --no-loss access
	echo "$output"
	[[ "$output" == *"lost=0 wrong=0 reordered=0 served=2 uneven=0"* ]]
}

@test "IPv6 by L2TP; idle timeout, cut and --max of calls" {
	lns -v --idle-timeout 1s --max 2
	relay --capture f
	run -0 timeout 30 pppoe-load -6 access
	[[ $output == *"up=1 failed=0"* ]]
	grep 'IPv6 up: prefix fd62:6e67::/56' d/log
	until_ok 5 sh -c 'tcpdump -nvr f 2>/dev/null | grep -q "fd62:6e67:8000::/64, Flags"'
	run -0 client -k 20 access
	grep 'ended: idle timeout' d/log
	bng --stop d
	lns --max 2
	dialled out -n 2 access
	run -1 client -t 4 access
	[[ $output == *"CDN 4, no facilities for now, out of resources"* ]]
	[ "$(ask 'cut all')" = $'2 dropped\nok' ]
	ask status | grep -qx '0 sessions, 0 up'
	run ! grep ^down out
}

@test "bng ends: tunnel and clients are told" {
	lns
	relay
	dialled out -n 3 access
	bng --stop d
	until_ok 10 sh -c '[ "$(grep -c ^down out)" = 3 ]'
}

@test "the relay ends: the sessions are over here, the log says why" {
	lns -v
	relay
	dialled out -n 3 access
	ask status | grep -q '^3 sessions'
	kill "$(cat r/pid)"
	until_ok 10 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^0 sessions"'
	[ "$(grep -c ' ended: CDN 3, administrative reasons; ' d/log)" = 3 ]
	until_ok 10 grep -Eq 'tunnel [0-9]+ down: StopCCN 6, shutting down$' d/log
}

@test "PPPoE and L2TP side by side" {
	bng --background d --l2tp 127.0.0.1:1702 --access mcast:230.0.0.1:7002
	pppoe-l2tp-relay --background r access 127.0.0.1:1702
	dialled a access
	dialled b -p 192.168.100.10 mcast:230.0.0.1:7002
	until_ok 10 grep -q 'icmp 0 from 192.168.100.10' b
	ask status | grep -q '^2 sessions, 2 up'
}

@test "hostile datagrams disturb no session" {
	lns
	relay
	dialled out access
	for i in 1 2 3 4 5 6 7 8 9; do
		head -c $((i * 37)) /dev/urandom | socat -u - udp-sendto:127.0.0.1:1701
		# control of tunnel 1 and data of call 1, from another port
		printf '\310\002\000\014\000\001\000\000\000\001\000\001' | socat -u - udp-sendto:127.0.0.1:1701
		printf '\000\002\000\001\000\001\377\003\300\041\005\001\000\004' | socat -u - udp-sendto:127.0.0.1:1701
	done
	ask status | grep -q '^1 sessions, 1 up'
	ask counters | grep -Ex 'l2tp-strays [1-9][0-9]*'
	run ! grep -q ^down out
}

# say FORMAT: a datagram to fd 9, whole though it has newlines in it
say() {
	printf "$1" | dd bs=200 iflag=fullblock status=none >&9
}

# heard: the next message from fd 9 in hex; ZLBs are passed over
heard() {
	local h=
	while [ ${#h} -le 24 ]; do
		h=$(timeout 5 dd bs=2048 count=1 status=none <&9 | od -An -v -tx1 | tr -d ' \n')
		[ -n "$h" ] || return 1
	done
	echo "$h"
}

@test "more calls than can be kept: CDN at once" {
	local h i n nr t
	lns --max 1 # and 17 calls
	exec 9<>/dev/udp/127.0.0.1/1701
	say '\xc8\x02\0\x40\0\0\0\0\0\0\0\0\x80\x08\0\0\0\0\0\1\x80\x08\0\0\0\2\1\0\x80\x0a\0\0\0\3\0\0\0\3\x80\x09\0\0\0\7lac\x80\x09\0\0\0\x08lac\x80\x08\0\0\0\x09\0\5'
	h=$(heard)
	t=${h#*800800000009} # the tunnel's id
	t="\\x${t:0:2}\\x${t:2:2}"
	say '\xc8\x02\0\x14'"$t"'\0\0\0\1\0\1\x80\x08\0\0\0\0\0\3'
	for ((i = 2; i < 22; i++)); do
		printf -v n '\\0\\x%02x' $i
		printf -v nr '\\0\\x%02x' $((0x${h:16:4} + 1))
		say '\xc8\x02\0\x26'"$t"'\0\0'"$n$nr"'\x80\x08\0\0\0\0\0\x0a\x80\x08\0\0\0\x0e'"$n"'\x80\x0a\0\0\0\x0f\0\0\0\1'
		h=$(heard)
		[ "${h:36:4}" = 000b ] || break # ICRP
	done
	exec 9>&-
	[ "$i" -gt 10 ]
	# CDN 4, error 4, to the id of the call
	[ "${h:12:4} ${h:36:4} ${h:40:20}" = "$(printf '%04x' "$i") 000e 800a0000000100040004" ]
}

@test "SCCRQs that are not the first of a tunnel make none" {
	local i
	lns --max 16 # and 256 tunnels
	exec 9>/dev/udp/127.0.0.1/1701
	for ((i = 0; i < 300; i++)); do
		# no byte is a newline, at which printf would cut it
		printf '\xc8\x02\0\x2f\0\0\0\0\0\1\0\0\x80\x08\0\0\0\0\0\1\x80\x08\0\0\0\2\1\0\x80\x0b\0\0\0\7enemy\x80\x08\0\0\0\x09\0\1' >&9
	done
	exec 9>&-
	relay
	run -0 client access
	ask counters >counters
	grep -qx 'tunnels 1' counters
	grep -Eqx 'l2tp-strays [1-9][0-9]+' counters
}

# PADI without end, PADT and frames of others, L2TP from other addresses, AVPs
# longer than their message, Ns far ahead: on both wires and both UDP ports
@test "floods from every side disturb no session" {
	local wire=mcast:230.0.0.1:7002 flood=()
	bng --background d --access $wire --l2tp 127.0.0.1
	relay --local-port 1702
	dialled a -n 3 access
	dialled b -n 3 $wire
	nuisance -s 1 -t 3s -R 1500 pppoe access >n1 3>&- 4>&- &
	flood+=($!)
	nuisance -s 2 -t 3s -R 1500 pppoe $wire >n2 3>&- 4>&- &
	flood+=($!)
	nuisance -s 3 -t 3s -R 1000 l2tp 127.0.0.1:1701 >n3 3>&- 4>&- &
	flood+=($!)
	nuisance -s 4 -t 3s -R 1000 l2tp 127.0.0.1:1702 >n4 3>&- 4>&- &
	flood+=($!)
	# who comes now is served, and the ones before answer
	run -0 client -n 5 -p 192.168.100.10 access
	run -0 client -n 5 -p 192.168.100.13 $wire
	wait "${flood[@]}"
	run ! grep ^down a b
	until_ok 10 sh -c 'echo status | socat - unix-connect:d/control |
	    grep -q "^6 sessions, 6 up"'
	run -0 client -p 192.168.100.12 access
	run -0 client -p 192.168.100.15 $wire
	# a LAC that was not there before, too
	pppoe-l2tp-relay --background q --local-port 1703 mcast:230.0.0.1:7003 127.0.0.1
	run -0 client mcast:230.0.0.1:7003
	kill "$(cat q/pid)"
	ask counters >counters
	[ "$(awk '$1 == "tunnels" { print $2 }' counters)" -le 1024 ]
	grep -Ex 'l2tp-strays [1-9][0-9]*' counters
	grep 'no such session of this address' counters
	grep 'AC-Cookie not ours' counters
	run -0 sh -c 'echo status | socat -t5 - unix-connect:r/control'
	[[ $output == *", 3 sessions of "*" 1 tunnels"* ]]
	[[ $output =~ forged\ [1-9] ]]
	[[ $output == *"no such session of this address"* ]]
	[[ $output == *"AC-Cookie not ours"* ]]
	[[ $output == *" 0 failures, 0 lost"* ]]
}

@test "a port that is taken, --access none alone, an address that is none" {
	lns
	run -1 bng --access none --l2tp 127.0.0.1
	[[ $output == "bng: l2tp 127.0.0.1:1701: "*"in use" ]]
	run -2 bng --access none
	[[ $output == *"--access none without --l2tp: nothing to do"* ]]
	run -2 bng --l2tp nowhere
	[[ $output == *"--l2tp nowhere: not ADDR:PORT"* ]]
}
