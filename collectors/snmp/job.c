// SPDX-License-Identifier: Apache-2.0
/* The order of a device's jobs, and what happens when it does not answer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "collectors/snmp/snmp.h"
#include "common/str.h"

#define DOWN_AFTER          3 /* failed status passes; then single tries, further and further apart */
#define LOSSY_PERMILLE      200
#define VERY_LOSSY_PERMILLE 400
#define CALM_PERMILLE       100

static void begin_status(struct snmp_device *s)
{
	pass_begin(s, GROUP_STATUS);
}

static void begin_measure(struct snmp_device *s)
{
	pass_begin(s, GROUP_MEASURE);
}

static void begin_ident(struct snmp_device *s)
{
	pass_begin(s, GROUP_IDENT);
}

static void begin_cells(struct snmp_device *s)
{
	pass_begin(s, GROUP_CELLS);
}

static void answered_status(struct snmp_device *s, const struct codec_answer *a, uint64_t ns)
{
	pass_answered(s, GROUP_STATUS, a, ns);
}

static void answered_measure(struct snmp_device *s, const struct codec_answer *a, uint64_t ns)
{
	pass_answered(s, GROUP_MEASURE, a, ns);
}

static void answered_ident(struct snmp_device *s, const struct codec_answer *a, uint64_t ns)
{
	pass_answered(s, GROUP_IDENT, a, ns);
}

static void answered_cells(struct snmp_device *s, const struct codec_answer *a, uint64_t ns)
{
	pass_answered(s, GROUP_CELLS, a, ns);
}

static void silent_status(struct snmp_device *s)
{
	pass_silent(s, GROUP_STATUS);
}

static void silent_measure(struct snmp_device *s)
{
	pass_silent(s, GROUP_MEASURE);
}

static void silent_ident(struct snmp_device *s)
{
	pass_silent(s, GROUP_IDENT);
}

static void silent_cells(struct snmp_device *s)
{
	pass_silent(s, GROUP_CELLS);
}

/* [job][event]. A job begins or goes on whenever nothing is outstanding. */
// clang-format off
static const struct {
	bool needs_plan;
	void (*begin)(struct snmp_device *s);
	void (*answered)(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns);
	void (*silent)(struct snmp_device *s);
} jobs[JOB_COUNT] = {
	[JOB_COMMAND] = { true, command_begin, command_answered, command_silent },
	[JOB_STATUS] = { true, begin_status, answered_status, silent_status },
	[JOB_ALARMS] = { true, alarms_begin, alarms_answered, alarms_silent },
	[JOB_MEASURE] = { true, begin_measure, answered_measure, silent_measure },
	[JOB_LEARN] = { false, learn_begin, learn_answered, learn_silent },
	[JOB_IDENT] = { true, begin_ident, answered_ident, silent_ident },
	[JOB_CELLS] = { true, begin_cells, answered_cells, silent_cells },
	[JOB_RECORD] = { false, record_begin, record_answered, record_silent },
};
// clang-format on

void job_want(struct snmp_device *s, enum job j)
{
	s->wanted |= (uint8_t)(1U << j);
}

void job_done(struct snmp_device *s, enum job j)
{
	s->wanted &= (uint8_t) ~(1U << j);
	if (s->job == j)
		s->job = JOB_COUNT;
}

static bool can_run(const struct snmp_device *s, unsigned j)
{
	return s->wanted & 1U << j && (s->plan || !jobs[j].needs_plan) &&
	       !(j == JOB_LEARN && s->waits);
}

void job_next(struct snmp_device *s)
{
	/* Each begin either asks or ends its job, so the loop ends. */
	while (!engine_busy(&s->peer)) {
		unsigned j = 0;

		while (j < JOB_COUNT && !can_run(s, j))
			j++;
		s->job = (uint8_t)j;
		if (j == JOB_COUNT)
			return;
		jobs[j].begin(s);
	}
}

void job_answered(struct peer *p, const struct codec_answer *a, uint64_t sampled_boot_ns)
{
	struct snmp_device *s = (struct snmp_device *)p;

	bb_assert(s->job < JOB_COUNT);
	jobs[s->job].answered(s, a, sampled_boot_ns);
	job_next(s);
}

void job_silent(struct peer *p)
{
	struct snmp_device *s = (struct snmp_device *)p;

	bb_assert(s->job < JOB_COUNT);
	jobs[s->job].silent(s);
	job_next(s);
}

/* ---- polls ---- */

static uint64_t now_ms(const struct snmp_device *s)
{
	return wheel_now_ms(collector_wheel(s->snmp->host));
}

static bool is_down(const struct snmp_device *s)
{
	return s->fails >= DOWN_AFTER;
}

