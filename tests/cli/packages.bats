#!/usr/bin/env bats
# packages: Debian's, Alpine's split, the release archives, completions
# tree: whole
# uses: mips-vm connect-vm tufted pppoe-l2tp-relay manifest-query bng routeros run-border-vm run-in-vm
# timeout: 600
load ../helper

tools="bng connect-vm manifest-query mips-vm pppoe-l2tp-relay routeros run-border-vm run-in-vm tufted"

setup() {
	T=$BATS_TEST_TMPDIR
	unset O CI MAKEFLAGS MAKELEVEL TOOLS
}

tree() {
	mkdir -p "$T/src"
	tar -C "$LIMEN" --exclude=./build --exclude=./.git -cf - . |
		tar -C "$T/src" --no-same-owner -xf -
	cd "$T/src"
}

@test "Debian: dpkg-buildpackage makes a package a tool, with its page" {
	command -v dh >/dev/null || skip "debhelper is not installed"
	pkgconf --exists slirp || skip "libslirp-dev is not installed"
	tree
	# the build runs the unit tests, which CI does under the sanitizers: two
	# are enough here
	find tests/unit tests/fuzz -name '*.c' ! -name num.c ! -name ip.c -delete
	# -d: the names of packages are Debian's, this may be another
	DEB_BUILD_OPTIONS="noopt parallel=2" dpkg-buildpackage -b -us -uc -d >log 2>&1 || { tail -20 log; false; }
	[ "$(ls build/*/unit/{num,ip} | wc -l)" = 2 ]
	for t in $tools; do
		dpkg-deb -c ../limen-"$t"_*.deb >list
		grep -q " ./usr/bin/$t\$" list
		grep -q " ./usr/share/man/man1/$t.1.gz\$" list
		grep -q " ./usr/share/bash-completion/completions/$t\$" list
		grep -q " ./usr/share/zsh/vendor-completions/_$t\$" list
		[ "$(grep -c ' ./usr/bin/.' list)" = 1 ]
	done
	dpkg-deb -c ../limen-common_*.deb | grep -q man7/limen.7
	dpkg-deb -f ../limen-bng_*.deb Depends | grep -q libslirp
	! dpkg-deb -f ../limen-tufted_*.deb Depends | grep -q libslirp || false
	# what a debugger wants is kept apart, and the linker was told now
	ls ../limen-tufted-dbgsym_*.*deb
	readelf -d debian/limen-tufted/usr/bin/tufted | grep -q BIND_NOW
}

@test "Debian: rules run by hand know the compiler, and a source has no builds" {
	command -v dpkg-source >/dev/null || skip "dpkg-dev is not installed"
	tree
	# shellcheck disable=SC2016
	env -u DEB_HOST_GNU_TYPE make -s -f debian/rules \
	    --eval 'which: ; @echo $(CC)' which >cc
	[ "$(cat cc)" = "$(dpkg-architecture -qDEB_HOST_GNU_TYPE)-gcc" ]
	mkdir -p build/vm build/src
	: >build/vm/fetched
	dpkg-source -b .
	tar -tf ../limen_*.tar.* >list
	grep -q '/debian/rules$' list
	grep -q '/tests/lint/build.sh$' list
	! grep -e /build/ -e '/\.gitignore$' list || false
}

