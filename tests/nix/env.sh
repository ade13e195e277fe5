# sourced: nix_env DIR makes a Nix of the test's own under DIR: no daemon, no
# network, the stub as <nixpkgs>, no sandbox unless nix_sandbox asks for it
# shellcheck shell=sh
nix_env() {
	mkdir -p "$1/etc" "$1/store" "$1/var" "$1/home"
	cat >"$1/etc/nix.conf" <<-EOF
		sandbox = false
		build-users-group =
		substituters =
		experimental-features = nix-command flakes
		max-jobs = 2
		filter-syscalls = false
	EOF
	export NIX_STORE_DIR="$1/store" NIX_STATE_DIR="$1/var" NIX_LOG_DIR="$1/var/log" \
	    NIX_CONF_DIR="$1/etc" NIX_LOCALSTATE_DIR="$1/var" NIX_REMOTE= \
	    HOME="$1/home" NIX_PATH="nixpkgs=$LIMEN/tests/nix/stub"
}
# with the host's programs, which are the stub's packages
nix_sandbox() {
	sed -i 's/^sandbox = .*/sandbox = true/' "$NIX_CONF_DIR/nix.conf"
	echo 'sandbox-paths = /bin /usr /lib /lib64 /etc/alternatives' \
	    >>"$NIX_CONF_DIR/nix.conf"
}
