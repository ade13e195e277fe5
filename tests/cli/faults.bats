#!/usr/bin/env bats
# each system call of each tool fails once: it says so, ends, leaves nothing
# uses: manifest-query tufted connect-vm bng pppoe-l2tp-relay mips-vm run-in-vm run-border-vm routeros
# timeout: 400
load ../helper

setup_file() {
	[ "$(uname -m)" = x86_64 ] || skip "the injector knows x86_64 only"
	[ -z "${ASAN_OPTIONS-}" ] || skip "leaks are not found under ptrace"
	export INJECT=$BATS_FILE_TMPDIR/inject
	"${CC:-cc}" -D_GNU_SOURCE -O1 -o "$INJECT" \
	    "$LIMEN"/tests/faults/inject*.c
}

# inject [options] TOOL SCRIPT; a tool under another name is left alone
inject() {
	run timeout 120 "$INJECT" -t 20 "$@" 3>&-
	[ "$status" = 0 ] || { echo "$output"; return 1; }
	# "TOOL: N faults, 0 bad": there were some
	[[ ${lines[-1]} =~ ([0-9]+)" faults, 0 bad" ]]
	[ "${BASH_REMATCH[1]}" -gt 10 ]
}
other() { cp "$O/bin/$1" "$BATS_FILE_TMPDIR/other-$1"; }

@test "manifest-query: a list, the sources, a picture" {
	M=$LIMEN/tests/samples/manifest
	inject -s 1,2 manifest-query "manifest-query $M/demo/manifest.json"
	inject -s 1,2 manifest-query \
	    "manifest-query -S -r $M/demo $M/demo/manifest.json"
	inject -s 1,2 manifest-query \
	    "manifest-query -o svg -r $M/demo $M/demo/manifest.json"
}

@test "tufted: the server" {
	other tufted
	inject tufted 'mkdir in; chmod 777 .; chmod 755 in; echo text >in/f
		yes | head -c 90000 >in/large
		tufted -q -p 6969 --timeout 9 --ready inr in & p=$!
		until [ -e inr ] || ! kill -0 $p; do sleep .01; done 2>/dev/null
		'"$BATS_FILE_TMPDIR"'/other-tufted -q -p 6969 --timeout 2 \
		    --get 127.0.0.1 -o in.f f 2>/dev/null
		'"$BATS_FILE_TMPDIR"'/other-tufted -q -p 6969 --timeout 9 \
		    -b 20000 --window 4 --get 127.0.0.1 -o in.l large \
		    2>/dev/null && ! cmp in.l in/large && echo wrong
		kill $p 2>/dev/null; wait $p'
}

# serving OPTION...: a tufted whose calls do not fail serves d, with a file f, at
# port 6970
serving() {
	other tufted
	cd "$BATS_TEST_TMPDIR"
	mkdir -m 777 d
	head -c 3000 /dev/urandom >d/f
	chmod 777 . .. ../..
	daemon "$BATS_FILE_TMPDIR/other-tufted" -q -p 6970 "$@" --ready "$PWD/ready" d
	until_ok 10 test -e ready
}

@test "tufted: a fetch and an upload" {
	serving -w d --overwrite
	inject tufted 'tufted -q -p 6970 --timeout 3 --get 127.0.0.1 -o f f &&
		cksum <f'
	inject tufted 'echo text >in; tufted -q -p 6970 --timeout 3 \
	    --put 127.0.0.1 --name g in'
	kill %1
}

@test "tufted: no room in the queue of a socket that two clients share" {
	other tufted
	# what did not leave leaves when there is room, not after a timer
	for call in sendmsg:9 sendmmsg:1; do
		run timeout 60 "$INJECT" -v -1 $call:EAGAIN tufted 'mkdir in
			chmod 777 .; chmod 755 in; yes | head -c 300000 >in/f
			tufted -p 6973 -n 2 --ready inr in 2>in.err & p=$!
			until [ -e inr ] || ! kill -0 $p; do sleep .01; done 2>/dev/null
			for i in 1 2; do
				'"$BATS_FILE_TMPDIR"'/other-tufted -q -p 6973 \
				    -b 512 --window 1 --get 127.0.0.1 -o in.$i f &
			done
			wait
			cmp in.1 in/f && cmp in.2 in/f && grep -c "resent=0 ok" in.err' 3>&-
		echo "$output"
		[ "$status" = 0 ]
		[ "${lines[0]}" = "tufted $call:EAGAIN: fine" ]
	done
}

# the first descriptor whose close() fails with words: inject's lines of it
closing() { # SCRIPT WORDS
	local fd
	for fd in $(seq 3 20); do
		run timeout 60 "$INJECT" -v -1 "close=$fd:0:EIO" tufted "$1" 3>&-
		[ "$status" = 0 ] || { echo "$output"; return 1; }
		[[ $output != *"$2"* ]] || return 0
	done
	echo "no close() mattered"
	return 1
}

