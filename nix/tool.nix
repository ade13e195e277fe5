# builds one tool out of the tree: its own directory, lib and the Makefile are
# its source, so that an edit of another tool, or of a test, rebuilds nothing
{ lib, stdenv }:
{ buildInputs ? [ ], nativeBuildInputs ? [ ], tool }:
let
  root = toString ../.;
  wanted = [ "Makefile" "VERSION" "completions" "config.mk" "deps" "lib" "man" tool ];
in
stdenv.mkDerivation {
  pname = tool;
  version = lib.removeSuffix "\n" (builtins.readFile ../VERSION);
  src = builtins.path {
    path = ../.;
    name = "limen-${tool}";
    filter = path: _type:
      builtins.elem
        (builtins.head (lib.splitString "/" (lib.removePrefix "${root}/" (toString path))))
        wanted;
  };
  inherit buildInputs nativeBuildInputs;
  makeFlags = [ "TOOLS=${tool}" "PREFIX=$(out)" ];
  enableParallelBuilding = true;
  meta = {
    description = "limen: small tools for people who develop router firmware";
    license = lib.licenses.isc;
    mainProgram = tool;
    platforms = lib.platforms.linux;
  };
}
