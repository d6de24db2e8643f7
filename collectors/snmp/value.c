// SPDX-License-Identifier: Apache-2.0
/* What a card answered for one object, put into the device: numbers, texts, enumerations, flags and
 * the status words they mean. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/clock.h"
#include "collectors/snmp/quirk.h"
#include "collectors/snmp/rows.h"
#include "collectors/snmp/snmp.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"

#define RELEARN_ROWS_MS 5000 /* a plug that flaps must not keep the card busy */

/* Objects of a pass that raise the same flag: it stands while one of them says so, and is not known
 * while none does but one has not answered. */
static void put_shared_flag(struct snmp_device *s, unsigned group, unsigned slot, bool stands,
	bool is_known)
{
	struct device *d = device_of(s);
	uint16_t shared = s->plan->shared_flag[slot];
	bool again = shared != PLAN_NO_SLOT && s->flag_pass[shared] == s->set[group].pass;

	if (shared != PLAN_NO_SLOT)
		s->flag_pass[shared] = s->set[group].pass;
	if (again && d->quality[slot] == BB_GOOD && device_flag(d, slot))
		return;
	if (!is_known || (again && d->quality[slot] != BB_GOOD && !stands))
		d->quality[slot] = BB_UNKNOWN;
	else
		device_set_flag(d, slot, stands, BB_GOOD);
}

/* The flags that follow from an object; `stands` has one bool per value of its map, NULL: not known. */
static void put_flags(struct snmp_device *s, const struct plan_object *o, const bool *stands)
{
	unsigned n = o->flags ? o->point->map->n : 0;
	const uint16_t *slot = s->plan->flag_slot + (o->flags ? o->flags - 1 : 0);

	for (unsigned i = 0; i < n; i++) {
		bool any = false;

		if (slot[i] == PLAN_NO_SLOT)
			continue;
		for (unsigned k = 0; k < i; k++)
			any |= slot[k] == slot[i];
		if (any)
			continue; /* several values of the object mean it, and it was told already */
		for (unsigned k = 0; stands && k < n; k++)
			any |= slot[k] == slot[i] && stands[k];
		put_shared_flag(s, o->group, slot[i], any, stands);
	}
}

/* Bits of a number from 0, or characters 0 and 1 of a text from 1, as vendors count them. */
static bool bit_stands(const struct codec_varbind *v, int64_t bit)
{
	if (v->type == CODEC_NUMBER)
		return bit >= 0 && bit < 64 && (v->whole >> bit & 1);
	return bit >= 1 && (size_t)bit <= v->text_len && v->text[bit - 1] == '1';
}

static bool holds_bits(const struct codec_varbind *v)
{
	if (v->type != CODEC_TEXT)
		return v->type == CODEC_NUMBER;
	for (size_t i = 0; i < v->text_len; i++) {
		if (v->text[i] != '0' && v->text[i] != '1')
			return false;
	}
	return v->text_len;
}

static void put_bits(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	const struct profile_map *m = o->point->map;
	char text[DEVICE_TEXT_MAX + 1] = "";
	bool stands[MAP_MAX_VALUES];
	size_t at = 0;

	for (unsigned i = 0; i < m->n; i++) {
		stands[i] = bit_stands(v, m->value[i].value);
		if (!stands[i])
			continue;
		s->pass_words |= o->group == GROUP_STATUS ? m->value[i].status : 0;
		if (at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
				at && *m->value[i].text ? ", " : "", m->value[i].text);
	}
	device_set_text(device_of(s), o->slot, text, strlen(text), BB_GOOD);
	put_flags(s, o, stands);
}

/* `shown`: what stands there where the profile does not know it. */
static void put_meaning(struct snmp_device *s, const struct plan_object *o,
	const struct profile_value *meaning, const char *shown)
{
	bool stands[MAP_MAX_VALUES] = { false };

	if (!meaning) {
		device_set_text(device_of(s), o->slot, shown, strlen(shown), BB_BAD);
		put_flags(s, o, NULL);
		return;
	}
	device_set_text(device_of(s), o->slot, meaning->text, strlen(meaning->text), BB_GOOD);
	s->pass_words |= o->group == GROUP_STATUS ? meaning->status : 0;
	stands[meaning - o->point->map->value] = true;
	put_flags(s, o, stands);
}

