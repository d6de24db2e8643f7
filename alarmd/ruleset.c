// SPDX-License-Identifier: Apache-2.0
#include "alarmd/ruleset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/point.h"
#include "common/rulewords.h"
#include "common/table.h"

enum { RULES_MAX = 600 }; /* of one device, before terms are counted */

/* An entry of the configuration, or one that was removed not long ago. */
struct entry {
	const struct bb_ruledef *def;
	const struct rule *rule; /* NULL: switched off, or removed */
	const char *user;        /* who changed it last */
	uint64_t id;
	bool is_removed;
	struct entry *next; /* of the same place */
};

/* A rule that was compiled, by the words it was compiled from. */
struct made {
	const struct rule *rule;
	uint64_t pass;
};

struct made_set {
	struct rule_set *set;
	uint64_t pass;
};

struct ruleset {
	struct bb_arena *arena; /* of the present entries */
	struct entry *entries;
	size_t n_entries;
	struct bb_table *by_place; /* scope and name -> struct entry list */
	struct bb_table *made;     /* entry number and JSON -> struct made */
	struct bb_table *sets;     /* addresses of the rules -> struct made_set */
	struct bb_table
		*places; /* entries that speak of a place -> struct made_set, of this pass */
	struct bb_table *listeners; /* group and point -> struct rule: members tell their value */
	struct rule_set *base;
	uint64_t pass;
	bool needs_profile;
};

static void made_free(void *arg)
{
	struct made *m = arg;

	rule_compiled_free(m->rule);
	free(m);
}

static void set_free(void *arg)
{
	struct made_set *m = arg;

	rule_set_free(m->set);
	free(m);
}

struct ruleset *ruleset_new(struct bb_err *err)
{
	struct ruleset *rs = bb_calloc(1, sizeof(*rs));

	rs->by_place = bb_table_new();
	rs->places = bb_table_new();
	rs->made = bb_table_new();
	rs->sets = bb_table_new();
	rs->listeners = bb_table_new();
	rs->arena = bb_arena_new(4096, 0);
	rs->base = rule_set_of(rule_pack, rule_pack_count, err);
	if (rs->base)
		return rs;
	ruleset_free(rs);
	return NULL;
}

void ruleset_free(struct ruleset *rs)
{
	if (!rs)
		return;
	bb_table_free(rs->sets, set_free);
	bb_table_free(rs->by_place, NULL);
	bb_table_free(rs->places, NULL);
	bb_table_free(rs->made, made_free);
	bb_table_free(rs->listeners, free);
	rule_set_free(rs->base);
	bb_arena_free(rs->arena);
	free(rs);
}

const struct rule_set *ruleset_base(const struct ruleset *rs)
{
	return rs->base;
}

/* ---- entries ---- */

static void place_name(char *out, size_t cap, enum bb_rule_scope scope, const char *of)
{
	snprintf(out, cap, "%d %s", (int)scope, of);
}

static void entry_file(struct ruleset *rs, struct entry *e)
{
	char name[272];

	place_name(name, sizeof(name), e->def->scope, e->def->scope_of);
	e->next = bb_table_get(rs->by_place, name);
	bb_table_put(rs->by_place, name, e);
}

/* The compiled rule of an entry: the one there is, when nothing in it changed. */
static const struct rule *make(struct ruleset *rs, const struct entry *e)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	struct made *m;

	if (!e->def->enabled || e->is_removed)
		return NULL;
	bb_buf_printf(&b, "%" PRIu64 " ", e->id);
	bb_json_obj(&j, NULL);
	bb_ruledef_write(e->def, &j);
	bb_json_end_obj(&j);
	m = bb_table_get(rs->made, b.data);
	if (!m) {
		const struct rule *r = rule_compile(e->def, e->id);
		if (r) {
			m = bb_calloc(1, sizeof(*m));
			m->rule = r;
			bb_table_put(rs->made, b.data, m);
		}
	}
	bb_buf_fini(&b);
	if (m)
		m->pass = rs->pass;
	return m ? m->rule : NULL;
}

