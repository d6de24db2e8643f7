# SPDX-License-Identifier: Apache-2.0
PROGRAMS += busbarctl
busbarctl_SRCS := $(wildcard deploy/ctl/*.c)
busbarctl_PKGS := jansson libcurl libpq
