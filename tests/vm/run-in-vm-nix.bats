#!/usr/bin/env bats
# runInVM of nix/run-in-vm.nix, offline: a Nix of the test's own, the stub
# nixpkgs, a real guest
# uses: run-in-vm
# kit: kernels
# timeout: 300
load ../helper
load vm

setup() {
	command -v nix-build >/dev/null || skip "Nix is not installed"
	vm_kit kernels
	T=$BATS_TEST_TMPDIR
	unset MAKEFLAGS MAKELEVEL TOOLS CI
	cd "$T"
	# shellcheck disable=SC1091
	. "$LIMEN/tests/nix/env.sh"
	nix_env "$T/nix"
	mkdir -p "$T/home/.cache"
	cat >vm.nix <<-EOF
		{ script, attrs ? { } }:
		let
		  pkgs = import <nixpkgs> { };
		  tool = derivation {
		    name = "run-in-vm"; system = "x86_64-linux"; builder = "/bin/sh";
		    args = [ "-c" "/bin/mkdir -p \$out/bin; /bin/cp $O/bin/run-in-vm \$out/bin" ];
		  };
		  runInVM = pkgs.callPackage $LIMEN/nix/run-in-vm.nix {
		    kernel = "$KIT/kernels/generic"; run-in-vm = tool; stdenv.shell = "/bin/sh";
		  };
		in
		runInVM (derivation ({
		  name = "in-vm"; system = "x86_64-linux"; builder = "/bin/sh";
		  PATH = "/usr/bin:/bin:/usr/sbin:/sbin";
		  requiredSystemFeatures = [ "kvm" ];
		  args = [ "-e" (builtins.toFile "script" script) ];
		} // attrs))
	EOF
}

@test "a derivation is built in a guest: its output, its memory, without kvm" {
	out=$(nix-build --no-out-link vm.nix --argstr script '
	mkdir $out; uname -r >$out/release; id -u >$out/uid
	sed -n "s/^MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo >$out/mem
	cp built-before $out/pre
	cat /sys/bus/pci/devices/*/vendor >$out/vendors
	echo kept >/dev/vda; sync
	' --arg attrs '{ memSize = 300; QEMU_OPTS = "-device pci-testdev";
	    preVM = "echo pre >built-before; truncate -s 1M disk; diskImage=$PWD/disk";
	    postVM = "echo post >$out/post; head -n 1 disk >$out/disk"; }')
	[ "$(cat "$out/release")" != "$(uname -r)" ]
	[ "$(cat "$out/uid")" = 0 ]
	[ "$(cat "$out/mem")" -lt $((300 * 1024)) ]
	[ "$(cat "$out/pre")" = pre ]
	[ "$(cat "$out/post")" = post ]
	# QEMU_OPTS: Red Hat's test device; what was written to diskImage stays
	grep -qx 0x1b36 "$out/vendors"
	[ "$(cat "$out/disk")" = kept ]
}

@test "the builder's failure is the derivation's, postVM is not run" {
	run nix-build --no-out-link vm.nix --argstr script 'echo said; exit 3' \
	    --arg attrs '{ postVM = "touch $out"; }'
	[ "$status" != 0 ]
	[[ $output = *"failed with exit code 3"* ]] || { echo "$output"; false; }
	[ ! -e /homeless-shelter ]
	[[ $output = *said* ]]
}
