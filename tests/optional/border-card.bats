#!/usr/bin/env bats
# a border VM with a card of its own, given over by VFIO or by usb-host: the
# cards are QEMU's own, an e1000e and a usb-net in an outer machine that has an
# IOMMU; the border VM runs in that, and a MIPS router is on the other end of
# the card's wire. The outer machine is emulated, and so is its processor's
# SVM: with KVM there the border VM is six times as fast as emulated twice
# over. "make check" leaves it out, because it takes some minutes, more on a
# busy host: tests/run tests/optional/border-card.bats
# uses: run-border-vm run-in-vm mips-vm tufted bng
# kit: mipsel kernels
# timeout: 3600

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
	head -c 20000 /dev/urandom >share/firmware.bin
	# in the outer machine: what it does is seen in "both"
	cat >outer <<'END'
	set -x
	unset QEMU_OPTS
	for m in virt/lib/irqbypass arch/x86/kvm/kvm drivers/crypto/ccp/ccp \
	    arch/x86/kvm/kvm-amd; do
		busybox insmod "$MODULES/$m.ko"
	done
	for m in net/ethernet/intel/e1000e/e1000e usb/common/usb-common \
	    usb/core/usbcore usb/host/xhci-hcd usb/host/xhci-pci net/mii \
	    net/usb/usbnet net/usb/cdc_ether vfio/vfio_virqfd vfio/vfio \
	    vfio/vfio_iommu_type1 vfio/pci/vfio-pci-core vfio/pci/vfio-pci; do
		busybox insmod "$MODULES/drivers/$m.ko"
	done
	n=0
	until [ ! -e /sys/bus/usb/devices/usb1 ] ||
	    [ -e /sys/bus/usb/devices/1-1:1.0/net ] || [ $((n += 1)) = 100 ]; do
		sleep 0.2
	done
	# the first machine that KVM makes takes seconds here
	n=0
	until run-border-vm --check --accel kvm "$@" >both/check 2>&1 ||
	    [ $((n += 1)) = 5 ]; do
		:
	done
	# and so it may find that KVM crawls, right after a check that did not
	n=0
	until run-border-vm -v --accel kvm --background /tmp/border \
	    --start-timeout 20m -o share=share -o memory=192 \
	    -o modules="$MODULES/.." "$@" >both/start 2>&1; do
		grep 'no KVM:' both/start && [ $((n += 1)) -lt 10 ] && continue
		cat /tmp/border/console.log >>both/start
		echo failed >both/up
		exit 1
	done
	readlink /sys/bus/pci/devices/0000:00:10.0/driver >both/driver
	echo up >both/up
	until [ -e both/stop ]; do
		cp /tmp/border/console.log both/console
		sleep 1
	done
	run-border-vm --stop /tmp/border >both/stopped 2>&1
	echo "$?" >>both/stopped
	sleep 1
	readlink /sys/bus/pci/devices/0000:00:10.0/driver \
	    /sys/bus/usb/devices/1-1:1.0/driver >both/after
	echo end >>both/after
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
	export RUN_BORDER_VM_KERNEL=$kernels/vmlinux
	QEMU_OPTS="-cpu qemu64,+npt,+nrip-save -device intel-iommu,intremap=on $(printf -- "$card" "$wire")" \
	    daemon run-in-vm --cold --accel tcg -k "$kernels" -m 900M \
	    --append intel_iommu=on --share-rw both \
	    --log console sh ./outer "$@"
	machine=$!
	until_ok 1500 ended
	cat run-in-vm.* both/check both/start >&2
	[ "$(<both/up)" = up ]
}
ended() { [ -s both/up ] || gone "$machine"; }
# the border VM ends, in silence
stopped() {
	touch both/stop
	until_ok 300 grep -q end both/after
	cat both/stopped >&2
	[ "$(<both/stopped)" = 0 ]
}
# enter WORD...: a command on the router's console
enter() { echo "$*" | socat -t1 - unix-connect:vm/console >/dev/null; }
# a router on the wire: an address, a file by TFTP
router() {
	mips-vm --background vm --lan none --wan lan \
	    --command-line limen.mode=none --wait '^READY:600' \
	    "$cache/mipsel/vmlinux" "$cache/mipsel/root.squashfs" \
	    "$cache/mipsel/loader.cpio"
	enter 'ip link set eth0 up; udhcpc -q -n -t 60 -T 10 -i eth0 -s /bin/dhcp'
	until_ok 600 grep -q '^LEASE eth0 10.0.0.[0-9]*/24 router 10.0.0.1' \
	    vm/console.log
	# a block may take seconds by USB, which the client takes for a loss
	enter 'n=0; until tftp -b 1400 -g -r firmware.bin -l /tmp/f 10.0.0.1 ||' \
	    '[ $((n += 1)) = 20 ]; do sleep 1; done; md5sum /tmp/f; echo DO""NE'
	until_ok 600 grep -q '^DONE' vm/console.log
	grep "^$(md5sum <share/firmware.bin | cut -c1-32)" vm/console.log ||
		{ tail -n 20 vm/console.log both/console >&2; false; }
}

@test "VFIO: an e1000e taken from its driver, and given back" {
	card="-netdev %s,id=w -device e1000e,netdev=w,addr=0x10,romfile="
	outer --bind -o pci=00:10.0
	grep 'ok .*--bind takes it from e1000e' both/check
	grep 'ok .*card: pci 0000:00:10.0, IOMMU group' both/check
	[[ $(<both/driver) == */vfio-pci ]]
	router
	stopped
	grep /e1000e both/after
}

@test "usb-host: a usb-net taken from cdc_ether" {
	# each block takes half a second there
	card="-device qemu-xhci -netdev %s,id=w -device usb-net,netdev=w"
	outer -o usb=0525:a4a2
	[ "$(grep -c 'ok .*the driver cdc_ether has it' both/check)" = 1 ]
	grep 'ok .*card: usb 0525:a4a2 at 1-1' both/check
	router
	stopped
	grep /cdc_ether both/after
}
