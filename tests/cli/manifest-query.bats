#!/usr/bin/env bats
# uses: manifest-query
# timeout: 300
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	ln -s "$LIMEN"/tests/samples/manifest/* .
	unset NIX_STORE_DIR NIX_STATE_DIR
	mq=manifest-query
}

# store: a store of real builds, $top its root; Nix' variables are set
nix_store() {
	command -v nix-store >/dev/null || skip "nix-store is not installed"
	local n=$BATS_FILE_TMPDIR/nix
	export NIX_STORE_DIR=$n/store NIX_STATE_DIR=$n/var NIX_LOG_DIR=$n/log
	export NIX_CONF_DIR=$n/conf HOME=$n XDG_CACHE_HOME=$n/cache
	if [ ! -e "$n/top" ]; then
		mkdir -p "$n/store" "$n/var" "$n/log" "$n/conf"
		printf '%s\n' 'sandbox = false' 'build-users-group =' \
		    'substituters =' 'experimental-features = nix-command' \
		    >"$n/conf/nix.conf"
		nix-build "$LIMEN/tests/samples/manifest.nix" -A roots \
		    -o "$n/r" >/dev/null 2>"$n/err" ||
			{ cat "$n/err" >&2; return 1; }
		readlink "$n/r-4" >"$n/top"
	fi
	top=$(cat "$n/top")
	links=("$n"/r*)
}

# entry NAME JSON-MEMBERS...: a manifest of one entry
entry() {
	local name=$1
	shift
	local IFS=,
	printf '{"%s":{%s}}' "$name" "$*" >m.json
}

# bad WHERE TEXT: m.json is refused there, with one line and status 2
bad() {
	run "$mq" m.json
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
	# shellcheck disable=SC2027 # $1 is a pattern
	[[ $output == "manifest-query: $PWD/m.json:"$1": "*"$2"* ]]
}

@test "the image's files are listed, never their contents" {
	"$mq" demo/manifest.json >out
	[ "$(wc -l <out)" -eq "$(grep -o '"type":"[bcdfils]"\|{"file":"[^"\\]*\(\\.[^"\\]*\)*"\(,"mode":"[0-9]*"\)\?}' demo/manifest.json | wc -l)" ]
	grep -qx $'c\t0600\t0\t0\t5,1\t/dev/console' out
	grep -qx $'f\t0400\t0\t0\t[0-9]*\t/home/root/.ssh/authorized_keys' out
	grep -qx $'d\t0755\t0\t0\t0\t/etc' out
	grep -qx $'s\t0644\t0\t0\t0\t/bin/sh\t/nix/store/.*-busybox/bin/busybox' out
	! grep -q 'ssh-ed25519\|Root of all' out || false
	"$mq" -l demo/manifest.json | cmp - out
	"$mq" --list demo/manifest.json | cmp - out
	"$mq" -j demo/manifest.json >j
	[ "$(wc -l <j)" -eq "$(wc -l <out)" ]
	grep -qx '{"type":"c","mode":"0600","uid":0,"gid":0,"device":"5,1","path":"/dev/console"}' j
}

@test "every type, owner and default of an entry" {
	cat >m.json <<-'X'
	{"z":{"file":"caf\u00e9\n","uid":1,"gid":2},"d":{"type":"d","contents":{
	 "b":{"type":"b","major":"8","minor":"0"},"l":{"type":"l","target":"/z"},
	 "i":{"type":"i","mode":"600"},"a\tb":{"file":"","mode":"0755"}}},
	 "s":{"target":"d/b","type":"s"}, "d-x":{"contents":{},"type":"d"}}
	X
	"$mq" m.json >out
	printf '%s\n' $'d\t0755\t0\t0\t0\t/d' $'f\t0755\t0\t0\t0\t/d/a\\tb' \
	    $'b\t0644\t0\t0\t8,0\t/d/b' $'i\t600\t0\t0\t0\t/d/i' \
	    $'l\t0644\t0\t0\t0\t/d/l\t/z' $'d\t0755\t0\t0\t0\t/d-x' \
	    $'s\t0644\t0\t0\t0\t/s\td/b' $'f\t0644\t1\t2\t6\t/z' | diff - out
	"$mq" -0 m.json | tr '\0' '@' | grep -q $'/d/a\tb@b'
}

@test "a name that commands the terminal is told, and does not" {
	entry 'x\u001b\u007f\u009b\u00a0\\' '"file":"y"'
	nbsp=$'\xc2\xa0'
	[ "$("$mq" m.json | cut -f6)" = "/x\\033\\177\\302\\233$nbsp\\\\" ]
	"$mq" -j m.json | grep -qF "\"/x\\u001b\\u007f\\u009b$nbsp\\\\\""
	"$mq" -i -r demo -o dot m.json | grep -qF "\"/x   $nbsp\\\\\" [label"
	"$mq" -i -r demo -o folded m.json | grep -qF "/x____$nbsp\\ 1"
}

@test "which store path each image path names" {
	"$mq" -m demo/manifest.json >out
	grep -qx $'/bin/sh\t/nix/store/x6b6847xx6xw1vlzcpbzyn4sg2q5cjgk-busybox' out
	grep -q $'^/etc/s6-linux-init/current/run-image/service/.*/run\t.*-execline$' out
	"$mq" -m -n demo/manifest.json | grep -qx $'/bin/sh\tbusybox'
	"$mq" -m -r demo demo/manifest.json | cmp - out
}

