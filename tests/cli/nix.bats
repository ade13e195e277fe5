#!/usr/bin/env bats
# the Nix expressions, offline: a Nix of the test's own with a stub nixpkgs
# tree: whole
# uses: tufted connect-vm
# timeout: 600
load ../helper

# one store for all: what a test has built, the next one has
setup() {
	command -v nix-build >/dev/null || skip "Nix is not installed"
	T=$BATS_TEST_TMPDIR S=$BATS_FILE_TMPDIR
	unset MAKEFLAGS MAKELEVEL TOOLS CI
	mkdir "$T/src"
	tar -C "$LIMEN" --exclude=./build --exclude=./.git -cf - . |
		tar -C "$T/src" --no-same-owner -xf -
	cd "$T/src"
	. tests/nix/env.sh
	nix_env "$S/nix"
}

@test "each tool is a package; an edit of a test or another tool rebuilds none" {
	before=$(nix-instantiate -A tufted 2>/dev/null)
	[ -n "$before" ]
	tests=$(nix-instantiate ci.nix -A test.cli.tufted -A test.net.tufted 2>/dev/null)
	others=$(nix-instantiate ci.nix -A test.cli.bng 2>/dev/null)
	for t in bng connect-vm manifest-query mips-vm pppoe-l2tp-relay routeros \
	    run-border-vm run-in-vm; do
		nix-instantiate -A "$t" 2>/dev/null | grep -q -- "-$t-"
	done
	# nor does the edit of one test run another's again
	echo '# edited' >>tests/cli/bng.bats
	[ "$(nix-instantiate ci.nix -A test.cli.tufted -A test.net.tufted 2>/dev/null)" = "$tests" ]
	[ "$(nix-instantiate ci.nix -A test.cli.bng 2>/dev/null)" != "$others" ]
	echo '/* edited */' >>connect-vm/connect-vm.c
	[ "$(nix-instantiate -A tufted 2>/dev/null)" = "$before" ]
	echo '/* edited */' >>lib/die.c
	[ "$(nix-instantiate -A tufted 2>/dev/null)" != "$before" ]
}

@test "nix-build gives a tool with its page; .static one without an interpreter" {
	out=$(nix-build --no-out-link -A tufted)
	"$out/bin/tufted" --version
	[ -e "$out/share/man/man1/tufted.1" ]
	[ "$(ls "$out/bin")" = tufted ]
	readelf -lW "$out/bin/tufted" | grep -q INTERP
	out=$(nix-build --no-out-link -A static.tufted)
	"$out/bin/tufted" --version
	! readelf -lW "$out/bin/tufted" | grep -q INTERP
}

@test "bng is built with GLib, for which slirp.pc asks; a static one without" {
	nix-instantiate --eval --strict -E '
	let limen = import ./. { };
	    names = d: map (p: p.name or "") d.buildInputs;
	in names limen.bng ++ names limen.static.bng' >out
	cat out
	grep -qx '\[ "glib" "libslirp" "" "libslirp-static-.*" \]' out
}

@test "a tool that runs QEMU finds one, at the end of PATH; a static one as it was built" {
	out=$(nix-build --no-out-link -A mips-vm)
	grep -q "PATH=.PATH:$S/nix/store/.*-qemu/bin exec $S/nix/store/.*/bin/mips-vm" \
	    "$out/bin/mips-vm"
	"$out/bin/mips-vm" --version
	[ -e "$out/share/man/man1/mips-vm.1" ]
	nix-instantiate --eval -E '(import ./. { }).static.mips-vm ? unwrapped' |
		grep -qx false
}

@test "nix-shell has the tools on PATH" {
	sed -i 's/builtins.attrValues (removeAttrs limen \[ "static" \])/[ limen.tufted ]/' shell.nix
	nix-shell --run 'command -v tufted && tufted --version' >out
	grep -q "^$S/nix/store/.*/bin/tufted" out
}

@test "the overlay and the flake offer the names that Liminix uses" {
	nix-instantiate --eval -E '
	let o = import ./overlay.nix pkgs pkgs; pkgs = import <nixpkgs> { };
	in map (n: o.${n}.name) [ "tufted" "mips-vm" "connect-vm" "run-liminix-vm"
		"routeros" "run-border-vm" ]' --strict >out
	v=$(cat VERSION)
	[ "$(cat out)" = "[ \"tufted-$v\" \"mips-vm-$v\" \"connect-vm-$v\" \"mips-vm-$v\" \"routeros-$v\" \"run-border-vm-$v\" ]" ]
	nix-build --no-out-link -E '
	let o = import ./overlay.nix pkgs pkgs; pkgs = import <nixpkgs> { };
	in [ o.routeros.routeros o.routeros.ros-exec-script ]' >out
	run "$(sed -n 2p out)/bin/ros-exec-script" no.socket /dev/null
	[ "$status" -eq 1 ]
	[[ "$output" == "routeros: no.socket"* ]]
	nix flake show --offline --no-write-lock-file \
	    --override-input nixpkgs "path:$T/src/tests/nix/stub" "path:$T/src" >out 2>err ||
		{ cat err; false; }
	grep -q 'run-in-vm' out
}

@test "ci.nix has a derivation a test, and one of them builds; a filter that matches nothing does not pass" {
	n=$(cat tests/cli/*.bats tests/net/*.bats | grep -c '^@test ')
	[ "$(nix-instantiate ci.nix -A test 2>/dev/null | wc -l)" = "$n" ]
	v=$(cat tests/vm/*.bats | grep -c '^@test ')
	[ "$(nix-instantiate ci.nix --arg debs ./tests -A test 2>/dev/null |
	    wc -l)" = $((n + v)) ]
	# bats itself looks for the word at the start of a line
	printf '# uses: tufted\n%stest "a tool (with a [name]) is on PATH" {\n\ttufted --version\n}\n' \
	    @ >tests/cli/house.bats
	nix-build --no-out-link ci.nix -A test.cli.house
	# shellcheck disable=SC2016
	sed -i 's|filter = "^${escape test}\$"|filter = "^no such test\$"|' ci.nix
	run nix-build --no-out-link ci.nix -A test.cli.house
	[ "$status" -ne 0 ]
}

# Nix's own scheduler deals the tests out, copies what each needs to a machine,
# builds it there and fetches the result: a machine here is a second store.
@test "two machines share the tests; each builds in a sandbox, nothing is built here" {
	unshare -r true || skip "no user namespaces here"
	nix_sandbox
	for n in one two three four; do
		printf '@%s "%s on %s" {\n\ton %s ip link\n\ttufted --version\n}\n' \
		    test "$n" "$n" h
	done >body
	{ printf '# uses: tufted\nload ../helper\nsetup() { host h; }\n'; cat body; } \
	    >tests/net/tufted.bats
	nix-build --no-out-link -k -j0 --builders \
	    "$T/east x86_64-linux - 1 1; $T/west x86_64-linux - 1 1" \
	    ci.nix -A test.net.tufted >out 2>log || { cat log; false; }
	[ "$(wc -l <out)" = 4 ]
	# the results are here; half of them come from either machine
	while read -r o; do
		grep -q '^ok 1 ' "$o"
	done <out
	for m in east west; do
		[ "$(ls "$T/$m/nix/store" | grep -c -- '-limen-test-[^.]*$')" -ge 1 ]
	done
	[ "$(grep -c "^building .*-limen-test-.* on '\(local:\/\/\)\?$T/" log)" = 4 ]
}
