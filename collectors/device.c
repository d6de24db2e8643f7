// SPDX-License-Identifier: Apache-2.0
/* One device: its schedule and its messages. */
#include <stdlib.h>
#include <string.h>

#include "collectors/collector_priv.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"
#include "common/wire.h"

#define LOST_AFTER 3 /* polls; the rule comm_lost counts the same */
#define TOPIC_MAX  240
#define REASON_MAX 400
#define HURRY_MS   500 /* after a trap the status is asked for so often ... */
#define HURRY_FOR_MS 15000 /* ... for so long */

/* ---- messages ---- */

/* The values of one kind in the form of the message: names, number of them, and for each its slot.
 * Where nothing is absent the layout's own name array serves and no slot list is made. */
struct column {
	unsigned n, first;
	char **name;
	const uint16_t *slot; /* NULL: first, first + 1 ... */
	uint32_t *quality;    /* NULL: all good */
};

static unsigned column_slot(const struct column *c, unsigned i)
{
	return c->slot ? c->slot[i] : c->first + i;
}

static struct column column_make(const struct device *d, unsigned group, unsigned kind,
	struct bb_arena *a)
{
	const struct layout *l = d->layout;
	struct column c = { .n = l->count[group][kind], .first = l->first[group][kind] };
	const uint8_t *quality = d->quality + c.first;
	unsigned absent = 0, poor = 0;

	for (unsigned i = 0; i < c.n; i++) {
		absent += quality[i] == DEVICE_ABSENT;
		poor += quality[i] != BB_GOOD;
	}
	c.name = l->names + c.first;
	if (absent) {
		uint16_t *slot = bb_arena_alloc(a, c.n * sizeof(*slot) + 1);
		unsigned kept = 0;

		c.name = bb_arena_alloc(a, c.n * sizeof(*c.name) + 1);
		for (unsigned i = 0; i < c.n; i++) {
			if (quality[i] == DEVICE_ABSENT)
				continue;
			slot[kept] = (uint16_t)(c.first + i);
			c.name[kept++] = l->names[c.first + i];
		}
		c.slot = slot;
		c.n = kept;
	}
	if (poor > absent) {
		c.quality = bb_arena_alloc(a, c.n * sizeof(*c.quality));
		for (unsigned i = 0; i < c.n; i++)
			c.quality[i] = d->quality[column_slot(&c, i)];
	}
	return c;
}

static void add_numbers(const struct device *d, unsigned group, Busbar__V1__Reading *r,
	struct bb_arena *a)
{
	struct column c = column_make(d, group, BB_NUMBER, a);

	_Static_assert(sizeof(union device_value) == sizeof(double),
		"numbers of a layout are one array of double");
	if (!c.n)
		return;
	r->n_number_name = r->n_number = c.n;
	r->number_name = c.name;
	r->number = &d->value[c.first].number;
	if (c.slot) {
		r->number = bb_arena_alloc(a, c.n * sizeof(double));
		for (unsigned i = 0; i < c.n; i++)
			r->number[i] = d->value[c.slot[i]].number;
	}
	r->n_number_quality = c.quality ? c.n : 0;
	r->number_quality = c.quality;
}

static void add_texts(const struct device *d, unsigned group, Busbar__V1__Reading *r,
	struct bb_arena *a)
{
	struct column c = column_make(d, group, BB_TEXT, a);

	if (!c.n)
		return;
	r->n_text_name = r->n_text = c.n;
	r->text_name = c.name;
	r->text = bb_arena_alloc(a, c.n * sizeof(char *));
	for (unsigned i = 0; i < c.n; i++) {
		char *text = d->value[column_slot(&c, i)].text;

		r->text[i] = text ? text : "";
	}
	r->n_text_quality = c.quality ? c.n : 0;
	r->text_quality = c.quality;
}

static void add_flags(const struct device *d, unsigned group, Busbar__V1__Reading *r,
	struct bb_arena *a)
{
	struct column c = column_make(d, group, BB_FLAG, a);

	if (!c.n)
		return;
	r->n_flag_name = r->n_flag = c.n;
	r->flag_name = c.name;
	r->flag = bb_arena_alloc(a, c.n * sizeof(*r->flag));
	for (unsigned i = 0; i < c.n; i++)
		r->flag[i] = device_flag(d, column_slot(&c, i));
	r->n_flag_quality = c.quality ? c.n : 0;
	r->flag_quality = c.quality;
}

static uint32_t *row_quality(const struct device *d, const struct layout_row *row,
	struct bb_arena *a)
{
	const uint8_t *quality = d->quality + row->first;
	unsigned i = 0;

