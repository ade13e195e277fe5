#!/usr/bin/env bats
# the guest kit: made once, whole or not at all
# kit: mipsel
# timeout: 120
load ../helper

setup() {
	kit=$LIMEN/tests/vm/kit
	export LIMEN_VM_CACHE=${LIMEN_VM_CACHE:-$LIMEN/build/vm}
	[ -e "$LIMEN_VM_CACHE/mipsel/.made" ] || skip "no guest kit, no network"
}

# a cache of its own in /tmp, with the packages that the real one has
own() {
	LIMEN_DEBS=$LIMEN_VM_CACHE/debs-mipsel
	LIMEN_VM_CACHE=/tmp/cache
	export LIMEN_DEBS LIMEN_VM_CACHE
	rm -rf /tmp/cache
}

@test "a finished kit is left as it is" {
	before=$(stat -c %i "$LIMEN_VM_CACHE"/mipsel/*)
	run "$kit" mipsel
	[ "$status" -eq 0 ]
	[ "$output" = "$(cd "$LIMEN_VM_CACHE" && pwd)/mipsel" ]
	[ "$before" = "$(stat -c %i "$LIMEN_VM_CACHE"/mipsel/*)" ]
}

@test "an unknown name is a usage error" {
	run "$kit" vax
	[ "$status" -eq 2 ]
	[[ "$output" == usage:* ]]
}

@test "killed in the middle: nothing half done; two at once finish it, equal packages give equal images" {
	own
	"$kit" mipsel >/dev/null 2>&1 3>&- &
	p=$!
	until_ok 20 sh -c 'ls -d /tmp/cache/mipsel.new.*/vmlinuz'
	kill -KILL $p
	wait $p || :
	[ ! -e /tmp/cache/mipsel ]
	"$kit" mipsel >/dev/null 2>&1 3>&- &
	p=$!
	"$kit" mipsel >/dev/null 2>&1 3>&-
	wait $p
	run ls -A /tmp/cache
	[[ "$output" != *new* ]]
	a=$(cat /tmp/cache/mipsel/{vmlinux,loader.cpio,root.squashfs} | cksum)
	real=${LIMEN_DEBS%/debs-mipsel}/mipsel
	b=$(cat "$real"/{vmlinux,loader.cpio,root.squashfs} | cksum)
	[ "$a" = "$b" ]
}

@test "a package that is missing is named" {
	own
	mkdir /tmp/debs
	LIMEN_DEBS=/tmp/debs run "$kit" mipsel
	[ "$status" -eq 1 ]
	[[ "$output" == "kit: linux-image-*-4kc-malta: no package in /tmp/debs" ]]
	run ls -A /tmp/cache
	[ "$output" = .lock ]
}
