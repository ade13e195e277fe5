# as much of NixOS' module system as shows what a module of ours makes of its
# options: evaluates ./nix/border.nix with them. { opts }: attrs -> config
{ opts, pkgs ? import <nixpkgs> { } }:
let
  types = { str = "str"; port = "port"; lines = "lines"; listOf = t: "list of ${t}"; nullOr = t: "null or ${t}"; };
  lib = pkgs.lib // {
    inherit types;
    mkOption = a: { _option = true; } // a;
    mkEnableOption = d: { _option = true; type = "bool"; default = false; description = d; };
  };
  module = import ../../nix/border.nix { inherit config lib; pkgs = pkgs // { tcpdump = "tcpdump"; }; };
  # what was set, else what the module itself sets, else the default; a set
  # that has no such option is a mistake
  merge = path: decl: set: own:
    if decl ? _option then
      if set != null then set
      else if own != null then own
      else decl.default or (throw "bordervm${path} is not set")
    else
      let unknown = builtins.filter (n: ! decl ? ${n}) (builtins.attrNames (if set == null then { } else set)); in
      if unknown != [ ] then throw "no option bordervm${path}.${builtins.head unknown}"
      else builtins.mapAttrs
        (n: d: merge "${path}.${n}" d
          (if set == null then null else set.${n} or null)
          (if own == null then null else own.${n} or null))
        decl;
  config = module.config // {
    bordervm = merge "" module.options.bordervm opts module.config.bordervm;
  };
in
config
