#!/bin/sh
# every include of lib/ goes to an earlier line of lib/LAYERS, every module
# stands there once, and tools include lib and themselves only
cd "${LIMEN:-$(dirname "$0")/../..}" || exit 1
bad=$(
	awk '
	FNR == NR {
		if ($0 ~ /^#/ || $0 !~ /:/) next
		line++
		sub(/^[^:]*:/, "")
		for (i = 1; i <= NF; i++) {
			if ($i in at) print "LAYERS: " $i " stands there twice"
			at[$i] = line
		}
		next
	}
	FNR == 1 {
		n = split(FILENAME, p, "/"); f = p[n]; dir = p[1]
		m = f; sub(/\.[ch]$/, "", m)
		if (dir == "lib" && !(m in at))
			print FILENAME ": not in LAYERS"
	}
	/^#include "/ {
		h = $2; gsub(/"/, "", h); hm = h; sub(/\.h$/, "", hm)
		if (dir == "lib") {
			if (hm == m) next
			if (!(hm in at) || at[hm] >= at[m])
				print FILENAME ":" FNR ": includes " h " of its own layer or a later one"
		} else if (!(hm in at) && system("test -e " dir "/" h) != 0)
			print FILENAME ":" FNR ": includes " h ", neither of lib nor its own"
	}' lib/LAYERS lib/*.[ch] $(ls ./*/*.[ch] | sed 's|^\./||' | grep -v -e '^lib/' -e '^deps/' -e '^bench/' -e '^tests/' -e '^build/')
)
echo 1..1
if [ -z "$bad" ]; then
	echo "ok 1 layers"
else
	echo "not ok 1 layers"
	echo "$bad" | sed 's/^/# /'
fi
