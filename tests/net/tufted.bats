#!/usr/bin/env bats
# tufted and clients that nobody here wrote; hosts of many addresses; files
# that change; many clients at once
# uses: tufted
# timeout: 180
load ../helper

setup() {
	D=$(mktemp -d /tmp/tufted.XXXXXX)
	chmod 777 "$D"
	cd "$D" || exit
	mkdir -m 755 d
	mkdir -m 777 up
	srv=
}
teardown() {
	[ -z "$srv" ] || kill "$srv" 2>/dev/null || :
	cd /
	rm -rf "$D"
}
serve() {
	rm -f ready
	tufted -p 69 --ready "$D/ready" "$@" 3>&- 4>&- </dev/null 2>>err &
	srv=$!
	until_ok 10 test -e ready
}
# files of interesting sizes for the block size $1
files() {
	local n
	for n in 0 1 $(($1 - 1)) "$1" $(($1 + 1)) $(($1 * 10)) 1000000; do
		head -c "$n" /dev/urandom >"d/f$n"
	done
}
check() {
	local f
	for f in d/f*; do
		f=${f#d/}
		rm -f out
		"$@" "$f"
		cmp "d/$f" out
	done
}
need() { command -v "$1" >/dev/null || skip "no $1"; }

@test "curl gets and puts" {
	need curl
	serve -w up d
	files 512
	rm d/f0 # curl 7.88 fails on empty files with any server
	c() { curl -sS -m 20 -o out "tftp://127.0.0.1/$1"; [ -e out ] || : >out; }
	check c
	c() { curl -sS -m 20 --tftp-blksize 1400 -o out "tftp://[::1]/$1"; [ -e out ] || : >out; }
	check c
	curl -sS -m 20 -T d/f1000000 tftp://127.0.0.1/u
	cmp d/f1000000 up/u
	run curl -sS -m 20 tftp://127.0.0.1/none
	[ "$status" -eq 68 ] # CURLE_TFTP_NOTFOUND
	run curl -sS -m 20 -T d/f1 tftp://127.0.0.1/u
	[ "$status" -eq 73 ] # CURLE_REMOTE_FILE_EXISTS
}

@test "tftp-hpa gets and puts, octet and netascii" {
	need tftp
	serve -w up d
	files 512
	c() { tftp -m binary 127.0.0.1 -c get "$1" out; }
	check c
	tftp -m binary 127.0.0.1 -c put d/f1000000 u
	cmp d/f1000000 up/u
	printf 'a\nb\n' >d/text
	tftp -m ascii 127.0.0.1 -c get text out
	cmp d/text out
	tftp -m ascii 127.0.0.1 -c put d/text t
	cmp d/text up/t
	run tftp -m binary 127.0.0.1 -c get none out
	[[ "$output" == *"file not found"* ]]
}

@test "atftp gets and puts, with every option it knows" {
	need atftp
	[ -e /etc/services ] || skip "no /etc/services, which atftp reads"
	serve -w up d
	files 1428
	c() {
		atftp --option "blksize 1428" --option "windowsize 8" \
		    --option "tsize 0" --option "timeout 3" -g -r "$1" -l out \
		    127.0.0.1 >/dev/null 2>&1
	}
	check c
	atftp --option "blksize 1428" -p -r u -l d/f1000000 127.0.0.1 >/dev/null 2>&1
	cmp d/f1000000 up/u
}

@test "busybox tftp gets and puts" {
	need busybox
	busybox tftp --help >/dev/null 2>&1 || skip "busybox without tftp"
	serve -w up d
	files 512
	c() { busybox tftp -g -r "$1" -l out 127.0.0.1 2>/dev/null; [ -e out ] || : >out; }
	check c
	files 4096
	c() { busybox tftp -b 4096 -g -r "$1" -l out 127.0.0.1 2>/dev/null; [ -e out ] || : >out; }
	check c
	busybox tftp -p -l d/f1000000 -r u 127.0.0.1 2>/dev/null
	cmp d/f1000000 up/u
}

@test "over 32 MB in blocks of 512: the numbers wrap" {
	serve -w up d
	head -c 33700000 /dev/urandom >d/big
	if command -v tftp >/dev/null; then
		tftp -m binary 127.0.0.1 -c get big out
		cmp d/big out
	fi
	tufted -q -b 512 --window 32 --get 127.0.0.1 -o out big
	cmp d/big out
	tufted -q -b 512 --window 32 --put 127.0.0.1 d/big
	cmp d/big up/big
}

@test "every answer leaves from the address that was asked, v4 and v6" {
	need curl
	host a b
	link a b 10.7.0.1/24 10.7.0.2/24
	on a ip addr add 10.7.0.9/24 dev to-b
	on a ip addr add 192.168.77.1/32 dev lo
	on b ip route add 192.168.77.1 via 10.7.0.1
	for i in 1 2; do
		on a ip -6 addr add fd00:7::$i/64 dev to-b nodad
	done
	on b ip -6 addr add fd00:7::b/64 dev to-a nodad
	head -c 300000 /dev/urandom >d/f
	on a tufted --ready "$D/ready" d 3>&- 4>&- </dev/null 2>err &
	srv=$!
	until_ok 10 test -e ready
	# curl, tufted and others take answers of the asked address only
	for h in 10.7.0.1 10.7.0.9 192.168.77.1 '[fd00:7::1]' '[fd00:7::2]'; do
		rm -f out
		on b tufted -q --get "$h" -o out f
		cmp out d/f
		run on b tufted -q --get "$h" -o out2 none
		[[ "$output" == *"file not found (1)"* ]]
		on b curl -sS -m 20 -o out3 "tftp://$h/f"
		cmp out3 d/f
	done
	# what a frame holds is sent in trains, what is larger one by one
	for n in 1468 4000 65464; do
		on b tufted -q -b $n --window 8 --get 10.7.0.9 -o out f
		cmp out d/f
	done
	# link-local: by the interface that it came in by
	ll=$(on a ip -6 -o addr show dev to-b scope link | sed 's/.*inet6 \([^/]*\).*/\1/')
	until_ok 10 on b tufted -q --get "[$ll%to-a]" -o out f
	cmp out d/f
}

@test "large blocks where frames are smaller than they, or the link is slow" {
	host a b
	link a b 10.7.0.1/24 10.7.0.2/24
	head -c 3000000 /dev/urandom >d/f
	for m in 1500 9000 65535 slow; do
		if [ $m = slow ]; then # as long as the kernel has it
			on a tc qdisc add dev to-b root tbf rate 400mbit \
			    burst 200k limit 10m 2>&1 || :
		else
			on a ip link set to-b mtu $m
			on b ip link set to-a mtu $m
		fi
		rm -f ready
		# a block that did not leave would be sent again: after 5 s, so
		# that a busy machine's delays are not taken for one
		on a tufted -n 3 --retransmit 5s --ready "$D/ready" d \
		    3>&- 4>&- </dev/null 2>err &
		srv=$!
		until_ok 10 test -e ready
		for n in 8192 16384 65464; do
			on b tufted -q -b $n --window 8 --retransmit 5s \
			    --get 10.7.0.1 -o out f
			cmp out d/f
		done
		wait "$srv"
		srv=
		[ "$(grep -c 'resent=0 ok' err)" = 3 ]
	done
}

@test "the client says at once why nothing leaves" {
	host a
	on a ip link add e0 type veth peer name e1
	on a ip addr add 192.0.2.1/24 dev e0
	on a ip link set dev e0 up
	on a ip route add unreachable 198.51.100.0/25
	on a ip route add prohibit 198.51.100.128/25
	run -1 on a timeout 10 tufted -q --get 198.51.100.1 f
	[[ $output == *'error="'@("Host is unreachable"|"No route to host")'"' ]]
	for to in 198.51.100.129 192.0.2.255; do
		run -1 on a timeout 10 tufted -q --get $to f
		[[ $output == *'error="Permission denied"' ]]
	done
}

@test "-i and -l: one interface, one address" {
	host a b
	link a b 10.7.0.1/24 10.7.0.2/24
	echo hello >d/f
	on a tufted -i to-b --ready "$D/ready" d 3>&- 4>&- </dev/null 2>err &
	srv=$!
	until_ok 10 test -e ready
	[ "$(on b tufted -q --get 10.7.0.1 -o - f)" = hello ]
	run on a tufted -q --get 127.0.0.1 --retries 0 f
	[ "$status" -eq 1 ]
	kill "$srv"
	serve -l 127.0.0.3 -l '[::1]' d
	[ "$(tufted -q --get 127.0.0.3 -o - f)" = hello ]
	[ "$(tufted -q --get '[::1]' -o - f)" = hello ]
	run tufted -q --get 127.0.0.1 -o - f
	[[ "$output" == *"nobody listens there"* ]]
	run tufted -i no-such-if -p 6969 d
	[ "$status" -eq 1 ]
	[[ "$output" == "tufted: interface no-such-if: "* ]]
}

@test "files that shrink, grow or vanish while they are sent" {
	serve d
	for how in shrink grow vanish; do
		head -c 20000000 /dev/zero >d/f
		tufted -q --plain --get 127.0.0.1 -o out f 2>cerr &
		c=$!
		until_ok 10 sh -c 'ls -A | grep -q "^\.out\.tufted"'
		case $how in
		shrink) truncate -s 1000 d/f ;;
		grow) head -c 1000000 /dev/urandom >>d/f ;;
		vanish) rm d/f ;;
		esac
		st=0
		wait $c || st=$?
		if [ $how = shrink ]; then
			[ "$st" -eq 1 ]
			grep -q 'became shorter' cerr
			[ ! -e out ]
		else
			[ "$st" -eq 0 ]
			[ "$(wc -c <out)" -eq 20000000 ]
		fi
		rm -f out
	done
}

