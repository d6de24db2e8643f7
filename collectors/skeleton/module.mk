# SPDX-License-Identifier: Apache-2.0
# A tool, not a program: it is built and tested with everything else, but not installed.
TOOLS += collect-skeleton
collect-skeleton_SRCS := collectors/skeleton/main.c $(collector_host_SRCS)
