# the tools on PATH, and what 'make demo' and 'make check' need
{ pkgs ? import <nixpkgs> { } }:
let
  limen = import ./. { inherit pkgs; };
in
pkgs.mkShell {
  packages = builtins.attrValues (removeAttrs limen [ "static" ]) ++ (with pkgs; [
    clang
    clang-tools
    cppcheck
    git
    glib
    libslirp
    mandoc
    shellcheck
  ]) ++ import ./nix/checkers.nix { inherit pkgs; };
}
