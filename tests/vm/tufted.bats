#!/usr/bin/env bats
# the described workflow: U-Boot fetches a kernel and images from tufted, the
# last one by windows, in the order of a boot.scr that connect-vm sends, and
# boots them; and it saves memory by tftpput
# uses: tufted mips-vm connect-vm
# kit: mipsel
# timeout: 240
load ../helper
load vm

ub=/usr/lib/u-boot/maltael/u-boot.bin
group=UDP4-DATAGRAM:230.0.0.1:1235,bind=230.0.0.1:1235,reuseaddr
group=$group,ip-add-membership=230.0.0.1:127.0.0.1,ip-multicast-if=127.0.0.1

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	vm_kit mipsel
	[ -r "$ub" ] || skip "no U-Boot for malta"
	command -v mkimage >/dev/null || skip "no mkimage"
	this_host
	srv=
}
teardown() {
	mips-vm --stop board 2 >/dev/null 2>&1 || :
	for p in $srv $pump; do
		kill "$p" 2>/dev/null || :
	done
	ip link del dev lan0 2>/dev/null || :
}

# this host on the emulated lan, as limen(7) says it; where there are no tap
# devices, at the other end of a cable
this_host() {
	pump='' lan=lan
	if ip tuntap add dev lan0 mode tap 2>/dev/null; then
		daemon socat "$group" TUN,tun-name=lan0,tun-type=tap,iff-no-pi
		pump=$!
	else
		ip link add name board0 type veth peer name lan0
		ip link set dev board0 up
		lan=packet:board0
	fi
	ip addr add 192.168.8.251/24 dev lan0
	ip link set dev lan0 up
}

# the build: a kernel as an uImage and the images, links into a store
build() {
	mkdir -m 755 store result
	dd if="$KIT/mipsel/vmlinux" bs=4096 skip=1 status=none | gzip -1 >payload
	mkimage -A mips -O linux -T kernel -C gzip -a 0x80100000 \
	    -e 0x80100400 -n limen -d payload store/uimage >/dev/null
	cp "$KIT/mipsel/root.squashfs" store/rootfs
	cp "$KIT/mipsel/loader.cpio" store/loader
	for f in uimage rootfs loader; do
		ln -s "$PWD/store/$f" result/
	done
	cat >boot.scr <<-END
	setenv serverip 192.168.8.251
	setenv ipaddr 192.168.8.1
	tftpboot 0x88000000 uimage
	tftpboot 0x86000000 /rootfs
	setenv tftpwindowsize 2
	tftpboot 0x84000000 loader
	setenv bootargs quiet cryptomgr.notests=1 console=ttyS0,115200 mem=96M
	setenv bootargs \${bootargs} rd_start=0x84000000 rd_size=$(wc -c <store/loader)
	setenv bootargs \${bootargs} phram.phram=rootfs,0x06000000,16Mi,65536
	setenv bootargs \${bootargs} root=/dev/mtdblock0
	bootm 0x88000000
	END
}

@test "U-Boot loads kernel and root image, as the page's example says" {
	build
	chmod 755 . .. ../.. # tufted, started by root, becomes nobody
	printed "$LIMEN/tufted/tufted.1" |
		sed -n '/^tufted -i lan0/,/^connect-vm/p' >lines
	[ "$lan" = lan ] || sed -i "/^mips-vm/s|$| --lan $lan|" lines
	[ "$(wc -l <lines)" = 3 ]
	# shellcheck disable=SC2016 # of the shell that runs the lines
	echo 'echo $! >pid' >>lines
	bash lines 3>&- 4>&- </dev/null >out 2>log || :
	srv=$(cat pid)
	[ ! -s out ] || tail -n 30 out
	run ! grep -v '^tufted: s' log
	until_ok 150 grep -q '^READY' board/console.log ||
		{ tail -n 30 board/console.log log; return 1; }
	sed 's/^/# /' log
	for f in uimage /rootfs loader; do
		grep -q "sent file=\"$f\" client=192.168.8.1 .* ok$" log
	done
	grep -q 'file="loader" .* windowsize=2 ' log
	grep -q "bytes=$(wc -c <store/rootfs) " log
}

@test "U-Boot's tftpput saves memory, and never over a file" {
	mkdir -m 755 result up
	printf 'U-Boot reads this' >result/f
	tufted --user "$(id -u):$(id -g)" -w up --ready ready result \
	    3>&- 4>&- </dev/null 2>log &
	srv=$!
	until_ok 10 test -e ready
	mips-vm --background board --arch mipsel --u-boot "$ub" --wan none \
	    --lan "$lan"
	printf '%s\n' 'setenv serverip 192.168.8.251' 'setenv ipaddr 192.168.8.1' \
	    'tftpboot 0x84000000 f' >scr
	connect-vm -s scr -t 60 board
	run connect-vm -C 'tftpput 0x84000000 0x11 saved' -t 60 board
	echo "$output"
	[[ "$output" != *"Unknown command"* ]] || skip "U-Boot without tftpput"
	cmp up/saved result/f
	run connect-vm -C 'tftpput 0x84000000 0x11 saved' -t 60 board
	[[ "$output" == *"file already exists"* ]]
	grep -q 'received file="saved" .* ok$' log
}