static void listener_add(struct ruleset *rs, const struct rule_term *t)
{
	char key[400];
	struct {
		struct rule rule;
		char id[400], point[100], peers[208];
	} * l;

	snprintf(key, sizeof(key), "%s\n%s", t->peers, t->point);
	if (bb_table_get(rs->listeners, key))
		return;
	l = bb_calloc(1, sizeof(*l));
	snprintf(l->id, sizeof(l->id), "peer %.300s", key);
	bb_copy(l->point, sizeof(l->point), t->point);
	bb_copy(l->peers, sizeof(l->peers), t->peers);
	l->rule = (struct rule){
		.id = l->id,
		.severity = BUSBAR__V1__SEVERITY__SEVERITY_INFO,
		.n_terms = 1,
		.term = { { .source = RULE_PEER,
			.point = l->point,
			.group = "",
			.peers = l->peers,
			.text = "" } },
	};
	bb_table_put(rs->listeners, key, l);
}

static int entry_take(struct ruleset *rs, const Busbar__V1__ConfigRule *c, struct bb_err *err)
{
	struct entry *e = &rs->entries[rs->n_entries];
	char pointer[96];

	*e = (struct entry){
		.id = c->entry,
		.is_removed = c->removed,
		.user = c->user && *c->user ? bb_arena_strdup(rs->arena, c->user) : NULL,
	};
	e->def = bb_ruledef_parse(rs->arena, c->json, strlen(c->json), pointer, err);
	if (!e->def)
		return bb_err_prefix(err, "rule entry %" PRIu64 " %s", c->entry, pointer);
	e->rule = make(rs, e);
	if (!e->rule && e->def->enabled && !e->is_removed)
		return bb_err_set(err,
			"rule entry %" PRIu64 ": \"%s\" has no kind and is not built in", c->entry,
			e->def->id);
	rs->n_entries++;
	rs->needs_profile |= e->def->scope == BB_SCOPE_PROFILE;
	entry_file(rs, e);
	for (unsigned k = 0; e->rule && k < e->rule->n_terms; k++)
		if (e->rule->term[k].source == RULE_DEVIATION &&
			strcmp(e->rule->term[k].peers, ".") != 0)
			listener_add(rs, &e->rule->term[k]);
	return 0;
}

size_t ruleset_config(struct ruleset *rs, const Busbar__V1__Config *conf, struct bb_err *err)
{
	struct bb_err why;
	size_t bad = 0;

	rs->pass++;
	bb_table_free(rs->by_place, NULL);
	rs->by_place = bb_table_new();
	bb_table_free(rs->places, NULL);
	rs->places = bb_table_new();
	bb_arena_free(rs->arena);
	rs->arena = bb_arena_new(65536, 0);
	rs->entries = bb_arena_alloc(rs->arena, (conf->n_rule + 1) * sizeof(*rs->entries));
	rs->n_entries = 0;
	rs->needs_profile = false;
	for (size_t i = 0; i < conf->n_rule; i++)
		if (entry_take(rs, conf->rule[i], &why) < 0 && bad++ == 0 && err)
			*err = why;
	return bad;
}

void ruleset_sweep(struct ruleset *rs)
{
	struct made_set *s;
	struct made *m;
	const void *key;
	size_t n;

	for (struct bb_table_iter i = { 0 }; (s = bb_table_next(rs->sets, &i, &key, &n));)
		if (s->pass != rs->pass) {
			bb_table_del_n(rs->sets, key, n);
			set_free(s);
		}
	for (struct bb_table_iter i = { 0 }; (m = bb_table_next(rs->made, &i, &key, &n));)
		if (m->pass != rs->pass) {
			bb_table_del_n(rs->made, key, n);
			made_free(m);
		}
}

bool ruleset_needs_profile(const struct ruleset *rs)
{
	return rs->needs_profile;
}

/* ---- the nearest ---- */

typedef void entry_cb(void *arg, const struct entry *e);

static void each_of(const struct ruleset *rs, enum bb_rule_scope scope, const char *of,
	entry_cb *cb, void *arg)
{
	char name[272];

	place_name(name, sizeof(name), scope, of);
	for (const struct entry *e = bb_table_get(rs->by_place, name); e; e = e->next)
		cb(arg, e);
}

/* Entries nearer than a profile. */
static void each_near(const struct ruleset *rs, const struct ruleset_place *at, entry_cb *cb,
	void *arg)
{
	char site[256];

	each_of(rs, BB_SCOPE_DEVICE, at->key, cb, arg);
	for (size_t i = 0; i < at->n_groups; i++)
		each_of(rs, BB_SCOPE_GROUP, at->groups[i], cb, arg);
	bb_copy(site, sizeof(site), at->site);
	while (*site) {
		char *slash = strrchr(site, '/');
		each_of(rs, BB_SCOPE_SITE, site, cb, arg);
		*(slash ? slash : site) = '\0';
	}
}

