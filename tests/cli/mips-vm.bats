#!/usr/bin/env bats
# uses: mips-vm
# timeout: 150

load ../helper

uboot=/usr/lib/u-boot/maltael/u-boot.bin

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset LAN WAN INIT QEMU QEMU_OPTS QEMU_OPTIONS
	printf '\177ELF\1\2\1         \0\2\0\10' >kernel
	head -c 100000 /dev/zero | tr '\0' x >root
}

teardown() {
	local d
	for d in vm*; do
		[ ! -d "$d" ] || mips-vm --stop "$d" 0 >/dev/null 2>&1 || :
	done
}

# the arguments of QEMU, a line each, as -n prints them, unquoted
args() {
	eval "printf '%s\n' $(mips-vm -n "$@" 2>/dev/null | sed 's/ \\$//' | tr '\n' ' ')"
}

# U-Boot on a little-endian Malta, without networks
boot() {
	mips-vm --wan none --lan none --u-boot $uboot "$@"
}

# has LINE: the output has that line; after LINE NEXT: and this one next
has() {
	grep -qxF -e "$1" <<<"$output"
}
after() {
	grep -xF -A1 -e "$1" <<<"$output" | grep -qxF -e "$2"
}

@test "help, version, usage" {
	run mips-vm --help
	[ "$status" = 0 ]
	[ "${lines[0]#usage: mips-vm }" != "${lines[0]}" ]
	run mips-vm
	[ "$status" = 2 ]
	[ ${#lines[@]} = 1 ]
	run mips-vm --nonsense kernel root
	[ "$status" = 2 ]
	run mips-vm kernel
	[ "$status" = 2 ]
	[[ $output == *"needed; /dev/null is an empty one"* ]]
	run mips-vm kernel root initrd more
	[ "$status" = 2 ]
	run mips-vm --wait x kernel root
	[ "$status" = 2 ]
	[[ $output == *--background* ]]
}

@test "-n prints the command, quoted, an argument a line, and runs nothing" {
	QEMU=./none run --separate-stderr mips-vm -n --flag "it's" --flag '' kernel root
	[ "$status" = 0 ]
	[ "${lines[0]}" = './none \' ]
	[ "${lines[-2]}" = "'it'\\''s' \\" ]
	[ "${lines[-1]}" = "''" ]
	run args kernel root
	has qemu-system-mips
	after -M malta
	after -m 256
	after -echr 16
	after -serial mon:stdio
	after -vga none
	after -kernel kernel
	after -append "liminix default console=ttyS0,38400n8 panic=10 oops=panic init=/bin/init loglevel=8 root=/dev/mtdblock0 block2mtd.block2mtd=/dev/vda,65536"
	after -netdev "socket,id=access,mcast=230.0.0.1:1234,localaddr=127.0.0.1"
	after -netdev "socket,id=lan,mcast=230.0.0.1:1235,localaddr=127.0.0.1"
	has "virtio-net-pci,disable-legacy=on,disable-modern=off,addr=0x13,netdev=access,mac=ba:ad:1d:ea:21:02,romfile="
	has "virtio-net-pci,disable-legacy=on,disable-modern=off,addr=0x14,netdev=lan,mac=ba:ad:1d:ea:21:01,romfile="
	[ ! -e vm ]
}

@test "-n prints what is run, but for what only mips-vm can hand over" {
	cat >fake <<-'EOF'
	#!/bin/sh
	printf '%s\n' "$0" "$@" >ran
	EOF
	chmod +x fake
	QEMU=./fake args --dir vm kernel root >printed
	QEMU=./fake run mips-vm --dir vm kernel root
	[ "$status" != 0 ]
	! grep -E 'fd[=/]|str=|^-S$' printed || false
	# all but its own connection, the last four words
	diff <(grep -vE '(^|,)(file|path)=' printed) \
	    <(head -n -4 ran | grep -vE 'fd[=/]|^-S$')
}

@test "-n prints a command that runs as it is" {
	# a root that needs padding is told about
	run --separate-stderr mips-vm -n kernel root
	[[ $stderr == "mips-vm: root: to run this, fill a copy up to 16777216 bytes" ]]
	truncate -s 16M root
	truncate -s 4M flash
	run --separate-stderr mips-vm -n --arch mips --wan none --lan none \
	    --u-boot flash --disk-image root --background .
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	printf '%s\n' "$output" >line
	daemon sh -c 'timeout 20 sh ./line; echo $? >st'
	until_ok 10 [ -S monitor ]
	echo quit | socat -t1 - unix-connect:monitor >/dev/null
	until_ok 10 [ -s st ]
	[ "$(<st)" = 0 ]
}

@test "--arch: each machine, and the kernel's own when none is named" {
	for a in mips:malta mipsel:malta mips64el:malta arm:virt,highmem=off \
	    aarch64:virt x86_64:q35; do
		run args --arch "${a%%:*}" root root
		has "qemu-system-${a%%:*}"
		after -M "${a#*:}"
	done
	printf '\177ELF\1\1\1         \2\0\10\0' >kernel
	run args kernel root
	has qemu-system-mipsel
	run args --arch mips kernel root
	has qemu-system-mips
	head -c 512 /dev/zero >kernel
	printf 'xxHdrSxxxxxxxx' >>kernel
	run args kernel root
	has qemu-system-x86_64
	printf '\177ELF\2\1\1         \2\0\10\0' >wide
	run mips-vm -n --arch mipsel wide root
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: wide: is for mips64el, not for mipsel" ]
	run mips-vm -n --arch vax kernel root
	[ "$status" = 2 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output == *vax* ]]
	# nor does it of a vmlinux for a machine that starts none
	printf '\177ELF\2\1\1         \2\0\267\0' >wide
	run -1 mips-vm -n wide root
	[ "$output" = "mips-vm: wide: an ELF file; Linux for aarch64 is an Image or zImage" ]
	run -0 mips-vm -n --u-boot wide wide root
	# of the wrong processor QEMU itself says nothing
	run mips-vm --arch arm kernel root
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: kernel: is for x86_64, not for arm" ]
	[ -r $uboot ] || skip "no U-Boot for Malta"
	run mips-vm --arch mips --u-boot $uboot
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: $uboot: is for mipsel, not for mips" ]
}

@test "Liminix' own command lines" {
	LAN=user,hostfwd=tcp::2022-:22 run args --background ./vm kernel root
	after -netdev user,id=lan,hostfwd=tcp::2022-:22
	run args --background vm \
	    --command-line "console=ttyAMA0 panic=10 oops=panic loglevel=8 root=/dev/vda1 rootfstype=ext4" \
	    --phram-address 0x50000000 --arch arm \
	    --lan "user,hostfwd=tcp::2022-:22" \
	    --flag -append --flag "root=/dev/vda1" --flag -hda \
	    --flag disk-image root /dev/null
	has qemu-system-arm
	after -m 272
	after -append "root=/dev/mtdblock0 console=ttyAMA0 panic=10 oops=panic loglevel=8 root=/dev/vda1 rootfstype=ext4 mem=256M liminix mtdparts=phram0:16M(rootfs) phram.phram=phram0,0x50000000,16Mi,65536"
	after -append root=/dev/vda1
	after -hda disk-image
	[ "${lines[-1]}" = disk-image ]
	run args --phram-address 0x10000000 --command-line hello kernel root
	after -device "loader,file=root,addr=0x10000000,force-raw=on"
	run mips-vm -n kernel root initramfs
	[ "$status" = 1 ]
	touch initramfs
	run args kernel root initramfs
	after -initrd initramfs
}

@test "--phram-address: the size grows with the image, auto finds a place" {
	truncate -s 20M root
	run args --phram-address auto -m 64 kernel root
	after -m 84
	after -device "loader,file=root,addr=0x84000000,force-raw=on"
	[[ $output == *"mem=64M liminix mtdparts=phram0:20M(rootfs) phram.phram=phram0,0x84000000,20Mi,65536"* ]]
	run mips-vm -n --phram-address here kernel root
	[ "$status" = 2 ]
	run mips-vm -n --phram-address auto --persist p kernel root
	[ "$status" = 2 ]
	# where an initramfs would lie as well, or no memory is
	{ head -c 512 /dev/zero; printf 'xxHdrSxxxxxxxx'; } >kernel
	run mips-vm -n --phram-address auto kernel root root
	[ "$status" = 2 ]
	[[ $output == *"not with an initramfs on x86_64"* ]]
	run args --phram-address auto -m 2796 kernel root
	after -m 2816
	run mips-vm -n --phram-address auto -m 2797 kernel root
	[ "$status" = 2 ]
	[[ $output == *"at most 2816 MiB"* ]]
}

@test "a command line that QEMU's Malta would cut is refused" {
	long=$(printf %0200d 0)
	run mips-vm -n --command-line "$long" kernel root
	[ "$status" -eq 1 ]
	[[ $output == "mips-vm: Linux's command line: "*" bytes, Malta passes on 255" ]]
	run mips-vm -n --arch aarch64 --command-line "$long" root root
	[ "$status" -eq 0 ]
	# to the byte, with what QEMU puts before it
	run args kernel root
	len=$(grep -A1 -xF -e -append <<<"$output" | tail -n 1 | wc -c)
	long=$(printf "%0$((255 - len - 44))d" 0)
	truncate -s 9999999 rd
	run mips-vm -n --command-line "$long" kernel root rd
	[ "$status" = 0 ]
	truncate -s 10M rd
	run mips-vm -n --command-line "$long" kernel root rd
	[ "$status" = 1 ]
	[[ $output == *": 256 bytes"* ]]
}

@test "QEMU_OPTS, QEMU_OPTIONS, INIT, --memory, --cpus, --dtb, --command-line" {
	touch dt
	export QEMU_OPTS="-name 'my vm'" QEMU_OPTIONS='-d "a\"b" c\ d'
	INIT=/init run args -m 1G -c 3 --dtb dt --command-line 'quiet x=1' \
	    kernel root
	[ "$(tail -n 5 <<<"$output")" = "-name
my vm
-d
a\"b
c d" ]
	after -m 1024
	after -smp 3
	after -dtb dt
	INIT='' args kernel root | grep -q ' init=/bin/init '
	[[ $output == *" init=/init "*"block2mtd=/dev/vda,65536 quiet x=1"* ]]
	QEMU_OPTS="'x" run mips-vm -n kernel root
	[ "$status" = 2 ]
	[[ $output == *QEMU_OPTS* ]]
	run mips-vm -n -m x kernel root
	[ "$status" = 2 ]
}

@test "--nic, --root-as: other cards, the root image as a disk" {
	run args --nic pcnet --root-as ide --disk-image root kernel root
	after -append "console=ttyS0,38400n8 panic=10 oops=panic loglevel=8 root=/dev/sda"
	has "file=root,format=raw,snapshot=on,werror=report,readonly=off,if=ide,index=0"
	has "file=root,format=raw,snapshot=on,werror=report,if=ide,index=1"
	has "pcnet,netdev=access,mac=ba:ad:1d:ea:21:02,romfile="
	INIT=/x run args --arch aarch64 --root-as virtio --command-line quiet /dev/null root
	after -append "console=ttyAMA0 panic=10 oops=panic init=/x loglevel=8 root=/dev/vda quiet"
	has "file=root,format=raw,snapshot=on,werror=report,readonly=off,if=none,id=virtio0"
	has virtio-blk-pci,drive=virtio0
	order() { run args --disk-image root "$@" && grep -o 'virtio-blk.*' <<<"$output"; }
	[ "$(order --arch arm /dev/null root)" = "virtio-blk-pci,drive=virtio0
virtio-blk-pci,drive=disk" ]
	[ "$(order kernel root)" = "virtio-blk-pci,drive=virtio0,addr=0xb
virtio-blk-pci,drive=disk,addr=0x15" ]
	[ "$(order --u-boot kernel kernel root)" = "virtio-blk-pci,drive=disk,addr=0xb
virtio-blk-pci,drive=virtio0,addr=0x15" ]
	[ "$(order --phram-address auto kernel root)" = virtio-blk-pci,drive=disk,addr=0x15 ]
	after -device "virtio-net-pci,disable-legacy=on,disable-modern=off,netdev=access,mac=ba:ad:1d:ea:21:02,romfile="
	run -2 mips-vm -n --arch arm --root-as ide /dev/null root
	[ "$output" = "mips-vm: --root-as ide: arm has no IDE" ]
	run -2 mips-vm -n --root-as ide --phram-address auto kernel root
	[[ $output == *"--root-as goes with a root image, without --phram-address"* ]]
	gzip <root >root.gz
	run -1 mips-vm -n --root-as ide kernel root.gz
	[ "$output" = "mips-vm: root.gz: compressed; gzip -d it first" ]
	xz <root >root.xz
	run -1 mips-vm -n kernel root.xz
	[ "$output" = "mips-vm: root.xz: compressed; xz -d it first" ]
	run -0 mips-vm -n --u-boot kernel kernel root.xz
	printf 'QFI\373\0\0\0\3' >root.qcow2
	run -1 mips-vm -n kernel root.qcow2
	[ "$output" = "mips-vm: root.qcow2: qcow2; qemu-img convert -O raw it first" ]
	run -2 mips-vm -n --root-as usb kernel root
	[[ $output == *"--root-as: one of flash|virtio|ide, not usb"* ]]
}

@test "--gdb, --reboot, --initrd" {
	touch ramdisk
	run args kernel root
	[[ $output == *-no-reboot* && $output != *-gdb* ]]
	run args --gdb --reboot --initrd ramdisk kernel root
	[[ $output != *-no-reboot* ]]
	after -gdb tcp:127.0.0.1:1234
	after -initrd ramdisk
	run mips-vm --dry-run -i nosuch kernel root
	[ "$status" = 1 ]
	[[ $output == "mips-vm: nosuch: "* ]]
}

@test "--wan, --lan: names, specifications, none, and what is no network" {
	run args --wan mcast:239.0.0.1:5000 --lan tap:tap0 kernel root
	after -netdev "socket,id=access,mcast=239.0.0.1:5000,localaddr=127.0.0.1"
	after -netdev "tap,id=lan,ifname=tap0,script=no,downscript=no"
	LAN=world run args --wan none --lan l2tpv3,src=a,dst=b kernel root
	after -netdev "l2tpv3,src=a,dst=b,id=lan"
	! grep -q netdev=access <<<"$output" || false
	run args --wan none --lan none kernel root
	after -net none
	run mips-vm -n --lan acess kernel root
	[ "$status" = 2 ]
	[[ $output == *"no such network: acess; an interface is packet:NAME"* ]]
	run mips-vm -n --wan none --capture x kernel root
	[ "$status" = 2 ]
	run mips-vm -n --capture world=x kernel root
	[ "$status" = 2 ]
	[ "$output" = "mips-vm: --capture world=x: there is no world network" ]
	run mips-vm -n --capture acess=x kernel root
	[ "$status" = 2 ]
	[ "$output" = "mips-vm: --capture acess=x: there is no acess network" ]
	run args --capture ./acess=x kernel root
	after -object "filter-dump,id=capture0,netdev=access,file=./acess=x"
	run args --capture a,b.pcap --capture lan=l.pcap kernel root
	after -object "filter-dump,id=capture0,netdev=access,file=a,,b.pcap"
	after -object "filter-dump,id=capture1,netdev=lan,file=l.pcap"
	run args --mac-base 02:00:00:00:00:10 kernel root
	[[ $output == *mac=02:00:00:00:00:11*mac=02:00:00:00:00:10* ]]
	run args --mac-base 02:00:00:00:ff:ff kernel root
	[[ $output == *mac=02:00:00:01:00:00*mac=02:00:00:00:ff:ff* ]]
}

@test "what is missing is named in one line" {
	for c in "nokernel root" "kernel noroot" "kernel root noinitrd" \
	    "--dtb nodtb kernel root" "--u-boot nouboot" \
	    "--disk-image nodisk kernel root" "--log no/log kernel root" \
	    "--background no/dir kernel root" "--persist no/p kernel root"; do
		# shellcheck disable=SC2086
		run mips-vm $c
		echo "$c: $output"
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 1 ]
		[[ $output == *"mips-vm: no"*": No such file or directory" ]]
	done
	run mips-vm kernel .
	[ "$status" = 1 ]
	[[ $output == *": Is a directory" ]]
	mkfifo fifo
	for c in "fifo root" "kernel fifo" "kernel root fifo" "--u-boot fifo"; do
		# shellcheck disable=SC2086
		run timeout 5 mips-vm $c
		[ "$status" = 1 ]
		[ "$output" = "mips-vm: fifo: not a regular file" ]
	done
	rm fifo
	QEMU=./noqemu run mips-vm kernel root
	[ "$status" = 1 ]
	[[ $output == "mips-vm: ./noqemu: not found"* ]]
	PATH=$O/bin run "$O/bin/mips-vm" kernel root
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: qemu-system-mips: not found; is QEMU installed?" ]
	touch file
	run mips-vm --background file kernel root
	[ "$status" = 1 ]
	[[ $output == "mips-vm: file: Not a directory" ]]
	[ "$(echo *)" = "file kernel root" ]
}

@test "QEMU's own words and status when it does not start" {
	run boot --background vm --flag -nonsense
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output == *"-nonsense: invalid option"* ]]
	[ ! -e vm/pid ]
	[ ! -e vm/lock ]
	[ ! -e vm/console ]
	run boot --flag -nonsense
	[ "$status" = 1 ]
	[[ $output == *"-nonsense: invalid option"* ]]
}

@test "a QEMU that a signal ends is told of, in the foreground too" {
	printf '#!/bin/sh\nkill -SEGV $$\n' >odd
	chmod +x odd
	QEMU=./odd run boot </dev/null
	[ "$status" = 139 ]
	[ "$output" = "mips-vm: QEMU was killed by signal 11" ]
	boot --dir vm </dev/null >out 2>err 3>&- &
	until_ok 20 grep -q 'maltael #' out
	kill -9 "$(cat vm/pid)"
	wait $! && false || [ $? = 137 ]
	[ "$(cat err)" = "mips-vm: QEMU was killed by signal 9" ]
	grep -q '^QEMU was killed by signal 9 after' vm/status
}

@test "a monitor that talks nonsense: a line, and no status of an earlier run" {
	mkdir vm
	echo 'stopped after 7 s' >vm/status
	printf '#!/bin/bash\necho nonsense >&100\nexec sleep 100\n' >odd
	chmod +x odd
	QEMU=./odd run mips-vm --background vm --wan none --lan none kernel root
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: QEMU: does not answer: not a QMP message" ]
	run mips-vm --status vm
	[[ $output == "vm	not running (did not start after "*" s)" ]]
}

@test "too few descriptors are what is said" {
	local n
	for n in {6..120..6}; do
		run bash -c "ulimit -n $n &&
			exec mips-vm --dir vm --timeout 0.1 --lan none kernel root"
		[[ $output != *"Bad file"* ]]
	done
	[[ $output == *"could not load kernel"* ]]
}

@test "a state directory that finds no room is not left" {
	mkdir disk
	mount -t tmpfs -o size=4k tmpfs disk
	head -c 4096 /dev/zero >disk/full
	run boot --background disk/vm
	left=$(find disk)
	umount disk
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: disk/vm/args: No space left on device" ]
	[ "$left" = $'disk\ndisk/full' ]
}

@test "--background: all is there and runs; a second is refused; --stop cleans" {
	sum=$(md5sum <root)
	boot --background vm --wait '^maltael # :60' kernel root
	for s in console console.all monitor qmp gdb; do
		[ -S vm/$s ]
	done
	pid=$(cat vm/pid)
	grep -q qemu "/proc/$pid/comm"
	[ "$(stat -c %a vm vm/qmp | tr '\n' ' ')" = "700 600 " ]
	run mips-vm --status vm
	[ "$status" = 0 ]
	[[ $output == "vm"*"running pid $pid up "* ]]
	echo kept >log
	run boot --background vm --log log
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: vm: mips-vm runs there already (pid $pid)" ]
	[ "$(cat log)" = kept ]
	rm log
	# any tool that may be there is named
	cp -a vm/lock other
	printf bng >vm/lock
	run boot --background vm
	[ "$output" = "mips-vm: vm: bng runs there already (pid $pid)" ]
	cat other >vm/lock
	rm other
	run mips-vm --list vm .
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[1]} == .*"not running" ]]
	mkdir many many/{1..1024}
	run mips-vm --list many/*
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 1024 ]
	run mips-vm --list many/* .
	[ "$status" = 2 ]
	[[ $output == "mips-vm: at most 1024 arguments ("* ]]
	rm -r many
	echo 'info status' | socat -t2 - unix-connect:vm/monitor | grep -q running
	printf '+$?#3f' | socat -t2 - unix-connect:vm/gdb | grep -q T05
	# the user's own in its place; a break is the console's
	boot --background vm2 --flag -s
	printf '+$?#3f' | socat -t2 - tcp:127.0.0.1:1234 | grep -q T05
	printf "chardev-send-break console\n" | socat -t2 - unix-connect:vm2/monitor |
	    (! grep -q Error)
	mips-vm --stop vm2 0
	rm -r vm2
	mips-vm --stop vm 0
	gone "$pid"
	[ "$(cd vm && echo *)" = "args console.log status" ]
	grep -q '^stopped after' vm/status
	sh -c "$(sed 's/^mips-vm/mips-vm -n/' vm/args)" | grep -q pflash
	run mips-vm --status vm
	[ "$status" = 1 ]
	[[ $output == *"not running (stopped"* ]]
	mips-vm --stop vm
	run mips-vm --stop novm
	[ "$status" = 1 ]
	[ "$(md5sum <root)" = "$sum" ]
	[ "$(stat -c %s root)" = 100000 ]
	[ "$(echo *)" = "kernel root vm" ]
}

@test "a long command is in args to its end" {
	for _ in {1..2000}; do set -- "$@" --timeout 100; done
	boot --background vm "$@" -v
	mips-vm --stop vm 0
	[ "$(cat vm/args)" = "mips-vm --wan none --lan none --u-boot $uboot --background vm $* -v" ]
}

@test "who was told to stop later may be told to stop sooner" {
	local super
	told() { [ "$(echo "$1" | socat -t2 - unix-connect:vm/control)" = ok ]; }
	for how in stop signal; do
		boot --background vm
		super=$(sed -n 2p vm/lock)
		told "stop 1h"
		if [ $how = stop ]; then told "stop 0"; else kill $super; fi
		until_ok 20 gone $super
		grep -q '^stopped after' vm/status
	done
}

@test "the console is kept for late and several viewers, who all can type" {
	boot --background vm --wait '^maltael #'
	socat -u unix-connect:vm/console.all - </dev/null >all 3>&- &
	socat -u unix-connect:vm/console - </dev/null >live 3>&- &
	until_ok 10 grep -q 'maltael #' live
	until_ok 10 grep -q '^U-Boot' all
	printf 'echo one-$((0))two\r' | socat -t1 - unix-connect:vm/console >third
	until_ok 10 grep -q '^one' live
	until_ok 10 grep -q '^one' all
	until_ok 10 cmp all vm/console.log
	for i in 1 2 3 4 5 6; do
		printf 'help\r'
		until_ok 10 sh -c '[ $(grep -c "^version - print" vm/console.log) = '$i' ]' >&2
	done | socat -t1 - unix-connect:vm/console >/dev/null
	socat -u unix-connect:vm/console - </dev/null >late 3>&- &
	until_ok 10 grep -q '^version' late
	! grep -q '^U-Boot' late || false
	[ "$(grep -c . late)" -le 25 ]
	mips-vm --stop vm 0
	wait # the viewers end with the machine
}

@test "killed by SIGKILL, the supervisor takes QEMU with it and can be replaced" {
	boot --background vm
	pid=$(cat vm/pid)
	super=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status")
	grep -q mips-vm "/proc/$super/comm"
	kill -9 "$super"
	until_ok 10 gone "$pid"
	[ -S vm/console ]
	run mips-vm --status vm
	[ "$status" = 1 ]
	boot --background vm --wait '^maltael #'
	kill "$(cat vm/pid)" # the old way to end one
	until_ok 10 [ ! -e vm/pid ]
	[ "$(cd vm && echo *)" = "args console.log status" ]
	[ "$(echo *)" = "kernel root vm" ]
}

@test "a supervisor that is stopped: --status says so, --stop ends it" {
	boot --background vm
	pid=$(cat vm/pid)
	super=$(sed -n 2p vm/lock)
	kill -STOP "$super"
	# as many as wait in its queue, and more
	for _ in {1..20}; do timeout 0.05 mips-vm --status vm || :; done
	run timeout 20 mips-vm --status vm
	[ "$output" = "vm	running pid $pid, no answer" ]
	[ "$status" = 0 ]
	run timeout 60 mips-vm --stop vm 0
	[ "$output" = "" ]
	[ "$status" = 0 ]
	gone "$super"
	gone "$pid"
	[ "$(cd vm && echo *)" = "args console.log status" ]
}

@test "/dev/null as the root image: a kernel that has all in it" {
	boot --background vm --wait '^maltael # :60' kernel /dev/null
	echo info block | socat -t2 - unix-connect:vm/monitor | grep -q virtio0
	mips-vm --stop vm 0
	[ -c /dev/null ]
}

@test "--wait: the deadline, the last lines, an end before it, a bad expression" {
	run boot --background vm --wait 'never said:4.5s'
	[ "$status" = 1 ]
	[[ ${lines[0]} == *"did not say \"never said\""* ]]
	[[ $output == *"maltael #"* ]]
	# as one reads them: no control characters reach the terminal
	[[ $output != *[$'\r\b\e']* ]]
	[ ! -e vm/pid ]
	grep -Eq '^not up in time after ([4-9]|[1-9][0-9]) s' vm/status
	run boot --background vm --wait 'never said' --timeout 1.5
	[ "$status" = 1 ]
	[[ ${lines[0]} == *"the machine ended (timed out) before it said"* ]]
	grep -q '^timed out after' vm/status
	run boot --background vm --wait '(:5'
	[ "$status" = 2 ]
	QEMU=/bin/true run boot --background vm --wait x
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 1 ]
}

@test "the foreground: console, ^P, QEMU's status, --log, --timeout, signals" {
	mkfifo in
	echo begun >log
	boot --log log --timestamps <in >out 3>&- &
	pid=$!
	exec 7>in
	until_ok 20 grep -q 'maltael #' out
	printf 'echo hello$xyz\r' >&7
	until_ok 10 grep -q '^hello' out
	printf '\020c' >&7
	until_ok 10 grep -q '^(qemu)' out
	printf 'quit\n' >&7
	exec 7>&-
	wait $pid
	grep -q '^\[ *[0-9]*\.[0-9][0-9][0-9]\] U-Boot' log
	# a log is begun anew
	! grep -q begun log || false
	run boot --timeout 1 </dev/null
	[ "$status" = 124 ]
	[[ $output == *"timed out after 1 s"* ]]
	mips-vm --wan none --lan none --u-boot $uboot --dir vm </dev/null >out \
	    2>&1 3>&- &
	pid=$!
	until_ok 10 [ -s vm/pid ]
	qemu=$(cat vm/pid)
	kill -TERM $pid
	wait $pid && false || [ $? = 143 ]
	gone "$qemu"
	[ "$(cd vm && echo *)" = "args console.log status" ]
	grep -q '^ended by a signal after [0-9]* s$' vm/status
}

# starts a machine in vm whose QEMU does not come up; its process in $pid
held_up() {
	printf '#!/bin/sh\nexec sleep 100\n' >slow
	chmod +x slow
	QEMU=./slow mips-vm --dir vm --wan none --lan none kernel root \
	    </dev/null >out 2>&1 3>&- &
	pid=$!
	until_ok 10 [ -S vm/control ]
}

@test "a signal ends a start that QEMU holds up" {
	held_up
	kill -TERM $pid
	wait $pid && false || [ $? = 143 ]
	[ ! -s out ]
	grep -q '^ended by a signal after' vm/status
}

@test "a signal ends a start that waits for the reader of its log" {
	mkfifo log
	mips-vm --dir vm --log log --wan none --lan none kernel root \
	    </dev/null >out 2>&1 3>&- &
	pid=$!
	until_ok 10 grep -q '^State:.S' /proc/$pid/status
	kill -TERM $pid
	until_ok 5 gone $pid
	wait $pid && false || [ $? = 143 ]
	[ ! -s out ]
}

@test "--stop ends a machine that QEMU does not bring up" {
	held_up
	run mips-vm --status vm
	[ "$output" = "vm	starting pid $pid" ]
	[ "$status" = 0 ]
	run mips-vm --stop vm
	[ "$output" = "" ]
	[ "$status" = 0 ]
	wait $pid && false || [ $? = 143 ]
	[ "$(cd vm && echo *)" = "args console.log status" ]
}

@test "--stop touches no directory that is not its own" {
	mkdir own
	echo 7 >own/pid
	for lock in '' bng; do
		[ -z "$lock" ] || printf %s $lock >own/lock
		run mips-vm --stop own
		[ "$status" = 1 ]
		[ "$output" = "mips-vm: own: nothing runs there" ]
		[ "$(cat own/pid)" = 7 ]
		[ "$(cat own/* | tr '\n' ' ')" = "${lock}7 " ]
	done
	# what a dead one left goes
	printf mips-vm >own/lock
	mips-vm --stop own
	[ -z "$(ls -A own)" ]
}

@test "--wait at a terminal: the time and the console's last line stand there" {
	in_pty "mips-vm --wan none --lan none --u-boot $uboot \
	    --background vm --wait 'never:4'"
	until_ok 20 shown 'mips-vm: [123] s: maltael #'
	off_pty
	shown 'did not say "never" in 4 s'
	grep -qx status=1 status
}

@test "what is said at the end does not stand in a raw terminal" {
	in_pty "mips-vm --wan none --lan none --u-boot $uboot --timeout 2"
	off_pty
	grep -qx status=124 status
	shown $'mips-vm: timed out after 2 s\r$'
}

@test "a console that cannot be logged is told of, and goes on" {
	run boot --timeout 2 --log /dev/full </dev/null
	[ "$status" = 124 ]
	[[ $output == *"maltael #"* ]]
	[[ $output == *"mips-vm: the log lacks lines: No space left on device" ]]
	boot --background vm --log /dev/full --wait 'maltael #:30'
	run mips-vm --status vm
	[[ $output == *"s, the log lacks lines: No space left on device" ]]
	mips-vm --stop vm
	grep -q '^stopped after .*, the log lacks lines: No space left' vm/status
}

@test "--persist keeps what is written, elsewhere it vanishes" {
	# QEMU's I/O tool on the root disk; it answers on the console
	disk() { # COMMAND ANSWER
		echo "qemu-io virtio0 \"$1\"" | socat -t2 - unix-connect:vm/monitor
		until_ok 20 grep -q "$2" vm/console.log
	}
	boot --background vm kernel root
	disk 'write -P 9 1M 64k' 'wrote 65536'
	disk 'read -P 0 15M 1M' 'read 1048576'
	disk 'read -P 120 0 64k' 'read 65536'
	! grep failed vm/console.log || false
	mips-vm --stop vm 0
	boot --background vm --persist p kernel root
	disk 'read -P 9 1M 64k' 'verification failed'
	disk 'write -P 9 1M 64k' 'wrote 65536'
	mips-vm --stop vm 0
	boot --background vm --persist p kernel root
	disk 'read -P 9 1M 64k' 'read 65536'
	! grep failed vm/console.log || false
	mips-vm --stop vm 0
	# no protocol of QEMU's
	boot --background vm --persist nbd:1,2 kernel root
	mips-vm --stop vm 0
	[ -s nbd:1,2 ]
	cp root other
	run boot --persist p kernel other
	[ "$status" = 1 ]
	[[ $output == "mips-vm: p: made over another image"* ]]
	run boot --persist other kernel root
	[ "$status" = 1 ]
	[[ $output == "mips-vm: other: not an image"* ]]
	[ "$(stat -c %s root)" = 100000 ]
}

@test "the second machine on a wire gets MAC addresses of its own, always the same" {
	macs() { grep -o 'mac=[^,]*' | tr '\n' ' '; }
	mips-vm --background vm1 --u-boot $uboot
	args --dir vm2 --u-boot $uboot >a
	args --dir "$PWD/vm2" --u-boot $uboot >b
	args --dir vm3 --u-boot $uboot | macs >c
	[ "$(macs <a)" = "$(macs <b)" ]
	[ "$(macs <a)" != "$(cat c)" ]
	args --dir vm2/ --u-boot $uboot | macs | grep -qx "$(macs <a)"
	mkdir vm2
	ln -s vm2 same
	for d in vm2 vm2/ same ./vm1/../vm2; do
		args --dir $d --u-boot $uboot | macs | grep -qx "$(macs <a)"
	done
	grep -q 'mac=ba:ad:1d:' a
	! grep -q 'mac=ba:ad:1d:ea:21:0' a || false
	args --wan world --lan user --u-boot $uboot | macs |
		grep -qx 'mac=ba:ad:1d:ea:21:02 mac=ba:ad:1d:ea:21:01 '
	run mips-vm --mac-base ba:ad:1d:ea:21:01 --u-boot $uboot
	[ "$status" = 1 ]
	[[ $output == *"in use on access"* ]]
	mips-vm --link vm1 lan down
	run mips-vm --link vm1 lan sideways
	[ "$status" = 2 ]
	[ "$output" = "mips-vm: --link vm1 lan: up or down, not sideways" ]
	run mips-vm --link vm1 dmz down
	[ "$status" = 1 ]
	[[ $output == *"'dmz' not found" ]]
	mips-vm --stop vm1 0
	args --dir vm2 --u-boot $uboot | macs |
		grep -qx 'mac=ba:ad:1d:ea:21:02 mac=ba:ad:1d:ea:21:01 '
}

@test "U-Boot: swapped or not, pcnet, too large; --halt; KVM only where it works" {
	cp $uboot swapped
	python3 - 2>/dev/null <<-'EOF' || cp $uboot swapped
	b = bytearray(open("swapped", "rb").read())
	b += b"\xff" * (0x3e0000 - len(b))
	for i in range(0, len(b), 4):
	    b[i:i+4] = b[i:i+4][::-1]
	open("swapped", "wb").write(b)
	EOF
	mips-vm --arch mipsel --wan none --lan none --u-boot swapped \
	    --background vm --wait '^maltael #'
	mips-vm --stop vm 0
	run args --u-boot $uboot
	has qemu-system-mipsel
	has "pcnet,netdev=access,mac=ba:ad:1d:ea:21:02,romfile="
	truncate -s 5M big
	run mips-vm --arch mips --u-boot big
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: big: larger than the boot flash, 4 MiB" ]
	boot --halt --background vm
	echo 'info status' | socat -t2 - unix-connect:vm/monitor | grep -q paused
	[ ! -s vm/console.log ]
	mips-vm --stop vm 0
	run mips-vm -v -n --accel tcg kernel root
	[[ $output == *"TCG, no KVM: asked for"* ]]
	run mips-vm -n --accel kvm kernel root
	[ "$status" = 1 ]
	[ "$output" = "mips-vm: no KVM: no KVM for this kind of guest" ]
	t0=$(date +%s%N)
	run mips-vm -v -n --arch x86_64 root root
	[[ $output == *"TCG, no KVM: "* || $output == *": KVM"* ]]
	echo "# probe and all: $((($(date +%s%N) - t0) / 1000000)) ms"
}

@test "paths longer than a socket's address may be" {
	d=$PWD/$(printf 'd%.0s' $(seq 100))/$(printf 'e%.0s' $(seq 100))
	mkdir -p "$d"
	boot --background "$d/vm" --wait '^maltael #'
	cd "$d"
	echo 'info status' | socat -t2 - unix-connect:vm/monitor | grep -q running
	mips-vm --stop "$d/vm" 0
}
