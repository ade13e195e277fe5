# a nixpkgs of our own for the tests: the attributes that limen's .nix files
# use, with the host's programs behind them. No network, no sandbox.
{ system ? "x86_64-linux", static ? false, ... }:
let
  lib = import ./lib;

  # a package that is one or more of the host's commands
  host = name: commands: derivation {
    inherit name system;
    builder = "/bin/sh";
    args = [ "-c" "/bin/mkdir -p $out/bin; for c in ${toString commands}; do p=$(PATH=/usr/bin:/bin:/usr/sbin:/sbin command -v $c) && /bin/ln -s $p $out/bin/$c; done; true" ];
  };

  stdenv = {
    inherit system;
    hostPlatform = { inherit system; isStatic = static; };
    mkDerivation = a:
      let
        name = a.name or "${a.pname}-${a.version}";
        attrs = removeAttrs a [ "meta" "passthru" ];
      in
      derivation (attrs // {
        inherit name system;
        builder = "/bin/bash";
        args = [ "-e" ./builder.sh ];
        stdenv = ./stdenv;
        CFLAGS = "-O0"; # the tests are in a hurry
        CC = if static then "musl-gcc" else "cc";
        STATIC = if static then "-static" else "";
        makeFlags = (a.makeFlags or [ ])
          ++ (if static then [ "CC=musl-gcc" "STATIC=-static" ] else [ "CC=cc" "STATIC=" ]);
      }) // { meta = a.meta or { }; } // (a.passthru or { });
  };

  self = {
    inherit lib stdenv;
    bats = host "bats" [ "bats" ];
    busybox = host "busybox" [ "busybox" ];
    clang = host "clang" [ "clang" ];
    clang-tools = host "clang-tools" [ "clang-format" ];
    cppcheck = host "cppcheck" [ "cppcheck" ];
    cpio = host "cpio" [ "cpio" ];
    curl = host "curl" [ "curl" ];
    dpkg = host "dpkg" [ "dpkg-deb" ];
    dropbear = host "dropbear" [ "dropbear" "dbclient" "dropbearkey" ];
    e2fsprogs = host "e2fsprogs" [ "mke2fs" ];
    expect = host "expect" [ "expect" ];
    file = host "file" [ "file" ];
    git = host "git" [ "git" ];
    glib = host "glib" [ ];
    gnumake = host "gnumake" [ "make" ];
    iproute2 = host "iproute2" [ "ip" ];
    libslirp = host "libslirp" [ ] // { src = ./.; version = "4.7.0"; };
    makeBinaryWrapper = host "make-binary-wrapper" [ ];
    mandoc = host "mandoc" [ "mandoc" ];
    pkgconf = host "pkgconf" [ "pkgconf" ];
    procps = host "procps" [ "pgrep" "ps" ];
    python3 = host "python3" [ "python3" ];
    qemu = host "qemu" [ "qemu-system-mips" "qemu-system-mipsel" "qemu-system-x86_64" "qemu-img" ];
    shellcheck = host "shellcheck" [ "shellcheck" ];
    socat = host "socat" [ "socat" ];
    sqlite = host "sqlite" [ "sqlite3" ];
    squashfsTools = host "squashfs-tools" [ "mksquashfs" ];
    tcpdump = host "tcpdump" [ "tcpdump" ];
    tftp-hpa = host "tftp-hpa" [ "tftp" ];
    ubootTools = host "uboot-tools" [ "mkimage" ];
    unzip = host "unzip" [ "unzip" ];
    util-linux = host "util-linux" [ "unshare" "nsenter" ];
    wget = host "wget" [ "wget" ];
    xz = host "xz" [ "xz" ];
    zip = host "zip" [ "zip" ];
    zsh = host "zsh" [ "zsh" ];

    writeShellScriptBin = name: text: derivation {
      inherit name system text;
      builder = "/bin/sh";
      args = [ "-c" "/bin/mkdir -p $out/bin; printf '#!/bin/sh\n%s' \"$text\" >$out/bin/$name; /bin/chmod +x $out/bin/$name" ];
    };

    callPackage = f: args:
      let fn = if builtins.isFunction f then f else import f;
      in fn (builtins.intersectAttrs (builtins.functionArgs fn) self // args);
    mkShell = a: stdenv.mkDerivation ({
      name = "shell";
      dontUnpack = true;
      buildPhase = "true";
      installPhase = "mkdir -p $out";
    } // removeAttrs a [ "packages" ] // { buildInputs = a.packages; });
    symlinkJoin = a: host a.name [ ];
    pkgsStatic = import ./. { inherit system; static = true; };
  };
in
self
