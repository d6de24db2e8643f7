// SPDX-License-Identifier: Apache-2.0
#include "busd/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/log.h"
#include "common/sock.h"
#include "common/wire.h"

enum { OUT_HWM = 20000, SWEEP_MS = 300000 };

struct proxy {
	struct cache *cache;
	struct bb_sub *in;
	struct bb_sock *out;
	struct bb_watch *timer;
	struct bb_arena *arena; /* of one message */
	struct proxy_stats stats;
};

/* Not kept itself: it lives on in the rows it speaks of. */
static void take_confirm(struct proxy *p, const struct bb_msg *m)
{
	const Busbar__V1__Confirm *c;

	bb_arena_reset(p->arena);
	c = bb_unpack_confirm(p->arena, m->body, m->body_len, NULL);
	if (!c || strcmp(c->group, "status") != 0)
		return;
	for (size_t i = 0; i < c->n_device_id; i++) {
		if (c->before_ns[i] < m->sampled_own_ns)
			cache_confirm(p->cache, c->device_id[i], m->epoch, c->topic_seq[i],
				m->sampled_own_ns - c->before_ns[i]);
	}
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct proxy *p = arg;
	struct bb_frame frames[3] = { { m->topic, strlen(m->topic) },
		{ m->envelope, m->envelope_len }, { m->body, m->body_len } };

	/* First the cache: who asks for it because of this message must find it there. */
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM)
		take_confirm(p, m);
	else if (!cache_take(p->cache, m))
		p->stats.uncached++;
	bb_sock_send(p->out, frames, 3);
	p->stats.forwarded++;
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
	if (state == BB_PEER_LOST)
		bb_log(EV_PUBLISHER_LOST, BB_STR("publisher", publisher));
	else if (state == BB_PEER_ALIVE)
		bb_log(EV_PUBLISHER_BACK, BB_STR("publisher", publisher));
}

static void on_sweep(void *arg)
{
	cache_sweep(((struct proxy *)arg)->cache);
}

struct proxy *proxy_new(struct bb_bus *b, struct bb_loop *loop, struct cache *c, struct bb_err *err)
{
	static const char *const all[] = { "", NULL };
	struct proxy *p = bb_calloc(1, sizeof(*p));
	struct bb_sock_options out = { .type = BB_SOCK_PUB, .hwm = OUT_HWM };
	struct bb_sub_options in = { .bind = "busd.in",
		.prefixes = all,
		.snapshots = true,
		.message = on_message,
		.peer = on_peer,
		.arg = p };

	p->cache = c;
	p->arena = bb_arena_new(16384, 4 * BB_WIRE_MAX);
	p->out = bb_sock_new(b, &out, err);
	if (!p->out || bb_sock_bind(p->out, "busd.out", err) < 0)
		goto fail;
	p->in = bb_sub_new(b, &in, err);
	if (!p->in)
		goto fail;
	p->timer = bb_loop_every(loop, SWEEP_MS, on_sweep, p);
	return p;
fail:
	proxy_free(p);
	return NULL;
}

void proxy_free(struct proxy *p)
{
	if (!p)
		return;
	bb_loop_cancel(p->timer);
	bb_sub_free(p->in);
	bb_sock_free(p->out);
	bb_arena_free(p->arena);
	free(p);
}

void proxy_stats(const struct proxy *p, struct proxy_stats *out)
{
	*out = p->stats;
	bb_sub_stats(p->in, &out->in);
}
