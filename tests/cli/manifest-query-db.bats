#!/usr/bin/env bats
# uses: manifest-query
# timeout: 180
load ../helper

# the database of Nix in all the states one meets it in; sizes at the limit

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	unset NIX_STORE_DIR NIX_STATE_DIR
	mq=manifest-query
	h=/nix/store/0000000000000000000000000000000
}

need_sqlite() {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"
}

schema='
create table ValidPaths (id integer primary key autoincrement not null,
 path text unique not null, hash text not null, registrationTime integer not null,
 deriver text, narSize integer, ultimate integer, -- null implies "false"
 sigs text, ca text);
create table Refs (referrer integer not null, reference integer not null,
 primary key (referrer, reference));
create index IndexReferrer on Refs(referrer);'

# paths FROM TO: SQL for a chain of paths
paths() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		print "begin;"
		for (i = from; i <= to; i++) {
			printf "insert into ValidPaths(id,path,hash,registrationTime,narSize) values(%d,\047/nix/store/%032d-p%d\047,\047x\047,1,%d);\n", i, i, i, i
			if (i > 1) printf "insert into Refs values(%d,%d);\n", i, i - 1
		}
		print "commit;"
	}'
}

# writer: an sqlite3 that stays; say SQL... and wait for it
writer() {
	mkfifo in
	sqlite3 "$1" <in >answers 2>&1 3>&- 4>&- &
	pid=$!
	exec 9>in
}
say() {
	printf '%s\n' "$@" "select 'said';" >&9
	said=$((${said:-0} + 1))
	until_ok 20 sh -c "[ \$(grep -c said answers) -ge $said ]"
}

@test "rows that are still in the log count, while the writer is there" {
	need_sqlite
	writer db
	say 'pragma journal_mode=wal; pragma wal_autocheckpoint=0;' "$schema" "$(paths 1 50)"
	[ "$("$mq" -R -r db "$(printf '/nix/store/%032d-p50' 50)" | wc -l)" -eq 50 ]
	ls >before
	say 'pragma wal_checkpoint;' "$(paths 51 60)" 'update ValidPaths set narSize = 1000 where id = 1;'
	"$mq" -s -r db "$(printf '/nix/store/%032d-p60' 60)" >out
	[ "$(wc -l <out)" -eq 60 ]
	grep -q '^1000	.*-p1$' out
	# what is not committed does not count
	say 'begin;' 'update ValidPaths set narSize = 5 where id = 1;' \
	    "pragma cache_spill=1; pragma cache_size=1;"
	"$mq" -s -r db "$(printf '/nix/store/%032d-p60' 60)" | diff out -
	say 'rollback;'
	# a log begun anew after a checkpoint
	say 'pragma wal_checkpoint(restart);' 'update ValidPaths set narSize = 7 where id = 2;'
	"$mq" -s -r db "$(printf '/nix/store/%032d-p60' 60)" >out
	grep -q '^7	.*-p2$' out
	ls | grep -v '^out$' | diff <(grep -v '^out$\|^before$' before) <(ls | grep -v '^out$\|^before$')
	# nobody is kept from writing, and a copy of both files is enough
	cp db copy && cp db-wal copy-wal
	"$mq" -s -r copy "$(printf '/nix/store/%032d-p60' 60)" | diff out -
	ln -s copy link
	mkdir d && ln -s ../copy d/far
	"$mq" -s -r d/far "$(printf '/nix/store/%032d-p60' 60)" | diff out -
	exec 9>&-
	wait "$pid"
	# closed cleanly: the log is gone
	[ ! -e db-wal ]
	"$mq" -s -r db "$(printf '/nix/store/%032d-p60' 60)" | diff out -
}

@test "without a right to write anything" {
	need_sqlite
	mkdir sys
	{ echo 'pragma journal_mode=wal;'; echo "$schema"; paths 1 9; } | sqlite3 sys/db.sqlite >/dev/null
	chmod 444 sys/db.sqlite
	chmod 555 sys
	if [ "$(id -u)" = 0 ]; then
		chmod 755 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" || true
		command -v setpriv >/dev/null || skip "setpriv is not installed"
		cp "$(command -v manifest-query)" mq
		until_ok 5 test -x mq
		mount -t tmpfs -o size=20m tmpfs /mnt 2>/dev/null && cp -r sys mq /mnt/ ||
			skip "no place that nobody can read"
		run setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \
		    /mnt/mq -R -r /mnt/sys/db.sqlite "$(printf '/nix/store/%032d-p9' 9)"
	else
		run "$mq" -R -r sys/db.sqlite "$(printf '/nix/store/%032d-p9' 9)"
	fi
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 9 ]
	[ "$(ls sys)" = db.sqlite ]
	chmod 755 sys
}

