#!/usr/bin/env bats
# the house: make's targets, setup, the runner and the lints
# tree: whole
# uses: tufted
# timeout: 600
load ../helper

setup() {
	T=$BATS_TEST_TMPDIR
	unset TOOLS O CI MAKEFLAGS MAKELEVEL PKG_CONFIG_PATH
}

# a copy of the tree; "built" brings the default variant's objects along
tree() {
	mkdir -p "$T/a tree"
	tar -C "$LIMEN" --exclude=./build --exclude=./.git -cf - . |
		tar -C "$T/a tree" --no-same-owner -xf -
	cd "$T/a tree"
	[ "${1-}" = built ] && [ -d "$LIMEN/build/musl-gcc-static/lib" ] || return 0
	mkdir -p build/musl-gcc-static
	cp -a "$LIMEN"/build/musl-gcc-static/{lib,tufted,kh,.flags,libcommon.a} \
	    build/musl-gcc-static/
}

# plant FILE TEXT: appends TEXT to a file of the copy
plant() {
	printf '%b\n' "$2" >>"$1"
}

@test "runs in a network namespace of its own with lo up" {
	[ -z "${LIMEN_NO_NS-}" ] || skip "this machine gives no namespaces"
	run ip -o link
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *LOOPBACK,UP* ]]
}

@test "make TOOL builds that one alone; a changed flag or header builds it again" {
	tree built
	make -s tufted
	[ "$(ls build/*/bin)" = tufted ]
	rm build/*/lib/num.o build/*/tufted/tree.o
	make -s tufted
	[ -e "$(echo build/*/lib/num.o)" ]
	[ -e "$(echo build/*/tufted/tree.o)" ]
	run make -s -q tufted
	make tufted >out
	! grep -q -e ' -c ' out || false
	make -s tufted CFLAGS=-O0
	make tufted CFLAGS=-O0 >out
	! grep -q -e ' -c ' out || false
	touch lib/rd.h
	make tufted CFLAGS=-O0 >out
	grep -q 'lib/rd.c' out
}

@test "of lib a tool takes what it includes, whatever was built before it" {
	tree
	make -n tufted >out
	grep -q ' lib/tftp_xfer.c' out
	! grep -q ' lib/qemu.c' out || false
	rm -rf build
	mkdir build
	cp -a "$LIMEN/build/musl-gcc-static" build/
	for t in */*.1; do
		make "${t%%/*}" >out
		! grep -q -e ' -c ' out || false
		grep -q '^ar ' out
		"$(echo build/*/bin/"${t%%/*}")" --version
	done
	make -n units TOOLS=tufted >out
	grep -q '^ar .*/qemu.o' out
}

@test "make -C TOOL is make TOOL" {
	tree built
	make -s -C tufted
	[ "$(ls build/*/bin)" = tufted ]
}

@test "make clean leaves what was fetched" {
	tree built
	mkdir build/vm build/src
	touch limen-0.1.tar.gz
	make -s clean
	[ "$(ls build)" = "$(printf 'src\nvm')" ]
	[ ! -e limen-0.1.tar.gz ]
}

@test "an unknown tool is refused before anything is built" {
	tree
	run make TOOLS="tufted nosuch" install
	[ "$status" -ne 0 ]
	[[ "$output" == *"no such tool: nosuch"* ]]
	[ ! -e build ]
}

@test "without libslirp bng is left out with one line, and by name refused" {
	tree
	run make -n PKG_CONFIG=false
	[ "$status" -eq 0 ]
	# at the end, where one still sees it
	[[ "${lines[-2]}" == "bng is left out, it needs slirp: "*"make deps"* ]]
	[[ "${lines[0]}" != "bng is left out"* ]]
	run make -n PKG_CONFIG=false install
	[[ "${lines[0]}" == "bng is left out, it needs slirp: "*"make deps"* ]]
	for how in "bng" "TOOLS=bng" "TOOLS=bng install" "-C bng" "TOOLS=bng check"; do
		# shellcheck disable=SC2086
		run make PKG_CONFIG=false $how
		[ "$status" -ne 0 ]
		[[ "$output" == *"bng needs slirp: "*"make deps"* ]]
		[[ "$output" != *" -c "* ]]
	done
}

