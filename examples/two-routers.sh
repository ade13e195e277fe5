#!/bin/sh
# two-routers.sh [-k]: two routers on one lan. mips-vm gives the second one
# MAC addresses of its own, because the first has the usual ones; they ping
# each other. At a terminal, or with -k, both stay up until Enter.
# shellcheck disable=SC2034,SC2154 # variables of lab.sh
. "$(dirname "$0")/lab.sh"

while getopts k o; do
	case $o in
	k) keep=y ;;
	*) usage '[-k]' ;;
	esac
done
lab_needs mips-vm connect-vm qemu-system-mipsel
lab_kit
lab_enter "$@"
lab_open

t0=$(now)
lab_router one lan=192.168.8.1/24
lab_router two lan=192.168.8.2/24
for vm in one two; do
	lab_wait $vm booting 90 '^READY'
	mac=$(connect-vm -C 'cat /sys/class/net/eth1/address' "$dir/$vm") ||
		fail "router $vm does not answer"
	say "$vm" "up after $(since "$t0"), $mac on the lan"
	eval "mac_$vm=\$mac"
done
# shellcheck disable=SC2154
[ "$mac_one" != "$mac_two" ] || fail "both have the address $mac_one"
for pair in one:192.168.8.2 two:192.168.8.1; do
	out=$(connect-vm -C "ping -c 3 -W 5 ${pair#*:}" "$dir/${pair%:*}") ||
		fail "router ${pair%:*} does not reach ${pair#*:}: $out"
	say ping "from ${pair%:*}: $(echo "$out" | grep 'packets')"
done
lab_attach one attach "${bin}connect-vm $shown/two"
