#!/usr/bin/env bats
# one vocabulary of options: the same word means the same in every tool
# uses: mips-vm connect-vm tufted bng pppoe-l2tp-relay run-border-vm manifest-query run-in-vm routeros

load ../helper

# word, letter, value's name and text of each option of each tool; but
# manifest-query's words are its own, as limen(7) says
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	for t in mips-vm connect-vm tufted bng pppoe-l2tp-relay run-border-vm \
	    run-in-vm routeros; do
		"$t" --options | sed "s/^/$t\t/"
	done >all
	machines='mips-vm|run-border-vm|run-in-vm|routeros'
}

teardown() {
	local p
	for p in of-*/pid; do
		[ ! -e "$p" ] || kill "$(<"$p")" || :
	done
}

# what differs and why, TOOL:WORD a line: words of the described command lines,
# or a value that must say more
own() {
	cat <<-EOF
	mips-vm:capture
	mips-vm:gdb
	mips-vm:persist
	mips-vm:wait
	tufted:log
	tufted:wait
	tufted:user
	bng:user
	bng:forward
	pppoe-l2tp-relay:kernel
	EOF
}

@test "a word has one letter, and takes the same value, in every tool" {
	own | tr : '\t' >own
	awk -F'\t' '
	FNR == NR { own[$1, $2]; next }
	$2 != "" && ($3 in letter) && letter[$3] != $2 {
		print $1 ": -" $2 " is --" $3 ", elsewhere -" letter[$3]
	}
	$2 != "" { letter[$3] = $2 }
	($1, $3) in own { next }
	($3 in meta) && meta[$3] != $4 {
		print $1 ": --" $3 " " $4 ", elsewhere " meta[$3]
	}
	{ meta[$3] = $4 }' own all >differ
	cat differ
	[ ! -s differ ]
}

@test "what is listed as different is" {
	own | while IFS=: read -r tool word; do
		mine=$(awk -F'\t' -v t="$tool" -v w="$word" '$1 == t && $3 == w { print $4 }' all)
		awk -F'\t' -v t="$tool" -v w="$word" -v m="$mine" '
		$1 == t && $3 == w { here = 1 }
		$1 != t && $3 == w && $4 != m { differs = 1 }
		END { exit !(here && differs) }' all || { echo "$tool --$word"; false; }
	done
}

@test "-v, -h, -n and -m mean one thing" {
	awk -F'\t' -v m="^($machines)\$" '
	$2 == "v" && $3 != "verbose" || $2 == "h" && $3 != "help" ||
	$2 == "n" && $1 ~ m && $3 != "dry-run" ||
	$2 == "m" && $1 ~ m && $3 != "memory"' all >wrong
	cat wrong
	[ ! -s wrong ]
	for t in mips-vm run-border-vm routeros run-in-vm; do
		grep -q "^$t	n	dry-run	" all
		grep -q "^$t		accel	auto|kvm|tcg	" all
	done
	for t in mips-vm run-border-vm routeros bng pppoe-l2tp-relay; do
		grep -q "^$t		stop	DIR	" all
		grep -q "^$t		status	DIR	" all
		grep -q "^$t		list		" all
	done
}

@test "limen(7) has every word that two tools share" {
	cut -f3 all | sort | uniq -d | while read -r w; do
		grep -qE -- "Fl (. , )?-$w( |\$)" "$LIMEN/man/man7/limen.7" ||
			{ echo "$w"; false; }
	done
}

@test "two state directories are one too many" {
	local t
	for t in mips-vm bng "pppoe-l2tp-relay access 127.0.0.1" run-border-vm; do
		# shellcheck disable=SC2086
		run -2 $t --background of-a --dir of-b
		[[ $output == *": --dir: one state directory only: of-a ("* ]]
		[ ! -e of-a ]
		[ ! -e of-b ]
	done
}

@test "a tool refuses the state directory of another" {
	local t d
	bng --background of-bng 3>&- 4>&-
	pppoe-l2tp-relay --background of-relay access 127.0.0.1 3>&- 4>&-
	for t in mips-vm run-border-vm routeros; do
		for d in of-bng of-relay; do
			run -1 "$t" --status $d
			[[ $output =~ ^$t:\ $d:\ (bng|pppoe-l2tp-relay)\ runs\ there$ ]]
			run -1 "$t" --stop $d
			[ "${#lines[@]}" = 1 ]
			[[ $output == "$t: $d: "*" runs there" ]]
		done
	done
	run -1 mips-vm --link of-bng lan down
	[ "$output" = "mips-vm: of-bng: bng runs there" ]
	run -1 connect-vm -m of-bng
	[ "$output" = "connect-vm: of-bng: no monitor there: bng has none, or is just starting" ]
	# a line of either stream is in its place
	run -1 bng --list of-bng of-bng of-relay of-bng
	for d in 0 1 3; do
		[ "${lines[d]}" = $'of-bng\trunning pid '"$(<of-bng/pid)" ]
	done
	[ "${lines[2]}" = "bng: of-relay: pppoe-l2tp-relay runs there" ]
	run -1 pppoe-l2tp-relay --stop of-bng
	[ "$output" = "pppoe-l2tp-relay: of-bng: bng runs there" ]
	bng --stop of-bng
	pppoe-l2tp-relay --stop of-relay
	# a dead one is nobody's
	mkdir dead
	echo bng >dead/lock
	run -1 mips-vm --status dead
	[ "$output" = $'dead\tnot running' ]
}

@test "a message about a long name keeps its reason" {
	long=$(printf '%2000s' '' | tr ' ' x)
	run -2 bng --pool "$long"
	[[ $output == *xxx...xxx*": not FIRST-LAST (bng --help lists the options)" ]]
	[ "${#output}" = 1023 ]
	run -1 bng --secrets "$long/$long/$long"
	[[ $output == *xxx...xxx*"name too long" ]]
	[ "${#output}" = 1023 ]
	run -1 tufted --log json "$long/$long/$long"
	[[ $output == '{"event":"error","text":"'*x...x*'name too long"}' ]]
}