@test "a file that names 100 000 store paths, some of them twice" {
	cd "$BATS_TEST_TMPDIR"
	{
		printf '{ "registration": { "type": "f", "file": "'
		awk 'BEGIN {
			for (i = 0; i < 100000; i++)
				printf "/nix/store/%032d-n\\n", i
			print "x", "00000000000000000000000000100000"
			for (i = 99990; i < 100010; i++)
				printf "/nix/store/%032d-n\\n", i
		}' | tr '\n' ' '
		printf '" } }\n'
	} >many.json
	manifest-query -m many.json >out
	[ "$(wc -l <out)" -eq 100010 ]
	[ "$(tail -n 1 out)" = "/registration	/nix/store/00000000000000000000000000100009-n" ]
	grep -qx '.*00100000-n' out
}

@test "-R, -t and -S are Nix' own, byte for byte" {
	nix_store
	for r in "$top" "${links[0]}" "${links[1]}" "${links[2]}" \
	    "${links[1]} ${links[3]}" "${links[3]} ${links[0]} ${links[1]}"; do
		# shellcheck disable=SC2086
		{
			nix-store -q --requisites $r | diff - <("$mq" -R $r)
			nix-store -q --tree $r | diff - <("$mq" -t $r)
			"$mq" -R -r "store:$NIX_STORE_DIR" $r |
				diff - <("$mq" -R $r)
		}
	done
	nix path-info -rsS "$top" |
		awk '{ print $2 "\t" $3 "\t" $1 }' | sort -t '	' -k3 >want
	"$mq" -sS "$top" | diff want -
	nix-store -q --tree "$top" | grep -q '\[\.\.\.\]'
}

@test "every kind of source says the same" {
	nix_store
	"$mq" -sS "$top" >want
	nix-store --dump-db >dump
	nix path-info -r --json "$top" >array.json
	mkdir info db
	cp dump info/registration
	cp "$NIX_STATE_DIR/db/db.sqlite" db/
	sed 's/},{"path":\("[^"]*"\),/},\1:{/g; s/^\[{"path":\("[^"]*"\),/{\1:{/; s/\]$/}/' array.json >keyed.json
	sed "s|\"$NIX_STORE_DIR/|\"|g" keyed.json >base.json
	{ printf '{"info":'; cat base.json; printf ',"storeDir":"%s","version":2}' "$NIX_STORE_DIR"; } >newest.json
	export NIX_STATE_DIR=/nowhere
	for s in dump array.json keyed.json newest.json info info/registration \
	    db db/db.sqlite "store:$NIX_STORE_DIR"; do
		"$mq" -sS -r "$s" "$top" | diff want -
	done
	"$mq" -sS -r base.json "$top" | diff want -
	"$mq" -sS -r /dev/stdin "$top" <dump | diff want -
	mv db/db.sqlite odd.name
	"$mq" -sS --references=odd.name "$top" | diff want -
}

