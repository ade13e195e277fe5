# runInVM drv: builds drv in a virtual machine, as vmTools.runInLinuxVM does,
# but without kvm as a required feature: it is used where it works.
#
#	runInVM = callPackage ./nix/run-in-vm.nix { kernel = linux; };
#	runInVM (stdenv.mkDerivation { ...; memSize = 1024; })
#
# What is taken from drv: memSize (MiB), QEMU_OPTS, preVM and postVM (shell,
# on the host, before and after), diskImage (set by preVM too: it is /dev/vda,
# and keeps what is written). The store is shared writable, as there: drv
# writes its outputs itself. The status is the builder's.
{ kernel
, qemu
, run-in-vm
, stdenv
}:
drv:
let
  d = drv.drvAttrs;
in
derivation (d // {
  memSize = d.memSize or 512;
  requiredSystemFeatures = builtins.filter (f: f != "kvm") (d.requiredSystemFeatures or [ ]);
  builder = stdenv.shell or "/bin/sh";
  args = [ "-e" ./run-in-vm.sh ];
  origBuilder = d.builder;
  origArgs = d.args or [ ];
  runInVM = "${run-in-vm}/bin/run-in-vm";
  RUN_IN_VM_KERNEL = "${kernel}";
  QEMU = "${qemu}/bin/qemu-system-x86_64";
} // (if kernel ? modules then {
  # newer nixpkgs: an output of their own
  vmModules = "${kernel.modules}/lib/modules/${kernel.modDirVersion}";
} else { })) // { meta = drv.meta or { }; }
