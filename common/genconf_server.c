// SPDX-License-Identifier: Apache-2.0
/* alarmd's side: the newest generation of each daemon, and who waits for another one. */
#include <stdlib.h>
#include <string.h>

#include "common/bus_int.h"
#include "common/genconf.h"
#include "common/genconf_int.h"
#include "common/log.h"
#include "common/str.h"
#include "common/table.h"

enum {
	WAITERS_MAX = 256,
	ADDRESS_MAX = 32,
	BODY_MAX = BB_WIRE_CONFIG_MAX - 1024, /* the message around it counts, too */
	WAIT_MAX_MS = 10000,                  /* who does not ask again for so long is gone */
};

struct offer {
	char daemon[65];
	uint64_t generation;
	uint8_t hash[BB_GENCONF_HASH_BYTES];
	uint8_t *body;
	size_t len;
};

struct waiter {
	uint8_t address[ADDRESS_MAX];
	size_t address_len;
	char daemon[65];
	uint64_t asked_ms;
};

struct bb_genconf_server {
	struct bb_bus *bus;
	struct bb_sock *sock;
	struct bb_table *offers; /* daemon -> struct offer */
	struct waiter waiters[WAITERS_MAX];
	size_t n_waiters;
};

static void send_offer(struct bb_genconf_server *s, const struct bb_frame *to,
	const struct offer *o)
{
	Busbar__V1__ConfigGeneration m = BUSBAR__V1__CONFIG_GENERATION__INIT;
	struct bb_arena *a = bb_arena_new(o->len + 1024, 0);
	struct bb_frame frames[2] = { *to };

	m.daemon = (char *)o->daemon;
	m.has_generation = m.has_hash = m.has_body = 1;
	m.generation = o->generation;
	m.hash = (ProtobufCBinaryData){ sizeof(o->hash), (uint8_t *)o->hash };
	m.body = (ProtobufCBinaryData){ o->len, o->body };
	frames[1].data = bb_pack(a, &m, &frames[1].len);
	bb_sock_send(s->sock, frames, 2); /* lost when the daemon is gone; it asks again */
	bb_arena_free(a);
}

static void remove_waiter(struct bb_genconf_server *s, size_t i)
{
	s->waiters[i] = s->waiters[--s->n_waiters];
}

static void forget(struct bb_genconf_server *s, const struct bb_frame *address)
{
	uint64_t now_ms = bb_loop_now_ms(s->bus->loop);

	for (size_t i = s->n_waiters; i-- > 0;) {
		const struct waiter *w = &s->waiters[i];

		if ((w->address_len == address->len &&
			    memcmp(w->address, address->data, address->len) == 0) ||
			now_ms - w->asked_ms > WAIT_MAX_MS)
			remove_waiter(s, i);
	}
}

static void wait_for_next(struct bb_genconf_server *s, const struct bb_frame *address,
	const char *daemon)
{
	struct waiter *w;

	if (s->n_waiters == WAITERS_MAX || address->len > ADDRESS_MAX)
		return; /* it asks again each second */
	w = &s->waiters[s->n_waiters++];
	memcpy(w->address, address->data, address->len);
	w->address_len = address->len;
	bb_copy(w->daemon, sizeof(w->daemon), daemon);
	w->asked_ms = bb_loop_now_ms(s->bus->loop);
}

static bool has_it(const Busbar__V1__ConfigGet *get, const struct offer *o)
{
	return get->have_generation == o->generation && get->have_hash.len == sizeof(o->hash) &&
	       memcmp(get->have_hash.data, o->hash, sizeof(o->hash)) == 0;
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_genconf_server *s = arg;
	struct bb_arena *a = bb_arena_new(512, BB_WIRE_MAX * 4);
	const Busbar__V1__ConfigGet *get =
		n == 2 ? bb_unpack_config_get(a, frames[1].data, frames[1].len, NULL) : NULL;

	if (get) {
		const struct offer *o = bb_table_get(s->offers, get->daemon);

		forget(s, &frames[0]);
		if (o && !has_it(get, o))
			send_offer(s, &frames[0], o);
		else
			wait_for_next(s, &frames[0], get->daemon);
	}
	bb_arena_free(a);
}

void bb_genconf_server_put(struct bb_genconf_server *s, const char *daemon, uint64_t generation,
	const void *body, size_t len)
{
	struct offer *o = bb_table_get(s->offers, daemon);
	uint8_t hash[BB_GENCONF_HASH_BYTES];

	bb_assert(bb_daemon_name_valid(daemon));
	if (len > BODY_MAX) {
		bb_log(EV_CONFIG_REFUSED, BB_STR("daemon", daemon), BB_UINT("bytes", len),
			BB_UINT("most", BODY_MAX));
		return;
	}
	bb_genconf_hash(body, len, hash);
	if (o && memcmp(o->hash, hash, sizeof(hash)) == 0)
		return;
	if (!o) {
		o = bb_calloc(1, sizeof(*o));
		bb_copy(o->daemon, sizeof(o->daemon), daemon);
		bb_table_put(s->offers, daemon, o);
	}
	o->generation = generation;
	memcpy(o->hash, hash, sizeof(hash));
	o->body = bb_realloc(o->body, len ? len : 1);
	memcpy(o->body, body, len);
	o->len = len;
	for (size_t i = s->n_waiters; i-- > 0;) {
		struct waiter w = s->waiters[i];

		if (strcmp(w.daemon, daemon) != 0)
			continue;
		remove_waiter(s, i);
		send_offer(s, &(struct bb_frame){ w.address, w.address_len }, o);
	}
}

struct bb_genconf_server *bb_genconf_server_new(struct bb_bus *b, struct bb_err *err)
{
	struct bb_genconf_server *s = bb_calloc(1, sizeof(*s));
	struct bb_sock_options o = { .type = BB_SOCK_ROUTER, .message = on_message, .arg = s };

	s->bus = b;
	s->offers = bb_table_new();
	s->sock = bb_sock_new(b, &o, err);
	if (!s->sock || bb_sock_bind(s->sock, "alarmd.conf", err) < 0) {
		bb_genconf_server_free(s);
		return NULL;
	}
	return s;
}

static void offer_free(void *arg)
{
	struct offer *o = arg;

	free(o->body);
	free(o);
}

void bb_genconf_server_free(struct bb_genconf_server *s)
{
	if (!s)
		return;
	bb_sock_free(s->sock);
	bb_table_free(s->offers, offer_free);
	free(s);
}
