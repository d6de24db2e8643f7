// SPDX-License-Identifier: Apache-2.0
/* Flood: more new alarms than people can deal with, for the whole suite and for each top-level site.
 * Begins with the eleventh raise within 10 minutes, ends when fewer than five are that young. Nothing is
 * left out because of it; screens and digests read it. Quiet, chattering and test alarms do not count:
 * nobody is called by them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define ENTER     11 /* raises within the window */
#define STAY      5
#define WINDOW_NS (600 * NS_PER_S)
#define BUCKET_NS (10 * NS_PER_S)
#define BUCKETS   60
#define RULE      "flood"
#define NORMAL    BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL
#define INFO      BUSBAR__V1__SEVERITY__SEVERITY_INFO

struct flood {
	struct flood *next;
	char *site;        /* "" for the whole suite */
	uint64_t since_us; /* 0: none */
	/* The newest raises decide, exactly; the buckets only count for people. */
	struct {
		uint64_t ns, us;
	} raised[ENTER]; /* newest first; 0: none */
	uint32_t bucket[BUCKETS];
	uint64_t bucket_at; /* number of the newest one */
	uint32_t shown;     /* as lookers know it */
};

void flood_free(struct flood *f)
{
	for (struct flood *next; f; f = next) {
		next = f->next;
		free(f->site);
		free(f);
	}
}

static struct flood *flood_of(const struct core *c, const char *site)
{
	struct flood *f = c->floods;

	while (f && strcmp(f->site, site) != 0)
		f = f->next;
	return f;
}

static struct flood *flood_get(struct core *c, const char *site)
{
	struct flood *f = flood_of(c, site);

	if (f)
		return f;
	f = bb_calloc(1, sizeof(*f));
	f->site = bb_strdup(site);
	f->next = c->floods;
	c->floods = f;
	return f;
}

static void buckets_to(struct flood *f, uint64_t now_ns)
{
	uint64_t at = now_ns / BUCKET_NS;

	if (at <= f->bucket_at)
		return;
	for (uint64_t i = f->bucket_at + 1; i <= at && i <= f->bucket_at + BUCKETS; i++)
		f->bucket[i % BUCKETS] = 0;
	f->bucket_at = at;
}

static uint32_t count(const struct flood *f)
{
	uint32_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		n += f->bucket[i];
	return n;
}

static void note(struct flood *f, uint64_t ns, uint64_t us, uint32_t n)
{
	buckets_to(f, ns);
	if (f->bucket_at - ns / BUCKET_NS < BUCKETS)
		f->bucket[ns / BUCKET_NS % BUCKETS] += n;
	memmove(&f->raised[1], &f->raised[0], sizeof(f->raised) - sizeof(f->raised[0]));
	f->raised[0].ns = ns ? ns : 1;
	f->raised[0].us = us;
}

static bool has_young(const struct flood *f, unsigned n, uint64_t now_ns)
{
	return f->raised[n - 1].ns && now_ns - f->raised[n - 1].ns <= WINDOW_NS;
}

/* The group lookers see it on: own alarms stand for the whole suite. */
static struct group *shown_on(const struct core *c, const struct flood *f)
{
	return group_find(c->groups, *f->site ? f->site : "busbar");
}

static void show(struct core *c, struct flood *f)
{
	struct group *g = shown_on(c, f);

	f->shown = f->since_us ? count(f) : 0;
	if (g)
		group_touch(c->groups, g);
}

static void record(struct core *c, const struct flood *f, const char *kind, uint64_t now_ns)
{
	struct publisher *p = publisher_get(c, "alarmd");
	Busbar__V1__Alarm m = BUSBAR__V1__ALARM__INIT;
	struct alarm_id own = { .jseq = c->env.next_jseq(c->env.arg) };
	char id[ALARM_ID_CHARS], text[200];

	if (!p)
		return;
	memcpy(own.journal, c->env.journal_id, sizeof(own.journal));
	m.id = alarm_id_print(&own, id);
	m.has_device_id = m.has_site_id = m.has_severity = m.has_state = m.has_jseq =
		m.has_raised_unix_us = true;
	m.key = p->own->key;
	m.rule = RULE;
	m.subject = f->site;
	m.severity = INFO;
	m.state = NORMAL;
	m.jseq = own.jseq;
	m.raised_unix_us = f->since_us;
	snprintf(text, sizeof(text), "%s: %u new alarms within 10 minutes%s%s",
		strcmp(kind, "flood") == 0 ? "flood of alarms" : "the flood of alarms is over",
		count(f), *f->site ? " below " : "", f->site);
	m.text = text;
	core_emit(c, &m, kind, NORMAL, NORMAL, NULL, now_ns);
}

