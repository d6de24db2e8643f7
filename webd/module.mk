# SPDX-License-Identifier: Apache-2.0
PROGRAMS += webd
webd_SRCS := $(wildcard webd/*.c)
webd_PKGS := jansson libevent
