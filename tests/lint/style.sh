#!/bin/sh
# clang-format, licence lines, banned functions, shellcheck, mandoc
# timeout: 300
cd "${LIMEN:-$(dirname "$0")/../..}" || exit 1
n=0
t() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n $1"
	else
		echo "not ok $n $1"
		printf '%s\n' "$2" | head -n 60 | sed 's/^/# /'
	fi
}
c=$(find . -path ./build -prune -o -name '*.[ch]' -print | sort)
sh=$(find . \( -path ./build -o -path ./.git \) -prune -o -type f -perm -100 -print |
	xargs grep -lE '^#!.*\b(sh|bash)$' | sort)
pages=$(find . \( -path ./build -o -path ./.git \) -prune -o -name '*.[17]' -type f -print)
# the map of HACKING.md: each top-level name stands there, and no module that
# is not in its layer
map=$(sed -n '/^## The house/,/^- /s/^    //p' HACKING.md)
map_lacks() {
	names=$(echo "$map" | grep -v '^ *-- ' | tr -s ' ,()' '\n')
	for f in $(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u); do
		echo "$names" | grep -qxF -e "$f" -e "$f/" || echo "$f is not there"
	done
	echo "$map" | sed -n 's/^ *-- \([a-z]*\)  *\(.*\)/\1 \2/p' |
		sed 's/   *.*//; s/ \.\.\..*//' | while read -r layer mods; do
		for m in $mods; do
			grep -qE "^$layer( pure)?:.* $m( |\$)" lib/LAYERS ||
				echo "$m is not in LAYERS as $layer"
		done
	done
}
# other versions lay some lines out otherwise
layout=clang-format-14
command -v $layout >/dev/null || layout=clang-format
# shellcheck disable=SC2086
{
	case $($layout --version 2>&1) in
	*" version 14."*)
		t "clang-format" "$($layout --dry-run $c 2>&1 | grep warning:)" ;;
	*)
		n=$((n + 1))
		echo "ok $n clang-format # skip the layout is that of clang-format 14" ;;
	esac
	t "licence line" "$(for f in $c; do
		head -n 1 "$f" | grep -q '^/\* limen: ISC licence' || echo "$f"
	done)"
	t "no function that HACKING.md bans" "$(grep -nwE \
		'(alloca|strcpy|strcat|sprintf|vsprintf|strncpy|atoi|atol|[fs]?scanf|system|popen|gets) *\(' \
		$c | grep -v '^./bench/')"
	# in .bats files run sets variables, a cd that fails ends the test, and
	# the names that ls prints are the test's own
	t "shellcheck" "$({
		shellcheck -S warning -e SC1091,SC2046,SC2013 $sh
		printf '%s\n' tests/*/*.bats | xargs -P 2 -n 4 shellcheck -S warning \
		    -e SC1091,SC2046,SC2013,SC2154,SC2164,SC2010
	} 2>&1)"
	t "mandoc -Tlint" "$(for p in $pages; do
		mandoc -Tlint -Wwarning "$p" 2>&1
	done)"
	t "no test with an exclamation mark that cannot fail" "$(awk '
		FNR == 1 { p = "" }
		p != "" && !/^}/ { print p }
		{ p = "" }
		/^\t+! / && !/\|\| / { p = FILENAME ":" FNR ": add || false" }' \
		tests/*/*.bats)"
	# of A && B a shell with set -e heeds B alone
	t "no test with an && that cannot fail" "$(awk '
		FNR == 1 { p = "" }
		p != "" && !/^}/ { print p }
		{ p = "" }
		/^\t+\[.*\] && (!|\[|grep|cmp|diff)/ && !/\|\|/ {
			p = FILENAME ":" FNR ": two lines"
		}' \
		tests/*/*.bats)"
	t "HACKING.md's map is the tree" "$(map_lacks)"
}
echo "1..$n"
