#!/usr/bin/env bats
# options, statuses and messages of pppoe-l2tp-relay
# uses: pppoe-l2tp-relay
# waits
# timeout: 90
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	local p
	for p in $(jobs -p); do kill -KILL "$p" 2>/dev/null || :; done
}

fails() { # STATUS MESSAGE ARG...
	local status_wanted=$1 message=$2
	shift 2
	run -"$status_wanted" timeout 20 pppoe-l2tp-relay "$@"
	musl_words
	[ "$output" = "pppoe-l2tp-relay: $message" ] || {
		echo "wanted: $message"
		echo "got:    $output"
		return 1
	}
}
hint="(pppoe-l2tp-relay --help lists the options)"

control() {
	printf '%s\nquit\n' "$*" | timeout 10 socat -t5 - UNIX-CONNECT:dir/control
}

@test "help names every option, version answers" {
	run -0 pppoe-l2tp-relay --help
	[ "${lines[0]}" = "usage: pppoe-l2tp-relay [options] PORT LNS[:PORT] ..." ]
	for o in $(sed -n 's/^\.It.* Fl -\([a-z-]*\).*/\1/p' \
	    "$LIMEN/pppoe-l2tp-relay/pppoe-l2tp-relay.1"); do
		[[ "$output" == *"--$o"* ]] || { echo "$o"; return 1; }
	done
	run -0 pppoe-l2tp-relay --version
	[[ "$output" == "pppoe-l2tp-relay (limen) "* ]]
}

@test "wrong usage: one line and status 2" {
	fails 2 "a PORT and an LNS are needed $hint"
	fails 2 "a PORT and an LNS are needed $hint" access
	fails 2 "no such network: foo:bar $hint" foo:bar 127.0.0.1
	fails 2 "192.0.2.1:0: not HOST or HOST:PORT" access 192.0.2.1:0
	fails 2 "192.0.2.1:x: not HOST or HOST:PORT" access 192.0.2.1:x
	fails 2 "-m: not a number from 1 to 65000: 0 $hint" -m 0 access 127.0.0.1
	fails 2 "both captures in one file: f $hint" \
	    --capture f --capture-lns f access 127.0.0.1
	fails 2 "--tries: not a number from 1 to 100: many $hint" \
	    --tries many access 127.0.0.1
	fails 2 "--hello: not a time up to 3600 s: 2 days $hint" \
	    --hello "2 days" access 127.0.0.1
	fails 2 "--tx-speed: not a speed up to 4G: 5G $hint" \
	    --tx-speed 5G access 127.0.0.1
	fails 2 "--tx-speed: not a speed up to 4G: fast $hint" \
	    --tx-speed fast access 127.0.0.1
	fails 2 "not an address for one host: ff:ff:ff:ff:ff:ff $hint" \
	    --mac ff:ff:ff:ff:ff:ff access 127.0.0.1
	fails 2 "a service has 1 to 64 bytes:  $hint" -s "" access 127.0.0.1
	fails 2 "--hide needs --secret-file $hint" --hide access 127.0.0.1
	fails 2 "more than 16 LNSs $hint" access 1 2 3 4 5 6 7 8 9 10 11 12 13 14 \
	    15 16 17
	fails 2 "no such option: --fnord $hint" --fnord access 127.0.0.1
}

