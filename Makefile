# SPDX-License-Identifier: Apache-2.0
# One non-recursive make. Every folder adds a module.mk that names programs, sources and pkg-config modules:
#   PROGRAMS += alarmd            alarmd_SRCS := alarmd/main.c ...      alarmd_PKGS := libpq
#   UNIT_TESTS += test_rule       test_rule_SRCS := tests/unit/test_rule.c alarmd/rule.c     (cmocka is linked)
#   FUZZERS += fuzz_trap          fuzz_trap_SRCS := tests/fuzz/fuzz_trap.c ...               (VARIANT=fuzz only)
# Objects live in build/$(VARIANT); VARIANT is release, debug, asan, cov or fuzz.

VARIANT ?= release
B ?= build/$(VARIANT)
PREFIX ?= /usr
DESTDIR ?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
else
say = @:
endif

VERSION := 0.1.0
CC ?= cc
PKG_CONFIG ?= pkg-config
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wno-unused-parameter \
	-Wno-missing-field-initializers
GCCWARN := -Wduplicated-cond -Wlogical-op
CPPFLAGS += -D_GNU_SOURCE -DBUSBAR_VERSION='"$(VERSION)"' -DBUSBAR_PREFIX='"$(PREFIX)"' -I. -I$(B)
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE $(GCCWARN)
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug := -O0 -g3 -DBB_TEST_CLOCK $(GCCWARN)
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DBB_TEST_CLOCK
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_cov := -O0 -g --coverage -DBB_TEST_CLOCK
LDFLAGS_cov := --coverage
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -DBB_TEST_CLOCK
LDFLAGS_fuzz := -fsanitize=address,undefined
ifeq ($(VARIANT),fuzz)
CC := clang
endif
ALL_CFLAGS = -std=gnu17 $(WARN) $(CFLAGS_$(VARIANT)) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS_$(VARIANT)) $(LDFLAGS)
ifdef WERROR
ALL_CFLAGS += -Werror
endif

.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

PROGRAMS :=
UNIT_TESTS :=
FUZZERS :=
TOOLS :=
GENERATED :=
COMMON_PKGS := libevent libzmq libczmq libprotobuf-c sqlite3 jansson libconfig libsodium libsystemd libpq

# collectors/module.mk names what the folders below it build on, so it comes before them.
include common/module.mk proto/module.mk $(wildcard collectors/module.mk)
include $(sort $(wildcard collectors/*/module.mk busd/module.mk historyd/module.mk alarmd/module.mk \
	notifyd/module.mk shutdownd/module.mk webd/module.mk webd/ui/module.mk deploy/module.mk deploy/*/module.mk tests/module.mk tests/*/module.mk))

# A program is linked from its own objects and libbusbar.a.
objs = $(patsubst %.c,$(B)/%.o,$(filter %.c,$($(1)_SRCS)))
pkgs = $(sort $(COMMON_PKGS) $($(1)_PKGS))
define program_rules
$(2): $(call objs,$(1)) $(B)/libbusbar.a
	$$(call say,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(CC) $(ALL_LDFLAGS) $(3) -o $$@ $(call objs,$(1)) $(B)/libbusbar.a $$(shell $(PKG_CONFIG) --libs $(call pkgs,$(1))) $($(1)_LIBS) $(4) -lpthread -lm
ALL_OBJS += $(call objs,$(1))
endef
$(foreach p,$(PROGRAMS) $(TOOLS),$(eval $(call program_rules,$(p),$(B)/bin/$(p),,)))
$(foreach t,$(UNIT_TESTS),$(eval $(call program_rules,$(t),$(B)/unit/$(t),,-lcmocka)))
$(foreach f,$(FUZZERS),$(eval $(call program_rules,$(f),$(B)/fuzz/$(f),-fsanitize=fuzzer,)))

ALL_PKGS := $(sort $(COMMON_PKGS) $(foreach p,$(PROGRAMS) $(TOOLS) $(UNIT_TESTS),$($(p)_PKGS)))
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(ALL_PKGS))

$(B)/libbusbar.a: $(call objs,common) $(PROTO_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c | $(GENERATED)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: $(B)/%.c | $(GENERATED)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -Wno-shadow -MMD -MP -c -o $@ $<

all: programs ## build every program
programs: $(patsubst %,$(B)/bin/%,$(PROGRAMS) $(TOOLS))
units: $(patsubst %,$(B)/unit/%,$(UNIT_TESTS))
fuzzers: $(patsubst %,$(B)/fuzz/%,$(FUZZERS))
unit: units ## build and run the unit tests
	$(Q)rc=0; for t in $(patsubst %,$(B)/unit/%,$(UNIT_TESTS)); do $$t || rc=1; done; exit $$rc

clean: ## remove what was built
	rm -rf build

help: ## this text
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.PHONY: all programs units fuzzers unit clean help
-include $(wildcard $(patsubst %.o,%.d,$(sort $(ALL_OBJS) $(call objs,common) $(PROTO_OBJS))))
