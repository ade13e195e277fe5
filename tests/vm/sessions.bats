#!/usr/bin/env bats
# the sessions of README, limen(7), mips-vm(1) and connect-vm(1), each line as
# it is printed there, in a directory that has what they name
# tree: whole
# uses: mips-vm connect-vm tufted bng pppoe-l2tp-relay run-border-vm run-in-vm
# kit: mipsel amd64
# timeout: 400
load ../helper
load vm

ub=/usr/lib/u-boot/maltael/u-boot.bin

setup() {
	vm_kit mipsel kernels
	cd "$BATS_TEST_TMPDIR" || return
	unset LAN WAN INIT QEMU QEMU_OPTS QEMU_OPTIONS
	export HOME=$BATS_FILE_TMPDIR
	daemons=()
}
teardown() {
	local d
	for d in vm board; do
		[ ! -e $d/pid ] || mips-vm --stop $d 0 || :
	done
	for d in gw lns ac; do
		[ ! -e $d/pid ] || kill "$(<$d/pid)"
	done
	[ "${#daemons[@]}" = 0 ] || kill "${daemons[@]}" 2>/dev/null || :
}

# page NUMBER FILE [SECTION]: its lines, of which there are so many, to be run
# by line INDEX (from 0), or by back INDEX in the background, as $!
page() {
	mapfile -t cmds < <(printed "${@:2}")
	[ "${#cmds[@]}" -eq "$1" ]
}
readme() { page 23 "$LIMEN/README.md" 'First sessions'; }
line() { eval "${cmds[$1]}" 3>&- 4>&-; }
back() {
	eval "exec ${cmds[$1]}" 3>&- 4>&- &
	daemons+=("$!")
}

