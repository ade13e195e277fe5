#!/usr/bin/env bats
# examples/ that boot nothing: image-diet.sh, tftp.mk, and lab.sh itself
# uses: tufted manifest-query
# waits
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	chmod 755 .
}

@test "image-diet.sh: six questions, six answers" {
	run --separate-stderr "$LIMEN/examples/image-diet.sh" </dev/null
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(grep -c '?$' <<<"$output")" = 6 ]
	[[ "$output" == *"  3995176	openssl"* ]]
	[[ "$output" == *"  manifest.json	"*"	ppp	openssl"* ]]
	[[ "$output" == *"  13998232 bytes, yes"* ]]
}

@test "image-diet.sh: one's own image, and one that is not there" {
	s=$LIMEN/tests/samples/manifest/min
	run -0 "$LIMEN/examples/image-diet.sh" -r "$s" "$s/manifest.json" </dev/null
	[[ "$output" == *"$(manifest-query -sn -r "$s" "$s/manifest.json" |
	    sort -rn | head -n 1)"* ]]
	run -1 "$LIMEN/examples/image-diet.sh" nowhere </dev/null
	[[ "$output" == *"image-diet: no answer about nowhere"* ]]
	run -2 "$LIMEN/examples/image-diet.sh" -z </dev/null
	[[ "$output" == *"usage: image-diet.sh [-r source] [path]"* ]]
}

# lab COMMAND: an example of one's own, own.sh, that does COMMAND, in $TMPDIR
lab() {
	export TMPDIR=$PWD/${2-tmp}
	mkdir "$TMPDIR"
	printf '#!/bin/sh\n. "%s/examples/lab.sh"\n%s\n' "$LIMEN" "$1" >own.sh
	chmod +x own.sh
}

@test "lab.sh: what ends while its guard begins leaves nothing" {
	lab 'lab_open; read -r _'
	mkdir bin
	printf '#!/bin/sh\n: >%s\nsleep 1\nexec %s "$@"\n' "$PWD/begun" \
	    "$(command -v setsid)" >bin/setsid
	chmod +x bin/setsid
	mkfifo typed
	exec 7<>typed
	for how in INT TERM HUP KILL; do
		rm -f begun
		(trap - INT && PATH=$PWD/bin:$PATH exec ./own.sh) \
		    <typed 3>&- 4>&- 7>&- &
		until_ok 10 test -e begun
		[ -n "$(ls tmp)" ]
		kill -$how $!
		! wait $! || false
		until_ok 10 sh -c '[ -z "$(ls tmp)" ]'
		[ -z "$(sh -c "grep -lsa '$TMPDIR/lime[n]-' /proc/[0-9]*/cmdline")" ]
	done
	# its directory is made before it knows the name
	printf '#!/bin/sh\n%s "$@"\n: >%s\nexec >&-\nsleep 1\n' \
	    "$(command -v mktemp)" "$PWD/begun" >bin/mktemp
	chmod +x bin/mktemp
	for how in TERM HUP; do
		rm -f begun
		(PATH=$PWD/bin:$PATH exec ./own.sh) \
		    <typed 3>&- 4>&- 7>&- &
		until_ok 10 test -e begun
		kill -$how $!
		! wait $! || false
		[ -z "$(ls tmp)" ]
	done
	exec 7>&-
}

@test "lab.sh: what it prints can be typed as it is" {
	lab 'keep=; lab_open; lab_attach vm look "connect-vm $shown/vm"' "it's here"
	run -0 ./own.sh </dev/null
	[ -z "$(ls "$TMPDIR")" ]
	while read -r what cmd; do
		eval "set -- ${cmd%(*}"
		[ $# = 2 ]
		[[ "$2" == "$TMPDIR/limen-own."*/vm ]]
		[ "$what" = look ] || "$1" --version
	done <<<"$output"
}

@test "what is missing is told in one line" {
	mkdir bin
	for c in sh bash dirname basename id; do
		ln -s "$(command -v $c)" bin/$c
	done
	for c in mips-vm connect-vm tufted ip qemu-system-mipsel mkfifo unshare; do
		ln -s "$(type -P true)" bin/$c
	done
	PATH=$PWD/bin run -1 "$LIMEN/examples/tftpboot.sh" </dev/null
	[ "$output" = "tftpboot: mkimage: not found: install u-boot-tools" ]
	if command -v expect >/dev/null; then
		rm bin/connect-vm
		PATH=$PWD/bin run -1 "$LIMEN/examples/console.exp" vm
		[ "$output" = 'console.exp: couldn'"'"'t execute "connect-vm": no such file or directory' ]
	fi
	lab 'lab_enter'
	PATH=$PWD/bin run -1 ./own.sh </dev/null
	[ "$output" = "own: setsid: not found: run ./setup demo" ]
	# as anybody may run it from a tree that is not theirs
	LIMEN_VM_CACHE=/proc/none run -1 "$LIMEN/tests/vm/kit"
	[ "$output" = "kit: /proc/none: cannot write there: LIMEN_VM_CACHE names another directory" ]
}

# a Makefile as tftp.mk says; the board is this host
project() {
	cat >Makefile <<-END
	BOARD = 127.0.0.1
	TFTP_PORT = 6969
	TFTP_FLAGS = -q
	BOOT = $1
	include $LIMEN/examples/tftp.mk
	result: ; mkdir -m 755 store result && echo kernel >store/uimage && \
	    ln -s ../store/uimage result/uimage
	END
}

@test "tftp.mk: make boot builds, serves until all is fetched, and ends" {
	project 'tufted --get 127.0.0.1:6969 -o got uimage && tufted --get 127.0.0.1:6969 -o again uimage'
	run make -s boot TFTP_FILES=2 TFTP_FLAGS=
	echo "$output"
	[ "$status" -eq 0 ]
	# what BOOT says is not written over
	[[ $output == *"received file="* && $output != *"sent file="* ]]
	cmp got store/uimage
	cmp again store/uimage
	[ ! -e .tufted-ready ]
	# but what TFTP_FLAGS say is heard
	run make -s boot TFTP_FILES=2 TFTP_FLAGS=-v
	[ "$status" -eq 0 ]
	[[ $output == *"sent file="* ]]
}

@test "tftp.mk: BOOT that fails, a board that never asks" {
	project false
	run make -s boot
	[ "$status" -eq 2 ]
	project :
	run make -s boot TFTP_TIMEOUT=300ms
	[ "$status" -eq 2 ]
	[ ! -e .tufted-ready ]
	# nothing serves any more
	run -1 tufted --get 127.0.0.1:6969 --timeout 300ms -o got uimage
	run make -s serve BOARD=
	[ "$status" -eq 2 ]
}

@test "tftp.mk: make save takes what the board puts" {
	project :
	daemon make -s save
	echo flash >mtd0
	tufted --put 127.0.0.1:6969 --wait --timeout 20s mtd0
	wait $!
	cmp backups/mtd0 mtd0
}

@test "tftp.mk: make push waits for the board's recovery mode" {
	project :
	mkdir -m 777 up
	mkdir -m 755 empty
	echo image >factory.bin
	daemon make -s push IMAGE=factory.bin
	pushing=$!
	tufted --user "$(id -u):$(id -g)" -q -1 --timeout 20s -p 6969 \
	    -w up empty
	wait $pushing
	cmp up/factory.bin factory.bin
	run make -s push
	[ "$status" -eq 2 ]
	[[ "$output" == *"IMAGE is not set: the file to push"* ]]
}
