// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/interview.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

#define MAX_REQUESTS 40 /* a lying card must come to an end */
#define AT_ONCE      8  /* varbinds any card can answer */
#define MAC_ROWS     12 /* loopback and tunnels first, then the real one */

enum what { SYS_OBJECTID, SYS_DESCR, SYS_UPTIME, SYS_NAME, PROBE, POINT, ENGINE_ID, MAC };

static const struct {
	struct profile_oid oid;
	enum what what;
} first_asks[] = {
	{ { .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 2, 0 } }, SYS_OBJECTID },
	{ { .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 1, 0 } }, SYS_DESCR },
	{ { .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 3, 0 } }, SYS_UPTIME },
	{ { .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 5, 0 } }, SYS_NAME },
};
enum { FIRST_ASKS = sizeof(first_asks) / sizeof(first_asks[0]) };

static const struct profile_oid engine_id_oid = { .n = 11,
	.id = { 1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0 } };
static const struct profile_oid mac_column = { .n = 10, .id = { 1, 3, 6, 1, 2, 1, 2, 2, 1, 6 } };

struct packet *interview_first_packet(enum codec_version version, const char *community)
{
	struct profile_oid oid[FIRST_ASKS];

	for (unsigned i = 0; i < FIRST_ASKS; i++)
		oid[i] = first_asks[i].oid;
	return codec_build(CODEC_GET, version, community, oid, FIRST_ASKS, 0);
}

/* ---- questions ---- */

static struct ask *add(struct interview *v, const struct profile_oid *oid, enum what what,
	unsigned ref)
{
	v->ask = bb_realloc(v->ask, (v->n_asks + 1) * sizeof(*v->ask));
	v->ask[v->n_asks] =
		(struct ask){ .oid = *oid, .what = (uint8_t)what, .ref = (uint16_t)ref };
	return &v->ask[v->n_asks++];
}

/* Where the text of a point of the profile goes; NULL: it tells nothing about who the card is. */
static char *field_of(struct interview *v, const struct profile_point *p)
{
	return p->kind != BB_TEXT                  ? NULL
	       : !strcmp(p->name, "device.mfr")    ? v->card.mfr
	       : !strcmp(p->name, "device.model")  ? v->card.model
	       : !strcmp(p->name, "device.serial") ? v->card.serial
						   : NULL;
}

static void ask_system(struct interview *v)
{
	for (unsigned i = 0; i < FIRST_ASKS; i++)
		add(v, &first_asks[i].oid, first_asks[i].what, 0);
}

/* The first row of detection that asks nothing is certain; what comes after it does not matter. */
static void ask_probes(struct interview *v)
{
	v->candidate = bb_calloc(MAX_PROBES, sizeof(*v->candidate));
	v->n_candidates =
		detect_candidates(v->profiles, &v->sysobjectid, v->card.sysdescr, v->candidate);
	v->chosen = MAX_PROBES;
	for (unsigned i = 0; i < v->n_candidates; i++) {
		if (!v->candidate[i].row->probe.n) {
			v->chosen = (uint8_t)i;
			return;
		}
		add(v, &v->candidate[i].row->probe, PROBE, i);
	}
}

static void ask_ident(struct interview *v)
{
	if (v->chosen < v->n_candidates)
		v->card.profile = v->candidate[v->chosen].profile;
	add(v, &engine_id_oid, ENGINE_ID, 0);
	for (unsigned i = 0; v->card.profile && i < v->card.profile->n_points; i++) {
		const struct profile_point *p = v->card.profile->point[i];

		if (!p->table && field_of(v, p))
			add(v, &p->oid, POINT, i);
	}
}

/* With GETNEXT: the MAC, and what lies in a table or has another instance than the profile says. */
static void ask_rest(struct interview *v)
{
	add(v, &mac_column, MAC, 0);
	for (unsigned i = 0; v->card.profile && i < v->card.profile->n_points; i++) {
		const struct profile_point *p = v->card.profile->point[i];
		char *field = field_of(v, p);
		struct profile_oid oid = p->oid;

		if (!field || *field)
			continue;
		if (!p->table)
			oid.n--;
		add(v, &oid, POINT, i);
	}
}

