// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/senders.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/table.h"

struct senders {
	char *etc, *name;
	struct bb_opener *opener;
	struct bb_table *by_id, *by_address, *by_engine;
	struct bb_table *collectors; /* names, each once */
};

/* ---- addresses ---- */

bool address_parse(const char *text, struct address *a)
{
	struct in_addr v4;

	if (inet_pton(AF_INET6, text, a->b) == 1)
		return true;
	if (inet_pton(AF_INET, text, &v4) != 1)
		return false;
	memset(a->b, 0, 10);
	a->b[10] = a->b[11] = 0xff;
	memcpy(a->b + 12, &v4, 4);
	return true;
}

struct address address_of(const struct sockaddr_storage *s)
{
	struct address a = { .b = { [10] = 0xff, [11] = 0xff } };

	if (s->ss_family == AF_INET)
		memcpy(a.b + 12, &((const struct sockaddr_in *)s)->sin_addr, 4);
	else
		memcpy(a.b, &((const struct sockaddr_in6 *)s)->sin6_addr, 16);
	return a;
}

char *address_print(const struct address *a, char *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!memcmp(a->b, mapped, sizeof(mapped)))
		inet_ntop(AF_INET, a->b + 12, out, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, a->b, out, INET6_ADDRSTRLEN);
	return out;
}

bool bucket_take(struct bucket *b, const struct limit *l, uint64_t now_ms)
{
	uint64_t most = (uint64_t)l->burst * 1000;

	if (!b->is_used) {
		b->is_used = true;
		b->at_ms = now_ms;
		b->milli = (uint32_t)most;
	}
	uint64_t have = b->milli + (now_ms - b->at_ms) * l->rate;

	b->at_ms = now_ms;
	if (have > most)
		have = most;
	b->milli = (uint32_t)(have >= 1000 ? have - 1000 : have);
	return have >= 1000;
}

/* ---- devices ---- */

static void v3_free(struct sender_v3 *d)
{
	if (!d)
		return;
	if (d->usm)
		bb_wipe(d->usm, sizeof(*d->usm));
	bb_wipe(&d->engine.keys, sizeof(d->engine.keys));
	bb_wipe(&d->own, sizeof(d->own));
	free(d->usm);
	free(d->user);
	free(d->auth);
	free(d->priv);
	free(d->sealed);
	free(d->trouble);
	free(d);
}

static void sender_free(void *p)
{
	struct sender *d = p;

	v3_free(d->v3);
	free(d->key);
	free(d);
}

struct senders *senders_new(const char *etc, const char *name)
{
	struct senders *s = bb_calloc(1, sizeof(*s));

	s->etc = bb_strdup(etc);
	s->name = bb_strdup(name);
	s->by_id = bb_table_new();
	s->by_address = bb_table_new();
	s->by_engine = bb_table_new();
	s->collectors = bb_table_new();
	return s;
}

void senders_free(struct senders *s)
{
	if (!s)
		return;
	bb_table_free(s->by_engine, NULL);
	bb_table_free(s->by_address, free);
	bb_table_free(s->by_id, sender_free);
	bb_table_free(s->collectors, free);
	bb_opener_free(s->opener);
	free(s->etc);
	free(s->name);
	free(s);
}

static char *text_of(const char *s)
{
	return bb_strdup(s ? s : "");
}

static const char *collector_name(struct senders *s, const char *name)
{
	char *known = bb_table_get(s->collectors, name);

	if (!known) {
		known = bb_strdup(name);
		bb_table_put(s->collectors, name, known);
	}
	return known;
}

static struct sender_v3 *v3_make(const Busbar__V1__ConfigDevice *m)
{
	struct sender_v3 *d;

	if (!m->v3_user || !*m->v3_user)
		return NULL;
	d = bb_calloc(1, sizeof(*d));
	d->user = bb_strdup(m->v3_user);
	d->auth = text_of(m->v3_auth);
	d->priv = text_of(m->v3_priv);
	if (m->has_v3_sealed && m->v3_sealed.len) {
		d->n_sealed = m->v3_sealed.len;
		d->sealed = bb_malloc(d->n_sealed);
		memcpy(d->sealed, m->v3_sealed.data, d->n_sealed);
	}
	if (m->has_engine_id && m->engine_id.len <= sizeof(d->engine_id)) {
		d->n_engine_id = m->engine_id.len;
		memcpy(d->engine_id, m->engine_id.data, m->engine_id.len);
	}
	return d;
}

static struct sender *sender_make(struct senders *s, const Busbar__V1__ConfigDevice *m)
{
	struct sender *d = bb_calloc(1, sizeof(*d));

	d->id = m->device_id;
	d->site_id = m->site_id;
	d->key = text_of(m->key);
	d->collector = collector_name(s, m->collector ? m->collector : "");
	d->v3 = v3_make(m);
	return d;
}

static bool same_bytes(const void *a, size_t na, const void *b, size_t nb)
{
	return na == nb && (!na || !memcmp(a, b, na));
}