/* An enumeration by numbers, or by texts of the device. */
static void put_enumeration(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	const struct profile_map *m = o->point->map;
	char shown[128] = "";
	double raw;

	if (codec_number(v, o->point->number_in_text, &raw)) {
		const struct profile_value *meaning = profile_map_find(m, (int64_t)raw);

		if (!meaning)
			snprintf(shown, sizeof(shown), "%.0f", raw);
		put_meaning(s, o, meaning, shown);
	} else if (v->type == CODEC_TEXT) {
		size_t n = v->text_len;
		const uint8_t *text = codec_trim(v->text, &n);

		bb_text_clean(shown, sizeof(shown), (const char *)text, n);
		put_meaning(s, o, profile_map_match(m, shown), shown);
	} else {
		put_meaning(s, o, NULL, shown);
	}
}

static void put_bytes(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	enum { BYTES_MAX = 32 };
	char text[2 * BYTES_MAX + 1] = "";
	bool is_good = v->type == CODEC_TEXT;

	if (is_good && o->point->format == PROFILE_MAC)
		is_good = codec_mac(v->text, v->text_len, text);
	else if (is_good && (is_good = v->text_len <= BYTES_MAX))
		bb_hex(text, v->text, v->text_len);
	device_set_text(device_of(s), o->slot, text, strlen(text), is_good ? BB_GOOD : BB_BAD);
}

static void put_text(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	struct device *d = device_of(s);
	char buf[PROFILE_OID_TEXT];

	if (o->point->format != PROFILE_AS_IS) {
		put_bytes(s, o, v);
	} else if (o->point->bits && holds_bits(v)) {
		put_bits(s, o, v);
	} else if (o->point->map && !o->point->bits) {
		put_enumeration(s, o, v);
	} else if (o->point->map) {
		d->quality[o->slot] = BB_UNKNOWN;
		put_flags(s, o, NULL);
	} else if (v->type == CODEC_TEXT) {
		size_t n = v->text_len;
		const uint8_t *text = codec_trim(v->text, &n);

		device_set_text(d, o->slot, (const char *)text, n, BB_GOOD);
	} else if (v->type == CODEC_NUMBER) {
		snprintf(buf, sizeof(buf), "%.15g", v->number);
		device_set_text(d, o->slot, buf, strlen(buf), BB_GOOD);
	} else if (v->type == CODEC_OID) {
		profile_oid_print(&v->value, buf, sizeof(buf));
		device_set_text(d, o->slot, buf, strlen(buf), BB_GOOD);
	} else {
		d->quality[o->slot] = BB_BAD;
	}
}

static void put_flag(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	const struct profile_point *p = o->point;
	bool is_true = false;
	double raw;

	if (!codec_number(v, p->number_in_text, &raw)) {
		device_of(s)->quality[o->slot] = BB_BAD;
		return;
	}
	if (p->bit >= 0)
		is_true = (int64_t)raw >> p->bit & 1;
	for (unsigned i = 0; i < p->n_true_when; i++)
		is_true |= raw == (double)p->true_when[i];
	if (o->group == GROUP_STATUS)
		s->pass_words |= is_true ? p->status : p->status_false;
	device_set_flag(device_of(s), o->slot, is_true, BB_GOOD);
}

/* A value that brings its unit along ("70 F") is scaled by it each time: the setting may change. */
static bool with_own_unit(const struct plan_object *o, const struct codec_varbind *v, double raw,
	double *value)
{
	double scale = o->scale, offset = o->offset;
	char text[64] = "";

	if (!o->point->units || o->point->unit_oid.n)
		return true;
	if (v->type == CODEC_TEXT) {
		size_t n = v->text_len;
		const uint8_t *start = codec_trim(v->text, &n);

		bb_text_clean(text, sizeof(text), (const char *)start, n);
	}
	if (!rows_unit_in_text(o->point->units, text, &scale, &offset))
		return false;
	*value = raw * scale + offset;
	return true;
}

