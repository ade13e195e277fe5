#!/usr/bin/env bats
# pppoe-l2tp-relay and LNSs that are odd, and what it does to packets
# uses: pppoe-l2tp-relay
# timeout: 90
load ../helper
load build

setup_file() {
	build_c "$BATS_FILE_TMPDIR/odd-lns" tests/net/odd-lns.c
}

setup() {
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	local p
	for p in $(jobs -p) $(cat dir/pid 2>/dev/null); do
		kill -KILL "$p" 2>/dev/null || :
	done
}

odd() { # MODE ADDR:PORT FILE
	odd-lns "$1" "$2" 3>&- 4>&- </dev/null >"$3" &
	until_ok 5 grep -q ready "$3"
}
relay() {
	pppoe-l2tp-relay --background dir -v "$@"
}
client() { # asks for a session; no PPP comes of it
	"$O/bench/pppoe-load" access -T 30s 3>&- 4>&- </dev/null >load.out 2>&1 &
}
control() {
	printf '%s\nquit\n' "$*" | timeout 10 socat -t5 - UNIX-CONNECT:dir/control
}
logged() {
	grep -q -- "$1" dir/log
}
hex() { printf '%b' "$(printf '%s' "$1" | sed 's/[: ]//g; s/../\\x&/g')"; }

@test "an LNS refuses a call for lack of resources: the next takes it" {
	odd cdn 127.0.0.1:1701 one
	odd call '[::1]:1703' two
	relay access 127.0.0.1 '[::1]:1703'
	client
	until_ok 10 logged "session [0-9]* of .* up: call [0-9]* to \[::1\]:1703's 777"
	logged "session [0-9]*: 127.0.0.1: CDN 2"
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
	until_ok 5 grep -q '^Seccomp:.2' "/proc/$pid/status"
	client
	until_ok 10 grep -q "message 3 at 0" lns
	kill -TERM "$pid"
	until_ok 20 gone "$pid"
	wait "$pid"
	grep -q "stopping: 1 sessions, 1 tunnels" err
}

@test "--clamp-mss: a SYN has the lower MSS, both ways" {
	odd call 127.0.0.1:1701 lns
	relay --clamp-mss 1492 --mac 02:00:00:00:00:22 --capture cap \
	    access 127.0.0.1
	client
	until_ok 10 logged "up: call [0-9]* to"
	read -r _ sid mac _ <<<"$(control sessions | grep '^session ')"
	ip="4500 002c 0000 0000 4006 0000 0a000001 0a000002"
	tcp="1000 0050 00000001 00000000 6002 2000 0000 0000 0204 05b4"
	# by a file: bash writes what holds a newline, 10, in pieces
	hex "02 00 00 00 00 22 $mac 8864 11 00 $(printf %04x "$sid") 002e 0021 $ip $tcp" >frame
	socat -u FILE:frame UDP4-DATAGRAM:230.0.0.1:1234,ip-multicast-if=127.0.0.1
	until_ok 5 grep -q "packet ends in" lns
	grep -q "packet ends in 05ac" lns
	until_ok 5 sh -c "echo status | socat -t5 - UNIX:dir/control | \
	    grep -q 'MSS lowered 2'"
	pppoe-l2tp-relay --stop dir
	# the client's own, and what became of the LNS's
	LC_ALL=C grep -aqP '\x02\x04\x05\xb4' cap
	LC_ALL=C grep -aqP '\x02\x04\x05\xac' cap
}