bool job_poll(struct device *d, unsigned group)
{
	static const enum job job_of[GROUP_COUNT] = {
		[GROUP_STATUS] = JOB_STATUS,
		[GROUP_MEASURE] = JOB_MEASURE,
		[GROUP_IDENT] = JOB_IDENT,
		[GROUP_CELLS] = JOB_CELLS,
	};
	struct snmp_device *s = (struct snmp_device *)d->transport;
	uint64_t now = now_ms(s);

	if (is_down(s) && (group != GROUP_STATUS || now < s->next_try_ms))
		return false;
	if (!s->plan || (s->relearn_at_ms && now >= s->relearn_at_ms))
		job_want(s, JOB_LEARN);
	job_want(s, job_of[group]);
	job_next(s);
	return true;
}

/* ---- GETBULK ---- */

#define BULK_FIRST 10 /* about 400 bytes; many cards answer no more than 484 */

unsigned job_bulk(const struct snmp_device *s)
{
	if (s->peer.version != CODEC_V2C || s->no_bulk)
		return 0;
	return s->bulk_most ? s->bulk_most : BULK_FIRST;
}

void job_bulk_less(struct snmp_device *s)
{
	unsigned n = job_bulk(s);

	s->bulk_most = (uint8_t)(n / 2);
	s->no_bulk |= n <= 2;
}

/* ---- success and failure ---- */

bool job_explain(struct device *d, char *buf, size_t cap)
{
	struct snmp_device *s = (struct snmp_device *)d->transport;

	job_reason_silent(s, buf, cap);
	return !s->waits;
}

void job_reason_silent(struct snmp_device *s, char *buf, size_t cap)
{
	engine_reason(&s->peer, buf, cap);
}

/* Doubling from the interval up to the limit, with a quarter of spread. */
static uint64_t backoff_ms(struct snmp_device *s)
{
	struct device *d = device_of(s);
	uint64_t limit = (uint64_t)s->snmp->set->backoff_max_ms;
	uint64_t ms = d->group[GROUP_STATUS].interval_ms;

	for (unsigned i = DOWN_AFTER; i < s->fails && ms < limit; i++)
		ms *= 2;
	if (ms > limit)
		ms = limit;
	const uint64_t seed[2] = { d->id, now_ms(s) };
	return ms - ms / 4 + bb_hash(seed, sizeof(seed)) % (ms / 4 + 1);
}

void job_failed(struct snmp_device *s, const char *reason)
{
	struct device *d = device_of(s);

	if (s->fails < UINT8_MAX)
		s->fails++;
	if (is_down(s))
		s->next_try_ms = now_ms(s) + backoff_ms(s);
	/* A card that fits no profile is just what somebody wants to have recorded. */
	s->wanted &= 1U << JOB_RECORD;
	s->job = JOB_COUNT;
	command_lost(s, reason);
	alarms_free(s);
	learn_free(s); /* begins anew when it answers again */
	for (unsigned i = 0; i < GROUP_COUNT; i++) {
		s->set[i].begun = false;
		if (d->group[i].asked || i == GROUP_STATUS)
			device_pass_failed(d, i, reason);
	}
	/* Identity is asked for once a day; a card that was away for that moment must not miss it. */
	if (!d->group[GROUP_IDENT].sampled_ns)
		device_poll_soon(d, GROUP_IDENT, d->group[GROUP_MEASURE].interval_ms);
}

/* Slow and lossy cards are asked less often, and the interval is published with the readings. */
static uint32_t stretched_ms(const struct snmp_device *s, uint32_t base, uint32_t present)
{
	uint64_t limit = (uint64_t)s->snmp->set->stretch_max_ms;
	uint64_t ms = base;

	if (s->peer.loss_permille > VERY_LOSSY_PERMILLE)
		ms = 4ULL * base;
	else if (s->peer.loss_permille > LOSSY_PERMILLE)
		ms = 2ULL * base;
	else if (s->peer.loss_permille > CALM_PERMILLE && present > base)
		ms = present;
	if (ms < s->peer.srtt_us / 250U)
		ms = s->peer.srtt_us / 250U; /* four round trips */
	if (ms > limit)
		ms = limit > base ? limit : base;
	return (uint32_t)ms;
}

/* Blocks sag within minutes once they carry the load. */
static void watch_cells(struct snmp_device *s)
{
	const struct collector_settings *set = &s->snmp->set->host;
	bool discharging = (s->words | s->alarm_words) & (BB_ST_OB | BB_ST_DISCHRG);

	if (discharging == s->is_discharging)
		return;
	s->is_discharging = discharging;
	device_set_interval(device_of(s), GROUP_CELLS,
		(uint32_t)(discharging ? set->cells_discharge_interval_ms
				       : set->cells_interval_ms));
	device_poll_soon(device_of(s), GROUP_CELLS, 0);
}

void job_succeeded(struct snmp_device *s)
{
	struct device *d = device_of(s);

	/* What was lost while it was down says nothing about the line; and who comes back may be another. */
	if (is_down(s)) {
		s->peer.loss_permille = 0;
		device_poll_soon(d, GROUP_IDENT, d->group[GROUP_MEASURE].interval_ms);
	}
	s->fails = 0;
	watch_cells(s);
	device_set_interval(d, GROUP_STATUS,
		stretched_ms(s, d->set.status_interval_ms, d->group[GROUP_STATUS].interval_ms));
}
