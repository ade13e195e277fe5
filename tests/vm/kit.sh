# the parts of kit: packages, modules, libraries, and one recipe a guest
# shellcheck shell=sh disable=SC2154,SC2086

suite=bookworm # the last one with mipsel

die() {
	echo "kit: $*" >&2
	exit 1
}

# make_kit NAME: runs the recipe NAME into a directory beside the finished
# one and puts it in place, under a lock, when what it is made from changed
make_kit() {
	case $1 in
	kernels) sum=$(sed -n '/^x86_vmlinux/,/^}/p; /^kit_kernels/,/^}/p' \
	    "$here/kit.sh" | cksum) ;;
	*) sum=$(cat "$here/kit.sh" "$here/newc" "$here"/guest/* | cksum) ;;
	esac
	if [ -z "$update" ] && [ "$(cat "$cache/$1/.made" 2>/dev/null)" = "$sum" ]; then
		return
	fi
	command -v flock >/dev/null || die "flock: not found"
	exec 9>"$cache/.lock"
	flock 9
	if [ "$update" ] || [ "$(cat "$cache/$1/.made" 2>/dev/null)" != "$sum" ]; then
		rm -rf "$cache/$1".new.* "$cache/$1".old.*
		new=$cache/$1.new.$$
		mkdir "$new"
		trap 'rm -rf "$new"' EXIT
		trap 'exit 129' HUP
		trap 'exit 130' INT
		trap 'exit 143' TERM
		"kit_$1"
		echo "$sum" >"$new/.made"
		[ ! -e "$cache/$1" ] || mv "$cache/$1" "$cache/$1.old.$$"
		mv "$new" "$cache/$1"
		rm -rf "$cache/$1.old.$$"
		trap - EXIT HUP INT TERM
	fi
	exec 9>&-
}

mirror() {
	if [ "${LIMEN_DEBIAN-}" ]; then
		echo "$LIMEN_DEBIAN"
		return
	fi
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
	    /etc/apt/sources.list.d/*.sources 2>/dev/null |
		grep -v '^ *#' | grep -oE '[a-z+]+:/[^ ]*/debian/?( |$)' | head -n 1
}

# apt_for ARCH CMD ARG...: apt for another architecture and with files of its
# own: it needs no root and leaves the system's lists alone
apt_for() {
	d=$cache/apt-$1
	mkdir -p "$d/lists/partial" "$d/cache/archives/partial"
	: >"$d/status"
	m=$(mirror)
	[ "$m" ] || die "no Debian mirror in /etc/apt: set LIMEN_DEBIAN"
	k=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e $k ] && k="signed-by=$k" || k=
	echo "deb [arch=$1 $k] $m $suite main" >"$d/sources"
	a=$1 c=$2
	shift 2
	"$c" -q -o APT::Architecture="$a" -o APT::Architectures="$a" \
	    -o APT::Sandbox::User= -o APT::Get::List-Cleanup=0 \
	    -o Acquire::Languages=none -o Acquire::Check-Valid-Until=0 \
	    -o Acquire::Retries=3 -o Acquire::GzipIndexes=1 \
	    -o Dir::Etc::SourceList="$d/sources" -o Dir::Etc::SourceParts=- \
	    -o Dir::State::lists="$d/lists" -o Dir::State::status="$d/status" \
	    -o Dir::Cache="$d/cache" -o Dir::Cache::pkgcache= \
	    -o Dir::Cache::srcpkgcache= "$@"
}

# fetch ARCH PACKAGE...: the packages into $cache/debs-ARCH; of a name that
# ends in = the package is what it depends on (linux-image-amd64=)
fetch() {
	arch=$1
	shift
	debs=${LIMEN_DEBS:-$cache/debs-$arch}
	[ -z "${LIMEN_DEBS-}" ] || return 0
	mkdir -p "$debs"
	command -v apt-get >/dev/null ||
		die "apt-get: not found: give the packages by LIMEN_DEBS=DIR"
	want=$*
	[ -z "$update" ] || rm -f "$debs"/.got-*
	id=$(echo "$want" | cksum | cut -d' ' -f1)
	[ ! -e "$debs/.got-$id" ] || return 0
	echo "kit: fetching packages for $arch" >&2
	log=$cache/apt-$arch.log
	apt_for "$arch" apt-get update >"$log" 2>&1 ||
		die "$(tail -n 1 "$log")"
	list=
	for p in $want; do
		case $p in
		*=)	q=$(apt_for "$arch" apt-cache depends "${p%=}" |
				sed -n 's/^ *Depends: *//p' | head -n 1)
			[ "$q" ] || {
				# apt-get update succeeds without a network
				q=$(grep '^[EW]:' "$log" | head -n 1)
				die "${p%=}: no such package for $arch${q:+; $q}"
			}
			p=$q ;;
		esac
		list="$list $p"
	done
	(cd "$debs" && apt_for "$arch" apt-get download $list) >>"$log" 2>&1 ||
		die "$(grep -E '^(E|W|Err)' "$log" | tail -n 1)"
	: >"$debs/.got-$id"
}

