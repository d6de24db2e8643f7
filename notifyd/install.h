// SPDX-License-Identifier: Apache-2.0
/* The random number of this installation, made at the first start: what stands behind the @ of a
 * Message-ID. Blocks. */
#pragma once

/* 32 hex digits from <lib>/install_id. When they cannot be kept that is logged, and the next
 * start makes others. */
void install_id_get(const char *lib, char id[33]);
