#!/bin/sh
# access.sh [-k]: a wholesale line on one host. The router dials in over PPPoE
# to an access concentrator, which hands the session on by L2TP to a network
# server, which takes it out to the internet: here, to a web server on this
# host.
#
#   router -> access (PPPoE) -> pppoe-l2tp-relay -> UDP -> bng -> libslirp
#
# At a terminal, or with -k, all stays up until Enter. The status is 0 when
# the page came.
# shellcheck disable=SC2034,SC2154 # variables of lab.sh
. "$(dirname "$0")/lab.sh"

while getopts k o; do
	case $o in
	k) keep=y ;;
	*) usage '[-k]' ;;
	esac
done
lab_needs mips-vm bng pppoe-l2tp-relay connect-vm busybox qemu-system-mipsel
lab_kit
lab_enter "$@"
lab_open
lab_web

l2tp=127.0.0.1:1701
[ "$LIMEN_LAB_NS" = yes ] || l2tp=127.0.0.1:$((port + 1))
started bng "$dir/lns"
quietly bng --background "$dir/lns" --access none --l2tp $l2tp ||
	fail "the network server did not start"
say lns "bng answers L2TP at $l2tp, $(lab_where)"
started pppoe-l2tp-relay "$dir/lac"
quietly pppoe-l2tp-relay --background "$dir/lac" access $l2tp ||
	fail "the access concentrator did not start"
say lac "pppoe-l2tp-relay serves PPPoE and calls $l2tp"

t0=$(now)
lab_router router "user=$user" "pass=$pass" "fetch=http://$gw:$port/"
lab_online router
sessions=$(echo sessions | connect-vm "$dir/lac") || fail "the relay is gone"
say relayed "$(echo "$sessions" | head -n 1)"
lab_attach router \
    tunnels "echo status | ${bin}connect-vm $shown/lac" \
    sessions "echo status | ${bin}connect-vm $shown/lns"
