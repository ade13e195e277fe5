# the targets that prove the tools; read by the Makefile

# AddressSanitizer and UndefinedBehaviorSanitizer need glibc; nothing confines
# the tools in builds that instrument: see tests/open.c
OPEN = LDFLAGS= LDTOOL='-Wl,--wrap=sandbox_calls,--wrap=sandbox_files' LIBMORE=tests/open.o
SAN = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
ASAN = CC=gcc STATIC= CFLAGS='$(SAN)' OPTFLAGS= LDFLAGS= O=build/asan
COV = CC=gcc STATIC= CFLAGS='-O0 -g --coverage -std=gnu99 -Uunix -Ulinux' OPTFLAGS= $(OPEN) \
	LDFLAGS=-Wl,--wrap=_exit LIBMORE='tests/open.o tests/dump.o' O=build/cov

units: $(UNITS) $(REPLAYS)
benches: $(BENCHES)
fuzzers: $(FUZZ:%=$(O)/fuzz/%)
asan:
	@+$(MAKE) -s $(ASAN) units
asan-check:
	@+$(MAKE) -s $(ASAN) $(OPEN) all benches
	@tests/sanitized build/asan
# beside what is built; should it fail, tests/check says what that means
GUESTS ?= mipsel amd64
guests:
	@[ "$(GUESTS)" = none ] || tests/vm/kit $(GUESTS) >/dev/null || :
check: all asan $(BENCHES) guests
	@O=$(O) TOOLS='$(TODO)' GUESTS='$(GUESTS)' tests/check
lint:
	@O=$(O) tests/run tests/lint/*.sh
cov:
	@+$(MAKE) -s $(COV) all units benches
	@tests/cov build/cov

analyse:
	@tests/analyse -std=c99 $(CPPALL) $(if $(HAVE_slirp),$(shell $(PC) --cflags slirp))
memcheck:
	@+$(MAKE) -s CC=gcc STATIC= CFLAGS='-O1 -g' OPTFLAGS= LDFLAGS= O=build/plain units
	@tests/memcheck build/plain

# SECONDS a target; TARGETS names some of tests/fuzz
fuzz: build-fuzz
	@tests/fuzzall -s $(or $(SECONDS),60) $(TARGETS)
afl: build-fuzz build-afl
	@tests/fuzzall -a -s $(or $(SECONDS),60) $(TARGETS)
fuzz-min: build-fuzz
	@tests/fuzzall -m $(TARGETS)
build-fuzz:
	@+$(MAKE) -s CC=clang STATIC= CFLAGS='$(SAN) -fsanitize=fuzzer-no-link' \
		OPTFLAGS= LDFLAGS= O=build/fuzz fuzzers
build-afl:
	@+AFL_QUIET=1 $(MAKE) -s CC=afl-clang-fast STATIC= CFLAGS='$(SAN)' \
		OPTFLAGS= LDFLAGS= O=build/afl fuzzers
.PHONY: afl analyse asan asan-check benches build-afl build-fuzz check cov fuzz fuzz-min \
	fuzzers guests lint memcheck units
