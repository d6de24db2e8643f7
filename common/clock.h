// SPDX-License-Identifier: Apache-2.0
/* The only access to time. BOOTTIME for ages, holds, leases (counts suspend); MONOTONIC for loop scheduling; REALTIME for people and
 * partitions: no decision compares it. Builds with BB_TEST_CLOCK map the file named by the environment variable BUSBAR_TEST_CLOCK
 * (three int64: offsets in ns added to BOOTTIME, MONOTONIC, REALTIME); release builds do not know it. */
#pragma once
#include <stdint.h>

uint64_t bb_clock_boot_ns(void);
uint64_t bb_clock_boot_ms(void);
uint64_t bb_clock_mono_ms(void);
uint64_t bb_clock_real_us(void);

/* 16 bytes, the same for all processes of this boot: from /proc, or from BUSBAR_BOOT_ID (32 hex digits), which the units set because
 * their /proc holds processes only. With neither it is random: others then take age_ms for this process, which is safe. */
const uint8_t *bb_clock_boot_id(void);

/* "2026-11-21T07:40:01.123Z"; `buf` has at least 25 bytes. Returns buf. */
char *bb_clock_rfc3339(uint64_t unix_us, char *buf);
/* RFC 3339 with optional fraction and Z or offset. Returns 0, or -1. */
int bb_clock_parse_rfc3339(const char *text, uint64_t *unix_us);