@test "a directory as a source: what is in it and cannot be read is named" {
	mkdir info
	run -2 "$mq" -s -r info demo/manifest.json
	[ "$output" = "manifest-query: info: holds neither registration nor db.sqlite" ]
	for f in db.sqlite registration; do
		ln -s $f info/$f
		run -2 "$mq" -s -r info demo/manifest.json
		[[ $output == "manifest-query: info/$f: "*[Ll]"oop"* ||
		    $output == "manifest-query: info/$f: Too many levels"* ]]
	done
}

@test "the samples: closures, sizes and why" {
	[ "$("$mq" -R -r demo "$(cat demo/root)" | wc -l)" -eq "$(wc -l <demo/graph.tsv)" ]
	"$mq" -s -r demo "$(cat demo/root)" | awk '{ print $2 "\t" $1 }' |
		diff - <(cut -f1,2 demo/graph.tsv | sort)
	"$mq" -e -r demo "$(cat demo/root)" |
		diff - <(awk -F'\t' '{ n = split($3, r, " "); for (i = 1; i <= n; i++) print $1 "\t" r[i] }' demo/graph.tsv | sort)
	# a manifest outside the store has the references of its text
	"$mq" -R -r demo "$(cat demo/root)" | sed '$d' | sort >a
	"$mq" -R -r demo demo/manifest.json >b
	sed '$d' b | sort | diff a -
	[ "$(tail -n 1 b)" = "$(realpath demo/manifest.json)" ]
	# and the size it has in the store
	[ "$("$mq" -s -r demo demo/manifest.json | sed -n 1p | cut -f1)" = \
	    "$("$mq" -s -r demo "$(cat demo/root)" | grep manifest.json | cut -f1)" ]
	run "$mq" -wn -r demo musl demo/manifest.json
	[ "$status" -eq 0 ]
	[ "$output" = $'manifest.json\ts6\tmusl' ]
	run "$mq" -w -r demo nothing-such demo/manifest.json
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	run "$mq" -wn -i -r demo hostapd demo/manifest.json
	[[ $output == $'manifest.json\t/etc\t/etc/s6-rc\t/etc/s6-rc/compiled\ts6-rc-database\t'*hostapd ]]
	run "$mq" -wn -j -r demo musl demo/manifest.json
	[ "$output" = '{"chain":["manifest.json","s6","musl"]}' ]
}

@test "added sizes are what a removal saves" {
	# brute force: what the roots still reach without a path
	for m in min demo; do
		awk -F'\t' -v root="$(cat $m/root)" '
		{ size[$1] = $2; refs[$1] = $3 }
		END {
			for (x in size) {
				split("", seen); n = 0; sum = 0
				if (x != root) { stack[n++] = root; seen[root] = 1 }
				while (n > 0) {
					v = stack[--n]; sum += size[v]
					k = split(refs[v], r, " ")
					for (i = 1; i <= k; i++)
						if (r[i] != x && !(r[i] in seen)) {
							seen[r[i]] = 1; stack[n++] = r[i]
						}
				}
				left[x] = sum
			}
			total = 0
			for (x in size) total += size[x]
			for (x in size) print total - left[x] "\t" x
		}' $m/graph.tsv | sort -k2 >want
		"$mq" -a -r $m "$(cat $m/root)" | diff want -
	done
}

@test "several numbers and options go together" {
	"$mq" -sSa -r min "$(cat min/root)" >all
	paste <("$mq" -s -r min "$(cat min/root)" | cut -f1) \
	    <("$mq" -S -r min "$(cat min/root)" | cut -f1) \
	    <("$mq" -a -r min "$(cat min/root)") | diff - all
	"$mq" -R -s -r min "$(cat min/root)" >r
	cut -f1 r | diff - <("$mq" -R -r min "$(cat min/root)")
	grep -qx $'/nix/store/2qb9s7z6bhcdsr75makvdxvjjxmbm8ci-musl\t636408' r
	"$mq" -t --added-size -r min "$(cat min/root)" >t
	sed 's/\t[0-9]*$//' t | diff - <("$mq" -t -r min "$(cat min/root)")
	"$mq" -sh -n -r min "$(cat min/root)" | grep -qx $'621K\tmusl'
	"$mq" -sS -j -r min "$(cat min/root)" |
		grep -q '^{"size":[0-9]*,"closure":[0-9]*,"path":"/nix/store/.*"}$'
	"$mq" -R -0 -r min "$(cat min/root)" | tr '\0' '\n' |
		diff - <("$mq" -R -r min "$(cat min/root)")
	# the image's files as nodes: the total is that of all
	[ "$("$mq" -ain -r demo demo/manifest.json | sort -rn | sed -n 1p | cut -f2)" = \
	    "$(realpath demo/manifest.json)" ] ||
		[ "$("$mq" -ain -r demo demo/manifest.json | sort -rn | sed -n 1p | cut -f2)" = manifest.json ]
	"$mq" -ai -r demo demo/manifest.json | grep -q $'\t/etc/s6-rc/compiled$'
}

