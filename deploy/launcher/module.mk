# SPDX-License-Identifier: Apache-2.0
TOOLS += busbar-supervise
busbar-supervise_SRCS := deploy/launcher/main.c deploy/launcher/child.c deploy/launcher/control.c deploy/launcher/stack.c
