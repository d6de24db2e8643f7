// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/alarm_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "common/weekly.h"
#include "tests/lib/alarm_groups.h"
#include "tests/lib/alarm_life.h"

#define WALL_START_US UINT64_C(1764000000000000)
#define NS(ms)        (((ms) + 1000) * UINT64_C(1000000)) /* the host was up for a second before */

static uint64_t next_jseq(void *arg)
{
	struct world *w = arg;

	return w->n_records ? w->records[w->n_records - 1].jseq + 1 : 1;
}

static uint64_t append(void *arg, const Busbar__V1__Transition *t)
{
	struct world *w = arg;
	uint64_t jseq = next_jseq(w);
	size_t len;
	const uint8_t *packed = bb_pack(w->kept, t, &len);

	w->records = bb_realloc(w->records, (w->n_records + 1) * sizeof(*w->records));
	struct world_record *r = &w->records[w->n_records++];
	*r = (struct world_record){ .jseq = jseq,
		.at_ms = w->now_ms,
		.data = bb_arena_memdup(w->kept, packed, len),
		.len = len };
	struct bb_err err = { "" };
	r->t = bb_unpack_transition(w->kept, r->data, r->len, &err);
	if (!r->t)
		fprintf(stderr, "own record %" PRIu64 " does not decode: %s\n", jseq, err.text);
	bb_assert(r->t);
	return jseq;
}

static uint64_t wall_us(void *arg)
{
	struct world *w = arg;

	return WALL_START_US + w->now_ms * 1000 + (uint64_t)w->wall_step_us;
}

static void remark(void *arg, const struct alarm *a)
{
	((struct world *)arg)->remarks++;
}

static void device_gone(void *arg, const struct device *d)
{
	((struct world *)arg)->gone++;
}

static void core_make(struct world *w)
{
	static const uint8_t boot_id[16] = { 7 };
	struct core_env env = {
		.journal_id = w->journal_id,
		.boot_id = boot_id,
		.next_jseq = next_jseq,
		.append = append,
		.wall_us = wall_us,
		.remark = remark,
		.device_gone = device_gone,
		.arg = w,
	};

	w->core = core_new(&env, NS(w->now_ms));
}

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	bb_weekly_prepare();
	memset(w->journal_id, 0xab, sizeof(w->journal_id));
	w->arena = bb_arena_new(65536, 0);
	w->kept = bb_arena_new(65536, 0);
	core_make(w);
	core_replayed(w->core, NS(0));
}

void world_fini(struct world *w)
{
	core_free(w->core);
	world_groups_fini(w);
	world_life_fini(w);
	bb_arena_free(w->arena);
	bb_arena_free(w->kept);
	for (size_t i = 0; i < w->n_rules; i++)
		free(w->rules[i].json);
	free(w->records);
}

static size_t index_of(const struct world *w, const char *key)
{
	size_t i = 0;

	while (i < w->n_devices && strcmp(w->devices[i].key, key) != 0)
		i++;
	return i;
}

uint64_t world_device(struct world *w, const char *key, const char *collector)
{
	size_t i = index_of(w, key);

	if (i == w->n_devices) {
		bb_assert(i < WORLD_DEVICES_MAX);
		w->n_devices++;
		bb_copy(w->devices[i].key, sizeof(w->devices[i].key), key);
		w->devices[i].id = ++w->next_id;
	}
	bb_copy(w->devices[i].collector, sizeof(w->devices[i].collector), collector);
	return w->devices[i].id;
}

void world_profile(struct world *w, const char *key, const char *profile)
{
	size_t i = index_of(w, key);

	bb_assert(i < w->n_devices);
	bb_copy(w->devices[i].profile, sizeof(w->devices[i].profile), profile);
}

void world_rule(struct world *w, uint64_t entry, const char *json)
{
	size_t i = 0;

	while (i < w->n_rules && w->rules[i].entry != entry)
		i++;
	bb_assert(i < WORLD_RULES_MAX);
	w->n_rules += i == w->n_rules;
	w->rules[i].entry = entry;
	w->rules[i].is_removed = !json;
	if (!json)
		return;
	free(w->rules[i].json);
	w->rules[i].json = bb_strdup(json);
}

