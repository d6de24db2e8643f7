# SPDX-License-Identifier: Apache-2.0
# Every .c in common/ belongs to libbusbar.a, except files named *_tool.c.
common_SRCS := $(filter-out %_tool.c,$(wildcard common/*.c))
