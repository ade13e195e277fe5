#!/usr/bin/env bats
# examples/: the sessions that boot routers, as a user runs them; demo.sh has
# a file of its own
# uses: mips-vm bng connect-vm pppoe-l2tp-relay tufted
# kit: mipsel
# timeout: 400
load ../helper
load vm

setup() {
	vm_kit mipsel
	command -v busybox >/dev/null || skip "no busybox"
	export TMPDIR=$BATS_TEST_TMPDIR
	cd "$TMPDIR"
}
teardown() {
	[ ! -e vm/pid ] || mips-vm --stop vm 0
}

# example NAME [ARG...]: runs one to its end; nothing of it may stay
example() {
	local name=$1
	shift
	run --separate-stderr "$LIMEN/examples/$name" "$@" </dev/null
	echo "$output" "$stderr"
	[ "$(sh -c "ls -d '$TMPDIR'/limen-*.* 2>/dev/null")" = "" ]
	[ "$(sh -c "grep -lsa '$TMPDIR/lime[n]-' /proc/[0-9]*/cmdline")" = "" ]
}
fetched() {
	local page
	page="This page came from $(uname -n) through bng, PPPoE and MIPS."
	[[ "$output" == *"session "*" ppp0 192.168.100.10 peer 192.168.100.1 "* ]]
	[[ "$output" == *"fetched "*" md5 $(echo "$page" | md5sum | cut -d' ' -f1) "* ]]
}

@test "access.sh: a page through the access concentrator and L2TP" {
	example access.sh
	[ "$status" -eq 0 ]
	fetched
	[[ "$output" == *"relayed "*"ba:ad:1d:ea:21:02: up, 127.0.0.1:1701"* ]]
	[ -z "$stderr" ]
}

@test "tftpboot.sh: U-Boot fetches kernel and root image and boots them" {
	[ -r /usr/lib/u-boot/maltael/u-boot.bin ] || skip "no U-Boot for malta"
	command -v mkimage >/dev/null || skip "no mkimage"
	example tftpboot.sh
	[ "$status" -eq 0 ]
	for f in uimage rootfs loader; do
		[[ "$output" == *"fetched    $f, "[0-9]*" bytes in "* ]]
	done
	[[ "$output" == *"booted "* ]]
	[ -z "$stderr" ]
}

@test "two-routers.sh: different addresses, and they reach each other" {
	example two-routers.sh
	[ "$status" -eq 0 ]
	[[ "$output" == *"one "*"ba:ad:1d:ea:21:01 on the lan"* ]]
	[[ "$output" == *"two "*"ba:ad:1d:"*" on the lan"* ]]
	[ "$(grep -c ' 0% packet loss' <<<"$output")" = 2 ]
	[ -z "$stderr" ]
}

@test "two-hosts.sh: the access network by VXLAN" {
	unshare -n ip link add x type vxlan id 1 dstport 4789 2>/dev/null ||
	    skip "no VXLAN in this kernel"
	example two-hosts.sh
	[ "$status" -eq 0 ]
	[[ "$output" == *packet:access0* ]]
	fetched
	[ -z "$stderr" ]
}

@test "two-hosts.sh -m: the access network by multicast" {
	example two-hosts.sh -m
	[ "$status" -eq 0 ]
	[[ "$output" == *mcast:239.0.0.1:1234,localaddr=10.9.0.2* ]]
	fetched
	[ -z "$stderr" ]
}

# boots the router that the snippets talk to
boot() {
	mips-vm --background vm --arch mipsel --phram-address auto \
	    --wan none --lan none --wait ^READY:120 --command-line \
	    'console=ttyS0 quiet cryptomgr.notests=1 panic=-1' \
	    "$KIT/mipsel/vmlinux" "$KIT/mipsel/root.squashfs" \
	    "$KIT/mipsel/loader.cpio" 3>&- 4>&-
}

@test "console.exp: a command on the console, and its status" {
	command -v expect >/dev/null || skip "no expect"
	boot
	run "$LIMEN/examples/console.exp" vm 'uname -m; (exit 3)'
	echo "$output"
	[ "$status" -eq 3 ]
	[ "$(tr -d '\r\n' <<<"$output")" = mips ]
	run "$LIMEN/examples/console.exp"
	[ "$status" -eq 2 ]
	run "$LIMEN/examples/console.exp" nowhere
	[ "$status" -eq 1 ]
	[[ "$output" == *"nowhere: No such file"* ]]
}

@test "labgrid.yaml: power, console and shell by labgrid" {
	# the distribution's own python has the distribution's labgrid
	py=/usr/bin/python3
	$py -c 'import labgrid' 2>/dev/null || py=python3
	$py -c 'import labgrid' 2>/dev/null || skip "no labgrid"
	# the guest kit's router instead of one's own
	cat >boot <<-END
	exec mips-vm "\$@" --arch mipsel --phram-address auto --lan none \\
	    --wan none --command-line \\
	    'console=ttyS0 quiet cryptomgr.notests=1 panic=-1' \\
	    -i $KIT/mipsel/loader.cpio
	END
	sed "s|mips-vm --back|sh boot --back|
	    s|vmlinux|$KIT/mipsel/vmlinux|; s|rootfs.sq|$KIT/mipsel/root.sq|
	    " "$LIMEN/examples/labgrid.yaml" >labgrid.yaml
	# what its comment says
	daemon $(sed -n 's/^#	\(socat .*\)/\1/p' labgrid.yaml)
	sed -n '/^#	def/,/^#$/s/^#	//p' labgrid.yaml >test_router.py
	grep -q "run_check('uname -m')" test_router.py
	printf '\t%s\n' 'assert shell.run("(exit 3)")[2] == 3' \
	    'target.deactivate(shell)' \
	    'target.get_driver("PowerProtocol").off()' >>test_router.py
	run timeout 120 $py -m pytest -p no:cacheprovider \
	    --lg-env labgrid.yaml test_router.py
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 passed"* ]]
	[ ! -e vm/pid ]
}
