// SPDX-License-Identifier: Apache-2.0
/* Which profile fits a device: first by sysObjectID and sysDescr, then, where these do not tell, by
 * objects that only one family has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/learn_priv.h"
#include "common/arena.h"
#include "common/str.h"

#define SYSDESCR_MAX 256

/* ---- stage 1: the system group ---- */

static const struct profile_oid system_oid[] = {
	{ .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 2, 0 } }, /* sysObjectID */
	{ .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 1, 0 } }, /* sysDescr */
	{ .n = 9, .id = { 1, 3, 6, 1, 2, 1, 1, 3, 0 } }, /* sysUpTime */
};

static void prepare_system(struct snmp_device *s, struct learn *l)
{
	for (unsigned i = 0; i < 3; i++)
		learn_ask(l, &system_oid[i], i);
}

static void take_system(struct snmp_device *s, struct learn *l, struct question *q,
	const struct codec_varbind *v)
{
	q->done = true;
	if (v->type == CODEC_MISSING || v->type == CODEC_END)
		return;
	if (!l->has_uptime)
		l->alive = q->oid;
	if (q->ref == 0) {
		codec_oid(v, &l->sysobjectid);
	} else if (q->ref == 1 && v->type == CODEC_TEXT) {
		size_t n = v->text_len;
		const uint8_t *text = codec_trim(v->text, &n);

		free(l->sysdescr);
		l->sysdescr = bb_malloc(SYSDESCR_MAX);
		bb_text_clean(l->sysdescr, SYSDESCR_MAX, (const char *)text, n);
	} else if (q->ref == 2 && v->type == CODEC_NUMBER) {
		l->has_uptime = true;
	}
}

/* Longest prefix first, then priority: insertion into the sorted list. */
static unsigned add_candidate(struct candidate *list, unsigned n, const struct profile *p,
	const struct profile_detect *row)
{
	unsigned at = n;

	while (at > 0 && (list[at - 1].row->sysobjectid.n < row->sysobjectid.n ||
				 (list[at - 1].row->sysobjectid.n == row->sysobjectid.n &&
					 list[at - 1].profile->priority < p->priority)))
		at--;
	if (at == MAX_PROBES)
		return n;
	unsigned last = n < MAX_PROBES ? n++ : MAX_PROBES - 1;
	for (unsigned i = last; i > at; i--)
		list[i] = list[i - 1];
	list[at] = (struct candidate){ .profile = p, .row = row };
	return n;
}

unsigned detect_candidates(const struct profile_set *set, const struct profile_oid *sysobjectid,
	const char *sysdescr, struct candidate *list)
{
	unsigned n = 0;

	for (size_t i = 0; i < profile_count(set); i++) {
		const struct profile *p = profile_at(set, i);

		for (unsigned k = 0; !strcmp(p->transport, "snmp") && k < p->n_detect; k++) {
			const struct profile_detect *row = &p->detect[k];

			if (profile_oid_within(sysobjectid, &row->sysobjectid) &&
				(!row->sysdescr || !regexec(row->sysdescr, sysdescr, 0, NULL, 0)))
				n = add_candidate(list, n, p, row);
		}
	}
	return n;
}

static bool unknown_device(struct snmp_device *s, struct learn *l);

static bool finish_system(struct snmp_device *s, struct learn *l)
{
	const char *name = device_of(s)->set.profile;

	if (strcmp(name, "auto")) {
		l->profile = profile_find(s->snmp->profiles, name);
		learn_to_stage(s, l, STAGE_SCALARS);
		return true;
	}
	l->candidate = bb_calloc(MAX_PROBES, sizeof(*l->candidate));
	l->n_candidates = detect_candidates(s->snmp->profiles, &l->sysobjectid, learn_sysdescr(l),
		l->candidate);
	if (!l->n_candidates)
		return unknown_device(s, l);
	if (l->candidate[0].row->probe.n) {
		learn_to_stage(s, l, STAGE_PROBES);
		return true;
	}
	l->profile = l->candidate[0].profile;
	learn_to_stage(s, l, STAGE_SCALARS);
	return true;
}

/* ---- stage 2: probes where the sysObjectID does not tell ---- */

static void prepare_probes(struct snmp_device *s, struct learn *l)
{
	l->chosen = -1;
	for (unsigned i = 0; i < l->n_candidates; i++) {
		/* The first row that asks nothing is certain; what comes after it does not matter. */
		if (!l->candidate[i].row->probe.n) {
			l->chosen = (int)i;
			return;
		}
		learn_ask(l, &l->candidate[i].row->probe, i);
	}
}

bool detect_fits(const struct candidate *c, const struct codec_varbind *v)
{
	char text[256];
	size_t n = v->text_len;

	if (v->type == CODEC_MISSING || v->type == CODEC_END)
		return false;
	if (!c->row->match)
		return true;
	const uint8_t *start = codec_trim(v->text ? v->text : (const uint8_t *)"", &n);
	bb_text_clean(text, sizeof(text), (const char *)start, v->type == CODEC_TEXT ? n : 0);
	return !regexec(c->row->match, text, 0, NULL, 0);
}

static void take_probe(struct snmp_device *s, struct learn *l, struct question *q,
	const struct codec_varbind *v)
{
	q->done = true;
	if ((l->chosen < 0 || l->chosen >= q->ref) && detect_fits(&l->candidate[q->ref], v))
		l->chosen = q->ref;
}

static bool finish_probes(struct snmp_device *s, struct learn *l)
{
	if (l->chosen < 0)
		return unknown_device(s, l);
	l->profile = l->candidate[l->chosen].profile;
	learn_to_stage(s, l, STAGE_SCALARS);
	return true;
}

/* A card that fits nothing gives what every card gives. One that was recognised before is not remade on the word of an answer it gave while it started. */
static bool unknown_device(struct snmp_device *s, struct learn *l)
{
	const struct profile *fallback = profile_find(s->snmp->profiles, PROFILE_FALLBACK);
	char reason[700], who[80], oid[PROFILE_OID_TEXT];

	if (fallback && (!s->plan || s->plan->profile == fallback)) {
		l->profile = fallback;
		learn_to_stage(s, l, STAGE_SCALARS);
		return true;
	}

	snprintf(reason, sizeof(reason),
		"%s answers, but no profile fits (sysObjectID %s, sysDescr \"%.120s\"): name a profile for the device, or add one",
		engine_peer_text(&s->peer, who, sizeof(who)),
		profile_oid_print(&l->sysobjectid, oid, sizeof(oid)), learn_sysdescr(l));
	learn_free(s);
	job_failed(s, reason);
	return false;
}

const struct stage_ops detect_system = { CODEC_GET, prepare_system, take_system, finish_system };
const struct stage_ops detect_probes = { CODEC_GET, prepare_probes, take_probe, finish_probes };
