# each tool its own package; .static holds them built by pkgsStatic
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
  tools = ps:
    let
      limenTool = ps.callPackage ./nix/tool.nix { };
      call = name: ps.callPackage (./. + "/${name}/package.nix") args.${name};
      # a static GLib is a large closure: the static bng takes the same small
      # libslirp that 'make deps' builds
      args = lib.genAttrs names (_: { inherit limenTool; }) // {
        bng = { inherit limenTool; } // lib.optionalAttrs (ps.stdenv.hostPlatform.isStatic or false) {
          libslirp = ps.callPackage ./nix/libslirp-static.nix { };
        };
      };
    in
    lib.genAttrs names call;
in
tools pkgs // { static = tools pkgs.pkgsStatic; }
