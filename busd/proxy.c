// SPDX-License-Identifier: Apache-2.0
#include "busd/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/log.h"
#include "common/sock.h"

enum { OUT_HWM = 20000, SWEEP_MS = 300000 };

struct proxy {
	struct cache *cache;
	struct bb_sub *in;
	struct bb_sock *out;
	struct bb_watch *timer;
	struct proxy_stats stats;
};

static void on_message(void *arg, const struct bb_msg *m)
{
	struct proxy *p = arg;
	struct bb_frame frames[3] = { { m->topic, strlen(m->topic) },
		{ m->envelope, m->envelope_len }, { m->body, m->body_len } };

	/* First the cache: who asks for it because of this message must find it there. */
	if (!cache_take(p->cache, m))
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
	free(p);
}

void proxy_stats(const struct proxy *p, struct proxy_stats *out)
{
	*out = p->stats;
	bb_sub_stats(p->in, &out->in);
}
