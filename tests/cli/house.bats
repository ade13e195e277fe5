#!/usr/bin/env bats
# the house: make's targets and the runner
load ../helper

@test "runs in a network namespace of its own with lo up" {
	[ -z "${LIMEN_NO_NS-}" ] || skip "no namespaces here"
	run ip -o link
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *LOOPBACK,UP* ]]
}
