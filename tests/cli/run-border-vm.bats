#!/usr/bin/env bats
# uses: run-border-vm tufted bng pppoe-l2tp-relay
# timeout: 150

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset QEMU QEMU_OPTS QEMU_KERNEL_PARAMS NIX_DISK_IMAGE SHARED_DIR
	# what tells a bzImage
	{ head -c 514 /dev/zero; printf HdrS; head -c 1024 /dev/zero; } >k
	printf '#!/bin/sh\n[ "$1" != --list ] || cat <<-X\n' >bb
	printf '\t%s\n' sh cttyhack ip mkdir mkfifo mount poweroff reboot setsid \
	    sleep sync udhcpd httpd X >>bb
	chmod +x bb
	printf '#!/bin/sh\nprintf "%%s\\n" "$0" "$@" >ran\necho fake: no machine >&2\nexit 3\n' >qemu
	chmod +x qemu
	export QEMU=$PWD/qemu RUN_BORDER_VM_KERNEL=$PWD/k
	echo "busybox = $PWD/bb" >border.conf
}

# bad REGEX [OPTION...]: --check says so in a line that begins with BAD, and
# without --check it is said, too, and nothing is started
bad() {
	local re=$1
	shift
	run run-border-vm --check "$@"
	[ "$status" = 1 ] || { echo "status $status for $re: $output"; return 1; }
	grep -qE "^BAD .*$re" <<<"$output" || { echo "no $re in: $output"; return 1; }
	run run-border-vm "$@"
	[ "$status" = 1 ] || return 1
	grep -qE "^run-border-vm: .*$re" <<<"$output" || { echo "no $re: $output"; return 1; }
	[ ! -e ran ]
}

# pci ADDR CLASS GROUP [DRIVER]: a card in the tree s
pci() {
	local d=s/sys/bus/pci/devices/$1
	mkdir -p "$d" s/sys/bus/pci/drivers s/sys/class/iommu/dmar0 s/dev/vfio
	echo "$2" >"$d/class"
	: >"$d/driver_override"
	: >s/sys/bus/pci/drivers_probe
	if [ "$3" != - ]; then
		mkdir -p "s/sys/kernel/iommu_groups/$3/devices/$1"
		ln -sfn "../../../../kernel/iommu_groups/$3" "$d/iommu_group"
		: >"s/dev/vfio/$3"
	fi
	: >s/dev/vfio/vfio
	[ -z "${4-}" ] || {
		mkdir -p "s/sys/bus/pci/drivers/$4"
		: >"s/sys/bus/pci/drivers/$4/unbind"
		ln -sfn "../../drivers/$4" "$d/driver"
	}
}
# usb NAME VENDOR PRODUCT BUS DEV: an adapter
usb() {
	local d=s/sys/bus/usb/devices/$1
	mkdir -p "$d" "s/dev/bus/usb/00$4"
	echo "$2" >"$d/idVendor"
	echo "$3" >"$d/idProduct"
	echo "$4" >"$d/busnum"
	echo "$5" >"$d/devnum"
	: >"s/dev/bus/usb/00$4/00$5"
}

