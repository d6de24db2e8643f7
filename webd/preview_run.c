// SPDX-License-Identifier: Apache-2.0
#include "webd/preview_run.h"

#include <stdlib.h>
#include <string.h>

#include "alarmd/core.h"
#include "common/str.h"

#define COLLECTOR    "preview"
#define VALUES_MAX   512
#define SAME_US      100000                  /* folded samples are rounded to so much */
#define BASE_NS      UINT64_C(1000000000000) /* the host was up for a while before */
#define TEXT_GAP_MS  2000 /* a text is read again so soon: that it changed is all that is stored */
#define TEXT_REPEATS 100  /* more readings than any rule counts */

struct preview_run {
	struct core *core;
	struct preview_result *out;
	struct preview_device *device;
	size_t n_devices;
	struct bb_table *by_id;
	uint64_t from_us, to_us, now_us, last_us, change_us;
	uint64_t jseq;
	char rule_id[41];
	bool is_text; /* texts and flags: stored when they change; `sample` is how they stand */
	const char *group;
	uint64_t
		age_step_us; /* of a rule about age: time itself is looked at so often; 0: it is none */
	/* the reading that is being put together */
	struct preview_sample sample[VALUES_MAX];
	size_t n_samples;
};

static const uint8_t some_id[16] = { 1 };

static uint64_t now_ns(const struct preview_run *r)
{
	return BASE_NS + (r->now_us - r->from_us) * 1000;
}

static uint64_t next_jseq(void *arg)
{
	return ((struct preview_run *)arg)->jseq + 1;
}

static uint64_t wall_us(void *arg)
{
	return ((struct preview_run *)arg)->now_us;
}

static void end_alarm(struct preview_run *r, struct preview_device *d)
{
	uint64_t us = d->raised_us ? r->now_us - d->raised_us : 0;

	d->alarm_us += us;
	r->out->alarm_us += us;
	d->raised_us = 0;
}

static uint64_t append(void *arg, const Busbar__V1__Transition *t)
{
	struct preview_run *r = arg;
	struct preview_device *d = bb_table_get_u64(r->by_id, t->alarm->device_id);
	uint64_t day = (r->now_us - r->from_us) / UINT64_C(86400000000);

	r->jseq++;
	if (!d || !d->is_asked || strcmp(t->alarm->rule, r->rule_id) != 0)
		return r->jseq;
	if (strcmp(t->kind, "raise") == 0) {
		d->raises++;
		r->out->raises++;
		r->out->day_raises[day < PREVIEW_DAYS_MAX + 1 ? day : PREVIEW_DAYS_MAX + 1]++;
		d->raised_us = r->now_us;
	} else if (strcmp(t->kind, "clear") == 0) {
		end_alarm(r, d);
	}
	return r->jseq;
}

/* ---- the configuration: these devices, the rule everywhere ---- */

static char *definition(const struct bb_ruledef *def)
{
	struct bb_ruledef d = *def;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	d.enabled = true;
	d.scope = BB_SCOPE_ALL;
	d.scope_of = "";
	d.has_latch = false;
	/* People put texts on alarms, not previews; without one it would be refused above info. */
	if (!*d.action)
		d.action = "preview";
	bb_json_obj(&j, NULL);
	bb_ruledef_write(&d, &j);
	bb_json_end_obj(&j);
	return b.data;
}

static void configure(struct preview_run *r, const struct bb_ruledef *def)
{
	struct bb_arena *a = bb_arena_new(65536, 0);
	Busbar__V1__Config conf = BUSBAR__V1__CONFIG__INIT;
	Busbar__V1__ConfigRule rule = BUSBAR__V1__CONFIG_RULE__INIT, *rules = &rule;
	Busbar__V1__ConfigGroup group = BUSBAR__V1__CONFIG_GROUP__INIT, *groups = &group;
	char *json = definition(def);

	conf.device = bb_arena_alloc(a, r->n_devices * sizeof(*conf.device));
	group.device_id = bb_arena_alloc(a, r->n_devices * sizeof(*group.device_id));
	for (size_t i = 0; i < r->n_devices; i++) {
		Busbar__V1__ConfigDevice *d = bb_arena_alloc(a, sizeof(*d));
		busbar__v1__config_device__init(d);
		d->has_device_id = 1;
		d->device_id = r->device[i].id;
		d->key = r->device[i].key;
		d->collector = COLLECTOR;
		conf.device[conf.n_device++] = d;
		group.device_id[group.n_device_id++] = r->device[i].id;
	}
	rule.has_entry = 1;
	rule.entry = 1;
	rule.json = json;
	rule.user = "preview";
	conf.n_rule = 1;
	conf.rule = &rules;
	if (def->kind == BB_RULE_DEVIATION && strcmp(def->group, ".") != 0) {
		group.has_group_id = 1;
		group.group_id = 1;
		group.key = (char *)(uintptr_t)def->group;
		group.name = group.key;
		conf.n_group = 1;
		conf.group = &groups;
	}
	core_config(r->core, &conf, now_ns(r));
	free(json);
	bb_arena_free(a);
}