# unpack DIR PACKAGE-GLOB...: the newest of each into DIR
unpack() {
	to=$1
	shift
	mkdir -p "$to"
	for p; do
		f=$(ls -t "$debs"/${p}_*_*.deb 2>/dev/null | head -n 1)
		[ "$f" ] || die "$p: no package in $debs"
		dpkg-deb -x "$f" "$to" || die "$f: cannot unpack"
	done
}

# modules FROM TO NAME...: copies modules with all that they depend on from
# FROM/lib/modules/REL into TO/lib/modules/REL, flat, and writes modules.dep
modules() {
	rel=$(ls "$1/lib/modules")
	to=$2/lib/modules/$rel
	mkdir -p "$to"
	(cd "$1/lib/modules/$rel" && find . -name '*.ko') >"$new/.ko"
	from=$1/lib/modules/$rel
	shift 2
	while [ $# -gt 0 ]; do
		n=$(echo "$1" | tr - _)
		shift
		[ ! -e "$to/$n.ko" ] || continue
		f=$(sed 's/$/ /' "$new/.ko" | tr - _ | grep -n "/$n.ko " | cut -d: -f1)
		if [ -z "$f" ]; then
			grep -q "/$n.ko" "$from/modules.builtin" && continue
			die "$n: no such module in $rel"
		fi
		cp "$from/$(sed -n "${f}p" "$new/.ko")" "$to/$n.ko"
		info=$(tr '\0' '\n' <"$to/$n.ko" | grep -aE '^(depends|alias|softdep)=')
		d=$(echo "$info" | sed -n 's/^depends=//p' | tr ',-' ' _')
		s=$(echo "$info" | sed -n 's/^softdep=pre: //p' | tr - _)
		echo "$n" $d >>"$new/.dep"
		echo "$info" | sed -n "s/^alias=\(.*\)/alias \1 $n/p" >>"$to/modules.alias"
		for m in $s; do
			grep -qE "/$m.ko" "$from/modules.builtin" ||
			    ! tr - _ <"$new/.ko" | grep -q "/$m.ko" || d="$d $m"
		done
		set -- "$@" $d
	done
	# a line lists all that must be there before, the first one last
	awk '
	function visit(m,   i, k, d) {
		if (seen[m]++) return
		k = split(need[m], d)
		for (i = 1; i <= k; i++) visit(d[i])
		order = " " m ".ko" order
	}
	{ n = $1; $1 = ""; need[n] = $0; name[NR] = n }
	END {
		for (j = 1; j <= NR; j++) {
			delete seen
			order = ""
			visit(name[j])
			sub(/ [^ ]*/, "", order)
			print name[j] ".ko:" order
		}
	}' "$new/.dep" >"$to/modules.dep"
	rm "$new/.dep"
	: >"$to/modules.symbols"
}

# libraries FROM TO: copies from FROM what the programs in TO need, and what
# that needs, to TO/lib
libraries() {
	(cd "$1" && find . \( -name '*.so' -o -name '*.so.*' \)) >"$new/.so"
	mkdir -p "$2/lib"
	again=y
	while [ "$again" ]; do
		again=
		for l in $(find "$2" -type f \( -perm -100 -o -name '*.so*' \) \
		    -exec readelf -d {} + 2>/dev/null |
			sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u); do
			[ ! -e "$2/lib/$l" ] || continue
			f=$(grep -E "/$l\$" "$new/.so" | head -n 1)
			[ "$f" ] || die "$l: in none of the packages"
			cp -L "$1/$f" "$2/lib/$l"
			chmod 755 "$2/lib/$l"
			again=y
		done
	done
}

# busybox FROM ROOT: busybox with its applets' names as links; the names are
# in the program, each ended by NUL, from "[" and "[[" on
busybox() {
	mkdir -p "$2/bin"
	cp "$1/bin/busybox" "$2/bin/"
	tr '\0' '\n' <"$1/bin/busybox" | awk '
	on && ($0 !~ /^[a-z0-9_-]+$/ || $0 <= last) { exit }
	on { print; last = $0 }
	before == "[" && $0 == "[[" { on = 1 }
	{ before = $0 }' >"$new/.applets"
	[ "$(wc -l <"$new/.applets")" -gt 100 ] || die "busybox: no applets found"
	while read -r a; do
		[ -e "$2/bin/$a" ] || ln -s busybox "$2/bin/$a"
	done <"$new/.applets"
}

# le N FILE OFFSET: the little-endian number of N bytes there
le() {
	od -An -v -tu"$1" -j "$3" -N "$1" "$2" | tr -d ' '
}

# put32 WORD...: writes little-endian 32-bit words
put32() {
	for n; do
		n=$((n))
		# shellcheck disable=SC2059
		printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $((n & 255)) \
		    $((n >> 8 & 255)) $((n >> 16 & 255)) $((n >> 24 & 255)))"
	done
}