@test "200 clients at once, under 1 MiB resident" {
	serve -q d
	head -c 400000 /dev/urandom >d/f
	for i in $(seq 200); do
		tufted -q -b 512 --window 2 --get 127.0.0.1 -o "o$i" f 3>&- 4>&- &
	done
	most=0
	while [ -n "$(jobs -r | grep -v -- '--ready')" ] && [ $((most_n = most_n + 1)) -lt 400 ]; do
		rss=$(sed -n 's/VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$srv/status")
		[ "$rss" -le "$most" ] || most=$rss
		sleep 0.05
	done
	for i in $(seq 200); do
		until_ok 60 cmp "o$i" d/f
	done
	echo "# $most KiB"
	[ "$most" -gt 0 ]
	# an instrument has 16 MiB of its own, a shared glibc one
	[ "${LIMEN_INSTRUMENTED-}" ] || ldd "$(command -v tufted)" >/dev/null 2>&1 ||
		[ "$most" -lt 1024 ]
	[ "$(find "/proc/$srv/fd" -type l | wc -l)" -lt 20 ]
}

@test "without -a a public address gets no answer; with --refuse error 2" {
	echo hello >d/f
	ip addr add 203.0.113.7/32 dev lo
	ip -6 addr add 2001:db8::7/128 dev lo nodad
	public() { tufted -q --timeout "$1" --get "$2" -o - f; }
	serve d
	for h in 203.0.113.7 '[2001:db8::7]'; do
		run public 700ms "$h"
		[ "$status" -eq 1 ]
		[[ "$output" == *"nobody answered in time"* ]]
	done
	[ "$(public 9 127.0.0.1)" = hello ]
	kill "$srv"
	wait "$srv"
	[ "$(grep -c 'client=203.0.113.7 .*error="not served"' err)" -ge 1 ]
	[ "$(grep -c 'client=2001:db8::7 .*error="not served"' err)" -ge 1 ]
	serve --refuse d
	run public 9 203.0.113.7
	[[ "$output" == *"not served (2)"* ]]
	kill "$srv"
	wait "$srv"
	serve -a 203.0.113.0/24 d
	[ "$(public 9 203.0.113.7)" = hello ]
}

# fetched ADDRESS [OPTION...]: the board gets the image from the PC
fetched() {
	local from=$1
	shift
	rm -f out
	on board tufted -q --get 192.168.8.2 -l "$from" -o out "$@" image
	cmp out result/image
}

@test "EXAMPLES of the page" {
	host pc board
	link pc board
	for a in 192.168.8.2 192.168.1.2; do
		on pc ip addr add $a/24 dev to-board
	done
	for a in 192.168.8.251 192.168.8.1 192.168.1.1; do
		on board ip addr add $a/24 dev to-pc
	done
	mkdir -m 755 result bin backups
	head -c 100000 /dev/urandom >result/image
	head -c 200000 /dev/urandom >factory.bin
	printf 'setenv ipaddr 192.168.8.1\n' >boot.scr
	cp boot.scr d/
	# shellcheck disable=SC2016 # of the script
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	chmod 755 bin/sudo
	PATH=$PWD/bin:$PATH
	export USER=nobody
	chown nobody backups 2>/dev/null || USER=$(id -un)
	printed "$LIMEN/tufted/tufted.1" >lines
	[ "$(wc -l <lines)" = 14 ] # seven in tests/vm, two name systemd's units
	ex() { # WORDS: the example that begins with them, on the PC
		local line
		line=$(grep "^$1" lines)
		[[ $line != *$'\n'* ]]
		nsenter -n -t "$host_pc" bash -c "exec $line" \
		    3>&- 4>&- </dev/null 2>>err &
		srv=$!
	}

	# one board is served, others get no answer
	ex 'tufted -a 192.168.8.251 '
	until_ok 10 fetched 192.168.8.251
	run fetched 192.168.8.1 --timeout 500ms
	[[ $output == *"nobody answered in time"* ]]
	kill "$srv"
	wait "$srv"

	# one file
	ex 'tufted -q -1 '
	until_ok 10 fetched 192.168.8.1 -p 6969
	wait "$srv"

	# a board's flash, into a file of one's own
	ex 'sudo '
	until_ok 10 fetched 192.168.8.251
	on board tufted -q --put 192.168.8.2 --name flash factory.bin
	cmp backups/flash factory.bin
	[ "$(stat -c %U backups/flash)" = "$USER" ]
	kill "$srv"
	wait "$srv"

	# a board that comes into recovery when it is asked for already; and it
	# has a file
	ex 'tufted --put '
	nsenter -n -t "$host_board" tufted -w up --ready "$D/ready" d \
	    3>&- 4>&- </dev/null 2>>err &
	board=$!
	wait "$srv"
	cmp up/factory.bin factory.bin
	ex 'tufted --get ' >got
	wait "$srv"
	cmp got boot.scr
	kill "$board"
	srv=
}

@test "EXAMPLES: systemd's units" {
	command -v socat >/dev/null || skip "no socat"
	[ -d /srv ] || skip "no /srv, from which the example serves"
	sed -n '/^# tufted.socket/,/^\.Ed/p' "$LIMEN/tufted/tufted.1" >units
	port=$(sed -n 's/^ListenDatagram=//p' units)
	cmd=$(sed -n 's/^ExecStart=//p' units)
	grep -qx 'Type=notify' units
	grep -qx 'DynamicUser=yes' units
	mount -t tmpfs tmpfs /srv
	mkdir -m 755 /srv/tftp
	echo hello >/srv/tftp/f
	# what systemd makes of a port is a socket of both families; where there
	# are other users, another one has it
	who="setpriv --reuid 65534 --regid 65534 --clear-groups"
	$who true 2>/dev/null || who=
	LISTEN_FDS=1 socat -u "UDP6-RECVFROM:$port,ipv6-v6only=0" \
	    EXEC:"$who $cmd",nofork,fdin=3 3>&- 4>&- 2>>err &
	srv=$!
	got() { [ "$(tufted -q --timeout 2 --get "$1" -o - f)" = hello ]; }
	until_ok 10 got 127.0.0.1
	until_ok 10 got ::1
	grep -q '^tufted: serving /srv/tftp on port 69' err
	[ -z "$who" ] || grep -q '^Uid:.65534' "/proc/$srv/status"
}
