// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/range.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

#define TEXT_MAX   100
#define LISTS_MAX  256 /* ranges of one job */
#define PREFIX_MIN 16

/* What no card can have: "this network", multicast, reserved. */
static bool is_unusable(uint32_t first, uint32_t last)
{
	return first >> 24 == 0 || last >> 24 >= 224;
}

static int refuse(struct bb_err *err, const char *text, const char *why)
{
	char shown[TEXT_MAX + 1];

	bb_text_clean(shown, sizeof(shown), text, strlen(text));
	return bb_err_set(err, "range \"%s\" %s", shown, why);
}

static int parse_v4(const char *text, uint32_t *out)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return -1;
	*out = ntohl(in.s_addr);
	return 0;
}

static int parse_block(const char *text, const char *address, const char *length, struct range *r,
	struct bb_err *err)
{
	uint64_t prefix;
	uint32_t at;

	if (strchr(address, ':'))
		return refuse(err, text,
			"is an IPv6 network, too large to go through; name single IPv6 addresses");
	if (parse_v4(address, &at) || bb_parse_u64(length, "prefix", 0, 32, &prefix, NULL))
		return refuse(err, text, "is no IPv4 network; write it like 10.1.0.0/22");
	if (prefix < PREFIX_MIN)
		return refuse(err, text,
			"is larger than a /16 (65,536 addresses); scan it in parts");
	uint32_t mask = 0xffffffffU << (32 - prefix);
	r->first = at & mask;
	r->last = r->first | ~mask;
	if (prefix <= 30) {
		r->first++;
		r->last--;
	}
	return 0;
}

static int parse_span(const char *text, const char *from, const char *to, struct range *r,
	struct bb_err *err)
{
	uint64_t last_byte;

	if (parse_v4(from, &r->first))
		return refuse(err, text, "is no range; write it like 10.1.0.5-10.1.0.99");
	if (!bb_parse_u64(to, "last", 0, 255, &last_byte, NULL))
		r->last = (r->first & 0xffffff00U) | (uint32_t)last_byte;
	else if (parse_v4(to, &r->last))
		return refuse(err, text, "is no range; write it like 10.1.0.5-10.1.0.99");
	if (r->last < r->first)
		return refuse(err, text, "ends before it begins");
	return 0;
}

int range_parse(const char *text, struct range *r, struct bb_err *err)
{
	char copy[TEXT_MAX + 1], *cut;
	int rc;

	*r = (struct range){ 0 };
	if (!*text || !bb_copy(copy, sizeof(copy), text))
		return refuse(err, text, *text ? "is too long" : "is empty");
	cut = strpbrk(copy, "/-");
	if (!cut && inet_pton(AF_INET6, copy, &r->v6) == 1) {
		r->is_v6 = true;
		if (IN6_IS_ADDR_MULTICAST(&r->v6) || IN6_IS_ADDR_UNSPECIFIED(&r->v6))
			return refuse(err, text, "is no address a card can have");
		return 0;
	}
	char kind = cut ? *cut : '\0';
	if (cut)
		*cut++ = '\0';
	if (kind == '/') {
		rc = parse_block(text, copy, cut, r, err);
	} else if (kind == '-') {
		rc = parse_span(text, copy, cut, r, err);
	} else {
		rc = parse_v4(copy, &r->first);
		r->last = r->first;
		if (rc)
			return refuse(err, text,
				"is no numeric address, network or range; names are not looked up, write it like 10.1.0.0/22");
	}
	if (rc)
		return -1;
	if (range_count(r) > RANGE_MAX_ADDRESSES)
		return refuse(err, text,
			"has more than 65,536 addresses (a /16); scan it in parts");
	return is_unusable(r->first, r->last)
		       ? refuse(err, text,
				 "holds addresses no card can have (0/8, multicast or reserved)")
		       : 0;
}

uint32_t range_count(const struct range *r)
{
	return r->is_v6 ? 1 : r->last - r->first + 1;
}

/* ---- lists ---- */

void range_list_fini(struct range_list *l)
{
	free(l->r);
	*l = (struct range_list){ 0 };
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->is_v6 != y->is_v6)
		return x->is_v6 - y->is_v6;
	if (x->is_v6)
		return memcmp(&x->v6, &y->v6, sizeof(x->v6));
	return x->first < y->first ? -1 : x->first > y->first;
}

static bool join(struct range *a, const struct range *b)
{
	if (a->is_v6 != b->is_v6)
		return false;
	if (a->is_v6)
		return !memcmp(&a->v6, &b->v6, sizeof(a->v6));
	if (b->first > a->last)
		return false;
	a->last = b->last > a->last ? b->last : a->last;
	return true;
}

/* Nobody is asked twice because two ranges overlap. */
static void tidy(struct range_list *l)
{
	size_t kept = 0;

	qsort(l->r, l->n, sizeof(*l->r), by_first);
	for (size_t i = 1; i < l->n; i++)
		if (!join(&l->r[kept], &l->r[i]))
			l->r[++kept] = l->r[i];
	l->n = kept + 1;
	l->count = 0;
	for (size_t i = 0; i < l->n; i++)
		l->count += range_count(&l->r[i]);
}

int range_list_add(struct range_list *l, const char *text, struct bb_err *err)
{
	struct range r;

	if (range_parse(text, &r, err))
		return -1;
	if (l->n == LISTS_MAX)
		return bb_err_set(err, "more than %d ranges in one discovery; scan them in parts",
			LISTS_MAX);
	l->r = bb_realloc(l->r, (l->n + 1) * sizeof(*l->r));
	l->r[l->n++] = r;
	tidy(l);
	if (l->count > RANGE_MAX_ADDRESSES)
		return bb_err_set(err,
			"the ranges have %u addresses together, more than 65,536 (a /16); scan them in parts",
			l->count);
	return 0;
}

char *range_list_address(const struct range_list *l, uint32_t i, char *buf)
{
	for (size_t k = 0; k < l->n; k++) {
		const struct range *r = &l->r[k];
		struct in_addr in;

		if (i >= range_count(r)) {
			i -= range_count(r);
			continue;
		}
		in.s_addr = htonl(r->first + i);
		inet_ntop(r->is_v6 ? AF_INET6 : AF_INET, r->is_v6 ? (const void *)&r->v6 : &in, buf,
			INET6_ADDRSTRLEN);
		return buf;
	}
	bb_assert(!"address of a range list");
	return buf;
}