@test "tufted: a file that close() does not keep is not had" {
	serving
	closing 'tufted -q -p 6970 --timeout 3 --get 127.0.0.1 -o in.f f
		[ $? = 0 ] || [ ! -e in.f ] || >kept' \
	    'error="in.f: I/O error"'
	kill %1
	closing 'mkdir in; chmod 777 . in; echo text >in.f
		tufted -q -1 -p 6971 -w in --timeout 9 --ready inr in & p=$!
		until [ -e inr ] || ! kill -0 $p; do sleep .01; done 2>/dev/null
		'"$BATS_FILE_TMPDIR"'/other-tufted -q -p 6971 --timeout 2 \
		    --name g --put 127.0.0.1 in.f 2>in.err || {
			[ ! -e in/g ] || >kept
			[ ! -e inr ] || grep -q "cannot keep" in.err || >silent
		}
		kill $p 2>/dev/null; wait $p' 'error="cannot keep the file"'
}

# lacking CALL ERRORS OPTION WORDS: a tufted whose CALL fails each time with any
# of ERRORS does not start and says WORDS, and with OPTION it serves
lacking() {
	local e o script out
	for e in $2; do
		for o in "" "$3"; do
			script='mkdir in; chmod 777 .; chmod 755 in; echo text >in/f
				tufted -q -p 6972 '$o' --timeout 9 --ready inr in & p=$!
				until [ -e inr ] || ! kill -0 $p; do sleep .01
				done 2>/dev/null
				'"$BATS_FILE_TMPDIR"'/other-tufted -q -p 6972 \
				    --timeout 2 --get 127.0.0.1 -o - f 2>/dev/null
				kill $p 2>/dev/null; wait $p'
			out="tufted ${1%=*}:0:$e: fine"
			[ "$o" ] || out+=$'\n'"    tufted: $4"
			run timeout 60 "$INJECT" -v -1 "$1:0:$e" tufted "$script" 3>&-
			echo "$output"
			[ "$status" = 0 ]
			[ "$output" = "$out"$'\n'"tufted: 1 faults, 0 bad" ]
		done
	done
}

@test "tufted: without Landlock or seccomp only when told so" {
	other tufted
	lacking landlock_create_ruleset "ENOSYS EOPNOTSUPP" --no-landlock \
	    "this kernel has no Landlock to confine the server with; --no-landlock goes without"
	# PR_SET_SECCOMP is 22
	lacking prctl=22 "EINVAL ENOSYS" --no-seccomp \
	    "this kernel has no seccomp filters to confine the server with; --no-seccomp goes without"
	lacking landlock_restrict_self EOPNOTSUPP --no-landlock \
	    "this kernel has no Landlock to confine the server with; --no-landlock goes without"
}

@test "connect-vm: a pipe, one command" {
	inject connect-vm 'socat unix-listen:in.s exec:cat 2>/dev/null &
		until [ -S in.s ]; do sleep .01; done
		printf "hello\nworld\n" | connect-vm -t 0.1 in.s
		kill $! 2>/dev/null; wait'
}

@test "bng: background, stop" {
	inject bng 'bng --background d -u a:b --capture cap --no-ipv6 && {
		timeout 4 bng --stop d || kill $(cat d/pid); } 2>in.e
		grep -s ^bng: in.e >&2; rm -f cap'
	inject bng 'bng --access none --no-ipv6 --background d -u a:b \
	    --l2tp 127.0.0.1:1999 && {
		timeout 4 bng --stop d || kill $(cat d/pid); } 2>in.e
		grep -s ^bng: in.e >&2; true'
}

@test "pppoe-l2tp-relay: background, end" {
	inject pppoe-l2tp-relay 'pppoe-l2tp-relay --background d \
		--capture-lns cap access 127.0.0.1 || { rm -f cap; exit; }
		kill $(cat d/pid)
		timeout 4 sh -c "while [ -e d ]; do sleep .01; done"; rm -f cap'
}

@test "mips-vm: dry run" {
	inject mips-vm 'printf "\177ELF\1\2\1         \0\2\0\10" >ink
		head -c 70000 /dev/zero >inr
		mips-vm -n --wan none --lan none ink inr'
}

@test "run-in-vm: dry run" {
	inject -s 125 run-in-vm 'head -c 512 /dev/zero >ink
		printf "xxHdrS%0128d" 0 >>ink
		QEMU=/bin/true run-in-vm --no-kvm -k ink -n true | grep -vc -e -bios -e qboot'
}

