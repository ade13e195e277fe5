#!/usr/bin/env bats
# pppoe-l2tp-relay and LNSs that are odd, what it does to packets, and what its
# options say to either side
# uses: pppoe-l2tp-relay bng connect-vm
# waits
# timeout: 120
load ../helper
load build

setup_file() {
	build_c "$BATS_FILE_TMPDIR/odd-lns" tests/net/odd-lns.c
	build_c "$BATS_FILE_TMPDIR/pppoe-client" tests/net/pppoe-client.c
}

setup() {
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	local p
	for p in $(jobs -p) $(cat ./*/pid 2>/dev/null); do
		kill -KILL "$p" 2>/dev/null || :
	done
}

odd() { # MODE ADDR:PORT FILE; it takes lines in FILE.in
	mkfifo "$3.in"
	odd-lns "$1" "$2" 3>&- 4>&- <>"$3.in" >"$3" &
	until_ok 5 grep -q ready "$3"
}
tell() { # LINE...: to the LNS whose file is lns; waits until it has done all
	local n
	n=$(grep -c '^done' lns || :)
	printf '%s\n' "$@" >lns.in
	until_ok 5 sh -c "[ \"\$(grep -c ^done lns)\" = $((n + $#)) ]"
}
relay() {
	pppoe-l2tp-relay --background dir -v "$@"
}
client() { # [ARG...]: asks for a session; no PPP comes of it
	"$O/bench/pppoe-load" access -T 30s "$@" 3>&- 4>&- </dev/null \
	    >>load.out 2>&1 &
}
up() { # the N-th call to the LNS whose file is lns is
	until_ok 10 grep -q "^call $1 " lns
	until_ok 10 logged "up: call [0-9]* to .*'s $((776 + $1))"
}
control() {
	printf '%s\nquit\n' "$*" | timeout 10 socat -t5 - UNIX-CONNECT:dir/control
}
status_has() {
	control status | grep -q -- "$1"
}
logged() {
	grep -q -- "$1" dir/log
}
hex() { printf '%b' "$(printf '%s' "$1" | sed 's/[: ]//g; s/../\\x&/g')"; }
# frame_up PPP: that PPP frame from the only client, by a file, as bash writes
# what holds a newline, 10, in pieces; the relay has --mac 02:00:00:00:00:22
frame_up() {
	local sid mac ppp=${1// }
	read -r _ sid mac _ <<<"$(control sessions | grep '^session ')"
	hex "02 00 00 00 00 22 $mac 8864 11 00 $(printf %04x%04x "$sid" $((${#ppp} / 2))) $ppp" >frame
	socat -u FILE:frame UDP4-DATAGRAM:230.0.0.1:1234,ip-multicast-if=127.0.0.1
}

@test "an LNS refuses a call for lack of resources: the next takes it" {
	odd cdn 127.0.0.1:1701 one
	odd call '[::1]:1703' two
	relay --capture-lns cap access 127.0.0.1 '[::1]:1703'
	client
	until_ok 10 logged "session [0-9]* of .* up: call [0-9]* to \[::1\]:1703's 777"
	logged "session [0-9]*: 127.0.0.1: CDN 2"
	sound cap
	[[ $output == *" ::."*" > ::1.1703: [udp sum ok]"* ]]
	grep -q "message 10 at 0" one
	[ "$(grep -c "message 10 at 0" two)" = 1 ]
}

@test "only a good SCCRP moves a tunnel to another port" {
	odd move 127.0.0.1:1701 lns
	relay access 127.0.0.1
	client
	until_ok 10 logged "up: call [0-9]* to 127.0.0.1's 777"
	# SCCRQ was repeated where it went first, SCCCN goes where SCCRP was from
	[ "$(grep -c "message 1 at 0" lns)" = 2 ]
	run -1 grep "message 1 at 1" lns
	grep -q "message 3 at 1" lns
	run -1 grep "message 3 at 0" lns
}

@test "SIGTERM: an LNS that says nothing more does not keep it" {
	odd mute 127.0.0.1:1701 lns
	pppoe-l2tp-relay -v access 127.0.0.1 3>&- 4>&- 2>err &
	pid=$!
	ready "$pid"
	client
	until_ok 10 grep -q "message 3 at 0" lns
	kill -TERM "$pid"
	until_ok 20 gone "$pid"
	wait "$pid"
	grep -q "stopping: 1 sessions, 1 tunnels" err
}

@test "no PADS before the LNS has taken the call" {
	odd mute 127.0.0.1:1701 lns
	relay access 127.0.0.1
	client
	until_ok 10 grep -q "message 10 at 0" lns
	status_has ' PADR [1-9][0-9]*, PADS 0,'
	# SIGTERM: the client hears that it gets none
	pppoe-l2tp-relay --stop dir
	until_ok 5 grep -q "up=0 failed=1" load.out
}

# The first LNS is stopped until both calls wait for its tunnel: so both ICRQs are
# under way when the one's ICCN is due, and the window is closed. The CDN opens
# it.
@test "a call that has gone on to another LNS: the first one's ICCN is not its" {
	odd slow 127.0.0.1:1701 lns
	lns=$!
	odd mute 127.0.0.1:1703 two
	relay access 127.0.0.1 127.0.0.1:1703
	kill -STOP "$lns"
	client --first 1
	client --first 2
	until_ok 5 sh -c '[ "$(grep -c "session [0-9]* asked" dir/log)" = 2 ]'
	kill -CONT "$lns"
	until_ok 5 grep -q "^call 2 " lns
	tell "cdn 1 4"
	until_ok 5 grep -q "message 12 at 0" lns
	until_ok 5 grep -q "message 10 at 0" two
	status_has ' PADS 0,'
}

@test "--clamp-mss: a SYN has the lower MSS, both ways" {
	odd call 127.0.0.1:1701 lns
	relay --clamp-mss 1492 --mac 02:00:00:00:00:22 --capture cap \
	    access 127.0.0.1
	client
	until_ok 10 logged "up: call [0-9]* to"
	ip="4500 002c 0000 0000 4006 0000 0a000001 0a000002"
	tcp="1000 0050 00000001 00000000 6002 2000 0000 0000 0204 05b4"
	frame_up "0021 $ip $tcp"
	until_ok 5 grep -q "packet ends in" lns
	grep -q "packet ends in 05ac" lns
	until_ok 5 status_has 'MSS lowered 2'
	pppoe-l2tp-relay --stop dir
	# the client's own, and what became of the LNS's
	LC_ALL=C grep -aqP '\x02\x04\x05\xb4' cap
	LC_ALL=C grep -aqP '\x02\x04\x05\xac' cap
}

@test "the LNS is told who we are, who calls, and the line's speeds" {
	odd call 127.0.0.1:1701 lns
	relay -n conc -H lac7 --tx-speed 80M --rx-speed 10M access 127.0.0.1
	client
	up 1
	grep -qx "host lac7" lns
	grep -Eqx "call 1 of 02(:[0-9a-f]{2}){5}" lns
	until_ok 5 grep -qx "speeds 80000000 10000000" lns
	pppoe-l2tp-relay --stop dir
	odd call 127.0.0.1:1703 two
	relay -n conc access 127.0.0.1:1703
	client
	until_ok 10 grep -q "^speeds 1000000000 0$" two
	grep -qx "host conc" two
}

@test "a Calling Number of 1017 bytes in ICRP is stepped over" {
	odd huge 127.0.0.1:1701 lns
	relay access 127.0.0.1
	client
	up 1
	status_has ', 1 sessions of'
}

@test "CDN: results and causes in words, in the log and to the client" {
	odd call 127.0.0.1:1701 lns
	relay --capture cap access 127.0.0.1
	client
	up 1
	# Q.931 17 with "all", PPP 16 of CHAP at the peer with "bad word"
	tell "cdn 1 3 800c0000000c001101616c6c0013""0000002e0010c2230162616420776f7264"
	why='127.0.0.1: CDN 3, administrative reasons; Q.931 17, user busy: all; PPP 16 c223, authentication failed (peer): bad word'
	until_ok 5 logged "session [0-9]* of .* ends: $why\$"
	until_ok 5 status_has ', 0 sessions of'
	client
	up 2
	# codes that are in no list, causes without words, bytes that are none
	tell "cdn 2 77 000a0000000cffff0007000b0000002effff000007"
	until_ok 5 logged "ends: 127.0.0.1: CDN 77, unknown; Q.931 65535, unknown: \.; PPP"
	pppoe-l2tp-relay --stop dir
	grep -aqF "$why" cap
}

@test "no PPP frame follows PADT: the LNS's last ones go before it" {
	local pid order
	odd call 127.0.0.1:1701 lns
	relay --capture cap access 127.0.0.1
	pid=$(cat dir/pid)
	client
	up 1
	kill -STOP "$pid"
	tell "ppp 1 ff03c0216c6173742d6f6e65" "cdn 1 3"
	kill -CONT "$pid"
	until_ok 5 logged "session [0-9]* of .* ends: 127.0.0.1: CDN 3"
	pppoe-l2tp-relay --stop dir
	order=$(LC_ALL=C grep -aoP 'last-one|CDN 3, admin' cap | tr '\n' ' ')
	[ "$order" = "last-one CDN 3, admin " ]
}

@test "an LNS that would place calls here, or says what nobody knows" {
	odd call 127.0.0.1:1701 lns
	relay access 127.0.0.1
	client
	up 1
	# OCRQ and ICRQ with the LNS's id 55
	tell "say 0 7 8008""0000000e0037" "say 0 10 8008""0000000e0037800a0000000f00000001"
	until_ok 5 sh -c '[ "$(grep -cx "end of 55: 5 0 " lns)" = 2 ]'
	logged "127.0.0.1: OCRQ refused"
	logged "127.0.0.1: ICRQ refused"
	status_has ', 1 sessions of'
	# SLI with AVP 99, which must be known
	tell "say 1 16 8006""00000063"
	until_ok 5 grep -qx "end of 777: 2 8 AVP 99" lns
	until_ok 5 logged "ends: 127.0.0.1: SLI that cannot be taken: unknown mandatory AVP"
}

@test "the framing is one that the LNS can do" {
	odd async 127.0.0.1:1701 lns
	odd call 127.0.0.1:1703 two
	relay --balance access 127.0.0.1 127.0.0.1:1703
	client --first 1
	until_ok 10 grep -qx "framing 2" lns
	client --first 2
	until_ok 10 grep -qx "framing 1" two
}

@test "balance: an LNS that refuses its calls does not draw them all" {
	odd admin 127.0.0.1:1701 lns
	odd call 127.0.0.1:1703 two
	relay --balance access 127.0.0.1 127.0.0.1:1703
	client
	until_ok 10 logged "refused: 127.0.0.1: CDN 3, administrative reasons"
	client --first 2
	until_ok 20 grep -q "^call 1 " two
	[ "$(grep -c "^call" lns)" = 1 ]
}

# The relay is stopped while the LNS says what is to come within 50 ms.
@test "the client's ConfReq goes out again only for an LNS that missed it" {
	local req=c02101010004 ack=c02102010004 nak=c02103010004 rej=c02104010004
	local n=1 says pid
	odd call 127.0.0.1:1701 lns
	relay access 127.0.0.1
	pid=$(cat dir/pid)
	for says in "$ack $req" "$req $ack" "$req $nak" "$req $rej"; do
		client --first $n
		up $n
		until_ok 5 grep -q "^ppp $n - ff03c02101" lns
		kill -STOP "$pid"
		tell "ppp $n ${says% *}" "ppp $n ${says#* }"
		kill -CONT "$pid"
		n=$((n + 1))
	done
	client --first $n
	up $n
	until_ok 5 grep -q "^ppp $n - ff03c02101" lns
	tell "ppp $n $req"
	# they are in a queue: once this one's is out the others' time is over
	until_ok 10 status_has 'ConfReq repeated 1,'
	until_ok 5 sh -c "[ \"\$(grep -c '^ppp $n - ff03c02101' lns)\" -ge 2 ]"
	status_has 'ConfReq repeated 1,'
}

@test "numbered data out of order: what is late or came before is dropped" {
	local k
	odd call 127.0.0.1:1701 lns
	relay --mac 02:00:00:00:00:22 --capture cap access 127.0.0.1
	client
	up 1
	say() { # LETTER NS
		tell "ppp 1 ff0300216672616d652d$(printf %s "$1" | od -An -tx1 | tr -d ' ') $2"
	}
	say A 0 && say B 1 && say D 3 && say C 2 && say D 3 && say E 4
	# ours are numbered now, too
	frame_up "0021 0102"
	until_ok 5 grep -q '^ppp 1 [0-9]* ff030021' lns
	say F 30000 && say G 60000 && say H 65535 && say I 0 && say J 65535 && say K 1
	until_ok 5 status_has 'lost up 0, down 3,'
	frame_up "0021 0304"
	until_ok 5 grep -q '^ppp 1 [0-9]* ff0300210304' lns
	# each of ours has the next number, whatever else the client sent
	k=$(sed -n 's/^ppp 1 \([0-9]*\) .*/\1/p' lns | tr '\n' ' ')
	[ "$k" = "$(seq -s ' ' 0 $(($(wc -w <<<"$k") - 1))) " ]
	# and none once the LNS sends none
	tell "ppp 1 ff0300216672616d652d4c"
	frame_up "0021 0506"
	until_ok 5 grep -q '^ppp 1 - ff0300210506' lns
	pppoe-l2tp-relay --stop dir
	[ "$(LC_ALL=C grep -ao 'frame-[A-Z]' cap | cut -c7 | tr -d '\n')" = ABDEFGHIKL ]
}

@test "--untagged, --no-blank-service: who is not answered" {
	bng --background lns --access none --l2tp 127.0.0.1
	relay --untagged --no-blank-service access 127.0.0.1
	run -0 timeout 30 pppoe-client -s any access
	run -1 timeout 30 pppoe-client -t 1 -s any -V 7 access
	run -1 timeout 30 pppoe-client -t 1 access
	[ "$(grep -c ' up: call ' dir/log)" = 1 ]
	run -0 control status
	[[ "$output" == *"not meant for us"* ]]
	[[ "$output" == *"service name not served"* ]]
}

# the MRU that the client's ConfReq asks for is what its PADS granted
@test "--max-payload: granted as far as asked for, none without it" {
	local n=0 most asked mru
	for most in 1500 1496 0; do
		odd call 127.0.0.1:$((1703 + most)) lns$most
		relay --max-payload $most access 127.0.0.1:$((1703 + most))
		for asked in 1500 1496 1492; do
			n=$((n + 1))
			client --first $n -M $asked
			mru=$((asked < most ? asked : most > 1492 ? most : 1492))
			until_ok 5 grep -q "^ppp $(((n - 1) % 3 + 1)) - ff03c021.*0104$(printf %04x $mru)\$" lns$most
		done
		pppoe-l2tp-relay --stop dir
	done
}

@test "--max-payload: on an interface no more than it can take of a frame" {
	local mtu
	ip link add eth2 type veth peer name cli2
	ip link set dev eth2 mtu 9100 up
	ip link set dev cli2 mtu 9100 up
	relay --max-payload 9000 --mac 02:00:00:00:00:22 --capture cap eth2 127.0.0.1
	frame() { # HEX: from the client
		hex "$1" >frame
		socat -u FILE:frame INTERFACE:cli2
	}
	frame "ffffffffffff 020000000009 8863 11 09 0000 000a 01010000 01200002 2328"
	until_ok 5 status_has 'PADO 1,'
	# a session frame with as much in it, for no session
	frame "020000000022 020000000009 8864 11 00 0007 076e 0021 $(printf '%03800d' 0)"
	until_ok 5 status_has 'stray 1,'
	pppoe-l2tp-relay --stop dir
	LC_ALL=C grep -aqP '\x01\x20\0\x02\x07\x6c' cap
	# nor than its MTU has room for
	for mtu in 1502 1500; do
		ip link set dev eth2 mtu $mtu
		relay --max-payload 9000 --mac 02:00:00:00:00:22 --capture cap$mtu eth2 127.0.0.1
		frame "ffffffffffff 020000000009 8863 11 09 0000 000a 01010000 01200002 2328"
		until_ok 5 status_has 'PADO 1,'
		pppoe-l2tp-relay --stop dir
	done
	LC_ALL=C grep -aqP '\x01\x20\0\x02\x05\xd6' cap1502
	[ "$(LC_ALL=C grep -acP '\x01\x20\0\x02\x05' cap1500)" = 0 ]
}

@test "--pado-delay: another concentrator is taken, this one when there is none" {
	bng --background lns --access none --l2tp 127.0.0.1
	relay --pado-delay 1500ms access 127.0.0.1
	pppoe-l2tp-relay --background two -n second access 127.0.0.1
	run -0 timeout 30 pppoe-client access
	status_has 'PADR 0, '
	pppoe-l2tp-relay --stop two
	run -0 timeout 30 pppoe-client access
	[[ "$output" =~ "1 up in "([0-9]+)" ms" ]]
	[ "${BASH_REMATCH[1]}" -ge 1500 ]
	status_has 'PADR [1-9]'
}

@test "--max-per-mac, --max: the next one hears why it gets no session" {
	bng --background lns --access none --l2tp 127.0.0.1
	relay --max-per-mac 2 -m 3 access 127.0.0.1
	for n in 1 2; do # each hears what is for the other, too
		client --first 7 -H 60s
		until_ok 10 status_has ", $n sessions of 3"
	done
	run -1 timeout 30 "$O/bench/pppoe-load" --first 7 -v -T 5s access
	[[ "$output" == *"refused"* ]]
	logged "PADR of 02:.*: no more sessions for this address"
	# the others have not noticed; somebody else is welcome, the last one
	client --first 8 -H 60s
	until_ok 10 status_has ', 3 sessions of 3'
	run -1 timeout 30 "$O/bench/pppoe-load" --first 9 -v -T 1s access
	[[ "$output" == *"up=0 failed=1"* ]]
	logged "PADI of 02:.*: no more sessions"
	status_has ', 3 sessions of 3'
}

@test "drain: no new sessions, the old ones go on; undrain: new ones again" {
	bng --background lns --access none --l2tp 127.0.0.1
	relay access 127.0.0.1
	client -H 60s -t 60s -R 50 --to 192.168.100.1
	until_ok 10 status_has ', 1 sessions of'
	run -0 control drain
	run -1 timeout 30 pppoe-client -t 1 access
	logged "PADI of .*: no new sessions taken"
	served() { # more frames than so many to the client
		[ "$(control sessions | sed -n 's/.*to client \([0-9]*\) .*/\1/p')" -gt "$1" ]
	}
	n=$(control sessions | sed -n 's/.*to client \([0-9]*\) .*/\1/p')
	until_ok 5 served $((n + 20))
	run -0 control undrain
	run -0 timeout 30 pppoe-client access
}

@test "PORT tap: the clients are on the interface that it makes" {
	[ -c /dev/net/tun ] && [ -w /dev/net/tun ] || skip "no /dev/net/tun"
	bng --background lns --access none --l2tp 127.0.0.1
	relay tap:lac0 127.0.0.1
	ip link set dev lac0 up
	run -0 timeout 30 "$O/bench/pppoe-load" -n 3 -t 500ms -R 50 -s 1492 \
	    --no-loss packet:lac0
	[[ "$output" == *"lost=0 wrong=0 reordered=0 served=3 uneven=0"* ]]
}

# taken_away IF WORDS: with a call up for a client on IF, lac0 is deleted: the
# relay of the process $pid says so in these words, tells the LNS and ends
taken_away() {
	"$O/bench/pppoe-load" -T 30s "packet:$1" 3>&- 4>&- </dev/null >load.out 2>&1 &
	until_ok 10 grep -q " up: call " err
	ip link del dev lac0
	until_ok 10 gone "$pid"
	st=0
	wait "$pid" || st=$?
	[ "$st" = 1 ]
	grep -qx "pppoe-l2tp-relay: $2" err
	grep -q "message 4 at 0" lns
}

@test "PORT tap: taken away, it says so, tells the LNS and ends" {
	[ -c /dev/net/tun ] && [ -w /dev/net/tun ] || skip "no /dev/net/tun"
	odd call 127.0.0.1:1701 lns
	pppoe-l2tp-relay -v tap:lac0 127.0.0.1 3>&- 4>&- 2>err &
	pid=$!
	ready "$pid"
	ip link set dev lac0 up
	taken_away lac0 "tap:lac0: File descriptor in bad state"
}

@test "PORT an interface: while it is down nothing; deleted, as with tap" {
	ip link add lac0 type veth peer name cli0
	ip link set dev lac0 up
	ip link set dev cli0 up
	odd call 127.0.0.1:1701 lns
	pppoe-l2tp-relay -v lac0 127.0.0.1 3>&- 4>&- 2>err &
	pid=$!
	ready "$pid"
	ip link set dev lac0 down
	nap 0.3
	! gone "$pid" || false
	ip link set dev lac0 up
	taken_away cli0 "lac0: No such device"
}

@test "PORT unix: one peer, as QEMU's dgram is" {
	bng --background lns --access none --l2tp 127.0.0.1
	relay "unix:$PWD/lac" 127.0.0.1
	run -0 timeout 30 "$O/bench/pppoe-load" -n 3 -t 500ms -R 50 -s 1492 \
	    --no-loss "unix:$PWD/cli,$PWD/lac"
	[[ "$output" == *"lost=0 wrong=0 reordered=0 served=3 uneven=0"* ]]
}

# as they stand there, in a world that has the names and addresses that they
# name: eth1 has a client on it, 192.0.2.1 nobody, 192.0.2.2 an LNS
@test "EXAMPLES of the page" {
	local c pid
	mapfile -t c < <(printed "$LIMEN/pppoe-l2tp-relay/pppoe-l2tp-relay.1")
	[ "${#c[@]}" -eq 7 ]
	ip link add eth1 type veth peer name cli
	ip link set dev eth1 up
	ip link set dev cli up
	ip addr add 192.0.2.1/32 dev lo
	ip addr add 192.0.2.2/32 dev lo
	printf '127.0.0.1 l2tp.example.net\n192.0.2.2 lns.example.net\n' >hosts
	mount --bind hosts /etc/hosts
	mount -t tmpfs tmpfs /run
	behind() { # COMMANDS: in a group of their own, its number in pid
		setsid bash -c "$1" 3>&- 4>&- </dev/null >err 2>&1 &
		pid=$!
	}

	bng --background lns --access none --l2tp 127.0.0.1
	behind "${c[0]}"
	run -0 timeout 30 pppoe-client access
	grep -q "tunnel [0-9]* to l2tp.example.net established" err
	bng --stop lns
	kill -KILL -- "-$pid"

	bng --background lns --access none --l2tp 192.0.2.2 -v
	run -0 bash -c "${c[1]}"
	run -0 timeout 30 pppoe-client -k 1 packet:cli
	run -0 bash -c "${c[2]}" <<<"status"
	[[ "$output" == *" sessions of 10000, 1 tunnels"* ]]
	[[ "$output" == *"lns 192.0.2.2: tunnel "*" established"* ]]
	pppoe-l2tp-relay --stop /run/relay
	bng --stop lns

	bash -c "${c[3]}"
	bng --background lns --access none --l2tp 192.0.2.2 --l2tp-secret secret -v
	behind "${c[4]}"
	run -0 timeout 30 pppoe-client packet:cli
	grep -q lac7 lns/log
	bng --stop lns
	kill -KILL -- "-$pid"

	behind "${c[5]}
${c[6]}"
	run -0 timeout 30 pppoe-client access
	kill -KILL -- "-$pid"
}
