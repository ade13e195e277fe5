#!/usr/bin/env bats
# examples/demo.sh, as make demo runs it: a router boots, dials in, is online
# uses: mips-vm bng connect-vm
# kit: mipsel
# timeout: 300
load ../helper
load vm

setup() {
	vm_kit mipsel
	command -v busybox >/dev/null || skip "no busybox"
	export TMPDIR=$BATS_TEST_TMPDIR
}

# what a demo that ended may not leave
clean() {
	run sh -c "ls -d '$TMPDIR'/limen-demo.* 2>/dev/null"
	[ -z "$output" ]
	run sh -c "grep -lsa '$TMPDIR/limen-dem[o]' /proc/[0-9]*/cmdline"
	[ -z "$output" ]
}

@test "the router boots, dials in and fetches a page; nothing stays" {
	run --separate-stderr "$LIMEN/examples/demo.sh" </dev/null
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	[[ "$output" == *"gateway "*"in a network namespace of its own"* ]]
	[[ "$output" == *"booted "*" in "[0-9]*" s"* ]]
	[[ "$output" == *"session "*"ppp0 192.168.100.10 peer 192.168.100.1 mtu 1492"* ]]
	page="This page came from $(uname -n) through bng, PPPoE and MIPS."
	[[ "$output" == *"fetched "*" md5 $(echo "$page" | md5sum | cut -d' ' -f1) "* ]]
	[[ "$output" == *"connect-vm $TMPDIR/limen-demo."*"/router"* ]]
	[ -z "$stderr" ]
	clean
}

@test "wrong credentials: refused in words, status 1, nothing stays" {
	run --separate-stderr "$LIMEN/examples/demo.sh" -p wrong </dev/null
	[ "$status" -eq 1 ]
	[ "$stderr" = "demo: no session: 19 authentication failed" ]
	[[ "$output" == *booted* ]]
	[[ "$output" != *session* ]]
	clean
}

# as a user does it: with -k it stays up, and one attaches from outside
@test "kept up, one attaches to the router and asks the gateway" {
	mkfifo "$TMPDIR/in"
	"$LIMEN/examples/demo.sh" -k <>"$TMPDIR/in" >"$TMPDIR/out" 2>&1 3>&- 4>&- &
	demo=$!
	until_ok 120 grep -q '^attach' "$TMPDIR/out"
	dir=$(echo "$TMPDIR"/limen-demo.*)
	run connect-vm -C 'uname -m' "$dir/router"
	[ "$status" -eq 0 ]
	[[ "$output" == *mips* ]]
	run connect-vm "$dir/bng" <<<status
	[[ "$output" == *db123@a.1*192.168.100.10* ]]
	# Enter ends it
	echo >"$TMPDIR/in"
	wait $demo
	clean
}

@test "killed outright: what it started ends all the same" {
	"$LIMEN/examples/demo.sh" </dev/null >"$TMPDIR/out" 2>&1 3>&- 4>&- &
	demo=$!
	until_ok 60 sh -c "ls $TMPDIR/limen-demo.*/router/pid"
	kill -KILL $demo
	wait $demo || :
	until_ok 30 sh -c "! ls -d $TMPDIR/limen-demo.*"
	clean
}

@test "an unknown option is a usage error" {
	run "$LIMEN/examples/demo.sh" -z
	[ "$status" -eq 2 ]
	[[ "$output" == *"usage: demo.sh"* ]]
}
