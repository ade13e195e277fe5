# tftp.mk: boards that fetch ./result by TFTP, from make. In a Makefile:
#
#	BOARD = 192.168.8.1
#	include tftp.mk
#	result: ...
#
#	make serve		serve ./result until ^C
#	make boot		serve it until the board has fetched its files
#	make save		take what the board puts, into ./backups
#	make push IMAGE=F	push F to a board in recovery mode, when it is
#
# make boot runs BOOT, when it is set, once requests are answered: what makes
# the board ask, such as
#
#	BOOT = connect-vm -b 115200 -s boot.scr /dev/ttyUSB0
#
# and ends when TFTP_FILES files have been fetched or, with
# status 1, when BOOT has failed or TFTP_TIMEOUT has passed. The terminal is
# BOOT's then: tufted tells errors only, unless TFTP_FLAGS has -v.
TUFTED ?= tufted
BOARD ?= $(error BOARD is not set: the address of the board)
RESULT ?= result
TFTP_PORT ?= 69
TFTP_FILES ?= 1
TFTP_TIMEOUT ?= 2m
TFTP_FLAGS ?=
BACKUPS ?= backups
BOOT ?=

# under sudo, for port 69: as whoever ran that, so that the files are theirs
tufted-user = $${SUDO_UID:-$$(id -u)}:$${SUDO_GID:-$$(id -g)}
tufted-run = $(TUFTED) --user $(tufted-user) -p $(TFTP_PORT) -a $(BOARD) \
	$(tufted-quiet) $(TFTP_FLAGS)

serve: $(RESULT)
	$(tufted-run) $(RESULT)

# --ready makes a file when the port answers: BOOT does not come too early.
# A BOOT that fails takes the server down with it.
boot: tufted-quiet = $(if $(BOOT),-q)
boot: $(RESULT)
	@rm -f .tufted-ready; \
	$(tufted-run) -n $(TFTP_FILES) --timeout $(TFTP_TIMEOUT) \
		--ready .tufted-ready $(RESULT) & server=$$!; \
	trap 'kill $$server 2>/dev/null; rm -f .tufted-ready' EXIT; \
	trap 'exit 130' INT; trap 'exit 143' TERM; \
	until [ -e .tufted-ready ]; do \
		kill -0 $$server 2>/dev/null || exit 1; sleep 0.1; \
	done; \
	$(if $(BOOT),$(BOOT) || exit 1;) \
	wait $$server

save: $(RESULT)
	mkdir -p $(BACKUPS)
	$(tufted-run) -1 --timeout $(TFTP_TIMEOUT) -w $(BACKUPS) $(RESULT)

push:
	$(TUFTED) --put $(BOARD):$(TFTP_PORT) --wait --timeout $(TFTP_TIMEOUT) \
		$(or $(IMAGE),$(error IMAGE is not set: the file to push))

.PHONY: serve boot save push
