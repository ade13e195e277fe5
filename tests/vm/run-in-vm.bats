#!/usr/bin/env bats
# run-in-vm with Debian's kernels: the generic one (9p) and the cloud one
# (neither 9p nor PPP, virtiofs)
# uses: run-in-vm manifest-query
# kit: kernels
# timeout: 600
load ../helper
load vm

setup_file() {
	export XDG_CACHE_HOME="$BATS_FILE_TMPDIR/cache"
}

setup() {
	vm_kit kernels
	T=$BATS_TEST_TMPDIR
	export K=$KIT/kernels/generic SHELL=/bin/sh
	unset RUN_IN_VM_KERNEL QEMU_OPTS memSize CH_NUM_CPUS CH_MEM_SIZE CH_CMDLINE
	cd "$T"
}

# vm ARG...: as a user would; the time limit is for a hang
vm() { run-in-vm -k "$K" -t 90 "$@"; }

# cold: to the directory where one guest was booted and not saved, for all
# tests that look at such a one
cold() {
	local d=$BATS_FILE_TMPDIR/cold
	[ -d "$d" ] && cd "$d" && return
	mkdir "$d" && cd "$d" || return
	date +%s.%N >start
	vm -v --cold --log log sh -c 'cat /proc/uptime; date +%s.%N
		echo err >&2; echo console >/dev/kmsg; exit 7' >out 2>err ||
		echo $? >status
	left >left
}

