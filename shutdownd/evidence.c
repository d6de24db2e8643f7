// SPDX-License-Identifier: Apache-2.0
#include "shutdownd/evidence.h"

#include <stdlib.h>

#include "common/arena.h"
#include "common/point.h"
#include "common/table.h"

struct device {
	struct evidence_sample last; /* newest with a status */
	bool has_last;
	bool is_answer;            /* the newest message is `last`, not a missed poll */
	uint64_t epoch, topic_seq; /* of the newest message */
	uint64_t lost_ms;          /* newest report that it does not answer; 0 none */
};

struct evidence {
	struct bb_table *devices; /* device_id -> struct device */
	uint64_t since_ms;        /* last discontinuity */
};

const char *evidence_power_name(enum evidence_power p)
{
	static const char *const names[POWER_STATES] = {
		[POWER_UNKNOWN] = "unknown",
		[POWER_ONLINE] = "online",
		[POWER_ON_BATTERY] = "on_battery",
		[POWER_LOW_BATTERY] = "low_battery",
		[POWER_OTHER] = "other",
	};

	return names[p];
}

enum evidence_power evidence_power_of(unsigned status)
{
	bool is_ob = status & BB_ST_OB, is_ol = status & BB_ST_OL;

	/* The card lost its UPS: whatever else it says may be old. */
	if ((status & BB_ST_COMMLOST) || (is_ob && is_ol))
		return POWER_UNKNOWN;
	/* A UPS under test discharges its battery with mains present (reliability.md 11.2). */
	if (status & (BB_ST_OFF | BB_ST_BYPASS | BB_ST_TEST | BB_ST_CAL))
		return POWER_OTHER;
	if (is_ob)
		return status & BB_ST_LB ? POWER_LOW_BATTERY : POWER_ON_BATTERY;
	return is_ol ? POWER_ONLINE : POWER_UNKNOWN;
}

struct evidence *evidence_new(void)
{
	struct evidence *e = bb_calloc(1, sizeof(*e));

	e->devices = bb_table_new();
	return e;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	bb_table_free(e->devices, free);
	free(e);
}

bool evidence_put(struct evidence *e, uint64_t device_id, const struct evidence_sample *s,
	uint64_t now_ms)
{
	struct device *d = bb_table_get_u64(e->devices, device_id);

	if (s->sampled_ms > now_ms || s->sampled_ms < e->since_ms)
		return false;
	if (!d) {
		d = bb_calloc(1, sizeof(*d));
		bb_table_put_u64(e->devices, device_id, d);
	}
	if ((d->has_last && s->sampled_ms < d->last.sampled_ms) || s->sampled_ms < d->lost_ms)
		return false;
	d->epoch = s->epoch;
	d->topic_seq = s->topic_seq;
	d->is_answer = !s->missed;
	if (s->missed) {
		if (s->missed >= EVIDENCE_LOST_MISSED)
			d->lost_ms = s->sampled_ms;
		return true;
	}
	/* An answer without a usable status says nothing about power, and takes back what was said
	 * before. */
	d->last = *s;
	d->has_last = true;
	d->lost_ms = 0;
	return true;
}

bool evidence_confirm(struct evidence *e, uint64_t device_id, uint64_t epoch, uint64_t topic_seq,
	uint64_t sampled_ms, uint64_t now_ms)
{
	const struct device *d = bb_table_get_u64(e->devices, device_id);
	struct evidence_sample s;

	if (!d || !d->is_answer || d->epoch != epoch || d->topic_seq != topic_seq)
		return false;
	s = d->last;
	s.sampled_ms = sampled_ms;
	return evidence_put(e, device_id, &s, now_ms);
}

void evidence_discontinuity(struct evidence *e, uint64_t now_ms)
{
	e->since_ms = now_ms;
}

void evidence_forget(struct evidence *e, uint64_t device_id)
{
	free(bb_table_del_u64(e->devices, device_id));
}

static bool is_fresh(const struct evidence *e, const struct device *d, uint64_t now_ms)
{
	uint64_t interval_ms =
		d->last.interval_ms ? d->last.interval_ms : EVIDENCE_DEFAULT_INTERVAL_MS;
	uint64_t max_age_ms = interval_ms * EVIDENCE_INTERVALS;

	if (max_age_ms > EVIDENCE_MAX_AGE_MS)
		max_age_ms = EVIDENCE_MAX_AGE_MS;
	return d->has_last && d->last.has_status && d->last.sampled_ms >= e->since_ms &&
	       d->last.sampled_ms <= now_ms && now_ms - d->last.sampled_ms <= max_age_ms;
}

enum evidence_power evidence_power(const struct evidence *e, uint64_t device_id, uint64_t now_ms,
	uint64_t *age_ms)
{
	const struct device *d = bb_table_get_u64(e->devices, device_id);

	if (age_ms)
		*age_ms = d && d->has_last && d->last.sampled_ms <= now_ms
				  ? now_ms - d->last.sampled_ms
				  : UINT64_MAX;
	return d && is_fresh(e, d, now_ms) ? evidence_power_of(d->last.status) : POWER_UNKNOWN;
}

/* Nothing more is to be waited for. */
static bool is_settled(const struct evidence *e, uint64_t device_id, uint64_t since_ms,
	uint64_t now_ms)
{
	const struct device *d = bb_table_get_u64(e->devices, device_id);

	if (since_ms < e->since_ms)
		since_ms = e->since_ms;
	if (now_ms >= since_ms && now_ms - since_ms >= EVIDENCE_LOST_MS)
		return true;
	if (!d)
		return false;
	if (d->lost_ms && d->lost_ms >= since_ms)
		return true;
	return is_fresh(e, d, now_ms) && d->last.sampled_ms >= since_ms;
}

struct evidence_verdict evidence_judge(const struct evidence *e, const uint64_t *device_id,
	size_t n, size_t need, uint64_t since_ms, uint64_t now_ms)
{
	struct evidence_verdict v = { .is_complete = true };
	size_t n_online = 0;

	if (!need || need > n)
		need = n;
	for (size_t i = 0; i < n; i++) {
		enum evidence_power p = evidence_power(e, device_id[i], now_ms, NULL);

		v.n_failing += p == POWER_ON_BATTERY || p == POWER_LOW_BATTERY;
		v.n_unknown += p == POWER_UNKNOWN;
		n_online += p == POWER_ONLINE;
		v.is_complete = v.is_complete && is_settled(e, device_id[i], since_ms, now_ms);
	}
	v.truth = !n || v.n_failing + v.n_unknown < need ? EVIDENCE_FALSE
		  : v.n_failing < need                   ? EVIDENCE_UNPROVEN
							 : EVIDENCE_TRUE;
	v.is_restored = n && n_online + need > n;
	return v;
}
