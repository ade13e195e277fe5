#!/usr/bin/env bats
# connect-vm on the state directory of a machine that mips-vm runs
# uses: connect-vm mips-vm
# timeout: 120
load ../helper

ub=/usr/lib/u-boot/maltael/u-boot.bin

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	command -v qemu-system-mipsel >/dev/null || skip "no qemu-system-mipsel"
	[ -r "$ub" ] || skip "no U-Boot for malta"
	truncate -s 1M disk
	mips-vm --background vm --arch mipsel --u-boot "$ub" --disk-image disk \
	    --wan none --lan none
}
teardown() {
	mips-vm --stop vm 2 || :
}

@test "a state directory: several viewers, a late one, a reader only, everything" {
	run -0 connect-vm -w '^maltael # $' -t 60 vm </dev/null
	mkfifo hold
	exec 8<>hold
	for i in 1 2 3; do
		connect-vm -r vm <&8 >"view$i" 2>/dev/null 3>&- 4>&- &
	done
	# who comes late sees the last screenful
	until_ok 10 grep -q 'maltael # ' view3
	run -0 connect-vm -C 'echo to all' vm </dev/null
	[ "$output" = "to all" ]
	for i in 1 2 3; do
		until_ok 10 grep -q '^to all' "view$i"
	done
	run -0 connect-vm -a vm </dev/null
	[[ "$output" == *"U-Boot 20"*"to all"* ]]
	run -0 --separate-stderr bash -c 'echo info status | connect-vm -m vm'
	[ "$output" = "VM status: running" ]
	mips-vm --stop vm 2
	# the machine's end is theirs
	wait
	exec 8>&-
	run -1 connect-vm vm </dev/null
	[[ "$output" == "connect-vm: vm"* ]]
}
