#!/usr/bin/env bats
# a MIPS router of Debian's packages in mips-vm
# uses: mips-vm connect-vm
# kit: mipsel
# timeout: 300

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	kit=${LIMEN_VM_CACHE:-$LIMEN/build/vm}/mipsel
	[ -e "$kit/.made" ] || skip "no guest kit, no network"
	unset LAN WAN QEMU QEMU_OPTS QEMU_OPTIONS
	export INIT=/init
}

teardown() {
	local d
	for d in vm*; do
		[ ! -d "$d" ] || mips-vm --stop "$d" 0 >/dev/null 2>&1 || :
	done
}

# router DIR OPTION...: boots one in the background
router() {
	mips-vm --background "$@" "$kit/vmlinux" "$kit/root.squashfs" \
	    "$kit/loader.cpio"
}

# places DIR LINE...: the cards and disks of that machine are there
places() {
	local dir=$1
	shift
	ask "$dir" 'cd /sys/devices/pci0*; ls -1d */*/net/* */*/block/*; echo SE""EN' '^SEEN'
	printf '0000:00:%s\n' "$@" |
	    diff - <(grep '^0000:00:' "$dir/console.log" | tr -d '\r')
}

# ask DIR COMMAND REGEX: types a command, waits for a line of its output
ask() {
	printf '%s\n' "$2" | socat -t1 - "unix-connect:$1/console" >/dev/null
	until_ok 60 grep -qE "$3" "$1/console.log" ||
		{ tail -n 20 "$1/console.log"; false; }
}

@test "two routers on the wires: they hear each other, none hears itself" {
	router vm1 --wait '^READY router:150' --capture lan=lan.pcap \
	    --command-line 'limen.mode=static:10.0.0.1/24 limen.lan=10.1.0.1/24'
	router vm2 --wait 'PING ok 10.0.0.1:150' --log log --timestamps \
	    --command-line 'limen.mode=static:10.0.0.2/24 limen.lan=10.1.0.2/24 limen.ping=10.0.0.1'
	grep -q '^\[ *[0-9.]*\] READY router' log
	# duplicate address detection has passed, also on a bridge
	cmd='brctl addbr br0; ip addr flush dev eth1; brctl addif br0 eth1
		ip link set br0 up; ip addr add 10.1.0.1/24 dev br0
		until ip addr show br0 | grep inet6 | grep -vq tentative; do sleep 1; done
		ping -c 2 -w 20 10.1.0.2 >/dev/null && ip addr show br0 | grep inet6
		dmesg | grep -c "own address"; echo DO""NE-$?'
	ask vm1 "$(tr '\n\t' '; ' <<<"$cmd")" '^DONE-'
	grep -A1 '^    inet6 fe80::' vm1/console.log | tail -n 2 | grep -qx $'0\r*'
	! grep -q dadfailed vm1/console.log || false
	mips-vm --link vm1 lan down
	ask vm1 'ping -c 1 -w 1 10.1.0.2 || echo CUT""-OFF' '^CUT-OFF'
	mips-vm --stop vm1 0
	[ "$(od -An -tx4 -N4 lan.pcap)" = " a1b2c3d4" ]
	[ "$(stat -c %s lan.pcap)" -gt 500 ]
	places vm2 13.0/virtio0/net/eth0 14.0/virtio1/net/eth1 \
	    15.0/virtio2/block/vda
	# the guest reboots: that is the end, and all right
	ask vm2 'reboot -f' 'Restarting|reboot'
	until_ok 60 [ ! -e vm2/pid ]
	grep -q '^exited 0 guest-reset' vm2/status
}

@test "the root image in RAM, by phram; the image stays as it is" {
	sum=$(md5sum <"$kit/root.squashfs")
	router vm --phram-address auto -m 64 --wait '^READY router:150' \
	    --command-line "console=ttyS0 init=/init phram.x=1 limen.mode=none"
	ask vm 'cat /proc/mounts /proc/mtd; echo DO""NE' '^DONE'
	grep -q '^/dev/mtdblock0 / squashfs' vm/console.log
	grep -qE 'phram0|rootfs' vm/console.log
	# where Liminix' images look for the cards
	places vm 13.0/virtio0/net/eth0 14.0/virtio1/net/eth1
	[ "$(md5sum <"$kit/root.squashfs")" = "$sum" ]
}

@test "a root on IDE and pcnet cards, as a kernel without virtio has them" {
	unset INIT
	router vm1 --nic pcnet --root-as ide --wait '^READY router:150' \
	    --disk-image "$kit/root.squashfs" \
	    --command-line 'limen.mode=static:10.0.0.1/24'
	router vm2 --root-as virtio --wait 'PING ok 10.0.0.1:150' \
	    --disk-image "$kit/vmlinux" \
	    --command-line 'limen.mode=static:10.0.0.2/24 limen.ping=10.0.0.1'
	ask vm1 'cat /proc/mounts; cut -f 1-2 /proc/bus/pci/devices; ls -d /dev/[sv]d*; echo DO""NE' '^DONE'
	grep -q '^/dev/sda / squashfs' vm1/console.log
	[ "$(grep -c '10222000' vm1/console.log)" = 2 ]
	grep -q '/dev/sdb' vm1/console.log
	! grep -qE '1af4|/dev/vd' vm1/console.log || false
	ask vm2 'cat /proc/mounts; echo DO""NE' '^DONE'
	grep -q '^/dev/vda / squashfs' vm2/console.log
	places vm2 0b.0/virtio0/block/vda 13.0/virtio1/net/eth0 \
	    14.0/virtio2/net/eth1 15.0/virtio3/block/vdb
}

@test "busybox init's console, which Enter activates, takes a command" {
	INIT=/bin/linuxrc router vm --wait 'to activate this console:150'
	run -3 timeout 100 connect-vm -C 'echo hello; (exit 3)' vm
	[ "$output" = hello ]
}

@test "a panic: status 255 in the foreground, one line in the background" {
	run router vm --wait '^READY:150' \
	    --command-line 'rdinit=/none init=/none root=/dev/none panic=1'
	[ "$status" = 1 ]
	[[ ${lines[0]} == *"the guest panicked before it said"* ]]
	# the whole line, which says why
	[[ $output == *"not syncing: VFS: "* ]]
	[ ! -e vm/pid ]
	run timeout 100 mips-vm --command-line 'rdinit=/none root=/dev/none panic=1' \
	    "$kit/vmlinux" "$kit/root.squashfs" </dev/null
	[ "$status" = 255 ]
	[[ $output == *"Kernel panic - not syncing"* ]]
}
