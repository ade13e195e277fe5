# Every knob of the build. All of these can be given on make's command line
# or, but for the lists, in the environment.
VERSION := $(shell cat VERSION)

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions

# the tools; TOOLS="a b" on the command line builds, installs, tests only those
ALL_TOOLS = mips-vm connect-vm tufted pppoe-l2tp-relay run-border-vm \
	manifest-query bng routeros run-in-vm

# what a tool needs beyond libcommon: names for pkgconf, and what to do
PKGS_bng = slirp
HELP_slirp = run 'make deps' (Debian), or install libslirp-dev (Alpine), libslirp and glib (Nix)

# musl where it can be had: static, small, quick to start
ifeq ($(origin CC),default)
CC := $(shell command -v musl-gcc >/dev/null 2>&1 && echo musl-gcc || echo cc)
endif
MUSL := $(filter musl-gcc,$(notdir $(firstword $(CC))))
STATIC ?= $(if $(MUSL),-static)
AR := $(if $(filter default,$(origin AR)),ar,$(AR))
STRIP ?= strip
PKG_CONFIG ?= pkgconf

# what is static stays where it is linked: no code for another address
NOPIE := $(if $(MUSL),$(if $(filter -static,$(STATIC)),-fno-pie))
CFLAGS ?= -O2 -g
OPTFLAGS ?= -fno-asynchronous-unwind-tables -fstack-protector-strong \
	-ffunction-sections -fdata-sections $(NOPIE)
# these are never in a hurry: small rather than fast where binaries are static
SIZEFLAGS ?= $(if $(MUSL),-Os -fno-caller-saves -fno-move-loop-invariants)
SMALL = $(addprefix lib/,addr arg b64 bucket cache clock cntrl conserver \
	cpio ctl die dircmd ere ethport fd heap hex image initmod initrd ip json \
	json_str kernel kfind kmod kmod_list kvm l2tp_call l2tp_cause l2tp_cc \
	l2tp_cc_io l2tp_msg l2tp_why macname md5 modalias mss netname nth num pcap \
	pcapfile pppchan pppoe pppoe_ac pppoe_cookie pppoe_echo pppoe_tab proc \
	pump qcow2 qemu qga qmp sandbox script sidfilter sigpoll siphash sock tty \
	unecho unpack vmask vmctl vmdir vmnet vmrun vmstate vmsup vmwire vtline wr \
	words) connect-vm/% mips-vm/% \
	routeros/% run-border-vm/% run-in-vm/% $(addprefix \
	pppoe-l2tp-relay/,call conf kick kpath ktunnel list lns \
	pppoe-l2tp-relay report resolve tunnel wire_open)
WARN ?= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla
LDFLAGS ?= -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noseparate-code

# one tree of objects a variant, side by side
O ?= build/$(notdir $(firstword $(CC)))$(if $(STATIC),-static)

# where 'make deps' puts what the system lacks (a static libslirp)
DEPS_PREFIX ?= $(O)/deps
