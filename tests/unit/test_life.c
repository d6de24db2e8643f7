// SPDX-License-Identifier: Apache-2.0
/* Every phase of an alarm x everything that may be done to it or that may mark it: what comes of it, which record it makes, and that
 * it survives a restart; against a table written from the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "alarmd/core_internal.h"
#include "tests/lib/alarm_life.h"

#define NS(ms) (((ms) + 1000) * UINT64_C(1000000))
#define KEY    "hh/ups1"
#define RULE   "epo"

static const char rule[] =
	"{\"id\": \"epo\", \"kind\": \"state\", \"point\": \"device.epo.status\", \"values\": [\"disarmed\"], "
	"\"raise_count\": 2, \"clear_count\": 2, \"on_delay_s\": 0, \"off_delay_s\": 0, \"latch\": true, "
	"\"severity\": \"minor\", \"action\": \"arm it\", \"text\": \"disarmed\"}";

static void read_epo(struct world *w, bool is_disarmed)
{
	world_to(w, w->now_ms + 1000);
	world_read(w, KEY, "status",
		is_disarmed ? "device.epo.status=disarmed" : "device.epo.status=armed");
}

static void ack(struct world *w)
{
	char id[ALARM_ID_CHARS];

	assert_int_equal(world_ack(w, alarm_id_print(&world_alarm(w, KEY, RULE)->id, id), "anna", 0,
				 NULL),
		BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK);
}

/* Into a phase, after one whole episode whose id is returned where nothing is open. */
static void bring(struct world *w, enum alarm_phase phase, char *id)
{
	bool is_acked = phase == PHASE_ACTIVE_ACK || phase == PHASE_CLEARING_ACK,
	     is_latched = phase == PHASE_LATCHED || phase == PHASE_LATCHED_PENDING;

	world_device(w, KEY, "collect-snmp");
	world_rule(w, 1, rule);
	world_configure(w);
	world_peer(w, "collect-snmp", BB_PEER_ALIVE);
	read_epo(w, false);
	read_epo(w, true);
	read_epo(w, true);
	alarm_id_print(&world_alarm(w, KEY, RULE)->id, id);
	ack(w);
	read_epo(w, false);
	read_epo(w, false);
	assert_null(world_alarm(w, KEY, RULE));
	/* So long ago that two more raises are no chatter. */
	for (int i = 0; i < 4; i++) {
		world_to(w, w->now_ms + 20000);
		read_epo(w, false);
	}
	if (phase == PHASE_NORMAL)
		return;
	read_epo(w, true);
	if (phase == PHASE_PENDING)
		return;
	read_epo(w, true);
	alarm_id_print(&world_alarm(w, KEY, RULE)->id, id);
	if (is_acked)
		ack(w);
	if (phase == PHASE_ACTIVE || phase == PHASE_ACTIVE_ACK)
		return;
	read_epo(w, false);
	if (is_latched)
		read_epo(w, false);
	if (phase == PHASE_LATCHED_PENDING)
		read_epo(w, true);
}

static enum alarm_phase phase_now(struct world *w)
{
	const struct device *d = world_find(w, KEY);
	const struct alarm *a = d ? alarm_of(d, RULE) : NULL;

	return a ? (enum alarm_phase)a->st.phase : PHASE_NORMAL;
}

/* ---- what may happen ---- */

enum deed {
	DO_ACK,
	DO_UNACK,
	DO_TAKE,
	DO_COMMENT,
	DO_SHELVE,
	DO_UNSHELVE,
	DO_MAINTENANCE,
	DO_MAINTENANCE_OVER,
	DO_OUT_OF_SERVICE,
	DO_IN_SERVICE,
	DO_SUPPRESS,
	DO_UNSUPPRESS,
	DO_WORSE,
	DO_MILDER,
	DO_REMOVE,
	DO_RESTART,
	DEEDS
};

static void life(struct world *w, const char *verb, const char *name, const char *value)
{
	char *words[] = { (char *)(uintptr_t)verb, (char *)(uintptr_t)name,
		(char *)(uintptr_t)value };

	assert_int_equal(world_life(w, words, value ? 3 : 2), 0);
	world_configure(w);
}

static void mark(struct world *w, const char *text)
{
	struct alarm *a = alarm_of(world_find(w, KEY), RULE);

	if (a)
		quiet_mark(w->core, a, QUIET_SUPPRESSED, text, NS(w->now_ms));
}

static void severity(struct world *w, unsigned s)
{
	struct alarm *a = alarm_of(world_find(w, KEY), RULE);

	if (a)
		alarm_set_severity(w->core, a, s, NS(w->now_ms));
}

