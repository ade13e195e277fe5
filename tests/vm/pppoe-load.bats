#!/usr/bin/env bats
# the PPPoE and PPP client cores, as bench/pppoe-load drives them, against
# Debian's pppd behind rp-pppoe's server in a guest: one concentrator a method
# kit: amd64
# waits
# timeout: 240
load ../helper
load vm

L=$O/bench/pppoe-load

setup_file() {
	vm_kit amd64
	cat >"$BATS_FILE_TMPDIR/role" <<-'EOF'
	modprobe -a pppoe ppp_async ppp_synctty
	modprobe -a sha1_generic ppp_mppe arc4 2>/dev/null
	ip addr add 10.67.0.1/24 dev lo
	echo 1 >/proc/sys/net/ipv4/ip_forward
	umask 077
	echo '"u" * "p w" *' >/etc/ppp/pap-secrets
	cp /etc/ppp/pap-secrets /etc/ppp/chap-secrets
	ip link set dev eth0 up
	n=1
	for m in pap chap mschap-v2 eap; do
		printf 'require-%s\nname server\n%s\nms-dns 10.67.0.1\n' $m \
		    "ipv6 ::1,::2" >/etc/ppp/o-$m
		echo 'lcp-echo-interval 1' >>/etc/ppp/o-$m
		pppoe-server -I eth0 -L 10.67.0.1 -R 10.67.$n.10 -N 20 -C $m \
		    -O /etc/ppp/o-$m
		n=$((n + 1))
	done
	httpd -p 80 -h /www
	EOF
	vm_boot server amd64 --net access --role "$BATS_FILE_TMPDIR/role"
}
setup() {
	vm_kit amd64
	[ -x "$L" ] || skip "bench/pppoe-load is not built"
}
teardown_file() {
	vm_end
}

# dial ARGS: one client with its states shown
dial() {
	run "$L" -vv -u u -p 'p w' -T 30s "$@" access
}

@test "PAP with pppd" {
	dial --ac pap -6 -H 2500ms
	[ "$status" -eq 0 ]
	[[ "$output" == *"PAP: answered -> passed"* ]]
	[[ "$output" == *"IPV6CP: "*" -> Opened"* ]]
	[[ "$output" == *"up=1 failed=0"* ]]
}

@test "CHAP with pppd" {
	dial --ac chap
	[ "$status" -eq 0 ]
	[[ "$output" == *"CHAP: answered -> passed"* ]]
}

@test "MS-CHAPv2 with pppd: its proof is right" {
	dial --ac mschap-v2
	[ "$status" -eq 0 ]
	[[ "$output" == *"MS-CHAPv2: answered -> passed"* ]]
}

@test "pppd wants CHAP, we have PAP only: a clean end" {
	dial --ac chap --method pap
	[ "$status" -eq 1 ]
	[[ "$output" == *"terminated by the peer"* ]]
	[[ "$output" == *"up=0 failed=1"* ]]
}

@test "pppd insists on EAP: a clean end" {
	dial --ac eap
	[ "$status" -eq 1 ]
	[[ "$output" == *"terminated by the peer"* ]]
	[[ "$output" == *"up=0 failed=1"* ]]
}

@test "a wrong password: the server's Nak or Failure ends it" {
	for m in pap chap mschap-v2; do
		dial --ac $m -p wrong
		[ "$status" -eq 1 ]
		[[ "$output" == *"-> failed: "* ]]
		[[ "$output" == *"authentication failed"* ]]
	done
}

@test "clients of pppd, packets through it to each other" {
	run "$L" -u u -p 'p w' -T 60s -n 6 -c 2 --ac chap --settle 1s \
	    -t 2 -R 50 access
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"up=6 failed=0"* ]]
	[[ "$output" == *"wrong=0"* ]]
	[[ "$output" != *"received=0"* ]]
	# and it has no session left
	vm_run server 'n=0
	    while ls /sys/class/net | grep -q ppp && [ $n -lt 60 ]; do
		sleep 0.25; n=$((n + 1)); done; ! ls /sys/class/net | grep ppp'
	[ "$status" -eq 0 ]
}