bool value_drift(const struct codec_varbind *v, double *drift_s)
{
	if (v->type == CODEC_NUMBER)
		return clock_drift_number(v->whole, bb_clock_real_us(), drift_s);
	return v->type == CODEC_TEXT &&
	       clock_drift(v->text, v->text_len, bb_clock_real_us(), drift_s);
}

static void put_drift(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	double drift;
	bool is_good = value_drift(v, &drift);

	if (is_good)
		device_set_number(device_of(s), o->slot, drift, BB_GOOD);
	else
		device_of(s)->quality[o->slot] = BB_BAD;
}

static void put_number(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	double raw, value;

	if (o->point->format == PROFILE_TIME) {
		put_drift(s, o, v);
		return;
	}
	if (!codec_number(v, o->point->number_in_text, &raw)) {
		device_of(s)->quality[o->slot] = BB_BAD;
		return;
	}
	value = (o->divisor != 0 ? raw / o->divisor : raw * o->scale) + o->offset;
	if (!with_own_unit(o, v, raw, &value)) {
		device_of(s)->quality[o->slot] = BB_BAD;
		return;
	}
	device_set_number(device_of(s), o->slot, value, quirk_raw(s->plan, o, raw, s->sticky));
}

/* sysUpTime ran backwards: the card has started anew, and may be another one by now. At the wrap
 * after 497 days it has not. */
static void note_uptime(struct snmp_device *s, const struct codec_varbind *v)
{
	enum { WRAP_NEAR = 100 * 600 }; /* ten minutes, in hundredths of a second */
	uint32_t now = (uint32_t)v->whole;

	if (v->type != CODEC_NUMBER)
		return;
	if (now < s->uptime_cs && !(s->uptime_cs > UINT32_MAX - WRAP_NEAR && now < WRAP_NEAR)) {
		learn_later(s, 0, false);
		device_poll_soon(device_of(s), GROUP_IDENT, 0);
	}
	s->uptime_cs = now;
}

bool value_is_uptime(const struct plan_object *o)
{
	return !o->point && !profile_oid_compare(&o->oid, &plan_uptime_oid);
}

/* A text that says which rows the device has: another one means that there are others now. */
static void put_telltale(struct snmp_device *s, const struct plan_object *o,
	const struct codec_varbind *v)
{
	struct device *d = device_of(s);
	char was[DEVICE_TEXT_MAX + 1] = "";

	if (d->quality[o->slot] == BB_GOOD && d->value[o->slot].text)
		snprintf(was, sizeof(was), "%s", d->value[o->slot].text);
	put_text(s, o, v);
	if (*was && d->quality[o->slot] == BB_GOOD && strcmp(was, d->value[o->slot].text))
		learn_later(s, RELEARN_ROWS_MS, false);
}

void value_put(struct snmp_device *s, unsigned object, const struct codec_varbind *v)
{
	const struct plan_object *o = &s->plan->object[object];
	static void (*const put[LAYOUT_KINDS])(struct snmp_device *, const struct plan_object *,
		const struct codec_varbind *) = {
		[BB_NUMBER] = put_number,
		[BB_TEXT] = put_text,
		[BB_FLAG] = put_flag,
	};

	if (!o->point) {
		if (value_is_uptime(o))
			note_uptime(s, v);
		return;
	}
	if (v->type == CODEC_MISSING || v->type == CODEC_END) {
		s->set[o->group].odd = true;
		device_of(s)->quality[o->slot] = BB_UNKNOWN;
		put_flags(s, o, NULL);
		learn_vanished(s);
	} else if (v->type == CODEC_NULL) {
		device_of(s)->quality[o->slot] = BB_UNKNOWN;
		put_flags(s, o, NULL);
	} else {
		(o->point->relearn ? put_telltale : put[o->point->kind])(s, o, v);
	}
}

void value_flags_unknown(struct snmp_device *s, const struct plan_object *o)
{
	put_flags(s, o, NULL);
}
