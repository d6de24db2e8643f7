# SPDX-License-Identifier: Apache-2.0
# Stands in front of the C library of a daemon by LD_PRELOAD; see faultfs.h.
programs: $(B)/lib/faultfs.so
$(B)/lib/faultfs.so: tests/lib/faultfs.c tests/lib/faultfs.h
	$(call say,SO,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 $(WARN) -O1 -g -fPIC -shared $(CPPFLAGS) -o $@ $< -ldl
