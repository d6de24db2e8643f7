// SPDX-License-Identifier: Apache-2.0
/* What a reading, or the time, says about the terms of a set, and what follows from it for an alarm. */
#include <math.h>
#include <stdio.h>

#include "alarmd/rule_internal.h"
#include "alarmd/track.h"
#include "common/point.h"
#include "common/str.h"

struct read_ctx {
	const struct rule_set *s;
	struct rule_news *out;
	struct rule_verdicts *cells; /* of values with an index, until all were seen */
	const struct rule_world *world;
	bool is_stale;
};

static struct rule_bits *verdict_number(const struct rule_term *t, bool above, double v,
	struct rule_verdicts *out)
{
	if (above ? v > t->raise : v < t->raise)
		return &out->is_true;
	/* Without a dead band (clear == raise) everything that does not raise clears. */
	if (above ? v < t->clear || t->clear == t->raise : v > t->clear || t->clear == t->raise)
		return &out->is_false;
	return &out->is_between;
}

static bool is_above(const struct rule_term *t)
{
	return t->source == RULE_ABOVE || t->source == RULE_DEVIATION ||
	       (t->source == RULE_RATE && t->raise > 0);
}

static struct rule_bits *verdict_text(const struct rule_term *t, const char *text,
	struct rule_verdicts *out)
{
	if (!text || !*text)
		return &out->is_bad;
	for (unsigned i = 0; i < t->n_values; i++)
		if (strcmp(t->values[i], text) == 0)
			return &out->is_true;
	return &out->is_false;
}

/* Terms that need what was read before; *number becomes the change or the distance. */
static struct rule_bits *verdict_track(const struct read_ctx *c, const struct rule_term *t,
	const struct bb_value *v, struct rule_verdicts *out, double *number)
{
	struct rule_bits *bits;

	if (!c->world)
		return NULL;
	switch (track_value(c->world, t, v, number)) {
	case TRACK_NOTHING: break;
	case TRACK_SHORT:
		bits = verdict_number(t, is_above(t), *number, out);
		return bits == &out->is_true ? bits : &out->is_between;
	case TRACK_VALUE: return verdict_number(t, is_above(t), *number, out);
	}
	return NULL;
}

/* Returns the set the value belongs to, NULL when the point has another kind than the term
 * expects or it says nothing: no news then. */
static struct rule_bits *verdict(const struct read_ctx *c, const struct rule_term *t,
	const struct bb_value *v, struct rule_verdicts *out, double *number)
{
	static const int kinds[] = {
		[RULE_WORD] = BB_TEXT,
		[RULE_TEXT] = BB_TEXT,
		[RULE_FLAG] = BB_FLAG,
		[RULE_ABOVE] = BB_NUMBER,
		[RULE_BELOW] = BB_NUMBER,
		[RULE_RATE] = BB_NUMBER,
		[RULE_DEVIATION] = BB_NUMBER,
		[RULE_AGE] = -1,
		[RULE_PEER] = BB_NUMBER,
		[RULE_COMM] = -1,
		[RULE_EVENT] = -1,
	};

	if (kinds[t->source] >= 0 && kinds[t->source] != (int)v->kind)
		return NULL;
	if (c->is_stale || v->quality != BB_GOOD || (v->kind == BB_NUMBER && !isfinite(v->number)))
		return t->source == RULE_AGE || t->source == RULE_PEER ? NULL : &out->is_bad;
	switch (t->source) {
	case RULE_TEXT: return verdict_text(t, v->text, out);
	case RULE_FLAG: return v->flag ? &out->is_true : &out->is_false;
	case RULE_ABOVE:
	case RULE_BELOW: return verdict_number(t, is_above(t), v->number, out);
	case RULE_RATE:
	case RULE_DEVIATION:
	case RULE_AGE:
	case RULE_PEER: return verdict_track(c, t, v, out, number);
	case RULE_WORD:
	case RULE_COMM:
	case RULE_EVENT: break;
	}
	return NULL;
}

