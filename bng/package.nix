# slirp.pc requires GLib's, which nixpkgs' libslirp does not propagate
{ glib, libslirp, limenTool, pkgconf }:
limenTool {
  tool = "bng";
  buildInputs = [ glib libslirp ];
  nativeBuildInputs = [ pkgconf ];
}