@test "help, version, usage" {
	run run-border-vm --help
	[ "$status" = 0 ]
	run-border-vm --version
	for w in x '--nonsense' '--bind' '-o x' '-o x=y' '-o nic=none' '--accel x' \
	    '--start-timeout x' '--stop a --status b' '--stop a b' '--list'; do
		# shellcheck disable=SC2086
		run run-border-vm $w
		[ "$status" = 2 ]
		[ ${#lines[@]} = 1 ]
	done
}

@test "border.conf: the example works as it is; mistakes have file and line" {
	run-border-vm --example >example
	run run-border-vm --check -c example -o "busybox=$PWD/bb"
	[ "$status" = 0 ]
	[[ $output == *"ok  card: on the network lan"* ]]
	# and with every comment that is a default removed, too
	sed 's/^#\([a-z]* = \)/\1/' example | grep -vE '^(pci|usb|key|share)' >all
	run run-border-vm --check -c all -o "busybox=$PWD/bb"
	[ "$status" = 0 ]
	printf '# a comment\n\nnics = lan\n' >wrong
	run run-border-vm -c wrong
	[ "$status" = 1 ]
	[ "$output" = "run-border-vm: wrong:3: nics: no such key; --example shows all" ]
	printf 'dhcp = 1\n' >border.conf
	run run-border-vm --check
	[ "$status" = 1 ]
	[ "$output" = "run-border-vm: border.conf:1: dhcp: must be FIRST-LAST or none" ]
	echo nonsense >border.conf
	run run-border-vm --check
	[ "$output" = 'run-border-vm: border.conf:1: not "key = value"' ]
	run run-border-vm -c none
	[ "$status" = 1 ]
	[[ $output == "run-border-vm: none: No such file"* ]]
	printf 'a\0b' >border.conf
	run run-border-vm
	[[ $output == *"border.conf: has a NUL in it" ]]
}

@test "border.conf: lines that do not go together" {
	bad "address 10.0.2.9/28: 10.0.2.0/24 is eth0's" -o address=10.0.2.9/28 \
	    -o dhcp=none
	bad "address 10.0.0.1/16: 10.0.2.0/24 is eth0's" -o address=10.0.0.1/16
	bad 'dhcp 10.0.0.12-10.0.1.2: not in the network of address' \
	    -o dhcp=10.0.0.12-10.0.1.2
	bad 'secret ./none: No such file' -o secret=./none
	bad 'nic packet:nosuch0: No such device' -o nic=packet:nosuch0
	# DHCP follows the address
	run run-border-vm --check -o address=192.168.7.1/24
	[ "$status" = 0 ]
}

@test "kernel, busybox, share, QEMU, ports: what is missing is said" {
	bad 'kernel ./none: No such file' -o kernel=./none
	mkdir empty
	bad 'kernel empty: no boot/vmlinuz' -o kernel=empty
	bad 'kernel .*bb: neither a bzImage nor a vmlinux' -o kernel=bb
	bad 'modules none: No such file' -o modules=none
	bad 'busybox: none cannot be run' -o busybox=none
	grep -vE 'udhcpd|httpd' bb >bb2
	chmod +x bb2
	bad 'busybox: bb2 lacks udhcpd$' --busybox bb2
	bad 'busybox: bb2 lacks httpd$' --busybox bb2 -o dhcp=none -o http=/x
	run run-border-vm --check -o dhcp=none -o busybox=none --busybox bb2
	[ "$status" = 0 ]
	[[ $output == *"ok  busybox: bb2"* ]]
	bad 'busybox: /bin/false --list fails: is it one\?' --busybox /bin/false
	bad 'busybox: /bin/true lacks sh cttyhack ip ' --busybox /bin/true
	bad 'share .*none: No such file' -o share=none
	bad 'share .*k: not a directory' -o share=k
	QEMU=nothing bad 'nothing: not found'
	daemon socat tcp-listen:7001,bind=127.0.0.1 -
	until_ok 10 sh -c 'ss -ltn 2>/dev/null | grep -q 7001 || grep -q 1B59 /proc/net/tcp'
	bad 'forward: tcp port 7001 of the host: Address' -o forward=tcp:7001:1
	[ ! -d /boot ] || ls /boot/vmlinuz-* >/dev/null 2>&1 ||
		RUN_BORDER_VM_KERNEL='' bad 'kernel: none in /boot'
	# paths in border.conf are relative to it, those of -o are not
	mkdir -p a/b a/m
	printf '%s = s/x\n' kernel modules busybox secret >a/border.conf
	for p in 'kernel a/s/x' 'busybox: a/s/x cannot' 'secret a/s/x'; do
		bad "$p" -c a/border.conf
	done
	bad 'kernel none: No such' -c a/border.conf -o kernel=none
	bad 'modules a/m2: No such' -c a/border.conf -o kernel=k -o modules=a/m2
	echo 'kernel = 1.2.3-none' >a/border.conf # a release
	bad 'kernel 1.2.3-none: No such' -c a/border.conf
	cp k a/k2
	printf 'kernel = k2\nmodules = m\n' >a/border.conf
	run run-border-vm --check -c a/border.conf
	[[ $output == *"kernel a/k2, modules in a/m"* ]]
	printf '\357\273\277share = b\r\n' >a/border.conf # as of Windows
	run run-border-vm --check -c a/border.conf -o "busybox=$PWD/bb"
	[[ $output == *"share: $PWD/a/b at /home/liminix/liminix, read-only"* ]]
}

@test "-n: the machine" {
	mkdir -p 'sh,are'
	run run-border-vm -n --accel tcg -o 'share=sh,are' -o memory=1G -o cpus=2 \
	    -o forward=udp:5000:69 -o 'reach=10.0.2.10:443 127.0.0.1:8443'
	[ "$status" = 0 ]
	args=" ${output//$' \\\n'/ } "
	for a in '-M q35' '-m 1024' '-smp 2' '-accel tcg' "-kernel $PWD/k" \
	    'hostfwd=udp:127.0.0.1:5000-:69' \
	    'guestfwd=tcp:10.0.2.10:443-cmd:' 'run-border-vm connect 127.0.0.1:8443' \
	    "local,id=share,path=$PWD/sh,,are,security_model=none,readonly=on" \
	    'socket,id=lan,mcast=230.0.0.1:1235,localaddr=127.0.0.1' \
	    'netdev=lan,mac=ba:ad:1d:ea:31:01'; do
		[[ $args == *"$a"* ]] || { echo "no $a in $args"; false; }
	done
	[[ $args != *hostfwd=tcp* ]]
	mkdir "it's, odd"
	cp "$(command -v run-border-vm)" "it's, odd"
	run "it's, odd/run-border-vm" -n -o 'reach=10.0.2.10:443 127.0.0.1:8443'
	eval "args=(${output//$' \\\n'/ })"
	[[ " ${args[*]} " == *",guestfwd=tcp:10.0.2.10:443-cmd:'$PWD/it'\''s,, odd/run-border-vm' connect 127.0.0.1:8443 "* ]]
	run run-border-vm -n -o writable=yes -o nic=tap:t9
	[[ $output == *"local,id=share,path=$PWD,security_model=none \\"* ]]
	[[ $output == *"tap,id=lan,ifname=t9"* ]]
	run run-border-vm -n -o pci=01:00.0
	[[ $output == *"vfio-pci,host=0000:01:00.0"* ]]
	run run-border-vm -n -o usb=0bda:8153
	[[ $output == *"qemu-xhci"*"usb-host,vendorid=0x0bda,productid=0x8153"* ]]
	run run-border-vm -n -o usb=0bda:8153@2-1.4
	[[ $output == *"usb-host,hostbus=2,hostport=1.4"* ]]
}

@test "a PCI card: each thing that may be missing, a line each" {
	bad 'pci 0000:01:00.0: no such device' --sysfs s -o pci=01:00.0
	pci 0000:01:00.0 0x020000 - e1000e
	rm -r s/sys/class/iommu/dmar0
	bad 'no IOMMU group: switch the IOMMU on' --sysfs s -o pci=01:00.0
	mkdir s/sys/class/iommu/dmar0
	bad 'no IOMMU group: the IOMMU does not cover it' --sysfs s -o pci=01:00.0
	pci 0000:01:00.0 0x020000 7 e1000e
	bad 'module vfio-pci is not loaded' --sysfs s -o pci=01:00.0
	mkdir -p s/sys/bus/pci/drivers/vfio-pci
	bad 'the driver e1000e has it, not vfio-pci: give it over with --bind' \
	    --sysfs s -o pci=01:00.0
	pci 0000:01:00.0 0x020000 7 vfio-pci
	rm s/dev/vfio/7
	bad 's/dev/vfio/7: not there' --sysfs s -o pci=01:00.0
	: >s/dev/vfio/7
	rm s/dev/vfio/vfio
	bad 's/dev/vfio/vfio: not there: "modprobe vfio-pci"' --sysfs s -o pci=01:00.0
	: >s/dev/vfio/vfio
	run run-border-vm --check --sysfs s -o pci=01:00.0
	[ "$status" = 0 ]
	[[ $output == *"ok  card: pci 0000:01:00.0, IOMMU group 7"* ]]
	# bridges of the group do not count, other devices do
	pci 0000:00:1c.0 0x060400 7 pcieport
	run-border-vm --check --sysfs s -o pci=0000:01:00.0
	pci 0000:01:00.1 0x040300 7 snd_hda_intel
	bad 'its IOMMU group also holds 0000:01:00.1, which the driver snd_hda_intel has' \
	    --sysfs s -o pci=01:00.0
	for d in vfio-pci pci-stub; do
		pci 0000:01:00.1 0x040300 7 $d
		run-border-vm --check --sysfs s -o pci=01:00.0
	done
	echo 0x030000 >s/sys/bus/pci/devices/0000:01:00.0/class
	bad 'no network card: its class is 0x030000' --sysfs s -o pci=01:00.0
}

@test "a PCI card that this host uses is refused" {
	pci 0000:01:00.0 0x020000 7 e1000e
	mkdir -p s/sys/bus/pci/drivers/vfio-pci s/sys/bus/pci/devices/0000:01:00.0/net/enp1s0
	echo up >s/sys/bus/pci/devices/0000:01:00.0/net/enp1s0/operstate
	bad 'its interface enp1s0 is up here' --sysfs s -o pci=01:00.0 --bind
	echo down >s/sys/bus/pci/devices/0000:01:00.0/net/enp1s0/operstate
	run-border-vm --check --sysfs s -o pci=01:00.0 --bind
	# two ports in one function: either may be the one
	mkdir s/sys/bus/pci/devices/0000:01:00.0/net/enp1s0d1
	for n in enp1s0 enp1s0d1; do
		echo down | tee s/sys/bus/pci/devices/0000:01:00.0/net/*/operstate
		echo up >s/sys/bus/pci/devices/0000:01:00.0/net/$n/operstate
		bad "its interface $n is up here" --sysfs s -o pci=01:00.0 --bind
	done
}

@test "without modules.alias the card gets the driver that it has on this host" {
	mkdir -p m/kernel s/sys/bus/pci/drivers/vfio-pci
	for n in virtio_pci virtio_net 9p 9pnet_virtio nf_tables nft_chain_nat \
	    nft_masq e1000e; do
		echo "$n" >"m/kernel/$n.ko"
	done
	pci 0000:01:00.0 0x020000 7 e1000e
	: >s/sys/bus/pci/drivers/vfio-pci/unbind
	local d=s/sys/bus/pci
	rm $d/drivers/e1000e/unbind $d/drivers_probe
	mkfifo $d/drivers/e1000e/unbind $d/drivers_probe
	# the kernel: gives it over between the two
	daemon sh -c "cat $d/drivers/e1000e/unbind
		ln -sfn ../../drivers/vfio-pci $d/devices/0000:01:00.0/driver
		cat $d/drivers_probe $d/drivers_probe"
	printf '#!/bin/sh\ncat /proc/self/fd/101 >initrd\n' >qemu
	run timeout 20 run-border-vm --accel tcg --sysfs s -o pci=01:00.0 --bind \
	    -o "modules=$PWD/m"
	[[ $output != *"no module"* ]]
	grep -aq '^/mod/e1000e.ko' initrd
	# one that vfio-pci has already has no name to take
	run timeout 20 run-border-vm --accel tcg --sysfs s -o pci=01:00.0 \
	    -o "modules=$PWD/m"
	[[ $output == *"pci 0000:01:00.0: found no module that drives it"* ]]
	! grep -aq '^/mod/e1000e.ko' initrd
}

@test "border.conf: the guest gets each user, or none" {
	printf '#!/bin/sh\ncat /proc/self/fd/101 >initrd\n' >qemu
	long=$(printf '%0250d' 0)
	for n in $(seq 16); do echo "user = o'$n@isp:$long" >>border.conf; done
	run timeout 20 run-border-vm --accel tcg
	grep -a ^bng= initrd | grep -ao "@isp:$long" | wc -l | grep -qx 16
	(eval "$(grep -a ^bng= initrd)"
	eval "set -- $bng"
	[ $# = 36 ]
	[ "${36}" = "o'16@isp:$long" ])
	run run-border-vm -o "dns=here"
	[[ $output == "run-border-vm: -o dns: must be an IPv4 address"* ]]
}

@test "--bind writes what the kernel wants, and undoes it" {
	pci 0000:01:00.0 0x020000 7 e1000e
	mkdir -p s/sys/bus/pci/drivers/vfio-pci
	run run-border-vm --sysfs s -o pci=01:00.0 --bind -v
	d=s/sys/bus/pci/devices/0000:01:00.0
	[ "$status" = 1 ]
	[[ $output == *"$d/driver_override: vfio-pci"*"$d/driver/unbind: 0000:01:00.0"*"s/sys/bus/pci/drivers_probe: 0000:01:00.0"*"pci 0000:01:00.0: vfio-pci did not take it"*"$d/driver_override: (empty)"*"drivers_probe: 0000:01:00.0"* ]]
	[ "$(<s/sys/bus/pci/drivers/e1000e/unbind)" = 0000:01:00.0 ]
	[ ! -e ran ]
	# one that is with vfio-pci already stays there
	pci 0000:01:00.0 0x020000 7 vfio-pci
	run run-border-vm --sysfs s -o pci=01:00.0 --bind -v
	[ "$status" = 3 ]
	[[ $output != *driver_override* ]]
	grep -qx 'vfio-pci,host=0000:01:00.0' ran
}

@test "a USB adapter: found, alone, permitted, used" {
	bad 'usb 0bda:8153: not plugged in' --sysfs s -o usb=0bda:8153
	usb 1-2 0bda 8153 1 4
	run run-border-vm --check --sysfs s -o usb=0bda:8153
	[ "$status" = 0 ]
	[[ $output == *"ok  card: usb 0bda:8153 at 1-2"* ]]
	mkdir -p s/sys/bus/usb/devices/1-2:1.0/net/enx1 s/sys/bus/usb/drivers/r8152
	ln -s ../../drivers/r8152 s/sys/bus/usb/devices/1-2:1.0/driver
	echo down >s/sys/bus/usb/devices/1-2:1.0/net/enx1/operstate
	run run-border-vm --check --sysfs s -o usb=0bda:8153
	[ "$status" = 0 ]
	[[ $output == *"the driver r8152 has it until the machine starts"* ]]
	echo up >s/sys/bus/usb/devices/1-2:1.0/net/enx1/operstate
	bad 'its interface enx1 is up here' --sysfs s -o usb=0bda:8153
	usb 2-1 0bda 8153 2 5
	bad '2 of them are plugged in: name one as 0bda:8153@' --sysfs s -o usb=0bda:8153
	run-border-vm --check --sysfs s -o usb=0bda:8153@2-1
	bad 'not plugged in' --sysfs s -o usb=0bda:8153@2-2
}

@test "EXAMPLES of the page, those with a card" {
	pci 0000:01:00.0 0x020000 7 vfio-pci
	usb 1-2 0bda 8153 1 4
	sed -i 's/>ran/>>ran/' qemu
	sudo() { "$@"; }
	modprobe() { echo "$*" >>loaded; }
	run-border-vm() { command run-border-vm --sysfs s "$@"; }
	local n=0 cmd
	while IFS= read -r cmd; do
		n=$((n + 1))
		eval "$cmd" || [ $? = 3 ] # the QEMU that has no machine
	done < <(printed "$LIMEN/run-border-vm/run-border-vm.1" | grep -E 'pci|usb')
	[ "$n" = 3 ]
	[ "$(<loaded)" = vfio-pci ]
	grep -qx 'vfio-pci,host=0000:01:00.0' ran
	grep -qx 'usb-host,vendorid=0x0bda,productid=0x8153' ran
}

@test "permissions: the group's node, locked memory, the udev rule" {
	setpriv --reuid 65534 --clear-groups true 2>/dev/null ||
		skip "cannot become another user here"
	pci 0000:01:00.0 0x020000 7 vfio-pci
	usb 1-2 0bda 8153 1 4
	chmod 600 s/dev/vfio/7 s/dev/bus/usb/001/004
	chmod 666 s/dev/vfio/vfio
	t=$(mktemp -d)
	chmod 755 "$t"
	cp -r . "$t"
	cp "$(command -v run-border-vm)" "$(command -v tufted)" "$(command -v bng)" "$t"
	cd "$t"
	ulimit -l 64
	nobody() {
		XDG_CACHE_HOME=/nonexistent setpriv --reuid 65534 --clear-groups \
		    ./run-border-vm --check --sysfs s -o "kernel=$t/k" -o "busybox=$t/bb" "$@"
	}
	QEMU=$t/qemu run nobody -o pci=01:00.0
	[ "$status" = 1 ]
	[[ $output == *'BAD s/dev/vfio/7: Permission denied: give your user access to it, as in "chown 65534 s/dev/vfio/7"'* ]]
	[[ $output == *'may be locked, a card given to a machine of 256 MiB needs 320'* ]]
	QEMU=$t/qemu run nobody -o usb=0bda:8153
	[ "$status" = 1 ]
	[[ $output == *'BAD s/dev/bus/usb/001/004: Permission denied: a udev rule'*'SUBSYSTEM=="usb", ATTR{idVendor}=="0bda", ATTR{idProduct}=="8153", MODE="0660", GROUP="kvm"'* ]]
}

@test "QEMU's own words when it does not start; nothing is left" {
	run run-border-vm --background b
	[ "$status" = 1 ]
	[ "$output" = "run-border-vm: fake: no machine" ]
	[ ! -e b/pid ]
	[ ! -e b/console ]
	run run-border-vm --status b
	[ "$status" = 1 ]
	run run-border-vm --stop none
	[ "$status" = 1 ]
	run-border-vm --list b | grep -q 'not running'
}

@test "--system: a closure's kernel, initrd, init and parameters" {
	mkdir -p sys/init.d store
	echo kern >sys/kernel
	echo rd >sys/initrd
	echo init >sys/init
	echo 'loglevel=4 root=fstab' >sys/kernel-params
	printf 'QFI\373' >disk.qcow2
	QEMU_KERNEL_PARAMS=more NIX_DISK_IMAGE=disk.qcow2 SHARED_DIR=$PWD \
	    run run-border-vm -n --accel tcg --system sys
	[ "$status" = 0 ]
	args=" ${output//$' \\\n'/ } "
	for a in "-kernel $PWD/sys/kernel" "-initrd $PWD/sys/initrd" \
	    "loglevel=4 root=fstab init=$PWD/sys/init console=ttyS0 more" \
	    'file=disk.qcow2,format=qcow2,if=virtio' "path=$PWD,security_model=none,mount_tag=liminix,readonly=on" 'hostfwd=tcp:127.0.0.1:2222-:22' 'mount_tag=xchg'; do
		[[ $args == *"$a"* ]] || { echo "no $a in $args"; false; }
	done
	# the host's store goes along where there is one
	n=$(grep -c mount_tag=nix-store <<<"$args" || :)
	[ "$n" = "$([ -d /nix/store ] && echo 1 || echo 0)" ]
	# not the temporary files of others
	mkdir tmp
	: >raw
	NIX_DISK_IMAGE=raw TMPDIR=$PWD/tmp run run-border-vm -n --system sys
	[[ $output == *"file=raw,format=raw,"* ]]
	[[ $output == *"path=$PWD/tmp/xchg,security_model=none,mount_tag=xchg"* ]]
	[ ! -e tmp/xchg ]
	for _ in 1 2; do
		rm -f ran
		TMPDIR=$PWD/tmp run run-border-vm --accel tcg --system sys
		[ -d tmp/xchg ]
		grep -q "path=$PWD/tmp/xchg," ran
	done
	# what another one put there leads the machine elsewhere
	rmdir tmp/xchg
	mkdir elsewhere
	ln -s ../elsewhere tmp/xchg
	rm -f ran
	TMPDIR=$PWD/tmp run run-border-vm --accel tcg --system sys
	[ "$status" = 1 ]
	[ "$output" = "run-border-vm: $PWD/tmp/xchg: not a directory of yours" ]
	[ ! -e ran ]
	QEMU_NET_OPTS=hostfwd=tcp::8022-:22 run run-border-vm -n --system sys
	[[ $output == *"user,id=wan,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp::8022-:22"* ]]
	QEMU_NET_OPTS=hostfwd=tcp::8022-:22 run run-border-vm -n
	[[ $output != *8022* ]]
	NIX_DISK_IMAGE=none run run-border-vm -n --system sys
	[ "$status" = 1 ]
	[ "$output" = "run-border-vm: disk none: No such file or directory" ]
	NIXPKGS_QEMU_KERNEL_border=/x/k run run-border-vm -n --system sys
	[[ $output == *" /x/k"* || $output == *"/x/k"* ]]
	run run-border-vm --check --system sys
	[ "$status" = 0 ]
	[[ $output == *"ok  system sys"* ]]
	rm sys/initrd
	for how in -n "--accel tcg"; do
		# shellcheck disable=SC2086
		run run-border-vm $how --system sys
		[ "$status" = 1 ]
		[ "$output" = "run-border-vm: sys/initrd: No such file or directory" ]
	done
	NIXPKGS_QEMU_KERNEL_border=/x/k run run-border-vm --check --system none
	[ "$status" = 1 ]
	[[ $output == *"BAD none/initrd: No such file or directory"*"BAD none/init: "* ]]
	[[ $output != *none/kernel* ]]
}

@test "what the guest's script calls is no command of the host's" {
	for words in "nat lo" "run touch ran"; do
		# shellcheck disable=SC2086
		run run-border-vm $words
		[ "$status" = 2 ]
		[[ $output == "run-border-vm: too many arguments: ${words%% *} "* ]]
		[ ! -e ran ]
	done
}

@test "DHCP on a large network has no more leases than udhcpd has memory for" {
	printf '#!/bin/sh\ncat /proc/self/fd/1[0-9][0-9] >>initrd 2>/dev/null\nexit 3\n' >qemu
	: >initrd
	run run-border-vm -o address=172.16.0.1/8
	grep -aqx 'max_leases 65536' initrd
	grep -aqx 'start 172.12.0.0' initrd
	: >initrd
	run run-border-vm
	grep -aqx 'max_leases 229' initrd
}
