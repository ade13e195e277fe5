#!/usr/bin/env bats
# connect-vm against QEMU's own sockets and U-Boot on an emulated malta
# uses: connect-vm
# timeout: 200
load ../helper

setup_file() {
	local ub=/usr/lib/u-boot/maltael/u-boot.bin text
	command -v qemu-system-mipsel >/dev/null || return 0
	[ -r "$ub" ] || return 0
	# QEMU swaps each word of the first part of a little-endian image
	text=$(od -An -v -tx4 --endian=little -w4 "$ub" |
	    sed 's/ *\(..\)\(..\)\(..\)\(..\)/\\x\1\\x\2\\x\3\\x\4/' |
	    tr -d '\n')
	# shellcheck disable=SC2059
	printf "$text" >"$BATS_FILE_TMPDIR/flash"
	truncate -s 4M "$BATS_FILE_TMPDIR/flash"
}
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	command -v qemu-system-mipsel >/dev/null || skip "no qemu-system-mipsel"
}
teardown() {
	[ -z "${qemu-}" ] || kill "$qemu" 2>/dev/null || :
}

# board: U-Boot with its console at ./ser and QEMU's monitor at ./vm/monitor
board() {
	[ -e "$BATS_FILE_TMPDIR/flash" ] || skip "no U-Boot for malta"
	mkdir vm
	daemon qemu-system-mipsel -M malta -m 256 -display none -bios \
	    "$BATS_FILE_TMPDIR/flash" -nic none -no-reboot \
	    -serial unix:ser,server=on,wait=off \
	    -monitor unix:vm/monitor,server=on,wait=off
	qemu=$!
	until_ok 20 test -S ser
	until_ok 20 test -S vm/monitor
}

@test "QEMU's monitor: the answers alone, at once" {
	board
	run -0 --separate-stderr bash -c 'echo info status | connect-vm -m vm'
	[ "$output" = "VM status: running" ]
	[ -z "$stderr" ]
	run -0 --separate-stderr bash -c 'printf "stop\ninfo status\n" | connect-vm -m vm/monitor'
	[ "$output" = "VM status: paused" ]
	run -1 --separate-stderr bash -c 'printf "info name\nrubbish\ncont\n" | connect-vm -m vm'
	[[ "$output" == *"unknown command: 'rubbish'"* ]]
	[ "$stderr" = "connect-vm: stdin: line 2: unknown command: 'rubbish'" ]
	run -0 --separate-stderr connect-vm -m -C 'info status' vm
	[ "$output" = "VM status: paused" ]
	run -1 --separate-stderr connect-vm -m -C rubbish vm
	[ "$stderr" = "connect-vm: -C: line 1: unknown command: 'rubbish'" ]
	echo cont | connect-vm -m vm
	run -0 bash -c 'echo quit | connect-vm -m vm'
	until_ok 10 gone "$qemu"
	run -1 connect-vm -m vm </dev/null
	[[ "$output" == "connect-vm: vm: no monitor there: nothing runs in it" || "$output" == *"nobody listens"* ]]
}

@test "QEMU's monitor: a second client is told that it is busy" {
	board
	mkfifo hold
	exec 8<>hold
	connect-vm -r vm/monitor <&8 >first 2>/dev/null 3>&- 4>&- &
	until_ok 10 grep -q QEMU first
	run -1 bash -c 'echo info status | connect-vm -m vm'
	[ "$output" = "connect-vm: vm/monitor: busy: another client holds it, and it serves one at a time" ]
	kill $!
	exec 8>&-
	run -0 bash -c 'echo info status | connect-vm -m vm'
	[ "$output" = "VM status: running" ]
}

@test "U-Boot: a pasted script loses characters, line by line it does not" {
	board
	printf 'sleep 1\nsetenv a 1\nsleep 1\nsetenv b 2\nprintenv a b\n' >scr
	run -0 connect-vm -C 'setenv started yes' ser </dev/null
	tr '\n' '\r' <scr | connect-vm -t 4 ser >pasted
	run -1 grep -q '^b=2' pasted
	run -0 connect-vm -s scr ser </dev/null
	[[ "$output" == *$'\na=1\r\nb=2\r\n'* ]]
}

@test "U-Boot: an if over several lines, blank lines, comments, tabs, the prompt by -p" {
	board
	printf '# try\n\nif test a = a; then\n\techo yes\nelse\n\techo no\nfi\n' >scr
	run -0 connect-vm -s scr ser </dev/null
	[[ "$output" == *$'\nyes\r\n'* ]]
	[[ "$output" != *$'\nno\r\n'* ]]
	run -0 connect-vm -p '^maltael # $' -s scr ser </dev/null
	[[ "$output" == *$'\nyes\r\n'* ]]
}

@test "U-Boot: a failed command stops the script with its line's number" {
	board
	printf 'echo one\nnosuch\nsetenv two 2\n' >scr
	run -1 --separate-stderr connect-vm -s scr ser </dev/null
	[ "$stderr" = "connect-vm: scr: line 2: Unknown command 'nosuch' - try 'help'" ]
	run -1 --separate-stderr connect-vm -C 'printenv two' ser </dev/null
	[[ "$output" == *'"two" not defined'* ]]
	# of what writes an image: no half of it may pass for the whole
	for cmd in 'erase 0xbe000001 +10' 'erase 0xbe000000' 'erase 0xb0000000 +10' \
	    'cp.b 0x80100000 0xbe000000 100' 'iminfo 0x80100000'; do
		printf '%s\nsetenv two 2\n' "$cmd" >scr
		run -1 --separate-stderr connect-vm -s scr ser </dev/null
		[[ "$stderr" == "connect-vm: scr: line 1: "* ]]
	done
	run -1 connect-vm -C 'printenv two' ser </dev/null
	# without a card nothing is loaded; usage ends in no word of the system's
	echo 'tftpboot 0x80100000 1.1.1.1:x' >scr
	run -1 --separate-stderr connect-vm -s scr ser </dev/null
	[ "$stderr" = "connect-vm: scr: line 1: No ethernet found." ]
	echo erase >scr
	run -1 --separate-stderr connect-vm -s scr ser </dev/null
	[ "$stderr" = "connect-vm: scr: line 1: Usage" ]
	echo saveenv >scr
	run -1 --separate-stderr connect-vm -s scr ser </dev/null
}

@test "U-Boot: -C prints the answer and ends with the command's status" {
	board
	run -0 --separate-stderr connect-vm -C 'setenv ip 1.2.3.4; printenv ip' ser </dev/null
	[ "$output" = "ip=1.2.3.4" ]
	[ -z "$stderr" ]
	run -1 connect-vm -C false ser </dev/null
	run -0 connect-vm -C true ser </dev/null
}

@test "U-Boot: a line of 200 characters arrives whole, the last may reset the board" {
	board
	v=$(printf 'v%.0s' {1..180})
	printf 'setenv long %s\nprintenv long\nreset\n' "$v" >scr
	run -0 connect-vm -s scr ser </dev/null
	[[ "$output" == *"long=$v"* ]]
	until_ok 10 gone "$qemu"
}
