# SPDX-License-Identifier: Apache-2.0
# Programs that the integration tests drive; they are not installed.
TOOLS += pg-probe
pg-probe_SRCS := tests/integration/pg_probe.c
TOOLS += bus-probe
bus-probe_SRCS := tests/integration/bus_probe.c collectors/events.c
TOOLS += bus-look
bus-look_SRCS := tests/integration/bus_look.c

TOOLS += alarm-log
alarm-log_SRCS := tests/integration/alarm_log.c

TOOLS += shutdown-feed
shutdown-feed_SRCS := tests/integration/shutdown_feed.c
