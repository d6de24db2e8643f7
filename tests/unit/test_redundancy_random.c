// SPDX-License-Identifier: Apache-2.0
/* Random redundancy groups against an oracle that knows nothing of counting: it tries every way in
 * which the unknown may turn out, with real machines that either work or do not. Shares no code with
 * alarmd: groups are bit sets of machines, results come from trying.
 *
 * Claims: a certain result is what every trial says, an uncertain one is one on which trials
 * disagree; making the unknown known never turns one certain result into another (monotony); one
 * more working member never costs anything; what-if equals what then happens. A failure prints its
 * seed and the smallest world with the same seed's rules that still fails. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/str.h"
#include "tests/lib/alarm_groups.h"

#define MACHINES_MAX 9
#define GROUPS_MAX   5

enum seen { WORKS, FAILS, SILENT };

/* One world: which machine is in which group, and what is seen of them. */
struct setting {
	unsigned n_machines, n_groups;
	unsigned direct[GROUPS_MAX]; /* bits of machines */
	unsigned below[GROUPS_MAX];  /* bits of groups before this one */
	unsigned need[GROUPS_MAX];
	enum seen seen[MACHINES_MAX];
};

static uint64_t rng;

static uint64_t next_random(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static unsigned below(unsigned n)
{
	return (unsigned)(next_random() % n);
}

static unsigned count_bits(unsigned bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

static void setting_make(struct setting *s, uint64_t seed)
{
	rng = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	memset(s, 0, sizeof(*s));
	s->n_machines = 1 + below(MACHINES_MAX);
	s->n_groups = 1 + below(GROUPS_MAX);
	for (unsigned g = 0; g < s->n_groups; g++) {
		s->direct[g] = below(1u << s->n_machines);
		s->below[g] = g ? below(1u << g) & below(1u << g) : 0;
		if (!s->direct[g] && !s->below[g])
			s->direct[g] = 1;
		s->need[g] = 1 + below(count_bits(s->direct[g]) + count_bits(s->below[g]));
	}
	for (unsigned m = 0; m < s->n_machines; m++)
		s->seen[m] = (enum seen)below(3);
}

/* ---- the oracle: everything known, one trial ---- */

static bool trial(const struct setting *s, unsigned up, unsigned group)
{
	bool works[GROUPS_MAX];

	for (unsigned g = 0; g <= group; g++) {
		unsigned have = 0;
		for (unsigned m = 0; m < s->n_machines; m++)
			if ((s->direct[g] >> m & 1u) && (up >> m & 1u))
				have++;
		for (unsigned k = 0; k < g; k++)
			if ((s->below[g] >> k & 1u) && works[k])
				have++;
		works[g] = have >= s->need[g];
	}
	return works[group];
}

/* Bit 0: some trial works; bit 1: some trial fails. */
static unsigned all_trials(const struct setting *s, unsigned group)
{
	unsigned sure = 0, open = 0, said = 0;

	for (unsigned m = 0; m < s->n_machines; m++) {
		sure |= (unsigned)(s->seen[m] == WORKS) << m;
		open |= (unsigned)(s->seen[m] == SILENT) << m;
	}
	for (unsigned pick = open;; pick = (pick - 1) & open) {
		said |= trial(s, sure | pick, group) ? 1u : 2u;
		if (!pick)
			return said;
	}
}

static unsigned all_up(const struct setting *s)
{
	unsigned up = 0;

	for (unsigned m = 0; m < s->n_machines; m++)
		up |= (unsigned)(s->seen[m] == WORKS) << m;
	return up;
}

/* ---- the real core ---- */

static void name_machine(unsigned m, char *out, size_t cap)
{
	snprintf(out, cap, "site/m%u", m);
}

static void world_make(struct world *w, const struct setting *s)
{
	char key[32], *words[MACHINES_MAX + GROUPS_MAX + 1],
		text[MACHINES_MAX + GROUPS_MAX + 1][32];

	world_init(w);
	for (unsigned m = 0; m < s->n_machines; m++) {
		name_machine(m, key, sizeof(key));
		world_device(w, key, "collect-snmp");
	}
	/* The configuration names groups in any order, here those that hold others first. */
	for (unsigned g = s->n_groups; g-- > 0;) {
		size_t n = 0;
		snprintf(text[n++], sizeof(text[0]), "need=%u", s->need[g]);
		for (unsigned m = 0; m < s->n_machines; m++)
			if (s->direct[g] >> m & 1u)
				name_machine(m, text[n++], sizeof(text[0]));
		for (unsigned k = 0; k < g; k++)
			if (s->below[g] >> k & 1u)
				snprintf(text[n++], sizeof(text[0]), "redundancy:g%u", k);
		for (size_t i = 0; i < n; i++)
			words[i] = text[i];
		snprintf(key, sizeof(key), "g%u", g);
		world_redundancy(w, key, words, n);
	}
	world_configure(w);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	world_to(w, 1000);
}

static void see(struct world *w, unsigned m, enum seen seen)
{
	char key[32];

	name_machine(m, key, sizeof(key));
	world_to(w, w->now_ms + 10); /* a reading of the same moment is the same reading */
	if (seen == SILENT)
		world_miss(w, key, 3);
	else
		world_read(w, key, "status",
			seen == WORKS ? "ups.status=OL" : "ups.status=OL BYPASS");
}

static enum truth truth_of(struct world *w, unsigned g)
{
	char key[32];

	snprintf(key, sizeof(key), "g%u", g);
	return core_redundancy(w->core, key)->now.truth;
}

static enum truth wanted(unsigned said)
{
	return said == 1 ? TRUTH_WORKS : said == 2 ? TRUTH_FAILS : TRUTH_UNKNOWN;
}

/* Certain results are the trials'. An uncertain one may only stand where the trials disagree, or
 * where a machine counts through two groups: then counting group by group cannot know that both
 * answers hang on the same machine, and must say that it does not know. */
static bool agrees(const struct setting *s, unsigned g, enum truth have)
{
	unsigned said = all_trials(s, g);

	if (have == TRUTH_WORKS || have == TRUTH_FAILS)
		return have == wanted(said);
	return said == 3 || s->below[g];
}

static bool what_if_agrees(struct world *w, const struct setting *s, unsigned victim)
{
	struct redundancy_result out[GROUPS_MAX];
	struct bb_table *failed = bb_table_new();
	size_t records = w->n_records;
	enum truth before[GROUPS_MAX];
	char key[32];
	bool good = true;

	name_machine(victim, key, sizeof(key));
	struct device *d = world_find(w, key);
	for (unsigned g = 0; g < s->n_groups; g++)
		before[g] = truth_of(w, g);
	bb_table_put_u64(failed, d->id, d);
	redundancy_what_if(w->core, failed, w->now_ms * 1000000, out);
	bb_table_free(failed, NULL);
	for (unsigned g = 0; g < s->n_groups; g++)
		good &= truth_of(w, g) == before[g];
	good &= w->n_records == records;
	see(w, victim, FAILS);
	for (unsigned g = 0; g < s->n_groups; g++) {
		snprintf(key, sizeof(key), "g%u", g);
		good &= out[core_redundancy(w->core, key)->index].truth == truth_of(w, g);
	}
	return good;
}

/* NULL, or what is wrong. */
static const char *check(const struct setting *s)
{
	struct world w;
	enum truth first[GROUPS_MAX];
	const char *wrong = NULL;
	struct setting now = *s;

	world_make(&w, s);
	for (unsigned m = 0; m < s->n_machines; m++)
		see(&w, m, s->seen[m]);
	for (unsigned g = 0; g < s->n_groups; g++) {
		first[g] = truth_of(&w, g);
		if (!agrees(s, g, first[g]))
			wrong = "a result is not what every trial says";
	}
	/* The unknown becomes known, one machine after the other: certain results stay. */
	for (unsigned m = 0; m < s->n_machines; m++) {
		if (s->seen[m] != SILENT)
			continue;
		now.seen[m] = below(2) ? WORKS : FAILS;
		see(&w, m, now.seen[m]);
		for (unsigned g = 0; g < s->n_groups; g++)
			if (first[g] != TRUTH_UNKNOWN && truth_of(&w, g) != first[g])
				wrong = "knowing more turned a certain result";
	}
	for (unsigned g = 0; g < s->n_groups; g++)
		if (truth_of(&w, g) != wanted(all_trials(&now, g)))
			wrong = "with everything known a result is wrong";
	/* One more that works never costs anything. */
	for (unsigned m = 0; m < s->n_machines; m++) {
		enum truth before[GROUPS_MAX];
		if (now.seen[m] != FAILS)
			continue;
		for (unsigned g = 0; g < s->n_groups; g++)
			before[g] = truth_of(&w, g);
		see(&w, m, WORKS);
		for (unsigned g = 0; g < s->n_groups; g++)
			if (before[g] == TRUTH_WORKS && truth_of(&w, g) != TRUTH_WORKS)
				wrong = "one more working member cost redundancy";
		break;
	}
	if (!what_if_agrees(&w, s, below(s->n_machines)))
		wrong = "what-if is not what then happens, or changed something";
	world_fini(&w);
	return wrong;
}

static void print_setting(const struct setting *s)
{
	for (unsigned g = 0; g < s->n_groups; g++)
		fprintf(stderr, "  g%u: need %u of machines %#x, groups %#x\n", g, s->need[g],
			s->direct[g], s->below[g]);
	for (unsigned m = 0; m < s->n_machines; m++)
		fprintf(stderr, "  m%u %s\n", m,
			(const char *[]){ "works", "fails", "silent" }[s->seen[m]]);
}

/* Leave groups and machines away as long as it still fails. */
static void shrink(struct setting *s)
{
	for (bool again = true; again;) {
		struct setting t = *s;
		again = false;
		if (t.n_groups > 1) {
			t.n_groups--;
			again = check(&t) != NULL;
		}
		for (unsigned m = 0; !again && m < s->n_machines; m++) {
			t = *s;
			for (unsigned g = 0; g < t.n_groups; g++)
				t.direct[g] &= ~(1u << m);
			again = memcmp(t.direct, s->direct, sizeof(t.direct)) != 0 &&
				check(&t) != NULL;
		}
		if (again)
			*s = t;
	}
}

static void random_groups_say_what_every_trial_says(void **state)
{
	const char *text = getenv("REDUNDANCY_SEEDS"), *from = getenv("REDUNDANCY_SEED");
	uint64_t n = text ? strtoull(text, NULL, 10) : 10000,
		 first = from ? strtoull(from, NULL, 10) : 1;

	printf("seeds %" PRIu64 " to %" PRIu64 "\n", first, first + n - 1);
	for (uint64_t seed = first; seed < first + n; seed++) {
		struct setting s;
		setting_make(&s, seed);
		const char *wrong = check(&s);
		if (!wrong)
			continue;
		shrink(&s);
		fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, wrong);
		print_setting(&s);
		fail_msg("REDUNDANCY_SEED=%" PRIu64 " REDUNDANCY_SEEDS=1 shows it again", seed);
	}
}

/* ---- restarts ---- */

struct open_alarm {
	struct alarm_id id;
	unsigned state;
	uint64_t jseq;
};

static size_t open_alarms(struct world *w, struct open_alarm *out, size_t max)
{
	size_t n = 0;

	for (struct device *d = core_devices(w->core); d; d = d->next)
		for (struct alarm *a = d->is_object ? d->alarms : NULL; a; a = a->next)
			if (alarm_is_open(a->st.phase) && n < max)
				out[n++] = (struct open_alarm){ a->id,
					alarm_wire_state(a->st.phase), a->jseq };
	return n;
}

/* Everything that stood stands again, as it was: same episode, same state, same record; a restart by
 * itself writes nothing. */
static const char *check_restart(struct world *w, bool with_snapshot)
{
	struct open_alarm before[GROUPS_MAX * 3], after[GROUPS_MAX * 3];
	size_t n = open_alarms(w, before, GROUPS_MAX * 3), records = w->n_records, hits = 0;

	if (with_snapshot) {
		struct world_snapshot s = world_snapshot(w);
		world_restart_from(w, &s);
		free(s.data);
	} else {
		world_restart(w, 0);
	}
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	if (open_alarms(w, after, GROUPS_MAX * 3) != n)
		return "a restart made or lost an alarm";
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			hits += memcmp(&before[i].id, &after[k].id, sizeof(before[i].id)) == 0 &&
				before[i].state == after[k].state &&
				before[i].jseq == after[k].jseq;
	if (hits != n)
		return "a restart changed an alarm";
	return w->n_records == records ? NULL : "a restart wrote a record";
}

/* With everything known and quiet for longer than any hold, the alarms are what the states are. */
static const char *check_settled(struct world *w, const struct setting *s)
{
	for (unsigned step = 0; step < 4; step++) {
		for (unsigned m = 0; m < s->n_machines; m++)
			see(w, m, s->seen[m]);
		world_to(w, w->now_ms + 3000);
	}
	for (unsigned g = 0; g < s->n_groups; g++) {
		char key[32];
		const struct kofn *k;

		snprintf(key, sizeof(key), "g%u", g);
		k = &core_redundancy(w->core, key)->now.count;
		snprintf(key, sizeof(key), "redundancy/g%u", g);
		bool lost = world_alarm(w, key, "redundancy_lost") != NULL;
		if (lost == trial(s, all_up(s), g))
			return "the alarm of a loss is not what the machines are";
		if (!lost && (world_alarm(w, key, "redundancy_reduced") != NULL) != (k->failed > 0))
			return "the alarm of a used spare is not what the machines are";
		if (world_alarm(w, key, "redundancy_unknown"))
			return "everything is known, and an alarm says it is not";
	}
	return NULL;
}

static void histories_with_restarts_end_with_the_right_alarms(void **state)
{
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct setting s;
		struct world w;
		const char *wrong = NULL;

		setting_make(&s, seed);
		world_make(&w, &s);
		for (unsigned step = 0; !wrong && step < 40; step++) {
			unsigned m = below(s.n_machines);

			s.seen[m] = (enum seen)below(3);
			see(&w, m, s.seen[m]);
			if (below(3) == 0)
				world_to(&w, w.now_ms + below(20000));
			if (below(8) == 0)
				wrong = check_restart(&w, below(2));
		}
		for (unsigned m = 0; m < s.n_machines; m++)
			s.seen[m] = below(2) ? WORKS : FAILS;
		if (!wrong)
			wrong = check_settled(&w, &s);
		world_fini(&w);
		if (wrong)
			fail_msg("seed %" PRIu64 ": %s", seed, wrong);
	}
}