	while (i < row->n && quality[i] == BB_GOOD)
		i++;
	if (i == row->n)
		return NULL;
	uint32_t *out = bb_arena_alloc(a, row->n * sizeof(*out));
	for (i = 0; i < row->n; i++)
		out[i] = quality[i] == DEVICE_ABSENT ? BB_UNKNOWN : quality[i];
	return out;
}

static void fill_row(const struct device *d, const struct layout_row *row, Busbar__V1__Row *m,
	struct bb_arena *a)
{
	busbar__v1__row__init(m);
	m->name = (char *)row->name;
	m->index_prefix = (char *)row->prefix;
	m->has_first = 1;
	m->first = row->from;
	m->quality = row_quality(d, row, a);
	m->n_quality = m->quality ? row->n : 0;
	if (row->kind == BB_NUMBER) {
		m->value = &d->value[row->first].number;
		m->n_value = row->n;
		return;
	}
	m->text = bb_arena_alloc(a, row->n * sizeof(char *));
	m->n_text = row->n;
	for (unsigned i = 0; i < row->n; i++) {
		char *text = d->value[row->first + i].text;

		m->text[i] = text ? text : "";
	}
}

/* Battery strings and blocks. */
static void add_rows(const struct device *d, unsigned group, Busbar__V1__Reading *r,
	struct bb_arena *a)
{
	const struct layout *l = d->layout;

	if (!l->n_rows)
		return;
	r->row = bb_arena_alloc(a, l->n_rows * sizeof(*r->row));
	for (unsigned i = 0; i < l->n_rows; i++) {
		if (l->row[i].group != group)
			continue;
		r->row[r->n_row] = bb_arena_alloc(a, sizeof(Busbar__V1__Row));
		fill_row(d, &l->row[i], r->row[r->n_row++], a);
	}
}

static void add_findings(const struct device *d, unsigned group, Busbar__V1__Reading *r,
	struct bb_arena *a)
{
	const struct plausible *p = d->plausible;

	if (!p || !p->n)
		return;
	r->finding = bb_arena_alloc(a, p->n * sizeof(*r->finding));
	for (unsigned i = 0; i < p->n; i++) {
		const struct plausible_finding *f = &p->finding[i];
		char text[200];

		if (!f->is_open || d->layout->slot[f->slot].group != group)
			continue;
		Busbar__V1__Finding *m = bb_arena_alloc(a, sizeof(*m));
		busbar__v1__finding__init(m);
		m->point = d->layout->slot[f->slot].name;
		m->kind = (char *)plausible_kind_name(f->kind);
		m->text = bb_arena_strdup(a, plausible_text(d, f, text, sizeof(text)));
		m->has_value = m->has_first_unix_ms = 1;
		m->value = f->value;
		m->first_unix_ms = f->first_unix_ms;
		m->has_factor = f->factor != 0;
		m->factor = f->factor;
		r->finding[r->n_finding++] = m;
	}
}

const void *device_pack(struct device *d, unsigned group, struct bb_arena *a, size_t *len)
{
	const struct device_group *g = &d->group[group];
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;

	r.has_device_id = r.has_site_id = r.has_interval_ms = r.has_missed = 1;
	r.device_id = d->id;
	r.key = d->key;
	r.site_id = d->site_id;
	r.group = (char *)collector_group_name(group);
	r.interval_ms = g->interval_ms;
	r.missed = g->missed;
	r.profile = d->layout ? d->layout->profile : NULL;
	if (g->missed) {
		r.lost_reason = d->lost_reason ? d->lost_reason : "no usable answer yet";
	} else if (d->layout) {
		add_numbers(d, group, &r, a);
		add_texts(d, group, &r, a);
		add_flags(d, group, &r, a);
		add_rows(d, group, &r, a);
		add_findings(d, group, &r, a);
	}
	return bb_pack(a, &r, len);
}

uint64_t device_group_stamp(const struct device *d, unsigned group)
{
	return d->group[group].missed ? bb_clock_boot_ns() : d->group[group].sampled_ns;
}

static void retire_topic(struct device *d, unsigned group)
{
	char topic[TOPIC_MAX];

	if (!d->group[group].published)
		return;
	bb_topic(topic, sizeof(topic), "reading", d->key, collector_group_name(group));
	bb_pub_gone(d->host->pub, topic);
	d->group[group].published = false;
}