/* Returns the code of the answer; OK for what nobody answers. */
static unsigned deed(struct world *w, enum deed what, const char *id)
{
	static core_deed *const deeds[] = { core_ack, core_unack, core_take, core_comment,
		core_shelve, core_unshelve };
	struct core_ack by = { .user = "bert",
		.comment = "because",
		.until_us = world_wall_us(w) + UINT64_C(3600000000) };

	switch (what) {
	case DO_ACK:
	case DO_UNACK:
	case DO_TAKE:
	case DO_COMMENT:
	case DO_SHELVE:
	case DO_UNSHELVE: return world_deed(w, deeds[what], id, &by, 0, NULL);
	case DO_MAINTENANCE_OVER: life(w, "maintenance", "work", "for=1h"); /* fall through */
	case DO_MAINTENANCE:
		life(w, "maintenance", "work", what == DO_MAINTENANCE ? "for=1h" : "none");
		break;
	case DO_IN_SERVICE:
		life(w, "out-of-service", KEY, "WO");
		life(w, "in-service", KEY, NULL);
		break;
	case DO_OUT_OF_SERVICE: life(w, "out-of-service", KEY, "WO"); break;
	case DO_SUPPRESS: mark(w, "hh/switch"); break;
	case DO_UNSUPPRESS:
		mark(w, "hh/switch");
		mark(w, NULL);
		break;
	case DO_WORSE: severity(w, BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL); break;
	case DO_MILDER: severity(w, BUSBAR__V1__SEVERITY__SEVERITY_INFO); break;
	case DO_REMOVE:
		world_remove(w, KEY);
		world_configure(w);
		break;
	case DO_RESTART: world_restart(w, 0); break;
	case DEEDS: break;
	}
	return BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
}

/* ---- what comes of it ---- */

#define NOR PHASE_NORMAL
#define PEN PHASE_PENDING
#define ACT PHASE_ACTIVE
#define AAK PHASE_ACTIVE_ACK
#define CLR PHASE_CLEARING
#define CLA PHASE_CLEARING_ACK
#define LAT PHASE_LATCHED
#define LAP PHASE_LATCHED_PENDING

// clang-format off
/* Per phase the next one; `kinds`: records where an alarm is open on the wire, in order, unless `none` has the phase; `refused`: phases
 * in which the answer is no. */
