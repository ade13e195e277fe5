#!/usr/bin/env bats
# the whole of routeros against QEMU's own agent in a guest of Debian's, which
# QEMU_OPTS puts in the place of RouterOS
# uses: routeros
# kit: amd64
# timeout: 300
# shellcheck disable=SC2154

load ../helper
load vm

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	vm_kit amd64
	head -c 1048576 /dev/zero >chr.img
	mkdir -p add
	cat >add/role <<-'EOF'
	modprobe virtio_console
	for i in 1 2 3 4 5 6 7 8 9; do
		[ ! -e /dev/vport*p1 ] || break
		sleep 1
	done
	mkdir -p /run /var/run
	(setsid qemu-ga -m virtio-serial -p /dev/vport*p1 -t /run </dev/null >/tmp/ga.log 2>&1 &)
	EOF
	chmod +x add/role
	"$LIMEN/tests/vm/newc" add | cat "$KIT/amd64/base.cpio" - >initrd
	export QEMU_OPTS="-kernel '$KIT/amd64/vmlinux' -initrd initrd -append 'quiet cryptomgr.notests=1 console=ttyS0 panic=-1'"
}
teardown() {
	routeros --stop ros >/dev/null 2>&1 || :
}

@test "boots, waits for the agent, runs the script, shows its output" {
	printf '%s\n' 'uname -s' 'echo oops >&2' 'ip -o link | grep -c ba:ad:1d:ea:11' >ok.sh
	run --separate-stderr routeros --image chr.img --accel tcg -m 512 \
	    --path /bin/sh --config ok.sh ros
	echo "$output $stderr" >&2
	[ "$status" = 0 ]
	[ "$output" = "Linux"$'\n'2 ]
	[ "$stderr" = oops ]
	routeros --status ros
	# again, while it runs, with a status of its own and binary output
	echo 'head -c 300000 /dev/zero; exit 7' >seven
	run bash -c 'routeros --path /bin/sh --exec seven ros/qga | head -c 300000 | tr -d "\0" | wc -c'
	[ "${lines[-1]}" = 0 ]
	[[ $output == *"the script ended with status 7"* ]]
	# without a path QEMU's agent refuses, in its own words
	run routeros --exec ok.sh ros/qga
	[ "$status" = 1 ]
	[[ $output == "routeros: the guest refuses: "*path* ]]
	run routeros --path /none --exec ok.sh ros/qga
	[ "$status" = 1 ]
	[[ $output == *"guest refuses"*"/none"* ]]
	# a script that does not end, and the next finds the agent again
	echo 'sleep 1000' >long
	run routeros --timeout 1 --path /bin/sh --exec long ros/qga
	[ "$status" = 1 ]
	[[ $output == *"did not end in 1 s" ]]
	run --separate-stderr routeros --path /bin/sh --exec ok.sh ros/qga
	[ "$status" = 0 ]
	pid=$(<ros/pid)
	routeros --stop ros
	gone "$pid"
	[ ! -e ros/qga ]
}

@test "a script that fails ends the machine" {
	run routeros --image chr.img --accel tcg -m 512 --path /bin/sh \
	    --config <(echo 'echo no such item; exit 1') ros
	[ "$status" = 1 ]
	[[ $output == *"no such item"*"the script ended with status 1" ]]
	[ ! -e ros/pid ]
}