/* All entries that speak of the place, the nearest first. */
static void each_entry(const struct ruleset *rs, const struct ruleset_place *at, entry_cb *cb,
	void *arg)
{
	each_near(rs, at, cb, arg);
	if (*at->profile)
		each_of(rs, BB_SCOPE_PROFILE, at->profile, cb, arg);
	each_of(rs, BB_SCOPE_ALL, "", cb, arg);
}

struct picked {
	struct bb_table *ids; /* -> entry: decided already */
	const struct rule *rule[RULES_MAX];
	size_t n;
};

static void pick(void *arg, const struct entry *e)
{
	struct picked *p = arg;

	if (e->is_removed || bb_table_get(p->ids, e->def->id))
		return;
	bb_table_put(p->ids, e->def->id, (void *)(uintptr_t)e);
	if (e->rule && p->n < RULES_MAX)
		p->rule[p->n++] = e->rule;
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(const struct rule *const *)a)->id, (*(const struct rule *const *)b)->id);
}

static void pick_all(const struct ruleset *rs, const struct ruleset_place *at, struct picked *p)
{
	const struct rule *l;

	p->n = 0;
	p->ids = bb_table_new();
	each_entry(rs, at, pick, p);
	for (size_t i = 0; i < rule_pack_count && p->n < RULES_MAX; i++)
		if (!bb_table_get(p->ids, rule_pack[i].id))
			p->rule[p->n++] = &rule_pack[i];
	for (struct bb_table_iter i = { 0 }; (l = bb_table_next(rs->listeners, &i, NULL, NULL));)
		for (size_t k = 0; k < at->n_groups && p->n < RULES_MAX; k++)
			if (strcmp(l->term[0].peers, at->groups[k]) == 0)
				p->rule[p->n++] = l;
	bb_table_free(p->ids, NULL);
	/* The same rules in the same order are the same set. */
	qsort(p->rule, p->n, sizeof(p->rule[0]), by_id);
}

/* What decides which rules a place has, as addresses: most devices of a site have the same.
 * Returns how many, 0: too many. */
enum { PLACE_MAX = 64 };
static size_t place_key(const struct ruleset *rs, const struct ruleset_place *at, const void **out)
{
	char name[272], site[256];
	const void *l;
	size_t n = 0;

	place_name(name, sizeof(name), BB_SCOPE_DEVICE, at->key);
	out[n++] = bb_table_get(rs->by_place, name);
	for (size_t i = 0; i < at->n_groups && n < PLACE_MAX; i++) {
		place_name(name, sizeof(name), BB_SCOPE_GROUP, at->groups[i]);
		out[n++] = bb_table_get(rs->by_place, name);
	}
	bb_copy(site, sizeof(site), at->site);
	while (*site && n < PLACE_MAX) {
		char *slash = strrchr(site, '/');
		place_name(name, sizeof(name), BB_SCOPE_SITE, site);
		out[n++] = bb_table_get(rs->by_place, name);
		*(slash ? slash : site) = '\0';
	}
	for (struct bb_table_iter i = { 0 }; (l = bb_table_next(rs->listeners, &i, NULL, NULL));)
		for (size_t k = 0; k < at->n_groups && n < PLACE_MAX; k++)
			if (strcmp(((const struct rule *)l)->term[0].peers, at->groups[k]) == 0)
				out[n++] = l;
	place_name(name, sizeof(name), BB_SCOPE_PROFILE, at->profile);
	if (n < PLACE_MAX)
		out[n++] = *at->profile ? bb_table_get(rs->by_place, name) : NULL;
	return n < PLACE_MAX ? n : 0;
}

static struct made_set *set_of(struct ruleset *rs, const struct ruleset_place *at,
	struct bb_err *err)
{
	struct picked p;
	struct made_set *m;

	pick_all(rs, at, &p);
	m = bb_table_get_n(rs->sets, p.rule, p.n * sizeof(p.rule[0]));
	if (m)
		return m;
	struct rule_set *set = rule_set_new(p.rule, p.n, err);
	if (!set)
		return NULL;
	m = bb_calloc(1, sizeof(*m));
	m->set = set;
	bb_table_put_n(rs->sets, p.rule, p.n * sizeof(p.rule[0]), m);
	return m;
}

