#!/usr/bin/env bats
# pppoe-l2tp-relay between Debian's pppd, dialling by PPPoE in one guest, and
# Debian's xl2tpd with pppd as LNS in another
# uses: pppoe-l2tp-relay
# kit: amd64
# timeout: 300
load ../helper
load vm

setup_file() {
	vm_kit amd64
	cat >"$BATS_FILE_TMPDIR/role" <<-'EOF'
	modprobe -a pppoe l2tp_ppp ppp_async ppp_synctty
	ip addr add 10.0.2.15/24 dev eth0
	ip link set dev eth0 up
	ip route add default via 10.0.2.2
	ip addr add 10.68.0.1/24 dev lo
	umask 077
	mkdir -p /etc/ppp /etc/xl2tpd /var/run/xl2tpd
	echo '"u" * "p w" *' >/etc/ppp/pap-secrets
	cp /etc/ppp/pap-secrets /etc/ppp/chap-secrets
	echo '* * s3cret' >/etc/xl2tpd/secrets
	cat >/lns <<'END'
	killall xl2tpd pppd
	for i in 1 2 3 4 5 6 7 8 9 10; do pidof xl2tpd || break; sleep 0.2; done
	{
		echo "[global]"
		echo "auth file = /etc/xl2tpd/secrets"
		echo "[lns default]"
		echo "ip range = 10.68.0.10-10.68.0.50"
		echo "local ip = 10.68.0.1"
		echo "pppoptfile = /etc/ppp/options.l2tp"
		for l; do echo "$l"; done
	} >/etc/xl2tpd/xl2tpd.conf
	echo "name server
	ms-dns 10.68.0.1
	$auth
	mtu 1492
	mru 1492
	lcp-echo-interval 10" >/etc/ppp/options.l2tp
	xl2tpd -c /etc/xl2tpd/xl2tpd.conf -p /var/run/xl2tpd.pid -C /var/run/xl2tpd/c
	END
	auth=require-chap sh /lns
	httpd -p 80 -h /www
	EOF
	vm_start lns amd64 --net user,hostfwd=udp:127.0.0.1:1701-10.0.2.15:1701 \
	    --role "$BATS_FILE_TMPDIR/role"
	vm_start cli amd64 --net access
	vm_up lns
	vm_up cli
}
setup() {
	vm_kit amd64
	cd "$BATS_TEST_TMPDIR" || return 1
}
teardown() {
	vm_run cli 'killall pppd; for i in 1 2 3 4 5 6 7 8 9 10; do pidof pppd || break; sleep 0.5; done'
	[ ! -e dir/pid ] || kill "$(cat dir/pid)"
	sed 's/^/# /' dir/log 2>/dev/null || :
}
teardown_file() {
	vm_end
}

relay() {
	pppoe-l2tp-relay --background dir -v "$@" access 127.0.0.1
}
downs() {
	vm_text cli | grep -c '^SESSION DOWN' || :
}

@test "CHAP through xl2tpd: session, ping, a page; up in less than LCP's retry" {
	relay
	vm_send cli 'dial user=u "pass=p w" &'
	vm_wait cli '^SESSION UP ppp0 10.68.0.[0-9]+ peer 10.68.0.1 mtu 1492 dns 10.68.0.1'
	vm_run cli 'ping -c 3 -s 1464 10.68.0.1'
	[ "$status" -eq 0 ]
	vm_run cli 'wget -q -O - http://10.68.0.1/'
	[ "$status" -eq 0 ]
	[ -n "$output" ]
	echo status | socat -t5 - UNIX:dir/control | grep -q 'ConfReq repeated 1'
	kill "$(cat dir/pid)"
	vm_wait cli '^SESSION DOWN' 30
}

@test "PAP, a secret with challenges both ways, hidden AVPs" {
	vm_run lns 'auth=require-pap sh /lns "challenge = yes" "hidden bit = yes"'
	echo s3cret >secret
	relay --secret-file secret --hide
	n=$(vm_text cli | grep -c '^SESSION UP ' || :)
	vm_send cli 'dial user=u "pass=p w" &'
	vm_wait cli '^SESSION UP ' 60 $((n + 1))
	vm_run cli 'ping -c 2 10.68.0.1'
	[ "$status" -eq 0 ]
	grep -q "tunnel [0-9]* to 127.0.0.1 established" dir/log
}

@test "a wrong secret and a wrong password end in words" {
	echo other >secret
	relay --secret-file secret --tries 2
	n=$(downs)
	vm_send cli 'dial user=u "pass=p w" opts="pppoe-padi-attempts 1" &'
	vm_wait cli '^SESSION DOWN' 60 $((n + 1))
	until_ok 20 grep -q "not established: 127.0.0.1: " dir/log
	kill "$(cat dir/pid)"
	until_ok 10 test ! -e dir/pid
	echo s3cret >secret
	relay --secret-file secret
	n=$(downs)
	vm_send cli 'dial user=u pass=wrong &'
	vm_wait cli '^SESSION DOWN 19 authentication failed' 60
}

@test "xl2tpd killed: the client is told; started again: it dials again" {
	vm_run lns 'auth=require-chap sh /lns'
	relay --hello 1s --tries 2
	n=$(vm_text cli | grep -c '^SESSION UP ' || :)
	vm_send cli 'dial user=u "pass=p w" &'
	vm_wait cli '^SESSION UP ' 60 $((n + 1))
	d=$(downs)
	vm_run lns 'killall -9 xl2tpd'
	vm_wait cli '^SESSION DOWN' 40 $((d + 1))
	grep -q "ends: 127.0.0.1: the peer does not answer" dir/log
	vm_run lns 'auth=require-chap sh /lns'
	vm_send cli 'dial user=u "pass=p w" &'
	vm_wait cli '^SESSION UP ' 90 $((n + 2))
}
