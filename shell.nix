# the tools on PATH, and what 'make demo' and 'make check' need
{ pkgs ? import <nixpkgs> { } }:
let
  limen = import ./. { inherit pkgs; };
in
pkgs.mkShell {
  packages = builtins.attrValues (removeAttrs limen [ "static" ]) ++ (with pkgs; [
    bats
    busybox
    clang
    clang-tools
    cppcheck
    cpio
    curl
    dpkg
    git
    gnumake
    iproute2
    libslirp
    mandoc
    pkgconf
    qemu
    shellcheck
    socat
    squashfsTools
    util-linux
    xz
  ]);
}