@test "make install puts TOOLS and their pages under DESTDIR and PREFIX" {
	tree built
	umask 077
	make -s install PREFIX=/usr DESTDIR="$T/d e" TOOLS=tufted
	[ -z "$(find "$T/d e/usr" ! -perm -444)" ]
	[ -x "$T/d e/usr/bin/tufted" ]
	[ "$(ls "$T/d e/usr/bin")" = tufted ]
	[ -e "$T/d e/usr/share/man/man1/tufted.1" ]
	[ -e "$T/d e/usr/share/man/man7/limen.7" ]
	for p in man1/tufted.1 man7/limen.7; do
		grep -qx "\.Os limen $(cat VERSION)" "$T/d e/usr/share/man/$p"
	done
	"$T/d e/usr/bin/tufted" --version | grep -qx "tufted (limen) $(cat VERSION)"
	make -s install PREFIX=/usr DESTDIR="$T/d e" TOOLS=connect-vm
	make -s uninstall PREFIX=/usr DESTDIR="$T/d e" TOOLS=tufted
	[ "$(ls "$T/d e/usr/bin")" = connect-vm ]
	[ -e "$T/d e/usr/share/man/man7/limen.7" ]
	make -s uninstall PREFIX=/usr DESTDIR="$T/d e"
	[ -z "$(find "$T/d e" -type f)" ]
	# as zsh and dash hand it over
	export HOME="$T/my home"
	for at in PREFIX DESTDIR; do
		make -s install "$at=~/a b" TOOLS=tufted
		[ "$(find "$HOME/a b" -path "*/bin/tufted" | wc -l)" = 1 ]
		make -s uninstall "$at=~/a b"
		[ -z "$(find "$HOME" -type f)" ]
	done
}

