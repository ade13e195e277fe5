# build_c OUT SOURCE: a helper program on libcommon, by the compiler that made
# it (O is build/COMPILER...)
# shellcheck shell=bash
build_c() {
	local cc=${CC:-cc} kh=
	case $(basename "$O") in
	musl-gcc-static) cc='musl-gcc -static' kh="-isystem $O/kh" ;;
	musl-gcc*) cc=musl-gcc kh="-isystem $O/kh" ;;
	asan*) cc='gcc -fsanitize=address,undefined' ;;
	cov*) cc='gcc --coverage' ;;
	esac
	# shellcheck disable=SC2086
	$cc -std=c99 -D_GNU_SOURCE -DVERSION='"test"' -I"$LIMEN/lib" $kh -O1 \
	    -o "$1" "$LIMEN/$2" "$O/libcommon.a"
}