void device_retire_topics(struct device *d)
{
	char topic[TOPIC_MAX];

	for (unsigned g = 0; g < GROUP_COUNT; g++)
		retire_topic(d, g);
	if (!d->has_identity)
		return;
	bb_topic(topic, sizeof(topic), "identity", d->key, NULL);
	bb_pub_gone(d->host->pub, topic);
	d->has_identity = false;
}

/* ---- communication state ---- */

static void note_lost(struct device *d)
{
	struct collector *c = d->host;

	if (d->is_lost)
		return;
	d->is_lost = true;
	c->n_lost++;
	if (collector_log_allowed(c))
		bb_log(EV_DEVICE_LOST, BB_STR("device", d->key),
			BB_STR("reason", d->lost_reason ? d->lost_reason : ""));
}

static void note_back(struct device *d)
{
	struct collector *c = d->host;

	free(d->lost_reason);
	d->lost_reason = NULL;
	if (!d->is_lost)
		return;
	d->is_lost = false;
	c->n_lost--;
	if (collector_log_allowed(c))
		bb_log(EV_DEVICE_BACK, BB_STR("device", d->key));
}

static void look_at_values(struct device *d, unsigned group)
{
	const struct collector_settings *set = d->host->settings;
	const struct plausible_limits limits = { (uint64_t)set->stuck_s * 1000,
		(uint64_t)set->stuck_battery_s * 1000 };

	if (d->plausible)
		plausible_pass(d, group, wheel_now_ms(d->host->wheel), bb_clock_real_us() / 1000,
			&limits);
}

void device_pass_done(struct device *d, unsigned group, uint64_t sampled_boot_ns)
{
	struct device_group *g = &d->group[group];

	g->asked = false;
	g->alive = true;
	g->missed = 0;
	g->sampled_ns = sampled_boot_ns ? sampled_boot_ns : bb_clock_boot_ns();
	if (group == GROUP_STATUS)
		note_back(d);
	look_at_values(d, group);
	device_publish(d, group);
}

void device_pass_repeated(struct device *d, unsigned group, uint64_t sampled_boot_ns)
{
	struct device_group *g = &d->group[group];

	if (g->missed || d->lost_reason || !sampled_boot_ns) {
		device_pass_done(d, group, sampled_boot_ns);
		return;
	}
	g->asked = false;
	g->alive = true;
	g->sampled_ns = sampled_boot_ns;
	plausible_again(d, group);
	if (plausible_take_change(d->plausible))
		device_publish(d, group);
	else
		device_publish_again(d, group);
}

static void count_missed(struct device *d, unsigned group)
{
	struct device_group *g = &d->group[group];

	if (g->missed < UINT32_MAX)
		g->missed++;
	d->host->passes_failed++;
	if (group == GROUP_STATUS && g->missed >= LOST_AFTER)
		note_lost(d);
	device_publish(d, group);
}

static void set_reason(struct device *d, const char *reason)
{
	if (d->lost_reason && !strcmp(d->lost_reason, reason))
		return;
	free(d->lost_reason);
	d->lost_reason = bb_strdup(reason);
}

/* False: not the device's fault. */
static bool explain(struct device *d)
{
	char reason[REASON_MAX] = "no answer yet";

	if (d->host->ops->explain && !d->host->ops->explain(d, reason, sizeof(reason)))
		return false;
	set_reason(d, reason);
	return true;
}

void device_pass_failed(struct device *d, unsigned group, const char *reason)
{
	struct device_group *g = &d->group[group];

	set_reason(d, reason);
	g->asked = false;
	if (g->counted)
		device_publish(d, group);
	else
		count_missed(d, group);
}

void device_update(struct device *d, unsigned group)
{
	if (d->group[group].sampled_ns && !d->group[group].missed)
		device_publish(d, group);
}

void device_alive(struct device *d)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		d->group[g].alive = true;
}

/* ---- schedule ---- */

/* Spread by a hash of the id, so that the load is even and stays where it was over restarts. Identity
 * waits for the transport's word that it knows the device, or for the same round as the measurements. */
static uint64_t phase_ms(const struct device *d, unsigned group, uint64_t *span_ms)
{
	uint64_t h = bb_hash(&d->id, sizeof(d->id));

	for (unsigned g = 0; g <= group; g++)
		h = h * 6364136223846793005U + 1442695040888963407U;
	*span_ms = d->group[group == GROUP_IDENT ? GROUP_MEASURE : group].interval_ms;
	return *span_ms ? (h >> 33) % *span_ms : 0;
}

/* About an interval away, and in the device's own phase: what made many poll at the same moment (a trap
 * of each) must not go on for ever. */
