# what the tests of bng with pppoe-client share; a bng of theirs runs in d
# shellcheck shell=bash

# ask WORDS: of the control socket
ask() {
	echo "$1" | timeout 10 socat -t 5 - "unix-connect:d/control"
}

client() {
	timeout 60 pppoe-client "$@"
}

# dialled NAME ARG...: clients that stay; their output in NAME
dialled() {
	local f=$1
	shift
	timeout 60 pppoe-client -k 60 "$@" >"$f" 3>&- 4>&- &
	until_ok 20 grep -q '^[1-9][0-9]* up in' "$f"
}
