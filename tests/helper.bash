# what the .bats files share: load ../helper
# shellcheck shell=bash
bats_require_minimum_version 1.5.0

# daemon CMD...: starts CMD in the background without bats' descriptors; its
# pid is in $!, its stderr in $BATS_TEST_TMPDIR/NAME.err, which holds nothing
# of an earlier one's once this returns
daemon() {
	local o
	o=$BATS_TEST_TMPDIR/$(basename "$1")
	: >"$o.err"
	"$@" 3>&- 4>&- </dev/null >"$o.out" 2>"$o.err" &
}

# What waits here starts no process of its own, for tests do little else, and
# is not traced: bats' DEBUG trap costs ten times what the waiting does (set +T).
# nap SECONDS; now, in ms, to $now
nap() {
	local f=${BATS_FILE_TMPDIR:-$BATS_TEST_TMPDIR}/nap
	[ -p "$f" ] || mkfifo "$f" 2>/dev/null || [ -p "$f" ]
	read -rt "$1" <>"$f" || :
}
now() {
	now=$((${EPOCHREALTIME//[!0-9]/} / 1000))
}

# until_ok SECONDS CMD...: repeats CMD until it succeeds; fails at the deadline
until_ok() {
	local - now end
	set +T
	now
	end=$((now + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		now
		[ "$now" -lt "$end" ] || {
			echo "gave up waiting for: $*" >&2
			return 1
		}
		nap 0.05
	done
}

# ready PID: waits for a relay or tufted to be confined, the last thing that it
# does before it serves
ready() {
	until_ok 10 grep -q '^Seccomp:.2' "/proc/$1/status"
}

# musl_words: names an error in $output as musl does, should the tools be built
# with glibc
musl_words() {
	output=${output//Address already in use/Address in use}
}

# gone PID: true when it does not run (a zombie counts as gone)
gone() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ ${stat##*) } == [ZX]* ]]
}

# sound FILE: a capture that tcpdump reads to its end; all packets are whole, and
# their checksums right
sound() {
	local broken='bad [a-z0-9 ]*cksum|incorrect|invalid|trunc|\[\|'
	run -0 tcpdump -vvnr "$1"
	[[ ! $output =~ $broken ]]
}

# host NAME...: makes network namespaces, each held by a sleeping process;
# on NAME CMD...: runs CMD in one; link A B [ADDR-A ADDR-B]: a veth pair
# between two, called to-B in A and to-A in B
host() {
	local h
	for h; do
		unshare -n sleep 600 3>&- 4>&- </dev/null >/dev/null 2>&1 &
		eval "host_$h=$!"
		until_ok 5 sh -c "[ \"\$(readlink /proc/$!/ns/net)\" != \
		    \"\$(readlink /proc/self/ns/net)\" ]"
		on "$h" ip link set dev lo up
	done
}
on() {
	local p=host_$1
	shift
	nsenter -n -t "${!p}" "$@"
}
link() {
	local a=host_$1 b=host_$2
	ip link add name t0 netns "${!a}" type veth peer name t1 netns "${!b}"
	on "$1" ip link set dev t0 name "to-$2"
	on "$2" ip link set dev t1 name "to-$1"
	[ -z "${3-}" ] || on "$1" ip addr add "$3" dev "to-$2"
	[ -z "${4-}" ] || on "$2" ip addr add "$4" dev "to-$1"
	on "$1" ip link set dev "to-$2" up
	on "$2" ip link set dev "to-$1" up
}

# printed FILE [SECTION]: the commands that a manual page, or a .md file,
# prints in SECTION (EXAMPLES), as a reader sees them, one a line. What ends in
# \ or | is joined with what follows. Where a display has prompts, they are
# taken off, and its other lines left out: commands printed or read those.
printed() {
	local text
	case $1 in
	*.md) text=$(sed 's/^## //; t; s/^/     /' "$1") ;;
	*) text=$(set -o pipefail; mandoc -Tascii -Owidth=900 "$1" |
	    sed 's/.\x08//g') ;;
	esac || return
	awk -v want="${2-EXAMPLES}" '
	function flush(i) {
		for (i = 1; i <= n; i++)
			if (!prompts || sub(/^[$#] /, "", line[i]))
				print line[i]
		n = prompts = more = 0
	}
	/^[^ ]/ { on = $0 == want }
	!on || !/^         +[^ ]/ { flush(); next }
	{
		sub(/^ +/, "")
		if (/^[$#] /)
			prompts = 1
		n += !more
		line[n] = (more ? line[n] " " : "") $0
		more = /[\\|]$/
		sub(/ *\\$/, "", line[n])
	}
	END { flush() }' <<<"$text"
}

# in_pty COMMAND: runs it in a terminal; what is written to fd 7 is typed,
# ./screen is what it showed; settings of the terminal in ./before, ./after
in_pty() {
	mkfifo keys
	: >screen
	script -qfc "trap : HUP; stty -g >before; $1
		echo status=\$? >status; stty -g >after" screen \
	    <keys >/dev/null 2>&1 3>&- 4>&- &
	pty=$!
	exec 7>keys
	until_ok 10 test -s before
}
off_pty() {
	until_ok 20 test -s after
	exec 7>&-
	wait "$pty" || :
	cmp before after
}
shown() { grep -q -e "$1" screen; }
