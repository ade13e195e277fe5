#!/usr/bin/env bats
# uses: bng
# timeout: 90
# bng's page: each option, message and status that needs no client

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	W=$BATS_TEST_TMPDIR
}

teardown() {
	for d in "$W"/*/; do
		if [ -e "$d/pid" ]; then
			kill "$(cat "$d/pid")" 2>/dev/null || :
		fi
	done
}

# ask COMMAND: what the control socket of d answers
ask() {
	echo "$1" | timeout 10 socat -t 5 - "unix-connect:d/control"
}

usage() { # WANTED ARG...
	local want=$1
	shift
	run -2 bng "$@"
	[[ $output == *"$want"* ]]
	[ ! -e d ]
}

@test "help and version" {
	run -0 bng --help
	[[ $output == *"--access NET"* ]]
	[[ $output == *"--world NET"* ]]
	run -0 bng --version
	[[ $output == *bng* ]]
}

@test "a wrong command line says which word, and exits 2" {
	usage "no operand is expected" x
	usage "--nonsense" --nonsense
	usage "--access wifi: not a network; an interface is packet:NAME" --access wifi
	usage "--pool 10.0.0.9: not FIRST-LAST" --pool 10.0.0.9
	usage "not a range of 1 to 65536" --pool 10.0.0.9-10.0.0.1
	usage "--address lies within --pool" --pool 192.168.100.1-99
	usage "not a list of chap, mschapv2, pap, none" --auth chap,eap
	usage "--auth chap,none,pap: none is the last" --auth chap,none,pap
	usage "not an IPv4 address" --dns 1.2.3.4,x
	usage "not PROTO:[HOST]:PORT:ADDR:PORT" --forward tcp:22:192.168.100.10:22
	usage "not PROTO:[HOST]:PORT:ADDR:PORT" --forward sctp::22:192.168.100.10:22
	usage "not a MAC address of one host" --mac 01:00:00:00:00:00
	usage "not a time" --echo soon
	usage "--lease: at least 10 s: 9" --lease 9
	usage "not NAME:PASSWORD" -u nobody
	usage "--mtu" --mtu 100
	usage "not a percentage" --lossy 101
	usage "not a percentage" --lossy x
	usage "not TIME or TIME,JITTER" --delay 1,x
	usage "not a rate of 1000 bit/s or more" --rate 999
	usage "not an IPv6 /32" --prefix6 10.0.0.0/32
	usage "not an IPv6 /32" --prefix6 fd00::/48
	usage "not an IPv6 /32" --prefix6 2001:db8:1::
}

@test "addresses that no host can have, or that are taken, are refused" {
	for p in 0.0.0.0-9 127.0.0.1-9 126.255.255.0-127.0.0.5 224.0.0.1-9 \
	    223.255.255.250-224.0.0.0 255.255.255.255-255; do
		usage "bng: --pool: not for single hosts" --pool $p
	done
	usage "bng: --address: not for single hosts" --address 0.0.0.7
	for p in :: fe80:: fec0:: ff0e::/32; do
		usage "bng: --prefix6 $p: not for single hosts" --prefix6 $p
	done
	usage "bng: --address: the network of --world" --address 10.0.2.1 \
	    --world world
	usage "bng: --pool: the network of --world" --pool 10.0.1.250-10.0.2.9 \
	    --world world
	run -2 bng -u a:p:192.168.100.1
	[ "$output" = "bng: -u a: 192.168.100.1: our own address" ]
	run -2 bng -u a:p:239.0.0.1
	[ "$output" = "bng: -u a: 239.0.0.1: not for single hosts" ]
	run -2 bng --world world -u a:p:10.0.2.20
	[ "$output" = "bng: -u a: 10.0.2.20: the network of --world" ]
	umask 077
	printf 'b * 1 10.0.2.1\na * 2 192.168.100.1\n' >s
	run -1 bng --secrets s
	[ "$output" = "bng: s: line 2: 192.168.100.1: our own address" ]
	bng --background d --address 192.168.100.7 --secrets s
	bng --stop d
}

@test "a network without a port, and an interface that is not there" {
	run -1 bng --access user
	[ "$output" = "bng: access user: not a network that a program can join" ]
	run -1 bng --access packet:nosuchif0
	[[ $output == "bng: access packet:nosuchif0: No such device" ]]
	run -1 bng --world none
	[[ $output == "bng: world none: not a network that a program can join" ]]
}

@test "--secrets: a file that others can read is refused" {
	echo 'u * "p"' >s
	chmod 640 s
	run -1 bng --secrets s
	[ "$output" = "bng: s: others can read it: chmod 600 it" ]
	run -1 bng --secrets nosuch
	[ "$output" = "bng: nosuch: No such file or directory" ]
	run -1 bng --secrets /
	[ "$output" = "bng: /: Is a directory" ]
	# as one says that there are none
	bng --background d --secrets /dev/null
	bng --stop d
}

@test "a user that is given twice is refused, and where" {
	umask 077
	run -2 bng -u a:1 -u b:2 -u a:3
	[ "$output" = "bng: -u a: given twice" ]
	printf 'b * 1\na * 2\n\na * 3\n' >s
	run -1 bng --secrets s
	[ "$output" = "bng: s: line 4: a: stands in line 2, too" ]
	run -1 bng -u b:1 --secrets s
	[ "$output" = "bng: s: line 4: a: stands in line 2, too" ]
	sed -i '$d' s
	run -1 bng -u b:1 --secrets s
	[ "$output" = "bng: s: line 1: b: given with -u, too" ]
	bng --background d -u c:1 --secrets s
	bng --stop d
}

@test "--secrets: a wrong line is named by its number" {
	umask 077
	printf '# users\n\n"a b" * se\\"cret 10.0.0.7\nu * "p\n' >s
	run -1 bng --secrets s
	[ "$output" = "bng: s: line 4: not: client server secret [address]" ]
	printf '# users\n"alice * p *\n' >s
	run -1 bng --secrets s
	[ "$output" = "bng: s: line 2: not: client server secret [address]" ]
	printf 'u * p "10.0.0.7\n' >s
	run -1 bng --secrets s
	[[ $output == *"line 1"* ]]
	printf 'u * p 10.0.0\n' >s
	run -1 bng --secrets s
	[[ $output == *"line 1"* ]]
	printf 'u *\n' >s
	run -1 bng --secrets s
	[[ $output == *"line 1"* ]]
	printf '%0127d * p\n%0128d * p\n' 0 1 >s
	run -1 bng --secrets s
	[ "$output" = "bng: s: line 2: a name of more than 127 bytes" ]
	run -2 bng -u "$(printf %0128d 1):p"
	[[ $output == "bng: -u, number 1: "*long ]]
	printf 'u * p\nv\0w * p\nx * p\n' >s
	run -1 bng --secrets s
	[[ $output == *"line 2: not: client server secret [address]" ]]
	printf 'u * p\n# \0\n' >s
	run -1 bng --secrets s
	[[ $output == *"line 2"* ]]
}

@test "reload: the file of --secrets again; a wrong one changes nothing" {
	umask 077
	printf 'u * p\nv * p 192.168.100.10\n' >s
	bng --background d --secrets s -u w:p
	run ask reload
	[ "$output" = $'3 users\nok' ]
	printf 'u * p\n' >s
	run ask reload
	[ "$output" = $'2 users\nok' ]
	echo 'u * q' >>s
	run ask reload
	[ "$output" = "error: s: line 2: u: stands in line 1, too" ]
	echo 'u * q 192.168.100.2' >s
	run ask reload
	[ "$output" = "error: s: line 1: 192.168.100.2: our own address" ]
	rm s
	run ask reload
	[ "$output" = "error: s: No such file or directory" ]
	bng --stop d
	long=$(printf '%250s' '' | tr ' ' x)
	mkdir "$long"
	echo 'u * p' >"$long/$long"
	bng --background d --secrets "$long/$long"
	rm "$long/$long"
	run ask reload
	[[ $output == "error: xxx"*"xxx...xxx"*"xxx: No such file or directory" ]]
	bng --stop d
	bng --background d
	run ask reload
	[ "$output" = "error: no --secrets" ]
	bng --stop d
}

@test "--background and --stop" {
	run -0 bng --background d
	[ -z "$output" ]
	[ "$(stat -c %a d)" = 700 ]
	[ -S d/control ]
	kill -0 "$(cat d/pid)"
	run -1 bng --background d
	pid=$(cat d/pid)
	[ "$output" = "bng: d: bng runs there already (pid $pid)" ]
	run -1 bng --dir d
	[ "$output" = "bng: d: bng runs there already (pid $pid)" ]
	run -0 bng --status d
	[ "$output" = $'d\trunning pid '"$(<d/pid)" ]
	[ ! -e d/log ]
	mkdir empty
	run -0 bng --list d empty
	[ "${lines[1]}" = $'empty\tnot running' ]
	run -0 bng --stop d 5
	gone "$pid"
	[ ! -e d ]
	run -1 bng --status empty
	run -1 bng --stop d
	[ "$output" = "bng: d: No such file or directory" ]
	mkdir d
	run -1 bng --stop d
	[ "$output" = "bng: d: nothing runs there" ]
	run -0 bng --background d -v
	[ "$(stat -c %a d/log)" = 600 ]
	bng --stop d
	[ "$(ls d)" = log ]
	grep -q "ready: libslirp " d/log
}

@test "--background says why it cannot, and leaves nothing" {
	run -1 bng --background d --access packet:nosuchif0
	[ "$output" = "bng: access packet:nosuchif0: No such device" ]
	[ ! -e d ]
	run -1 bng --background nosuch/d
	[ "$output" = "bng: nosuch/d: No such file or directory" ]
	run -1 bng --background d --capture nosuch/f
	[ "$output" = "bng: nosuch/f: No such file or directory" ]
	[ ! -e d ]
}

@test "a killed bng's directory is taken over" {
	bng --background d
	kill -9 "$(cat d/pid)"
	until_ok 5 gone "$(cat d/pid)"
	run -0 bng --background d
	[ "$(ask status)" = "0 sessions, 0 up
ok" ]
	bng --stop d
}

@test "SIGTERM, SIGINT and SIGHUP end it with status 0, the directory gone" {
	for s in TERM INT HUP; do
		daemon env --default-signal=INT bng --dir d
		pid=$!
		until_ok 5 test -e d/pid
		kill -$s $pid
		wait $pid
		[ ! -e d ]
	done
}

@test "the control socket: every command" {
	bng --background d
	[ "$(ask status)" = "0 sessions, 0 up
ok" ]
	ask counters | grep -qx 'padi 0'
	ask help | grep -q '^drop WHICH'
	[ "$(ask 'drop 0001')" = "error: 0001: no such session" ]
	[ "$(ask 'cut all')" = "error: all: no such session" ]
	[ "$(ask nonsense)" = "error: nonsense: no such command; try help" ]
	[ "$(printf 'status\r\nstatus\nquit\nstatus\n' | timeout 10 socat -t 5 - unix-connect:d/control | grep -c ok)" = 2 ]
	[ "$(head -c 5000 /dev/zero | tr '\0' x | timeout 10 socat -t 5 - unix-connect:d/control | grep -c 'no such command')" -ge 1 ]
	pid=$(cat d/pid)
	[ "$(ask stop)" = ok ]
	until_ok 10 gone "$pid"
	until_ok 5 test ! -e d
}

@test "more clients of the control socket than there is room for" {
	bng --background d
	# each is in before anybody asks, who would take the place of one
	for i in 1 2 3 4 5 6 7 8; do
		{ echo status; exec sleep 60; } |
			socat - unix-connect:d/control >in$i 3>&- 4>&- &
	done
	for i in 1 2 3 4 5 6 7 8; do
		until_ok 10 grep -q ok in$i
	done
	until_ok 10 sh -c 'echo status | timeout 5 socat -t 5 - unix-connect:d/control | grep -q "error: too many clients"'
	kill $(jobs -p) 2>/dev/null || :
	until_ok 10 sh -c 'echo status | timeout 5 socat -t 5 - unix-connect:d/control | grep -q "0 sessions"'
	bng --stop d
}

@test "a port of --forward that is taken" {
	bng --background d --forward tcp:127.0.0.1:2222:192.168.100.10:22
	run -1 bng --background e --access mcast:230.0.0.1:7000 \
	    --forward tcp:127.0.0.1:2222:192.168.100.10:22
	[[ $output == "bng: forward tcp port 2222 of 127.0.0.1: "*"in use" ]]
	[ ! -e e ]
	bng --stop d
}

@test "--capture: a pcap file; a full disk is said once" {
	bng --background d --capture f
	bng --stop d
	[ "$(od -An -tx1 -N4 f | tr -d ' ')" = 4d3cb2a1 ]
	run -1 bng --background d --capture /dev/full
	[ "$output" = "bng: /dev/full: No space left on device" ]
}

@test "--capture -: a reader that leaves is no error" {
	{ bng --dir d --capture - 2>err; echo $? >status; } 3>&- 4>&- |
		head -c 24 >first &
	until_ok 10 bng --status d
	until_ok 10 test -s first
	for _ in 1 2; do # PADIs, written into a pipe that nobody reads
		printf '\377\377\377\377\377\377\2\0\0\0\0\1\210\143\21\11\0\0\0\4\1\1\0\0%036d' 0 |
			socat -u - UDP4-DATAGRAM:230.0.0.1:1234,ip-multicast-if=127.0.0.1
		echo status | socat -t 5 - unix-connect:d/control >/dev/null
	done
	bng --stop d
	wait
	[ "$(<status)" = 0 ]
	[ ! -s err ]
}
