#!/usr/bin/env bats
# bng with real peers: Debian's pppd and its PPPoE plugin, in a MIPS router
# and in a PC, on an emulated wire
# uses: bng connect-vm
# kit: mipsel amd64
# timeout: 600
load ../helper
load vm

setup_file() {
	vm_kit mipsel amd64
	vm_start router mipsel --net access
	vm_start pc amd64 --net access --net world --role /dev/stdin <<-'EOF'
	echo 'a page of the pc' >/www/index.html
	httpd -h /www
	EOF
	mkdir "$VM/www"
	echo 'a page of the host' >"$VM/www/index.html"
	head -c 3000000 /dev/urandom >"$VM/www/big"
	vm_daemon busybox httpd -f -p 127.0.0.1:8080 -h "$VM/www"
	vm_up router
	vm_up pc
}
setup() {
	vm_kit mipsel amd64
	user=db123@a.1 pass=NotReallyTheSecret
}
teardown() {
	local g
	for g in router pc; do
		[ ! -e "$VM/$g/up" ] || hangup $g
	done
	[ ! -e "$VM/bng" ] || bng --stop "$VM/bng" || :
}
teardown_file() {
	[ ! -e "$VM/bng" ] || bng --stop "$VM/bng" || :
	vm_end
}

gateway() {
	bng --background "$VM/bng" "$@" 3>&- 4>&-
}
ctl() {
	connect-vm "$VM/bng" <<<"$1"
}
# dial GUEST [WORD...]: until the session is up, or it is clear that it is not
dial() {
	local g=$1
	shift
	vm_mark "$g"
	vm_send "$g" "dial $* &"
	vm_wait "$g" '^SESSION (UP|DOWN) '
	echo "$g: $line"
	[[ "$line" != "SESSION UP"* ]] || : >"$VM/$g/up"
}
up() {
	[[ "$line" == "SESSION UP ppp0 "* ]]
}
hangup() {
	vm_mark "$1"
	vm_send "$1" 'killall pppd'
	vm_wait "$1" '^SESSION DOWN '
	rm -f "$VM/$1/up"
}
sessions() {
	[ "$(ctl status | grep -c ' up ')" -eq "$1" ]
}

@test "CHAP: address, peer, status; pages both ways through libslirp" {
	gateway
	dial router user=$user pass=$pass
	[[ "$line" == "SESSION UP ppp0 192.168.100.10 peer 192.168.100.1 mtu 1492 dns 192.168.100.2 "* ]]
	run ctl status
	[[ "${lines[0]}" == *" db123@a.1 192.168.100.10 up in "*" out "*" up "* ]]
	[ "${lines[1]}" = "1 sessions, 1 up" ]
	vm_run router 'ping -c 2 -W 5 192.168.100.1'
	[ "$status" -eq 0 ]
	vm_run router 'wget -q -O - http://192.168.100.1:8080/'
	[ "$output" = "a page of the host" ]
	vm_run router 'wget -q -O /tmp/f http://192.168.100.1:8080/big; md5sum </tmp/f'
	[ "$output" = "$(md5sum <"$VM/www/big" | cut -c1-32)  -" ]
	socat -u tcp-listen:9000,bind=127.0.0.1 "create:$VM/got" 3>&- &
	until_ok 20 grep -q ':2328 00000000:0000 0A' /proc/net/tcp # it listens
	vm_run router 'nc 192.168.100.1 9000 </tmp/f; rm /tmp/f'
	[ "$status" -eq 0 ]
	wait $!
	cmp "$VM/www/big" "$VM/got"
	vm_run router 'grep -c "CHAP authentication succeeded" /tmp/pppd.log'
	[ "$output" -ge 1 ]
}

@test "PAP, where bng asks for it and where the client wants nothing else" {
	gateway --auth pap
	dial router user=$user pass=$pass
	up
	vm_run router 'grep -c "PAP authentication succeeded" /tmp/pppd.log'
	[ "$output" = 1 ]
	hangup router
	bng --stop "$VM/bng"
	gateway
	vm_run router 'rm /tmp/pppd.log'
	dial router user=$user pass=$pass auth=pap
	up
	vm_run router 'grep "authentication succeeded" /tmp/pppd.log'
	[[ "$output" == *PAP* ]]
}

@test "MS-CHAPv2" {
	gateway --auth mschapv2 -u 'eva:p w'
	dial router user=eva "'pass=p w'"
	up
	hangup router
	dial router user=eva pass=pw
	[[ "$line" == "SESSION DOWN 19 authentication failed" ]]
}

@test "a wrong password and an unknown user are refused, by CHAP and by PAP" {
	gateway
	for w in user=$user user=nobody; do
		for a in chap pap; do
			dial router $w pass=wrong auth=$a
			[ "$line" = "SESSION DOWN 19 authentication failed" ]
		done
	done
	until_ok 10 sessions 0
	dial router user=$user pass=$pass
	up
}

@test "services: the offered one and none at all are served, others not" {
	gateway -s internet -s tv
	dial router user=$user pass=$pass service=other opts=pppoe-padi-attempts+2
	[[ "$line" == "SESSION DOWN "* ]]
	dial router user=$user pass=$pass service=tv
	up
	hangup router
	dial router user=$user pass=$pass
	up
	vm_run router 'pppoe-discovery -I eth0 -t 2 -a 1'
	[[ "$output" == *"Access-Concentrator: bng"* ]]
	[[ "$output" == *"Service-Name: internet"* ]]
	[[ "$output" == *"Service-Name: tv"* ]]
}