static void read_status(const struct read_ctx *c, const struct bb_value *v)
{
	struct rule_news *out = c->out;
	const struct rule_set *s = c->s;

	if (v->kind != BB_TEXT)
		return;
	/* No word at all is not "all clear": the collector knows nothing then. */
	bool is_good = !c->is_stale && v->quality == BB_GOOD && v->text && v->text[0];
	if (is_good) {
		out->has_status = true;
		out->status = bb_status_parse(v->text);
	}
	for (unsigned i = 0; i < s->words.n; i++) {
		unsigned k = s->words.term[i];
		bool is_set = s->slot[k].term->words & out->status;
		out->name[k] = v->name;
		out->index[k][0] = '\0';
		rule_bit_set(!is_good ? &out->is.is_bad
			     : is_set ? &out->is.is_true
				      : &out->is.is_false,
			k, true);
	}
}

/* The first one with an index is; later ones where they are further beyond the limit. */
static bool is_worse(const struct read_ctx *c, unsigned k, const struct rule_bits *bits, double v)
{
	const struct rule_verdicts *w = c->cells;
	const struct rule_term *t = c->s->slot[k].term;

	if (!rule_bit(&w->is_true, k) && !rule_bit(&w->is_between, k) && !rule_bit(&w->is_false, k))
		return true;
	if (t->source == RULE_TEXT || t->source == RULE_FLAG)
		return bits == &w->is_true && !rule_bit(&w->is_true, k);
	return is_above(t) ? v > c->out->value[k] : v < c->out->value[k];
}

/* One block beyond its limit is enough to raise; to clear, all must be there and be well. */
static void merge_cells(const struct rule_verdicts *cells, struct rule_verdicts *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t is_true = cells->is_true.w[i], bad = cells->is_bad.w[i] & ~is_true;
		uint64_t between = cells->is_between.w[i] & ~is_true & ~bad;

		out->is_true.w[i] |= is_true;
		out->is_bad.w[i] |= bad;
		out->is_between.w[i] |= between;
		out->is_false.w[i] |= cells->is_false.w[i] & ~is_true & ~bad & ~between;
	}
}

static void read_terms(const struct read_ctx *c, const struct point_terms *p,
	const struct bb_value *v, bool is_cell)
{
	for (unsigned i = 0; i < p->n; i++) {
		unsigned k = p->term[i];
		struct rule_verdicts *to = is_cell ? c->cells : &c->out->is;
		double number = v->kind == BB_NUMBER ? v->number : 0;
		struct rule_bits *bits = verdict(c, c->s->slot[k].term, v, to, &number);
		if (!bits)
			continue;
		if (!is_cell || (bits != &to->is_bad && is_worse(c, k, bits, number))) {
			c->out->value[k] = number;
			c->out->name[k] = v->name;
			bb_copy(c->out->index[k], RULE_INDEX_MAX, v->index ? v->index : "");
		}
		rule_bit_set(bits, k, true);
	}
}

static int read_value(void *arg, const struct bb_value *v)
{
	const struct read_ctx *c = arg;
	const struct rule_set *s = c->s;
	bool is_cell = v->index && v->index[0];

	if (s->n_wild && s->wild_sketch[wild_sketch_of(v->name)]) {
		size_t n = strlen(v->name);
		for (unsigned i = 0; i < s->n_wild; i++)
			if (rule_point_fits(s->wild[i].pattern, v->name, n))
				read_terms(c, &s->wild[i].terms, v, true);
	}
	if (!s->sketch[sketch_of(v->name)])
		return 1;
	if (!is_cell && strcmp(v->name, "ups.status") == 0)
		read_status(c, v);
	const struct point_terms *p = bb_table_get(s->by_point, v->name);
	if (p)
		read_terms(c, p, v, is_cell);
	return 1;
}