# guest: a QEMU whose guest has done its job at once, and a virtiofsd
guest() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/qemu" <<-'EOF'
	#!/bin/bash
	for a; do
		case $a in
		socket,id=con,fd=*) con=${a##*=} ;;
		socket,id=c2,fd=*) ctl=${a##*=} ;;
		esac
	done
	printf '\036limen ready\n' >&"$con"
	z='\0\0\0\0\0\0\0\0'
	printf "U\\0\\0\\0\\0X\\0\\0\\0\\034\\0\\0\\0\\0$z$z$z" >&"$ctl"
	exec sleep 5
	EOF
	cat >"$BATS_TEST_TMPDIR/bin/virtiofsd.c" <<-'EOF'
	#include <stdlib.h>
	#include <string.h>
	#include <sys/socket.h>
	#include <unistd.h>
	int main(int c, char **v)
	{
		char b[20] = { 1, 0, 0, 0, 5, 0, 0, 0, 8 }, q[12];
		int fd = c > 1 ? accept(atoi(v[1] + strlen("--fd=")), NULL, NULL) : -1;
		if (read(fd, q, 12) < 0 || write(fd, b, 20) < 0)
			return 1;
		return (int)read(fd, b, 1);
	}
	EOF
	"${CC:-cc}" -o "$BATS_TEST_TMPDIR/bin/virtiofsd" \
	    "$BATS_TEST_TMPDIR/bin/virtiofsd.c"
	chmod +x "$BATS_TEST_TMPDIR/bin/qemu"
	export QEMU=$BATS_TEST_TMPDIR/bin/qemu PATH=$BATS_TEST_TMPDIR/bin:$PATH
	kernel='head -c 512 /dev/zero >ink; printf "xxHdrS%0128d" 0 >>ink
		mkdir -p int/d; echo x >int/d/f; ln -s d/f int/l
		XDG_CACHE_HOME=/nonexistent run-in-vm --no-kvm -k ink --cold --root int'
}

@test "run-in-vm: a tree as cpio" {
	guest
	inject -m 4 -s 125 run-in-vm "$kernel --fs cpio true"
}

@test "run-in-vm: virtiofsd" {
	guest
	inject -m 4 -s 125 run-in-vm "$kernel --fs virtiofs true"
}

# fake: a QEMU that has no guest, see tests/faults/qemu.c
fake() {
	export QEMU=$BATS_FILE_TMPDIR/qemu
	[ -e "$QEMU" ] || "${CC:-cc}" -O1 -o "$QEMU" "$LIMEN/tests/faults/qemu.c"
}
# where --stop fails: the supervisor still writes for a moment
END='{ kill $(cat d/pid)
	timeout 4 sh -c "while [ -e d/lock ]; do sleep .01; done"; }'

@test "run-border-vm: background, stop; the initramfs" {
	fake
	inject -m 6 run-border-vm 'mkdir inx; touch inx/kernel inx/initrd inx/init
		run-border-vm --accel tcg --background d --system inx \
		    -o ssh=none && {
		timeout 4 run-border-vm --stop d 0 || '"$END"'; } 2>in.e
		grep -s ^run-border-vm: in.e >&2; rm -rf d; true'
	inject -m 3 run-border-vm '{ head -c 514 /dev/zero; printf HdrS; head -c 1024 /dev/zero; } >ink
		printf "#!/bin/sh\necho \"%s\"" "$(busybox --list)" >inb
		chmod +x inb
		run-border-vm --accel tcg --background d -o kernel=ink \
		    -o busybox=$PWD/inb && {
		timeout 4 run-border-vm --stop d || '"$END"'; } 2>in.e
		grep -s ^run-border-vm: in.e >&2; rm -rf d; true'
}

@test "routeros: a script by an agent; dry run" {
	# plays the agent, to the end of the connection
	cat >"$BATS_FILE_TMPDIR/play" <<-'EOF'
	#!/bin/bash
	ask() { IFS= read -r l || exit; }
	ask
	printf '\377{"return":%s}\n' "$(tr -dc 0-9 <<<"${l##*:}")"
	ask
	echo '{"return":{"pid":7}}'
	ask
	echo '{"return":{"exited":true,"exitcode":0,"out-data":"ZG9uZQ=="}}'
	ask
	EOF
	chmod +x "$BATS_FILE_TMPDIR/play"
	inject routeros 'socat unix-listen:ina exec:'"$BATS_FILE_TMPDIR"'/play \
		    2>/dev/null & p=$!
		until [ -S ina ]; do sleep .01; done
		echo x >ins
		routeros --start-timeout 3 --timeout 3 --exec ins ina
		kill $p 2>/dev/null; wait 2>/dev/null'
	inject routeros '{ head -c 510 /dev/zero; printf "U\252"; } >ini
		QEMU=true routeros -n --accel tcg --image ini d'
}

@test "routeros: background, the script, stop" {
	fake
	inject -m 6 routeros '{ head -c 510 /dev/zero; printf "U\252"; } >ini; echo x >ins
		routeros --accel tcg --image ini --config ins --start-timeout 3 \
		    --timeout 3 d 2>in.e && {
		timeout 4 routeros --stop d 0 || '"$END"'; } 2>>in.e
		grep -s ^routeros: in.e >&2; rm -rf d; true'
}

@test "options, help and version of each" {
	for t in manifest-query tufted connect-vm bng pppoe-l2tp-relay \
	    mips-vm run-in-vm run-border-vm routeros; do
		inject -s 1,2,125 "$t" "$t --options; $t --help; $t --version"
	done
}