static const struct {
	enum codec_op op;
	void (*prepare)(struct interview *v);
} stages[] = {
	[INTERVIEW_SYSTEM] = { CODEC_GET, ask_system },
	[INTERVIEW_PROBES] = { CODEC_GET, ask_probes },
	[INTERVIEW_IDENT] = { CODEC_GET, ask_ident },
	[INTERVIEW_REST] = { CODEC_NEXT, ask_rest },
};

/* ---- answers ---- */

static void take_text(char *out, size_t cap, const struct codec_varbind *b)
{
	size_t n = b->text_len;

	if (b->type == CODEC_TEXT) {
		const uint8_t *text = codec_trim(b->text, &n);

		bb_text_clean(out, cap, (const char *)text, n);
	} else if (b->type == CODEC_NUMBER) {
		snprintf(out, cap, "%.15g", b->number);
	}
}

static void take_oid(struct interview *v, const struct codec_varbind *b)
{
	char text[PROFILE_OID_TEXT];

	if (!codec_oid(b, &v->sysobjectid))
		return;
	profile_oid_print(&v->sysobjectid, text, sizeof(text));
	bb_copy(v->card.sysobjectid, sizeof(v->card.sysobjectid), text);
}

static void take_point(struct interview *v, const struct ask *q, const struct codec_varbind *b)
{
	const struct profile_point *p = v->card.profile->point[q->ref];
	const struct profile_value *meaning = NULL;
	char *field = field_of(v, p);
	double raw;

	if (*field)
		return;
	if (p->map && codec_number(b, false, &raw))
		meaning = profile_map_find(p->map, (int64_t)raw);
	if (meaning)
		bb_copy(field, CARD_TEXT, meaning->text);
	else if (!p->map)
		take_text(field, CARD_TEXT, b);
}

static bool take_mac(struct interview *v, const struct codec_varbind *b)
{
	return b->type == CODEC_TEXT && codec_mac(b->text, b->text_len, v->card.mac);
}

static void take(struct interview *v, struct ask *q, const struct codec_varbind *b)
{
	q->done = true;
	if (b->type == CODEC_MISSING || b->type == CODEC_END || b->type == CODEC_NULL ||
		b->oid_too_long)
		return;
	if (stages[v->stage].op == CODEC_GET ? profile_oid_compare(&b->oid, &q->oid) != 0
					     : !profile_oid_within(&b->oid, &q->oid))
		return;
	switch ((enum what)q->what) {
	case SYS_OBJECTID: take_oid(v, b); break;
	case SYS_DESCR: take_text(v->card.sysdescr, sizeof(v->card.sysdescr), b); break;
	case SYS_NAME: take_text(v->card.sysname, sizeof(v->card.sysname), b); break;
	case SYS_UPTIME: v->card.uptime_s = b->type == CODEC_NUMBER ? b->number / 100 : -1; break;
	case POINT: take_point(v, q, b); break;
	case ENGINE_ID:
		if (b->type == CODEC_TEXT && b->text_len >= 5 && b->text_len <= 32)
			bb_hex(v->card.engine_id, b->text, b->text_len);
		break;
	case PROBE:
		if (q->ref < v->chosen && detect_fits(&v->candidate[q->ref], b))
			v->chosen = (uint8_t)q->ref;
		break;
	case MAC: break; /* its rows are walked, see take_row() */
	}
}

/* Rows of interfaces, one by one, until one has an address. */
static void take_row(struct interview *v, struct ask *q, const struct codec_varbind *b)
{
	bool goes_on = b->type != CODEC_MISSING && b->type != CODEC_END && !b->oid_too_long &&
		       profile_oid_within(&b->oid, &mac_column) &&
		       profile_oid_compare(&b->oid, &q->oid) > 0;

	q->done = !goes_on || take_mac(v, b) || ++q->seen == MAC_ROWS;
	q->oid = b->oid;
}

/* ---- the way through the stages ---- */

