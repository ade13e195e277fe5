#!/usr/bin/env bats
# pppoe-l2tp-relay --kernel in a guest whose kernel has PPPoX and L2TP, between
# Debian's pppd in a network namespace and xl2tpd with pppd beside the relay
# uses: pppoe-l2tp-relay connect-vm
# kit: amd64
# timeout: 600
load ../helper
load vm

setup_file() {
	vm_kit amd64
	cat >"$BATS_FILE_TMPDIR/role" <<-'EOF'
	modprobe -a pppoe l2tp_ppp ppp_async ppp_synctty veth 8021q
	umask 077
	mkdir -p /etc/ppp /etc/xl2tpd /var/run/xl2tpd
	echo '"u" * "p w" *' >/etc/ppp/chap-secrets
	unshare -n sleep 100000 &
	cli=$!
	until [ "$(readlink /proc/$cli/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
	ip link add v0 type veth
	ip link set veth0 netns $cli
	ip link set v0 up
	on="nsenter -t $cli -n"
	$on ip link set lo up
	$on ip link set veth0 up
	ip addr add 10.68.0.1/24 dev lo
	printf '%s\n' '[global]' '[lns default]' 'local ip = 10.68.0.1' \
	    'ip range = 10.68.0.10-10.68.0.50' \
	    'pppoptfile = /etc/ppp/options.l2tp' >/etc/xl2tpd/xl2tpd.conf
	printf '%s\n' 'name server' require-chap 'mtu 1492' 'mru 1492' \
	    >/etc/ppp/options.l2tp
	httpd -p 80 -h /www
	iperf3 -s -D -B 10.68.0.1
	cat >/cmds <<END
	on="$on"
	END
	cat >>/cmds <<'END'
	now() {
		read -r t _ </proc/uptime
		echo ${t%.*}
	}
	try() { # SECONDS CMD...
		until=$(($(now) + $1))
		shift
		until "$@" >/dev/null 2>&1; do
			[ $(now) -lt $until ] || { echo "gave up: $*"; return 1; }
			usleep 100000
		done
	}
	lns() {
		xl2tpd -c /etc/xl2tpd/xl2tpd.conf -p /var/run/xl2tpd.pid \
		    -C /var/run/xl2tpd/c
	}
	relay() { # ARG...
		pppoe-l2tp-relay --background /tmp/d -v "$@" v0 127.0.0.1
	}
	relay_without() { # WHEN: /dev/ppp is there at the start and not again
		unshare -m sh -c ". /cmds; relay --kernel $1" &&
		    nsenter -t $(cat /tmp/d/pid) -m \
			mount -o bind /dev/null /dev/ppp
	}
	ask() {
		printf '%s\n' "$1" quit | connect-vm -t 5 /tmp/d/control
	}
	dialled() { # [INTERFACE]
		# on a busy machine the LNS's pppd may take its time
		$on dial user=u 'pass=p w' opts=lcp-max-configure+60 \
		    if=${1:-veth0} >/dev/null 2>&1 &
		try 60 $on ping -c 1 -w 1 10.68.0.1
	}
	# no PPPoE session but the one that the relay watches, no L2TP's
	# session but the two ends of the tunnel itself, 0
	nothing() {
		! sed '1d; /^0000FFFF/d' /proc/net/pppoe | grep . &&
		    ! grep "SESSION 'sess [0-9]*/[1-9]" /proc/net/pppol2tp
	}
	# with no packet there is nothing to hand over
	handed() {
		try 20 sh -c "$on ping -c 1 -w 1 10.68.0.1;
		    tail -n 1 /tmp/d/log | grep -q 'handed to the kernel'"
	}
	end() {
		$on killall pppd
		kill $(cat /tmp/d/pid)
		killall xl2tpd
		try 10 sh -c '! [ -e /tmp/d/pid ] && ! pidof pppd && ! pidof xl2tpd'
	}
	END
	EOF
	vm_boot g amd64 --role "$BATS_FILE_TMPDIR/role" \
	    --add "$O/bin/pppoe-l2tp-relay:bin/pppoe-l2tp-relay" \
	    --add "$O/bin/connect-vm:bin/connect-vm"
}
setup() {
	vm_kit amd64
}
teardown() {
	sh_ 'sed "s/^/# /" /tmp/d/log; ask status; ps | grep "[p]ppd\|[x]l2tpd"; end'
}
teardown_file() {
	vm_end
}
sh_() {
	vm_run g ". /cmds; $1" 180
	echo "$output"
}

@test "yes: pings and TCP pass, counted in the kernel and not here" {
	sh_ 'lns; relay --kernel yes && dialled && handed'
	[ "$status" -eq 0 ]
	sh_ 'ask status | grep "^frames in"'
	before=$output
	sh_ '$on ping -c 5 -s 1464 10.68.0.1'
	[[ "$output" == *"5 packets received"* ]]
	sh_ '$on iperf3 -c 10.68.0.1 -n 2M && $on iperf3 -R -c 10.68.0.1 -n 2M'
	[ "$status" -eq 0 ]
	sh_ 'ask status | grep "^frames in"'
	[ "$output" = "$before" ]
	sh_ 'ask status'
	[[ "$output" == *"kernel has 1 sessions; handed over 1, failed 0"* ]]
	[[ "$output" =~ "kernel from clients "([0-9]+)" frames "[0-9.]+M", to clients "([0-9]+)" frames "[0-9.]+M ]]
	[ "${BASH_REMATCH[1]}" -gt 1500 ]
	[ "${BASH_REMATCH[2]}" -gt 1500 ]
	sh_ 'ask sessions'
	[[ "$output" == *" frames "[2-9]*M", by the kernel"* ]]
	# CAP_NET_ADMIN alone is left
	sh_ 'grep -E "^(CapPrm|Seccomp:)" /proc/$(cat /tmp/d/pid)/status'
	[[ "$output" == *$'CapPrm:\t0000000000001000'* ]]
	[[ "$output" == *$'Seccomp:\t2'* ]]
}

@test "a session's end, by either side, ends the kernel's" {
	sh_ 'lns; relay --kernel yes && dialled && handed &&
	    ps | grep "[p]lugin rp-pppoe" | while read p _; do kill $p; done &&
	    try 10 grep " ends: " /tmp/d/log && try 10 nothing'
	[ "$status" -eq 0 ]
	sh_ 'dialled && handed && killall xl2tpd &&
	    try 10 grep "ends: 127.0.0.1: StopCCN" /tmp/d/log && try 10 nothing'
	[ "$status" -eq 0 ]
	vm_wait g '^SESSION DOWN 16' 10
}

@test "killed: the kernel lets go; the next one tells the client" {
	sh_ 'lns; relay --kernel yes && dialled && handed &&
	    kill -9 $(cat /tmp/d/pid); try 5 sh -c "! grep v0 /proc/net/pppoe"'
	[ "$status" -eq 0 ]
	n=$(vm_text g | grep -c '^SESSION DOWN' || :)
	sh_ 'relay --kernel yes; $on ping -c 1 -w 1 10.68.0.1'
	vm_wait g '^SESSION DOWN' 10 $((n + 1))
	sh_ 'dialled && handed'
	[ "$status" -eq 0 ]
}

@test "the interface goes down and up again: the session lives" {
	sh_ 'lns; relay --kernel yes && dialled && handed && ip link set v0 down &&
	    try 5 grep "v0 went down" /tmp/d/log && ip link set v0 up && handed &&
	    $on ping -c 3 10.68.0.1 && ask status'
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 packets received"* ]]
	[[ "$output" == *"kernel has 1 sessions; handed over 2, failed 0"* ]]
}

@test "in VLANs, one tag and two: in user space, the LNS sees them" {
	sh_ '$on ip link add link veth0 name one type vlan id 100
	    $on ip link add link veth0 name out type vlan protocol 802.1ad id 10
	    $on ip link add link out name two type vlan id 20
	    for i in one out two; do $on ip link set $i up; done
	    ip link set v0 mtu 1508; $on ip link set veth0 mtu 1508
	    lns; relay --kernel auto && dialled one && $on ping -c 3 -s 1464 10.68.0.1
	    ask sessions'
	[[ "$output" == *"3 packets received"* ]]
	[[ "$output" == *":"??"/100: up, "*" frames "[4-9].[0-9]K* ]]
	sh_ '$on killall pppd; try 10 grep " ends: " /tmp/d/log
	    dialled two && $on ping -c 3 -s 1464 10.68.0.1; ask sessions; ask status'
	[[ "$output" == *"3 packets received"* ]]
	[[ "$output" == *":"??"/10.20: up, "* ]]
	[[ "$output" == *"handed over 0, failed 0"* ]]
}

@test "an LNS that numbers its data and wants ours numbered: in user space" {
	sh_ 'cp /etc/ppp/options.l2tp /tmp/o
	    printf "%s\n" "plugin pppol2tp.so" pppol2tp_send_seq pppol2tp_recv_seq \
		pppol2tp_lns_mode >>/etc/ppp/options.l2tp
	    lns; relay --kernel auto && dialled && $on ping -c 5 10.68.0.1
	    cat /proc/net/pppol2tp; cp /tmp/o /etc/ppp/options.l2tp
	    ask status'
	[[ "$output" == *"5 packets received"* ]]
	[[ "$output" == *"/R/S/LNS"* ]] # it asks for them and sends them
	[[ "$output" == *"lost up 0, down 0"* ]]
	[[ "$output" == *"handed over 0, failed 0"* ]]
}

@test "a step fails: auto goes on in user space, yes ends the session" {
	sh_ 'lns; relay_without auto && dialled && try 40 sh -c "
		$on ping -c 1 -w 1 10.68.0.1
		grep \"stays in user space: kernel: PPP bridge\" /tmp/d/log"
	    $on ping -c 3 10.68.0.1; ask status'
	[[ "$output" == *"3 packets received"* ]]
	[[ "$output" == *"kernel has 0 sessions; handed over 0, failed 1"* ]]
	sh_ 'end; lns; relay_without yes && dialled; try 40 sh -c "
		$on ping -c 1 -w 1 10.68.0.1
		grep \" ends: kernel: PPP bridge: \" /tmp/d/log"'
	[ "$status" -eq 0 ]
}
