# limen: one non-recursive Makefile; the knobs are in config.mk
include config.mk

SHELL = /bin/sh
TOP := $(CURDIR)
NAMED := $(if $(filter file undefined,$(origin TOOLS)),$(filter $(ALL_TOOLS),\
	$(MAKECMDGOALS)),$(TOOLS))
BAD := $(filter-out $(ALL_TOOLS),$(TOOLS))
$(if $(BAD),$(error no such tool: $(BAD); they are: $(ALL_TOOLS)))

CPPALL = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DVERSION='"$(VERSION)"' -Ilib $(CPPFLAGS)
CALL = -std=c99 $(WARN) $(WERROR) $(OPTFLAGS) $(CFLAGS) $(if $(filter $(SMALL),$*),$(SIZEFLAGS)) $(KH) -MMD -MP
LDALL = $(STATIC) $(CFLAGS) $(LDFLAGS)

# musl-gcc does not see the kernel's headers: a directory of symlinks
KHDIR := $(if $(MUSL),$(O)/kh)
KH := $(if $(MUSL),-isystem $(O)/kh)

# under musl only our own libraries are to be found by pkgconf
PC = $(if $(MUSL),PKG_CONFIG_LIBDIR,PKG_CONFIG_PATH)=$(DEPS_PREFIX)/lib/pkgconfig$(if \
	$(MUSL),,:$(PKG_CONFIG_PATH)) $(PKG_CONFIG) $(if $(STATIC),--static)
pkgs = $(PKGS_$(1))
# a package is there when a program links with it
have = $(shell mkdir -p $(O); echo 'int main(void){return 0;}' >$(O)/.probe-$(1).c; \
	l=$$($(PC) --libs $(1) 2>/dev/null) && \
	$(CC) $(LDALL) -o $(O)/.probe-$(1) $(O)/.probe-$(1).c $$l 2>/dev/null && echo yes)
$(foreach p,$(sort $(foreach t,$(ALL_TOOLS),$(call pkgs,$(t)))),$(eval HAVE_$(p) := $(call have,$(p))))
lacks = $(foreach p,$(call pkgs,$(1)),$(if $(HAVE_$(p)),,$(p)))

WANT := $(foreach t,$(or $(NAMED),$(ALL_TOOLS)),$(if $(wildcard $(t)/$(t).c),$(t)))
LEFT := $(foreach t,$(WANT),$(if $(call lacks,$(t)),$(t)))
needs = needs $(call lacks,$(t)): $(foreach p,$(call lacks,$(t)),$(HELP_$(p)))
left = $(foreach t,$(LEFT),$(info $(t) is left out, it $(needs)))
TODO := $(filter-out $(LEFT),$(WANT))
GOALS := $(filter-out deps clean dist lint,$(or $(MAKECMDGOALS),all))
$(if $(GOALS),$(if $(NAMED),$(foreach t,$(LEFT),$(error $(t) $(needs)))))
$(if $(filter-out all,$(GOALS)),$(left))

# of lib, for some tools that are named and nothing beside, what they are made of
ALONE := $(if $(filter-out all install uninstall $(ALL_TOOLS),$(MAKECMDGOALS)),,$(if \
	$(filter-out $(NAMED),$(ALL_TOOLS)),$(NAMED)))
LIBSRC := $(filter $(if $(ALONE),$(shell deps/modules $(ALONE)),%),$(wildcard lib/*.c))
LIBOBJ := $(LIBSRC:%.c=$(O)/%.o) $(addprefix $(O)/,$(LIBMORE))
LIB := $(O)/libcommon.a
BINS := $(TODO:%=$(O)/bin/%)
UNITS := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
REPLAYS := $(FUZZ:%=$(O)/replay/%)
BENCHES := $(patsubst bench/%.c,$(O)/bench/%,$(wildcard bench/*.c))

all: $(LIB) $(BINS)
	@ln -sfn $(patsubst build/%,%,$(O))/bin build/bin
	$(left)
$(ALL_TOOLS): %: $(O)/bin/%

# rebuilt when the flags change, or what the library has
FLAGS := $(CC) $(CPPALL) $(filter-out $(WERROR),$(CALL)) $(SIZEFLAGS) $(SMALL) $(LDALL) $(AR)
$(O)/.flags: WORDS = $(FLAGS)
$(O)/.lib: WORDS = $(LIBOBJ)
$(O)/.flags $(O)/.lib: FORCE
	@mkdir -p $(O); echo '$(subst ','\'',$(WORDS))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(WORDS))' >$@
$(O)/kh: deps/kernel-headers
	@mkdir -p $(O); deps/kernel-headers $(CC) $@

$(O)/%.o: %.c $(O)/.flags | $(KHDIR)
	@mkdir -p $(@D)
	$(CC) $(CPPALL) $(CPPTOOL) $(CALL) -c -o $@ $<
$(LIB): $(LIBOBJ) $(O)/.lib
	@rm -f $@
	$(AR) rcs $@ $(LIBOBJ)

# a tool is its directory's .c files and libcommon
define tool
$(1)_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard $(1)/*.c))
$$($(1)_OBJ): CPPTOOL = $$(if $(PKGS_$(1)),$$(shell $(PC) --cflags $(PKGS_$(1)) 2>/dev/null))
$(O)/bin/$(1): $$($(1)_OBJ) $(LIB)
	@mkdir -p $$(@D)
	$(CC) $(LDALL) $(LDTOOL) -o $$@ $$^ $$(if $(PKGS_$(1)),$$(shell $(PC) --libs $(PKGS_$(1)) 2>/dev/null))
endef
$(foreach t,$(ALL_TOOLS),$(eval $(call tool,$(t))))

# unit tests and corpus replays: a unit may name extra objects in a line
# "link: tool/file.c" of its comment
extra = $(patsubst %.c,$(O)/%.o,$(shell sed -n 's/^.*link: *//p' $(1)))
.SECONDEXPANSION:
$(O)/unit/%: $(O)/tests/unit/%.o $$(call extra,tests/unit/$$*.c) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDALL) -o $@ $^
$(O)/replay/%: $(O)/tests/fuzz/%.o $$(call extra,tests/fuzz/$$*.c) $(O)/tests/replay.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDALL) -o $@ $^
$(O)/fuzz/%: $(O)/tests/fuzz/%.o $$(call extra,tests/fuzz/$$*.c) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDALL) -fsanitize=fuzzer -o $@ $^
$(O)/bench/%: $(O)/bench/%.o $(LIB)
	$(CC) $(LDALL) -o $@ $^