/* The schema refuses it, a file may still say so. */
static void groups_that_hold_each_other_are_unknown(void **state)
{
	char *first[] = { "need=1", "site/m0" }, *a[] = { "need=1", "redundancy:b" },
	     *b[] = { "need=1", "redundancy:a", "site/m0" },
	     *c[] = { "need=1", "redundancy:a", "site/m0" };
	struct world w;

	world_init(&w);
	world_device(&w, "site/m0", "collect-snmp");
	world_redundancy(&w, "b", first, 2);
	world_redundancy(&w, "a", a, 2);
	world_redundancy(&w, "b", b, 3);
	world_redundancy(&w, "c", c, 3);
	world_configure(&w);
	world_peer(&w, "collect-snmp", BB_PEER_ALIVE);
	world_to(&w, 1000);
	see(&w, 0, WORKS);
	assert_int_equal(core_redundancy(w.core, "c")->now.truth, TRUTH_WORKS);
	see(&w, 0, FAILS);
	world_to(&w, 70000);
	assert_int_equal(core_redundancy(w.core, "a")->now.truth, TRUTH_UNKNOWN);
	assert_non_null(world_alarm(&w, "redundancy/a", "redundancy_unknown"));
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_that_hold_each_other_are_unknown),
		cmocka_unit_test(histories_with_restarts_end_with_the_right_alarms),
		cmocka_unit_test(random_groups_say_what_every_trial_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
