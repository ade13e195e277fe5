#!/usr/bin/env bats
# the load generator against bng: what its benchmarks stand on
# uses: bng
# timeout: 120
load ../helper

L=$O/bench/pppoe-load

setup_file() {
	bng --background "$BATS_FILE_TMPDIR/d" --auth mschapv2,chap,pap \
	    --pool 10.1.0.1-10.1.3.255 --address 10.1.255.1 3>&-
}
teardown_file() {
	bng --stop "$BATS_FILE_TMPDIR/d"
}
setup() {
	[ -x "$L" ] || skip "bench/pppoe-load is not built"
}

@test "each method of authentication" {
	for m in pap chap mschapv2; do
		run "$L" -vv -n 3 --method $m access
		[ "$status" -eq 0 ]
		[[ "$output" == *"up=3 failed=0"* ]]
		[[ "${output,,}" == *"${m/mschapv2/ms-chapv2}: "*"-> passed"* ]]
	done
}

@test "300 sessions, packets between them and pings, nothing astray" {
	run "$L" -n 300 -t 500ms -R 2000 access
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"up=300 failed=0"* ]]
	[[ "$output" == *"lost=0 wrong=0 reordered=0"* ]]
	[[ "$output" == *"teardown sessions=300"* ]]
	run "$L" -n 5 -t 500ms -R 500 -s 100 --to 10.1.255.1 --no-loss access
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "--capture: who reads the pipe stands still, the sessions go on" {
	cd "$BATS_TEST_TMPDIR"
	net=mcast:230.0.0.1:4322
	mkfifo f
	exec 8<>f # reads nothing
	daemon bng --dir d --capture f -a $net
	until_ok 5 test -e d/pid
	run -0 timeout 20 "$L" -n 1 -t 2s -R 500 -s 1400 --no-loss $net
	[[ $output == *"up=1 failed=0"* ]]
	bng --stop d
	exec 8<&-
	grep -Eqx 'bng: f: without [1-9][0-9]* packets: its reader was behind' bng.err
}

@test "sessions come and go" {
	run "$L" -n 20 --churn 1s access
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" =~ cycles=[1-9] ]]
}

@test "a wrong password, and nobody there" {
	run "$L" -v -p wrong access
	[ "$status" -eq 1 ]
	[[ "$output" == *"authentication failed"* ]]
	[[ "$output" == *"up=0 failed=1"* ]]
	run "$L" -T 200ms mcast:230.0.0.1:4321
	[ "$status" -eq 1 ]
	[[ "$output" == *"up=0 failed=1"* ]]
}

@test "usage" {
	run "$L"
	[ "$status" -eq 2 ]
	run "$L" -n 0 access
	[ "$status" -eq 2 ]
	run "$L" --method eap access
	[ "$status" -eq 2 ]
	run "$L" nowhere:x
	[ "$status" -eq 2 ]
}