/* What was learnt goes over to the new form of the device when nothing it stands on changed. */
static void keep_learnt(struct sender *d, struct sender *old)
{
	struct sender_v3 *v = d->v3, *was = old->v3;

	if (!v != !was)
		return;
	if (v && (strcmp(v->user, was->user) || strcmp(v->auth, was->auth) ||
			 strcmp(v->priv, was->priv) ||
			 !same_bytes(v->sealed, v->n_sealed, was->sealed, was->n_sealed) ||
			 !same_bytes(v->engine_id, v->n_engine_id, was->engine_id,
				 was->n_engine_id)))
		return;
	d->hinted_ms = old->hinted_ms;
	if (!v)
		return;
	v->usm = was->usm;
	was->usm = NULL;
	v->engine = was->engine;
	v->own = was->own;
	v->has_own = was->has_own;
}

static void stand_at(struct senders *s, struct sender *d, struct bb_table *before)
{
	struct place *p = bb_table_get_n(s->by_address, d->address.b, sizeof(d->address.b));

	if (!p) {
		struct place *old = bb_table_get_n(before, d->address.b, sizeof(d->address.b));

		p = bb_calloc(1, sizeof(*p));
		if (old) {
			p->bucket = old->bucket;
			p->limited = old->limited;
		}
		bb_table_put_n(s->by_address, d->address.b, sizeof(d->address.b), p);
	}
	d->next_here = p->first;
	p->first = d;
	p->n++;
}

void senders_apply(struct senders *s, const Busbar__V1__Config *c)
{
	struct bb_table *devices = s->by_id, *places = s->by_address;

	s->by_id = bb_table_new();
	s->by_address = bb_table_new();
	bb_table_free(s->by_engine, NULL);
	s->by_engine = bb_table_new();
	for (size_t i = c->n_device; i-- > 0;) {
		struct address a;

		if (!address_parse(c->device[i]->address ? c->device[i]->address : "", &a))
			continue;
		struct sender *d = sender_make(s, c->device[i]);
		struct sender *old = bb_table_get_u64(devices, d->id);

		d->address = a;
		if (old)
			keep_learnt(d, old);
		if (bb_table_get_u64(s->by_id, d->id)) {
			sender_free(d);
			continue;
		}
		bb_table_put_u64(s->by_id, d->id, d);
		stand_at(s, d, places);
		if (d->v3 && d->v3->engine.n)
			bb_table_put_n(s->by_engine, d->v3->engine.id, d->v3->engine.n, d);
	}
	bb_table_free(devices, sender_free);
	bb_table_free(places, free);
}

size_t senders_count(const struct senders *s)
{
	return bb_table_count(s->by_id);
}

struct place *senders_at(const struct senders *s, const struct address *a)
{
	return bb_table_get_n(s->by_address, a->b, sizeof(a->b));
}

struct sender *senders_by_id(const struct senders *s, uint64_t id)
{
	return bb_table_get_u64(s->by_id, id);
}

struct sender *senders_by_engine(const struct senders *s, const struct ber *engine_id)
{
	return bb_table_get_n(s->by_engine, engine_id->at, ber_left(engine_id));
}

struct sender *senders_engine_set(struct senders *s, struct sender *d, const struct ber *engine_id)
{
	struct sender *other = bb_table_get_n(s->by_engine, engine_id->at, ber_left(engine_id));

	if (other == d)
		return NULL;
	bb_table_put_n(s->by_engine, engine_id->at, ber_left(engine_id), d);
	return other;
}

/* ---- secrets ---- */

static void no_keys(struct sender_v3 *d, const char *why)
{
	free(d->trouble);
	d->trouble = bb_strdup(why);
}

static int open_box(struct senders *s, const struct sender_v3 *d, char *plain, size_t cap,
	struct bb_err *err)
{
	if (!d->n_sealed)
		return bb_err_set(err,
			"its SNMPv3 passwords are not sealed to collect-snmptrap: enter them again");
	if (!s->opener)
		s->opener = bb_opener_load(s->etc, s->name, err);
	if (!s->opener)
		return -1;
	return bb_seal_open(s->opener, d->sealed, d->n_sealed, plain, cap, err);
}

const struct usm_user *sender_user(struct senders *s, struct sender_v3 *d)
{
	char plain[BB_V3_SECRETS_MAX + 2] = "";
	struct bb_err err = { { 0 } };
	int auth = bb_v3_auth_find(d->auth), priv = bb_v3_priv_find(d->priv), n = 0;

	/* What failed once fails again until the configuration changes. */
	if (d->usm || d->trouble)
		return d->usm;
	if (auth > 0 && (n = open_box(s, d, plain, sizeof(plain) - 1, &err)) < 0) {
		no_keys(d, err.text);
		return NULL;
	}
	plain[n] = '\0';
	size_t first = strlen(plain);
	const char *second = (size_t)n > first ? plain + first + 1 : "";

	d->usm = bb_calloc(1, sizeof(*d->usm));
	if (usm_user_make(auth, plain, priv, second, d->usm, &err)) {
		free(d->usm);
		d->usm = NULL;
		no_keys(d, err.text);
	}
	bb_wipe(plain, sizeof(plain));
	return d->usm;
}
