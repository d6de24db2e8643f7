// SPDX-License-Identifier: Apache-2.0
/* webd's state for a person who reads it (SIGUSR1). */
#pragma once
#include <stdint.h>
#include <stdio.h>

void dump_write(void *webd, FILE *f);
uint64_t dump_rss_bytes(void);
