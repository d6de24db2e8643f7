// SPDX-License-Identifier: Apache-2.0
#include "notifyd/route.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/str.h"

static bool is_active(uint32_t state)
{
	return state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK ||
	       state == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK;
}

static bool is_kind(const Busbar__V1__Transition *t, const char *kind)
{
	return t->kind && strcmp(t->kind, kind) == 0;
}

static bool is_set(const char *mark)
{
	return mark && *mark;
}

/* Counts nowhere and is not told, whatever happens to it. */
static bool is_quiet(const Busbar__V1__Alarm *a)
{
	return a->shelved_unix_us || is_set(a->suppressed_by) || is_set(a->maintenance) ||
	       is_set(a->out_of_service);
}

/* Were people told of this episode? A record from before the field knows of shelves only. */
static bool was_told(const Busbar__V1__Alarm *a)
{
	if (a->has_told_severity)
		return a->told_severity != 0;
	return !a->shelved_unix_us || a->raised_unix_us < a->shelved_unix_us;
}

/* One of the ways to be quiet ended. If it was the last one and nobody has acknowledged, the alarm is told anew: whoever knew of the
 * quiet no longer looks. */
static enum route_kind after_quiet(const Busbar__V1__Transition *t)
{
	return t->to == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK && !is_quiet(t->alarm)
		       ? ROUTE_RAISE
		       : ROUTE_NONE;
}

static enum route_kind at_chatter(const Busbar__V1__Transition *t)
{
	return is_quiet(t->alarm) ? ROUTE_NONE : ROUTE_RAISE;
}

/* The closing message tells what is true now. */
static enum route_kind after_chatter(const Busbar__V1__Transition *t)
{
	if (is_active(t->to))
		return is_quiet(t->alarm) ? ROUTE_NONE : ROUTE_RAISE;
	return was_told(t->alarm) ? ROUTE_CLEAR : ROUTE_NONE;
}

static enum route_kind at_severity(const Busbar__V1__Transition *t)
{
	const Busbar__V1__Alarm *a = t->alarm;
	bool is_worse = t->has_from_severity && a->severity < t->from_severity;

	return is_worse && is_active(t->to) && !is_quiet(a) && !a->chattering ? ROUTE_RAISE
									      : ROUTE_NONE;
}

/* Records that change no state, or not only that. */
static const struct {
	const char *kind;
	enum route_kind (*route)(const Busbar__V1__Transition *t);
} kinds[] = {
	{ "unshelve", after_quiet },
	{ "maintenance_end", after_quiet },
	{ "in_service", after_quiet },
	{ "unsuppress", after_quiet },
	{ "chatter", at_chatter },
	{ "chatter_end", after_chatter },
	{ "severity", at_severity },
};

enum route_kind route_kind(const Busbar__V1__Transition *t)
{
	bool was = is_active(t->from), is = is_active(t->to);
	const Busbar__V1__Alarm *a = t->alarm;

	if (!a)
		return ROUTE_NONE;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_kind(t, kinds[i].kind))
			return kinds[i].route(t);
	/* While it chatters only the two ends of that are told. */
	if (was == is || a->chattering)
		return ROUTE_NONE;
	if (is)
		return is_quiet(a) ? ROUTE_NONE : ROUTE_RAISE;
	/* Who heard of the beginning hears of the end. */
	return was_told(a) ? ROUTE_CLEAR : ROUTE_NONE;
}

bool route_wants(const struct recipient *r, const Busbar__V1__Transition *t, enum route_kind kind)
{
	const Busbar__V1__Alarm *a = t->alarm;
	uint32_t severity = a->severity;

	/* The end goes to all who were told, also of a time when it was worse. */
	if (kind == ROUTE_CLEAR && a->told_severity && a->told_severity < severity)
		severity = a->told_severity;
	/* Smaller is worse. An alarm without severity is told: nobody decided that it does not
	 * matter. */
	return !r->min_severity || severity <= r->min_severity;
}

/* Each part with its length, so that no two lists of parts look the same. */
static void hash_part(crypto_generichash_state *st, const char *text)
{
	uint32_t n = (uint32_t)strlen(text);
	uint8_t le[4] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };

	crypto_generichash_update(st, le, sizeof(le));
	crypto_generichash_update(st, (const uint8_t *)text, n);
}

/* Not the first message of that kind in the episode: it needs an identity of its own. */
static bool is_further(const Busbar__V1__Transition *t, enum route_kind kind)
{
	if (kind != ROUTE_RAISE)
		return is_kind(t, "chatter_end");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_kind(t, kinds[i].kind))
			return true;
	/* A latched alarm seen again keeps its episode. */
	return t->from == BUSBAR__V1__ALARM_STATE__ALARM_STATE_CLEARED_UNACK;
}

void route_key(const Busbar__V1__Transition *t, enum route_kind kind, uint64_t recipient_id,
	const char *channel, uint8_t key[16])
{
	static const char *const names[] = { "none", "raise", "clear" };
	const Busbar__V1__Alarm *a = t->alarm;
	crypto_generichash_state st;
	char numbers[80];

	snprintf(numbers, sizeof(numbers), "%llu %llu %llu", (unsigned long long)a->device_id,
		(unsigned long long)a->episode, (unsigned long long)recipient_id);
	crypto_generichash_init(&st, NULL, 0, 16);
	hash_part(&st, numbers);
	/* Own-alarms have no device id; their key names the daemon. The alarm's id tells
	 * episodes apart when alarmd lost its count. */
	hash_part(&st, a->device_id ? "" : a->key);
	hash_part(&st, a->rule);
	hash_part(&st, a->subject);
	hash_part(&st, a->id);
	hash_part(&st, names[kind]);
	if (is_further(t, kind)) {
		snprintf(numbers, sizeof(numbers), "%.32s %llu", t->kind,
			(unsigned long long)t->jseq);
		hash_part(&st, numbers);
	}
	hash_part(&st, channel);
	crypto_generichash_final(&st, key, 16);
}

uint64_t route_order(const Busbar__V1__Alarm *a, uint64_t recipient_id)
{
	char text[1100];
	int n = snprintf(text, sizeof(text), "%llu %llu %s %s %s", (unsigned long long)recipient_id,
		(unsigned long long)a->device_id, a->device_id ? "" : a->key, a->rule, a->subject);

	return bb_hash(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}
