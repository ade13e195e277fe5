# what tests call, other than the tools: for ci.nix and the shell
{ pkgs }:
let
  # busybox alone: its other names would hide the programs that tests mean,
  # ip(8) before all. Static, for it goes into guests.
  busybox = pkgs.stdenv.mkDerivation {
    name = "busybox-alone";
    dontUnpack = true;
    buildPhase = "true";
    installPhase = ''
      mkdir -p $out/bin
      ln -s ${pkgs.pkgsStatic.busybox}/bin/busybox $out/bin/
    '';
  };
in
[ busybox ] ++ (with pkgs; [
  bats
  cpio
  curl
  dpkg
  dropbear
  e2fsprogs
  expect
  file
  gnumake
  iproute2
  mandoc
  pkgconf
  procps
  python3
  qemu
  socat
  sqlite
  squashfsTools
  tcpdump
  tftp-hpa
  ubootTools
  unzip
  util-linux
  wget
  xz
  zip
  zsh
])