# mips_vmlinux VMLINUZ OUT: the self-extractor's xz payload is the kernel's
# plain image for 0x80100000; CONFIG_BOOT_RAW puts a jump to the entry behind
# the 1 KiB of exception vectors. Wrapped as ELF it starts a second sooner
# than vmlinuz does under emulation.
mips_vmlinux() {
	ok=
	for at in $(grep -obUaP '\xFD7zXZ\x00' "$1" | cut -d: -f1); do
		tail -c +$((at + 1)) "$1" | xz -dc --single-stream \
		    >"$new/.raw" 2>/dev/null || :
		size=$(wc -c <"$new/.raw")
		[ "$size" -gt 4000000 ] || continue
		[ $(($(le 4 "$new/.raw" 1024) >> 26)) = 2 ] && ok=y && break
	done
	[ "$ok" ] || die "$1: no payload that is a kernel with a jump at 0x400"
	{
		printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0'
		# executable, MIPS, o32, mips32; one program header
		put32 0x00080002 1 0x80100400 52 0 0x70001001 0x00200034 40 0
		# loaded as it is, and 4 MiB for bss kept free of the initrd
		put32 1 4096 0x80100000 0x80100000 "$size" $((size + 4194304)) 7 4096
		head -c $((4096 - 84)) /dev/zero
		cat "$new/.raw"
	} >"$2"
}

# x86_vmlinux BZIMAGE OUT: by the boot protocol's setup header
x86_vmlinux() {
	off=$(((1 + $(le 1 "$1" 497)) * 512 + $(le 4 "$1" 584)))
	len=$(le 4 "$1" 588)
	tail -c +$((off + 1)) "$1" | head -c "$len" >"$new/.payload"
	case $(le 4 "$new/.payload" 0) in
	1484404733) xz -dc --single-stream "$new/.payload" >"$2" 2>/dev/null || : ;;
	407642370) lz4 -dc "$new/.payload" >"$2" 2>/dev/null || : ;;
	4247762216) zstd -dc "$new/.payload" >"$2" 2>/dev/null || : ;;
	*) cp "$1" "$2" ;;
	esac
	case $(le 4 "$2" 0) in
	1179403647) ;;
	*) # no decompressor for it here: QEMU starts the bzImage as well
		cp "$1" "$2" ;;
	esac
}

# system ROOT TRIPLET: the part that all guests have
system() {
	mkdir -p "$1/bin" "$1/sbin" "$1/etc/ppp" "$1/lib" "$1/usr/lib/pppd" \
	    "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/run" "$1/var" "$1/root" \
	    "$1/mnt" "$1/www"
	for f in dial dhcp online; do
		cp "$here/guest/$f" "$1/bin/"
	done
	cp "$here/guest/ip-up" "$here/guest/ipv6-up" "$1/etc/ppp/"
	: >"$1/etc/ppp/options"
	cp "$here/guest/init" "$1/init"
	ln -s ../init "$1/bin/init"
	ln -s ../init "$1/sbin/init"
	busybox "$new/.u" "$1"
	ln -s ../bin/busybox "$1/sbin/modprobe"
	ln -s ../bin "$1/usr/bin"
	ln -s ../sbin "$1/usr/sbin"
	ln -s ../run "$1/var/run"
	ln -s ../tmp "$1/var/tmp"
	ln -s ../../../tmp/resolv.conf "$1/etc/ppp/resolv.conf"
	ln -s ../tmp/resolv.conf "$1/etc/resolv.conf"
	ln -s ../lib "$1/usr/lib/$2"
	printf '%s\n' 'none /proc proc' 'none /sys sysfs' 'none /dev devtmpfs' \
	    'none /tmp tmpfs' 'none /run tmpfs' >"$1/etc/fstab"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
	echo 'root:x:0:' >"$1/etc/group"
	echo '127.0.0.1 localhost' >"$1/etc/hosts"
	echo 'a page of the router' >"$1/www/index.html"
	cp "$new/.u/usr/sbin/pppd" "$1/sbin/"
	p=$(ls -d "$new"/.u/usr/lib/pppd/*)
	mkdir "$1/usr/lib/pppd/${p##*/}"
	cp "$p/pppoe.so" "$1/usr/lib/pppd/${p##*/}/rp-pppoe.so"
}

