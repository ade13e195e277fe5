#!/bin/sh
# the modules that LAYERS calls pure need nothing but each other and a few
# functions of string.h
cd "${LIMEN:-$(dirname "$0")/../..}" || exit 1
mods=$(sed -n 's/^[a-z]* pure: *//p' lib/LAYERS)
set --
for m in $mods; do
	[ ! -e "$O/lib/$m.o" ] || set -- "$@" "$O/lib/$m.o"
done
bad=$(
	{ nm --defined-only -g "$@" | sed -n 's/^[0-9a-f]* [TRDB] /def /p'
	for o; do
		nm -u "$o" | sed -n "s|^ *U |use $(basename "$o") |p"
	done; } | awk '
	BEGIN {
		split("memcpy memset memcmp memmove memchr strlen strcmp strncmp strchr strstr memmem strrchr strnlen strcasecmp strncasecmp strspn strcspn __stack_chk_fail __stack_chk_guard _GLOBAL_OFFSET_TABLE_ explicit_bzero", a, " ")
		for (i in a) ok[a[i]] = 1
	}
	$1 == "def" { ok[$2] = 1 }
	$1 == "use" { u[$2 " needs " $3] = $3 }
	END { for (k in u) if (!(u[k] in ok)) print k }'
	# no writable data either; a const table of pointers is read-only too
	# once it is relocated (.data.rel.ro)
	for o; do
		nm -f sysv "$o" | awk -F'|' -v o="$(basename "$o")" '
		$3 ~ /[bBdD]/ && $NF !~ /\.data\.rel\.ro/ {
			print o " keeps state in " $1
		}'
	done
)
echo 1..1
if [ $# -gt 0 ] && [ -z "$bad" ]; then
	echo "ok 1 purity of $# modules"
else
	echo "not ok 1 purity of $# modules"
	echo "$bad" | sed 's/^/# /'
fi