@test "--kernel: what it does not go with, and a kernel without PPP" {
	fails 2 "--kernel: one of no|auto|yes, not maybe $hint" --kernel maybe lo 1
	fails 2 "--kernel yes: the port is no interface $hint" \
	    --kernel yes access 127.0.0.1
	fails 2 "--kernel yes: not with --clamp-mss $hint" \
	    --clamp-mss 1492 --kernel yes lo 127.0.0.1
	fails 2 "--kernel yes: not with a capture $hint" \
	    --kernel yes --capture-lns x lo 127.0.0.1
	fails 2 "--kernel yes: not with --tunnel-per-session $hint" \
	    --kernel yes --tunnel-per-session lo 127.0.0.1
	fails 2 "--kernel yes: not with --mac $hint" \
	    --kernel yes --mac 02:00:00:00:00:01 lo 127.0.0.1
	run timeout -s TERM 2 pppoe-l2tp-relay --kernel yes lo 127.0.0.1
	if [ "$status" -eq 1 ]; then # this kernel has it not
		[ "${#lines[@]}" = 1 ]
		[[ "$output" == "pppoe-l2tp-relay: --kernel yes: "*": "* ]]
		why=${output#*yes: }
		run timeout -s TERM 2 pppoe-l2tp-relay -v --kernel auto lo 127.0.0.1
		[ "${lines[0]}" = "pppoe-l2tp-relay: sessions stay in user space: $why" ]
	fi
	[ "$status" -eq 124 ]
	run timeout -s TERM 2 pppoe-l2tp-relay -v --kernel auto --clamp-mss 1492 \
	    lo 127.0.0.1
	[ "${lines[0]}" = "pppoe-l2tp-relay: sessions stay in user space: not with --clamp-mss" ]
}

@test "what cannot be opened: one line and status 1" {
	fails 1 "nosuchif: No such device" nosuchif 127.0.0.1
	fails 1 "user: not a network that a program can join" user 127.0.0.1
	fails 1 "none: No such file or directory" --secret-file none access 127.0.0.1
	: >empty
	printf '%0129d\n' 0 >long
	for f in empty long; do
		fails 1 "$f: not a secret of 1 to 128 bytes" --secret-file $f \
		    access 127.0.0.1
	done
	fails 1 "no/where: No such file or directory" --capture no/where \
	    access 127.0.0.1
	fails 1 "no/where: No such file or directory" --capture-lns no/where \
	    access 127.0.0.1
	fails 1 "no/dir: No such file or directory" --background no/dir \
	    access 127.0.0.1
	[ -z "$(find . -type s)" ]
}

@test "a UDP port that is taken" {
	daemon pppoe-l2tp-relay --local-port 17011 access 127.0.0.1
	until_ok 5 grep -q 4273 /proc/net/udp
	fails 1 "UDP port 17011: Address in use" --local-port 17011 access 127.0.0.1
	kill "$!"
}

@test "a name that is not found is no reason to end" {
	daemon pppoe-l2tp-relay -v access lns.invalid
	pid=$!
	until_ok 40 grep -q "^pppoe-l2tp-relay: lns.invalid: name not found, it is" \
	    "$BATS_TEST_TMPDIR/pppoe-l2tp-relay.err"
	ready "$pid"
	kill -TERM "$pid"
	wait "$pid"
}

# with_names CMD...: names are in the file hosts; of those that are not there
# the name server is asked, which never answers, for so many seconds
silent_names() { # SECONDS HOSTS
	printf 'nameserver 127.0.0.1\noptions timeout:%s\n' "$1" >resolv.conf
	echo "$2" >hosts
	daemon socat -u UDP4-RECV:53,bind=127.0.0.1 /dev/null
}
with_names() {
	# shellcheck disable=SC2016
	exec unshare -m sh -c 'mount --bind hosts /etc/hosts &&
	    mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)" &&
	    exec "$@"' sh "$@"
}
named_relay() { # SECONDS HOSTS [OPTION...]
	silent_names "$1" "$2"
	shift 2
	daemon with_names pppoe-l2tp-relay --background dir -v "$@" access lns.test
	until_ok 20 test -s dir/pid
	pid=$(<dir/pid)
	ready "$pid"
	child=$(cat "/proc/$pid/task/$pid/children")
	child=${child% }
}
dial() { # until CMD... is true
	until_ok 20 dialled "$@"
}
dialled() {
	timeout 5 "$O/bench/pppoe-load" -T 1s access >/dev/null 2>&1 || :
	"$@"
}
worker() {
	worker=$(cat "/proc/$child/task/$child/children")
	worker=${worker% }
	[ -n "$worker" ]
}
# alone PID...: no capability, nothing of the relay's
alone() {
	grep -q '^CapPrm:.0*$' "/proc/$1/status"
	grep -q '^NoNewPrivs:.1' "/proc/$1/status"
	for i in 0 1 2; do
		[ "$(readlink "/proc/$1/fd/$i")" = /dev/null ]
	done
	[[ "$(readlink "/proc/$1/fd/3")" == "socket:"* ]]
}