@test "all edges on the way, and the file that holds a hash" {
	nix_store
	run "$mq" -ww 'alpha' "$top"
	[ "$status" -eq 0 ]
	"$mq" -e "$top" | awk -F'\t' '$1 != $2' >edges
	# everything here leads to alpha
	diff <(printf '%s\n' "$output") edges
	run "$mq" -w -f -n beta "$top"
	[[ $output == top-1$'\t'"$top/all"$'\t'*beta-2.1 ]]
	"$mq" -wwf -n gamma "$top" >out
	grep -q $'^delta\tgamma-0.3-dev\t.*-delta/l$' out
	run "$mq" -w -f -r demo -n musl demo/manifest.json
	[ "$output" = "manifest.json	$(realpath demo/manifest.json)	s6	-	musl" ]
}

@test "-f reads a referrer once, not for each of its references" {
	local i h=0000000000000000000000000000000 k v read=0
	mkdir -p s/${h}a-top
	head -c 1000000 /dev/zero >s/${h}a-top/a
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "$h$i" >>s/${h}a-top/b
		mkdir s/$h$i-p
	done
	printf '%s3' $h >s/${h}a-top/c
	# shellcheck disable=SC2016
	sh -c '"$@" >out && cat /proc/$$/io >io' sh \
	    "$mq" -wwf -n -r "store:$PWD/s" '*' "$PWD/s/${h}a-top"
	diff out - < <(printf "top\tp\t$PWD/s/${h}a-top/b\n%.0s" 1 2 3 4 5 6 7 8 9)
	while read -r k v; do
		[ "$k" != rchar: ] || read=$v
	done <io
	# once for the graph, once for this
	[ "$read" -gt 2000000 ]
	[ "$read" -lt 4000000 ]
}

