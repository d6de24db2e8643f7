# SPDX-License-Identifier: Apache-2.0
# Programs that measure; they are not installed.
TOOLS += bus-load
bus-load_SRCS := tests/bench/bus_load.c
TOOLS += punctual
punctual_SRCS := tests/bench/punctual.c
TOOLS += year-load
year-load_SRCS := tests/bench/year_load.c
year-load_PKGS := libpq
