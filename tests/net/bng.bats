#!/usr/bin/env bats
# uses: bng
# waits
# timeout: 120
# bng with clients of the same cores, over multicast on lo and over veth

load ../helper
load build
load bng

setup_file() {
	build_c "$BATS_FILE_TMPDIR/pppoe-client" tests/net/pppoe-client.c
	build_c "$BATS_FILE_TMPDIR/pppoe-load" bench/pppoe-load.c
}

setup() {
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR"
}

teardown() {
	[ ! -e d/pid ] || bng --stop d
	[ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null || :
}

up() {
	grep -q "^$1 up in" <<<"$output"
}

@test "the defaults: user, password, pool, server and name server" {
	bng --background d
	run -0 client -p 192.168.100.1 access
	up 1
	[[ $output == *" 192.168.100.10 192.168.100.1 192.168.100.2 mtu 1492"* ]]
	[[ $output == *"icmp 0 from 192.168.100.1"* ]]
}

@test "an interface that is deleted ends it, and says so" {
	ip link add a0 type veth peer name a1
	ip link set dev a0 up
	bng --dir d --access packet:a0 2>err 3>&- 4>&- &
	pid=$!
	until_ok 10 test -S d/control
	ip link set dev a0 down
	nap 0.3
	! gone "$pid" || false
	ip link set dev a0 up
	ip link del dev a0
	until_ok 10 gone "$pid"
	st=0
	wait "$pid" || st=$?
	[ "$st" = 1 ]
	musl_words
	grep -qx "bng: access: No such device" err
}

@test "--dns, --mac, --prefix6: what clients are told" {
	bng --background d --dns 10.5.5.5 --mac 02:ab:cd:00:00:09
	run -0 client access
	[[ $output == *" 192.168.100.10 192.168.100.1 10.5.5.5 mtu 1492"* ]]
	bng --stop d
	bng --background d --dns 10.5.5.5,10.6.6.6 --prefix6 2001:db8:: \
	    --mac 02:ab:cd:00:00:09 --capture f
	run -0 timeout 30 pppoe-load -6 access
	bng --stop d
	run -0 tcpdump -envr f
	[[ $output == *"Pri-DNS Option (0x81), length 6: 10.5.5.5"* ]]
	[[ $output == *"Sec-DNS Option (0x83), length 6: 10.6.6.6"* ]]
	[[ $output == *" 02:ab:cd:00:00:09 > "*"PADO"* ]]
	[[ $output == *"2001:db8:8000::/64, Flags [auto]"* ]]
	[[ $output == *"2001:db8:ffff:ff00::53"* ]]
}

@test "a wrong password, an unknown user" {
	bng --background d -v
	run -1 client -u db123@a.1:wrong access
	[[ $output == *"authentication failed"* ]]
	run -1 client -u nobody:NotReallyTheSecret access
	[[ $output == *"authentication failed"* ]]
	# who it was, in the log; without one, that there was somebody
	grep -A1 ': user: db123@a.1$' d/log | grep 'wrong secret'
	grep ': no user of that name: nobody$' d/log
	ask counters | grep '^auth-failed 2$'
	[ "$(ask status | tail -n 2)" = "0 sessions, 0 up
ok" ]
}

@test "each way to authenticate, and none" {
	for a in pap chap mschapv2 none; do
		bng --background d --auth $a -u u:p
		run -0 client -u u:p access
		up 1
		[ $a = none ] || run -1 client -u u:q access
		bng --stop d
	done
}

@test "--secrets: names with blanks, a fixed address inside and outside the pool" {
	umask 077
	printf 'plain * one\n"two words" srv "a \\"b\\"" 192.168.100.50\nfar * x 10.9.8.7\n' >s
	bng --background d --secrets s
	run -0 client -u plain:one access
	[[ $output == *" 192.168.100.10 192.168.100.1"* ]]
	run -0 client -u 'two words:a "b"' access
	[[ $output == *" 192.168.100.50 192.168.100.1"* ]]
	run -0 client -u far:x -p 192.168.100.1 access
	[[ $output == *" 10.9.8.7 192.168.100.1"* ]]
	[[ $output == *"icmp 0 from"* ]]
}

@test "reload: who is new in --secrets dials, who is gone does not" {
	umask 077
	printf 'old * one\nfix * one 192.168.100.10\n' >s
	bng --background d --secrets s --pool 192.168.100.10-13
	dialled out -u old:one access
	grep -q ' 192.168.100.11 192.168.100.1' out
	printf 'new * two\nfar * x 10.9.8.7\n' >s
	ask reload
	run -1 client -u old:one access
	[[ $output == *"authentication failed"* ]]
	run -0 client -u new:two access
	[[ $output == *" 192.168.100.10 192.168.100.1"* ]]
	run -0 client -u far:x access
	[[ $output == *" 10.9.8.7 192.168.100.1"* ]]
	run ask status
	[[ $output == *" old 192.168.100.11 up "* ]]
	# an address that became a user's own is none of those whose turn it is
	printf 'new * two\nlast * x 192.168.100.13\n' >s
	ask reload
	run -0 client -u new:two access
	[[ $output == *" 192.168.100.10 192.168.100.1"* ]]
}

@test "services: any by default, listed ones only with -s" {
	bng --background d
	run -0 client -s whatever access
	bng --stop d
	bng --background d -s internet -s voice
	run -0 client -s voice access
	run -0 client access
	run -1 client -s other -t 2 access
	up 0
	ask counters | grep -q 'service name not served'
}

@test "RFC 4638: 1500 where both want it" {
	bng --background d --mtu 1500
	run -0 client -m 1500 access
	[[ $output == *"mtu 1500"* ]]
	run -0 client access
	[[ $output == *"mtu 1492"* ]]
	run -0 client -m 1498 access
	[[ $output == *"mtu 1498"* ]]
}

@test "RFC 4638: no more than the interface carries" {
	local mtu
	ip link add ac type veth peer name cli
	ip link set cli up mtu 9000
	for mtu in 1508 1500 1450; do
		ip link set ac up mtu $mtu
		bng --background d -a packet:ac --mtu 1500
		run -0 client -m 1500 packet:cli
		[[ $output == *"mtu $((mtu - 8))"* ]]
		bng --stop d
	done
	# a slot of its ring: 1900
	ip link set ac mtu 9000
	bng --background d -a packet:ac --mtu 1984
	run -0 client -m 1984 packet:cli
	[[ $output == *"mtu 1900"* ]]
}

@test "--mtu below 1492 is what clients may send, too" {
	bng --background d --mtu 1400
	run -0 client access
	[[ $output == *"mtu 1400"* ]]
}

@test "300 subscribers at once, each its own address, reaching each other" {
	bng --background d --pool 10.0.0.10-10.0.3.255 --address 10.0.0.1
	dialled out -n 300 -p peer access
	grep -q '^300 up' out
	[ "$(grep -c '^up ' out)" = 300 ]
	[ "$(awk '/^up /{print $3}' out | sort -u | wc -l)" = 300 ]
	[ "$(awk '/^up /{print $2}' out | sort -u | wc -l)" = 300 ]
	until_ok 10 grep -q 'icmp 0 from' out
	ask status >st
	[ "$(grep -c ' up in ' st)" = 300 ]
	tail -n 2 st | head -n 1 | grep -qx '300 sessions, 300 up'
	kill %1
	wait
	[ "$(ask status | head -n 1)" = "0 sessions, 0 up" ]
}

# what each turn of the loop costs must not grow with the sessions there are
@test "an instance of libslirp with nothing under way is left alone" {
	bng --background d --pool 10.0.0.10-10.0.3.255 --address 10.0.0.1
	pppoe-load -n 300 --to 10.0.0.1 -t 500ms -R 2000 -H 60s access \
	    >out 3>&- 4>&- &
	until_ok 20 sh -c 'echo counters | socat - unix-connect:d/control |
	    tr "\n" " " | grep -q "nat-instances 300 nat-awake 0 "'
	kill %1
	until_ok 10 sh -c 'echo counters | socat - unix-connect:d/control |
	    grep -qx "nat-instances 0"'
	run -0 client -p 10.0.0.1 access
	[[ $output == *"icmp 0 from 10.0.0.1"* ]]
}

@test "status tells id, address, user, IP address, state, bytes and age" {
	bng --background d
	dialled out access
	id=$(awk '/^up/{print $2}' out)
	ask status | grep -Ex "$id 02:00:00:[0-9a-f:]{8} db123@a\\.1 192\\.168\\.100\\.10 up in [0-9]+ out [0-9]+ up [0-9]+s"
}

@test "drop says goodbye, cut does not" {
	bng --background d
	dialled out -n 3 access
	id=$(awk '/^up/{print $2; exit}' out)
	[ "$(ask "drop $id")" = "1 dropped
ok" ]
	until_ok 5 grep -q "^down $id dropped by hand" out
	ask status | grep -q '^2 sessions'
	[ "$(ask "cut 192.168.100.11")" = "1 dropped
ok" ]
	ask status | grep -q '^1 sessions'
	[ "$(grep -c ^down out)" = 1 ]
	[ "$(ask "drop-session db123@a.1")" = "1 dropped
ok" ]
	until_ok 5 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^0 sessions"'
}

@test "a client of before a restart is told by PADT" {
	bng --background d
	dialled out access
	pid=$(cat d/pid)
	kill -9 "$pid"
	until_ok 5 gone "$pid"
	bng --background d
	# its next frame, an echo or this ping, meets no session
	kill -TERM %1
	wait %1 || :
	ask counters | grep -Ex 'padt-out [1-9][0-9]*'
}

@test "a client that vanishes is found out by LCP echo" {
	bng --background d --echo 300ms --echo-failures 2
	run -0 client -c access
	ask status | grep -q '^1 sessions'
	until_ok 10 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^0 sessions"'
}

@test "an idle session and one that lasts too long are ended" {
	bng --background d --idle-timeout 700ms
	run -0 client -k 20 access
	[[ $output == *"idle timeout"* ]]
	bng --stop d
	bng --background d --session-timeout 700ms
	run -0 client -k 20 access
	[[ $output == *"session timeout"* ]]
}

# what the kernel has made of the router advertisement
advertised() {
	ip -6 addr show dev ppp0 | grep -q 'inet6 fd62:6e67:8000:.*/64 scope global dynamic' &&
		ip -6 route show default | grep -q 'via fe80::1 dev ppp0 proto ra'
}

@test "IPv6 with the kernel's own: an address, a route, TCP; --lease" {
	[ -w /dev/net/tun ] || skip "no /dev/net/tun"
	bng --background d --lease 10
	dialled out -N 6 -T ppp0 access
	ll=fe80:$(awk '/^up6/ { print $3 }' out | sed 's/..../:&/g')
	ip link set dev ppp0 addrgenmode none
	ip link set dev ppp0 mtu 1492 up
	ip -6 addr add "$ll/64" dev ppp0 nodad
	until_ok 10 advertised
	daemon socat tcp6-listen:8000,bind=::1,reuseaddr,fork exec:'echo hello'
	until_ok 10 socat -u "tcp6:[::1]:8000" -
	run -0 socat -u "tcp6:[fec0::2]:8000" -
	[ "$output" = hello ]
	# Solicit: IA_PD 7; T1 2, T2 4, lifetimes 5 and 10
	printf '\1\1\2\3\0\1\0\4\0\2\0\1\0\31\0\14\0\0\0\7\0\0\0\0\0\0\0\0' |
		timeout 20 socat -t 5 - "udp6-datagram:[ff02::1:2%ppp0]:547,bind=[$ll%ppp0]:546" |
		timeout 20 head -c 67 | od -An -v -tx1 | tr -d ' \n' >answer
	grep -q '0019002900000007''00000002''00000004''001a0019''00000005''0000000a''38fd626e67' answer
}

@test "limits: sessions in all and of one client, and the pool" {
	bng --background d --max 3 --pool 192.168.100.10-11
	run -1 client -n 3 -t 3 access
	up 2
	until_ok 5 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^0 sessions"'
	dialled out -n 2 access
	run -1 client -t 2 access
	up 0
	bng --stop d
	bng --background d --max 2
	dialled out2 -n 2 access
	run -1 client -t 2 access
	up 0
	ask counters | grep -q 'no more sessions$'
}

@test "--pado-delay and --padi-rate" {
	bng --background d --pado-delay 500ms
	run -0 client access
	[[ $(sed -n 's/.*up in \([0-9]*\) ms/\1/p' <<<"$output") -ge 500 ]]
	bng --stop d
	bng --background d --padi-rate 2
	run -0 client -n 4 access
	ask counters | grep -q 'more than the rate allows'
}

@test "-v names the packet behind each change; --capture has the frames" {
	daemon bng --dir d -v --capture f
	until_ok 5 test -e d/pid
	run -0 client access
	bng --stop d
	err=$BATS_TEST_TMPDIR/bng.err
	grep -q 'session opened by PADR' "$err"
	grep -q 'LCP: .* -> Opened (Configure' "$err"
	grep -q 'CHAP: .*right secret' "$err"
	grep -q 'IPv4 up: user db123@a.1 address 192.168.100.10 mtu 1492' "$err"
	grep -q 'ended: terminated by the peer; ' "$err"
	sound f
	[[ $output == *PADI* && $output == *PADO* && $output == *PADR* ]]
	[[ $output == *PADS* && $output == *PADT* && $output == *CHAP* ]]
}

@test "--capture: the disk is full: said once, and nobody else notices" {
	mkdir small
	mount -t tmpfs -o size=16k tmpfs small
	bng --background d -v --capture small/f
	dialled out -n 40 access
	until_ok 10 grep -q '^bng: small/f: No space left on device$' d/log
	[ "$(grep -c 'No space' d/log)" = 1 ]
	bng --stop d
	umount small
	# a file that may be no longer
	(ulimit -f 2 && exec bng --background d --capture f)
	run -0 client -n 40 access
	up 40
	run -0 client access
	[ "$(stat -c %s f)" = 2048 ]
	bng --stop d
}

@test "UDP while uptime reaches 2^32 ms, and when libslirp's clock begins anew" {
	local up
	unshare -Tf true || skip "no time namespaces here"
	socat udp-recvfrom:9007,bind=127.0.0.1,fork exec:cat 3>&- 4>&- &
	until_ok 5 sh -c 'ss -uln | grep -q :9007'
	since() { # SECONDS of uptime
		read -r up _ </proc/uptime
		unshare -Tf --monotonic $(($1 - ${up%.*})) bng --background d
	}
	answered() {
		run -0 client -p 192.168.100.1 -q 9007 access
		grep -qx answered <<<"$output"
	}
	since 4294907
	answered
	bng --stop d
	since 4291369 # and begun anew, an hour before
	dialled out -p 192.168.100.1 -q 9007 access
	until_ok 10 grep -qx answered out
	# it sleeps between its turns
	until_ok 5 grep -q '^State:.S' "/proc/$(<d/pid)/status"
}

@test "--forward: a port of this host reaches the subscriber" {
	bng --background d --forward udp:127.0.0.1:5000:192.168.100.10:5000 --capture f
	dialled out access
	echo hello | socat - udp:127.0.0.1:5000
	until_ok 5 sh -c 'tcpdump -nr f 2>/dev/null | grep -q "192.168.100.10.5000: UDP"'
}

@test "one subscriber cannot use up the descriptors for what goes out" {
	socat -u udp-recv:9008,bind=127.0.0.1 /dev/null 3>&- 4>&- &
	socat udp-recvfrom:9007,bind=127.0.0.1,fork exec:cat 3>&- 4>&- &
	until_ok 5 sh -c 'ss -uln | grep -q :9007 && ss -uln | grep -q :9008'
	(ulimit -n 200 && bng --background d)
	dialled out -p 192.168.100.1 -q 9008,400 access
	until_ok 15 grep -q '^not answered' out
	run -0 client -p 192.168.100.1 -q 9007 access
	[[ $output == *$'\nanswered'* ]]
	run ask counters
	[[ $output =~ "flows-refused "[1-9] ]]
	kill %3 # they end with their session
	until_ok 10 sh -c 'echo counters | socat - unix-connect:d/control |
	    grep -qx "flows 0"'
}

@test "ICMP errors, of libslirp's too: 100 a second at most" {
	[ -w /dev/net/tun ] || skip "no /dev/net/tun"
	bng --background d --capture f
	dialled out -T ppp0 access
	ip addr add 192.168.100.10 peer 192.168.100.1 dev ppp0
	ip link set dev ppp0 mtu 1492 up
	SECONDS=0
	yes 1234567 | head -c 16000 |
		socat -b 8 - udp-sendto:192.168.100.1:9,ip-ttl=1 || :
	until_ok 10 sh -c 'tcpdump -nr f | grep -q "time exceeded"' 2>/dev/null
	bng --stop d
	n=$(tcpdump -nr f 2>/dev/null | grep -c 'time exceeded')
	[ "$n" -ge 50 ]
	[ "$n" -le $((50 + 100 * (SECONDS + 2))) ]
}

@test "40 answers at once, each to another address of a subscriber" {
	[ -w /dev/net/tun ] || skip "no /dev/net/tun"
	build_c "$BATS_TEST_TMPDIR/burst" tests/net/burst.c
	bng --background d
	dialled out -N 6 -T ppp0 access
	ip link set dev ppp0 mtu 1492 up
	for i in {1..40}; do
		ip -6 addr add "fd62:6e67:8000::$i/64" dev ppp0 nodad
	done
	ip -6 route add fec0::/64 dev ppp0
	[ "$(timeout 60 ./burst 40 fd62:6e67:8000:: fec0::2)" = 40 ]
}

@test "--world: machines there and subscribers reach each other" {
	host vm
	ip link add w0 type veth peer name eth0 netns "$host_vm"
	ip link set w0 up
	on vm ip link set eth0 up
	on vm ip addr add 10.0.2.100/24 dev eth0
	on vm ip route add default via 10.0.2.2
	bng --background d --world packet:w0 --capture f
	dialled out -p 10.0.2.100 access
	until_ok 10 grep -q 'icmp 0 from 10.0.2.100' out
	on vm bash -c 'echo hello >/dev/udp/192.168.100.10/7'
	until_ok 10 sh -c 'tcpdump -nr f 2>/dev/null | grep -q "10.0.2.100.*192.168.100.10.7: UDP"'
	# nobody there: the gateway says so
	run ! on vm timeout 20 bash -c 'echo x >/dev/tcp/192.168.100.77/7'
	[[ $output == *"No route to host"* ]]
	# nor is there IPv6: who is answered solicits no more
	until_ok 20 on vm grep -Eq '^Icmp6OutRouterSolicits\s+[2-9]' /proc/net/snmp6
	# its router is libslirp, which takes it to this host
	socat -u tcp-listen:8000,reuseaddr,bind=127.0.0.1 - >got 3>&- 4>&- &
	until_ok 10 on vm bash -c 'echo hello >/dev/tcp/10.0.2.2/8000'
	until_ok 10 grep -q hello got
	sound f
}

@test "over an interface: packet:, VLANs and QinQ are sessions apart" {
	host cpe
	ip link add a0 type veth peer name eth0 netns "$host_cpe"
	ip link set a0 up
	on cpe ip link set eth0 up
	bng --background d --access packet:a0
	run -0 on cpe timeout 30 "$BATS_FILE_TMPDIR/pppoe-client" -p 192.168.100.1 packet:eth0
	[[ $output == *"icmp 0 from"* ]]
	on cpe timeout 60 "$BATS_FILE_TMPDIR/pppoe-client" -k 50 -p 192.168.100.1 -V 7 packet:eth0 >v7 3>&- 4>&- &
	on cpe timeout 60 "$BATS_FILE_TMPDIR/pppoe-client" -k 50 -p 192.168.100.1 -V 5.9 packet:eth0 >q9 3>&- 4>&- &
	until_ok 20 grep -q 'icmp 0 from' v7
	until_ok 20 grep -q 'icmp 0 from' q9
	ask status | grep -Eq '^[0-9a-f]{4} 02:00:00:[0-9a-f:]{8}\.7 '
	ask status | grep -Eq '^[0-9a-f]{4} 02:00:00:[0-9a-f:]{8}\.5\.9 '
}

@test "--delay: every frame is late, in order" {
	bng --background d --delay 40ms,20ms
	run -0 client -p 192.168.100.1 access
	up 1
	# LCP, CHAP and IPCP are 4 round trips at least
	[ "$(sed -n 's/.*up in \([0-9]*\) ms/\1/p' <<<"$output")" -ge 200 ]
	[[ $output == *"icmp 0 from"* ]]
}

@test "--delay: a client that is far away is asked for LCP once only" {
	daemon bng --dir d -v --delay 150ms
	until_ok 5 test -e d/pid
	run -0 client access
	[ "$(grep -c 'LCP: .* -> Opened ' bng.err)" = 1 ]
}

@test "--lossy: sessions come up nevertheless; nothing does at 100" {
	# a lost CHAP Success ends a session, so not all of them
	bng --background d --lossy 10
	run client -n 10 -t 6 access
	grep -Eq '^[1-9][0-9]* up in' <<<"$output"
	ask counters | grep -Ex 'line-lost [1-9][0-9]*'
	[ "$(ask 'lossy 100')" = ok ]
	run -1 client -t 2 access
	up 0
	[ "$(ask 'lossy 0')" = ok ]
	run -0 client access
	[ "$(ask 'lossy 101')" = "error: lossy 101: not a value for that" ]
}

@test "--rate: a slow line takes its time and drops what is too much" {
	bng --background d --rate 8k --forward udp:127.0.0.1:5001:192.168.100.10:5000
	run -0 client -t 50 access
	[ "$(sed -n 's/.*up in \([0-9]*\) ms/\1/p' <<<"$output")" -ge 100 ]
	ask counters | grep -qx 'line-lost 0'
	dialled out access
	# a second of the line each
	for _ in 1 2 3; do
		head -c 1000 /dev/zero >/dev/udp/127.0.0.1/5001
	done
	until_ok 10 sh -c 'echo counters | socat - unix-connect:d/control |
	    grep -Ex "line-lost [1-9][0-9]*"'
	kill %1
	[ "$(ask 'rate 1G')" = ok ]
	[ "$(ask 'delay 1ms')" = ok ]
	run -0 client -n 50 access
	up 50
	[ "$(ask 'delay 0')" = ok ]
	run -0 client access
}

@test "a silent death of the line: cut, and the client redials" {
	bng --background d --max 2
	dialled out access
	[ "$(ask 'cut all')" = "1 dropped
ok" ]
	run -0 client access
	run ! grep -q ^down out
	# its farewell is not answered either
	kill %1
	wait %1 || :
	ask counters | grep -qx 'padt-out 0'
	# but it is free after that
	run -0 client -n 2 access
}

@test "a user with an address of its own dials again: it has it at once" {
	bng --background d -u fix:ed:192.168.100.77
	run -0 client -c -u fix:ed access
	run -0 client -c -u fix:ed access
	[[ $output == *" 192.168.100.77 "* ]]
	until_ok 20 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^1 sessions"'
}

@test "--max-per-user: at the limit the user's oldest session gives way, nobody else's" {
	local id=()
	bng --background d --max-per-user 2 --pool 192.168.100.10-13 -u a:x -u b:x
	run -0 client -c -u b:x access
	for _ in 1 2 3 4 5; do
		run -0 client -c -u a:x access
		id+=("$(sed -n 's/^up \([^ ]*\) .*/\1/p' <<<"$output")")
	done
	until_ok 20 sh -c 'echo status | socat - unix-connect:d/control | grep -q "^3 sessions"'
	run -0 ask status
	[ "$(grep -c ' a 192' <<<"$output")" = 2 ]
	[ "$(grep -c ' b 192' <<<"$output")" = 1 ]
	grep -q "^${id[3]} " <<<"$output"
	grep -q "^${id[4]} " <<<"$output"
	run -2 bng --max-per-user 0
}

@test "IPv6CP comes up for those who want it; --no-ipv6 rejects it" {
	daemon bng --dir d -v --capture f
	until_ok 5 test -e d/pid
	run -0 timeout 30 pppoe-load -6 -n 2 access
	[[ $output == *"up=2 failed=0"* ]]
	grep -q 'IPv6 up: prefix fd62:6e67::/56' "$BATS_TEST_TMPDIR/bng.err"
	grep -q 'IPv6 up: prefix fd62:6e67:0:100::/56' "$BATS_TEST_TMPDIR/bng.err"
	bng --stop d
	run -0 tcpdump -vnr f
	[[ $output == *"router advertisement"* ]]
	[[ $output == *"fd62:6e67:8000::/64, Flags [auto]"* ]]
	[[ $output == *"fd62:6e67:ffff:ff00::53"* ]]
	daemon bng --dir d -v --no-ipv6
	until_ok 5 test -e d/pid
	run -0 timeout 30 pppoe-load -6 access
	run ! grep -q 'IPv6 up' "$BATS_TEST_TMPDIR/bng.err"
}

@test "two on one wire: addresses of their own, neither ends the other's sessions" {
	bng --background d -s one
	bng --background e -s two --address 192.168.101.1 --pool 192.168.101.10-20
	dialled out1 -s one -p 192.168.100.1 access
	dialled out2 -s two -p 192.168.101.1 access
	until_ok 10 grep -q 'icmp 0 from 192.168.100.1' out1
	until_ok 10 grep -q 'icmp 0 from 192.168.101.1' out2
	[[ $(ask status) == *" 192.168.100.10 up "*"1 sessions, 1 up"* ]]
	[[ $(ask counters) == *$'\npadt-out 0\n'* ]]
	run bng --stop e
	[[ $(ask status) == *"1 sessions, 1 up"* ]]
}
