#!/bin/sh
# tftpboot.sh [-k]: U-Boot, on an emulated board, fetches a kernel and a root
# image from tufted by the commands of a boot.scr, and boots them. It is on the
# emulated lan, and so is this host: socat passes frames between the lan and a
# tap device, where tufted answers. At a terminal, or with -k, all stays up
# until Enter.
# shellcheck disable=SC2034,SC2154 # variables of lab.sh
. "$(dirname "$0")/lab.sh"

while getopts k o; do
	case $o in
	k) keep=y ;;
	*) usage '[-k]' ;;
	esac
done
lab_needs mips-vm connect-vm tufted ip qemu-system-mipsel \
    mkimage:u-boot-tools socat:socat
uboot=/usr/lib/u-boot/maltael/u-boot.bin # Debian's package u-boot-qemu
[ -r $uboot ] || fail "$uboot: not found: install u-boot-qemu"
lab_kit
lab_enter_or_fail "$@"
lab_open

# a build: "result" is links into a store
mkdir "$dir/store" "$dir/result"
dd if="$kit/vmlinux" bs=4096 skip=1 status=none | gzip -1 >"$dir/payload"
mkimage -A mips -O linux -T kernel -C gzip -a 0x80100000 -e 0x80100400 \
    -n limen -d "$dir/payload" "$dir/store/uimage" >/dev/null ||
	fail "mkimage: no image made"
cp "$kit/root.squashfs" "$dir/store/rootfs"
cp "$kit/loader.cpio" "$dir/store/loader"
chmod 755 "$dir" # tufted, started by root, becomes nobody
for f in uimage rootfs loader; do
	ln -s "$dir/store/$f" "$dir/result/"
done
say build "$(wc -c <"$dir/store/uimage") bytes of kernel, $(wc -c \
    <"$dir/store/rootfs") of root image"

# this host on the lan; where there are no tap devices, a cable to the board
if ip tuntap add dev lan0 mode tap 2>/dev/null; then
	lan=lan
	group=UDP4-DATAGRAM:230.0.0.1:1235,bind=230.0.0.1:1235,reuseaddr
	lab_daemon socat \
	    $group,ip-add-membership=230.0.0.1:127.0.0.1,ip-multicast-if=127.0.0.1 \
	    TUN,tun-name=lan0,tun-type=tap,iff-no-pi 2>"$dir/socat.log"
else
	ip link add name board0 type veth peer name lan0 ||
		fail "no lan: ip link add type veth does not work here"
	ip link set dev board0 up
	lan=packet:board0
fi
ip addr add 192.168.8.251/24 dev lan0
ip link set dev lan0 up

cat >"$dir/boot.scr" <<END
setenv serverip 192.168.8.251
setenv ipaddr 192.168.8.1
tftpboot 0x88000000 uimage
tftpboot 0x86000000 rootfs
tftpboot 0x84000000 loader
setenv bootargs console=ttyS0,115200 quiet cryptomgr.notests=1 mem=96M
setenv bootargs \${bootargs} rd_start=0x84000000 rd_size=$(wc -c <"$kit/loader.cpio")
setenv bootargs \${bootargs} phram.phram=rootfs,0x06000000,16Mi,65536
setenv bootargs \${bootargs} root=/dev/mtdblock0
bootm 0x88000000
END
lab_daemon tufted --user "$(id -u):$(id -g)" -a 192.168.8.1 -i lan0 \
    --retransmit 200ms --ready "$dir/ready" "$dir/result" 2>"$dir/tufted.log"
t0=$(now)
until [ -e "$dir/ready" ]; do
	[ $(($(now) - t0)) -lt 10000 ] || fail "tufted: $(cat "$dir/tufted.log")"
	sleep 0.1
done
say tufted "serves $dir/result to 192.168.8.1 only, on $lan"

started mips-vm "$dir/board"
quietly mips-vm --background "$dir/board" --arch mipsel --u-boot $uboot \
    --wan none --lan $lan || fail "the board did not start"
connect-vm -s "$dir/boot.scr" -w '^READY' -t 120 "$dir/board" >"$dir/out" ||
	fail "not booted: $(tail -n 15 "$dir/out" "$dir/tufted.log")"
sed -n 's/^tufted: sent file="\([^"]*\)".* bytes=\([0-9]*\) ms=\([0-9]*\).* ok$/\1 \2 \3/p' \
    "$dir/tufted.log" | while read -r f bytes ms; do
	say fetched "$f, $bytes bytes in $ms ms"
done
say booted "Linux and a shell, in $(since "$t0") from power on"
lab_attach board
