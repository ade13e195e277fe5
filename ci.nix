# every bats test its own derivation, so that Hydra, or any set of remote
# builders, spreads them over machines:
#
#   nix-build ci.nix -A test.cli.tufted     one file's tests
#   nix-build -k -j0 --builders '...' ci.nix -A test
#
# The tests that boot guests need Debian's packages, which Nix does not
# fetch: "tests/vm/kit mipsel amd64" leaves them in build/vm/debs-*; give a
# directory that holds those files with --arg debs DIR.
{ debs ? null, pkgs ? import <nixpkgs> { } }:
let
  inherit (pkgs) lib;
  limen = import ./. { inherit pkgs; };

  # the names of a file's tests, read at evaluation
  testsOf = text:
    map builtins.head
      (builtins.filter builtins.isList
        (builtins.split "\n@test \"([^\"\n]*)\" [{]" ("\n" + text)));

  usesOf = text:
    lib.concatMap
      (m: builtins.filter (s: s != "") (lib.splitString " " (builtins.head m)))
      (builtins.filter builtins.isList (builtins.split "\n# uses: ([^\n]*)" ("\n" + text)));

  escape = builtins.replaceStrings
    [ "\\" "." "*" "+" "?" "(" ")" "[" "]" "{" "}" "^" "$" "|" ]
    [ "\\\\" "\\." "\\*" "\\+" "\\?" "\\(" "\\)" "\\[" "\\]" "\\{" "\\}" "\\^" "\\$" "\\|" ];

  sane = s: lib.concatMapStrings
    (c: if builtins.match "[A-Za-z0-9]" c == null then "-" else c)
    (lib.stringToCharacters s);

  # nix-build passes over attributes that begin with anything else
  attr = s: if builtins.match "[A-Za-z].*" s == null then "_${sane s}" else sane s;

  tests = builtins.path {
    path = ./tests;
    name = "limen-tests";
    filter = path: type: baseNameOf path != "nix";
  };

  kit = pkgs.stdenv.mkDerivation {
    name = "limen-guests";
    nativeBuildInputs = with pkgs; [ cpio dpkg squashfsTools util-linux xz ];
    dontUnpack = true;
    dontConfigure = true;
    buildPhase = ''
      LIMEN_DEBS=${debs} LIMEN_VM_CACHE=$out sh ${tests}/vm/kit mipsel amd64
    '';
    installPhase = "true";
  };

  one = dir: file: uses: test: pkgs.stdenv.mkDerivation {
    name = "limen-test-${sane test}";
    buildInputs = map (t: limen.${t}) uses ++ (with pkgs; [
      bats busybox curl gnumake iproute2 qemu socat squashfsTools util-linux xz
    ]);
    dontUnpack = true;
    dontConfigure = true;
    inherit test;
    filter = "^${escape test}$";
    # a filter that matches nothing must not pass
    buildPhase = ''
      cp -r ${tests} tests
      cp -r ${./examples} examples
      export LIMEN=$PWD HOME=$PWD O=$PWD
      ${lib.optionalString (dir == "vm") "cp -r ${kit} vm; chmod -R u+w vm; export LIMEN_VM_CACHE=$PWD/vm"}
      timeout -k 5 600 unshare -rnmpf --kill-child --mount-proc sh -c '
        ip link set dev lo up
        exec bats --tap --filter "$filter" tests/${dir}/${file}' </dev/null | tee log
      grep -qx 1..1 log
      ! grep -q '^not ok' log
    '';
    installPhase = "cp log $out";
  };

  fileTests = dir: file:
    let
      text = builtins.readFile (./tests + "/${dir}/${file}");
      uses = usesOf text;
      set = map (t: { name = attr t; value = one dir file uses t; }) (testsOf text);
      attrs = builtins.listToAttrs set;
    in
    # two names that come out the same would hide one of the tests
    assert builtins.length (builtins.attrNames attrs) == builtins.length set;
    lib.recurseIntoAttrs attrs;

  dirTests = dir:
    lib.recurseIntoAttrs (builtins.listToAttrs (map
      (file: { name = lib.removeSuffix ".bats" file; value = fileTests dir file; })
      (builtins.filter (lib.hasSuffix ".bats")
        (builtins.attrNames (lib.optionalAttrs (builtins.pathExists (./tests + "/${dir}"))
          (builtins.readDir (./tests + "/${dir}")))))));
in
{
  tools = lib.recurseIntoAttrs limen;
  test = lib.recurseIntoAttrs {
    cli = dirTests "cli";
    net = dirTests "net";
  } // lib.optionalAttrs (debs != null) {
    vm = dirTests "vm";
  };
}
