# libslirp's own source with our shim in GLib's place: see deps/libslirp
{ lib, libslirp, pkgconf, stdenv }:
stdenv.mkDerivation {
  pname = "libslirp-static";
  inherit (libslirp) src version;
  nativeBuildInputs = [ pkgconf ];
  dontConfigure = true;
  buildPhase = ''
    O=$PWD/o STATIC=-static CFLAGS=-O2 KH= LIBSLIRP_SRC=$PWD \
      sh ${../deps}/libslirp $out
  '';
  installPhase = "true";
  meta.license = lib.licenses.bsd3;
}
