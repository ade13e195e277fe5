#!/bin/sh
# demo.sh [-u USER] [-p PASSWORD] [-k]: the whole of limen in half a minute.
# A router boots on an emulated MIPS board, dials in over PPPoE to our own
# gateway, and fetches a page from a web server on this host. -u and -p are
# what the router dials with; at a terminal, or with -k, all stays up until
# Enter (without a terminal: until standard input ends). The status is 0 when
# the page came.
#
# All runs in a network namespace of its own where that can be had: nothing
# reaches the real network.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")/.." && pwd)
self=$here/examples/demo.sh
user=db123@a.1 pass=NotReallyTheSecret keep=''
[ ! -t 0 ] || keep=y

say() {
	printf '%-10s %s\n' "$1" "$2"
}
fail() {
	printf '\r\033[K' >&3
	echo "demo: $*" >&2
	exit 1
}

# the options, and whether what is needed is there
options() {
	while getopts u:p:k o; do
		case $o in
		u) user=$OPTARG ;;
		p) pass=$OPTARG ;;
		k) keep=y ;;
		*)
			echo "usage: demo.sh [-k] [-u user] [-p password]" >&2
			exit 2 ;;
		esac
	done
	for t in mips-vm bng connect-vm busybox qemu-system-mipsel; do
		command -v $t >/dev/null ||
			fail "$t: not found: run ./setup demo, or make demo"
	done
}

# in a namespace of its own: the same again, inside
enter() {
	[ -z "${LIMEN_DEMO_NS-}" ] || return 0
	"$here/tests/vm/kit" mipsel >/dev/null || fail "no router to boot"
	export LIMEN_DEMO_NS=no
	map=-r
	[ "$(id -u)" != 0 ] || map=
	# shellcheck disable=SC2086
	if unshare $map -n ip link set dev lo up 2>/dev/null; then
		LIMEN_DEMO_NS=yes exec unshare $map -n sh -c \
		    'ip link set dev lo up && exec "$@"' sh "$self" "$@"
	fi
}

# the guard ends everything when this script is gone, whatever ended it: it
# holds the other end of a FIFO that only this script keeps open
guard() {
	mkfifo "$dir/alive"
	setsid sh -c '
		read -r _ <"$1/alive"
		bng --stop "$1/bng"
		mips-vm --stop "$1/router" 0
		[ ! -e "$1/httpd" ] || kill $(cat "$1/httpd")
		rm -rf "$1"' sh "$dir" </dev/null >/dev/null 2>&1 3>&- &
	guard=$!
	exec 9>"$dir/alive"
}

now() {
	read -r t _ </proc/uptime
	echo "${t%.*}${t#*.}0"
}
since() {
	t=$(($(now) - $1))
	printf '%d.%d s' $((t / 1000)) $((t / 100 % 10))
}

# wait_for WHAT SECONDS REGEX: the first line of the router's console that
# matches goes to $line; a progress line runs meanwhile
wait_for() {
	end=$(($(now) + $2 * 1000))
	while :; do
		line=$(tr -d '\r' <"$dir/router/console.log" 2>/dev/null |
			sed 's/^.*\(router# \|\[6n\)//' | grep -aE "$3" | head -n 1) || :
		[ -z "$line" ] || break
		[ "$(now)" -lt $end ] || fail "$1: nothing in $2 s; the console's end:
$(tail -n 15 "$dir/router/console.log")"
		mips-vm --status "$dir/router" >/dev/null ||
			fail "$1: the router died: $(tail -n 3 "$dir/router/console.log")"
		printf '\r\033[K%-10s %s ...' "$1" "$(since $t0)" >&3
		sleep 0.2
	done
	printf '\r\033[K' >&3
}

gateway() {
	mkdir "$dir/www"
	echo "This page came from $(uname -n) through bng, PPPoE and MIPS." \
	    >"$dir/www/index.html"
	port=8080
	[ "$LIMEN_DEMO_NS" = yes ] || port=$((20000 + $$ % 20000))
	busybox httpd -f -p 127.0.0.1:$port -h "$dir/www" 9>&- 3>&- &
	echo $! >"$dir/httpd"
	bng --background "$dir/bng" 9>&- 3>&- || fail "bng did not start"
	ns='on the loopback interface (no namespaces here)'
	[ "$LIMEN_DEMO_NS" != yes ] || ns='in a network namespace of its own'
	say gateway "bng serves PPPoE, $ns"
}

router() {
	k=${LIMEN_VM_CACHE:-$here/build/vm}/mipsel
	# what the router is to do: an archive behind the initramfs
	mkdir "$dir/add"
	printf 'limen.%s\n' "user=$user" "pass=$pass" \
	    "fetch=http://$host:$port/" >"$dir/add/words"
	"$here/tests/vm/newc" "$dir/add" | cat "$k/loader.cpio" - >"$dir/initrd"
	t0=$(now)
	mips-vm --background "$dir/router" --arch mipsel --phram-address auto \
	    --command-line 'console=ttyS0 quiet cryptomgr.notests=1 panic=-1' \
	    "$k/vmlinux" "$k/root.squashfs" "$dir/initrd" 9>&- 3>&- ||
		fail "mips-vm did not start"
	wait_for booting 60 '^READY'
	say booted "a MIPS Malta router, Linux and a shell, in $(since $t0)"
	wait_for dialling 60 '^SESSION (UP |DOWN )'
	case $line in
	*DOWN*) fail "no session: ${line#SESSION DOWN }" ;;
	esac
	say session "up after $(since $t0): ${line#SESSION UP }"
	wait_for fetching 60 '^FETCHED'
	case $line in
	*ok*) say fetched "after $(since $t0): ${line#FETCHED ok }" ;;
	*) fail "page not fetched: $line" ;;
	esac
}

attach() {
	say attach "from another terminal: connect-vm $dir/router   (^O leaves)"
	say '' "the gateway's sessions:  echo status | connect-vm $dir/bng"
	[ "$keep" ] || return 0
	say end 'with Enter'
	read -r _ || :
}

exec 3>/dev/null
[ ! -t 2 ] || exec 3>&2
options "$@"
enter "$@"
host=192.168.100.1 # the gateway's address, behind which is this host
dir=$(mktemp -d "${TMPDIR:-/tmp}/limen-demo.XXXXXX")
guard
trap 'exec 9>&-; wait $guard' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
gateway
router
attach
