# SPDX-License-Identifier: Apache-2.0
PROGRAMS += busd
busd_SRCS := busd/main.c busd/proxy.c busd/cache.c busd/snapshot.c busd/route.c
