# lab.sh: what the examples share; each sources it. A lab lives in a network
# namespace of its own, where that can be had, and in a directory of its own,
# $dir; however a script ends, nothing of it stays.
# shellcheck shell=sh disable=SC2034,SC2154
set -eu
export LC_ALL=C
self=$0
me=$(basename "$0" .sh)
here=$(cd "$(dirname "$0")/.." && pwd)
PATH=$PATH:$here/build/bin:/usr/sbin:/sbin
# what to type before a tool's name: where it is, unless it is installed
bin=$(command -v connect-vm) || :
case $bin in
"$here"/*)
	[ ! -x "$here/build/bin/connect-vm" ] || bin=$here/build/bin/connect-vm
	bin=${bin%connect-vm} bin=${bin#"$PWD/"}
	;;
*) bin='' ;;
esac
exec 3>/dev/null # where progress is shown: on a terminal
[ ! -t 2 ] || exec 3>&2
user=db123@a.1 pass=NotReallyTheSecret # what routers dial with
gw=192.168.100.1		       # the gateway, behind which is this host
keep=''
[ ! -t 0 ] || keep=y

say() {
	printf '%-10s %s\n' "$1" "$2"
}
fail() {
	printf '\r\033[K' >&3
	echo "$me: $*" >&2
	exit 1
}
usage() {
	echo "usage: $me.sh $*" >&2
	exit 2
}

# lab_needs PROGRAM[:PACKAGE]...; the PACKAGE is one that setup demo leaves out
lab_needs() {
	for t; do
		command -v "${t%:*}" >/dev/null || case $t in
		*:*) fail "${t%:*}: not found: install ${t#*:}" ;;
		*) fail "$t: not found: run ./setup demo" ;;
		esac
	done
}

# lab_enter ARG...: runs the script again with these arguments, in a network
# namespace of its own; where there is none, on the host's loopback interface
lab_enter() {
	[ -z "${LIMEN_LAB_NS-}" ] || return 0
	lab_needs ip mkfifo setsid unshare
	export LIMEN_LAB_NS=no
	map=-r
	[ "$(id -u)" != 0 ] || map=
	# shellcheck disable=SC2086
	if unshare $map -n ip link set dev lo up 2>/dev/null; then
		LIMEN_LAB_NS=yes exec unshare $map -n sh -c \
		    'ip link set dev lo up && exec "$@"' sh "$self" "$@"
	fi
}
# for what cannot do without
lab_enter_or_fail() {
	lab_enter "$@"
	[ "$LIMEN_LAB_NS" = yes ] ||
		fail "this needs a network namespace: unshare -rn does not work here"
}
lab_where() {
	if [ "$LIMEN_LAB_NS" = yes ]; then
		echo 'in a network namespace of its own'
	else
		echo 'on the loopback interface (no namespaces here)'
	fi
}

# lab_open: makes $dir, and the guard, which ends all that started() names
# when this script is gone, whatever ended it: it holds the other end of a
# FIFO that only this script keeps open. Both ends are open before the guard is
# on its own: it would wait for the second for ever if this script ended then.
lab_open() {
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	dir='' # which a signal may find there before mktemp has ended
	trap 'rm -rf "$dir"' EXIT
	dir=$(mktemp -d "${TMPDIR:-/tmp}/limen-$me.XXXXXX") ||
		fail 'no directory to work in: TMPDIR names another place'
	mkfifo "$dir/alive"
	exec 9<>"$dir/alive"
	: >"$dir/started"
	setsid sh -c '
		read -r _ <&8
		sed "1!G;h;\$!d" "$1/started" | while read -r how what; do
			case $how in
			kill) kill $what ;;
			mips-vm) mips-vm --stop "$what" 0 ;;
			*) "$how" --stop "$what" ;;
			esac
		done
		rm -rf "$1"' sh "$dir" </dev/null >/dev/null 2>&1 3>&- \
	    8<"$dir/alive" 9>&- &
	guard=$!
	trap 'exec 9>&-; wait $guard' EXIT
	shown=$(quoted "$dir") bin=$(quoted "$bin")
}

# quoted WORD: as one types it
quoted() {
	case $1 in
	*[!A-Za-z0-9_./@%+:-]*)
		echo "'$(echo "$1" | sed "s/'/'\\\\''/g")'" ;;
	*) echo "$1" ;;
	esac
}

# started HOW WHAT: "kill PID", or a tool and its state directory, which is told
# before the tool is started: this script may end in between
started() {
	echo "$*" >>"$dir/started"
}

# quietly CMD...: without the descriptors that keep the lab open
quietly() {
	"$@" 9>&- 3>&-
}
# lab_daemon CMD...: the same in the background, until the lab ends
lab_daemon() {
	"$@" 9>&- 3>&- </dev/null &
	started kill $!
}

now() {
	read -r t _ </proc/uptime
	echo "${t%.*}${t#*.}0"
}
since() {
	t=$(($(now) - $1))
	printf '%d.%d s' $((t / 1000)) $((t / 100 % 10))
}

# lab_web [CMD...]: a web server with one page on port $port of this host,
# started by CMD...
lab_web() {
	mkdir "$dir/www"
	echo "This page came from $(uname -n) through bng, PPPoE and MIPS." \
	    >"$dir/www/index.html"
	port=8080
	[ "$LIMEN_LAB_NS" = yes ] || port=$((20000 + $$ % 20000))
	lab_daemon "$@" busybox httpd -f -p 127.0.0.1:$port -h "$dir/www"
}

# lab_kit: the router that is booted
lab_kit() {
	"$here/tests/vm/kit" mipsel >/dev/null || fail "no router to boot"
	kit=${LIMEN_VM_CACHE:-$here/build/vm}/mipsel
}

# lab_router NAME [WORD...] [-- OPTION...]: starts a router with the state
# directory $dir/NAME; WORDs tell it what to do (tests/vm/kit lists them),
# OPTIONs are for mips-vm, which $on CMD... starts
on=''
lab_router() {
	vm=$1
	shift
	mkdir "$dir/$vm.add"
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		echo "limen.$1"
		shift
	done >"$dir/$vm.add/words"
	[ $# = 0 ] || shift
	"$here/tests/vm/newc" "$dir/$vm.add" | cat "$kit/loader.cpio" - \
	    >"$dir/$vm.cpio"
	started mips-vm "$dir/$vm"
	# shellcheck disable=SC2086
	quietly $on mips-vm --background "$dir/$vm" --arch mipsel \
	    --phram-address auto --command-line \
	    'console=ttyS0 quiet cryptomgr.notests=1 panic=-1' "$@" \
	    "$kit/vmlinux" "$kit/root.squashfs" "$dir/$vm.cpio" ||
		fail "$vm did not start"
}

# lab_wait NAME WHAT SECONDS REGEX: the first line of NAME's console that
# matches goes to $line; meanwhile a progress line says WHAT and the time
# since $t0
lab_wait() {
	log=$dir/$1/console.log
	end=$(($(now) + $3 * 1000))
	while :; do
		line=$(tr -d '\r' <"$log" 2>/dev/null |
			sed 's/^.*\(router# \|\[6n\)//' | grep -aE "$4" |
			head -n 1) || :
		[ -z "$line" ] || break
		[ "$(now)" -lt $end ] || fail "$2: nothing in $3 s; the console's end:
$(tail -n 15 "$log")"
		mips-vm --status "$dir/$1" >/dev/null ||
			fail "$2: $1 died: $(tail -n 3 "$log")"
		printf '\r\033[K%-10s %s ...' "$2" "$(since "$t0")" >&3
		sleep 0.2
	done
	printf '\r\033[K' >&3
}

# lab_online NAME: waits until the router has booted, dialled and fetched
lab_online() {
	lab_wait "$1" booting 60 '^READY'
	say booted "a MIPS Malta router, Linux and a shell, in $(since "$t0")"
	lab_wait "$1" dialling 60 '^SESSION (UP|DOWN) '
	case $line in
	*DOWN*) fail "no session: ${line#SESSION DOWN }" ;;
	esac
	line=${line#SESSION UP }
	say session "up after $(since "$t0"): ${line%% dns *}"
	lab_wait "$1" fetching 60 '^FETCHED'
	case $line in
	*ok*) say fetched "after $(since "$t0"): ${line#FETCHED ok }" ;;
	*) fail "page not fetched: $line" ;;
	esac
}

# lab_attach VM [WHAT COMMAND]...: tells what one can type into another
# terminal, and keeps the lab up until Enter when $keep says so
lab_attach() {
	say attach "${bin}connect-vm $shown/$1   (^O leaves)"
	shift
	while [ $# -gt 1 ]; do
		say "$1" "$2"
		shift 2
	done
	[ "$keep" ] || return 0
	say end 'with Enter'
	read -r _ || :
}
