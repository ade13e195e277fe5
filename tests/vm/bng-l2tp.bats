#!/usr/bin/env bats
# bng as the LNS of Debian's xl2tpd, which dials as LAC with pppd in a guest
# uses: bng
# kit: amd64
# timeout: 240
load ../helper
load vm

setup_file() {
	vm_kit amd64
	cat >"$BATS_FILE_TMPDIR/role" <<-'EOF'
	modprobe -a l2tp_ppp ppp_async ppp_synctty
	ip addr add 10.0.2.15/24 dev eth0
	ip link set dev eth0 up
	ip route add default via 10.0.2.2
	umask 077
	mkdir -p /etc/ppp /etc/xl2tpd /var/run/xl2tpd
	echo '* * s3cret' >/etc/xl2tpd/secrets
	printf '%s\n' 'user u' 'password "p w"' noauth 'mtu 1450' 'mru 1450' \
	    noipdefault nodefaultroute usepeerdns 'lcp-restart 1' >/etc/ppp/lac
	cat >/lac <<'END'
	{
		echo "[global]"
		echo "auth file = /etc/xl2tpd/secrets"
		echo "[lac bng]"
		echo "lns = 10.0.2.2"
		echo "pppoptfile = /etc/ppp/lac"
		echo "autodial = yes"
		for l; do echo "$l"; done
	} >/etc/xl2tpd/xl2tpd.conf
	xl2tpd -c /etc/xl2tpd/xl2tpd.conf -p /var/run/xl2tpd.pid \
	    -C /var/run/xl2tpd/c
	END
	cat >/end <<'END'
	killall xl2tpd
	n=0
	while pidof xl2tpd pppd && [ $n -lt 100 ]; do n=$((n + 1)); usleep 100000; done
	END
	EOF
	vm_boot lac amd64 --net user --role "$BATS_FILE_TMPDIR/role"
}
setup() {
	vm_kit amd64
	cd "$BATS_TEST_TMPDIR" || return 1
}
teardown() {
	vm_run lac 'sh /end'
	sed 's/^/# /' bng.err
	[ ! -e d/pid ] || bng --stop d
}
teardown_file() {
	vm_end
}

lns() {
	daemon bng --dir d -v --access none --l2tp 127.0.0.1 -u 'u:p w' "$@"
	until_ok 10 test -S d/control
}
ask() {
	echo "$1" | timeout 10 socat -t 5 - unix-connect:d/control
}
ups() {
	vm_text lac | grep -c '^SESSION UP ppp' || :
}

@test "xl2tpd dials: PPP stands, pings pass, its end is ours" {
	lns
	n=$(ups)
	vm_run lac 'sh /lac'
	vm_wait lac '^SESSION UP ppp0 192.168.100.10 peer 192.168.100.1' 60 $((n + 1))
	vm_run lac 'ping -c 3 -s 1400 192.168.100.1'
	[ "$status" -eq 0 ]
	ask counters | grep -qx 'tunnels 1'
	ask status | grep -q ' u 192.168.100.10 up'
	vm_run lac 'sh /end'
	until_ok 20 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^0 sessions"'
	until_ok 40 sh -c 'echo counters | socat - unix-connect:d/control | grep -qx "tunnels 0"'
}

@test "a secret, challenges both ways; a wrong one is refused" {
	echo s3cret >secret
	lns --l2tp-secret secret
	n=$(ups)
	vm_run lac 'sh /lac "challenge = yes"'
	vm_wait lac '^SESSION UP ppp0 192.168.100.10 ' 60 $((n + 1))
	vm_run lac 'ping -c 2 192.168.100.1; sh /end'
	[[ "$output" == *"2 packets received"* ]]
	bng --stop d
	echo other >secret
	lns --l2tp-secret secret
	vm_run lac 'sh /lac "challenge = yes"'
	until_ok 30 grep -Eq 'tunnel [0-9]* down: StopCCN 2, .*: Invalid challenge' bng.err
	ask status | grep -q '^0 sessions'
}

@test "bng ends: xl2tpd hears of it" {
	lns
	n=$(ups)
	vm_run lac 'sh /lac'
	vm_wait lac '^SESSION UP ppp0 ' 60 $((n + 1))
	bng --stop d
	vm_run lac 'n=0; while pidof pppd && [ $n -lt 100 ]; do n=$((n + 1)); usleep 100000; done; ! pidof pppd'
	[ "$status" -eq 0 ]
}