struct preview_run *preview_run_new(const struct bb_ruledef *def, struct preview_device *devices,
	size_t n, uint64_t from_us, uint64_t to_us, struct preview_result *out)
{
	struct preview_run *r = bb_calloc(1, sizeof(*r));
	struct core_env env = {
		.journal_id = some_id,
		.boot_id = some_id,
		.next_jseq = next_jseq,
		.append = append,
		.wall_us = wall_us,
		.arg = r,
	};

	r->from_us = r->now_us = r->last_us = from_us;
	r->to_us = to_us;
	r->out = out;
	r->device = devices;
	r->n_devices = n;
	r->is_text = preview_is_of_states(def);
	r->group = def->kind == BB_RULE_STATE || !r->is_text ? "measure" : "status";
	if (def->kind == BB_RULE_AGE)
		r->age_step_us =
			(uint64_t)(def->max_age_s < 100 ? def->max_age_s / 10 : 10) * 1000000;
	bb_copy(r->rule_id, sizeof(r->rule_id), def->id);
	r->by_id = bb_table_new();
	for (size_t i = 0; i < n; i++)
		bb_table_put_u64(r->by_id, devices[i].id, &devices[i]);
	/* Begun a second before: what was sampled at the very start is no evidence. */
	r->core = core_new(&env, now_ns(r) - 1000000000);
	core_replayed(r->core, now_ns(r) - 1000000000);
	configure(r, def);
	core_peer(r->core, COLLECTOR, BB_PEER_ALIVE, false, now_ns(r));
	return r;
}

/* ---- time and readings ---- */

static bool waits(const struct preview_run *r)
{
	for (const struct device *d = core_devices(r->core); d; d = d->next)
		for (const struct alarm *a = d->alarms; a; a = a->next)
			if (alarm_is_waiting((enum alarm_phase)a->st.phase))
				return true;
	return false;
}

/* Time goes on where nothing is read: a value gets old, a device that is silent is not looked at. */
static void get_old(struct preview_run *r, uint64_t at_us)
{
	while (r->now_us + 1000000 < at_us) {
		r->now_us += waits(r) ? 1000000 : r->age_step_us;
		if (r->now_us > at_us)
			r->now_us = at_us;
		core_tick(r->core, now_ns(r));
	}
}

/* Holds end between two readings, but not where readings are missing. A text that did not change
 * is one that was read all the time. */
static void go_to(struct preview_run *r, uint64_t at_us)
{
	uint64_t gap_us =
		5000000 + 3 * (uint64_t)(r->n_devices ? r->device[0].interval_ms : 0) * 1000;
	uint64_t limit_us = r->is_text ? UINT64_MAX : r->last_us + gap_us;

	if (r->age_step_us)
		get_old(r, at_us);
	while (r->now_us + 1000000 < at_us && r->now_us < limit_us && waits(r)) {
		r->now_us += 1000000;
		core_tick(r->core, now_ns(r));
	}
	if (at_us > r->now_us)
		r->now_us = at_us;
}

