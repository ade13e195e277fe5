#!/usr/bin/env bats
# what the benches leave: pictures of their figures, and RESULTS.md
# timeout: 60
load ../helper

setup() {
	T=$BATS_TEST_TMPDIR
	mkdir -p "$T/bench" "$T/o/bench"
	cp "$LIMEN"/bench/draw "$LIMEN"/bench/draw.awk "$T/bench/"
	export O=$T/o
	cd "$T" || exit
}

# attribute NAME of the figures' rectangles (not of background and legend)
heights() {
	grep '^<rect x' "$1" | grep -v 'height="12"' | sed 's/.* height="\([0-9.]*\)".*/\1/'
}

@test "bars are as high as their figures are great" {
	printf 'series\tx\tvalue\nmanifest-query\t-R 50000\t0.5\nNix\t-R 50000\t2\nNix\t-R 5000\t9\nNix\t-t 50000\t1.25\n' \
	    >o/bench/manifest-query.tsv
	run bench/draw manifest-query
	[ "$status" -eq 0 ]
	[ "$output" = bench/manifest-query.svg ]
	heights bench/manifest-query.svg | awk '
	{ h[NR] = $1 }
	END { exit !(NR == 3 && h[2] / h[1] > 3.98 && h[2] / h[1] < 4.02 &&
	    h[3] / h[1] > 2.48 && h[3] / h[1] < 2.52) }'
	grep -q '<text.*>-t</text>' bench/manifest-query.svg
	! grep -q '>9<\|<script' bench/manifest-query.svg
}

@test "lines: tufted and the fastest peer of each point" {
	for s in tufted:100 bare:900 atftpd:20 dnsmasq:50; do
		for b in 512 1428 8192; do
			for w in 1 8; do
				printf '%s MiB/s\t%d,%d,1\t%d\n' "${s%:*}" $b $w "${s#*:}"
			done
			printf '%s MiB/s\t%d,1,16\t7\n' "${s%:*}" $b
		done
	done >o/bench/tufted.tsv
	bench/draw tufted
	[ "$(grep -c '<circle' bench/tufted.svg)" -eq 12 ]
	grep -q 'fastest peer, window 8' bench/tufted.svg
	# 100 and 50, the bare sender's 900 nowhere: two heights, up is more
	grep '<circle' bench/tufted.svg | sed 's/.*cy="\([0-9.]*\)".*/\1/' | sort -n | uniq -c |
		awk '{ print $1 }' | diff - <(printf '6\n6\n')
}

@test "no figures, no picture, and the others are drawn" {
	printf 'relay us up 1\t100\t0.5\nbare us up 1\t100\t0.4\nspeed up 1\t100\t0.8\n' \
	    >o/bench/pppoe-l2tp-relay.tsv
	printf 'wall ms\tcold\t1500\ncpu ms\tcold\t1400\n' >o/bench/run-in-vm.tsv
	echo nothing >o/bench/tufted.tsv
	run bench/draw
	[ "$status" -eq 0 ]
	[ "$(ls bench/*.svg)" = $'bench/pppoe-l2tp-relay.svg\nbench/run-in-vm.svg' ]
	heights bench/pppoe-l2tp-relay.svg | wc -l | grep -qx 2
	grep -q '>1.5</text>' bench/run-in-vm.svg
	[[ $output == *"no picture of tufted"* ]]
	run bench/draw bng
	[ "$status" -eq 2 ]
}

@test "each tool has a bench; RESULTS.md has its row, and each picture that it links" {
	cd "$LIMEN" || exit
	for t in $(sed -n 's/^| `\([a-z0-9-]*\)` .*/\1/p' README.md); do
		[ -x "bench/$t" ] || { echo "no bench of $t"; return 1; }
		grep -q "^| $t | " bench/RESULTS.md || { echo "$t is missing"; return 1; }
	done
	for f in $(grep -o '([a-z0-9-]*\.svg)' bench/RESULTS.md | tr -d '()'); do
		[ -s "bench/$f" ]
	done
}
