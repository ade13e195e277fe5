#!/usr/bin/env bats
# uses: bng
# kit: amd64
# timeout: 180
# bng's IPv6 with Debian's pppd, kernel, wide-dhcp6c and dhcpcd in a guest

load ../helper
load vm

setup_file() {
	vm_kit amd64
	export DIR=$BATS_FILE_TMPDIR
	mkdir -p "$VM"
	# a name server of this host: every name is 1.2.3.4
	echo 'nameserver 127.0.0.1' >"$DIR/resolv.conf"
	mount --bind "$DIR/resolv.conf" /etc/resolv.conf
	cat >"$DIR/dns" <<-'E'
	#!/bin/bash
	q=$(od -An -v -tx1 | tr -d ' \n')
	printf "$(sed 's/../\\x&/g' <<<"${q:0:4}81800001000100000000${q:24}c00c000100010000003c000401020304")"
	E
	chmod 755 "$DIR/dns"
	vm_daemon socat udp-recvfrom:53,bind=127.0.0.1,fork exec:"$DIR/dns"
	bng --background "$DIR/d" --capture "$DIR/f" --mtu 1500
	vm_daemon socat tcp6-listen:8000,fork,reuseaddr,bind=::1 system:"echo hello"
	cat >"$DIR/dhcp6c.conf" <<-E
	interface ppp0 { send ia-pd 1; send ia-na 2; request domain-name-servers; script "/bin/dhcp6"; };
	id-assoc na 2 { };
	id-assoc pd 1 { prefix-interface lo { sla-id 7; sla-len 8; }; };
	E
	cat >"$DIR/dhcpcd.conf" <<-E
	duid
	ipv6only
	script /bin/dhcp6
	option domain_name_servers
	interface ppp0
	ia_na 1
	ia_pd 2 eth1/9/64
	E
	printf '#!/bin/sh\nenv | sort >"/tmp/dhcp6$reason.env"\n' >"$DIR/dhcp6"
	chmod 755 "$DIR/dhcp6"
	vm_boot r amd64 --net access --net lan \
	    --add "$DIR/dhcp6c.conf:/etc/dhcp6c.conf" \
	    --add "$DIR/dhcpcd.conf:/etc/dhcpcd.conf" \
	    --add "$DIR/dhcp6:/bin/dhcp6" -- \
	    limen.user=db123@a.1 limen.pass=NotReallyTheSecret limen.mtu=1500 \
	    limen.opts=+ipv6
	vm_wait r 'SESSION UP6' 60
	vm_wait r 'SESSION UP ppp0' 60
}

teardown_file() {
	vm_end
	[ ! -e "$DIR/d/pid" ] || bng --stop "$DIR/d"
}

@test "IPv4 and IPv6 come up, with 1500 bytes (RFC 4638)" {
	vm_text r | grep -q 'SESSION UP ppp0 192.168.100.10 peer 192.168.100.1 mtu 1500'
	vm_text r | grep -Eq 'SESSION UP6 ppp0 fe80::[0-9a-f:]+ peer fe80::(0000:0000:0000:000)?1'
}

# libslirp has no idea of the time before its first turn: it once took the
# question for an old one and let go of it before the answer came
@test "the first question of all is answered, not its repetition" {
	vm_run r 'nslookup -type=a first.test 192.168.100.2'
	[[ $output == *1.2.3.4* ]]
	[ "$(tcpdump -nr "$DIR/f" 2>/dev/null | grep -c 'A? first.test')" = 1 ]
}

@test "the router advertisement gives an address and a default route" {
	vm_run r 'echo 2 >/proc/sys/net/ipv6/conf/ppp0/accept_ra; kill -0 1; for i in 1 2 3 4 5 6 7 8 9 10; do ip -6 addr show dev ppp0 | grep -q fd62:6e67:8000 && break; sleep 1; done; ip -6 addr show dev ppp0; ip -6 route'
	[[ $output == *"fd62:6e67:8000:0:"* ]]
	[[ $output == *"default via fe80::1 dev ppp0"* ]]
}

