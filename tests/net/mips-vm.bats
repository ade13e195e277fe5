#!/usr/bin/env bats
# networks that mips-vm relays, with U-Boot as the guest
# uses: mips-vm
# timeout: 120

load ../helper

setup() {
	[ -z "${LIMEN_NO_NS-}" ] || skip "no namespaces here"
	cd "$BATS_TEST_TMPDIR" || return
	unset LAN WAN QEMU QEMU_OPTS QEMU_OPTIONS
}

teardown() {
	for d in vm vm2; do
		mips-vm --stop $d 0 >/dev/null 2>&1 || :
	done
	ip link del dev v0 2>/dev/null || :
}

veth() {
	ip link add name v0 type veth peer name v1
	ip link set dev v0 up
	ip link set dev v1 up
	ip addr add 10.7.0.9/24 dev v1
}

# pings 10.7.0.9 from the guest's network card, until it works
guest_pings() {
	mips-vm --background vm --lan none --wait '^maltael #' \
	    --u-boot /usr/lib/u-boot/maltael/u-boot.bin "$@"
	printf 'setenv ipaddr 10.7.0.1\rping 10.7.0.9\r' |
		socat -t1 - unix-connect:vm/console >/dev/null
	until_ok 30 grep -qE '^host 10.7.0.9 is (not )?alive' vm/console.log
	grep -q '^host 10.7.0.9 is alive' vm/console.log
}

@test "packet: an interface of the host" {
	veth
	guest_pings --wan packet:v0
}

# the second of an ARP request, 42 bytes, in a capture: there are 24 bytes, then
# for each frame 16, which begin with the time, and itself
sent() { od -An -tu4 --endian=little -N4 -j$((24 + $2 * 58)) "$1"; }
second() { [ "$(stat -c %s "$1")" -ge $((24 + 2 * 58)) ]; }

@test "multicast wires, of the host's and relayed: no guest hears itself" {
	veth
	# nobody answers there: what they ask must not come back to them
	mips-vm --background vm --lan none --wait '^maltael #' \
	    --wan mcast:230.0.0.1:7000,localaddr=10.7.0.9 --capture c.pcap \
	    --u-boot /usr/lib/u-boot/maltael/u-boot.bin
	mips-vm --background vm2 --lan none --wait '^maltael #' \
	    --capture c2.pcap --u-boot /usr/lib/u-boot/maltael/u-boot.bin
	for d in vm vm2; do
		printf 'setenv ipaddr 10.7.0.1\rping 10.7.0.5\r' |
			socat -t1 - unix-connect:$d/console >/dev/null
	done
	# an ARP request is sent every 5 s; one that came back would be there in
	# no time
	for f in c.pcap c2.pcap; do
		until_ok 60 second $f
		echo "# $f: $(sent $f 0), $(sent $f 1)"
		[ $(($(sent $f 1) - $(sent $f 0))) -ge 3 ]
	done
}

@test "an interface that is not there is named" {
	run mips-vm --lan none --wan packet:nope \
	    --u-boot /usr/lib/u-boot/maltael/u-boot.bin
	[ "$status" = 1 ]
	[[ $output == "mips-vm: packet:nope: No such device" ]]
}
