# a tool that runs QEMU, with one at the end of its PATH: who has another in
# PATH, or names one by $QEMU, gets that
{ makeBinaryWrapper, qemu, stdenv, tool }:
stdenv.mkDerivation {
  inherit (tool) meta pname version;
  nativeBuildInputs = [ makeBinaryWrapper ];
  dontUnpack = true;
  buildPhase = "true";
  installPhase = ''
    mkdir -p $out/bin
    ln -s ${tool}/share $out/share
    makeWrapper ${tool}/bin/${tool.pname} $out/bin/${tool.pname} \
      --suffix PATH : ${qemu}/bin
  '';
  passthru.unwrapped = tool;
}