@test "each answer is one commit's, however fast the writer" {
	need_sqlite
	# every transaction adds two paths and moves a byte from one to another
	{ echo 'pragma journal_mode=wal;'; echo "$schema"; paths 1 400; } | sqlite3 db >/dev/null
	sum=$((400 * 401 / 2))
	{
		echo 'pragma wal_autocheckpoint=20;'
		while [ ! -e stop ]; do
			for i in 1 2 3 4 5 6 7 8; do
				echo "begin; update ValidPaths set narSize=narSize-1 where id=$((390 + i)); update ValidPaths set narSize=narSize+1 where id=$i; commit;"
			done
			sleep 0.02
		done
	} | sqlite3 db 3>&- 4>&- >/dev/null &
	pid=$!
	for i in $(seq 40); do
		run "$mq" -S -r db "$(printf '/nix/store/%032d-p400' 400)"
		if [ "$status" -eq 0 ]; then
			[ "$(printf '%s\n' "$output" | sort -rn | sed -n 1p | cut -f1)" -eq "$sum" ]
			good=1
		else
			[[ $output == *"is being written to all the time" ]]
		fi
	done
	[ "$good" = 1 ]
	: >stop
	wait "$pid"
}

@test "a rollback journal: done, and left half done" {
	need_sqlite
	{ echo "$schema"; paths 1 9; } | sqlite3 db >/dev/null
	: >db-journal
	"$mq" -R -r db "$(printf '/nix/store/%032d-p9' 9)" >out
	[ "$(wc -l <out)" -eq 9 ]
	printf '\331\325\005\371\040\241\143\327' >db-journal
	run "$mq" -R -r db "$(printf '/nix/store/%032d-p9' 9)"
	[ "$status" -eq 2 ]
	[ "$output" = "manifest-query: $PWD/db: a transaction was left half done ($PWD/db-journal)" ]
}

@test "page sizes, deep trees, long rows, sizes that are not known" {
	need_sqlite
	for p in 512 1024 4096 65536; do
		rm -f db
		{
			echo "pragma page_size=$p;$schema"
			paths 1 3000
			echo "update ValidPaths set sigs='$(head -c 3000 /dev/zero | tr '\0' s)', narSize=null where id % 100 = 0;"
			echo "delete from Refs where referrer in (2000, 2999, 3000); delete from ValidPaths where id = 2999;"
			echo "insert into Refs values(3000,2998);"
		} | sqlite3 db
		"$mq" -s -r db "$(printf '/nix/store/%032d-p3000' 3000)" >out 2>err
		[ "$(wc -l <out)" -eq 1000 ]
		grep -q '^0	.*-p2900$' out
		[ "$(cat err)" = "manifest-query: 11 paths without a size count as 0" ]
	done
}

@test "what is no database of Nix, or one that is damaged" {
	need_sqlite
	r=$(printf '/nix/store/%032d-p9' 9)
	echo 'create table x(y); insert into x values(1);' | sqlite3 other
	run "$mq" -R -r other "$r"
	[ "$status" -eq 2 ]
	[[ $output == *"not a database of Nix"* ]]
	{ echo "$schema"; paths 1 500; } | sqlite3 db
	head -c 20000 db >short
	run "$mq" -R -r short "$r"
	[ "$output" = "manifest-query: $PWD/short: cut short" ]
	cp db bad
	dd if=/dev/urandom of=bad bs=4096 seek=3 count=5 conv=notrunc 2>/dev/null
	run "$mq" -R -r bad "$r"
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "manifest-query: $PWD/bad: "* ]]
	echo 'insert into Refs values(9,77777);' | sqlite3 db
	run "$mq" -R -r db "$r"
	[[ $output == *"id 9 to id 77777"* ]]
	echo hello >text
	run "$mq" -R -r text "$r"
	[[ $output == *"neither a database"* ]]
	m=$LIMEN/tests/samples/manifest/demo/manifest.json
	run "$mq" -R -r "$m" "$r"
	[ "$status" -eq 2 ]
	[[ $output == "manifest-query: $m:"*" is called "*"; the manifest of an image goes without -r" ]]
	run "$mq" -R -r none "$r"
	[ "$output" = "manifest-query: none: No such file or directory" ]
	# no Nix on this machine: what to do about it is said
	NIX_STATE_DIR=$PWD/none run -2 $mq -s "$LIMEN/tests/samples/manifest/demo/manifest.json"
	[ "$output" = "manifest-query: $PWD/none/db/db.sqlite: No such file or directory; -r names another source" ]
	run "$mq" -R "$r"
	[ "$status" -eq 2 ]
}