#define BIT(p) (1u << (p))
#define GONE (BIT(NOR) | BIT(PEN))
static const struct row {
	const char *name, *kinds;
	enum alarm_phase next[PHASE_COUNT];
	unsigned none, refused;
} rows[DEEDS] = {
	[DO_ACK] =              { "ack", "ack",                { NOR, PEN, AAK, AAK, CLA, CLA, NOR, PEN }, GONE | BIT(AAK) | BIT(CLA), GONE },
	[DO_UNACK] =            { "unack", "unack",            { NOR, PEN, ACT, ACT, CLR, CLR, LAT, LAP }, (unsigned)~(BIT(AAK) | BIT(CLA)), (unsigned)~(BIT(AAK) | BIT(CLA)) },
	[DO_TAKE] =             { "take", NULL,                { NOR, PEN, AAK, AAK, CLA, CLA, NOR, PEN }, GONE, GONE },
	[DO_COMMENT] =          { "comment", "comment",        { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, GONE },
	[DO_SHELVE] =           { "shelve", "shelve",          { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, GONE },
	[DO_UNSHELVE] =         { "unshelve", "",              { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, ~0u, ~0u },
	[DO_MAINTENANCE] =      { "maintenance", "maintenance", { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, 0 },
	[DO_MAINTENANCE_OVER] = { "maintenance over", "maintenance maintenance_end", { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, 0 },
	[DO_OUT_OF_SERVICE] =   { "out of service", "out_of_service", { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, 0 },
	[DO_IN_SERVICE] =       { "in service", "out_of_service in_service", { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, 0 },
	[DO_SUPPRESS] =         { "suppress", "suppress",      { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, 0 },
	[DO_UNSUPPRESS] =       { "unsuppress", "suppress unsuppress", { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE, 0 },
	[DO_WORSE] =            { "worse", "severity",         { NOR, PEN, ACT, ACT, CLR, CLR, LAT, LAP }, GONE | BIT(LAT) | BIT(LAP), 0 },
	[DO_MILDER] =           { "milder", "severity",        { NOR, PEN, ACT, AAK, CLR, CLA, LAT, LAP }, GONE | BIT(LAT) | BIT(LAP), 0 },
	[DO_REMOVE] =           { "removed", "removed",        { NOR, NOR, NOR, NOR, NOR, NOR, NOR, NOR }, GONE, 0 },
	/* Holds begin again. */
	[DO_RESTART] =          { "restart", "",               { NOR, NOR, ACT, AAK, ACT, AAK, LAT, LAT }, ~0u, 0 },
};
// clang-format on

static const char *kinds_of(enum deed what, enum alarm_phase phase)
{
	if (rows[what].none & BIT(phase))
		return "";
	if (what == DO_TAKE) /* of one that nobody acknowledged it is an acknowledgement */
		return phase == AAK || phase == CLA ? "take" : "ack";
	return rows[what].kinds;
}

static void kinds_since(const struct world *w, size_t from, char *out, size_t cap)
{
	out[0] = '\0';
	for (size_t i = from; i < w->n_records; i++) {
		size_t n = strlen(out);
		snprintf(out + n, cap - n, "%s%s", n ? " " : "", w->records[i].t->kind);
	}
}

static void one_pair(enum alarm_phase phase, enum deed what)
{
	struct world w;
	char id[ALARM_ID_CHARS], kinds[200], *before, *after;
	unsigned want = rows[what].refused & BIT(phase)
				? BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
				: BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;

	world_init(&w);
	bring(&w, phase, id);
	assert_int_equal(phase_now(&w), phase);
	size_t records = w.n_records;
	unsigned code = deed(&w, what, id);
	enum alarm_phase next = phase_now(&w);
	kinds_since(&w, records, kinds, sizeof(kinds));
	if (code != want || next != rows[what].next[phase] ||
		strcmp(kinds, kinds_of(what, phase)) != 0)
		fail_msg("%s of %s: answer %u, then %s, records \"%s\"", rows[what].name,
			alarm_phase_name(phase), code, alarm_phase_name(next), kinds);
	/* What a restart makes of it, from the records and from a snapshot, is what there was, and it makes no record. */
	records = w.n_records;
	before = world_print(&w);
	world_restart(&w, 0);
	after = world_print(&w);
	assert_string_equal(before, after);
	free(after);
	struct world_snapshot snap = world_snapshot(&w);
	world_restart_from(&w, &snap);
	free(snap.data);
	after = world_print(&w);
	assert_string_equal(before, after);
	assert_int_equal(w.n_records, records);
	free(before);
	free(after);
	world_fini(&w);
}

static void every_pair_of_phase_and_deed_is_as_in_the_table(void **state)
{
	for (unsigned phase = 0; phase < PHASE_COUNT; phase++)
		for (unsigned what = 0; what < DEEDS; what++)
			one_pair((enum alarm_phase)phase, (enum deed)what);
}

/* ---- marks of what comes later ---- */

static bool has_marks(struct world *w)
{
	const struct alarm *a = world_alarm(w, KEY, RULE);
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	assert_non_null(a);
	core_alarm_message(a, &m, id);
	return m.maintenance && strcmp(m.maintenance, "work") == 0 && m.out_of_service &&
	       strcmp(m.out_of_service, "WO") == 0 && m.told_severity == 0;
}

static void an_episode_takes_the_marks_of_its_device_and_a_restart_keeps_them(void **state)
{
	struct world w;
	char id[ALARM_ID_CHARS];

	world_init(&w);
	bring(&w, PHASE_PENDING, id);
	life(&w, "maintenance", "work", "for=1h");
	life(&w, "out-of-service", KEY, "WO");
	read_epo(&w, true);
	assert_true(has_marks(&w));
	world_restart(&w, 0);
	assert_true(has_marks(&w));
	struct world_snapshot snap = world_snapshot(&w);
	world_restart_from(&w, &snap);
	free(snap.data);
	assert_true(has_marks(&w));
	assert_int_equal(world_find(&w, KEY)->share.severity,
		BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN);
	world_fini(&w);
}

static void a_bad_window_is_left_out_and_the_others_hold(void **state)
{
	struct world w;
	char id[ALARM_ID_CHARS];
	char *zone[] = { "maintenance", "long", "weekly", "127", "00:00", "5000", "UTC" };

	world_init(&w);
	bring(&w, PHASE_ACTIVE, id);
	assert_int_equal(world_life(&w, zone, 7), 0); /* longer than three days */
	life(&w, "maintenance", "none", "for=0s");
	assert_false(alarm_is_quiet(world_alarm(&w, KEY, RULE)));
	life(&w, "maintenance", "work", "for=1h");
	assert_true(alarm_is_quiet(world_alarm(&w, KEY, RULE)));
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_phase_and_deed_is_as_in_the_table),
		cmocka_unit_test(an_episode_takes_the_marks_of_its_device_and_a_restart_keeps_them),
		cmocka_unit_test(a_bad_window_is_left_out_and_the_others_hold),
	};

	return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