@test "who looks names up is confined; it dies, and names are asked again" {
	named_relay 5 '127.0.0.1 lns.test'
	alone "$child"
	run -0 ls "/proc/$child/fd"
	[ "$(echo "$output" | tr '\n' ' ')" = "0 1 2 3 " ]
	: >hosts
	dial worker
	ready "$worker"
	alone "$worker"
	echo '127.0.0.2 lns.test' >hosts
	kill -KILL "$worker"
	dial grep -q "SCCRQ to 127.0.0.2:1701" dir/log
	kill -TERM "$pid"
	until_ok 10 gone "$child"
}

@test "names that cannot be looked up any more: a word, no zombie, sessions" {
	named_relay 5 '127.0.0.1 lns.test'
	: >hosts
	dial worker
	kill -KILL "$child"
	until_ok 5 grep -q "names are not looked up any more: who" dir/log
	until_ok 5 test ! -e "/proc/$child"
	until_ok 5 gone "$worker"
	run -0 control status
	[[ "$output" == *"lns lns.test: its name is not looked up any more"* ]]
	: >dir/log
	dial grep -q "SCCRQ to 127.0.0.1:1701" dir/log
	pppoe-l2tp-relay --stop dir
}

# one failure, of which all sessions that wait hear at once
failed_once() {
	[ "$(grep -c "not established: $1" dir/log)" = 3 ]
	[ "$(grep -c "SCCRQ to" dir/log)" = "$2" ]
	run -0 control status
	[[ "$output" == *": 0 connects, 1 failures, 0 lost"* ]]
}

@test "--tunnel-per-session: a name that is not found is one failure" {
	named_relay 3 '' --tunnel-per-session
	run -1 timeout 20 "$O/bench/pppoe-load" -n 3 -T 9s access
	failed_once "lns.test: its name is not found" 0
	pppoe-l2tp-relay --stop dir
}

@test "--tunnel-per-session: an LNS that does not answer is one failure" {
	daemon socat -u UDP4-RECV:1702,bind=127.0.0.1 /dev/null
	until_ok 5 grep -q :06A6 /proc/net/udp
	pppoe-l2tp-relay --background dir -v --tunnel-per-session --tries 1 \
	    access 127.0.0.1:1702
	run -1 timeout 20 "$O/bench/pppoe-load" -n 3 -T 9s access
	failed_once "127.0.0.1:1702: the peer does not answer" 1
	pppoe-l2tp-relay --stop dir
}

@test "--tunnel-per-session: whose client is gone no longer waits for its turn" {
	local n
	daemon socat -u UDP4-RECV:1702,bind=127.0.0.1 /dev/null
	until_ok 5 grep -q :06A6 /proc/net/udp
	pppoe-l2tp-relay --background dir --tunnel-per-session \
	    access 127.0.0.1:1702
	daemon "$O/bench/pppoe-load" -n 4 -T 20s access
	tunnels() {
		control status | grep -q ", $1 tunnels"
	}
	until_ok 5 tunnels 4
	for n in $(control sessions | sed -n 's/^session \([0-9]*\) .*/\1/p'); do
		control drop "$n"
	done
	# the first is being set up, and its end is the LNS's word or silence
	tunnels 1
	pppoe-l2tp-relay --stop dir
}

