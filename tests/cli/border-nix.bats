#!/usr/bin/env bats
# nix/border.nix, offline, with as much of NixOS as tests/nix has
# tree: whole
# uses: run-border-vm
# timeout: 120
load ../helper

setup() {
	command -v nix-instantiate >/dev/null || skip "Nix is not installed"
	# shellcheck disable=SC1091
	. "$LIMEN/tests/nix/env.sh"
	nix_env "$BATS_TEST_TMPDIR/nix"
	cd "$BATS_TEST_TMPDIR" || return
}

# of OPTIONS EXPR: a value of the configuration, as JSON
of() {
	nix-instantiate --eval --json --strict --expr \
	    "let c = import $LIMEN/tests/nix/module.nix { opts = $1; }; in $2" 2>err ||
		{ cat err >&2; return 1; }
}

@test "the described options become services and a border.conf that is accepted" {
	o='{ keys = [ "ssh-ed25519 AAAA me" ]; l2tp.host = "lns.example"; ethernet.usb = { enable = true; vendor = "0x0bda"; product = "0x8153"; }; }'
	run of "$o" c.systemd.services.pppoe.serviceConfig.ExecStart
	[ "$status" = 0 ]
	[[ $output == *"/bin/pppoe-l2tp-relay packet:eth1 lns.example:1701\"" ]]
	run of "$o" c.systemd.services.tufted.serviceConfig.ExecStart
	[[ $output == *"/bin/tufted --user liminix /home/liminix/liminix\"" ]]
	[ "$(of "$o" c.users.users.liminix.openssh.authorizedKeys.keys)" = '["ssh-ed25519 AAAA me"]' ]
	nix-instantiate --eval --strict --expr "(import $LIMEN/tests/nix/module.nix { opts = $o; }).environment.etc.\"border.conf\".text" |
		sed 's/^"//; s/"$//; s/\\n/\n/g' >border.conf
	grep -qx 'usb = 0bda:8153' border.conf
	grep -qx 'lns = lns.example:1701' border.conf
	run run-border-vm --check --sysfs none
	[[ $output == *"BAD usb 0bda:8153: not plugged in"* ]]
}

@test "without an LNS bng is the service; a PCI card; unknown options are refused" {
	o='{ ethernet.pci = { enable = true; id = "04:00.0"; }; }'
	run of "$o" c.systemd.services.pppoe.serviceConfig.ExecStart
	[[ $output == *"/bin/bng --access packet:eth1 --dns 10.0.2.3\"" ]]
	[ "$(of "$o" c.bordervm.borderConf)" = '"pci = 04:00.0\n"' ]
	run of '{ l2tp.hosts = "x"; }' c.bordervm.borderConf
	[ "$status" != 0 ]
	[[ $output == *"no option bordervm.l2tp.hosts"* ]]
	run of '{ ethernet.pci.enable = true; }' c.bordervm.borderConf
	[ "$status" != 0 ]
	[[ $output == *"bordervm.ethernet.pci.id is not set"* ]]
}
