#!/usr/bin/env bats
# the guests themselves: Debian's pppd dials Debian's pppoe-server, one guest
# of each architecture, over an emulated wire
# kit: mipsel amd64
# timeout: 300
load ../helper
load vm

setup_file() {
	vm_kit mipsel amd64
	cat >"$BATS_FILE_TMPDIR/role" <<-'EOF'
	modprobe -a pppoe ppp_async ppp_synctty
	ip addr add 10.67.0.1/24 dev lo
	umask 077
	echo '"u" * "p w" *' >/etc/ppp/pap-secrets
	cp /etc/ppp/pap-secrets /etc/ppp/chap-secrets
	cat >/etc/ppp/pppoe-server-options <<END
	require-chap
	name server
	lcp-echo-interval 10
	ms-dns 10.67.0.1
	END
	ip link set dev eth0 up
	pppoe-server -I eth0 -L 10.67.0.1 -R 10.67.0.10 -N 8 -C kit -S internet
	httpd -p 80 -h /www
	EOF
	vm_start server amd64 --net access --role "$BATS_FILE_TMPDIR/role"
	vm_start router mipsel --net access
	vm_up server
	vm_up router
}
setup() {
	vm_kit mipsel amd64
}
teardown_file() {
	vm_end
}

@test "a command's output and status come back from a guest" {
	vm_run router 'echo a b; echo c >&2; exit 3'
	[ "$status" -eq 3 ]
	[ "$output" = $'a b\nc' ]
	vm_run server 'uname -m; seq 3000 | md5sum'
	[ "$status" -eq 0 ]
	[ "$output" = "x86_64"$'\n'"$(seq 3000 | md5sum)" ]
}

@test "pppoe-discovery finds the server and its services" {
	vm_run router 'pppoe-discovery -I eth0 -t 2 -a 1'
	[ "$status" -eq 0 ]
	[[ "$output" == *"Access-Concentrator: kit"* ]]
	[[ "$output" == *"Service-Name: internet"* ]]
}

@test "dial: session, address, DNS, a page over PPP" {
	vm_send router 'dial user=u "pass=p w" service=internet &'
	vm_wait router '^SESSION UP ppp0 10.67.0.1[0-9] peer 10.67.0.1 mtu 1492 dns 10.67.0.1'
	vm_run router 'wget -q -O - http://10.67.0.1/'
	[ "$status" -eq 0 ]
	[ "$output" = "a page of the router" ]
}

@test "dial: a wrong password and a wrong service end in words" {
	vm_run router 'killall pppd'
	vm_wait router '^SESSION DOWN (0|5) '
	vm_send router 'dial user=u pass=wrong &'
	vm_wait router '^SESSION DOWN 19 authentication failed'
	vm_send router 'dial user=u pass=wrong service=none opts=pppoe-padi-attempts+2 &'
	vm_wait router '^SESSION DOWN [0-9]+ .*(PADO|discovery|Discovery)'
}
