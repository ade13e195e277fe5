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

  # as it was built: tests choose QEMU, or hide it, by PATH
  tool = t: limen.${t}.unwrapped or limen.${t};

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

  wholeTree = text: builtins.match "(.*\n)?# tree: whole\n.*" text != null;

  readme = text: if builtins.length (builtins.split "README[.]md" text) == 1 then [ ] else [ "README.md" ];

  # this tree as far as KEEP, given a path's parts, wants it
  tree = keep: builtins.path {
    path = ./.;
    name = "limen-tree";
    filter = path: type: keep type
      (lib.splitString "/" (lib.removePrefix "${toString ./.}/" (toString path)));
  };
  last = l: builtins.elemAt l (builtins.length l - 1);

  # all, for the tests of the house itself, which say so: "# tree: whole"
  whole = tree (_type: parts: !(builtins.elem (builtins.head parts) [ ".git" "build" ]));

  # for the others what they are made of: the file itself without its
  # siblings, what test programs include, the pages of the tools it uses, and
  # README where it is named; so an edit of one file runs its own tests again
  # and no others
  treeOf = file: uses: names: tree (type: parts:
    let top = builtins.head parts; name = last parts; in
    if top == "tests" then
      !(builtins.length parts > 1
        && builtins.elem (builtins.elemAt parts 1) [ "corpus" "fuzz" "lint" "nix" "unit" "vectors" ])
      && (!(lib.hasSuffix ".bats" name) || builtins.concatStringsSep "/" parts == "tests/${file}")
    else if top == "lib" then type == "directory" || lib.hasSuffix ".h" name
    else if builtins.elem top uses then type == "directory" || lib.hasSuffix ".1" name
    else builtins.elem top ([ "bench" "completions" "examples" ] ++ names));

  # what test programs link with, and the load that some run against a tool
  support = pkgs.stdenv.mkDerivation {
    name = "limen-support";
    src = tree (_type: parts: builtins.elem (builtins.head parts)
      [ "Makefile" "VERSION" "bench" "config.mk" "deps" "lib" ]);
    nativeBuildInputs = [ pkgs.pkgconf ];
    dontConfigure = true;
    buildPhase = ''
      make $makeFlags O=o o/libcommon.a o/bench/pppoe-load o/bench/radius-yes o/bench/relay_load
    '';
    installPhase = ''
      mkdir -p $out/bench
      cp o/libcommon.a $out/
      cp o/bench/pppoe-load o/bench/radius-yes o/bench/relay_load $out/bench/
    '';
  };

  kit = pkgs.stdenv.mkDerivation {
    name = "limen-guests";
    nativeBuildInputs = with pkgs; [ cpio dpkg squashfsTools util-linux xz ];
    dontUnpack = true;
    dontConfigure = true;
    buildPhase = ''
      LIMEN_DEBS=${debs} LIMEN_VM_CACHE=$out sh ${treeOf "" [ ] [ ]}/tests/vm/kit mipsel amd64
    '';
    installPhase = "true";
  };

  one = dir: file: src: uses: test: pkgs.stdenv.mkDerivation {
    name = "limen-test-${sane test}";
    buildInputs = map tool uses ++ import ./nix/checkers.nix { inherit pkgs; };
    dontUnpack = true;
    dontConfigure = true;
    inherit test;
    filter = "^${escape test}$";
    # a filter that matches nothing must not pass
    buildPhase = ''
      cp -r ${src} tree
      chmod -R u+w tree
      patchShebangs tree
      cd tree
      export LIMEN=$PWD HOME=$PWD O=$PWD/build/nix
      mkdir -p $O/bin
      cp -r ${support}/. $O/
      ${lib.concatMapStrings (t: "ln -s ${tool t}/bin/${t} $O/bin/\n") uses}
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
      src = if wholeTree text then whole else treeOf "${dir}/${file}" uses (readme text);
      set = map (t: { name = attr t; value = one dir file src uses t; }) (testsOf text);
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
