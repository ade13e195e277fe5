#!/bin/sh
# demo.sh [-u USER] [-p PASSWORD] [-k]: the whole of limen in half a minute.
# A router boots on an emulated MIPS board, dials in over PPPoE to our own
# gateway, and fetches a page from a web server on this host. -u and -p are
# what the router dials with; at a terminal, or with -k, all stays up until
# Enter (without a terminal: until standard input ends). The status is 0 when
# the page came.
# shellcheck disable=SC2034,SC2154 # variables of lab.sh
. "$(dirname "$0")/lab.sh"

while getopts u:p:k o; do
	case $o in
	u) user=$OPTARG ;;
	p) pass=$OPTARG ;;
	k) keep=y ;;
	*) usage '[-k] [-u user] [-p password]' ;;
	esac
done
lab_needs mips-vm bng connect-vm busybox qemu-system-mipsel
lab_kit
lab_enter "$@"
lab_open
lab_web
started bng "$dir/bng"
quietly bng --background "$dir/bng" || fail "bng did not start"
say gateway "bng serves PPPoE, $(lab_where)"
t0=$(now)
lab_router router "user=$user" "pass=$pass" "fetch=http://$gw:$port/"
lab_online router
lab_attach router sessions "echo status | ${bin}connect-vm $shown/bng"
