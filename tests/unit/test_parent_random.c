// SPDX-License-Identifier: Apache-2.0
/* Random trees of devices reached through each other, each asked at an interval of its own, that break and are repaired while alarmd is
 * stopped and started: whatever came in whatever order, when it is quiet again somebody is told of everything that does not answer.
 *
 * Claims at each rest: what answers has no comm_lost; what does not has one, loud, or quiet as a consequence of a device above it that does
 * not answer either and whose own is loud; the topmost that does not answer is loud. Nobody is told of a clear without its raise. A failure
 * prints its seed; BUSBAR_SEED repeats it, BUSBAR_HISTORIES says how many. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alarmd/core.h"
#include "common/str.h"
#include "notifyd/route.h"
#include "tests/lib/alarm_life.h"

enum { DEVICES = 7, OTHERS = 18, RULE_OFF = 1 };

struct tree {
	struct world w;
	int parent[DEVICES]; /* -1: none */
	bool is_broken[DEVICES], is_untold[DEVICES];
	unsigned interval_s[DEVICES], missed[DEVICES];
	uint64_t s; /* seconds gone by */
};

static uint64_t rng;

static unsigned below(unsigned n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (unsigned)(rng % n);
}

static const char *name_of(int i, char out[16])
{
	snprintf(out, 16, "t/d%d", i);
	return out;
}

static void plant(struct tree *t)
{
	static const unsigned intervals[] = { 2, 5, 10, 30, 60 };
	char key[16], up[16], json[100];

	memset(t, 0, sizeof(*t));
	world_init(&t->w);
	for (int i = 0; i < DEVICES; i++) {
		t->parent[i] = i ? (int)below((unsigned)i + 1) - 1 : -1;
		t->interval_s[i] = intervals[below(5)];
		t->is_untold[i] = below(8) == 0;
		world_device(&t->w, name_of(i, key), "collect-snmp");
		if (t->is_untold[i]) {
			snprintf(json, sizeof(json),
				"{\"id\":\"comm_lost\",\"scope\":{\"device\":\"%s\"},\"enabled\":false}",
				key);
			world_rule(&t->w, (uint64_t)i + 1, json);
		}
		if (t->parent[i] >= 0)
			assert_int_equal(world_life(&t->w,
						 (char *[]){ "parent", key,
							 (char *)(uintptr_t)name_of(t->parent[i],
								 up) },
						 3),
				0);
	}
	for (int i = 0; i < OTHERS; i++) {
		snprintf(key, sizeof(key), "o/d%d", i);
		world_device(&t->w, key, "collect-snmp");
	}
	world_configure(&t->w);
	world_peer(&t->w, "collect-snmp", BB_PEER_ALIVE);
}

static bool is_reached(const struct tree *t, int i)
{
	for (; i >= 0; i = t->parent[i])
		if (t->is_broken[i])
			return false;
	return true;
}

static void ask(struct tree *t, int i)
{
	char key[16];

	name_of(i, key);
	t->missed[i] = is_reached(t, i) ? 0 : t->missed[i] + 1;
	world_miss_of(&t->w, key, t->missed[i], t->interval_s[i] * 1000);
}

static void live(struct tree *t, unsigned seconds)
{
	char key[16];

	for (; seconds; seconds--) {
		world_to(&t->w, ++t->s * 1000);
		for (int i = 0; i < DEVICES; i++)
			if ((t->s + (uint64_t)i) % t->interval_s[i] == 0)
				ask(t, i);
		for (int i = 0; i < OTHERS && t->s % 10 == 0; i++) {
			snprintf(key, sizeof(key), "o/d%d", i);
			world_read(&t->w, key, "status", "ups.status=OL");
		}
	}
}

static bool is_loud(struct tree *t, int i)
{
	char key[16];
	const struct alarm *a = world_alarm(&t->w, name_of(i, key), "comm_lost");

	return a && alarm_is_active(a->st.phase) && !a->quiet[QUIET_SUPPRESSED];
}

/* NULL, or what is wrong with it. */
static const char *look(struct tree *t, int i)
{
	char key[16], up[16];
	const struct alarm *a = world_alarm(&t->w, name_of(i, key), "comm_lost");
	bool has_one = a && alarm_is_active(a->st.phase);

	if (is_reached(t, i) || t->is_untold[i])
		return has_one ? "it has an alarm that it should not have" : NULL;
	if (!has_one)
		return "nobody is told that it does not answer";
	const char *cause = a->quiet[QUIET_SUPPRESSED];
	if (!cause)
		return NULL;
	for (int p = t->parent[i]; p >= 0; p = t->parent[p])
		if (strcmp(cause, name_of(p, up)) == 0)
			return is_loud(t, p) ? NULL
					     : "it is quiet because of an alarm that is not told";
	return "it is quiet because of what is not above it";
}

/* Who heard of an end has heard of the beginning. */
static const char *told_in_order(struct tree *t, int i)
{
	char key[16];
	int told = 0;

	name_of(i, key);
	for (size_t n = 0; n < t->w.n_records; n++) {
		const Busbar__V1__Transition *r = t->w.records[n].t;

		if (strcmp(r->alarm->key, key) != 0)
			continue;
		switch (route_kind(r)) {
		case ROUTE_RAISE: told++; break;
		case ROUTE_CLEAR:
			if (!told)
				return "an end is told of what nobody heard of";
			told = 0;
			break;
		default: break;
		}
	}
	return told && is_reached(t, i) ? "its end was told nobody" : NULL;
}

static const char *rest(struct tree *t, int *who)
{
	/* patience with a parent asked each minute, and of a device after its return, and three polls */
	live(t, 330 + 330 + 240);
	for (*who = 0; *who < DEVICES; ++*who) {
		const char *wrong = look(t, *who);

		wrong = wrong ? wrong : told_in_order(t, *who);
		if (wrong)
			return wrong;
	}
	return NULL;
}

static void start_anew(struct tree *t)
{
	struct world_snapshot s = world_snapshot(&t->w);

	if (below(2))
		world_restart_from(&t->w, &s);
	else
		world_restart(&t->w, 0);
	free(s.data);
	world_peer(&t->w, "collect-snmp", BB_PEER_ALIVE);
}

static const char *history(uint64_t seed, int *who)
{
	struct tree t;
	const char *wrong = NULL;

	rng = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	plant(&t);
	live(&t, 130);
	for (int round = 0; !wrong && round < 3; round++) {
		for (unsigned n = 1 + below(6); n; n--) {
			int i = (int)below(DEVICES);

			t.is_broken[i] = !t.is_broken[i];
			live(&t, below(3) ? below(20) : below(200));
			if (below(5) == 0)
				start_anew(&t);
		}
		wrong = rest(&t, who);
	}
	world_fini(&t.w);
	return wrong;
}

static void somebody_is_told_of_everything_that_does_not_answer(void **state)
{
	const char *seed_text = getenv("BUSBAR_SEED"), *many = getenv("BUSBAR_HISTORIES");
	uint64_t first = seed_text ? strtoull(seed_text, NULL, 10) : 1;
	uint64_t n = seed_text ? 1 : many ? strtoull(many, NULL, 10) : 150;
	int who = 0;

	for (uint64_t seed = first; seed < first + n; seed++) {
		const char *wrong = history(seed, &who);

		if (wrong)
			fail_msg("BUSBAR_SEED=%" PRIu64 ": t/d%d: %s", seed, who, wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
		somebody_is_told_of_everything_that_does_not_answer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