kit_mipsel() {
	programs='busybox-static ppp pppoe iperf3 libiperf0 libsctp1 libc6 libpcap0.8
	    libssl3 libpam0g libcrypt1 libaudit1 libcap-ng0 libdbus-1-3
	    libsystemd0 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1
	    libcap2 libatomic1 libgcc-s1'
	fetch mipsel linux-image-4kc-malta= $programs
	unpack "$new/.k" 'linux-image-*-4kc-malta'
	unpack "$new/.u" $programs
	cp "$new"/.k/boot/vmlinuz-* "$new/vmlinuz"
	mips_vmlinux "$new/vmlinuz" "$new/vmlinux"

	l=$new/.loader
	mkdir -p "$l/bin" "$l/etc" "$l/proc" "$l/dev" "$l/root" "$l/sys"
	cp "$new/.u/bin/busybox" "$l/bin/"
	for a in sh mount modprobe switch_root sleep; do
		ln -s busybox "$l/bin/$a"
	done
	printf 'none /proc proc\nnone /dev devtmpfs\n' >"$l/etc/fstab"
	cp "$here/guest/loader-init" "$l/init"
	modules "$new/.k" "$l" virtio_pci virtio_blk block2mtd phram ata_piix \
	    squashfs
	"$here/newc" "$l" >"$new/loader.cpio"

	r=$new/.root
	system "$r" mipsel-linux-gnu
	cp "$new/.u/usr/bin/iperf3" "$new/.u/usr/sbin/pppoe-discovery" "$r/sbin/"
	libraries "$new/.u" "$r"
	modules "$new/.k" "$r" virtio_pci virtio_net virtio_blk virtio_console \
	    virtio_rng pppoe 8021q bridge pcnet32 9p 9pnet_virtio
	mksquashfs "$r" "$new/root.squashfs" -all-root -noappend -comp gzip \
	    -Xcompression-level 1 -no-xattrs -mkfs-time 0 -all-time 0 -quiet -no-progress >"$new/.log" 2>&1 ||
		die "mksquashfs: $(tail -n 1 "$new/.log")"
	rm -rf "$new"/.[a-z]*
}

kit_kernels() {
	fetch amd64 linux-image-amd64= linux-image-cloud-amd64=
	unpack "$new/generic" 'linux-image-*[0-9]-amd64'
	unpack "$new/cloud" 'linux-image-*-cloud-amd64'
	for k in generic cloud; do
		x86_vmlinux "$new/$k"/boot/vmlinuz-* "$new/$k/vmlinux"
		rm -rf "${new:?}/$k/usr"
	done
	rm -f "$new"/.[a-z]*
}

kit_amd64() {
	programs='busybox-static ppp pppoe xl2tpd wide-dhcpv6-client dhcpcd-base
	    qemu-guest-agent iperf3 tcpdump libc6 libpcap0.8 libssl3 libpam0g
	    libcrypt1 libaudit1 libcap-ng0 libdbus-1-3 libsystemd0 libgcrypt20
	    libgpg-error0 liblz4-1 liblzma5 libzstd1 libcap2 libiperf0 libsctp1
	    libglib2.0-0 libpcre2-8-0 libnuma1 libudev1 liburing2 libfl2'
	fetch amd64 $programs
	unpack "$new/.u" $programs
	k=../kernels/generic
	ln -s $k/vmlinux "$new/vmlinux"
	ln -s "$k/boot/$(cd "$cache/kernels/generic/boot" && echo vmlinuz-*)" \
	    "$new/bzImage"
	ln -s $k "$new/modules"

	r=$new/.root
	system "$r" x86_64-linux-gnu
	for f in usr/bin/iperf3 usr/bin/tcpdump usr/sbin/xl2tpd \
	    usr/sbin/xl2tpd-control usr/sbin/dhcp6c usr/sbin/dhcpcd \
	    usr/sbin/pppoe usr/sbin/pppoe-server usr/sbin/pppoe-discovery \
	    usr/sbin/pppoe-relay usr/sbin/pppoe-sniff usr/sbin/qemu-ga; do
		cp "$new/.u/$f" "$r/sbin/"
	done
	cp "$p/pppol2tp.so" "$r/usr/lib/pppd/${p##*/}/"
	ln -s lib "$r/lib64"
	libraries "$new/.u" "$r"
	modules "$cache/kernels/generic" "$r" virtio_pci virtio_net virtio_blk \
	    virtio_console virtio_rng pppoe ppp_async ppp_synctty ppp_mppe \
	    l2tp_ppp 8021q bridge veth tun 9p 9pnet_virtio
	"$here/newc" "$r" >"$new/base.cpio"
	rm -rf "$new"/.[a-z]*
}
