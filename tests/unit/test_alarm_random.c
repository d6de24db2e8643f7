// SPDX-License-Identifier: Apache-2.0
/* Random histories against a model that shares no code with the core: what each device said, what
 * was delivered when and how, restarts, pauses, acknowledgements. After every step on_battery and
 * temperature must be what the model says, and the record must be legal. BUSBAR_SEED repeats one
 * history, BUSBAR_HISTORIES asks for more of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/lib/alarm_world.h"

enum { DEVICES = 4, STEPS = 400 };

/* The model of one device. Times in ms. */
struct model {
	char key[16];
	bool on_battery; /* alarm stands */
	int quiet;       /* good readings without OB in a row while it stands */
	bool hot;
	int run; /* good readings in the running hold */
	uint64_t run_since;
	bool rising, falling;
	uint64_t newest[2]; /* sample time accepted last: status, measure */
	int missed;
	uint64_t heard; /* newest status message */
	bool answered, lost;
	bool half; /* taken up hot, and its status group, which may know, too, is not read yet */
};

struct history {
	struct world w;
	struct model m[DEVICES];
	uint64_t epoch; /* samples up to here are no evidence */
	bool collector_lost;
	uint64_t random;
};

static uint32_t rnd(struct history *h, uint32_t n)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return (uint32_t)(h->random >> 33) % n;
}

static void no_hold(struct model *m)
{
	m->quiet = 0;
	m->run = 0;
	m->rising = m->falling = false;
}

static void hot_due(struct model *m, uint64_t now)
{
	if (m->run < 2 || now - m->run_since < 10000)
		return;
	if (m->rising)
		m->hot = true;
	if (m->falling)
		m->hot = false;
	m->run = 0;
	m->rising = m->falling = false;
}

static void model_status(struct model *m, bool ob, bool good)
{
	if (!good) {
		m->quiet = 0;
	} else if (ob) {
		m->on_battery = true;
		m->quiet = 0;
	} else if (m->on_battery && ++m->quiet == 2) {
		m->on_battery = false;
		m->quiet = 0;
	}
}

/* degrees: above 40 raises, below 38 clears. */
static void model_measure(struct model *m, double degrees, bool good, uint64_t now)
{
	bool up = good && degrees > 40 && !m->hot, down = good && degrees < 38 && m->hot;

	if (down && m->half)
		return;
	if (!up && !down) {
		m->run = 0;
		m->rising = m->falling = false;
		return;
	}
	if (!m->run++)
		m->run_since = now;
	m->rising = up;
	m->falling = down;
	hot_due(m, now);
}

static void lose(struct model *m)
{
	if (m->lost)
		return;
	m->lost = true;
	m->quiet = 0;
	m->run = 0;
	m->rising = m->falling = false;
}

static void model_time(struct history *h, uint64_t to)
{
	for (uint64_t t = (h->w.now_ms / 1000 + 1) * 1000; t <= to; t += 1000) {
		for (int i = 0; i < DEVICES; i++) {
			struct model *m = &h->m[i];
			if (!m->missed && !h->collector_lost && m->run)
				hot_due(m, t);
			/* Silence of a living collector about a device is a loss, too. */
			if (!h->collector_lost &&
				t - m->heard > (m->answered || m->lost ? 40000 : 60000))
				lose(m);
		}
	}
}

static void pass_time(struct history *h)
{
	uint64_t to = h->w.now_ms + 1 + rnd(h, 4000);

	model_time(h, to);
	world_to(&h->w, to);
}

static void deliver(struct history *h)
{
	static const char *const qualities[] = { "", "", "", "", "", "", "@stale", "@bad",
		"@unknown" };
	struct model *m = &h->m[rnd(h, DEVICES)];
	const char *quality = qualities[rnd(h, 9)];
	uint64_t age = rnd(h, 5) ? 0 : rnd(h, 20) ? rnd(h, 3000) : 40000 + rnd(h, 10000);
	bool is_measure = rnd(h, 2);
	char values[64];

	if (age > h->w.now_ms)
		age = 0;
	uint64_t sampled = h->w.now_ms - age;
	bool ob = rnd(h, 2);
	double degrees = 36 + rnd(h, 12) * 0.5;
	if (is_measure)
		snprintf(values, sizeof(values), "battery.temperature=%.1f%s", degrees, quality);
	else
		snprintf(values, sizeof(values), "ups.status=%s%s;alarm.fan.failed=false",
			ob ? "OB DISCHRG" : "OL", quality);
	/* Sample times are compared with the newest one seen; the start of the world counts as 1 s
	 * of host time. */
	if (sampled + 1000 > m->newest[is_measure]) {
		bool good = !quality[0] && age <= 5000 + 3 * (is_measure ? 10000u : 2000u);
		m->newest[is_measure] = sampled + 1000;
		if (!is_measure) {
			m->missed = 0;
			m->half = false;
			m->heard = h->w.now_ms;
			if (sampled > h->epoch) {
				m->lost = false;
				m->answered = true;
			}
		}
		if (sampled > h->epoch && is_measure)
			model_measure(m, degrees, good, h->w.now_ms);
		else if (sampled > h->epoch)
			model_status(m, ob, good);
	}
	world_read_old(&h->w, m->key, is_measure ? "measure" : "status", values, age);
}

static void miss(struct history *h)
{
	struct model *m = &h->m[rnd(h, DEVICES)];

	if (h->w.now_ms + 1000 <= m->newest[0])
		return;
	m->newest[0] = h->w.now_ms + 1000;
	m->missed++;
	m->heard = h->w.now_ms;
	if (m->missed >= CORE_MISSED_LOST && h->w.now_ms > h->epoch)
		lose(m);
	world_miss(&h->w, m->key, (unsigned)m->missed);
}

