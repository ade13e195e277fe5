#!/bin/sh
# gcc and clang without a warning (what gcc sees only as it optimizes stops
# the build of ./setup check), cppcheck, static binaries without an interpreter
# and under their size
# timeout: 600
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
src=$(ls ./*/*.c | sed 's|^\./||' | grep -v -e '^deps/' -e '^bench/' -e '^build/' -e '^tests/')
compile() {
	# shellcheck disable=SC2086
	"$1" -std=c99 -D_GNU_SOURCE -DVERSION='"x"' -Ilib -O2 -Wall -Wextra \
	    -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	    -Werror $slirp -fsyntax-only $src 2>&1
}
slirp=$(for d in "$O"/deps/include build/*/deps/include; do
	[ -d "$d/slirp" ] && echo "-I$d -I$d/slirp" && break
done)
[ -n "$slirp" ] || slirp=$(${PKG_CONFIG:-pkgconf} --cflags slirp 2>/dev/null)
t "gcc -Werror" "$(compile gcc)"
t "clang -Werror" "$(compile clang)"
# shellcheck disable=SC2086
t "cppcheck" "$(cppcheck -q -j2 --inline-suppr --enable=warning,performance,portability \
	--std=c99 --suppress=missingIncludeSystem --suppress=toomanyconfigs \
	--suppress=normalCheckLevelMaxBranches -DVERSION='"x"' -Ilib $src 2>&1)"
case $O in *musl-gcc-static)
	t "no PT_INTERP: the binaries are static" "$(for b in "$O"/bin/*; do
		readelf -lW "$b" 2>&1 | grep -q INTERP && echo "$b"
	done)"
	# gcc 14 and musl 1.2.5 make 5 % more of the same source
	[ "$(gcc -dumpversion | cut -d. -f1)" -le 12 ] && kib=150 || kib=165
	t "each static tool is under $kib KB stripped, libslirp's apart" "$(
		mkdir -p "$O/size"
		for b in "$O"/bin/*; do
			[ -f "$b" ] || continue
			x=$O/size/$(basename "$b").$$
			strip -o "$x" "$b" && s=$(wc -c <"$x")
			rm -f "$x"
			case $b in */bng) continue ;; esac
			[ "$s" -le $((kib * 1024)) ] || echo "$b $s"
		done)" ;;
esac
t "the Makefile is under 150 lines" "$(l=$(wc -l <Makefile); [ "$l" -lt 150 ] || echo "$l")"
echo "1..$n"