static uint64_t next_in_ms(const struct device *d, unsigned group)
{
	uint64_t span, phase;

	if (group != GROUP_STATUS && group != GROUP_MEASURE)
		return d->group[group].interval_ms;
	phase = phase_ms(d, group, &span);
	return wheel_phase_ms(d->host->wheel, phase, span, span / 2);
}

/* Who hurries, or was just brought back to its phase. */
static bool is_between(const struct device_group *g, uint64_t now_ms, bool hurry)
{
	uint64_t left_ms = g->counts_ms > now_ms ? g->counts_ms - now_ms : 0;

	return hurry ? left_ms > 0 : left_ms > WHEEL_TICK_MS && left_ms <= g->interval_ms / 2;
}

static void poll_group(struct device *d, unsigned group)
{
	struct device_group *g = &d->group[group];
	uint64_t now = wheel_now_ms(d->host->wheel);
	bool hurry = group == GROUP_STATUS && now < d->hurry_until_ms;

	if (hurry && g->interval_ms > HURRY_MS)
		device_schedule(d, group, HURRY_MS);
	else
		device_schedule(d, group, next_in_ms(d, group));
	/* Between the polls of the interval: what is asked already, or not to be asked, is no miss. */
	if (is_between(g, now, hurry)) {
		if (!g->asked && d->is_open) {
			g->asked = true;
			g->asked = d->host->ops->poll(d, group);
		}
		return;
	}
	g->counts_ms = now + g->interval_ms;
	/* A whole interval went by without an answer, and the transport still tries. */
	if (g->asked && !g->alive && explain(d)) {
		g->counted = true;
		count_missed(d, group);
	}
	g->alive = false;
	if (!d->is_open) {
		count_missed(d, group);
		return;
	}
	if (g->asked)
		return;
	g->counted = false;
	/* Set before, because the pass may end within the call. */
	g->asked = true;
	if (d->host->ops->poll(d, group))
		return;
	g->asked = false;
	count_missed(d, group);
}

static void due_status(void *arg)
{
	poll_group(arg, GROUP_STATUS);
}

static void due_measure(void *arg)
{
	poll_group(arg, GROUP_MEASURE);
}

static void due_ident(void *arg)
{
	poll_group(arg, GROUP_IDENT);
}

/* Most devices have no battery blocks to tell of, and then not even a topic for them. */
static void due_cells(void *arg)
{
	struct device *d = arg;

	if (d->layout && d->layout->total[GROUP_CELLS]) {
		poll_group(d, GROUP_CELLS);
		return;
	}
	device_schedule(d, GROUP_CELLS, d->group[GROUP_CELLS].interval_ms);
	retire_topic(d, GROUP_CELLS);
}

void device_schedule(struct device *d, unsigned group, uint64_t in_ms)
{
	static const wheel_cb due[GROUP_COUNT] = {
		[GROUP_STATUS] = due_status,
		[GROUP_MEASURE] = due_measure,
		[GROUP_IDENT] = due_ident,
		[GROUP_CELLS] = due_cells,
	};

	wheel_set(d->host->wheel, &d->group[group].timer, in_ms, due[group], d);
}

void device_schedule_first(struct device *d)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		uint64_t span, phase = phase_ms(d, g, &span);

		device_schedule(d, g, wheel_phase_ms(d->host->wheel, phase, span, 0));
	}
}

/* The interval is another one. Who is due before its new phase stays so. */
void device_reschedule(struct device *d, unsigned group)
{
	uint64_t span, phase = phase_ms(d, group, &span);
	uint64_t in = wheel_phase_ms(d->host->wheel, phase, span, 0);

	if (in < wheel_left_ms(d->host->wheel, &d->group[group].timer))
		device_schedule(d, group, in);
}

void device_unschedule(struct device *d)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		wheel_cancel(&d->group[g].timer);
}

void device_set_interval(struct device *d, unsigned group, uint32_t ms)
{
	if (group == GROUP_STATUS && d->group[group].interval_ms != ms)
		d->sent.is_digested = false;
	d->group[group].interval_ms = ms;
}

void device_hurry(struct device *d)
{
	uint64_t now = wheel_now_ms(d->host->wheel);

	if (d->is_open && d->host->ops->heard)
		d->host->ops->heard(d);
	if (now >= d->hurry_until_ms)
		d->group[GROUP_STATUS].counts_ms = now + d->group[GROUP_STATUS].interval_ms;
	d->hurry_until_ms = now + HURRY_FOR_MS;
	device_schedule(d, GROUP_STATUS, 0);
}

void device_poll_soon(struct device *d, unsigned group, uint64_t ms)
{
	device_schedule(d, group, ms);
}
