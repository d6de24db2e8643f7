# SPDX-License-Identifier: Apache-2.0
# notifyd_CORE is what tests and fuzzers share.
notifyd_CORE := notifyd/config.c notifyd/mime.c notifyd/outbox.c notifyd/outbox_record.c notifyd/queue.c notifyd/route.c \
	notifyd/template.c
PROGRAMS += notifyd
notifyd_SRCS := $(notifyd_CORE) notifyd/main.c notifyd/command.c notifyd/deliver.c notifyd/install.c notifyd/send_smtp.c notifyd/trail.c \
	collectors/events.c
notifyd_PKGS := libcurl