static void clear_verdicts(struct rule_verdicts *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		v->is_true.w[i] = v->is_between.w[i] = v->is_false.w[i] = v->is_bad.w[i] = 0;
}

/* A point sent twice in one reading with different answers is no evidence. */
static void take_torn(struct rule_verdicts *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t t = v->is_true.w[i], b = v->is_between.w[i], f = v->is_false.w[i];
		uint64_t torn = (t & (f | b)) | (f & b) | (v->is_bad.w[i] & (t | b | f));

		v->is_true.w[i] &= ~torn;
		v->is_false.w[i] &= ~torn;
		v->is_between.w[i] &= ~torn;
		v->is_bad.w[i] |= torn;
	}
}

void rule_read(const struct rule_set *s, const Busbar__V1__Reading *r, bool is_stale,
	const struct rule_world *world, struct rule_news *out)
{
	struct rule_verdicts cells;
	struct read_ctx c = { .s = s,
		.out = out,
		.cells = &cells,
		.world = world,
		.is_stale = is_stale };

	clear_verdicts(&cells, s->n_words);
	clear_verdicts(&out->is, s->n_words);
	out->n_words = s->n_words;
	out->reading = r;
	out->has_status = false;
	out->status = 0;
	bb_reading_each(r, read_value, &c);
	merge_cells(&cells, &out->is, s->n_words);
	take_torn(&out->is, s->n_words);
	out->seen_groups = NULL;
	for (unsigned i = 0; r->group && i < s->n_groups; i++)
		if (strcmp(s->groups[i].group, r->group) == 0)
			out->seen_groups = &s->groups[i].terms;
}

void rule_read_age(const struct rule_set *s, const struct rule_world *world, struct rule_news *out)
{
	clear_verdicts(&out->is, s->n_words);
	out->n_words = s->n_words;
	out->reading = NULL;
	out->seen_groups = NULL;
	out->has_status = false;
	for (unsigned k = 0; k < s->n_terms; k++) {
		const struct rule_term *t = s->slot[k].term;
		if (t->source != RULE_AGE)
			continue;
		const char *index;
		uint64_t age_ms = track_age_ms(world, t, &out->name[k], &index);
		bb_copy(out->index[k], RULE_INDEX_MAX, index);
		out->value[k] = (double)(age_ms / 1000);
		rule_bit_set(age_ms > t->span_ms ? &out->is.is_true : &out->is.is_false, k, true);
	}
}

struct has_ctx {
	const char *subject;
	size_t n;
	bool found;
};

static int has_value(void *arg, const struct bb_value *v)
{
	struct has_ctx *h = arg;
	const char *index = h->subject[h->n] ? h->subject + h->n + 1 : "";

	h->found = strlen(v->name) == h->n && memcmp(v->name, h->subject, h->n) == 0 &&
		   strcmp(v->index ? v->index : "", index) == 0;
	return !h->found;
}

bool rule_reading_has(const Busbar__V1__Reading *r, const char *subject)
{
	struct has_ctx h = { .subject = subject, .n = strcspn(subject, "#") };

	bb_reading_each(r, has_value, &h);
	return h.found;
}

/* ---- what is known ---- */

void rule_remember(struct rule_memory *m, const struct rule_news *news, bool is_complete)
{
	for (unsigned i = 0; i < news->n_words; i++) {
		uint64_t is_true = news->is.is_true.w[i], between = news->is.is_between.w[i];
		uint64_t bad = news->is.is_bad.w[i],
			 good = is_true | between | news->is.is_false.w[i];
		uint64_t seen = news->seen_groups ? news->seen_groups->w[i] : 0;

		m->known.w[i] |= good;
		m->is_true.w[i] = (m->is_true.w[i] & ~good) | is_true;
		m->is_between.w[i] = (m->is_between.w[i] & ~good) | between;
		m->is_bad.w[i] = (m->is_bad.w[i] & ~good) | (bad & m->known.w[i]);
		/* An assumed term that its own group does not bring was never there. */
		uint64_t settled = good | (is_complete ? m->assumed.w[i] & seen & ~bad : 0);
		uint64_t absent = m->assumed.w[i] & settled & ~good;
		m->known.w[i] &= ~absent;
		m->is_bad.w[i] &= ~absent;
		m->assumed.w[i] &= ~settled;
	}
}

