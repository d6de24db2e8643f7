// SPDX-License-Identifier: Apache-2.0
/* The daemon's side: start from the file, then ask alarmd for what is newer and keep asking once
 * a second; alarmd answers a request only when it has something else than what we named. */
#include "common/genconf.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bus_int.h"
#include "common/genconf_int.h"
#include "common/log.h"
#include "common/str.h"

enum {
	ASK_SOON_MS = 100, /* while alarmd is not connected */
	SAVE_AGAIN_ASKS =
		60, /* a generation that could not be saved is fetched again every minute */
	ARENA_MAX = 8 * BB_WIRE_CONFIG_MAX,
};
static const char refused[] = "config_refused", unsaved[] = "config_unsaved";

struct bb_genconf {
	struct bb_bus *bus;
	struct bb_pub *pub;
	bb_genconf_apply apply;
	void *arg;
	char file[PATH_MAX], previous[PATH_MAX], damaged[PATH_MAX];
	struct bb_sock *sock;
	struct bb_watch *timer;
	uint64_t generation; /* in force; 0: none */
	uint8_t hash[BB_GENCONF_HASH_BYTES];
	/* The newest one seen, in force or refused: what alarmd need not send again. */
	uint64_t seen_generation;
	uint8_t seen_hash[BB_GENCONF_HASH_BYTES];
	bool is_unsaved;
	unsigned asks;
	struct bb_log_limit limit;
};

static void trouble(struct bb_genconf *g, const char *code, const char *text)
{
	if (g->pub)
		bb_pub_trouble(g->pub, code, text ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0,
			text ? text : "");
}

static void refuse(struct bb_genconf *g, uint64_t generation, const struct bb_err *err)
{
	uint64_t repeats;

	trouble(g, refused, err->text);
	if (bb_log_due(&g->limit, err->text, &repeats))
		bb_log(EV_CONFIG_REFUSED, BB_UINT("generation", generation), BB_ERRTEXT(err));
}

/* Validate and put in force. */
static int take(struct bb_genconf *g, uint64_t generation, const void *body, size_t len,
	struct bb_err *err)
{
	struct bb_arena *a = bb_arena_new(4096, ARENA_MAX);
	const Busbar__V1__Config *c = bb_unpack_config(a, body, len, err);
	int rc = c ? g->apply(g->arg, c, generation, err) : -1;

	bb_arena_free(a);
	/* What it took to read is megabytes for ten thousand devices, and not needed again for days. */
	malloc_trim(0);
	if (rc < 0)
		return bb_err_prefix(err, "generation %llu", (unsigned long long)generation);
	g->generation = g->seen_generation = generation;
	bb_genconf_hash(body, len, g->hash);
	memcpy(g->seen_hash, g->hash, sizeof(g->hash));
	return 0;
}

/* ---- the file ---- */

/* The one before stays under another name, should the new one turn out damaged. */
static void save(struct bb_genconf *g, uint64_t generation, const void *body, size_t len)
{
	struct bb_err err;
	uint64_t repeats;

	unlink(g->previous);
	if (link(g->file, g->previous) < 0 && errno != ENOENT)
		bb_log(EV_CONFIG_UNSAVED, BB_STR("file", g->previous),
			BB_STR("error", strerror(errno)));
	g->is_unsaved = bb_genconf_file_write(g->file, generation, body, len, &err) < 0;
	trouble(g, unsaved, g->is_unsaved ? err.text : NULL);
	if (g->is_unsaved && bb_log_due(&g->limit, err.text, &repeats))
		bb_log(EV_CONFIG_UNSAVED, BB_UINT("generation", generation), BB_ERRTEXT(&err));
}

/* Returns 1 when the file's generation is in force. */
static int load(struct bb_genconf *g, const char *file)
{
	struct bb_arena *a = bb_arena_new(4096, ARENA_MAX);
	const uint8_t *body;
	uint64_t generation = 0;
	size_t len;
	struct bb_err err;
	int rc = bb_genconf_file_read(file, a, &generation, &body, &len, &err);

	if (rc < 0 && rename(file, g->damaged) < 0)
		bb_err_prefix(&err, "cannot be set aside");
	else if (rc > 0)
		rc = take(g, generation, body, len, &err) < 0 ? -1 : 1;
	if (rc < 0)
		refuse(g, generation, &err);
	bb_arena_free(a);
	return rc > 0;
}

static void load_any(struct bb_genconf *g)
{
	if (load(g, g->file) || load(g, g->previous))
		bb_log(EV_CONFIG_NEW, BB_UINT("generation", g->generation), BB_STR("from", "file"));
}

