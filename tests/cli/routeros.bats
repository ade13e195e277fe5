#!/usr/bin/env bats
# uses: routeros
# waits
# timeout: 150

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset QEMU QEMU_OPTS ROUTEROS_IMAGE
	echo '/ip pool' >script
	# what a PC boots from ends in 55 aa
	{ head -c 510 /dev/zero; printf 'U\252'; head -c 1048064 /dev/zero; } >chr.img
}
# an agent that answers once and then no more, which takes half a minute to be
# seen: the last test looks
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	cat >play <<-'EOF'
	#!/bin/bash
	LC_ALL=C
	while IFS= read -r l && [[ $l == *guest-sync* ]]; do
		printf '\377{"return":%s}\n' "$(tr -dc 0-9 <<<"${l##*:}")"
	done
	exec sleep 100
	EOF
	chmod +x play
	echo x >script
	socat unix-listen:agent exec:./play </dev/null >/dev/null 2>&1 3>&- &
	echo $! >pids
	until_ok 10 [ -S agent ]
	{
		status=0
		routeros --exec script agent || status=$?
		echo "status $status"
	} </dev/null >silent 2>&1 3>&- &
	echo $! >>pids
}
teardown_file() {
	local p
	for p in $(cat "$BATS_FILE_TMPDIR/pids"); do
		kill "$p" 2>/dev/null || :
	done
}
teardown() {
	[ ! -d vm ] || routeros --stop vm >/dev/null 2>&1 || :
}

# agent: reads a script from stdin that plays the guest's agent at the socket
# "agent". It has: ask, which reads a request to $l; id, the number in it;
# ok, which answers what routeros asks first, and sets synced: as a real agent,
# ask then answers that once more when it was asked again, as it is by a test
# that load holds up for 2 s
agent() {
	{
		cat <<-'EOF'
		#!/bin/bash
		LC_ALL=C
		synced=
		ask() {
			while IFS= read -r l || exit; do
				[[ $synced$l == yes*guest-sync* ]] || break
				printf '\377{"return":%s}\n' "$(id)"
			done
			printf '%s\n' "$l" >>asked
		}
		id() { tr -dc 0-9 <<<"${l##*:}"; }
		ok() { ask; printf '\377{"return":%s}\n' "$(id)"; synced=yes; }
		EOF
		cat
	} >play
	chmod +x play
	rm -f asked
	daemon socat unix-listen:agent exec:./play
	until_ok 10 [ -S agent ]
}

