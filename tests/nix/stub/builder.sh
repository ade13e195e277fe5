# the phases of nixpkgs' stdenv, as far as limen goes
export PATH=/usr/local/bin:/usr/bin:/bin
for p in $buildInputs $nativeBuildInputs; do
	[ ! -d "$p/bin" ] || PATH=$p/bin:$PATH
	[ ! -d "$p/lib/pkgconfig" ] ||
		export PKG_CONFIG_PATH=$p/lib/pkgconfig:${PKG_CONFIG_PATH-}
done
patchShebangs() { :; }
# PROGRAM WRAPPER --suffix PATH : DIR, all that limen says to it
makeWrapper() {
	[ "$3 $4 $5" = "--suffix PATH :" ] && [ $# = 6 ] || return 1
	printf '#!/bin/sh\nPATH=$PATH:%s exec %s "$@"\n' "$6" "$1" >"$2"
	chmod +x "$2"
}
export HOME=$NIX_BUILD_TOP
if [ -z "${dontUnpack-}" ]; then
	cp -r "$src" source
	chmod -R u+w source
	cd source
fi
eval "flags=\"${makeFlags//\$(out)/$out}\""
if [ "${buildPhase-}" ]; then
	eval "$buildPhase"
else
	make $flags
fi
if [ "${installPhase-}" ]; then
	eval "$installPhase"
else
	make $flags install
fi
