{ libslirp, limenTool, pkgconf }:
limenTool {
  tool = "bng";
  buildInputs = [ libslirp ];
  nativeBuildInputs = [ pkgconf ];
}