@test "--tunnel-per-session: a port that refuses is noticed at once, too" {
	daemon pppoe-l2tp-relay -v --tunnel-per-session --tries 100 -n ac1 \
	    --capture cap access 127.0.0.1
	pid=$!
	ready "$pid"
	run -1 timeout 20 "$O/bench/pppoe-load" -v -T 5s access
	[[ "$output" == *"refused"* ]]
	kill "$pid"
	wait "$pid"
	grep -aq "127.0.0.1: refuses connections" cap
}

@test "one client's PADIs do not use up what is answered in a second" {
	pppoe-l2tp-relay --background dir access 127.0.0.1
	printf '\377%.0s' 1 2 3 4 5 6 >padi
	printf '\2\0\0\0\0\1\210\143\21\11\0\0\0\4\1\1\0\0' >>padi
	for _ in {1..40}; do cat padi; done |
	    socat -u -b 24 - UDP4-DATAGRAM:230.0.0.1:1234,ip-multicast-if=127.0.0.1
	until_ok 5 sh -c "echo status | socat -t5 - UNIX:dir/control | \
	    grep -q 'PADI 40,'"
	run -0 control status
	[[ "$output" == *"more than the rate allows"* ]]
	pppoe-l2tp-relay --stop dir
}

@test "in the background: ready, answers, refuses a second, cleans up" {
	run -0 pppoe-l2tp-relay --background dir -v access 127.0.0.1
	[ -z "$output" ]
	pid=$(cat dir/pid)
	run -0 control status
	[[ "${lines[0]}" == "up "*" s, 0 sessions of 10000, 0 tunnels" ]]
	[[ "$output" == *"lns 127.0.0.1: no tunnel, 0 sessions"* ]]
	run -0 control drop 5
	[ "${lines[0]}" = "error: no such session: 5" ]
	run -0 control frobnicate
	[ "${lines[0]}" = "error: no such command (try help): frobnicate" ]
	run -0 control drain
	[ "${lines[0]}" = ok ]
	run -0 control status
	[[ "${lines[0]}" == *", draining" ]]
	fails 1 "dir: pppoe-l2tp-relay runs there already (pid $pid)" --background dir access 127.0.0.1
	kill -TERM "$pid"
	until_ok 5 test ! -e dir/pid
	run -0 ls dir
	[ "$output" = log ]
	grep -Eq "^pppoe-l2tp-relay: ready: $HOSTNAME at (..:){5}.. on access\$" dir/log
}

@test "in the background: who starts it goes while a name is looked up" {
	silent_names 3 ''
	daemon with_names pppoe-l2tp-relay --background dir access lns.test
	until_ok 20 test -s dir/pid
	kill -KILL $!
	until_ok 20 test ! -e dir
	[[ "$(<with_names.err)" == *"it ends, for whoever started it has gone: Broken pipe" ]]
}

@test "fewer descriptors than it asks poll about: it says so, and ends" {
	local n
	for n in 9 10 11 12; do
		# bash keeps some of its own
		run -1 timeout -k 1 10 bash -c "ulimit -n $n
		    exec pppoe-l2tp-relay --dir dir access 127.0.0.1 3>&- 4>&- 5>&-"
		[ "$(wc -l <<<"$output")" = 1 ]
		[ ! -e dir ]
	done
	[ "$output" = "pppoe-l2tp-relay: poll: Invalid argument" ]
}