@test "make install asks of install what busybox has, and strips with STRIP" {
	tree built
	mkdir "$T/bin"
	cat >"$T/bin/install" <<-EOF
	#!/bin/sh
	case " \$*" in *" --"*) echo "install: no long options" >&2; exit 1 ;; esac
	exec $(command -v install) "\$@"
	EOF
	printf '#!/bin/sh\necho "$1" >>%s/stripped\n' "$T" >"$T/bin/other-strip"
	chmod +x "$T"/bin/*
	PATH=$T/bin:$PATH make -s install DESTDIR="$T/d e" TOOLS=tufted
	! readelf -SW "$T/d e/usr/local/bin/tufted" | grep -q '\.symtab' || false
	make -s install DESTDIR="$T/other" TOOLS=tufted STRIP="$T/bin/other-strip"
	[ "$(cat "$T/stripped")" = "$T/other/usr/local/bin/tufted" ]
	run make -s install DESTDIR="$T/other" TOOLS=tufted STRIP=false
	[ "$status" -ne 0 ]
	make -s install DESTDIR="$T/other" TOOLS=tufted STRIP=
	readelf -SW "$T/other/usr/local/bin/tufted" | grep -q '\.symtab'
	# a file is no directory, nor made a tool
	echo mine >"$T/mine"
	run make -s install DESTDIR="$T/other" BINDIR=/../mine TOOLS=tufted
	[ "$status" -ne 0 ]
	[ "$(cat "$T/mine")" = mine ]
}

@test "plain cc, clang and a MIPS cross compiler stand side by side" {
	tree
	export CFLAGS=-O0
	make -s tufted CC=gcc STATIC=
	make -s tufted CC=clang STATIC=
	make -s tufted CC=mips-linux-gnu-gcc STATIC=-static
	build/gcc/bin/tufted --version
	build/clang/bin/tufted --version
	qemu-mips build/mips-linux-gnu-gcc-static/bin/tufted --version
	# and what of lib it has no use for
	mips-linux-gnu-gcc -std=c99 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	    -DVERSION='"x"' -Ilib -w -fsyntax-only lib/*.c
}

@test "make dist is byte-identical twice" {
	tree
	git -c init.defaultBranch=main init -q
	git add -A
	git -c user.name=x -c user.email=x@example.org commit -qm x
	make dist
	sha256sum limen-*.tar.gz >"$T/one"
	rm limen-*.tar.gz
	sleep 1.1
	make dist
	sha256sum -c --quiet "$T/one"
	# nothing of one that was stopped
	rm limen-*
	mkdir "$T/bin"
	printf '#!/bin/sh\n%s "$@"\n: >%s/begun\nexec sleep 446\n' \
	    "$(type -P git)" "$T" >"$T/bin/git"
	chmod +x "$T/bin/git"
	(trap - INT QUIT && PATH=$T/bin:$PATH exec setsid make dist) 3>&- 4>&- &
	until_ok 10 test -e "$T/begun"
	kill -INT -- -$!
	! wait $! || false
	[ -z "$(ls -d limen-* 2>/dev/null)" ]
	# and where there is no repository, none
	rm -rf .git
	GIT_CEILING_DIRECTORIES=$T run make dist
	[ "$status" -ne 0 ]
	[ -z "$(ls -d limen-* 2>/dev/null)" ]
}

@test "make deps, stopped while it fetches, leaves nothing" {
	tree
	mkdir "$T/bin"
	printf '#!/bin/sh\nexec sleep 445\n' >"$T/bin/apt-get"
	printf '#!/bin/sh\n' >"$T/bin/dpkg-source"
	chmod +x "$T"/bin/*
	for how in "INT 130" "TERM 143" "HUP 129"; do
		(trap - INT QUIT && CC=musl-gcc PATH=$T/bin:$PATH exec setsid \
		    deps/libslirp build/x/deps) 3>&- 4>&- &
		until_ok 10 pgrep -x -f 'sleep 445'
		[ -n "$(ls build/src)" ]
		kill -"${how% *}" -- -$!
		st=0
		wait $! || st=$?
		[ "$st" = "${how#* }" ]
		[ -z "$(ls build/src)" ]
	done
}

@test "setup installs nothing when nothing is missing, and calls no sudo" {
	tree
	mkdir "$T/bin"
	for c in apt-get apk sudo make; do
		printf '#!/bin/sh\necho "%s $*" >>%s/called\n' "$c" "$T" >"$T/bin/$c"
		chmod +x "$T/bin/$c"
	done
	PATH=$T/bin:$PATH ./setup
	! grep -q -e apt -e sudo "$T/called" || false
	grep -qx 'make -s deps' "$T/called"
}

@test "setup as anybody else prints the exact command and exits 1" {
	tree
	mkdir "$T/bin"
	for c in sh dirname cat tr sort; do
		ln -s "$(command -v $c)" "$T/bin/$c"
	done
	printf '#!/bin/sh\necho 1000\n' >"$T/bin/id"
	printf '#!/bin/sh\necho ran >%s/ran\n' "$T" >"$T/bin/apt-get"
	chmod +x "$T/bin/id" "$T/bin/apt-get"
	sed -i 's|^PATH=.*||' setup
	PATH=$T/bin run ./setup demo
	[ "$status" -eq 1 ]
	[[ "$output" == *"as root: apt-get update -q && apt-get install"*musl-tools* ]]
	[[ "$output" == *qemu-system-mips* ]]
	[ ! -e "$T/ran" ]
}

@test "setup that cannot install tells why, and leaves nothing" {
	tree
	mkdir "$T/bin"
	for c in sh dirname cat tr sort tail rm; do
		ln -s "$(command -v $c)" "$T/bin/$c"
	done
	printf '#!/bin/sh\necho 0\n' >"$T/bin/id"
	printf '#!/bin/sh\n[ "$1" = update ] || { echo "E: no such package"; exit 100; }\n' \
	    >"$T/bin/apt-get"
	chmod +x "$T/bin/id" "$T/bin/apt-get"
	sed -i 's|^PATH=.*||' setup
	echo mine >build.log
	PATH=$T/bin run ./setup
	[ "$status" -eq 1 ]
	[ "${lines[-2]}" = "E: no such package" ]
	[ "${lines[-1]}" = "setup: installing failed" ]
	[ "$(cat build.log)" = mine ]
}

@test "setup refuses a tree that it cannot write to, in one line" {
	[ -z "${LIMEN_NO_NS-}" ] || skip "this machine gives no namespaces"
	tree
	mkdir "$T/bin"
	for c in apt-get make; do
		printf '#!/bin/sh\n' >"$T/bin/$c"
		chmod +x "$T/bin/$c"
	done
	# root may write where the modes say no, so the mount does
	for d in . build; do
		mkdir -p $d
		# shellcheck disable=SC2016
		PATH=$T/bin:$PATH run unshare -m sh -c '
			mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" &&
			    cd "$PWD" && ./setup' sh "$PWD/$d"
		[ "$status" -eq 1 ]
		[ "$output" = "setup: $d: cannot write there: run it as the owner, or in a clone of your own" ]
	done
	# build/ is all that is written to
	PATH=$T/bin:$PATH unshare -m sh -c 'mount --bind "$1" "$1" &&
		mount --bind build "$1/build" && mount -o remount,bind,ro "$1" &&
		cd "$PWD" && ./setup' sh "$PWD"
}

@test "the runner counts, kills what hangs with its children, and closes" {
	tree
	printf '#!/bin/sh\necho 1..3\necho ok 1\necho ok 2 \\# skip why\necho not ok 3\n' >a.sh
	printf '#!/bin/sh\n# timeout: 1\ntrap "" TERM\necho 1..2\necho ok 1\nsleep 444\n' >b.sh
	printf '#!/bin/sh\necho 1..5\necho ok 1\n' >c.sh
	printf '#!/bin/sh\necho 1..1\necho ok 1\n' >d.sh
	printf '#!/bin/sh\necho 1..1\necho ok 1\nexit 3\n' >e.sh
	chmod +x ./*.sh
	run tests/run ./a.sh ./b.sh ./c.sh ./d.sh ./e.sh
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "5 passed, 7 failed, 1 skipped" ]
	! pgrep -x -f 'sleep 444' || false
	run tests/run ./d.sh
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
	run tests/run ./nosuch.sh
	[ "$status" -eq 1 ]
}

@test "the runner: a signal to the first process there is ends no file" {
	# else it would be the machine's
	[ -z "${LIMEN_NO_NS-}" ] || skip "this machine gives no namespaces"
	tree
	# bash has handlers of its own, as in bats, from its first trap on
	printf '#!/bin/bash\ntrap : EXIT\necho 1..1\nkill -USR1 1\necho ok 1\n' >a.sh
	chmod +x a.sh
	run tests/run ./a.sh
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
}

@test "the runner, stopped, ends what runs and leaves nothing" {
	tree
	mkdir tmp
	# a file with a daemon of its own, one that ignores what can be ignored,
	# and one that is never begun
	printf '#!/bin/sh\ngrep ^SigIgn: /proc/self/status >&2\n%s\n' \
	    'setsid sleep 441 & mktemp -d; sleep 442' >a.sh
	printf '#!/bin/sh\ntrap "" INT TERM HUP\nsleep 443; sleep 444\n' >b.sh
	printf '#!/bin/sh\n>%s\n' "$PWD/begun" >c.sh
	chmod +x ./*.sh
	for how in "INT 130" "TERM 143" "HUP 129"; do
		# a command that a shell puts into the background ignores ^C
		(trap - INT QUIT && TMPDIR=$PWD/tmp exec tests/run -j 2 ./a.sh ./b.sh ./c.sh) \
		    3>&- 4>&- >out 2>&1 &
		until_ok 20 pgrep -x -f 'sleep 441'
		until_ok 20 pgrep -x -f 'sleep 443'
		cat tmp/*/*.err >err
		kill -"${how% *}" $!
		st=0
		wait $! || st=$?
		[ "$st" = "${how#* }" ]
		! pgrep -f '^sleep 44[1-4]' || false
		[ -z "$(ls tmp)" ]
		[ ! -e begun ]
	done
	# and a test has the signals as a command in a terminal has them
	grep -q '^SigIgn:.*0$' err
}

@test "the lints find what they are for" {
	tree built
	# as it was built there: other flags would build all of it again
	O=build/musl-gcc-static
	export O LIMEN="$T/a tree"
	make -s tufted
	plant lib/num.c '#include "clock.h"'
	tests/lint/layers.sh | grep -q 'num.c.*clock.h'
	plant lib/rd.c '#include <time.h>\nlong f(void);\nlong\nf(void)\n{\n\treturn time(0);\n}'
	make -s tufted
	tests/lint/purity.sh | grep -q 'rd.o needs time'
	plant lib/num.c 'int  g( int x );'
	plant lib/fd.c '/* system("x"); */'
	sed -i 's/-- codec  /& nosuch/' HACKING.md
	# the rest is linted by the lints themselves
	rm -rf bench bng examples mips-vm run-* routeros tests/[!l]*/ tufted
	tests/lint/style.sh >out || :
	grep -q 'nosuch is not in LAYERS as codec' out
	# a newer one is not asked
	case $(clang-format --version) in
	*" version 14."*) grep -q '^not ok 1 clang-format' out ;;
	esac
	grep -q '^not ok 3 no function that HACKING.md bans' out
}
