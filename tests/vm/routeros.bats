#!/usr/bin/env bats
# the whole of routeros against QEMU's own agent in a guest of Debian's, which
# QEMU_OPTS puts in the place of RouterOS
# uses: routeros mips-vm connect-vm
# kit: amd64 mipsel
# timeout: 300

load ../helper
load vm

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	vm_kit amd64 mipsel
	head -c 1048576 /dev/urandom >chr.img
	cp chr.img as-it-was
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
	guest
}
# guest: one that runs add/role, in the place of RouterOS
guest() {
	chmod +x add/role
	"$LIMEN/tests/vm/newc" add | cat "$KIT/amd64/base.cpio" - >initrd
	export QEMU_OPTS="-kernel '$KIT/amd64/vmlinux' -initrd initrd -append 'quiet cryptomgr.notests=1 console=ttyS0 panic=-1'"
}
teardown() {
	routeros --stop ros >/dev/null 2>&1 || :
	[ ! -d vm ] || mips-vm --stop vm 0 >/dev/null 2>&1 || :
}

@test "boots, waits for the agent, runs the script, shows its output" {
	# the .zip as it would be downloaded: the disk is what is in it
	zip -q chr.zip chr.img
	printf '%s\n' 'uname -s' 'echo oops >&2' 'ip -o link | grep -c ba:ad:1d:ea:11' \
	    'modprobe -q virtio_blk; md5sum </dev/vda' >ok.sh
	run --separate-stderr routeros --image chr.zip --accel tcg -m 512 \
	    --path /bin/sh --config ok.sh ros
	echo "$output $stderr" >&2
	[ "$status" = 0 ]
	[ "$output" = "Linux"$'\n'2$'\n'"$(md5sum <chr.img)" ]
	[ "$stderr" = oops ]
	routeros --status ros
	# again, while it runs, with a status of its own and binary output
	echo 'head -c 300000 /dev/zero; exit 7' >seven
	run --separate-stderr bash -c 'routeros --path /bin/sh --exec seven ros/qga | head -c 300000 | tr -d "\0" | wc -c'
	[ "$output" = 0 ]
	[[ $stderr == *"the script ended with status 7"* ]]
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

@test "a script that fails ends the machine; what it wrote is not in the image" {
	cat >fails <<-'EOF'
	modprobe -q virtio_blk
	echo written >/dev/vda && sync && echo 3 >/proc/sys/vm/drop_caches
	head -n 1 /dev/vda
	echo no such item; exit 1
	EOF
	run routeros --image chr.img --accel tcg -m 512 --path /bin/sh \
	    --config fails ros
	[ "$status" = 1 ]
	[[ $output == *written*"no such item"*"the script ended with status 1" ]]
	[ ! -e ros/pid ]
	cmp chr.img as-it-was
}

@test "EXAMPLES of the page" {
	# an agent that, as RouterOS', runs what comes in without being told by what
	cat >add/role <<-'EOF'
	modprobe -a virtio_console virtio_blk
	for i in 1 2 3 4 5 6 7 8 9; do
		[ ! -e /dev/vport*p1 ] || break
		sleep 1
	done
	echo written >/dev/vda
	sync
	(setsid sh /agent </dev/null >/dev/null 2>&1 &)
	EOF
	cat >add/agent <<-'EOF'
	port=$(echo /dev/vport*p1)
	exec 3<>"$port"
	while :; do
		while IFS= read -r l <&3; do
			case $l in
			*guest-sync-delimited*)
				printf '\377{"return":%s}\n' "$(echo "${l##*:}" | tr -dc 0-9)" >&3 ;;
			*guest-exec-status*)
				printf '{"return":{"exited":true,"exitcode":0,"out-data":"%s"}}\n' \
				    "$(base64 -w 0 /tmp/out)" >&3 ;;
			*'"path"'*) ;;
			*guest-exec*)
				in=${l##*input-data\":\"}
				echo "${in%%\"*}" | base64 -d | md5sum >/tmp/out
				printf '{"return":{"pid":7}}\n' >&3 ;;
			esac
		done
		sleep 0.2
	done
	EOF
	guest
	# a qcow2 image: what it is shows in it, not in its name
	qemu-img convert -q -O qcow2 chr.img chr-7.7.img.zip
	cp chr-7.7.img.zip as-it-was
	ln -s "$KIT/mipsel/vmlinux" vmlinux
	ln -s "$KIT/mipsel/root.squashfs" rootfs.squashfs
	opts=$QEMU_OPTS
	unset QEMU_OPTS
	routeros() { QEMU_OPTS=$opts command routeros "$@"; }
	vi() { sed -i '1i # mine' "$1"; }
	local n=0 cmd
	while IFS= read -r cmd; do
		n=$((n + 1))
		eval "$cmd" </dev/null >"out$n" 2>"err$n" 3>&- 4>&- ||
			{ echo "$cmd: $?"; cat "out$n" "err$n" ros/console.log; false; }
	done < <(printed "$LIMEN/routeros/routeros.1")
	[ "$n" = 10 ]
	[ "$(<out2)" = "$(command routeros --print-config | md5sum)" ]
	[ "$(<out5)" = "$(echo '/ppp secret add name=u password=p service=pppoe' | md5sum)" ]
	# without an initramfs its kernel comes no further than to a panic
	grep -q -e stopped -e panicked vm/status
	[ "$(<out10)" = "$(md5sum <my.rsc)" ]
	[ "$(head -n 1 my.rsc)" = '# mine' ]
	command routeros --stop ros
	cmp chr-7.7.img.zip as-it-was
}
