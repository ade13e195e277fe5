#!/usr/bin/env bats
# what confines a daemon holds: calls made in the running program are refused
# uses: tufted pppoe-l2tp-relay
# timeout: 120
load ../helper

setup_file() {
	[ "$(uname -m)" = x86_64 ] || skip "the injector knows x86_64 only"
	[ -z "${ASAN_OPTIONS-}" ] || skip "nothing confines an instrumented tool"
	export ESCAPE=$BATS_FILE_TMPDIR/escape
	"${CC:-cc}" -D_GNU_SOURCE -O1 -o "$ESCAPE" \
	    "$LIMEN/tests/faults/escape.c"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	chmod 755 .. ../..
	mkdir d up
	chmod 777 . up # what is refused, is so by the confinement
	echo text >d/f
	echo text >outside
}

# escape PID IN: nothing but reading IN, which works
escape() {
	run timeout 20 "$ESCAPE" "$1" "$2" "$PWD/made"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"not ok "* ]] && return 1
	[[ $output == *$'\nok 48 '* ]]
	[ ! -e made ]
	[[ $output == *"# reading IN: $3"* ]]
}

@test "tufted" {
	daemon tufted -q -p 6969 --ready r d
	until_ok 10 test -e r
	escape "$!" "$PWD/d/f" "done"
	tufted -q -p 6969 --get 127.0.0.1 -o got f
	cmp got d/f
}

@test "tufted --no-follow reads its directory only" {
	daemon tufted -q -p 6970 --no-follow --ready r d
	until_ok 10 test -e r
	escape "$!" "$PWD/d/f" "done"
	escape "$!" "$PWD/outside" "Permission denied"
}

@test "tufted -w writes there and nowhere else" {
	daemon tufted -q -p 6971 -w up --ready r d
	until_ok 10 test -e r
	escape "$!" "$PWD/d/f" "done"
	echo new >new
	tufted -q -p 6971 --put 127.0.0.1 new
	cmp new up/new
}

@test "tufted -w --no-follow does not read what was sent to it" {
	daemon tufted -q -p 6972 -w up --no-follow --ready r d
	until_ok 10 test -e r
	echo secret >up/new
	chmod 444 up/new
	ln -s up/new via # which it may not remove
	escape "$!" "$PWD/via" "Permission denied"
	echo more >next
	tufted -q -p 6972 --put 127.0.0.1 next
	cmp next up/next
}

@test "pppoe-l2tp-relay" {
	daemon pppoe-l2tp-relay access 127.0.0.1
	ready "$!"
	escape "$!" "$PWD/d/f" "Operation not permitted"
}

@test "pppoe-l2tp-relay --background removes files, and does nothing else" {
	pppoe-l2tp-relay --background state access 127.0.0.1
	pid=$(cat state/pid)
	ready "$pid"
	run timeout 20 "$ESCAPE" "$pid" "$PWD/d/f" "$PWD/made"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep "not ok " <<<"$output")" = "not ok 9 cannot remove a file: done" ]
	[[ $output == *"# reading IN: Operation not permitted"* ]]
	[ ! -e made ]
	pppoe-l2tp-relay --stop state
	[ ! -e state ]
}
