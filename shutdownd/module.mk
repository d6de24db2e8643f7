# SPDX-License-Identifier: Apache-2.0
PROGRAMS += shutdownd
shutdownd_CORE := $(patsubst %,shutdownd/%.c,evidence past plan rccmd)
shutdownd_SRCS := $(patsubst %,shutdownd/%.c,act alarmlog command config dump ledger main testkill) $(shutdownd_CORE)
shutdownd_PKGS := jansson