# reg PATH SIZE REF...: an entry of registration text
reg() {
	printf '%s\n%064d\n%s\n\n%s\n' "$1" 0 "$2" $(($# - 2))
	shift 2
	for r; do echo "$r"; done
}

@test "registration text that is damaged" {
	reg ${h}0-a 5 >good
	"$mq" -s -r good ${h}0-a
	: >empty
	run "$mq" -R -r empty ${h}0-a
	[[ $output == *"does not know"* ]]
	for text in "x" "${h}0-a" "${h}0-a\nh\n-5\n\n0\n" "${h}0-a\nh\n5\n\n-1\n" \
	    "${h}0-a\nh\n5\n\n2\n${h}0-a\n" "${h}0-a\nh\n5\nd\n0\n" "/nix/store/a\nh\n5\n\n0\n" \
	    "${h}0-a\nh\n99999999999999999999\n\n0\n" "${h}0-a\nh\n0x5\n\n0\n" \
	    "${h}0-a\nh\n5\n\n1\n/gnu/store/0000000000000000000000000000000a-b\n" \
	    "${h}0-a\nh\n5\n\n0\n${h}0-a\nh\n5\n\n0\n" "${h}0-a\nh\n5\n\n0\n\n"; do
		printf "$text" >bad
		run "$mq" -R -r bad ${h}0-a
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
		[[ $output == "manifest-query: bad:"* ]]
	done
	reg ${h}0-a 5 ${h}1-b >dangling
	run "$mq" -R -r dangling ${h}0-a
	[ "$status" -eq 2 ]
	[[ $output == *"0-a refers to "*"1-b, which is not there" ]]
	# a second source has it
	reg ${h}1-b 6 >also
	"$mq" -R -r dangling -r also ${h}0-a | wc -l | grep -qx 2
	{ reg ${h}0-a 5 ${h}1-b; reg ${h}1-b 5 ${h}0-a; } >cycle
	run "$mq" -R -r cycle ${h}0-a
	[ "$status" -eq 2 ]
	[[ $output == *"form a cycle"* ]]
}

@test "the first source that knows a path tells its references" {
	need_sqlite
	{ echo "$schema"; paths 1 2; } | sqlite3 db
	sqlite3 db "insert into Refs values(1,1)"
	p=/nix/store/0000000000000000000000000000000
	reg ${p}2-p2 5 >other
	reg ${p}1-p1 5 >>other
	[ "$("$mq" -e -r db ${p}2-p2 | wc -l)" -eq 2 ]
	[ "$("$mq" -R -r other -r db ${p}2-p2)" = ${p}2-p2 ]
	[ "$("$mq" -R -r db -r other ${p}2-p2 | wc -l)" -eq 2 ]
}

@test "a text that is no source does not command the terminal" {
	printf '/nix/store/\033[31m\302\233red\n' >text
	run "$mq" -R -r text ${h}0-a
	[ "$status" -eq 2 ]
	[ "$output" = "manifest-query: text:1: not the name of a store path: ?[31m??red" ]
}

@test "a store whose name commands the terminal is none" {
	p=0123456789abcdfghijklmnpqrsvwxyz-a
	for c in 1b 7f 9b; do
		printf '{"version": 2, "storeDir": "/s\\u00%s[31m", "info": {"%s": {"references": []}}}' \
		    "$c" $p >info
		run "$mq" -R -r info "/s$(printf '\u'"$c")[31m/$p"
		[ "$status" -eq 2 ]
		[[ $output == *"not a store's directory: /s?"* ]]
	done
}

@test "a chain of 200 000 paths, a million references, 2^62 bytes" {
	awk 'BEGIN { n = 200000
		for (i = 1; i <= n; i++) {
			printf "/nix/store/%032d-p%d\nh\n3\n\n%d\n", i, i, (i > 1)
			if (i > 1) printf "/nix/store/%032d-p%d\n", i - 1, i - 1
		} }' >chain
	top=/nix/store/00000000000000000000000000200000-p200000
	[ "$("$mq" -R -r chain $top | tail -n 1)" = $top ]
	[ "$("$mq" -sSa -r chain $top | tail -n 1)" = "3	600000	600000	$top" ]
	[ "$("$mq" -wn -r chain p1 $top | tr '\t' '\n' | wc -l)" -eq 200000 ]
	[ "$("$mq" -tn -r chain $top | sed -n '1000p;1000q' | wc -c)" -eq $((998 * 4 + 12 + 7 + 1)) ]
	"$mq" -o svg -r chain $top | grep -c '<rect' | grep -qx 200000
	awk 'BEGIN { n = 1415
		for (i = 1; i <= n; i++) {
			printf "/nix/store/%032d-p%d\nh\n1\n\n%d\n", i, i, i
			for (k = 1; k <= i; k++) printf "/nix/store/%032d-p%d\n", k, k
		} }' >dense
	top=/nix/store/00000000000000000000000000001415-p1415
	[ "$("$mq" -e -r dense $top | wc -l)" -eq 1001820 ]
	[ "$("$mq" -S -r dense $top | tail -n 1)" = "1415	$top" ]
	[ "$("$mq" -t -r dense $top | wc -l)" -eq 1001821 ]
	{ reg ${h}0-a 4611686018427387904; reg ${h}1-b 4611686018427387904; reg ${h}2-c 4611686018427387904 ${h}0-a ${h}1-b; } >huge
	[ "$("$mq" -sS -r huge ${h}2-c | tail -n 1)" = "4611686018427387904	13835058055282163712	${h}2-c" ]
	reg ${h}3-d 4611686018427387904 ${h}2-c >also
	run "$mq" -S -r huge -r also ${h}3-d
	[ "$status" -eq 2 ]
	[[ $output == *"more than 64 bits" ]]
	[ "$("$mq" -h -s -r huge ${h}0-a)" = "4.0E	${h}0-a" ]
}