void rule_assume(const struct rule_set *s, const struct rule *r, struct rule_memory *m)
{
	unsigned first = rule_first_term(s, r);

	for (unsigned k = first; k < first + r->n_terms; k++) {
		if (rule_bit(&m->known, k))
			continue;
		rule_bit_set(&m->assumed, k, true);
		rule_bit_set(&m->known, k, true);
		rule_bit_set(&m->is_bad, k, true);
	}
}

static bool is_pending(enum alarm_phase p)
{
	return p == PHASE_PENDING || p == PHASE_LATCHED_PENDING;
}

static bool is_instant(const struct alarm_hold *h)
{
	return h->raise_count <= 1 && !h->raise_ms;
}

/* Is another term of the rule known not to be false? */
static bool another_speaks(const struct rule_set *s, unsigned term, const struct rule_memory *m)
{
	const struct rule *r = s->slot[term].rule;
	unsigned first = rule_first_term(s, r);

	for (unsigned k = first; k < first + r->n_terms; k++)
		if (k != term && rule_bit(&m->known, k) &&
			(rule_bit(&m->is_true, k) || rule_bit(&m->is_between, k) ||
				rule_bit(&m->is_bad, k)))
			return true;
	return false;
}

bool rule_event(const struct rule_set *s, unsigned term, const struct rule_news *news,
	const struct rule_memory *m, enum alarm_phase phase, unsigned lead, enum alarm_event *event)
{
	bool other_leads = alarm_is_waiting(phase) && lead != term;

	if (rule_bit(&news->is.is_true, term)) {
		*event = ALARM_TRUE;
		/* A slow term does not lengthen or shorten the run of another; one that is believed
		 * at once ends it. */
		return !(is_pending(phase) && other_leads) || is_instant(&s->slot[term].term->hold);
	}
	if (is_pending(phase) && other_leads)
		return false;
	if (rule_bit(&news->is.is_bad, term)) {
		*event = ALARM_NOT_GOOD;
		return true;
	}
	if (rule_bit(&news->is.is_between, term)) {
		*event = ALARM_BETWEEN;
		return true;
	}
	if (!rule_bit(&news->is.is_false, term))
		return false;
	*event = ALARM_FALSE;
	if (is_pending(phase))
		return true;
	/* "Any of them" is false only when all are known to be. */
	if (another_speaks(s, term, m))
		return false;
	return !other_leads;
}

void rule_text(const struct rule_term *t, const char *point, double value, char *out, size_t cap)
{
	size_t n = 0;

	for (const char *p = t->text; *p && n + 1 < cap;) {
		int w = -1;
		if (strncmp(p, "{value}", 7) == 0) {
			w = snprintf(out + n, cap - n, "%.4g", value);
			p += 7;
		} else if (strncmp(p, "{limit}", 7) == 0) {
			w = snprintf(out + n, cap - n, "%.4g", t->raise);
			p += 7;
		} else if (strncmp(p, "{unit}", 6) == 0) {
			w = snprintf(out + n, cap - n, "%s", t->unit ? t->unit : "");
			p += 6;
		} else if (strncmp(p, "{point}", 7) == 0) {
			w = snprintf(out + n, cap - n, "%s", point ? point : t->point);
			p += 7;
		} else {
			out[n++] = *p++;
			continue;
		}
		n = w < 0 || (size_t)w >= cap - n ? cap - 1 : n + (size_t)w;
	}
	out[n < cap ? n : cap - 1] = '\0';
}