void world_remove(struct world *w, const char *key)
{
	size_t i = index_of(w, key);

	bb_assert(i < w->n_devices);
	w->devices[i] = w->devices[--w->n_devices];
}

void world_rename(struct world *w, const char *from, const char *to)
{
	size_t i = index_of(w, from);

	bb_assert(i < w->n_devices);
	bb_copy(w->devices[i].key, sizeof(w->devices[i].key), to);
}

void world_configure(struct world *w)
{
	Busbar__V1__Config conf = BUSBAR__V1__CONFIG__INIT;

	bb_arena_reset(w->arena);
	conf.device = bb_arena_alloc(w->arena, (w->n_devices + 1) * sizeof(*conf.device));
	for (size_t i = 0; i < w->n_devices; i++) {
		Busbar__V1__ConfigDevice *d = bb_arena_alloc(w->arena, sizeof(*d));
		busbar__v1__config_device__init(d);
		d->has_device_id = d->has_site_id = 1;
		d->device_id = w->devices[i].id;
		d->site_id = 1;
		d->key = w->devices[i].key;
		d->collector = w->devices[i].collector;
		d->profile = w->devices[i].profile;
		conf.device[conf.n_device++] = d;
	}
	conf.rule = bb_arena_alloc(w->arena, (w->n_rules + 1) * sizeof(*conf.rule));
	for (size_t i = 0; i < w->n_rules; i++) {
		Busbar__V1__ConfigRule *r = bb_arena_alloc(w->arena, sizeof(*r));
		busbar__v1__config_rule__init(r);
		r->has_entry = r->has_removed = 1;
		r->entry = w->rules[i].entry;
		r->json = w->rules[i].json;
		r->user = "engineer";
		r->removed = w->rules[i].is_removed;
		conf.rule[conf.n_rule++] = r;
	}
	world_groups_config(w, &conf);
	world_life_config(w, &conf);
	core_config(w->core, &conf, NS(w->now_ms));
}

void world_to(struct world *w, uint64_t ms)
{
	while (w->now_ms < ms) {
		uint64_t second = (w->now_ms / 1000 + 1) * 1000;
		w->now_ms = second < ms ? second : ms;
		if (w->now_ms % 1000 == 0)
			core_tick(w->core, NS(w->now_ms));
	}
}

/* Values of one kind as parallel arrays. */
static void add_value(struct world *w, Busbar__V1__Reading *r, char *word)
{
	static const char *const qualities[] = { "good", "stale", "bad", "unknown" };
	char *value = strchr(word, '='), *at = value ? strchr(value, '@') : NULL;
	uint32_t q = 0;
	double number;

	bb_assert(value);
	*value++ = '\0';
	if (at) {
		*at++ = '\0';
		for (uint32_t i = 0; i < 4; i++)
			q = strcmp(qualities[i], at) == 0 ? i : q;
	}
	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
		r->flag_name[r->n_flag_name++] = word;
		r->flag_quality[r->n_flag_quality++] = q;
		r->flag[r->n_flag++] = value[0] == 't';
	} else if (bb_parse_double(value, &number) == 0) {
		r->number_name[r->n_number_name++] = word;
		r->number_quality[r->n_number_quality++] = q;
		r->number[r->n_number++] = number;
	} else {
		r->text_name[r->n_text_name++] = word;
		r->text_quality[r->n_text_quality++] = q;
		r->text[r->n_text++] = value;
	}
}

static Busbar__V1__Reading *reading_new(struct world *w, const char *key, const char *group,
	size_t n)
{
	size_t i = index_of(w, key);
	Busbar__V1__Reading *r;

	bb_arena_reset(w->arena);
	r = bb_arena_alloc(w->arena, sizeof(*r));
	busbar__v1__reading__init(r);
	r->has_device_id = r->has_interval_ms = r->has_missed = 1;
	r->device_id = i < w->n_devices ? w->devices[i].id : 999999;
	r->interval_ms = strcmp(group, "status") == 0 ? 2000 : 10000;
	r->key = bb_arena_strdup(w->arena, key);
	r->group = bb_arena_strdup(w->arena, group);
	r->flag_name = bb_arena_alloc(w->arena, n * sizeof(char *));
	r->flag = bb_arena_alloc(w->arena, n * sizeof(*r->flag));
	r->flag_quality = bb_arena_alloc(w->arena, n * sizeof(*r->flag_quality));
	r->number_name = bb_arena_alloc(w->arena, n * sizeof(char *));
	r->number = bb_arena_alloc(w->arena, n * sizeof(*r->number));
	r->number_quality = bb_arena_alloc(w->arena, n * sizeof(*r->number_quality));
	r->text_name = bb_arena_alloc(w->arena, n * sizeof(char *));
	r->text = bb_arena_alloc(w->arena, n * sizeof(char *));
	r->text_quality = bb_arena_alloc(w->arena, n * sizeof(*r->text_quality));
	return r;
}

