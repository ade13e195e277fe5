#!/bin/sh
# two-hosts.sh [-m] [-k]: a lab that outgrew one machine. The gateway runs on
# one host, the router on another, and the access network is carried between
# them: by VXLAN, with an interface made for it on each host (which takes
# root there), or with -m by the same multicast that carries it within a host
# (which takes no privilege, but a network between that passes multicast).
#
#   router -> [east] --- the network between --- [west] bng -> a web server
#
# The hosts are two network namespaces with a cable between them; what runs
# in each is what one would type on two machines. At a terminal, or with -k,
# all stays up until Enter. The status is 0 when the page came.
# shellcheck disable=SC2034,SC2154 # variables of lab.sh
. "$(dirname "$0")/lab.sh"

by=vxlan
while getopts km o; do
	case $o in
	k) keep=y ;;
	m) by=multicast ;;
	*) usage '[-m] [-k]' ;;
	esac
done
lab_needs mips-vm bng connect-vm ip nsenter busybox qemu-system-mipsel
lab_kit
lab_enter_or_fail "$@"
lab_open

# host NAME: a namespace, held by a process that waits; on_NAME CMD... runs
# CMD there
host() {
	lab_daemon unshare -n sh -c 'ip link set dev lo up; : >"$1"
		exec sleep 100000' sh "$dir/$1.up"
	eval "on_$1='nsenter -n -t $!'"
	until [ -e "$dir/$1.up" ]; do
		kill -0 $! || fail "no namespace for $1"
		sleep 0.05
	done
}
host west
host east
# shellcheck disable=SC2154
west=$on_west east=$on_east

# the cable; 50 bytes longer than usual, for what VXLAN adds to a frame
ip link add name west0 mtu 1550 netns "${west##* }" type veth \
    peer name east0 mtu 1550 netns "${east##* }"
$west ip addr add 10.9.0.1/24 dev west0
$east ip addr add 10.9.0.2/24 dev east0
$west ip link set dev west0 up
$east ip link set dev east0 up

if [ $by = vxlan ]; then
	# on each host: the access network is an interface that ends at the other
	$west ip link add access0 type vxlan id 1234 dstport 4789 \
	    dev west0 local 10.9.0.1 remote 10.9.0.2
	$east ip link add access0 type vxlan id 1234 dstport 4789 \
	    dev east0 local 10.9.0.2 remote 10.9.0.1
	$west ip link set dev access0 up
	$east ip link set dev access0 up
	net_west=packet:access0 net_east=packet:access0
else
	# on each host: the group, and its own address on the network between
	net_west=mcast:239.0.0.1:1234,localaddr=10.9.0.1
	net_east=mcast:239.0.0.1:1234,localaddr=10.9.0.2
fi

# shellcheck disable=SC2086
lab_web $west
started bng "$dir/bng"
quietly $west bng --background "$dir/bng" --access $net_west ||
	fail "bng did not start"
say west "bng serves PPPoE on $net_west"
t0=$(now)
on=$east
lab_router router "user=$user" "pass=$pass" "fetch=http://$gw:$port/" \
    -- --wan $net_east --lan none
say east "mips-vm boots a router on $net_east"
lab_online router
lab_attach router sessions "echo status | ${bin}connect-vm $shown/bng"