@test "what changed: names, versions, bytes" {
	a=0000000000000000000000000000000
	reg() { # path size ref...
		printf '/nix/store/%s\n%064d\n%s\n\n%s\n' "$1" 0 "$2" $(($# - 2))
		shift 2
		for r; do printf '/nix/store/%s\n' "$r"; done
	}
	{
		reg ${a}0-ssl-1.0 100
		reg ${a}1-ssl-3.0 150
		reg ${a}2-lib 10
		reg ${a}3-lib 12
		reg ${a}4-gone-1.0a 7
		reg ${a}5-same-2 5
		reg ${a}6-ssl-3.0 151
		reg ${a}8-old 1 ${a}0-ssl-1.0 ${a}2-lib ${a}4-gone-1.0a ${a}5-same-2
		reg ${a}9-new 1 ${a}1-ssl-3.0 ${a}6-ssl-3.0 ${a}3-lib ${a}5-same-2
	} >reg
	run "$mq" -d -r reg /nix/store/${a}8-old /nix/store/${a}9-new
	[ "$status" -eq 1 ]
	printf '%s\n' $'-7\tgone\t1.0a\t-' $'2\tlib\t*\t*' $'1\tnew\t-\t*' \
	    $'-1\told\t*\t-' $'201\tssl\t1.0\t3.0,3.0' | diff - <(echo "$output")
	run "$mq" --diff -r reg /nix/store/${a}8-old /nix/store/${a}8-old
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run "$mq" -u -r reg /nix/store/${a}8-old /nix/store/${a}9-new
	printf '%s\n' $'2\t22\tlib\t*,*' $'3\t401\tssl\t1.0,3.0,3.0' | diff - <(echo "$output")
}

@test "a file that is given twice is one root" {
	"$mq" -sR -r demo demo/manifest.json >once
	"$mq" -sR -r demo demo/manifest.json ./demo/../demo/manifest.json >twice
	cmp once twice
	run "$mq" -d -r demo demo/manifest.json demo/manifest.json
	[ "$output" = "" ]
	[ "$status" = 0 ]
}

@test "findings: one of each" {
	long=$(head -c 20000 /dev/zero | tr '\0' x)
	cat >m.json <<-X
	{"a b":{"file":""},"back":{"file":"\`id\`\\\\n"},"bits":{"file":"","mode":"4755"},
	"dir":{"type":"d","contents":{"up":{"type":"s","target":"../bits"}},"mode":"2755"},
	"dead":{"type":"s","target":"dir/none"},"hard":{"type":"l","target":"/bits"},
	"l1":{"type":"s","target":"l2"},"l2":{"type":"s","target":"/dir/../l1"},
	"long":{"file":"$long"},"mode":{"file":"","mode":"abc"},
	"ok":{"type":"s","target":"/run/x"},"through":{"type":"s","target":"bits/x"},
	"uid":{"file":"","uid":4294967295,"gid":4294967295},"what":{"file":"","size":3}}
	X
	run "$mq" -c m.json
	[ "$status" -eq 1 ]
	printf '%s\n' "$output" | cut -f1,2 >got
	printf '%s\n' $'blank\t/a b' $'backtick\t/back' $'backslash\t/back' \
	    $'set-id\t/bits' $'dead-link\t/dead' $'hard-link\t/hard' \
	    $'link-loop\t/l1' $'link-loop\t/l2' $'long-line\t/long' \
	    $'bad-mode\t/mode' $'dead-link\t/through' $'bad-uid\t/uid' \
	    $'bad-gid\t/uid' $'unknown-key\t/what' | diff - got
	for m in min demo rotuer; do "$mq" --check $m/manifest.json; done
	# a link into a store path that the closure lacks, or to no file in it
	printf '{"s":{"type":"s","target":"/nix/store/%032d-x/y"}}' 0 >m.json
	"$mq" -c m.json
	run "$mq" -c -r demo m.json
	[ "$status" -eq 1 ]
	nix_store
	printf '{"s":{"type":"s","target":"%s/none"},"t":{"type":"s","target":"%s/all"}}' "$top" "$top" >m.json
	run "$mq" -c m.json
	[ "$output" = "dead-link	/s	$top/none" ]
}

@test "a link of a megabyte that leads to itself is seen through" {
	entry l '"type":"s"' "\"target\":\"$(printf '../%.0s' {1..300000})l\""
	run timeout 20 "$mq" -c m.json
	[ "$status" -eq 1 ]
	[[ $output == "link-loop	/l	"* ]]
}

@test "pictures" {
	nix_store
	"$mq" -o dot "$top" >graph
	[ "$(grep -c ' -> ' graph)" -eq "$("$mq" -e "$top" | awk -F'\t' '$1 != $2' | wc -l)" ]
	if command -v dot >/dev/null; then dot -Tsvg graph >/dev/null; fi
	"$mq" -o svg "$top" >svg
	[ "$(grep -c '<rect' svg)" -eq "$("$mq" -R "$top" | wc -l)" ]
	if command -v xmllint >/dev/null; then xmllint --noout svg; fi
	grep -q '<text.*>top-1</text>' svg
	! grep -q '<script' svg || false
	# a name that is cut is cut between letters, wherever that is
	for n in '' x xx xxx; do
		python3 -c 'import sys; print(sys.argv[1] + "€" * 300)' "$n" >name
		entry "$(cat name)" '"type":"f"' "$(printf '"file":"%0999d"' 0)"
		"$mq" -i -r demo -o svg m.json >svg
		iconv -f UTF-8 -t UTF-8 svg >/dev/null
		grep -q '<text.*€</text>' svg
	done
	"$mq" -n --output=folded "$top" >folded
	[ "$(awk '{ n += $NF } END { print n }' folded)" = \
	    "$("$mq" -S "$top" | grep top-1 | cut -f1)" ]
	grep -q '^top-1 [0-9]*$' folded
	run "$mq" -o gif "$top"
	[ "$status" -eq 2 ]
}

@test "the picture of odd names is XML" {
	local n=$'odd\xff\xe2\x82\x01&<\xed\xa0\x80"'
	entry 'x\u0001\u007f\u0085<&\ufffe\uffff\ufffd€\ud83d\ude00' '"file":"y"'
	mv m.json "$n"
	"$mq" -i -r demo -o svg "$n" >svg
	python3 -c 'from xml.dom.minidom import parse; parse("svg")'
	grep -qF '/x?'$'\x7f\xc2\x85''&lt;&amp;??'$'\xef\xbf\xbd''€😀' svg
	grep -qF 'odd???' svg
}

@test "files inside store paths, and what a command makes of them" {
	nix_store
	printf '{"etc":{"type":"d","contents":{"x":{"file":"%s\\n"}}}}' "$top" >m.json
	"$mq" -F m.json >out
	[ "$(sed -n 2p out)" = "f	0644	0	0	$((${#top} + 1))	/etc/x" ]
	"$mq" -R m.json | sed '$d' | xargs -I@ find @ |
		sort | diff - <(sed 1,2d out | cut -f6 | sort)
	grep -q $'^f\t0555\t0\t0\t[0-9]*\t.*beta-2.1/bin/x$' out
	grep -q $'^s\t0777\t0\t0\t0\t.*delta/bin$' out
	"$mq" -s -z cat m.json >z
	while IFS=$'\t' read -r size path; do
		case $path in "$NIX_STORE_DIR"/*)
			[ "$(find "$path" -type f -print0 | xargs -0 -r cat | wc -c)" -eq "$size" ] ;;
		esac
	done <z
	# predicted flash: near what one finds by hand
	"$mq" -n -s -z 'xz -6' m.json | grep -q beta
	run "$mq" -s -z 'cat >/dev/null; exit 3' "$top"
	[ "$status" -eq 2 ]
	[[ $output == *"failed on "*"(status 3)" ]]
	run "$mq" -s -z 'head -c 1' "$top"
	[ "$status" -eq 0 ]
	chmod -R u+w "$NIX_STORE_DIR"
	run "$mq" -F -r demo demo/manifest.json
	[ "$status" -eq 2 ]
}

# image PATH...: how many bytes squashfs makes of them
image() {
	rm -f img
	mksquashfs "$@" img -comp xz -b 64k -all-root -keep-as-directory \
	    -nopad -no-progress -processors 1 >/dev/null
	wc -c <img
}

@test "-z foretells what mksquashfs makes of a path, given its block size" {
	command -v mksquashfs >/dev/null || skip "mksquashfs is not installed"
	local t p i=0 all
	for t in manifest-query bash mksquashfs ip grep; do
		i=$((i + 1))
		p=store/$(printf %032d "$i")-$t
		mkdir -p "$p/bin"
		cp -L "$(command -v "$t")" "$p/bin/$t"
	done
	cp -r "$LIMEN/lib" "store/$(printf %032d 1)-manifest-query/src"
	cp -r "$LIMEN/manifest-query" "store/$(printf %032d 3)-mksquashfs/src"
	printf '{"all":{"file":"%s"}}' "$(echo "$PWD"/store/*)" >m.json
	"$mq" -s -r "store:$PWD/store" -z 'xz -6 --block-size=64KiB' m.json | grep store/ >blocks
	"$mq" -s -r "store:$PWD/store" -z 'xz -6' m.json | grep store/ >joined
	all=$(image store/*)
	for p in store/*; do
		mv "$p" out
		echo $((all - $(image store/*)))
		mv out "$p"
	done >saved
	# thousandths that the prediction is off, the median's and the sum's
	off() {
		paste saved "$1" | awk '{ d = $2 / $1 - 1; print d < 0 ? -d : d }' |
			sort -n | awk 'NR == 3 { print int($1 * 1000) }'
		paste saved "$1" | awk '{ a += $1; b += $2 }
			END { d = b / a - 1; print int(1000 * (d < 0 ? -d : d)) }'
	}
	paste saved blocks joined >&2
	[ "$(off blocks | sort -n | tail -n 1)" -le 25 ]
	[ "$(off joined | sort -n | head -n 1)" -gt "$(off blocks | sort -n | tail -n 1)" ]
}

@test "EXAMPLES of the page" {
	nix_store
	local n=0 cmd prog
	prog=$(nix-store --add "$(command -v manifest-query)")
	printf '{"etc":{"type":"d","contents":{"x":{"file":"%s %s\\n"}}}}' "$top" "$prog" >m.json
	ln -s m.json result
	while IFS= read -r cmd; do
		n=$((n + 1))
		bash -c "$cmd" >"ex$n" 2>"err$n" || true
		[ ! -s "err$n" ] || [[ $cmd == *" file "* ]] || { cat "err$n" >&2; return 1; }
	done < <(printed "$LIMEN/manifest-query/manifest-query.1" |
		sed "s|/nix/store|$NIX_STORE_DIR|g")
	[ "$n" -eq 11 ]
	[ "$(sed -n 1p ex1)" = "$(cut -f1,2 demo/graph.tsv | sed "s|^/[^-]*-||" | awk '{ print $2 "\t" $1 }' | sort -rn | sed -n 1p)" ]
	[ "$(wc -l <ex1)" -eq 10 ]
	[ "$(sed -n 1p ex2 | cut -f2)" = manifest.json ]
	grep -q $'\t/etc/s6-rc/compiled$' ex3
	[ "$(cat ex4)" = $'manifest.json\ts6\tmusl' ]
	grep -q '/etc/s6-rc/compiled' ex5
	grep -q $'\tmanifest.json\t' ex6
	grep -q $'\troute\t' ex7
	[ "$(sed 's|.*/[^-/]*-||' ex8 | sort | tr '\n' ' ')" = \
	    "alpha-1.0/f alpha-1.0/g beta-2.1/bin/x gamma-0.3-dev " ]
	if command -v file >/dev/null; then grep -q "manifest-query: .*not stripped" ex9; fi
	[ ! -s ex10 ]
	grep -qx '[0-9]* yes' ex11
}

@test "README's questions" {
	nix_store
	local cmds ssl
	mkdir openssl-3.0
	head -c 20000 /dev/zero >openssl-3.0/lib
	ssl=$(nix-store --add openssl-3.0)
	printf '{"etc":{"type":"d","contents":{"x":{"file":"%s %s\\n"}}}}' "$top" "$ssl" >m.json
	ln -s m.json result
	mapfile -t cmds < <(printed "$LIMEN/README.md" 'First sessions' | grep ^manifest-query)
	[ "${#cmds[@]}" -eq 3 ]
	for n in 0 1; do
		run -0 bash -c "${cmds[n]}"
		[ "${#lines[@]}" -ge 5 ]
		[ "${#lines[@]}" -le 10 ]
		[ "$(sort -rn <<<"$output")" = "$output" ]
		grep -qx $'2[0-9]*\topenssl-3.0' <<<"$output"
	done
	run -0 bash -c "${cmds[2]}"
	[ "$output" = $'m.json\topenssl-3.0' ]
}

@test "links are followed to the store and no further" {
	nix_store
	mkdir -p d/e
	ln -s "$top" d/link
	ln -s ../link d/e/again
	ln -s d/e dir
	"$mq" -R "$top" >want
	for r in d/link d/e/again dir/again "$PWD/dir/../e/again" dir/again/all \
	    "$top/all/" "$NIX_STORE_DIR//${top##*/}"; do
		"$mq" -R "$r" | diff want -
	done
	ln -s loop loop
	run "$mq" -R loop
	[ "$status" -eq 2 ]
	[[ $output == *"loop: "* ]]
	run "$mq" -R none
	[ "$output" = "manifest-query: none: No such file or directory" ]
	run "$mq" -R "$NIX_STORE_DIR/00000000000000000000000000000000-x"
	[ "$status" -eq 2 ]
	[[ $output == *"does not know"* ]]
}

@test "usage" {
	for o in "" "-R" "-w" "-w x" "-d demo" "-R -t x" "-f x" "-l a b" "-s -l x" \
	    "-j -o dot x" "-Q x" "-i a b" "-d a b c"; do
		# shellcheck disable=SC2086
		run "$mq" $o
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	run "$mq" --help
	[ "$status" -eq 0 ]
	[[ $output == *"-h, --human"* ]]
	[[ $output != *"-h, --help"* ]]
}

@test "a write error is never silent, a closed pipe is" {
	for q in -l "-m" "-R -r demo" "-t -r demo" "-o svg -r demo" "-c"; do
		# shellcheck disable=SC2086
		run "$mq" $q demo/manifest.json >/dev/null
		# shellcheck disable=SC2086
		run bash -c "manifest-query $q demo/manifest.json >/dev/full"
		case $q in -c) [ "$status" -eq 0 ]; continue ;; esac
		[ "$status" -eq 2 ]
		[ "$output" = "manifest-query: write to stdout: No space left on device" ]
	done
	run bash -c 'manifest-query -t -r demo demo/manifest.json | head -n 1; echo "${PIPESTATUS[0]}"'
	[ "${#lines[@]}" -eq 2 ]
	run bash -c 'trap "" PIPE; manifest-query -t -r demo demo/manifest.json 2>&1 >&- | cat'
	[ "${#lines[@]}" -le 1 ]
}

@test "path-info's JSON is refused where it is wrong" {
	local p=/nix/store/0123456789abcdfghijklmnpqrsvwxyz-x
	while IFS='|' read -r json at; do
		echo "${json/P/\"$p\"}" >p.json
		run -2 "$mq" -R -r p.json "$p"
		[[ $output == "manifest-query: p.json:1:$at" ]]
	done <<-'EOF'
	{P:{"references":5}}|64: references must be an array
	{P:{"references":"y"}}|64: references must be an array
	{P:{"references":["y"]}}|65: not the name of a store path: y
	{P:"z"}|50: the entry of a path must be an object
	{"storeDir":"z"}|13: not a store's directory: z
	EOF
}

@test "manifests that are none" {
	echo '[]' >m.json; bad 1:1 "must be an object"
	echo '{"a":1}' >m.json; bad 1:6 "an entry must be an object"
	echo '{"a":{}}' >m.json; bad 1:2 "needs file"
	printf '{\n "a":{"type":"s"}}' >m.json; bad 2:2 "needs target"
	entry x '"type":"d"'; bad 1:2 "needs contents"
	entry x '"type":"c"' '"major":"1"'; bad 1:2 "needs major and minor"
	entry x '"type":"q"'; bad 1:14 "type must be"
	entry x '"file":1'; bad 1:14 "a string"
	entry x '"mode":644'; bad 1:14 "a string"
	entry x '"uid":-1'; bad 1:13 "whole number"
	entry x '"uid":4294967296'; bad 1:13 "whole number"
	entry x '"uid":1.5'; bad 1:13 "whole number"
	entry x '"type":"d"' '"contents":[]'; bad 1:29 "must be an object"
	for n in "" . .. a/b 'a\u0000b'; do
		entry "$n" '"file":""'; bad 1:2 "not the name of a file"
	done
	echo '{"a":{"file":""},"b":{"file":""},"\u0061":{"file":""}}' >m.json
	bad 1:34 "twice"
	entry x '"file":""' '"k":{"y":1,"y":2}'; bad 1:28 "twice"
	printf '{"\303\251\303\251":{"file":"\377"}}' >m.json; bad 1:16 "not UTF-8"
	: >m.json; bad 1:1 "too early"
	run "$mq" demo
	[ "$status" -eq 2 ]
	[[ $output == *"Is a directory" ]]
}

@test "a path of 16000 directories, and one too many" {
	deep() {
		awk -v n="$1" 'BEGIN {
			for (i = 0; i < n; i++) printf "{\"d\":{\"contents\":"
			printf "{}"
			for (i = 0; i < n; i++) printf ",\"type\":\"d\"}}"
		}'
	}
	deep 16000 >m.json
	"$mq" -m m.json
	"$mq" -c m.json
	# a line for each would be 256 MB
	deep 4000 >m.json
	[ "$("$mq" m.json | tail -n 1 | wc -c)" -eq $((8000 + 14)) ]
	: >empty
	[ "$("$mq" -R -i -r empty m.json | wc -l)" -eq 4001 ]
	deep 16384 >m.json
	bad "1:*" "nested too deep"
}