static void judge(struct core *c, struct flood *f, uint64_t now_ns)
{
	if (!f->since_us && has_young(f, ENTER, now_ns)) {
		f->since_us = c->env.wall_us(c->env.arg);
		record(c, f, "flood", now_ns);
		show(c, f);
	} else if (f->since_us && !has_young(f, STAY, now_ns)) {
		record(c, f, "flood_end", now_ns);
		f->since_us = 0;
		show(c, f);
	}
}

static const char *top_of(const char *key, char *out, size_t cap)
{
	size_t n = strcspn(key, "/");

	bb_copy(out, cap, key[n] ? key : "unsorted");
	if (key[n] && n < cap)
		out[n] = '\0';
	return out;
}

void flood_raised(struct core *c, const struct alarm *a, uint64_t now_ns)
{
	uint64_t now_us = c->env.wall_us(c->env.arg);
	char top[256];
	struct flood *f;

	if (!alarm_counts(a) || chatter_is_on(a->device, a->rule_id))
		return;
	f = flood_get(c, "");
	note(f, now_ns, now_us, 1);
	judge(c, f, now_ns);
	if (!a->device->id)
		return;
	f = flood_get(c, top_of(a->device->key, top, sizeof(top)));
	note(f, now_ns, now_us, 1);
	judge(c, f, now_ns);
}

void flood_tick(struct core *c, uint64_t now_ns)
{
	for (struct flood *f = c->floods; f; f = f->next) {
		buckets_to(f, now_ns);
		judge(c, f, now_ns);
		if (f->since_us && f->shown != count(f))
			show(c, f);
	}
}

uint64_t core_flood(const struct core *c, const char *group_key, uint32_t *n)
{
	const struct flood *f = flood_of(c, strcmp(group_key, "busbar") == 0 ? "" : group_key);

	*n = f ? count(f) : 0;
	return f ? f->since_us : 0;
}

/* ---- records ---- */

static bool is_kind(const Busbar__V1__Transition *t, const char *kind)
{
	return t->kind && strcmp(t->kind, kind) == 0;
}

static bool has_mark(const Busbar__V1__Alarm *m)
{
	return m->test || m->chattering || m->shelved_unix_us ||
	       (m->suppressed_by && *m->suppressed_by) || (m->maintenance && *m->maintenance) ||
	       (m->out_of_service && *m->out_of_service);
}

bool flood_replay(struct core *c, const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *m = t->alarm;
	uint64_t ns = record_boot_ns(c, t);
	char top[256];
	struct flood *f;

	if (m->rule && strcmp(m->rule, RULE) == 0) {
		f = flood_get(c, m->subject ? m->subject : "");
		if (is_kind(t, "flood"))
			f->since_us = m->raised_unix_us;
		else if (is_kind(t, "flood_end"))
			f->since_us = 0;
		else if (is_kind(t, "flood_raise"))
			note(f, ns, t->at_unix_us, t->count);
		return true;
	}
	if (!is_kind(t, "raise") || !m->key || has_mark(m))
		return false;
	note(flood_get(c, ""), ns, t->at_unix_us, 1);
	if (m->device_id)
		note(flood_get(c, top_of(m->key, top, sizeof(top))), ns, t->at_unix_us, 1);
	return false;
}

/* The newest raises one by one; those before them as what the oldest of these stands for. */
static void each_raise(const struct flood *f, Busbar__V1__Transition *t, life_each_cb *cb,
	void *arg)
{
	uint32_t n = 0, all = count(f);

	for (size_t i = 0; i < ENTER; i++)
		n += f->raised[i].ns != 0;
	t->kind = "flood_raise";
	t->has_count = true;
	t->count = 1 + (all > n ? all - n : 0);
	for (size_t i = ENTER; i-- > 0;) {
		if (!f->raised[i].ns)
			continue;
		t->at_boot_ns = f->raised[i].ns;
		t->at_unix_us = f->raised[i].us;
		cb(arg, t);
		t->count = 1;
	}
}

void flood_each(const struct core *c, life_each_cb *cb, void *arg)
{
	for (const struct flood *f = c->floods; f; f = f->next) {
		Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
		Busbar__V1__Alarm m = BUSBAR__V1__ALARM__INIT;

		t.alarm = &m;
		t.has_boot_id = t.has_at_boot_ns = t.has_at_unix_us = true;
		t.boot_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)c->env.boot_id };
		m.rule = RULE;
		m.subject = f->site;
		m.has_raised_unix_us = true;
		m.raised_unix_us = f->since_us;
		each_raise(f, &t, cb, arg);
		t.kind = "flood";
		if (f->since_us)
			cb(arg, &t);
	}
}