static const char *collector_of(const struct world *w, const char *key)
{
	size_t i = index_of(w, key);

	return i < w->n_devices ? w->devices[i].collector : "collect-snmp";
}

static struct core_source source_of(struct world *w, const char *key, uint64_t sampled_ns)
{
	return (struct core_source){ .publisher = collector_of(w, key),
		.sampled_ns = sampled_ns,
		.epoch = 1,
		.topic_seq = ++w->topic_seq };
}

void world_confirm(struct world *w, const char *key, uint64_t topic_seq)
{
	size_t i = index_of(w, key);
	struct core_source from = { .publisher = collector_of(w, key),
		.sampled_ns = NS(w->now_ms),
		.epoch = 1,
		.topic_seq = topic_seq };

	core_confirm(w->core, i < w->n_devices ? w->devices[i].id : 999999, "status", &from,
		NS(w->now_ms));
}

void world_read_old(struct world *w, const char *key, const char *group, const char *values,
	uint64_t age_ms)
{
	Busbar__V1__Reading *r = reading_new(w, key, group, strlen(values) + 1);
	char *save = NULL;

	for (char *v = strtok_r(bb_arena_strdup(w->arena, values), ";", &save); v;
		v = strtok_r(NULL, ";", &save))
		add_value(w, r, v);
	struct core_source from = source_of(w, key, NS(w->now_ms) - age_ms * 1000000);

	core_reading(w->core, r, &from, NS(w->now_ms));
}

void world_read(struct world *w, const char *key, const char *group, const char *values)
{
	world_read_old(w, key, group, values, 0);
}

void world_miss(struct world *w, const char *key, unsigned missed)
{
	world_miss_of(w, key, missed, 2000);
}

void world_miss_of(struct world *w, const char *key, unsigned missed, unsigned interval_ms)
{
	Busbar__V1__Reading *r = reading_new(w, key, "status", 1);

	r->missed = missed;
	r->interval_ms = interval_ms;
	r->lost_reason = "no answer within 2 s";
	struct core_source from = source_of(w, key, NS(w->now_ms));

	core_reading(w->core, r, &from, NS(w->now_ms));
}

void world_peer(struct world *w, const char *publisher, enum bb_peer_state state)
{
	core_peer(w->core, publisher, state, false, NS(w->now_ms));
}

void world_heartbeat(struct world *w, const char *publisher, const char *role, const char *code,
	unsigned severity)
{
	Busbar__V1__Heartbeat h = BUSBAR__V1__HEARTBEAT__INIT;
	Busbar__V1__Trouble t = BUSBAR__V1__TROUBLE__INIT, *list = &t;

	h.publisher = (char *)(uintptr_t)publisher;
	h.role = (char *)(uintptr_t)role;
	if (code) {
		t.code = (char *)(uintptr_t)code;
		t.has_severity = 1;
		t.severity = severity;
		t.text = "trouble";
		h.n_trouble = 1;
		h.trouble = &list;
	}
	core_heartbeat(w->core, &h, NS(w->now_ms));
}

static void replay_after(struct world *w, uint64_t jseq)
{
	for (size_t i = 0; i < w->n_records; i++)
		if (w->records[i].jseq > jseq)
			core_replay(w->core, w->records[i].t);
	core_replayed(w->core, NS(w->now_ms));
	world_configure(w);
}

void world_restart(struct world *w, uint64_t snapshot_at)
{
	core_free(w->core);
	core_make(w);
	replay_after(w, snapshot_at);
}