const struct rule_set *ruleset_for(struct ruleset *rs, const struct ruleset_place *at,
	struct bb_err *err)
{
	const void *key[PLACE_MAX];
	struct made_set *m = NULL;

	if (!rs->n_entries)
		return rs->base;
	size_t n = place_key(rs, at, key);
	if (n)
		m = bb_table_get_n(rs->places, key, n * sizeof(key[0]));
	if (!m) {
		m = set_of(rs, at, err);
		if (!m)
			return rs->base;
		if (n)
			bb_table_put_n(rs->places, key, n * sizeof(key[0]), m);
	}
	m->pass = rs->pass;
	return m->set;
}

struct wanted {
	const char *id;
	bool found;
};

static void find_wanted(void *arg, const struct entry *e)
{
	struct wanted *w = arg;

	w->found |= !e->is_removed && strcmp(e->def->id, w->id) == 0;
}

bool ruleset_awaits_profile(const struct ruleset *rs, const struct ruleset_place *at,
	const char *id)
{
	struct wanted near = { .id = id }, any = { .id = id };

	if (*at->profile || !rs->needs_profile)
		return false;
	each_near(rs, at, find_wanted, &near);
	for (size_t i = 0; i < rs->n_entries; i++)
		if (rs->entries[i].def->scope == BB_SCOPE_PROFILE)
			find_wanted(&any, &rs->entries[i]);
	return any.found && !near.found;
}

struct ended {
	const char *id, *user;
};

static void find_ended(void *arg, const struct entry *e)
{
	struct ended *x = arg;

	if (!x->user && !e->rule && strcmp(e->def->id, x->id) == 0)
		x->user = e->user;
}

const char *ruleset_ended_by(const struct ruleset *rs, const struct ruleset_place *at,
	const char *id)
{
	struct ended x = { .id = id };

	each_entry(rs, at, find_ended, &x);
	return x.user;
}

/* ---- showing ---- */

static void write_points(const struct rule *r, struct bb_json *j)
{
	bb_json_arr(j, "points");
	for (unsigned k = 0; k < r->n_terms; k++) {
		bool is_new = true;
		for (unsigned i = 0; i < k; i++)
			is_new &= strcmp(r->term[i].point, r->term[k].point) != 0;
		if (is_new)
			bb_json_str(j, NULL, r->term[k].point);
	}
	bb_json_end_arr(j);
}

void rule_pack_write(const struct rule *r, struct bb_json *j)
{
	const struct bb_rule_words *w = bb_rule_words(r->id);

	bb_json_null(j, "entry");
	bb_json_bool(j, "builtin", true);
	bb_json_str(j, "id", r->id);
	bb_json_bool(j, "enabled", true);
	bb_json_obj(j, "scope");
	bb_json_end_obj(j);
	bb_json_str(j, "kind", "builtin");
	write_points(r, j);
	bb_json_str(j, "severity", bb_severity_name(r->severity));
	bb_json_str(j, "text", r->term[0].text);
	bb_json_bool(j, "latch", r->term[0].hold.latch);
	if (!w)
		return;
	bb_json_str(j, "title", w->title);
	bb_json_str(j, "cause", w->cause);
	bb_json_str(j, "consequence", w->consequence);
	bb_json_str(j, "action", w->action);
}

static void write_from(const struct bb_ruledef *d, struct bb_json *j)
{
	bb_json_obj(j, "from");
	if (d->scope)
		bb_json_str(j, bb_rule_scope_name(d->scope), d->scope_of);
	bb_json_end_obj(j);
}

void ruleset_write(const struct ruleset *rs, const struct rule *r, struct bb_json *j)
{
	char number[24];

	bb_json_obj(j, NULL);
	if (!r->entry) {
		rule_pack_write(r, j);
		bb_json_str(j, "from", "builtin");
		bb_json_end_obj(j);
		return;
	}
	snprintf(number, sizeof(number), "%" PRIu64, r->entry);
	bb_json_str(j, "entry", number);
	bb_json_bool(j, "builtin", false);
	for (size_t i = 0; i < rs->n_entries; i++)
		if (rs->entries[i].rule == r) {
			bb_ruledef_write(rs->entries[i].def, j);
			write_from(rs->entries[i].def, j);
			break;
		}
	bb_json_end_obj(j);
}
