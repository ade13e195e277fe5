#!/usr/bin/env bats
# a border VM on an emulated network, and a MIPS router of Debian's packages
# behind it
# uses: run-border-vm mips-vm connect-vm tufted pppoe-l2tp-relay bng
# kit: mipsel amd64
# timeout: 300

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cache=${LIMEN_VM_CACHE:-$LIMEN/build/vm}
	kit=$cache/mipsel
	[ -e "$kit/.made" ] && [ -e "$cache/kernels/.made" ] ||
		skip "no guest kit, no network"
	export RUN_BORDER_VM_KERNEL=$cache/kernels/generic INIT=/init
	unset LAN WAN QEMU QEMU_OPTS QEMU_OPTIONS XDG_CACHE_HOME
	export HOME=$BATS_FILE_TMPDIR
	mkdir -p checkout
	head -c 300000 /dev/urandom >checkout/firmware.bin
	ln -s firmware.bin checkout/result
	cat >border.conf <<-EOF
	nic = access
	share = checkout
	EOF
}
teardown() {
	local d
	for d in vm board; do
		[ ! -d "$d" ] || mips-vm --stop "$d" 0 >/dev/null 2>&1 || :
	done
	[ ! -d border ] || run-border-vm --stop border 0 >/dev/null 2>&1 || :
}

# ask DIR COMMAND REGEX: types a command, waits for a line of its output
ask() {
	printf '%s\n' "$2" | socat -t1 - "unix-connect:$1/console" >/dev/null
	until_ok 60 grep -qE "$3" "$1/console.log" ||
		{ tail -n 20 "$1/console.log"; false; }
}
router() {
	mips-vm --background vm --lan none --command-line "$1" --wait "$2" \
	    "$kit/vmlinux" "$kit/root.squashfs" "$kit/loader.cpio" ||
		{ cat border/console.log; false; }
}

@test "a router behind it: DHCP, TFTP, HTTP, NAT, PPPoE through the relay to an LNS" {
	echo secret >psk
	daemon bng --l2tp 127.0.0.1 --l2tp-secret psk --access mcast:230.0.0.1:7777 \
	    --user 'u:p w' -v
	mkdir www
	echo "a page of the host" >www/index.html
	daemon busybox httpd -f -p 127.0.0.1:8000 -h www
	# the LNS by name, which a server of the host's knows
	daemon python3 "$BATS_TEST_DIRNAME/dns.py" lns.example.org 10.0.2.2
	echo 'nameserver 127.0.0.1' >resolv.conf
	unshare -m sh -c 'mount --bind resolv.conf "$(readlink -f /etc/resolv.conf)"
		exec run-border-vm "$@"' sh --accel tcg --background border \
	    -o lns=lns.example.org -o secret=psk -o http=/home/liminix/liminix
	router 'limen.mode=dhcp' 'LEASE eth0:150'
	until_ok 5 grep -qE "LEASE eth0 10.0.0.[0-9]+/24 router 10.0.0.1 dns 10.0.2.3" \
	    vm/console.log
	ask vm 'tftp -g -r result -l /tmp/f 10.0.0.1; md5sum /tmp/f; echo DO""NE1' '^DONE1'
	grep -q "^$(md5sum <checkout/firmware.bin | cut -c1-32)" vm/console.log
	ask vm 'wget -q -O - http://10.0.0.1/firmware.bin | md5sum | sed s/^/web-/; echo DO""NE2' '^DONE2'
	grep -q "^web-$(md5sum <checkout/firmware.bin | cut -c1-32)" vm/console.log
	ask vm 'wget -q -O - http://10.0.2.2:8000/; echo DO""NE3' '^DONE3'
	grep -q '^a page of the host' vm/console.log
	ask vm 'dial user=u "pass=p w" &' '^SESSION (UP ppp.* mtu|DOWN)'
	grep -E '^SESSION UP ppp0 192.168.100.[0-9]+ peer 192.168.100.1 mtu' vm/console.log
	# a board's U-Boot finds the same
	mips-vm --background board --arch mipsel --lan none \
	    --u-boot /usr/lib/u-boot/maltael/u-boot.bin
	printf '%s\n' 'setenv autoload no' dhcp 'setenv serverip 10.0.0.1' \
	    'tftpboot 0x84000000 result' 'crc32 0x84000000 0x${filesize}' >scr
	connect-vm -s scr -t 100 board
	mips-vm --stop board 0
	grep 'DHCP client bound to address 10.0.0' board/console.log
	sum=$(python3 -c 'import sys, zlib; print("%08x" % zlib.crc32(open(sys.argv[1], "rb").read()))' checkout/firmware.bin)
	grep -q "==> $sum" board/console.log
	run-border-vm --status border
	ask border 'ls /home/liminix/liminix | sed s/^/has-/; touch /home/liminix/liminix/x; echo DO""NE' '^DONE'
	grep -q '^has-firmware.bin' border/console.log
	[ ! -e checkout/x ]
	pid=$(<border/pid)
	run-border-vm --stop border
	gone "$pid"
	[ ! -e border/console ]
	grep -q '^stopped' border/status
}