@test "ping: our end of the link, and 1500 bytes of it" {
	vm_run r 'ping -6 -c 1 -W 5 fe80::1%ppp0'
	[ "$status" = 0 ]
	vm_run r 'ping -c 1 -W 5 -s 1472 192.168.100.1'
	[ "$status" = 0 ]
}

@test "DHCPv6: a prefix, an address and the name server" {
	vm_run r 'mkdir -p /var/lib/dhcpv6; dhcp6c -D -f -c /etc/dhcp6c.conf ppp0 >/tmp/d.log 2>&1 & for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /tmp/dhcp6.env ] && break; sleep 1; done; cat /tmp/dhcp6.env; cat /var/log/messages /tmp/d.log; ip -6 addr'
	echo "$output"
	[[ $output == *"fd62:6e67:ffff:ff00::53"* ]]
	[[ $output == *"fd62:6e67:0:7:"* ]]
	[[ $output == *"fd62:6e67:8000::1000"* ]]
}

@test "TCP by IPv6 to this host" {
	vm_run r 'nc -w 5 fec0::2 8000 </dev/null'
	[ "$output" = hello ]
}

@test "name service: by IPv4, and by IPv6 from the same server" {
	vm_run r 'nslookup -type=a router.test 192.168.100.2'
	[[ $output == *1.2.3.4* ]]
	vm_run r 'nslookup -type=a router.test fd62:6e67:ffff:ff00::53'
	[[ $output == *1.2.3.4* ]]
	vm_run r 'ping -6 -c 1 -W 5 fd62:6e67:ffff:ff00::53'
	[ "$status" = 0 ]
}

# guest_has FILE: waits until the guest has something in it
guest_has() {
	vm_run r "for i in \$(seq 100); do [ -s $1 ] && exit; sleep .2; done; cat /tmp/dhcpcd.log; exit 1"
	[ "$status" = 0 ] || { echo "$output"; return 1; }
}

# the exchange as bng has captured it
released() {
	local said
	said=$(tcpdump -nr "$DIR/f" 2>/dev/null | grep -o 'dhcp6 .*' | tr '\n' ' ')
	[[ $said == *"renew dhcp6 reply dhcp6 release dhcp6 reply "* ]]
}

# The last one, for dhcpcd takes all addresses away when it ends. It wants a
# directory for leases, port 546 for itself, -B (else it is in the background,
# and with -1 it has ended, at the first router advertisement, before a prefix)
# and an interface's name: without, it looks for its udev plugin, which is not in
# the guest, and dies of SIGSEGV (9.4.1). odhcp6c is not in Debian.
@test "DHCPv6: dhcpcd routes a network of its prefix, renews, releases" {
	vm_run r 'kill $(cat /run/dhcp6c.pid); while [ -e /run/dhcp6c.pid ]; do sleep .2; done
	mkdir -p /var/lib/dhcpcd; dhcpcd -B -d ppp0 >/tmp/dhcpcd.log 2>&1 &'
	guest_has /tmp/dhcp6BOUND6.env
	guest_has /tmp/dhcp6DELEGATED6.env
	vm_run r 'cat /tmp/dhcp6BOUND6.env; ip -6 addr'
	echo "$output"
	[[ $output == *ia_addr1=fd62:6e67:8000::1000* ]]
	[[ $output == *name_servers=fd62:6e67:ffff:ff00::53* ]]
	[[ $output == *prefix1=fd62:6e67::* && $output == *prefix1_length=56* ]]
	[[ $output == *"inet6 fd62:6e67:0:9::1/64"* ]]
	[[ $output == *"inet6 fd62:6e67:8000::1000/128"* ]]
	vm_run r 'ping -6 -c 1 -W 5 -I fd62:6e67:0:9::1 fd62:6e67:ffff:ff00::53'
	[ "$status" = 0 ]
	vm_run r 'dhcpcd -N ppp0'
	guest_has /tmp/dhcp6RENEW6.env
	vm_run r 'dhcpcd -k ppp0'
	until_ok 10 released
}