/* ---- alarmd ---- */

static int send_get(struct bb_genconf *g)
{
	Busbar__V1__ConfigGet get = BUSBAR__V1__CONFIG_GET__INIT;
	bool again = g->is_unsaved && ++g->asks % SAVE_AGAIN_ASKS == 0;
	uint8_t packed[256];
	struct bb_frame f = { packed, 0 };

	get.daemon = g->bus->name;
	get.has_have_generation = 1;
	get.have_generation = again ? 0 : g->seen_generation;
	get.has_have_hash = g->seen_generation != 0;
	get.have_hash = (ProtobufCBinaryData){ sizeof(g->seen_hash), g->seen_hash };
	f.len = busbar__v1__config_get__pack(&get, packed);
	return bb_sock_send(g->sock, &f, 1);
}

static void ask(void *arg)
{
	struct bb_genconf *g = arg;
	uint64_t next_ms = send_get(g) < 0 ? ASK_SOON_MS : g->bus->times.heartbeat_ms;

	g->timer = bb_loop_after(g->bus->loop, next_ms, ask, g);
}

static void on_body(struct bb_genconf *g, const Busbar__V1__ConfigGeneration *m)
{
	struct bb_err err;

	if (g->generation && memcmp(m->hash.data, g->hash, sizeof(g->hash)) == 0) {
		if (m->generation != g->generation || g->is_unsaved)
			save(g, m->generation, m->body.data, m->body.len);
		g->generation = g->seen_generation = m->generation;
		memcpy(g->seen_hash, g->hash, sizeof(g->hash));
		trouble(g, refused, NULL);
		return;
	}
	if (take(g, m->generation, m->body.data, m->body.len, &err) < 0) {
		g->seen_generation = m->generation;
		memcpy(g->seen_hash, m->hash.data, sizeof(g->seen_hash));
		refuse(g, m->generation, &err);
		return;
	}
	trouble(g, refused, NULL);
	bb_log(EV_CONFIG_NEW, BB_UINT("generation", g->generation), BB_STR("from", "alarmd"));
	save(g, m->generation, m->body.data, m->body.len);
}

static void on_message(void *arg, const struct bb_frame *frames, size_t n)
{
	struct bb_genconf *g = arg;
	struct bb_arena *a = bb_arena_new(4096, ARENA_MAX);
	uint8_t hash[BB_GENCONF_HASH_BYTES];
	struct bb_err err;
	const Busbar__V1__ConfigGeneration *m =
		bb_unpack_config_generation(a, frames[0].data, frames[0].len, &err);

	if (!m) {
		refuse(g, 0, &err);
		goto out;
	}
	bb_genconf_hash(m->body.data, m->body.len, hash);
	if (strcmp(m->daemon, g->bus->name) != 0 || memcmp(hash, m->hash.data, sizeof(hash)) != 0) {
		bb_err_set(&err,
			"a generation for \"%s\" is not ours, or its hash does not match",
			m->daemon);
		refuse(g, m->generation, &err);
		goto out;
	}
	on_body(g, m);
	send_get(g);
out:
	bb_arena_free(a);
}

struct bb_genconf *bb_genconf_new(struct bb_bus *b, const char *lib, struct bb_pub *pub,
	bb_genconf_apply apply, void *arg, struct bb_err *err)
{
	struct bb_sock_options o = { .type = BB_SOCK_DEALER,
		.max_bytes = BB_WIRE_CONFIG_MAX,
		.message = on_message };
	struct bb_genconf *g = bb_calloc(1, sizeof(*g));

	g->bus = b;
	g->pub = pub;
	g->apply = apply;
	g->arg = arg;
	o.arg = g;
	snprintf(g->file, sizeof(g->file), "%s/generation", lib);
	snprintf(g->previous, sizeof(g->previous), "%s/generation.previous", lib);
	snprintf(g->damaged, sizeof(g->damaged), "%s/generation.damaged", lib);
	load_any(g);
	g->sock = bb_sock_new(b, &o, err);
	if (!g->sock || bb_sock_connect(g->sock, "alarmd.conf", err) < 0) {
		bb_genconf_free(g);
		return NULL;
	}
	g->timer = bb_loop_after(b->loop, 0, ask, g);
	return g;
}

void bb_genconf_free(struct bb_genconf *g)
{
	if (!g)
		return;
	bb_loop_cancel(g->timer);
	bb_sock_free(g->sock);
	free(g);
}

uint64_t bb_genconf_generation(const struct bb_genconf *g)
{
	return g->generation;
}
