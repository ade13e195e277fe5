#!/usr/bin/env bats
# a PC without a disk boots from tufted: iPXE, in the ROM of QEMU's network
# card, is told by DHCP whom to ask, fetches a boot program and runs it; or
# PXELINUX, which looks for its configuration under many names
# uses: tufted
# timeout: 180
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	command -v qemu-system-x86_64 >/dev/null || skip "no QEMU"
	busybox udhcpd --help >/dev/null 2>&1 || skip "no busybox udhcpd"
	ip tuntap add dev pc0 mode tap 2>/dev/null || skip "no tap devices"
	ip addr add 10.9.0.1/24 dev pc0
	ip link set dev pc0 up
	srv='' dhcpd=''
}
teardown() {
	for p in $srv $dhcpd; do
		kill "$p" 2>/dev/null || :
	done
	ip link del dev pc0 2>/dev/null || :
}

# a boot program of 7 times 32 KiB, which writes all of itself, from where it was
# put (0x7c00), to the debug port, and ends the machine
program() {
	# cld; mov ax,0x7c0; mov ds,ax; mov bx,7
	printf '\374\270\300\7\216\330\273\7\0'
	# again: xor si,si; mov cx,0x8000; mov dx,0xe9; rep outsb
	printf '\61\366\271\0\200\272\351\0\363\156'
	# mov ax,ds; add ax,0x800; mov ds,ax; dec bx; jnz again
	printf '\214\330\5\0\10\216\330\113\165\354'
	# mov dx,0x501; out dx,al; hlt
	printf '\272\1\5\356\364'
	head -c $((7 * 32768 - 34)) /dev/urandom
}

# pc FILE COMMAND...: boots a PC that DHCP tells to fetch FILE from the tufted of
# COMMAND; in "log" what that says, in "got" the program's output
pc() {
	cat >conf <<-END
	start 10.9.0.10
	end 10.9.0.10
	max_leases 1
	interface pc0
	lease_file $PWD/leases
	pidfile $PWD/dhcpd.pid
	siaddr 10.9.0.1
	boot_file $1
	opt subnet 255.255.255.0
	END
	: >leases
	busybox udhcpd -f -S -a 1 conf 3>&- 4>&- </dev/null >dhcp 2>&1 &
	dhcpd=$!
	"${@:2}" 3>&- 4>&- </dev/null 2>log &
	srv=$!
	until_ok 10 grep -q serving log
	timeout 100 qemu-system-x86_64 -M pc,accel=tcg -nodefaults -m 64 \
	    -display none -serial "file:$PWD/serial" -debugcon "file:$PWD/got" \
	    -device isa-debug-exit,iobase=0x501 \
	    -netdev tap,id=n,ifname=pc0,script=no,downscript=no \
	    -device virtio-net-pci,netdev=n,bootindex=0 3>&- 4>&- || :
	tail -n 20 serial dhcp
	grep -v ' DATA \| ACK ' log
}

@test "iPXE fetches a boot program and runs it" {
	mkdir -m 755 d
	program >d/boot
	pc boot tufted --user "$(id -u):$(id -g)" -v -1 --timeout 100 d
	wait "$srv"
	srv=
	cmp got d/boot
	grep -q '> 10.9.0.10:[0-9]* OACK' log
	grep -q 'sent file="boot" client=10.9.0.10 .* bytes=229376 .* blksize=1432 .* ok$' log
}

# of the names that it tries only the last is there; the program lies above the
# directory that names are of; and of a file that is no font it reads the head
@test "PXELINUX, served as the page says, looks for its configuration and boots" {
	local f
	[ -e /usr/lib/PXELINUX/lpxelinux.0 ] || skip "no PXELINUX"
	printed "$LIMEN/tufted/tufted.1" |
		sed -n "s|/srv/tftp|$PWD/d|g; /^mkdir/,/^tufted/p" >lines
	[ "$(wc -l <lines)" = 4 ]
	head -n 3 lines | bash -e
	program >d/boot.0
	printf '%s\n' 'SERIAL 0 115200' 'FONT ::/boot.0' 'DEFAULT l' 'LABEL l' \
	    'KERNEL ../boot.0' >d/pxe/pxelinux.cfg/default
	chmod -R a+rX d
	chmod 755 . .. ../.. # tufted, started by root, becomes nobody
	pc pxe/lpxelinux.0 bash -c "exec $(tail -n 1 lines)"
	cmp got d/boot.0
	for f in pxe/lpxelinux.0 pxe/ldlinux.c32 pxe/pxelinux.cfg/default \
	    pxe/../boot.0; do
		grep -q "sent file=\"$f\" client=10.9.0.10 .* ok\$" log
	done
	for f in 01-52-54-00-12-34-56 0A09000A 0A0900 0; do
		grep -q "file=\"pxe/pxelinux.cfg/$f\" .* error=\"file not found\"" log
	done
	grep 'file="/boot.0" .* error="the client says: No error, file close"$' log
}
