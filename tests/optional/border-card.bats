#!/usr/bin/env bats
# a border VM with a card of its own, given over by VFIO or by usb-host: the
# cards are QEMU's own, an e1000e and a usb-net in an outer machine that has an
# IOMMU; the border VM runs in that, emulated twice over, and a MIPS router is
# on the other end of the card's wire. "make check" leaves it out, because it
# takes many minutes: tests/run tests/optional/border-card.bats
#
# On a host with a load of 25 the border VM was up after 1895 s, with the card
# taken from e1000e by VFIO; it had no driver for it, which was mended: the
# kit's kernel has no modules.alias. The same card without the outer machine
# then gave the router its address and its file. Not yet seen: the traffic
# nested, and the second test.
# uses: run-border-vm run-in-vm mips-vm tufted bng
# kit: mipsel kernels
# timeout: 5400
# shellcheck disable=SC2154

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cache=${LIMEN_VM_CACHE:-$LIMEN/build/vm}
	kernels=$cache/kernels/generic
	[ -e "$cache/mipsel/.made" ] && [ -e "$cache/kernels/.made" ] ||
		skip "no guest kit, no network"
	unset LAN WAN QEMU QEMU_OPTS QEMU_OPTIONS
	export INIT=/init HOME=$BATS_TEST_TMPDIR
	mkdir share both
	head -c 100000 /dev/urandom >share/firmware.bin
	# in the outer machine: what it does is seen in "both"
	cat >outer <<'END'
	set -x
	unset QEMU_OPTS
	for m in net/ethernet/intel/e1000e/e1000e usb/common/usb-common \
	    usb/core/usbcore usb/host/xhci-hcd usb/host/xhci-pci net/mii \
	    net/usb/usbnet net/usb/cdc_ether vfio/vfio_virqfd vfio/vfio \
	    vfio/vfio_iommu_type1 vfio/pci/vfio-pci-core vfio/pci/vfio-pci; do
		[ "$m" != vfio/vfio_virqfd ] ||
			busybox insmod "$MODULES/virt/lib/irqbypass.ko"
		busybox insmod "$MODULES/drivers/$m.ko"
	done
	n=0
	until [ ! -e /sys/bus/usb/devices/usb1 ] ||
	    [ -e /sys/bus/usb/devices/1-1:1.0/net ] || [ $((n += 1)) = 100 ]; do
		sleep 0.2
	done
	run-border-vm --check "$@" >both/check 2>&1
	run-border-vm -v --background /tmp/border --start-timeout 45m \
	    -o share=share -o memory=96 "$@" >both/start 2>&1 || {
		cat /tmp/border/console.log >>both/start
		echo failed >both/up
		exit 1
	}
	readlink /sys/bus/pci/devices/0000:00:10.0/driver >both/driver
	echo up >both/up
	until [ -e both/stop ]; do
		cp /tmp/border/console.log both/console
		sleep 1
	done
	run-border-vm --stop /tmp/border >both/stopped 2>&1
	echo "$?" >both/status
	sleep 1
	readlink /sys/bus/pci/devices/0000:00:10.0/driver >both/after
END
}
teardown() {
	touch both/stop
	mips-vm --stop vm 0 >/dev/null 2>&1 || :
}

# outer WORD...: the outer machine; options of run-border-vm
outer() {
	local wire=socket,localaddr=127.0.0.1,mcast=230.0.0.1:1235
	local release
	release=$(basename "$kernels"/lib/modules/*)
	export MODULES=$kernels/lib/modules/$release/kernel
	export RUN_BORDER_VM_KERNEL=$kernels
	QEMU_OPTS="-device intel-iommu,intremap=on $(printf -- "$card" "$wire")" \
	    daemon run-in-vm --cold --no-kvm -k "$kernels" -m 900M \
	    --append intel_iommu=on --share-rw both \
	    --log console sh ./outer "$@"
	machine=$!
	until_ok 3600 ended
	cat run-in-vm.* both/check both/start >&2
	[ "$(<both/up)" = up ]
}
ended() { [ -e both/up ] || gone "$machine"; }
# a router on the wire: an address, a file by TFTP, the internet's side
router() {
	mips-vm --background vm --lan none --wan lan \
	    --command-line limen.mode=dhcp --wait 'LEASE eth0:900' \
	    "$cache/mipsel/vmlinux" "$cache/mipsel/root.squashfs" \
	    "$cache/mipsel/loader.cpio"
	grep 'LEASE eth0 10.0.0.[0-9]*/24 router 10.0.0.1' vm/console.log >&2
	printf 'tftp -g -r firmware.bin -l /tmp/f 10.0.0.1; md5sum /tmp/f; echo DO""NE\n' |
		socat -t1 - unix-connect:vm/console >/dev/null
	until_ok 600 grep -q '^DONE' vm/console.log
	grep "^$(md5sum <share/firmware.bin | cut -c1-32)" vm/console.log
}

@test "VFIO: an e1000e taken from its driver, and given back" {
	card="-netdev %s,id=w -device e1000e,netdev=w,addr=0x10,romfile="
	outer --bind -o pci=00:10.0
	grep 'ok .*--bind takes it from e1000e' both/check
	grep 'ok .*card: pci 0000:00:10.0, IOMMU group' both/check
	[[ $(<both/driver) == */vfio-pci ]]
	router
	touch both/stop
	until_ok 300 [ -s both/after ]
	[ "$(<both/status)" = 0 ]
	[[ $(<both/after) == */e1000e ]]
}

@test "usb-host: a usb-net taken from cdc_ether" {
	card="-device qemu-xhci -netdev %s,id=w -device usb-net,netdev=w"
	outer -o usb=0525:a4a2
	[ "$(grep -c 'ok .*the driver cdc_ether has it' both/check)" = 1 ]
	grep 'ok .*card: usb 0525:a4a2 at 1-1' both/check
	router
	touch both/stop
	until_ok 300 [ -s both/status ]
	[ "$(<both/status)" = 0 ]
}
