# the builder of what nix/run-in-vm.nix makes: the host's side
# shellcheck shell=sh disable=SC2154,SC2086
eval "${preVM-}"
set --
[ -z "${diskImage-}" ] || set -- --persist --disk "$diskImage"
if [ -e "$RUN_IN_VM_KERNEL/bzImage" ]; then # nixpkgs' kernels
	export RUN_IN_VM_KERNEL="$RUN_IN_VM_KERNEL/bzImage"
fi
[ -z "${vmModules-}" ] || set -- --modules "$vmModules" "$@"
status=0
"$runInVM" --no-tty "$@" --share-rw "$NIX_STORE" --share-rw "$NIX_BUILD_TOP" \
    --cwd "$PWD" -- $origBuilder $origArgs </dev/null || status=$?
[ $status = 0 ] || exit $status
eval "${postVM-}"