@test "--dir: the same in the foreground, with messages where they were" {
	fails 1 "nosuchif: No such device" --dir dir nosuchif 127.0.0.1
	[ ! -e dir ]
	mkdir full
	mount -t tmpfs -o size=8k full full
	! cat /dev/zero >full/fill || false
	fails 1 "full/dir: No space left on device" --dir full/dir access 127.0.0.1
	[ ! -e full/dir ]
	umount full
	daemon pppoe-l2tp-relay -v --dir dir --capture f access 127.0.0.1
	pid=$!
	ready "$pid"
	[ "$(<dir/pid)" = "$pid" ]
	run -0 pppoe-l2tp-relay --status dir
	[ "$output" = $'dir\trunning pid '"$pid" ]
	run -0 control status
	[[ "$output" == *"lns 127.0.0.1: no tunnel, 0 sessions"* ]]
	echo more >>f # than a new one has
	fails 1 "dir: pppoe-l2tp-relay runs there already (pid $pid)" \
	    --dir dir --capture f access 127.0.0.1
	[ "$(tail -c 5 f)" = more ]
	pppoe-l2tp-relay --stop dir
	wait "$pid"
	[ ! -e dir ]
	grep -q 'stopping: 0 sessions' pppoe-l2tp-relay.err
}

@test "killed, it leaves nothing that hinders the next" {
	pppoe-l2tp-relay --background dir access 127.0.0.1
	kill -KILL "$(cat dir/pid)"
	until_ok 5 pppoe-l2tp-relay --background dir access 127.0.0.1
	run -0 control status
	kill "$(cat dir/pid)"
	until_ok 5 test ! -e dir/lock
	[ -z "$(ls dir)" ]
}

@test "gives its privileges away" {
	daemon pppoe-l2tp-relay access 127.0.0.1
	ready "$!"
	run -0 grep -E '^(CapEff|CapPrm|CapAmb|NoNewPrivs)' "/proc/$!/status"
	[ "$(echo "$output" | tr -s '\t\n' '  ')" = \
	    "CapPrm: 0000000000000000 CapEff: 0000000000000000 CapAmb: 0000000000000000 NoNewPrivs: 1 " ]
	for s in HUP TERM; do
		daemon pppoe-l2tp-relay access 127.0.0.1
		pid=$!
		ready "$pid"
		kill -$s "$pid"
		wait "$pid"
	done
}

@test "nobody at the LNS: PADS says why, the capture shows it" {
	daemon pppoe-l2tp-relay -v -n ac1 --capture cap --capture-lns lcap \
	    access 127.0.0.1 127.0.0.2
	pid=$!
	ready "$pid"
	run -1 timeout 20 "$O/bench/pppoe-load" -v -T 5s access
	[[ "$output" == *"refused"* ]]
	grep -q "not established: 127.0.0.1: refuses connections" \
	    "$BATS_TEST_TMPDIR/pppoe-l2tp-relay.err"
	kill "$pid"
	wait "$pid"
	grep -aq "127.0.0.2: refuses connections" cap
	[ "$(head -c 4 cap | od -An -tx1)" = " 4d 3c b2 a1" ]
	sound cap
	sound lcap
	[[ $output == *"0.0.0.0."*" > 127.0.0.2.1701: "*"(SCCRQ)"* ]]
}

@test "services: listed ones and none are served, others are not" {
	daemon pppoe-l2tp-relay -s one -s two -n ac1 access 127.0.0.1
	ready "$!"
	for s in one two; do
		run -1 timeout 20 "$O/bench/pppoe-load" -v -S "$s" -T 3s access
		[[ "$output" == *"session 0: refused"* ]]
	done
	run -1 timeout 20 "$O/bench/pppoe-load" -v -S three -T 2s access
	[[ "$output" != *"refused"* ]]
}

@test "--stop ends the one in a directory and waits for its end" {
	run -0 pppoe-l2tp-relay --background dir access 127.0.0.1
	pid=$(cat dir/pid)
	run -0 pppoe-l2tp-relay --stop dir
	[ -z "$output" ]
	gone "$pid"
	[ ! -e dir/pid ]
	mkdir dead
	run -1 pppoe-l2tp-relay --stop dead
	[ "$output" = "pppoe-l2tp-relay: dead: nothing runs there" ]
	run -1 pppoe-l2tp-relay --stop none
	[ "$output" = "pppoe-l2tp-relay: none: No such file or directory" ]
}