@test "help, version, usage" {
	run routeros --help
	[ "$status" = 0 ]
	[[ ${lines[0]} == "usage: routeros [options] DIR" ]]
	routeros --version
	for w in '' 'a b' '--exec script' '--nonsense vm' '--stop vm --status vm' \
	    '--stop vm x' '--list' '--start-timeout x vm' '--access nonsense vm' \
	    '--accel x vm' '-m x vm' '--exec a --config b c' '--print-config x' \
	    '-n --exec script vm'; do
		# shellcheck disable=SC2086
		run routeros $w
		[ "$status" = 2 ]
		[ ${#lines[@]} = 1 ]
	done
}

@test "the built-in configuration is the described one" {
	run routeros --print-config
	[ "$status" = 0 ]
	[[ $output == *"ranges=192.168.100.10-192.168.100.99"* ]]
	[[ $output == *"interface=access"*"service-name=internet"* ]]
	[[ $output == *"name=db123@a.1 password=NotReallyTheSecret"* ]]
	run bash -c 'routeros --print-config >/dev/full'
	[ "$status" = 1 ]
}

@test "no image, a directory, a short file, a bad .zip: a line each" {
	run routeros vm
	[ "$status" = 1 ]
	[ ${#lines[@]} = 1 ]
	[[ $output == *"https://mikrotik.com/download"*licence*--image* ]]
	ROUTEROS_IMAGE=none run routeros vm
	[ "$status" = 1 ]
	[[ $output == *"none: not there"*licence* ]]
	run routeros --image . vm
	[ "$status" = 1 ]
	[[ $output == *"Is a directory" ]]
	run routeros --image script vm
	[ "$status" = 1 ]
	[[ $output == *"no disk image"* ]]
	{ printf 'PK\3\4'; head -c 600 /dev/zero; } >bad.zip
	run routeros --image bad.zip vm
	[ "$status" = 1 ]
	[[ $output == *"bad.zip: unzip cannot unpack it"* ]]
	head -c 4096 /dev/zero >blank.img
	zip -q blank.zip blank.img
	for f in img zip; do
		run routeros --image blank.$f vm
		[ "$status" = 1 ]
		[ "$output" = "routeros: blank.$f: no boot sector in it: it cannot boot (is it another machine's, or cut off?)" ]
	done
	QEMU=nothing run routeros --image chr.img vm
	[ "$status" = 1 ]
	[[ $output == *"nothing: not found"* ]]
	run routeros --image chr.img --config none vm
	[ "$status" = 1 ]
	[[ $output == *"none: No such file"* ]]
	[ ! -e vm ]
}

@test "-n: the described machine, raw and qcow2" {
	run routeros -n --accel tcg --image chr.img vm
	[ "$status" = 0 ]
	args=" ${output//$' \\\n'/ } "
	for a in '-M q35' '-accel tcg' '-m 1024' \
	    'file=chr.img,format=raw,if=virtio,werror=report,snapshot=on' \
	    'socket,id=access,mcast=230.0.0.1:1234,localaddr=127.0.0.1' \
	    'netdev=access,mac=ba:ad:1d:ea:11:02' \
	    'socket,id=world,mcast=230.0.0.1:1236,localaddr=127.0.0.1' \
	    'netdev=world,mac=ba:ad:1d:ea:11:01' \
	    'virtserialport,chardev=qga,name=org.qemu.guest_agent.0'; do
		[[ $args == *"$a"* ]] || { echo "no $a in $args"; false; }
	done
	{ printf 'QFI\373'; head -c 600 /dev/zero; } >chr.qcow2
	run routeros -n --image chr.qcow2 -m 2G --access none --world tap:t0 vm
	[[ $output == *"file=chr.qcow2,format=qcow2,if=virtio,werror=report,snapshot=on"* ]]
	[[ $output == *2048* ]]
	[[ $output != *access* ]]
	[ ! -e vm ]
}

@test "--exec: a state directory, or a socket; one without a machine" {
	mkdir ros
	run routeros --exec script ros
	[ "$status" = 1 ]
	[ "$output" = "routeros: ros: nothing runs there" ]
	cd ros
	agent <<-'EOF'
	ok
	ask
	printf '{"return":{"pid":77}}'
	ask
	printf '{"return":{"exited":true,"exitcode":0}}'
	EOF
	mv agent qga
	cd ..
	run routeros --exec script ros
	[ "$status" = 0 ]
	[ -z "$output" ]
	run routeros --exec script nowhere
	[ "$output" = "routeros: nowhere: No such file or directory" ]
}

@test "--exec: the script goes in, its output comes out" {
	agent <<-'EOF'
	ok
	ask
	printf '{"return":{"pid":%s}}\n' 77
	ask
	printf '{"return":{"exited":false}}'
	ask
	printf '{"return":{"exited":true,"exitcode":0,"out-data":"%s"}}' \
	    "$(printf 'done\n' | base64)"
	EOF
	run --separate-stderr routeros --exec script agent
	[ "$status" = 0 ]
	[ "$output" = "done" ]
	[ -z "$stderr" ]
	[[ $(sed -n 2p asked) == *'"guest-exec","arguments":{"input-data":"L2lwIHBvb2wK","capture-output":true}'* ]]
	[[ $(sed -n 3p asked) == *'"guest-exec-status","arguments":{"pid":77}'* ]]
}

@test "what a script writes comes out byte for byte, on a terminal in whole lines" {
	command -v script >/dev/null || skip "no script"
	agent <<-'EOF'
	ok
	ask
	printf '{"return":{"pid":1}}'
	ask
	printf '{"return":{"exited":true,"exitcode":0,"out-data":"%s"}}' \
	    "$(printf 'a\0b' | base64)"
	EOF
	routeros --exec script agent >out
	printf 'a\0b' | cmp - out
	daemon socat unix-listen:agent exec:./play
	until_ok 10 [ -S agent ]
	script -qec "routeros --exec script agent" tty >/dev/null 3>&- 4>&- </dev/null
	grep -aq $'^.*b\r$' tty
}

@test "--path names the program; the script comes from stdin" {
	agent <<-'EOF'
	ok
	ask
	printf '{"return":{"pid":1}}{"return":7}'
	ask
	printf '{"return":{"exited":true,"exitcode":4,"err-data":"YmFk"}}'
	EOF
	run --separate-stderr routeros --path /bin/sh --exec - agent <script
	[ "$status" = 1 ]
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = bad ]
	[[ ${stderr_lines[1]} == "routeros: the script ended with status 4" ]]
	grep -q '"path":"/bin/sh","input-data":"L2lwIHBvb2wK"' asked
}

@test "a status or a signal below 0 is none of success" {
	for end in 'exitcode":-1 the script ended with status -1' \
	    'signal":-1073741819 signal -1073741819 ended the script'; do
		agent <<-EOF
		ok
		ask
		printf '{"return":{"pid":1}}'
		ask
		printf '{"return":{"exited":true,"${end%% *}}}'
		EOF
		run routeros --exec script agent
		[ "$status" = 1 ]
		[ "$output" = "routeros: ${end#* }" ]
	done
}

@test "stale output before the sync, split and merged answers" {
	agent <<-'EOF'
	printf '{"return":{"pid":5}}\n{"error":{"class":"X"}}\n\377{"return":1}\n{"ret'
	ask
	# so late that it is asked again
	sleep 2.2
	printf '\377{"ret'; sleep 0.2; printf 'urn": %s}\r\n\n' "$(id)"
	synced=yes
	ask
	printf '{"return":{"pi'; sleep 0.2; printf 'd":5}}'
	ask
	printf '{"return":{"exited":false}}{"return":{"exited":true,"signal":'
	sleep 0.2; printf '9}}'
	sleep 1
	EOF
	run routeros --exec script agent
	[ "$status" = 1 ]
	[ "$output" = "routeros: signal 9 ended the script" ]
}

@test "an error, nonsense, an answer to another question: one line, status 1" {
	agent <<-'EOF'
	ok
	ask
	printf '{"error":{"class":"CommandNotFound","desc":"guest-exec is\\nnot here"}}'
	EOF
	run routeros --exec script agent
	[ "$status" = 1 ]
	[ "$output" = "routeros: the guest refuses: guest-exec is not here" ]
	for a in 'login: ' '{"return":{"exited":true}}' '{"return":' '{"return":{]}'; do
		agent <<-EOF
		ok
		ask
		printf '%s' '$a'
		EOF
		run routeros --exec script agent
		[ "$status" = 1 ]
		[ ${#lines[@]} = 1 ]
	done
}

@test "silence before the sync: asked again, then given up" {
	agent <<-'EOF'
	ask
	ask
	printf '\377{"return":%s}\n' "$(id)"
	synced=yes
	ask
	printf '{"return":{"pid":5}}'
	while ask; do printf '{"return":{"exited":false}}'; done
	EOF
	run routeros --timeout 0.5 --exec script agent
	[ "$status" = 1 ]
	[[ $output == *"the script did not end in 0.5 s" ]]
	head -c 1 <(sed -n 2p asked) | od -An -tx1 | grep -q ff
	agent <<<'sleep 60'
	run routeros --start-timeout 0.3 --exec script agent
	[ "$status" = 1 ]
	[ "$output" = "routeros: the guest's agent did not answer in 0.3 s" ]
}

@test "silence after the sync: bounded by --timeout, one line" {
	agent <<-'EOF'
	ok
	ask
	exec sleep 60
	EOF
	run routeros --timeout 0.5 --exec script agent
	[ "$status" = 1 ]
	[ "$output" = "routeros: the script did not end in 0.5 s" ]
}

@test "a terminal sees what goes on, on a line that goes" {
	agent <<-'EOF'
	ask
	sleep 1.2
	printf '\377{"return":%s}\n' "$(id)"
	synced=yes
	ask
	printf '{"return":{"pid":5}}'
	ask
	sleep 1.2
	printf '{"return":{"exited":true,"exitcode":0,"out-data":"ZG9uZQ=="}}'
	EOF
	cat >on.py <<-'EOF'
	import os, pty, sys
	pid, fd = pty.fork()
	if pid == 0:
	    os.execvp("routeros", ["routeros", "--exec", "script", "agent"])
	b = b""
	try:
	    while True:
	        c = os.read(fd, 4096)
	        if not c:
	            break
	        b += c
	except OSError:
	    pass
	assert os.waitpid(pid, 0)[1] == 0
	clear = b"\r\x1b[K"
	for s in b"waiting for the guest's agent, 0 s", \
	    b"waiting for the guest's agent, 1 s", b"the script runs, 0 s", \
	    b"the script runs, 1 s":
	    at = b.index(b"\rrouteros: " + s + b"\x1b[K")
	    b = b[at + 1:]
	# nothing of it is left beside the output
	assert b.split(clear)[-1] == b"done\r\n", b
	EOF
	python3 on.py
}

@test "a socket that dies, at any moment; one that is not there" {
	for n in 0 1 2; do
		agent <<-EOF
		[ $n -lt 1 ] || ok
		[ $n -lt 2 ] || { ask; printf '{"return":{"pid":5}}'; }
		exit
		EOF
		run routeros --exec script agent
		[ "$status" = 1 ]
		[ "$output" = "routeros: the connection to the guest's agent has ended" ]
	done
	run routeros --exec script none
	[ "$status" = 1 ]
	[[ $output == "routeros: none: No such file"* ]]
	head -c 1048577 /dev/zero >big
	run routeros --exec big agent
	[ "$status" = 1 ]
	[[ $output == *"more than 1 MiB"* ]]
}

@test "a large script and a large output pass whole" {
	head -c 1000000 /dev/urandom >script
	agent <<-'EOF'
	ok
	ask
	printf '{"return":{"pid":5}}'
	ask
	printf '{"return":{"exited":true,"exitcode":0,"out-data":"'
	sed -n '2s/.*input-data":"\([^"]*\)".*/\1/p' asked | tr -d '\n'
	printf '"}}'
	EOF
	routeros --exec script agent >out
	head -c 1000000 out | cmp - script
}

@test "SIGTERM while it waits ends it" {
	agent <<<'sleep 60'
	daemon routeros --exec script agent
	p=$!
	sleep 0.2
	kill $p
	st=0
	wait $p || st=$?
	[ "$st" = 143 ]
}

# what is said of a machine that has no KVM, which RouterOS' agent wants
silent="routeros: the guest's agent did not answer in 1 s; RouterOS starts it on KVM only, not on TCG: asked for"

@test "a machine without an agent: one line, and nothing is left; --keep" {
	run routeros --image chr.img --accel tcg --start-timeout 1 --access none \
	    --world none vm
	[ "$status" = 1 ]
	[ "$output" = "$silent" ]
	[ ! -e vm/pid ]
	[ ! -e vm/qga ]
	run routeros --image chr.img --accel tcg --start-timeout 1 --keep --access none \
	    --world none vm
	[ "$status" = 1 ]
	for s in console monitor qmp qga control; do
		[ -S vm/$s ]
	done
	pid=$(<vm/pid)
	kill -0 "$pid"
	run routeros --status vm
	[ "$status" = 0 ]
	[[ $output == vm$'\t'"running pid $pid"* ]]
	run routeros --image chr.img --start-timeout 1 vm
	[ "$status" = 1 ]
	[ "$output" = "routeros: vm: routeros runs there already (pid $pid)" ]
	routeros --stop vm
	gone "$pid"
	run routeros --status vm
	[ "$status" = 1 ]
	[[ $output == *"not running"* ]]
	routeros --list vm | grep -q 'not running'
	run routeros --stop none
	[ "$status" = 1 ]
}

@test "why there is no KVM is what it was when the machine began" {
	[ -z "${LIMEN_NO_NS-}" ] || skip "this machine gives no namespaces"
	cat >qemu <<-'EOF'
	#!/bin/sh
	: >/dev/kvm # which makes no machine
	exec qemu-system-x86_64 "$@"
	EOF
	chmod +x qemu
	# shellcheck disable=SC2016
	QEMU=$PWD/qemu run unshare -m sh -c '
		mkdir dev && mount -t tmpfs tmpfs dev || exit
		for f in null zero random urandom; do
			: >dev/$f && mount --bind /dev/$f dev/$f || exit
		done
		mount --rbind dev /dev && exec routeros "$@"' sh --image chr.img \
	    --start-timeout 1 --access none --world none vm
	[ "$output" = "${silent%: *}: there is no /dev/kvm" ]
}

@test "QEMU is killed while the agent is waited for: it is said" {
	daemon routeros --image chr.img --accel tcg --start-timeout 60 \
	    --access none --world none vm
	pid=$!
	until_ok 30 [ -s vm/pid ]
	kill -9 "$(<vm/pid)"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 1 ]
	grep -q '^routeros: vm: not running (QEMU was killed by signal 9' routeros.err
}

@test "the .zip as downloaded; QEMU's own words" {
	zip -q chr.zip chr.img
	run routeros --image chr.zip --accel tcg --start-timeout 1 --access none \
	    --world none vm
	[ "$output" = "$silent" ]
	QEMU_OPTS=-nonsense run routeros --image chr.img vm
	[ "$status" = 1 ]
	[ ${#lines[@]} = 1 ]
	[[ $output == *nonsense* ]]
}

@test "an agent that answered and does not any more is given up, in one line" {
	until_ok 60 grep -q ^status "$BATS_FILE_TMPDIR/silent"
	[ "$(<"$BATS_FILE_TMPDIR/silent")" = "routeros: the guest's agent has stopped answering
status 1" ]
}
