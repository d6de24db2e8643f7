// SPDX-License-Identifier: Apache-2.0
/* SIGUSR1: what alarmd knows, for a person. */
#pragma once
#include <stdio.h>

#include "alarmd/core.h"

void dump_core(const struct core *c, FILE *f);