@test "MTU 1500 for who asks by RFC 4638, 1492 for others" {
	gateway --mtu 1500
	dial router user=$user pass=$pass mtu=1500
	[[ "$line" == "SESSION UP ppp0 "*" mtu 1500 "* ]]
	vm_run router 'ping -c 1 -W 5 -s 1472 192.168.100.1 && grep ^Ip: /proc/net/snmp'
	[ "$status" -eq 0 ]
	# fragments made: the last field of the second line
	[ "$(tail -n 1 <<<"$output" | awk '{ print $20 }')" = 0 ]
	vm_run router 'wget -q -O - http://192.168.100.1:8080/big | md5sum'
	[ "$output" = "$(md5sum <"$VM/www/big" | cut -c1-32)  -" ]
	hangup router
	dial router user=$user pass=$pass mtu=1492
	[[ "$line" == "SESSION UP ppp0 "*" mtu 1492 "* ]]
	hangup router
	bng --stop "$VM/bng"
	gateway
	dial router user=$user pass=$pass mtu=1500
	[[ "$line" == "SESSION UP ppp0 "*" mtu 1492 "* ]]
}

@test "name servers are told by IPCP; a user's own address is kept" {
	gateway --dns 10.1.1.1,10.1.1.2 -u fix:ed:192.168.100.77
	dial router user=fix pass=ed
	[[ "$line" == "SESSION UP ppp0 192.168.100.77 peer 192.168.100.1 mtu 1492 dns 10.1.1.1 10.1.1.2 "* ]]
	# killed and dialled again: it has its address at once
	vm_mark router
	vm_send router 'killall -9 pppd'
	vm_wait router '^SESSION DOWN '
	dial router user=fix pass=ed
	[[ "$line" == "SESSION UP ppp0 192.168.100.77 "* ]]
	until_ok 10 sessions 1
}

@test "ended by the client: gone at once; killed: redials, the old one ends" {
	gateway --echo 1 --echo-failures 2
	dial router user=$user pass=$pass
	up
	hangup router
	until_ok 5 sessions 0
	dial router user=$user pass=$pass
	up
	vm_mark router
	vm_run router 'killall -9 pppd; sleep 1; ifconfig ppp0'
	[ "$status" -ne 0 ]
	vm_wait router '^SESSION DOWN '
	dial router user=$user pass=$pass
	up
	until_ok 20 sessions 1
	vm_run router 'wget -q -O - http://192.168.100.1:8080/'
	[ "$output" = "a page of the host" ]
}

@test "LCP echoes lost: each side finds out by itself" {
	gateway --echo 1 --echo-failures 2
	# the client's line is cut: bng ends the session
	dial router user=$user pass=$pass
	up
	vm_mark router
	vm_run router 'ip link set dev eth0 down'
	until_ok 20 sessions 0
	vm_wait router '^SESSION DOWN '
	rm "$VM/router/up"
	vm_run router 'ip link set dev eth0 up'
	# bng says nothing any more: pppd ends it
	dial router user=$user pass=$pass opts=lcp-echo-interval+1,lcp-echo-failure+2
	up
	vm_mark router
	ctl 'cut all'
	rm "$VM/router/up"
	vm_wait router '^SESSION DOWN ' 60
	vm_run router 'cat /tmp/pppd.log'
	[[ "$output" == *"No response to 2 echo-requests"* ]]
}

@test "drop: the client is told and hangs up" {
	gateway
	dial router user=$user pass=$pass
	up
	vm_mark router
	run ctl "drop $user"
	[ "$status" -eq 0 ]
	vm_wait router '^SESSION DOWN [0-9]+ ' 20
	rm "$VM/router/up"
	vm_run router 'grep -c "LCP terminated by peer" /tmp/pppd.log'
	[ "$output" -ge 1 ]
	sessions 0
}

@test "a port of the host is forwarded to the router" {
	gateway --forward tcp:127.0.0.1:2280:192.168.100.10:80
	dial router user=$user pass=$pass
	up
	vm_run router 'httpd -h /www'
	run wget -q -O - http://127.0.0.1:2280/
	[ "$output" = "a page of the router" ]
	vm_run router 'killall httpd'
}

@test "two subscribers reach each other" {
	gateway
	dial router user=$user pass=$pass
	up
	dial pc user=$user pass=$pass
	up
	addr=${line#SESSION UP ppp0 } addr=${addr%% *}
	[ "$addr" != 192.168.100.10 ]
	sessions 2
	vm_run router "ping -c 1 -W 5 $addr && wget -q -O - http://$addr/"
	[ "$status" -eq 0 ]
	[[ "$output" == *"a page of the pc" ]]
}

@test "world: a machine there gets an address, reaches host and subscribers" {
	gateway --world world
	dial router user=$user pass=$pass
	up
	vm_run pc 'udhcpc -q -n -t 10 -T 1 -i eth1 -s /bin/dhcp 2>/dev/null; ip -4 addr show dev eth1'
	[[ "$output" == *"inet 10.0.2."* ]]
	addr=${output#*inet } addr=${addr%%/*}
	vm_run pc 'wget -q -O - http://10.0.2.2:8080/'
	[ "$output" = "a page of the host" ]
	vm_run router "wget -q -O - http://$addr/"
	[ "$output" = "a page of the pc" ]
	vm_run router 'httpd -h /www'
	vm_run pc 'wget -q -O - http://192.168.100.10/'
	[ "$output" = "a page of the router" ]
}

@test "bng ends: the client is told, and dials the next one" {
	gateway
	dial router user=$user pass=$pass
	up
	vm_mark router
	bng --stop "$VM/bng"
	vm_wait router '^SESSION DOWN '
	rm "$VM/router/up"
	gateway
	dial router user=$user pass=$pass
	up
}