# at_terminal INDEX SEEN KEYS [SEEN KEYS]...: the line runs in a terminal;
# each time that the screen shows SEEN, KEYS are typed
at_terminal() {
	in_pty "${cmds[$1]}"
	shift
	while [ $# -gt 0 ]; do
		until_ok 120 shown "$1" || { cat screen; return 1; }
		printf "$2" >&7
		shift 2
	done
	off_pty
	rm keys before after
}
# a router of one's own, whose kernel needs no loader
own_router() {
	ln -s "$KIT/mipsel/vmlinux" .
	ln -s "$KIT/mipsel/root.squashfs" rootfs.squashfs
	ln -s rootfs.squashfs rootfs
	export QEMU_OPTS="-initrd $KIT/mipsel/loader.cpio"
}
# U-Boot on a board, its serial port at ./ttyUSB0, and by its network the
# addresses of this host
board() {
	[ -r "$ub" ] || skip "no U-Boot for malta"
	mips-vm --background board --arch mipsel --u-boot "$ub" --lan none \
	    --wan user 3>&- 4>&-
	daemon socat PTY,raw,echo=0,link=ttyUSB0 UNIX-CONNECT:board/console
	daemons+=("$!")
	until_ok 10 test -e ttyUSB0
	cmds=("${cmds[@]//\/dev\/ttyUSB0/ttyUSB0}")
}

@test "README: a router on the terminal, in the background, its monitor" {
	readme
	ln -s "$KIT"/mipsel/{vmlinux,root.squashfs,loader.cpio} .
	at_terminal 0 'Linux version' '\020x'
	[ "$(cat status)" = status=0 ]
	line 1
	at_terminal 2 'router# ' 'echo here""after\r' '^hereafter' '\017'
	[ "$(cat status)" = status=0 ]
	run -0 line 3
	[[ "$output" == "Linux router "*" mips"* ]]
	run -0 line 4
	[ "$output" = "VM status: running" ]
	line 5
	[ ! -e vm/pid ]
}

@test "README: the provider's side, and with an L2TP network server between" {
	readme
	line 6
	"$O/bench/pppoe-load" -t 3s access >load 3>&- 4>&- &
	until_ok 10 sh -c "echo status | connect-vm gw/control | grep '1 up'"
	run -0 line 7
	[ "${lines[-2]}" = "1 sessions, 1 up" ]
	[ "${lines[-1]}" = ok ]
	wait $!
	line 8
	[ ! -e gw/pid ]
	line 9
	line 10
	"$O/bench/pppoe-load" -t 3s access >load 3>&- 4>&- &
	until_ok 10 sh -c "echo status | connect-vm ac/control | grep -w 'up 1'" ||
		{ echo status | connect-vm ac/control; false; }
	wait $!
}

@test "README: a board fetches a build, gets its commands; its flash; an image" {
	readme
	board
	ip addr add 192.168.8.251/24 dev lo
	ip addr add 192.168.1.1/24 dev lo
	mkdir -m 755 store result backups up served
	chmod 755 . .. ../.. # tufted serves as nobody
	head -c 100000 /dev/urandom >store/uimage
	ln -s "$PWD/store/uimage" result/
	printf 'setenv %s\n' 'ipaddr 10.0.2.15' 'netmask 255.255.255.0' \
	    'gatewayip 10.0.2.2' 'serverip 192.168.8.251' >boot.scr
	printf '%s\n' 'tftpboot 0x84000000 uimage' 'crc32 84000000 ${filesize}' >>boot.scr
	line 11 2>log
	daemons+=("$!")
	run line 12 </dev/null
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Bytes transferred = 100000"* ]]
	[[ "$output" == *"==> $(gzip -c store/uimage | tail -c 8 |
	    od -An -tx4 -N4 | tr -d ' ')"* ]]
	kill $!
	wait $! || :
	# whoever is root here already needs no sudo
	printf '#!/bin/sh\nexec "$@"\n' >sudo
	chmod +x sudo
	PATH=$PWD:$PATH
	export USER
	USER=$(id -un)
	back 13
	tufted --put 192.168.8.251 --wait --timeout 20s --name mtd0 store/uimage
	cmp backups/mtd0 store/uimage
	[ "$(stat -c %U backups/mtd0)" = "$USER" ]
	kill "${daemons[-1]}"
	wait "${daemons[-1]}" || :
	cp store/uimage factory.bin
	back 14
	tufted --user "$USER" -a 192.168.1.1 -1 -w up served 2>log
	wait "${daemons[-1]}"
	cmp up/factory.bin factory.bin
}

@test "README: a machine with a card of its own; a kernel just built" {
	readme
	export RUN_BORDER_VM_KERNEL=$KIT/kernels/generic
	line 18
	grep -q '^nic = lan' border.conf
	line 19
	at_terminal 20 '# ' 'ls -d /home/""liminix\r' '^/home/liminix' '\017'
	[ "$(cat status)" = status=0 ]
	line 21
	[ ! -e border/pid ]
	mkdir -p arch/x86/boot
	ln -s "$KIT"/kernels/generic/boot/vmlinuz-* arch/x86/boot/bzImage
	ln -s "$KIT"/kernels/generic/lib .
	printf '#!/bin/sh\nuname -r\nexit 3\n' >selftest
	chmod +x selftest
	run -3 line 22
	[[ "$output" == *-amd64 ]]
}

@test "limen(7): this host on the lan, by a tap device, by a cable; in a namespace" {
	local g text
	[ -c /dev/net/tun ] || skip "no tap devices here"
	text=$(mandoc -Tascii -Owidth=900 "$LIMEN/man/man7/limen.7" | sed 's/.\x08//g')
	# in the text: run the laboratory in a namespace of its own
	grep -qF '(unshare -rn; ip link set lo up)' <<<"$text"
	unshare -rn sh -c 'ip link set lo up && ip -o link' | grep -q LOOPBACK,UP
	mapfile -t cmds < <(printed "$LIMEN/man/man7/limen.7" DESCRIPTION |
	    grep -e '^g=' -e ^socat)
	[ "${#cmds[@]}" -eq 3 ]
	line 0
	line 1
	back 2
	until_ok 10 sh -c 'ip -o addr show dev lan0 | grep 192.168.8.251/24'
	# what it sends on the wire reaches who has joined it
	socat -u "$g" OPEN:heard,creat,append 3>&- 4>&- &
	daemons+=("$!")
	until_ok 10 sh -c 'ping -c 1 -W 1 192.168.8.7; test -s heard'
	kill "${daemons[@]}"
	until_ok 10 sh -c '! ip link show dev lan0'
	cmds=("$(grep -oE "ip link add name board0 [a-z0-9 ]*" <<<"$text")")
	line 0
	ip link show dev lan0
}

@test "mips-vm(1): a router on the terminal, reachable, captured, in the background" {
	page 10 "$LIMEN/mips-vm/mips-vm.1"
	own_router
	at_terminal 0 'Linux version' '\020x'
	line 1
	run -0 line 2
	[[ "$output" == *" up "*"load average"* ]]
	line 3
	[ ! -e vm/pid ]
	in_pty "${cmds[4]}"
	until_ok 60 sh -c 'grep -q ":07E6 .* 0A " /proc/net/tcp'
	printf '\020x' >&7
	off_pty
	rm keys before after
	in_pty "${cmds[9]}"
	# an address of its own on the wire is what it asks for first
	until_ok 120 sh -c '[ "$(stat -c %s dial.pcap)" -gt 24 ]'
	printf '\020x' >&7
	off_pty
	[ "$(od -An -tx4 -N4 dial.pcap)" = " a1b2c3d4" ]
}

@test "mips-vm(1): OpenWrt's way, a disk and other cards" {
	page 10 "$LIMEN/mips-vm/mips-vm.1"
	ln -s "$KIT/mipsel/vmlinux" kernel.bin
	ln -s "$KIT/mipsel/root.squashfs" rootfs.img
	at_terminal 7 'root=/dev/sda' '\020x'
	at_terminal 8 'root=/dev/vda' '\020x'
}

@test "mips-vm(1): Liminix' way, the root image in RAM; Debian's U-Boot with TFTP" {
	page 10 "$LIMEN/mips-vm/mips-vm.1"
	head -c 4096 /dev/zero >kernel
	head -c 4096 /dev/zero >rootfs
	line 5
	run -0 connect-vm -m vm <<<'info status'
	[[ "$output" == *paused* ]]
	mips-vm --stop vm 0
	[ -r "$ub" ] || skip "no U-Boot for malta"
	echo "from this directory" >served
	at_terminal 6 'maltael #' 'setenv autoload no; dhcp\r' 'DHCP client bound' \
	    'tftpboot 84000000 10.0.2.2:served\r' 'Bytes transferred = 20 ' '\020x'
}

@test "connect-vm(1): a console, the monitor, a board, a variable of it" {
	page 6 "$LIMEN/connect-vm/connect-vm.1"
	own_router
	line 0
	at_terminal 1 'router# ' 'while sleep 1; do printf "\nrouter lo""gin: "; done &\r' \
	    'router login: ' '\017'
	[ "$(cat status)" = status=0 ]
	run -0 line 2
	[ "$output" = "VM status: running" ]
	run -0 line 3
	[[ "$output" == *"router login: "* ]]
	mips-vm --stop vm 0
	unset QEMU_OPTS
	board
	printf 'setenv ipaddr 10.0.2.15\nprintenv ipaddr\n' >boot.scr
	run -0 line 4 </dev/null
	[[ "$output" == *"ipaddr=10.0.2.15"* ]]
	grep -q '^2.* ipaddr=10.0.2.15' board.log
	line 5
	[ "$addr" = 10.0.2.15 ]
}
