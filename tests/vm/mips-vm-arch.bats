#!/usr/bin/env bats
# the machines besides Malta, as far as a boot loader's prompt and a PC's
# kernel go
# uses: mips-vm connect-vm
# kit: amd64
# timeout: 240
load ../helper
load vm

setup() {
	cd "$BATS_TEST_TMPDIR"
}
teardown() {
	[ ! -e d ] || mips-vm --stop d 0 || :
}

# boots U-Boot's build $2 on --arch $1; $3 is what the version must name, but
# that of 2025 and later names no compiler
u_boot() {
	local f=/usr/lib/u-boot/$2
	[ -e "$f" ] || skip "u-boot-qemu is not installed"
	command -v "qemu-system-$1" >/dev/null || skip "no qemu-system-$1"
	mips-vm --background d --arch "$1" --wan none --lan none --u-boot "$f" \
	    --wait '=> ?$:100'
	run connect-vm -C version d
	[ "$status" -eq 0 ]
	[[ "$output" == *"$3"* || "$output" == "U-Boot 202"[5-9]* ]]
	# and the machine has the memory that was asked for
	run connect-vm -C bdinfo d
	[[ "$output" == *0x10000000* || "$1" = x86_64 ]]
}

@test "aarch64: U-Boot" {
	u_boot aarch64 qemu_arm64/u-boot.bin aarch64-linux-gnu-gcc
}

@test "arm: U-Boot" {
	u_boot arm qemu_arm/u-boot.bin arm-linux-gnueabihf-gcc
}

@test "x86_64: U-Boot as the BIOS" {
	u_boot x86_64 qemu-x86_64/u-boot.rom x86_64-linux-gnu-gcc
}

@test "x86_64: SeaBIOS boots a disk by the loader on it" {
	bios=/usr/share/seabios/bios-256k.bin
	[ -r $bios ] || skip "no SeaBIOS"
	# mov dx,3f8h; mov al,'O'; out dx,al ...: OK, to the serial port; hlt
	printf '\272\370\003\260O\356\260K\356\260\n\356\364\353\375' >disk
	truncate -s 510 disk
	printf '\125\252' >>disk
	mips-vm --background d --arch x86_64 --wan none --lan none \
	    --u-boot $bios --disk-image disk --wait '^OK$:100'
}

@test "x86_64: Linux with its root image" {
	vm_kit amd64
	head -c 100000 /dev/urandom >root
	mips-vm --background d --arch x86_64 --command-line console=ttyS0 \
	    --wait '^\[.*Command line.*root=/dev/mtdblock0:100' \
	    "$KIT/amd64/bzImage" root
}