static void restart(struct history *h)
{
	char *before = world_print(&h->w), *after;

	if (rnd(h, 2)) {
		struct world_snapshot s = world_snapshot(&h->w);
		world_restart_from(&h->w, &s);
		free(s.data);
	} else {
		world_restart(&h->w, 0);
	}
	after = world_print(&h->w);
	assert_string_equal(before, after);
	free(before);
	free(after);
	h->epoch = h->w.now_ms;
	for (int i = 0; i < DEVICES; i++) {
		no_hold(&h->m[i]);
		h->m[i].missed = 0;
		h->m[i].newest[0] = h->m[i].newest[1] = 0;
		h->m[i].heard = h->w.now_ms;
		h->m[i].answered = h->m[i].lost = false;
		h->m[i].half = h->m[i].hot;
	}
	/* The collector's state comes from its alarm, then from its next heartbeat. */
	world_peer(&h->w, "collect-snmp", h->collector_lost ? BB_PEER_LOST : BB_PEER_ALIVE);
}

static void pause_(struct history *h)
{
	core_pause(h->w.core, (h->w.now_ms + 1000) * 1000000);
	h->epoch = h->w.now_ms;
	for (int i = 0; i < DEVICES; i++) {
		no_hold(&h->m[i]);
		h->m[i].heard = h->w.now_ms;
	}
}

static void peer(struct history *h)
{
	h->collector_lost = !h->collector_lost;
	world_peer(&h->w, "collect-snmp", h->collector_lost ? BB_PEER_LOST : BB_PEER_ALIVE);
	for (int i = 0; i < DEVICES; i++) {
		if (h->collector_lost)
			no_hold(&h->m[i]);
		h->m[i].heard = h->w.now_ms;
	}
}

static void acknowledge(struct history *h)
{
	struct alarm *a = world_alarm(&h->w, h->m[rnd(h, DEVICES)].key,
		rnd(h, 2) ? "on_battery" : "temperature");
	char id[ALARM_ID_CHARS];

	if (a)
		world_ack(&h->w, alarm_id_print(&a->id, id), "anna", (uint8_t)rnd(h, 256), NULL);
}

static void compare(struct history *h, uint64_t seed, int step)
{
	for (int i = 0; i < DEVICES; i++) {
		const struct model *m = &h->m[i];
		bool ob = world_alarm(&h->w, m->key, "on_battery") != NULL,
		     hot = world_alarm(&h->w, m->key, "temperature") != NULL;
		if (ob != m->on_battery || hot != m->hot)
			fail_msg(
				"seed %llu step %d at %llu ms: %s on_battery %d, model %d; temperature %d, model %d",
				(unsigned long long)seed, step, (unsigned long long)h->w.now_ms,
				m->key, ob, m->on_battery, hot, m->hot);
	}
}

/* I05: per alarm raise, then acknowledgements, then the clear; numbers without hole; an id per
 * episode. */
static void record_is_legal(struct history *h, uint64_t seed)
{
	struct {
		char name[64];
		unsigned state;
		char id[64];
	} seen[64];
	size_t n = 0;

	for (size_t i = 0; i < h->w.n_records; i++) {
		const Busbar__V1__Transition *t = h->w.records[i].t;
		char name[64];
		size_t k = 0;
		snprintf(name, sizeof(name), "%.30s %.30s", t->alarm->key, t->alarm->rule);
		while (k < n && strcmp(seen[k].name, name) != 0)
			k++;
		if (k == n) {
			assert_true(n < 64);
			snprintf(seen[n].name, sizeof(seen[n].name), "%s", name);
			seen[n].id[0] = '\0';
			seen[n++].state = BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
		}
		if (t->from != seen[k].state || t->jseq != i + 1 || t->from == t->to)
			fail_msg("seed %llu record %zu: %s goes from %u, was %u",
				(unsigned long long)seed, i, name, t->from, seen[k].state);
		if (strcmp(t->kind, "raise") == 0)
			snprintf(seen[k].id, sizeof(seen[k].id), "%s", t->alarm->id);
		assert_string_equal(seen[k].id, t->alarm->id);
		seen[k].state = t->to;
	}
}

static void one_history(uint64_t seed)
{
	static struct history h;

	memset(&h, 0, sizeof(h));
	h.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	world_init(&h.w);
	for (int i = 0; i < DEVICES; i++) {
		snprintf(h.m[i].key, sizeof(h.m[i].key), "hh/u%d", i);
		world_device(&h.w, h.m[i].key, "collect-snmp");
	}
	world_configure(&h.w);
	world_peer(&h.w, "collect-snmp", BB_PEER_ALIVE);
	world_to(&h.w, 1);
	for (int step = 0; step < STEPS; step++) {
		uint32_t what = rnd(&h, 100);
		if (what < 30)
			pass_time(&h);
		else if (what < 85)
			deliver(&h);
		else if (what < 90)
			miss(&h);
		else if (what < 94)
			acknowledge(&h);
		else if (what < 96)
			restart(&h);
		else if (what < 98)
			pause_(&h);
		else
			peer(&h);
		compare(&h, seed, step);
	}
	record_is_legal(&h, seed);
	world_fini(&h.w);
}

static uint64_t from_env(const char *name, uint64_t fallback)
{
	const char *v = getenv(name);

	return v ? strtoull(v, NULL, 10) : fallback;
}

static void random_histories_are_what_the_model_says(void **state)
{
	uint64_t seed = from_env("BUSBAR_SEED", 0), n = from_env("BUSBAR_HISTORIES", 300);

	if (seed) {
		one_history(seed);
		return;
	}
	for (uint64_t i = 1; i <= n; i++)
		one_history(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_are_what_the_model_says),
	};

	return cmocka_run_group_tests_name("alarm_random", tests, NULL, NULL);
}
