#!/usr/bin/env bats
# uses: bng connect-vm pppoe-l2tp-relay mips-vm
# timeout: 120
# EXAMPLES of bng(1), as they stand there, with a client for the router

load ../helper
load build
load bng

setup_file() {
	build_c "$BATS_FILE_TMPDIR/pppoe-client" tests/net/pppoe-client.c
}

setup() {
	[ -z "${LIMEN_NO_NS-}" ] || skip "/tmp is not this test's own"
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	local d
	for d in /tmp/bng /tmp/lns; do
		[ ! -e $d/pid ] || bng --stop $d
	done
	[ ! -e /tmp/lac/pid ] || pppoe-l2tp-relay --stop /tmp/lac
	[ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null || :
}

# example LINE: the next command of the page, which must be that; runs it
example() {
	local cmd
	read -r cmd <&5
	[ "$cmd" = "$1" ] || { echo "the page has: $cmd"; return 1; }
	bash -c "$cmd" 5<&-
}

# the same, in the background; its process in $pid
example_daemon() {
	local cmd
	read -r cmd <&5
	[ "$cmd" = "$1" ] || { echo "the page has: $cmd"; return 1; }
	bash -c "$cmd" >out 3>&- 4>&- 5<&- &
	until_ok 10 pgrep -nx bng
	pid=$(pgrep -nx bng)
}

@test "EXAMPLES of the page" {
	exec 5< <(printed "$LIMEN/bng/bng.1")

	# who is on it; the page prints a line such as this
	example 'bng --background /tmp/bng'
	dialled client access
	run -0 example 'echo status | connect-vm /tmp/bng/control'
	answer='^[0-9a-f]{4} [0-9a-f:]{17} db123@a\.1 192\.168\.100\.10 up in [0-9]+ out [0-9]+ up [0-9]+s$'
	[[ ${lines[0]} =~ $answer ]]
	grep -Eq "$answer" "$LIMEN/bng/bng.1"
	[ "${lines[1]} ${lines[2]}" = "1 sessions, 1 up ok" ]
	read -r <&5 # stop stands last
	[ "$REPLY" = 'bng --stop /tmp/bng' ]
	bash -c "$REPLY"
	until_ok 5 grep -q '^down' client

	# a real interface
	ip link add eth1 type veth peer name router
	ip link set eth1 up
	ip link set router up mtu 1508
	(umask 077; printf 'anna * "a secret"\notto * other\n' >users)
	example 'ip link set eth1 mtu 1508'
	example_daemon 'bng -a packet:eth1 --secrets users --mtu 1500 --forward tcp::2222:192.168.100.10:22'
	until_ok 10 grep -q ':08AE 00000000:0000 0A' /proc/net/tcp
	dialled real -u 'anna:a secret' -m 1500 packet:router
	grep -q ' mtu 1500' real
	kill "$pid"
	until_ok 5 gone "$pid"

	# handed on by L2TP
	example 'bng --background /tmp/lns --access none --l2tp 127.0.0.1'
	example 'pppoe-l2tp-relay --background /tmp/lac access 127.0.0.1'
	read -r <&5
	[ "$REPLY" = 'mips-vm KERNEL ROOTFS' ] # the client is the router
	dialled handed access
	connect-vm /tmp/lns/control <<<status | grep -q '^1 sessions, 1 up$'
	pppoe-l2tp-relay --stop /tmp/lac
	bng --stop /tmp/lns

	# worse and worse
	example 'bng --background /tmp/bng --delay 30ms,10ms --lossy 0.5 --rate 8M'
	dialled bad access
	example 'echo lossy 20 | connect-vm /tmp/bng/control'
	run -0 example 'echo cut all | connect-vm /tmp/bng/control'
	[ "$output" = $'1 dropped\nok' ]
	run ! grep '^down' bad
	bng --stop /tmp/bng

	# as it happens
	example_daemon 'bng --capture - | tcpdump -nr -'
	dialled seen access
	kill "$pid"
	until_ok 5 grep -q 'IPCP, Conf-Ack' out # tcpdump ends with it
	grep -q 'PADI' out
	run ! read -r <&5
}
