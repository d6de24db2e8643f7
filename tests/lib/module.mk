# SPDX-License-Identifier: Apache-2.0
# Stand in front of the C library of a daemon by LD_PRELOAD; see faultfs.h and oom.c.
programs: $(B)/lib/faultfs.so $(B)/lib/oom.so
$(B)/lib/faultfs.so: tests/lib/faultfs.h
$(B)/lib/%.so: tests/lib/%.c
	$(call say,SO,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 $(WARN) -O1 -g -fno-builtin -fPIC -shared $(CPPFLAGS) -o $@ $< -ldl
