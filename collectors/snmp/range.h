// SPDX-License-Identifier: Apache-2.0
/* Which addresses a discovery goes through: "10.1.0.0/22" (without the addresses of the network and of the
 * broadcast), "10.1.0.5-10.1.1.9" or "10.1.0.5-9", one IPv4 or one IPv6 address. Pure. */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define RANGE_MAX_ADDRESSES 65536 /* of one job: a /16 */

struct range {
	uint32_t first, last; /* IPv4, host order, both included */
	bool is_v6;
	struct in6_addr v6;
};
/* Returns 0, or -1 with what is wrong with `text` and what would be right. */
int range_parse(const char *text, struct range *r, struct bb_err *err);
uint32_t range_count(const struct range *r);

/* Many ranges as one list without overlaps, in ascending order. Zero-initialise; range_list_fini frees. */
struct range_list {
	struct range *r;
	size_t n;
	uint32_t count; /* addresses */
};
int range_list_add(struct range_list *l, const char *text, struct bb_err *err);
void range_list_fini(struct range_list *l);
/* Address number i (below l->count) as text; `buf` has INET6_ADDRSTRLEN bytes. */
char *range_list_address(const struct range_list *l, uint32_t i, char *buf);