static void to_stage(struct interview *v, enum interview_stage stage)
{
	free(v->ask);
	v->ask = NULL;
	v->n_asks = 0;
	v->stage = stage;
	if (stage != INTERVIEW_DONE)
		stages[stage].prepare(v);
}

static bool build(struct interview *v)
{
	struct profile_oid oid[CODEC_MAX_VARBINDS];

	v->n_asked = 0;
	for (unsigned i = 0; i < v->n_asks && v->n_asked < v->most; i++) {
		if (v->ask[i].done)
			continue;
		v->asked[v->n_asked] = (uint16_t)i;
		oid[v->n_asked++] = v->ask[i].oid;
	}
	free(v->packet);
	v->packet = NULL;
	if (v->n_asked)
		v->packet = codec_build(stages[v->stage].op, (enum codec_version)v->peer.version,
			v->peer.community, oid, v->n_asked, 0);
	return v->packet;
}

static void request(struct interview *v, const struct packet *p, unsigned tries)
{
	if (v->sends)
		v->sends(v);
	engine_ask(v->peer.engine, &v->peer, p, tries);
}

void interview_begin(struct interview *v, unsigned tries)
{
	v->card.uptime_s = -1;
	v->most = AT_ONCE;
	to_stage(v, INTERVIEW_SYSTEM);
	for (unsigned i = 0; i < FIRST_ASKS; i++)
		v->asked[i] = (uint16_t)i;
	v->n_asked = FIRST_ASKS;
	request(v, v->first, tries);
}

void interview_go_on(struct interview *v)
{
	while (v->stage != INTERVIEW_DONE && !build(v))
		to_stage(v, v->stage + 1);
	if (v->stage != INTERVIEW_DONE && ++v->requests <= MAX_REQUESTS) {
		request(v, v->packet, ENGINE_TRIES);
		return;
	}
	/* Not every card that has one tells it when it is asked. */
	if (v->peer.v3 && !*v->card.engine_id)
		bb_hex(v->card.engine_id, v->peer.v3->engine_id, v->peer.v3->engine_id_n);
	v->finished(v, true);
}

/* One question less, or fewer at a time, until every question stands alone. */
static void refused(struct interview *v, const struct codec_answer *a)
{
	if (a->error == CODEC_NOSUCHNAME && a->index >= 1 && a->index <= v->n_asked)
		v->ask[v->asked[a->index - 1]].done = true;
	else if (v->n_asked > 1)
		v->most = (uint8_t)(v->n_asked / 2);
	else
		v->ask[v->asked[0]].done = true;
}

void interview_answered(struct peer *p, const struct codec_answer *a, uint64_t sampled_boot_ns)
{
	struct interview *v = (struct interview *)p;
	bool is_first = !v->has_answered;

	if (is_first && sampled_boot_ns > p->sent_ns)
		v->card.ms = (uint32_t)((sampled_boot_ns - p->sent_ns) / 1000000);
	v->has_answered = true;
	if (a->error)
		refused(v, a);
	else
		for (unsigned i = 0; i < v->n_asked; i++) {
			struct ask *q = &v->ask[v->asked[i]];

			if (i >= a->n)
				q->done = true;
			else if (q->what == MAC)
				take_row(v, q, &a->v[i]);
			else
				take(v, q, &a->v[i]);
		}
	if (is_first && v->answered && !v->answered(v, a))
		return;
	interview_go_on(v);
}

void interview_silent(struct peer *p)
{
	struct interview *v = (struct interview *)p;

	if (v->has_answered && v->n_asked > 1) {
		/* Perhaps it is the size. */
		v->most = (uint8_t)(v->n_asked / 2);
		interview_go_on(v);
		return;
	}
	if (v->has_answered) {
		v->ask[v->asked[0]].done = true;
		interview_go_on(v);
		return;
	}
	engine_reason(p, v->reason, sizeof(v->reason));
	v->finished(v, false);
}

void interview_fini(struct interview *v)
{
	engine_detach(v->peer.engine, &v->peer);
	free(v->packet);
	free(v->ask);
	free(v->candidate);
	v->packet = NULL;
	v->ask = NULL;
	v->candidate = NULL;
}
