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

static bool is_unshelved(const Busbar__V1__Transition *t)
{
	return t->kind && strcmp(t->kind, "unshelve") == 0;
}

enum route_kind route_kind(const Busbar__V1__Transition *t)
{
	bool was = is_active(t->from), is = is_active(t->to);
	const Busbar__V1__Alarm *a = t->alarm;

	if (!a)
		return ROUTE_NONE;
	/* Back from the shelf and still there: told anew, because nobody looks any more. */
	if (is_unshelved(t))
		return t->to == BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK ? ROUTE_RAISE
										  : ROUTE_NONE;
	if (was == is)
		return ROUTE_NONE;
	if (is)
		return a->shelved_unix_us ? ROUTE_NONE : ROUTE_RAISE;
	/* Who heard of the beginning hears of the end. */
	return a->shelved_unix_us && a->raised_unix_us >= a->shelved_unix_us ? ROUTE_NONE
									     : ROUTE_CLEAR;
}

bool route_wants(const struct recipient *r, const Busbar__V1__Alarm *a)
{
	/* Smaller is worse. An alarm without severity is told: nobody decided that it does not
	 * matter. */
	return !r->min_severity || a->severity <= r->min_severity;
}

/* Each part with its length, so that no two lists of parts look the same. */
static void hash_part(crypto_generichash_state *st, const char *text)
{
	uint32_t n = (uint32_t)strlen(text);
	uint8_t le[4] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };

	crypto_generichash_update(st, le, sizeof(le));
	crypto_generichash_update(st, (const uint8_t *)text, n);
}

void route_key(const Busbar__V1__Transition *t, enum route_kind kind, uint64_t recipient_id,
	const char *channel, uint8_t key[16])
{
	static const char *const kinds[] = { "none", "raise", "clear" };
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
	hash_part(&st, kinds[kind]);
	if (is_unshelved(t)) {
		snprintf(numbers, sizeof(numbers), "unshelve %llu", (unsigned long long)t->jseq);
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