@test "Alpine: the split leaves each tool and its page in packages of their own" {
	tree
	export pkgdir=$T/pkg srcdir=$T
	mkdir build
	cp -a "$LIMEN/build/musl-gcc-static" build/
	cat >"$T/split" <<-'EOF'
	amove() {
		mkdir -p "$subpkgdir/$(dirname "$1")"
		mv "$pkgdir/$1" "$subpkgdir/$1"
	}
	# what is built is the static ones
	make() {
		command make -s "$@" STATIC=-static
	}
	. alpine/APKBUILD
	package
	for s in $subpackages; do
		n=${s%%:*} f=${s#*:}
		export subpkgname=$n subpkgdir=$srcdir/sub/$n
		mkdir -p "$subpkgdir"
		${f%%:*}
	done
	EOF
	sh -eu "$T/split"
	for t in $tools; do
		[ "$(cd "$T/sub/limen-$t" && find . -type f | sort | head -n 1)" = "./usr/bin/$t" ]
		[ "$(cd "$T/sub/limen-$t-doc" && find . -type f)" = "./usr/share/man/man1/$t.1.gz" ]
		gzip -t "$T/sub/limen-$t-doc/usr/share/man/man1/$t.1.gz"
	done
	[ -e "$T/sub/limen-common/usr/share/man/man7/limen.7.gz" ]
	[ -z "$(find "$pkgdir" -type f)" ]
	[ "$(sed -n 's/^pkgver=//p' alpine/APKBUILD)" = "$(cat VERSION)" ]
}

@test "the release archive runs on a machine with nothing installed" {
	tree
	mkdir build
	cp -a "$LIMEN/build/musl-gcc-static" build/
	O=build/musl-gcc-static VERSION=$(cat VERSION) TOOLS=$tools TMPDIR=$T \
	    deps/release "$T/out" >"$T/made"
	grep -q "x86_64.tar.gz" "$T/made"
	mkdir "$T/root"
	tar -C "$T/root" --strip-components=1 -xzf "$T"/out/limen-*-x86_64.tar.gz
	for t in $tools; do
		unshare -r chroot "$T/root" "/bin/$t" --version | grep -q "^$t (limen)"
		[ -s "$T/root/share/man/man1/$t.1" ]
	done
	cp "$T"/out/limen-*-x86_64.tar.gz "$T/first"
	O=build/musl-gcc-static VERSION=$(cat VERSION) TOOLS=$tools TMPDIR=$T \
	    deps/release "$T/out" >/dev/null
	cmp "$T/first" "$T"/out/limen-*-x86_64.tar.gz
	if command -v mips-linux-gnu-gcc >/dev/null; then
		mkdir "$T/mips"
		tar -C "$T/mips" --strip-components=1 -xzf "$T"/out/limen-*-mips.tar.gz
		[ "$(ls "$T/mips/bin" | tr '\n' ' ')" = "manifest-query tufted " ]
		qemu-mips "$T/mips/bin/tufted" --version
	fi
}

@test "completions offer the options of the usage text, in bash and zsh" {
	for t in $tools; do
		"$LIMEN/completions/gen" bash "$t" "$t" >"$T/$t.bash"
		bash -n "$T/$t.bash"
		"$LIMEN/completions/gen" zsh "$t" "$t" >"$T/_$t"
		! command -v zsh >/dev/null || zsh -n "$T/_$t"
		"$t" --help | sed -n 's/^  *\(-.,\)* *\(--[a-z0-9-]*\).*/\2/p' >"$T/long"
		[ -s "$T/long" ]
		# shellcheck disable=SC2016
		bash -c '. "$1"; COMP_WORDS=(x --) COMP_CWORD=1
		'"_limen_$(echo "$t" | tr - _)"'; printf "%s\n" "${COMPREPLY[@]}"' x "$T/$t.bash" \
		    >"$T/offered" 2>/dev/null
		while read -r o; do
			grep -qxe "$o" "$T/offered"
			grep -q -e "$o" "$T/_$t"
		done <"$T/long"
		# of the values that are words, each
		grep -q -e '--accel' "$T/long" || [ "$t" = tufted ] || continue
		[ "$t" = tufted ] && o=--log words="text json" || o=--accel words="auto kvm tcg"
		# shellcheck disable=SC2016
		[ "$(bash -c '. "$1"; COMP_WORDS=(x "$2" "") COMP_CWORD=2
		'"_limen_$(echo "$t" | tr - _)"'; echo "${COMPREPLY[@]}"' x "$T/$t.bash" $o 2>/dev/null)" = "$words" ]
		grep -qF "($words)" "$T/_$t"
	done
}

# offers TOOL WORD...: what bash would offer for the last one
offers() {
	# shellcheck disable=SC2016
	bash -c '. "$1"; fn=$2; shift 2; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	"$fn"; echo "${COMPREPLY[@]}"' x <("$LIMEN/completions/gen" bash "$1" "$1") \
	    "_limen_$(echo "$1" | tr - _)" "$@" 2>/dev/null
}

@test "completions in bash know --option=VALUE, directories and images" {
	mkdir "$T/here" "$T/here/vm"
	cd "$T/here"
	: >vmlinux
	[ "$(offers mips-vm --accel =)" = "auto kvm tcg" ]
	[ "$(offers mips-vm --accel = k)" = kvm ]
	[ "$(offers mips-vm --stop = v)" = vm ]
	[ "$(offers mips-vm --stop v)" = vm ]
	[ "$(offers mips-vm v | tr ' ' '\n' | sort | tr '\n' ' ')" = "vm vmlinux " ]
	[ "$(offers run-in-vm --share v)" = vm ]
	[ "$(offers run-in-vm --root vml)" = vmlinux ]
	[ "$(offers tufted --get v)" = "" ]
}

@test "the pages render as HTML" {
	tree
	make -s html
	for t in $tools limen; do
		grep -q "</html>" "build/html/$t.html"
	done
	grep -q 'href="tufted.html"' build/html/limen.html
	# ours are there, others are Debian's
	cd build/html
	grep -oh 'href="[^"#]*"' ./*.html | cut -d'"' -f2 | sort -u >hrefs
	while read -r h; do
		[[ $h == https://* ]] || [ -s "$h" ]
	done <hrefs
	grep -qx 'https://manpages.debian.org/pppd.8' hrefs
	[ -z "$(grep -L "limen $(cat ../../VERSION)" ./*.html)" ]
}
