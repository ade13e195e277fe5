# each tool its own package; .static holds them built by pkgsStatic, which
# have to find a QEMU by themselves
{ pkgs ? import <nixpkgs> { } }:
let
  inherit (pkgs) lib;
  names = [
    "bng"
    "connect-vm"
    "manifest-query"
    "mips-vm"
    "pppoe-l2tp-relay"
    "routeros"
    "run-border-vm"
    "run-in-vm"
    "tufted"
  ];
  machines = [ "mips-vm" "routeros" "run-border-vm" "run-in-vm" ];
  tools = ps:
    let
      isStatic = ps.stdenv.hostPlatform.isStatic or false;
      limenTool = ps.callPackage ./nix/tool.nix { };
      plain = name: ps.callPackage (./. + "/${name}/package.nix") args.${name};
      call = name:
        if builtins.elem name machines && !isStatic
        then ps.callPackage ./nix/with-qemu.nix { tool = plain name; }
        else plain name;
      # a static GLib is a large closure: the static bng takes the same small
      # libslirp that 'make deps' builds
      args = lib.genAttrs names (_: { inherit limenTool; }) // {
        bng = { inherit limenTool; } // lib.optionalAttrs isStatic {
          glib = null;
          libslirp = ps.callPackage ./nix/libslirp-static.nix { };
        };
      };
    in
    lib.genAttrs names call;
in
tools pkgs // { static = tools pkgs.pkgsStatic; }