# few DIR KERNEL MODULE...: a directory with these modules of a kernel alone
few() {
	local d=$1 k=$KIT/kernels/$2 n
	shift 2
	mkdir -p "$d"
	cp "$k"/lib/modules/*/modules.builtin "$d"
	for n in virtio_console virtio virtio_ring virtio_pci \
	    virtio_pci_legacy_dev virtio_pci_modern_dev overlay "$@"; do
		ln -s "$(find "$k/lib/modules" -name "$n.ko*")" "$d/"
	done
}

# ending FILE [WORD]: a QEMU that ends run-in-vm when there is a file "stop" and
# no WORD on its command line
ending() {
	cat >"$1" <<END
#!/bin/sh
case " \$* " in
*" ${2-no word} "*) ;;
*) [ ! -e stop ] || kill \$PPID ;;
esac
exec qemu-system-x86_64 "\$@"
END
	chmod +x "$1"
}

left() { # what of ours still runs
	pgrep -f 'limen[.]ctl|[v]irtiofsd.*(source|shared-dir)=' || :
}

@test "output, status and input are the command's, cold and from the saved guest" {
	cold
	[ "$(cat status)" = 7 ]
	[ "$(wc -l <out)" = 2 ]
	grep -qx err err
	[ ! -s left ]
	for how in save start; do
		run --separate-stderr vm sh -c 'echo out; echo err >&2; exit 7'
		[ "$status" = 7 ]
		[ "$output" = out ]
		[ "$stderr" = err ]
	done
	[ "$(ls "$XDG_CACHE_HOME"/limen/vm/*.vm | wc -l)" = 1 ]
	run --separate-stderr vm -v true
	[[ $stderr = *"starts from $XDG_CACHE_HOME/limen/vm/"* ]]
	[ "$(vm uname -r)" != "$(uname -r)" ]
	[ -z "$(left)" ]
}

@test "all bytes pass in all three directions, and so does the end" {
	head -c 3000000 /dev/urandom >bytes
	vm sh -c 'tee /dev/stderr' <bytes >out 2>err
	cmp bytes out
	cmp bytes err
	vm wc -c </dev/null | grep -qx 0
	vm true <&-
	vm head -c 1 <bytes >one
	[ "$(wc -c <one)" = 1 ]
	# nobody reads: as with a command that was run here
	run bash -c 'set -o pipefail; run-in-vm -k "$K" -t 90 yes | head -n 1'
	[ "$output" = y ]
	[ "$status" = 141 ]
}

@test "output and error that are one keep their order, beside a terminal too" {
	vm sh -c 'for i in 1 2 3; do echo o$i; echo e$i >&2; done' >both 2>&1
	[ "$(tr '\n' ' ' <both)" = "o1 e1 o2 e2 o3 e3 " ]
	script -qec "run-in-vm -k $K -t 90 sh -c 'tty; echo apart >&2' 2>err" \
	    /dev/null </dev/null >out
	grep -q /dev/pts out
	[ "$(cat err)" = apart ]
}

@test "the words for a command that cannot be, a signal, a time that is up" {
	run -127 vm no-such-command
	[[ $output = "run-in-vm: no-such-command: No such file or directory" ]]
	run vm /etc/passwd
	[ "$status" = 126 ]
	[[ $output = "run-in-vm: /etc/passwd: Permission denied" ]]
	run vm sh -c 'kill -9 $$'
	[ "$status" = 137 ]
	run run-in-vm -k "$K" -t 4 sleep 60
	[ "$status" = 124 ]
	[ "$output" = "run-in-vm: not done after 4 s" ]
	run vm --cwd /none true
	[ "$status" = 125 ]
}

@test "the command is the one that PATH finds in the guest" {
	shm=/dev/shm/limen-$$
	mkdir a b $shm
	for d in a b $shm; do
		printf '#!/bin/sh\necho "$0"\n' >$d/hello
		chmod +x $d/hello
	done
	echo '#!/bin/sh
	echo shared' >b/hello
	PATH=$T/a:$PATH run vm hello
	[ "$output" = "$T/a/hello" ]
	local b=$T/b:$PATH
	PATH=$T/a:$PATH run vm -e PATH="$b" hello
	[ "$output" = shared ]
	PATH=$T/a:$PATH run vm --share "b:$T/a" hello
	[ "$output" = shared ]
	# found here, and hidden there by the guest's own /dev
	PATH=$shm:$T/a:$PATH run vm hello
	rm -r $shm
	[ "$output" = "$T/a/hello" ]
}

@test "a guest that panics or powers off says so, with its last words" {
	run vm sh -c 'echo c >/proc/sysrq-trigger; sleep 60'
	[ "$status" = 255 ]
	[[ ${lines[0]} = "run-in-vm: the guest panicked: "*"sysrq triggered crash"* ]]
	[ "${#lines[@]}" -gt 3 ]
	run vm sh -c 'echo before; echo o >/proc/sysrq-trigger; sleep 60'
	[ "$status" = 255 ]
	[ "${lines[0]}" = before ]
	[[ ${lines[1]} = "run-in-vm: the guest powered off before the command ended"* ]]
	run vm --cold --append init=/none --append rdinit=/none true
	[ "$status" = 255 ]
	[[ ${lines[0]} = "run-in-vm: the guest panicked: "* ]]
}

@test "signals reach the command, the second one ends the machine" {
	cat >job <<-'EOF'
		trap 'echo got TERM; exit 9' TERM
		echo up
		while :; do sleep 0.1; done
	EOF
	run-in-vm -k "$K" -t 90 sh "$T/job" >out 2>err 3>&- &
	until_ok 60 grep -q up out
	kill -TERM $!
	run wait $!
	wait $! || status=$?
	[ "$status" = 9 ]
	grep -q 'got TERM' out
	sed -i 's/; exit 9//' job
	rm out
	run-in-vm -k "$K" -t 90 sh "$T/job" >out 2>err 3>&- &
	until_ok 60 grep -q up out
	kill -TERM $!
	until_ok 60 grep -q 'got TERM' out
	kill -TERM $!
	status=0
	wait $! || status=$?
	[ "$status" = 143 ]
	[ -z "$(left)" ]
}

@test "files: the root is a layer, shares are what they say, the directory is kept" {
	mkdir ro rw
	echo r >ro/f
	run vm --share ro:/mnt/ro --share-rw rw:/mnt/rw sh -c '
		cat /mnt/ro/f; pwd; echo w >/mnt/rw/f; echo x >/etc/limen-was-here
		cat /etc/limen-was-here; echo no >/mnt/ro/g'
	[ "$status" != 0 ]
	[ "${lines[0]}" = r ]
	[ "${lines[1]}" = "$T" ]
	[ "${lines[2]}" = x ]
	[[ ${lines[3]} = *Read-only* ]]
	[ "$(cat rw/f)" = w ]
	[ ! -e ro/g ]
	[ ! -e /etc/limen-was-here ]
}

@test "user, environment, umask, host name" {
	run vm -u nobody -e FOO=bar -e HOME --name guest sh -c \
	    'id -un; echo $FOO $HOME; uname -n'
	[ "$status" = 0 ]
	[ "${lines[0]}" = nobody ]
	[ "${lines[1]}" = "bar $HOME" ]
	[ "${lines[2]}" = guest ]
	(umask 027 && vm --share-rw . sh -c ': >made')
	[ "$(stat -c %a made)" = 640 ]
}

@test "results come back whole or not at all" {
	vm --results out sh -c 'mkdir -p $out/d/e; echo 1 >$out/d/e/f
		ln -s d/e/f $out/l; head -c 300000 /dev/zero >$out/big
		chmod 555 $out/d; : >$out/none; mkfifo $out/p; touch -d 2001-02-03 $out/big'
	[ "$(cat out/l)" = 1 ]
	[ "$(stat -c %a out/d)" = 555 ]
	[ "$(stat -c %s out/big)" = 300000 ]
	[ "$(date -r out/big +%F)" = 2001-02-03 ]
	[ -e out/none ]
	[ ! -e out/p ]
	(umask 077 && vm --results mine sh -c 'mkdir $out/d; : >$out/d/f')
	[ "$(stat -c %a mine mine/d mine/d/f | tr '\n' ' ')" = "700 700 600 " ]
	run vm --results failed sh -c 'echo x >$out/x; exit 3'
	[ "$status" = 3 ]
	[ ! -e failed ]
	run vm --keep-failed --results failed sh -c 'echo x >/results/x; exit 3'
	[ "$status" = 3 ]
	[ "$(cat failed/x)" = x ]
	run vm --results deep sh -c 'for i in $(seq 70); do out=$out/d; done; mkdir -p $out'
	[ "$status" = 125 ]
	grep -qx 'run-in-vm: results: d/d.*: deeper than 64 directories' <<<"$output"
	[ ! -e deep ]
	[ -z "$(ls -A | grep '^[.]results')" ]
}

@test "clones of a saved guest share neither random numbers nor boot id nor time" {
	cmd='cat /proc/sys/kernel/random/boot_id; head -c 16 /dev/urandom | od -An -tx1
		date +%s'
	vm sh -c "$cmd" >a
	sleep 1.1
	vm sh -c "$cmd" >b
	for i in 1 2 3; do
		[ "$(sed -n ${i}p a)" != "$(sed -n ${i}p b)" ]
	done
	now=$(date +%s)
	t=$(sed -n 3p b)
	[ $((now - t)) -lt 30 ]
	[ $((t - now)) -lt 30 ]
}

@test "the clock is the host's at the moment when the command starts" {
	cold
	awk -v start="$(cat start)" 'NR == 1 { up = $1 } NR == 2 {
		exit !($1 - up >= start - 0.5) }' out || { cat start out; false; }
}

@test "tvix' words for the kernel: a shell, a command, the store's list" {
	mkdir -p store/abc
	export CH_NUM_CPUS=2 CH_MEM_SIZE=300M
	run env CH_CMDLINE='tvix.shell a.b=c' run-in-vm -k "$K" -t 90 <<<'nproc
		grep -c a.b=c /proc/cmdline; exit 9'
	[ "$status" = 9 ]
	[ "$output" = "2
1" ]
	unset CH_NUM_CPUS CH_MEM_SIZE # the guest that is saved already
	run env CH_CMDLINE=tvix.run=/bin/hostname run-in-vm -k "$K" -t 90 --name zz
	[ "$output" = zz ]
	run env NIX_STORE_DIR="$T/store" CH_CMDLINE=tvix.find run-in-vm -k "$K" -t 90
	[ "$output" = "$T/store
$T/store/abc" ]
}

@test "a debugger starts the kernel and sees it; its socket goes" {
	cat >debugger.py <<-'EOF'
		import socket, sys, time
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(60)
		for i in range(600):
		    try:
		        s.connect("g")
		        break
		    except OSError:
		        time.sleep(0.05)
		def ask(t):
		    s.sendall(b"$%s#%02x" % (t, sum(t) & 255))
		    b = b""
		    while b"#" not in b[-3:-2]:
		        b += s.recv(4096)
		    s.sendall(b"+")
		    return b
		assert b"T05" in ask(b"?")
		assert len(ask(b"g")) > 100
		print("stopped", flush=True)
		sys.stdin.readline()
		s.sendall(b"$c#63")
		s.recv(1)
		sys.stdin.read()
	EOF
	mkfifo go
	run-in-vm -k "$K" -t 90 --gdb unix:g sh -c 'echo ran; exit 6' >out 3>&- &
	p=$!
	python3 debugger.py <go >said 3>&- &
	exec 9>go
	until_ok 60 grep -q stopped said
	[ -S g ]
	[ ! -s out ]
	echo >&9
	st=0
	wait $p || st=$?
	exec 9>&-
	wait
	[ "$st" = 6 ]
	[ "$(cat out)" = ran ]
	[ ! -e g ]
}

@test "a saved guest that is broken, short, foreign or stale is made anew" {
	export XDG_CACHE_HOME=$T/cache QEMU=$T/q
	ending q -incoming
	vm true
	e=$(echo "$T"/cache/limen/vm/*.vm)
	cp --sparse=always "$e" good
	again() { # the entry is not trusted
		: >stop
		run --separate-stderr vm -v echo ok
		rm stop
		[ "$status" = 143 ]
		[[ $stderr = *"boots"* ]] &&
		[[ $stderr != *"starts from"* || $stderr = *"is broken: removed"* ]] ||
			{ echo "$stderr"; return 1; }
		rm -f "$e"
		cp --sparse=always good "$e"
		chmod 600 "$e"
	}
	# one byte of memory that holds something
	off=$(python3 -c "
import os; f = os.open('$e', 0); print(os.lseek(f, 4 << 20, os.SEEK_DATA) + 5)")
	printf '\377\376' | dd of="$e" bs=1 seek="$off" conv=notrunc status=none
	again
	truncate -s 5000 "$e"
	again
	chmod 644 "$e"
	again
	ln -sf "$T/good" "$e"
	again
	run --separate-stderr vm -v true
	[ "$status" = 0 ]
	[[ $stderr = *"starts from"* ]]
	# one that is broken is replaced: the command notices nothing
	old=$(stat -c %i "$e")
	printf '\377\376' | dd of="$e" bs=1 seek="$off" conv=notrunc status=none
	[ "$(vm echo ok)" = ok ]
	[ "$(stat -c %i "$e")" != "$old" ]
	# another machine, another entry; none is kept beyond the limit
	RUN_IN_VM_CACHE_SIZE=150M run --separate-stderr vm -v -m 300M true
	[[ $stderr = *"boots"* ]]
	[ "$(ls "$T/cache/limen/vm" | wc -l)" = 1 ]
	[ ! -e "$e" ]
}

@test "a saved guest is missed: another kernel, QEMU, program, module" {
	export XDG_CACHE_HOME=$T/cache
	few m generic 9p 9pnet 9pnet_virtio netfs fscache
	few m2 generic 9p 9pnet 9pnet_virtio netfs fscache
	for i in 1 2; do
		cp "$K/vmlinux" "k$i"
		ending "q$i"
		cp "$O/bin/run-in-vm" "p$i"
	done
	# with KERNEL QEMU PROGRAM MODULES
	with() {
		QEMU=$T/$2 run --separate-stderr "./$3" -v -t 90 -k "$1" \
		    --modules "$4" uname -r
		case $stderr in
		*"starts from"*) how=hit ;;
		*boots*) how=miss ;;
		esac
	}
	with k1 q1 p1 m
	[ "$status $how" = "0 miss" ]
	[ "$output" = "$(basename "$K"/lib/modules/*)" ]
	[[ $stderr = *"modules: "*" of m"* ]]
	: >stop
	for c in "k1 q1 p1 m hit" "k2 q1 p1 m miss" "k1 q2 p1 m miss" \
	    "k1 q1 p2 m miss" "k1 q1 p1 m2 miss" "k1 q1 p1 m hit"; do
		# shellcheck disable=SC2086
		set -- $c
		with "$@"
		[ "$how" = "$5" ] || { echo "$c: $how"; false; }
	done
	cp --remove-destination "$(readlink m/overlay.ko)" m/overlay.ko
	with k1 q1 p1 m
	[ "$how" = miss ]
	[ -z "$(ls "$T/cache/limen/vm")" ]
}

@test "the kernel: a release in /boot, and without any the one that is there" {
	[ -d /boot ] && unshare -m true || skip "cannot mount on /boot here"
	rel=$(basename "$K"/lib/modules/*)
	mkdir boot
	ln -s "$K/boot/vmlinuz-$rel" boot/
	for k in "-k $rel" ''; do
		# shellcheck disable=SC2086
		run unshare -m sh -c 'mount --bind "$0" /boot && exec "$@"' "$T/boot" \
		    run-in-vm $k -t 90 uname -r
		[ "$status" = 0 ]
		[ "$output" = "$rel" ]
	done
}

@test "several at once, from the same saved guest" {
	vm true
	for i in 1 2 3 4; do
		run-in-vm -k "$K" -t 90 sh -c "echo $i; exit $i" >out$i 3>&- &
		eval "p$i=$!"
	done
	for i in 1 2 3 4; do
		st=0
		eval "wait \$p$i" || st=$?
		[ "$st" = $i ]
		[ "$(cat out$i)" = $i ]
	done
}

@test "a terminal: its size, its changes, interrupts, and it is restored" {
	cat >drive.py <<-'EOF'
		import fcntl, os, pty, select, signal, struct, sys, termios, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[1], sys.argv[1:])
		def size(r, c):
		    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))
		size(33, 101)
		before = termios.tcgetattr(fd)
		buf = b""
		def until(s):
		    global buf
		    end = time.time() + 60
		    while s not in buf:
		        if not select.select([fd], [], [], max(0, end - time.time()))[0]:
		            sys.exit("no %r in %r" % (s, buf))
		        buf += os.read(fd, 4096)
		    buf = buf.split(s, 1)[1]
		until(b"# ")
		os.write(fd, b"stty size; echo A$((1+1))\r")
		until(b"33 101"); until(b"A2")
		size(44, 77)
		os.write(fd, b"trap 'stty size' WINCH; sleep 1; stty size; echo B$((1+1))\r")
		until(b"44 77"); until(b"B2")
		os.write(fd, b"sleep 600\r")
		time.sleep(1)
		os.write(fd, b"\x03")
		os.write(fd, b"echo C$((1+1)); exit 5\r")
		until(b"C2")
		st = os.waitpid(pid, 0)[1]
		assert os.WEXITSTATUS(st) == 5, st
		assert termios.tcgetattr(fd) == before
	EOF
	python3 drive.py run-in-vm -k "$K" -t 90
}

@test "in the background of a terminal what is typed there does not stop it" {
	in_pty "bash --norc --noprofile -i"
	echo "run-in-vm -k $K -t 90 sh -c 'echo up; head -n 1' >log 2>&1 &" >&7
	until_ok 60 grep -q up log
	for i in 1 2 3 4 5; do
		echo "jobs >list$i" >&7
		until_ok 10 test -s list$i
	done
	grep -q Running list5
	# brought to the foreground it reads
	echo fg >&7
	until_ok 10 sh -c '[ "$(grep -c run-in-vm screen)" -ge 2 ]'
	echo line >&7
	until_ok 10 grep -q line log
	until_ok 20 sh -c '! ps -o comm= -A | grep -q run-in-vm'
	echo exit >&7
	off_pty
}

@test "a disk is empty and thrown away, or a file's and kept" {
	truncate -s 1M disk
	vm --disk 4M --disk disk sh -c '[ $(cat /sys/block/vda/size) = 8192 ] &&
		echo gone >/dev/vda; echo gone >/dev/vdb; sync'
	[ -z "$(tr -d '\0' <disk)" ]
	vm --disk 8M --disk disk sh -c '[ $(cat /sys/block/vda/size) = 16384 ] &&
		[ "$(head -c 4 /dev/vda | tr -d "\0")" = "" ]'
	vm --disk disk --persist sh -c 'echo kept >/dev/vda; sync'
	[ "$(tr -d '\0' <disk)" = kept ]
}

@test "an init whose output nobody reads ends when it is told to" {
	mkfifo out
	exec 9<>out
	run-in-vm -k "$K" -t 90 --log log --init /bin/sh -- -c 'yes' >out 3>&- &
	pid=$!
	# the pipe is full by then, and more waits
	until_ok 60 sh -c '[ $(wc -c <log) -gt 200000 ]'
	kill -TERM $pid
	until_ok 10 sh -c "! kill -0 $pid"
	status=0
	wait $pid || status=$?
	[ "$status" = 143 ]
}

@test "a disk that finds no room is an error in the guest, which goes on" {
	mkdir tiny
	mount -t tmpfs -o size=2M tmpfs tiny || skip "nothing can be mounted here"
	run env TMPDIR="$T/tiny" run-in-vm -k "$K" -t 90 --disk 16M \
	    sh -c 'dd if=/dev/zero of=/dev/vda bs=1M count=8 conv=fsync 2>&1'
	umount tiny
	[ "$status" = 1 ]
	[[ $output == *"Input/output error"* ]]
}

@test "without a network there is still the loopback interface" {
	[ "$(vm cat /sys/class/net/lo/flags)" = 0x9 ] # up
}

@test "a network, and a port of the guest on the host" {
	run-in-vm -k "$K" -t 90 --forward 8080:80 sh -c 'echo up
		echo hello from the guest | busybox nc -l -p 80' >out 3>&- &
	until_ok 60 grep -q up out
	ask() {
		python3 -c '
import socket
c = socket.create_connection(("127.0.0.1", 8080), 5)
assert c.recv(100) == b"hello from the guest\n"'
	}
	until_ok 30 ask
	wait $!
}

@test "guests on a wire have addresses of their own and do not hear themselves" {
	cat >wire.c <<-'EOF'
		#include <sys/ioctl.h>
		#include <sys/socket.h>
		#include <sys/time.h>
		#include <arpa/inet.h>
		#include <net/ethernet.h>
		#include <net/if.h>
		#include <netinet/in.h>
		#include <netpacket/packet.h>
		#include <stdio.h>
		#include <string.h>
		#include <time.h>
		int main(int c, char **v)
		{
			struct sockaddr_in me = { .sin_family = AF_INET }, peer;
			struct sockaddr_ll how;
			socklen_t len = sizeof(how);
			struct timeval wait = { 0, 200000 };
			struct ifreq eth = { .ifr_name = "eth0" };
			unsigned char f[2048], *mac = (void *)eth.ifr_hwaddr.sa_data;
			int raw = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
			int udp = socket(AF_INET, SOCK_DGRAM, 0);
			int after = 5, own = 0, sent = 0;
			time_t end = time(NULL) + 60;
			char heard = '0', got;
			me.sin_port = htons(5000);
			peer = me;
			if (c != 2 || inet_pton(AF_INET, v[1], &peer.sin_addr) != 1 ||
			    bind(udp, (void *)&me, sizeof(me)) ||
			    ioctl(udp, SIOCGIFHWADDR, &eth) || raw < 0)
				return 2;
			setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
			while (after && time(NULL) < end) {
				sendto(udp, &heard, 1, 0, (void *)&peer, sizeof(peer));
				got = 0;
				if (recv(udp, &got, 1, 0) == 1)
					heard = '1';
				after -= got == '1' || after < 5;
			}
			while (recvfrom(raw, f, sizeof(f), MSG_DONTWAIT, (void *)&how, &len) > 0)
				if (!memcmp(f + 6, mac, 6))
					how.sll_pkttype == PACKET_OUTGOING ? sent++ : own++;
			for (c = 0; c < 6; c++)
				printf("%02x", mac[c]);
			printf("\n");
			fprintf(stderr, "after=%d sent=%d own=%d\n", after, sent, own);
			return after || !sent || own;
		}
	EOF
	cc=musl-gcc
	command -v $cc >/dev/null || cc=cc
	$cc -static -o wire wire.c
	wire() {
		vm --net lan sh -c "ip addr add 192.0.2.$1/24 dev eth0 &&
		    ip link set eth0 up && exec $T/wire 192.0.2.$2"
	}
	vm --net lan cat /sys/class/net/eth0/address | tr -d : >three
	wire 1 2 >one 3>&- &
	wire 2 1 >two
	wait $!
	[ "$(sort -u one two three | grep -c ^525400)" = 3 ]
}

@test "another system: root, image, init" {
	mkdir -p r/sbin
	cat >init.c <<-'EOF'
		#include <stdio.h>
		#include <sys/reboot.h>
		#include <unistd.h>
		int main(int c, char **v)
		{
			char b[80];
			printf("pid %d arg %s\n", (int)getpid(), c > 1 ? v[1] : "-");
			fflush(stdout);
			if (fgets(b, sizeof(b), stdin))
				printf("got %s", b);
			fflush(stdout);
			if (getpid() == 1)
				reboot(RB_POWER_OFF);
			return 6;
		}
	EOF
	cc=musl-gcc
	command -v $cc >/dev/null || cc=cc
	$cc -static -o r/sbin/init init.c
	run vm --root r /sbin/init x <<<typed
	[ "$status" = 6 ]
	[[ ${lines[0]} = "pid "*" arg x" ]]
	[ "${lines[1]}" = "got typed" ]
	mksquashfs r r.sq -quiet -noappend -no-progress >/dev/null
	run vm --root r.sq /sbin/init x <<<typed
	[ "$status" = 6 ]
	mke2fs -q -t ext4 -d r r.ext4 4M
	run vm --root r.ext4 /sbin/init x <<<typed # the saved guest of r.sq
	[ "$status" = 6 ]
	run vm --root r --init /sbin/init arg <<<typed
	[ "$status" = 0 ]
	[[ $output = *"pid 1 arg arg"* ]]
	[[ $output = *"got typed"* ]]
	run vm --root r --init /sbin/none
	[ "$status" = 126 ]
	CH_CMDLINE=init=/sbin/init run vm --root r <<<typed
	[ "$status" = 0 ]
	[[ $output = *"pid 1 arg -"* ]]
}

@test "the store alone, and of it a closure" {
	command -v nix-store >/dev/null || skip "Nix is not installed"
	mkdir -p one two
	# shellcheck disable=SC1091
	. "$LIMEN/tests/nix/env.sh"
	nix_env "$T/nix"
	cp "$(command -v busybox)" one/busybox
	: >two/there
	a=$(nix-store --add one)
	b=$(nix-store --add two)
	run vm --store "$a/busybox" true
	[ "$status" = 0 ]
	run vm --closure "$a" "$a/busybox" ls "$b"
	[ "$output" = "ls: $b: No such file or directory" ]
	run vm --closure "$a" --closure "$b" "$a/busybox" ls "$b"
	[ "$output" = there ]
	# where nix-store is not, manifest-query tells
	mkdir bin
	ln -s /bin/false bin/nix-store
	c=$(nix-build --no-out-link -E 'derivation {
		name = "three"; system = "x86_64-linux"; builder = "/bin/sh";
		args = [ "-c" "echo ${builtins.storePath '"$a"'} >$out" ]; }')
	PATH=$T/bin:$PATH run vm --closure "$c" "$a/busybox" ls "$b"
	[ "$output" = "ls: $b: No such file or directory" ]
}

@test "EXAMPLES of the page" {
	# a program of a store, and a system's init
	cat >hello.c <<-'EOF'
		#include <stdio.h>
		#include <sys/reboot.h>
		#include <unistd.h>
		int main(void)
		{
			puts("hello");
			fflush(stdout);
			return getpid() == 1 ? reboot(RB_POWER_OFF) : 0;
		}
	EOF
	cc=musl-gcc
	command -v $cc >/dev/null || cc=cc
	mkdir -p arch/x86/boot store/x-hello/bin bin
	$cc -static -o store/x-hello/bin/hello hello.c
	ln -s bin/hello store/x-hello/init
	ln -s store/x-hello result
	printf '#!/bin/sh\necho %s/store/x-hello\n' "$T" >bin/nix-store
	# shellcheck disable=SC2238 # a name of the page
	printf '#!/bin/sh\nid -u\n' >test
	printf 'all:\n\techo made >built\n' >Makefile
	chmod +x bin/nix-store test
	ln -s "$K"/boot/vmlinuz* arch/x86/boot/bzImage
	export RUN_IN_VM_KERNEL=$K NIX_STORE_DIR=$T/store PATH=$T/bin:$PATH
	local n=0 cmd
	while IFS= read -r cmd; do
		n=$((n + 1))
		eval "$cmd" <<<'cat /sys/class/net/eth0/address' >"out$n" 2>"err$n" ||
			{ echo "$cmd: $?"; cat "out$n" "err$n"; false; }
	done < <(printed "$LIMEN/run-in-vm/run-in-vm.1")
	[ "$n" = 7 ]
	[ "$(cat out1)" = "$(basename "$K"/lib/modules/*)" ]
	[ "$(cat out/log)" = 0 ]
	[ "$(cat built)" = made ]
	grep -qE '^52:54:00(:[0-9a-f]{2}){3}$' out4
	[ ! -s err5 ]
	[ "$(cat out6)" = hello ]
	grep -q hello out7
}

@test "a kernel with neither 9p nor virtiofs: an image by itself, else cpio" {
	few m cloud virtio_blk squashfs
	mkdir -p store/x store/y bin
	cp "$(command -v busybox)" store/x/busybox
	printf '#!/bin/sh\necho %s/store/x\n' "$T" >bin/nix-store
	chmod +x bin/nix-store
	export PATH=$T/bin:$PATH NIX_STORE_DIR=$T/store
	for how in image cpio; do
		run --separate-stderr run-in-vm -v -k "$KIT/kernels/cloud" -t 90 \
		    --modules m --closure store/x "$T/store/x/busybox" ls "$T/store/y"
		[[ $stderr = *"$T/store is $T/store here, by $how, read-only"* ]] ||
			{ echo "$stderr"; false; }
		[ "${stderr_lines[-1]}" = \
		    "ls: $T/store/y: No such file or directory" ]
		rm -f m/squashfs.ko
	done
	run run-in-vm -k "$KIT/kernels/cloud" --modules m true
	[ "$status" = 125 ]
	[[ $output = *"has neither 9p nor a virtiofs that works here, and / is too large for a copy"* ]]
}

@test "a kernel without 9p: virtiofs where it works" {
	[ -x /usr/lib/qemu/virtiofsd ] || command -v virtiofsd /usr/libexec/virtiofsd \
	    >/dev/null || skip "no virtiofsd"
	mkdir rw
	run --separate-stderr run-in-vm -v -k "$KIT/kernels/cloud" -t 90 \
	    --share-rw rw:/mnt sh -c 'echo w >/mnt/f; uname -r; : >/usr/x && echo layer'
	if [ "$status" = 125 ]; then
		skip "virtiofsd does not work here: $stderr"
	fi
	[ "$status" = 0 ]
	[[ ${lines[0]} = *cloud* ]]
	[ "${lines[1]}" = layer ]
	[ "$(cat rw/f)" = w ]
	[[ $stderr = *"by virtiofs, read-only"* ]]
	[ ! -e /usr/x ]
	until_ok 10 [ -z "$(left)" ]
	# without it the guest's files are gone, and it would wait for ever
	daemon sh -c 'run-in-vm -k "$0" -t 90 --cold --fs virtiofs \
	    sh -c "echo up; sleep 1; exec cat /etc/passwd" >out 2>err; echo $? >st' \
	    "$KIT/kernels/cloud"
	until_ok 80 grep -q up out
	kill -9 "$(pgrep -n -f 'virtiofsd.*(source|shared-dir)=/ ')"
	until_ok 10 [ -s st ]
	[ "$(<st)" = 125 ]
	[ "$(<err)" = "run-in-vm: virtiofsd for / died" ]
}

@test "virtiofs for others than root: files of others run, the layer is whole" {
	[ -x /usr/lib/qemu/virtiofsd ] || command -v virtiofsd /usr/libexec/virtiofsd \
	    >/dev/null || skip "no virtiofsd"
	mkdir -m 777 u
	as() { # a user to whom the tree is open, else one of a namespace
		if setpriv --reuid 65534 --regid 65534 --clear-groups sh -c \
		    "cd $T/u && head -c 1 $K/boot/vmlinuz* && $O/bin/run-in-vm --help" \
		    >/dev/null 2>&1; then
			setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
		else
			unshare -U --map-user=1000 --map-group=1000 "$@"
		fi
	}
	# a chroot makes none, nor does virtiofsd there
	unshare -U true 2>/dev/null || skip "no user namespaces here"
	as mkdir -m 700 u/cache u/rw
	cd u
	XDG_CACHE_HOME=$T/u/cache as run-in-vm -v -k "$K" -t 90 --cold \
	    --fs virtiofs --share-rw rw:/mnt sh -c '
		echo w >/mnt/f && cp /etc/passwd /etc/limen && chown 5:6 /etc/limen &&
		setpriv --reuid 5 --regid 6 --clear-groups chmod 640 /etc/limen &&
		stat -c "%a %u:%g" /etc/limen && chmod 600 /etc/passwd && echo layer
		exit 7' >out 2>err || status=$?
	if [ "$status" = 125 ] && grep -q '^run-in-vm: virtiofsd for' err; then
		skip "virtiofsd does not work here: $(cat err)"
	fi
	cat err
	[ "$status" = 7 ]
	grep -q 'by virtiofs, read-only' err
	[ "$(cat out)" = "640 5:6
layer" ]
	[ "$(as cat rw/f)" = w ]
	until_ok 10 [ -z "$(left)" ]
}

@test "a share as a cpio archive, with modes, owners, links; it is not saved" {
	mkdir -p r/bin c/d/e
	cat >look.c <<-'EOF'
		#include <sys/stat.h>
		#include <stdio.h>
		int main(int c, char **v)
		{
			struct stat st;
			char b[80] = "";
			FILE *f;
			for (v++; c-- > 1; v++) {
				lstat(*v, &st);
				if ((f = fopen(*v, "r")))
					fgets(b, sizeof(b), f);
				printf("%o %d:%d %s", st.st_mode, st.st_uid, st.st_gid, b);
				if (f)
					fclose(f);
			}
			printf("%s\n", fopen("/mnt/new", "w") ? "written" : "read-only");
			return fopen("/new", "w") ? 5 : 6;
		}
	EOF
	cc=musl-gcc
	command -v $cc >/dev/null || cc=cc
	$cc -static -o r/bin/look look.c
	echo body >c/d/e/f
	ln -s d/e/f c/l
	chmod 640 c/d/e/f
	chmod 2750 c/d
	me=$(id -u):$(id -g)
	run --separate-stderr vm -v --fs cpio \
	    --root r --share c:/mnt /bin/look /mnt/d /mnt/l /mnt/d/e/f
	[ "$status" = 5 ]
	[[ $stderr = *"/mnt is "*"by cpio, read-only"*boots* ]]
	[ "${lines[0]}" = "42750 $me 120777 $me body" ]
	[ "${lines[1]}" = "100640 $me body" ]
	[ "${lines[2]}" = read-only ]
	truncate -s 200M c/large
	run run-in-vm -k "$K" --fs cpio --root r --share c:/mnt true
	[ "$status" = 125 ]
	[ "$output" = "run-in-vm: share $T/c: too large for the guest's memory" ]
	run vm --fs cpio --root r --share-rw c:/mnt true
	[ "$output" = "run-in-vm: --share-rw $T/c: a copy cannot be written to" ]
}

@test "auto: 9p for a guest that is saved, virtiofs for one that is not" {
	run --separate-stderr vm -v true
	[[ $stderr = *"/ is / here, by 9p"* ]]
	mkdir bin
	ln -s /bin/false bin/virtiofsd
	# said before the guest is there
	ending q
	: >stop
	PATH=$T/bin:$PATH QEMU=$T/q run --separate-stderr vm -v --cold true
	[ "$status" = 143 ]
	[[ $stderr = *"no virtiofs for /"*"/ is / here, by 9p"* ]] ||
		[ "$(id -u)" != 0 ]
	cold
	[ ! -s left ]
	[ "$(cat status)" = 7 ]
	if [ "$(id -u)" = 0 ] && [ -x /usr/lib/qemu/virtiofsd ] &&
	    ! grep -q "no virtiofs for /" err; then
		grep -q "/ is / here, by virtiofs" err
	else
		grep -q "/ is / here, by 9p" err
	fi
}

@test "the console goes to the log, and nowhere else" {
	cold
	grep -q 'limen ready' log
	! grep -E 'limen ready|console' out || false
	[ "$(grep -v '^run-in-vm: ' err)" = err ]
}

@test "SIGKILL at 20 random moments leaves no QEMU, virtiofsd or file behind" {
	mkdir out rw
	# so that most of the moments are the command's
	XDG_CACHE_HOME=$T/cache run-in-vm -k "$K" -t 90 --disk 1M \
	    --results out/r --share-rw rw:/mnt true
	rm -r out/r
	find . | sort >before
	for i in $(seq 20); do
		set --
		[ $((i % 4)) != 0 ] || set -- --cold
		[ $((i % 5)) != 0 ] || set -- --fs virtiofs
		XDG_CACHE_HOME=$T/cache run-in-vm -k "$K" -t 90 --disk 1M \
		    --results out/r --share-rw rw:/mnt "$@" \
		    sh -c 'echo >$out/x; sleep 0.2' >/dev/null 2>&1 3>&- &
		p=$!
		sleep "$(awk -v s="$i$RANDOM" 'BEGIN { srand(s); print rand() }')"
		kill -KILL $p 2>/dev/null || :
		wait $p || :
		rm -rf out/r
	done
	until_ok 10 sh -c "! pgrep -f 'limen[.]ctl' && ! pgrep -f '[v]irtiofsd.*(source|shared-dir)='
		[ -z \"\$(ls -A out)\" ]"
	find . -path ./cache -prune -o -print | grep -vxE './(before|after)' | sort >after
	grep -vE '^./(cache|before)' before | diff - after
	ls -A "$T/cache/limen/vm" | { ! grep -v '\.vm$'; }
	run mount
	[[ $output != *"$T"* ]]
}
