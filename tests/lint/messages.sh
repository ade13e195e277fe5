#!/bin/sh
# each message that a tool can print is on its page: the fixed words of each
# format stand under DIAGNOSTICS there, or, common ones, in limen(7). Messages
# of lib/ count for the tools whose binaries hold them. What is wrong with the
# command line explains itself (arg_usage), and is left out.
# timeout: 120
cd "${LIMEN:-$(dirname "$0")/../..}" || exit 1
FN='die warn fail fail_here fault refuse report guest_fail tftp_xfer_fail
	note log_warn log_error log_die bng_log subs_close subs_down conn_close lose call_drop
	pppoe_ac_refuse tunnel_fail stillborn jin_fault jin_wrong wrong expect'
tmp=$(mktemp -d "${TMPDIR:-/tmp}/limen-msg.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT

# the words under DIAGNOSTICS of a page, on one line
words() {
	mandoc -Tascii -O width=900 "$1" | col -b | awk '
	/^[A-Z]/ { on = $0 ~ /^DIAGNOSTICS/ }
	on { gsub(/[ \t]+/, " "); printf "%s ", $0 }'
}
literals() {
	LC_ALL=C awk -v FN="$(echo "$FN" | tr -s '\n\t' '  ')" \
	    -f tests/lint/messages.awk "$@"
}

# prints the messages of $1 whose fixed words are not all in $2
missing() {
	LC_ALL=C awk -F'\t' -v page="$2" '
	BEGIN { getline text <page }
	{
		s = $3
		# what the system says of a thing: limen(7) has one entry
		if (s ~ /:$/)
			next
		gsub(/\\"/, "\"", s)
		gsub(/\\[nt]/, " ", s)
		gsub(/\\\\/, "\\", s)
		gsub(/[ \t]+/, " ", s)
		gsub(/%[-+ #0-9.*]*(hh|h|ll|l|z|j)?[a-zA-Z%]/, "\t", s)
		n = split(s, piece, "\t")
		for (i = 1; i <= n; i++) {
			p = piece[i]
			gsub(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/, "", p)
			if (length(p) > 2 && !index(text, p)) {
				print $1 ": \"" $3 "\": not there: " p
				next
			}
		}
	}' "$1"
}

n=0
# shellcheck disable=SC2086
literals lib/*.c >"$tmp/lib"
cut -f3 "$tmp/lib" | sort -u >"$tmp/liblit"
for page in */*.1; do
	t=${page%%/*}
	[ -x "$O/bin/$t" ] || continue
	n=$((n + 1))
	literals "$t"/*.c >"$tmp/all"
	# what the linker has left in
	while IFS= read -r m; do
		[ ${#m} -gt 3 ] || continue
		# shellcheck disable=SC2059 # the escapes of C
		if LC_ALL=C grep -aqF -e "$(printf "$(printf %s "$m" | sed 's/%/%%/g')")" "$O/bin/$t"; then
			LC_ALL=C grep -F "	$m" "$tmp/lib" | awk -F'\t' -v m="$m" '$3 == m'
		fi
	done <"$tmp/liblit" >>"$tmp/all"
	{ words "$page"; words man/man7/limen.7; } | tr -d '\n' >"$tmp/page"
	echo >>"$tmp/page"
	bad=$(missing "$tmp/all" "$tmp/page")
	if [ -z "$bad" ]; then
		echo "ok $n $t: $(wc -l <"$tmp/all") messages are on its page"
	else
		echo "not ok $n $t: $(printf '%s\n' "$bad" | wc -l) messages are not on its page"
		printf '%s\n' "$bad" | sed 's/^/# /'
	fi
done
echo "1..$n"
