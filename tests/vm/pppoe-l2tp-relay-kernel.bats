#!/usr/bin/env bats
# pppoe-l2tp-relay --kernel in a guest whose kernel has PPPoX and L2TP, between
# Debian's pppd in a network namespace and xl2tpd with pppd beside the relay
# uses: pppoe-l2tp-relay connect-vm
# kit: amd64
# timeout: 600
load ../helper
load vm

setup_file() {
	local lib libs=()
	vm_kit amd64
	# an instrumented one is not static
	for lib in $(ldd "$O/bin/pppoe-l2tp-relay" 2>/dev/null | grep -o '/[^ ]*'); do
		libs+=(--add "$lib:lib/${lib##*/}")
	done
	vm_boot g amd64 --role "$LIMEN/tests/vm/lac.role" "${libs[@]}" \
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
