# SPDX-License-Identifier: Apache-2.0
PROTOS := reading alarm command notify
PROTO_OBJS := $(patsubst %,$(B)/proto/%.pb-c.o,$(PROTOS))
GENERATED += $(patsubst %,$(B)/proto/%.pb-c.h,$(PROTOS))

$(B)/proto/%.pb-c.c $(B)/proto/%.pb-c.h: proto/%.proto
	$(call say,PROTOC,$<)
	@mkdir -p $(B)/proto
	$(Q)protoc-c --proto_path=proto --c_out=$(B)/proto $<
