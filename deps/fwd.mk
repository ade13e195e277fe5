# make -C TOOL [target]: the same as make TOOLS=TOOL [target] one level up
T := $(lastword $(notdir $(CURDIR)))
all:
	@+$(MAKE) -C .. TOOLS=$(T) $(T)
.DEFAULT:
	@+$(MAKE) -C .. TOOLS=$(T) $@