@test "without an LNS PPPoE ends in bng there; writable share; forwards both ways" {
	daemon socat tcp-listen:8001,bind=127.0.0.1,fork,reuseaddr system:'echo of the host'
	# QEMU runs it by its own name for what is reached
	mkdir "it's, odd"
	cp "$(command -v run-border-vm)" "it's, odd"
	"it's, odd/run-border-vm" --accel tcg --background border -o writable=yes \
	    -o mount=/srv/it -o user=me:pw -o forward=tcp:8080:8080 -o dhcp=none \
	    -o 'reach=10.0.2.100:8001 127.0.0.1:8001'
	ask border 'echo in >/srv/it/made; nc 10.0.2.100 8001; (while :; do echo guest | nc -l -p 8080; done) & echo DO""NE' '^DONE'
	until_ok 20 grep -q '^of the host' border/console.log
	[ "$(<checkout/made)" = in ]
	until_ok 40 sh -c 'socat -T5 -u tcp:127.0.0.1:8080 - | grep guest'
	router 'limen.user=me limen.pass=pw limen.fetch=http://10.0.2.2/ limen.run=true' '^SESSION (UP ppp.* peer|DOWN):150'
	grep -E '^SESSION UP ppp0 192.168.100.[0-9]+ peer' vm/console.log ||
		{ tail -n 20 vm/console.log border/console.log; false; }
}

@test "its card goes and comes back: all that is on it does, too" {
	run-border-vm --accel tcg --background border -o user=me:pw
	# as when a USB adapter is plugged out: the driver lets go of the card
	ask border 'cd /sys/bus/virtio/drivers/virtio_net; d=$(ls -d /sys/class/net/eth1/device/); d=$(cd -P $d; pwd); d=${d##*/}; echo $d >unbind; echo DO""NE' '^DONE'
	until_ok 60 grep -q 'border: the card of its own is gone' border/console.log
	ask border 'echo $d >bind; ip addr show' 'border: the card of its own is back'
	router 'limen.mode=dhcp' 'LEASE eth0:150'
	ask vm 'dial user=me pass=pw &' '^SESSION (UP ppp.* mtu|DOWN)'
	grep '^SESSION UP ppp0 192.168.100.[0-9]* peer 192.168.100.1 mtu' vm/console.log
	[ "$(grep -c 'of its own is' border/console.log)" = 2 ]
}

@test "EXAMPLES of the page, without the cards" {
	ln -s "$kit/vmlinux" vmlinux
	ln -s "$kit/root.squashfs" rootfs.squashfs
	rm border.conf
	local n=0 cmd
	while IFS= read -r cmd; do
		n=$((n + 1))
		echo 'echo host $(hostname)' >"in$n"
		eval "$cmd" <"in$n" >"out$n" 2>"err$n" 3>&- 4>&- ||
			{ echo "$cmd: $?"; cat "out$n" "err$n"; false; }
	done < <(printed "$LIMEN/run-border-vm/run-border-vm.1" | grep -vE 'pci|usb')
	[ "$n" = 8 ]
	! grep -q BAD out2 || false
	# connect-vm to either: what is typed goes in, what is said comes out
	grep -q '^host border' out6
	[ ! -e border/console ]
	grep -q stopped border/status
	# without an initramfs its kernel comes no further than to a panic
	grep -q -e stopped -e panicked vm/status
}

@test "on the console ^C ends a command, poweroff all, with 0" {
	mkfifo in
	daemon sh -c 'timeout 100 run-border-vm --accel tcg -o nic=lan <in >out; echo $? >st'
	exec 7>in
	until_ok 60 grep -q "^border: ready" out
	echo 'echo IN""TERRUPT; sleep 1000' >&7
	until_ok 60 grep -q '^INTERRUPT' out
	printf '\003' >&7
	# what is typed too early the terminal may drop
	until_ok 60 grep -q '\^C' out
	after() { echo 'echo AF""TER' >&7; nap 1; grep -q '^AFTER' out; }
	until_ok 60 after
	echo poweroff >&7
	until_ok 60 [ -s st ]
	exec 7>&-
	[ "$(<st)" = 0 ]
}

@test "a service that does not come up: no machine in the background" {
	run run-border-vm --accel tcg --background border -o nic=lan -o tftp=/none
	[ "$status" = 1 ]
	[[ $output == *"tufted: open /none: No such file"* ]]
	[[ $output == *"border: tufted has ended with status 1"* ]]
	[[ $output == *"border: not ready"* ]]
	[ ! -e border/console ]
}

@test "ssh on port 2222 with the key of the configuration" {
	command -v dropbear >/dev/null || [ -x /usr/sbin/dropbear ] ||
		skip "dropbear is not installed"
	command -v dbclient dropbearkey >/dev/null || skip "dbclient is not installed"
	dropbearkey -t ed25519 -f id >key.out
	run-border-vm --accel tcg --background border -o nic=lan \
	    -o "key=$(grep ^ssh-ed25519 key.out)"
	until_ok 60 dbclient -y -y -i id -p 2222 root@127.0.0.1 true
	run dbclient -y -y -i id -p 2222 liminix@127.0.0.1 'cat /etc/hostname; hostname; exit 3'
	[ "$status" = 3 ]
	[[ $output == *border* ]]
	dropbearkey -t ed25519 -f other >/dev/null
	run dbclient -y -y -i other -p 2222 root@127.0.0.1 true
	[ "$status" != 0 ]
}

@test "--system boots a closure's kernel and initrd with the share and the card" {
	[ -e "$cache/amd64/.made" ] || skip "no guest kit amd64"
	mkdir sys
	ln -s "$cache/kernels/generic/vmlinux" sys/kernel
	ln -s "$cache/amd64/base.cpio" sys/initrd
	touch sys/init
	echo 'quiet cryptomgr.notests=1 panic=-1 limen.mode=none' >sys/kernel-params
	run-border-vm --accel tcg --background border --system sys
	until_ok 60 grep -q '^READY' border/console.log
	ask border 'modprobe -a 9pnet_virtio 9p; mount -t 9p -o ro,trans=virtio liminix /mnt && ls /mnt | sed s/^/has-/; ip link | grep -c ba:ad:1d:ea:31:01; echo DO""NE' '^DONE'
	grep -q '^has-firmware.bin' border/console.log
	run-border-vm --stop border
}
