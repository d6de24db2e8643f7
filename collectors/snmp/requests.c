// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/requests.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/seal.h"
#include "common/str.h"
#include "common/table.h"

static struct requests *build(const struct requests_input *in)
{
	const struct plan *p = in->plan;
	struct requests *r = bb_calloc(1, sizeof(*r));
	unsigned end = p->first[in->group] + p->count[in->group];
	struct profile_oid ask[CODEC_MAX_VARBINDS];
	unsigned n = 0, first = 0;

	r->refs = 1;
	r->plan = plan_ref(in->plan);
	r->p = bb_calloc(p->count[in->group] + 1U, sizeof(struct packet *));
	for (unsigned i = p->first[in->group]; i < end; i++) {
		if (!in->skip || !in->skip[i]) {
			if (!n)
				first = i;
			ask[n++] = p->object[i].oid;
		}
		if (!n || (n < in->most && i + 1 < end))
			continue;
		struct packet *packet =
			codec_build(CODEC_GET, in->version, in->community, ask, n, 0);
		if (packet) {
			packet->first = (uint16_t)first;
			packet->by_place = true;
			r->p[r->n++] = packet;
		}
		n = 0;
	}
	return r;
}

/* Plans are compared by address. */
static void key_make(struct bb_buf *key, const struct requests_input *in)
{
	const uint64_t head[] = { (uintptr_t)in->plan, in->group, in->most, in->version };

	bb_buf_add(key, head, sizeof(head));
	bb_buf_str(key, in->community);
}

struct requests *requests_get(struct bb_table *table, const struct requests_input *in)
{
	struct bb_buf key = { 0 };
	struct requests *r;

	if (in->skip)
		return build(in);
	key_make(&key, in);
	r = bb_table_get_n(table, key.data, key.len);
	if (r) {
		r->refs++;
	} else {
		r = build(in);
		r->table = table;
		r->key = bb_malloc(key.len);
		r->key_len = key.len;
		memcpy(r->key, key.data, key.len);
		bb_table_put_n(table, r->key, r->key_len, r);
	}
	bb_wipe(key.data, key.len); /* the community is a secret */
	bb_buf_fini(&key);
	return r;
}

void requests_unref(struct requests *r)
{
	if (!r || --r->refs)
		return;
	if (r->key) {
		bb_table_del_n(r->table, r->key, r->key_len);
		bb_wipe(r->key, r->key_len);
		free(r->key);
	}
	for (unsigned i = 0; i < r->n; i++)
		free(r->p[i]);
	free(r->p);
	plan_unref(r->plan);
	free(r);
}