struct world_snapshot world_snapshot(struct world *w)
{
	struct world_snapshot s = { .jseq = next_jseq(w) - 1 };

	core_snapshot(w->core, &s.data, &s.len);
	return s;
}

void world_restart_from(struct world *w, const struct world_snapshot *s)
{
	struct bb_err err;

	core_free(w->core);
	core_make(w);
	bb_assert(core_restore(w->core, s->data, s->len, &err) == 0);
	replay_after(w, s->jseq);
}

struct device *world_find(struct world *w, const char *key)
{
	for (struct device *d = core_devices(w->core); d; d = d->next)
		if (strcmp(d->key, key) == 0)
			return d;
	return NULL;
}

struct alarm *world_alarm(struct world *w, const char *key, const char *rule)
{
	struct device *d = world_find(w, key);

	for (struct alarm *a = d ? d->alarms : NULL; a; a = a->next)
		if (strcmp(a->rule_id, rule) == 0 && alarm_is_open(a->st.phase))
			return a;
	return NULL;
}

uint64_t world_wall_us(const struct world *w)
{
	return wall_us((void *)(uintptr_t)w);
}

unsigned world_deed(struct world *w, core_deed *deed, const char *id, const struct core_ack *by,
	uint8_t key, struct core_ack_result *out)
{
	uint8_t cmd_key[16];
	struct core_ack ack = *by;
	struct core_ack_result unused;

	memset(cmd_key, key, sizeof(cmd_key));
	ack.cmd_key = key ? cmd_key : NULL;
	if (!out)
		out = &unused;
	deed(w->core, id, &ack, out, NS(w->now_ms));
	return out->code;
}

unsigned world_ack(struct world *w, const char *id, const char *user, uint8_t key,
	struct core_ack_result *out)
{
	return world_deed(w, core_ack, id, &(struct core_ack){ .user = user, .comment = "seen" },
		key, out);
}

size_t world_count(const struct world *w, const char *key, const char *rule, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_records; i++) {
		const Busbar__V1__Transition *t = w->records[i].t;
		n += (!key[0] || strcmp(t->alarm->key, key) == 0) &&
		     (!rule[0] || strcmp(t->alarm->rule, rule) == 0) &&
		     (!kind[0] || strcmp(t->kind, kind) == 0);
	}
	return n;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *world_print(const struct world *w)
{
	char **lines = NULL;
	size_t n = 0;
	struct bb_buf out = { 0 };

	for (const struct device *d = core_devices(w->core); d; d = d->next) {
		for (const struct shelf *s = d->shelves; s; s = s->next) {
			char id[ALARM_ID_CHARS];
			struct bb_buf b = { 0 };
			bb_buf_printf(&b, "%s %s shelved %s %" PRIu64 " %" PRIu64 " %d %u %s %s\n", d->key,
				s->rule_id, alarm_id_print(&s->id, id), s->since_us, s->until_us,
				s->until_clear, s->severity, s->user ? s->user : "-",
				s->reason ? s->reason : "-");
			lines = bb_realloc(lines, (n + 1) * sizeof(*lines));
			lines[n++] = b.data;
		}
		for (const struct alarm *a = d->alarms; a; a = a->next) {
			char id[ALARM_ID_CHARS];
			struct bb_buf b = { 0 };
			if (!alarm_is_open(a->st.phase))
				continue;
			bb_buf_printf(&b, "%s %s %u %u %s %" PRIu64 " %" PRIu64 " %s %s %s\n",
				d->key, a->rule_id, a->severity, alarm_wire_state(a->st.phase),
				alarm_id_print(&a->id, id), a->jseq, a->episode,
				a->user ? a->user : "-", a->text ? a->text : "-",
				a->subject ? a->subject : "-");
			lines = bb_realloc(lines, (n + 1) * sizeof(*lines));
			lines[n++] = b.data;
		}
	}
	if (n)
		qsort(lines, n, sizeof(*lines), compare_lines);
	bb_buf_str(&out, "");
	for (size_t i = 0; i < n; i++) {
		bb_buf_str(&out, lines[i]);
		free(lines[i]);
	}
	free(lines);
	return out.data;
}