-include tests/tests.mk

bench: all $(BENCHES)
	@for t in $(TODO); do [ ! -x bench/$$t ] || O=$(O) bench/$$t || exit 1; done
	@O=$(O) bench/draw
soak: all $(BENCHES)
	@O=$(O) bench/soak $(or $(SECONDS),3600)
demo: all
	@PATH='$(TOP)/$(O)/bin':$$PATH examples/demo.sh
deps:
	@O=$(O) CC='$(CC)' AR='$(AR)' STATIC='$(STATIC)' CFLAGS='$(CFLAGS)' KH='$(KH)' \
		deps/libslirp $(DEPS_PREFIX)
$(if $(KHDIR),deps: | $(KHDIR))

# a page that leaves the tree tells its version; zsh leaves a ~ in PREFIX=~/x
PAGE = sed 's/^\.Os limen$$/& $(VERSION)/'
INTO = umask 022; $(subst ='~/,=~/',bin='$(DESTDIR)$(BINDIR)' man='$(DESTDIR)$(MANDIR)' \
	bash='$(DESTDIR)$(BASHDIR)' zsh='$(DESTDIR)$(ZSHDIR)')
install: $(BINS)
	@$(INTO); install -d "$$bin" "$$man/man1" "$$man/man7" "$$bash" "$$zsh" || exit 1; \
	for t in $(TODO); do \
		install -m 755 $(O)/bin/$$t "$$bin" && $(or $(STRIP),:) "$$bin/$$t" && \
		$(PAGE) $$t/$$t.1 >"$$man/man1/$$t.1" && \
		if $(O)/bin/$$t --version >/dev/null 2>&1; then \
			completions/gen bash $$t $(O)/bin/$$t >"$$bash/$$t" && \
			completions/gen zsh $$t $(O)/bin/$$t >"$$zsh/_$$t"; \
		fi || exit 1; \
	done; $(PAGE) man/man7/limen.7 >"$$man/man7/limen.7"
uninstall:
	@$(INTO); for t in $(WANT); do \
		rm -f "$$bin/$$t" "$$man/man1/$$t.1" "$$bash/$$t" "$$zsh/_$$t"; done; \
	for t in $(ALL_TOOLS); do [ ! -e "$$man/man1/$$t.1" ] || exit 0; done; \
	rm -f "$$man/man7/limen.7"
# mandoc links to a page that lies beside it, else to Debian's
html:
	@rm -rf build/html; mkdir -p build/html; cp */*.1 man/man7/*.7 build/html; cd build/html; \
	for p in *.[17]; do $(PAGE) $$p | mandoc -Thtml -O \
		'toc,man=%N.html;https://manpages.debian.org/%N.%S' >$${p%.?}.html || exit 1; \
	done; ln -s limen.html index.html
dist:
	@t=build/limen-$(VERSION).tar; mkdir -p build && git archive --format=tar \
		--prefix=limen-$(VERSION)/ -o $$t HEAD && gzip -fn9 $$t && mv $$t.gz .
release: $(BINS)
	@O=$(O) MAKE='$(MAKE)' VERSION=$(VERSION) TOOLS='$(TODO)' deps/release build/release
# what was fetched stays: build/src, build/vm
clean:
	rm -rf $(filter-out build/src build/vm,$(wildcard build/*)) limen-*.tar.gz
FORCE:
.PHONY: all bench clean demo deps dist html install release soak uninstall FORCE $(ALL_TOOLS)
# kept, and made again when they are missing (which .SECONDARY leaves undone)
.PRECIOUS: $(O)/%.o $(O)/unit/% $(O)/replay/%
-include $(shell find $(O) -name '*.d' 2>/dev/null)