static void give(struct preview_run *r, struct bb_arena *a, const struct preview_device *d)
{
	Busbar__V1__Reading m = BUSBAR__V1__READING__INIT;
	size_t n = r->n_samples;
	struct core_source from = { .publisher = COLLECTOR,
		.sampled_ns = now_ns(r),
		.epoch = 1,
		.topic_seq = ++r->jseq };

	m.has_device_id = m.has_interval_ms = m.has_missed = 1;
	m.device_id = d->id;
	m.key = (char *)(uintptr_t)d->key;
	m.group = (char *)(uintptr_t)r->group;
	m.interval_ms = r->is_text ? TEXT_GAP_MS : d->interval_ms;
	m.number_name = bb_arena_alloc(a, n * sizeof(char *));
	m.number = bb_arena_alloc(a, n * sizeof(*m.number));
	m.text_name = bb_arena_alloc(a, n * sizeof(char *));
	m.text = bb_arena_alloc(a, n * sizeof(char *));
	m.text_quality = bb_arena_alloc(a, n * sizeof(*m.text_quality));
	m.flag_name = bb_arena_alloc(a, n * sizeof(char *));
	m.flag = bb_arena_alloc(a, n * sizeof(*m.flag));
	m.flag_quality = bb_arena_alloc(a, n * sizeof(*m.flag_quality));
	m.row = bb_arena_alloc(a, n * sizeof(*m.row));
	for (size_t i = 0; i < n; i++) {
		struct preview_sample *s = &r->sample[i];
		size_t digits = strlen(s->index);

		if (!*s->point)
			continue;
		while (digits && s->index[digits - 1] >= '0' && s->index[digits - 1] <= '9')
			digits--;
		if (s->is_flag) {
			m.flag_name[m.n_flag_name++] = (char *)(uintptr_t)s->point;
			m.flag_quality[m.n_flag_quality++] = 0;
			m.flag[m.n_flag++] = s->flag;
		} else if (s->text && !*s->index) {
			m.text_name[m.n_text_name++] = (char *)(uintptr_t)s->point;
			m.text_quality[m.n_text_quality++] = s->is_good ? 0 : 3;
			m.text[m.n_text++] = (char *)(uintptr_t)s->text;
		} else if (!*s->index) {
			m.number_name[m.n_number_name++] = (char *)(uintptr_t)s->point;
			m.number[m.n_number++] = s->number;
		} else if (!s->text) {
			Busbar__V1__Row *row = bb_arena_alloc(a, sizeof(*row));
			busbar__v1__row__init(row);
			row->name = (char *)(uintptr_t)s->point;
			row->index_prefix = bb_arena_strndup(a, s->index, digits);
			row->has_first = 1;
			row->first = (uint32_t)strtoul(s->index + digits, NULL, 10);
			row->n_value = 1;
			row->value = &s->number;
			m.row[m.n_row++] = row;
		}
	}
	core_reading(r->core, &m, &from, now_ns(r));
	r->last_us = r->now_us;
}

static void judge(struct preview_run *r)
{
	struct preview_device *d = bb_table_get_u64(r->by_id, r->sample[0].device_id);
	struct bb_arena *a = bb_arena_new(16384, 0);

	if (d) {
		go_to(r, r->is_text ? r->change_us : r->sample[0].at_us);
		give(r, a, d);
	}
	bb_arena_free(a);
}

/* Texts are stored when they change; what was read in between said the same. */
static void repeat_text(struct preview_run *r, uint64_t until_us)
{
	struct bb_arena *a = bb_arena_new(16384, 0);
	struct preview_device *d = bb_table_get_u64(r->by_id, r->sample[0].device_id);

	for (unsigned i = 0; d && i < TEXT_REPEATS && r->now_us + TEXT_GAP_MS * 1000 < until_us;
		i++) {
		go_to(r, r->now_us + TEXT_GAP_MS * 1000);
		give(r, a, d);
		bb_arena_reset(a);
	}
	bb_arena_free(a);
}

/* What is known of the device is judged, then this changes. */
static void change(struct preview_run *r, const struct preview_sample *s)
{
	size_t i = 0;

	if (r->n_samples && s->at_us > r->change_us + SAME_US) {
		judge(r);
		repeat_text(r, s->at_us);
	}
	while (i < r->n_samples && (strcmp(r->sample[i].point, s->point) != 0 ||
					   strcmp(r->sample[i].index, s->index) != 0))
		i++;
	if (i == VALUES_MAX)
		return;
	r->sample[i] = *s;
	r->n_samples += i == r->n_samples;
	r->change_us = s->at_us;
}

void preview_run_sample(struct preview_run *r, const struct preview_sample *s)
{
	struct preview_sample *last = r->n_samples ? &r->sample[r->n_samples - 1] : NULL;

	if (r->is_text) {
		change(r, s);
		return;
	}
	if (last && (s->device_id != last->device_id || s->at_us > r->sample[0].at_us + SAME_US)) {
		judge(r);
		r->n_samples = 0;
	}
	for (size_t i = 0; i < r->n_samples; i++)
		if (strcmp(r->sample[i].point, s->point) == 0 &&
			strcmp(r->sample[i].index, s->index) == 0)
			return;
	if (r->n_samples < VALUES_MAX)
		r->sample[r->n_samples++] = *s;
}

void preview_run_flush(struct preview_run *r)
{
	if (!r->n_samples)
		return;
	judge(r);
	if (r->is_text)
		repeat_text(r, r->to_us);
	r->n_samples = 0;
}

void preview_run_free(struct preview_run *r, bool to_the_end)
{
	if (to_the_end) {
		go_to(r, r->to_us);
		for (size_t i = 0; i < r->n_devices; i++)
			end_alarm(r, &r->device[i]);
	}
	core_free(r->core);
	bb_table_free(r->by_id, NULL);
	free(r);
}
