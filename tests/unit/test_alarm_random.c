// SPDX-License-Identifier: Apache-2.0
/* Random histories of alarmd's core against the oracle of alarm_model.h, which shares no code with
 * it: readings good, stale, late and twice, missed polls, a collector that dies, restarts from any
 * snapshot, pauses, clock steps, events delivered again, devices removed, and everything people
 * may do. After every step the alarms, their marks and the number of records of each kind are what
 * the model says (I05, I06, I07, I11; every OK has its record: I01); at the end the record is
 * whole (I03) and taken up from the beginning and from the snapshot it gives the same alarms
 * (I08); every eighth history again without its clock steps gives the same decisions (I25).
 *
 * A failure prints its seed and the shortest history that still fails. BUSBAR_SEED=n repeats one,
 * BUSBAR_HISTORIES=n asks for more, BUSBAR_FIRST=n for others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/str.h"
#include "tests/lib/alarm_history.h"
#include "tests/lib/alarm_model.h"
#include "tests/lib/alarm_world.h"

/* All of them run in the debug build; ASan takes a share. */
#ifdef __SANITIZE_ADDRESS__
enum { HISTORIES = 1000 };
#else
enum { HISTORIES = 10000 };
#endif
enum { STEPS = HISTORY_STEPS, WORKERS = 2, MESSAGE = 2000, SHRINK_RUNS = 3000 };

struct history {
	struct world w;
	struct model m;
	struct world_snapshot kept;
	size_t counted; /* records seen */
	unsigned count[MODEL_OBJECTS][MODEL_RULES][MODEL_KINDS], events;
	char id[MODEL_OBJECTS][MODEL_RULES][64][ALARM_ID_CHARS]; /* of episodes */
	unsigned episodes[MODEL_OBJECTS][MODEL_RULES];
	uint64_t status_seq[MODEL_DEVICES];
	struct bb_buf decisions;
	char *why; /* MESSAGE bytes; not empty: failed */
};

__attribute__((format(printf, 2, 3))) static void wrong(struct history *h, const char *format, ...)
{
	va_list ap;

	if (h->why[0])
		return;
	va_start(ap, format);
	vsnprintf(h->why, MESSAGE, format, ap);
	va_end(ap);
}

/* ---- taking steps in the world ---- */

static uint64_t age_of(const struct history *h, const struct op *op)
{
	return op->a < h->w.now_ms ? op->a : 0;
}

static void status(struct history *h, unsigned i, const struct op *op, uint64_t age)
{
	static const char *const qualities[] = { "", "@stale", "@bad", "@unknown" };
	char key[16], values[160];

	snprintf(values, sizeof(values), "ups.status=%s%s%s;alarm.fan.failed=false%s%s%s",
		op->flags & WORD_OB ? "OB" : "OL", op->flags & WORD_LB ? " LB" : "",
		qualities[op->quality], op->flags & FLAG_TOLD ? ";alarm.charger.failed=" : "",
		!(op->flags & FLAG_TOLD) ? ""
		: op->flags & FLAG_SET   ? "true"
					 : "false",
		op->flags & FLAG_TOLD && op->flags & FLAG_BAD ? "@bad" : "");
	world_read_old(&h->w, history_object(i, key), "status", values, age);
	h->status_seq[i] = h->w.topic_seq;
}

static void measure(struct history *h, unsigned i, const struct op *op, uint64_t age)
{
	static const char *const qualities[] = { "", "@stale", "@bad", "@unknown" };
	char key[16], values[80];

	snprintf(values, sizeof(values), "battery.temperature=%.1f%s", op->number / 2.0,
		qualities[op->quality]);
	world_read_old(&h->w, history_object(i, key), "measure", values, age);
}

static void again(struct history *h, unsigned i, const struct op *op)
{
	const struct op worst = { .flags = WORD_OB | WORD_LB | FLAG_TOLD | FLAG_SET,
		.number = 100 };
	uint64_t age = h->w.now_ms - (h->m.o[i].said[op->flags & 1] - 1);

	if (op->flags & 1)
		measure(h, i, &worst, age);
	else
		status(h, i, &worst, age);
}

/* The end of a shelf as the API takes it, for op->a as in the model. */
static void deed(struct history *h, const struct op *op, enum model_answer want)
{
	static core_deed *const deeds[] = { core_ack, core_unack, core_take, core_comment,
		core_shelve, core_unshelve };
	uint64_t wall_us = world_wall_us(&h->w);
	bool is_shelve = op->flags == DEED_SHELVE, has_end = is_shelve && op->a;
	struct core_ack by = {
		.user = op->number & 1 ? "anna" : "bert",
		.comment = op->flags == DEED_COMMENT && !op->a ? "" : "seen",
		.until_us = has_end ? op->a == 1 ? wall_us : wall_us + op->a * UINT64_C(1000) : 0,
		.until_clear = is_shelve && (op->a == 0 || op->a & 1),
	};
	struct core_ack_result got;
	unsigned episode = h->episodes[op->object][op->rule] - op->quality;
	size_t before = h->w.n_records;

	world_deed(&h->w, deeds[op->flags], h->id[op->object][op->rule][episode], &by, op->number,
		&got);
	if ((got.code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK) != (want == ANSWER_OK))
		wrong(h, "answered %u \"%s\", the model says %s", got.code, got.text,
			want == ANSWER_OK ? "ok" : "refused");
	if (want == ANSWER_OK && (!got.jseq || got.jseq > h->w.n_records))
		wrong(h, "an OK without a record behind it (I01)");
	if (want == ANSWER_REFUSED && h->w.n_records != before)
		wrong(h, "refused, and yet recorded");
}

static void event(struct history *h, unsigned object, unsigned number, bool other_number)
{
	static const uint8_t journal[16] = { 9 };
	uint8_t event_key[16] = { 1, (uint8_t)number };
	struct core_feed from = { .feed = "collect-snmptrap",
		.journal_id = journal,
		.jseq = number + 1,
		.is_volatile = other_number };
	Busbar__V1__DeviceEvent e = BUSBAR__V1__DEVICE_EVENT__INIT;
	char key[16];
	const struct device *d = world_find(&h->w, history_object(object, key));

	if (other_number)
		from.jseq += 1000;
	e.has_device_id = e.has_at_unix_us = e.has_event_key = true;
	e.device_id = d ? d->id : 0;
	e.key = (char *)(uintptr_t)history_object(object, key);
	e.kind = "trap";
	e.code = "upsTrapOnBattery";
	e.text = "a trap";
	e.source = "127.0.0.1";
	e.event_key = (ProtobufCBinaryData){ 16, event_key };
	e.at_unix_us = UINT64_C(1764000000000000) + number;
	core_event(h->w.core, &from, &e, (h->w.now_ms + 1000) * 1000000);
}

static void restart(struct history *h, unsigned how)
{
	char *before = world_print(&h->w), *after;

	if (how == 0 || (how == 2 && !h->kept.data)) {
		world_restart(&h->w, 0);
	} else if (how == 1) {
		struct world_snapshot s = world_snapshot(&h->w);
		world_restart_from(&h->w, &s);
		free(s.data);
	} else {
		world_restart_from(&h->w, &h->kept);
	}
	after = world_print(&h->w);
	if (strcmp(before, after) != 0)
		wrong(h, "I08: restart %u gives other alarms:\n%swere\n%s", how, after, before);
	free(before);
	free(after);
}

static void keep_snapshot(struct history *h)
{
	free(h->kept.data);
	h->kept = world_snapshot(&h->w);
}

static void change_devices(struct history *h, unsigned i, bool add)
{
	char key[16];

	if (add)
		world_device(&h->w, history_object(i, key), "collect-snmp");
	else
		world_remove(&h->w, history_object(i, key));
	world_configure(&h->w);
	memset(h->episodes[i], 0, sizeof(h->episodes[i]));
}

static void pass(struct history *h, const struct op *op, enum model_answer want)
{
	struct world *w = &h->w;
	unsigned i = op->object;
	char key[16];

	switch ((enum op_kind)op->kind) {
	case OP_TIME: world_to(w, w->now_ms + op->a); break;
	case OP_STATUS: status(h, i, op, age_of(h, op)); break;
	case OP_MEASURE: measure(h, i, op, age_of(h, op)); break;
	case OP_AGAIN: again(h, i, op); break;
	case OP_CONFIRM:
		world_confirm(w, history_object(i, key), h->status_seq[i] + (op->flags & 1));
		break;
	case OP_MISS:
		world_miss(w, history_object(i, key), (unsigned)h->m.o[i].missed);
		h->status_seq[i] = w->topic_seq;
		break;
	case OP_DEED: deed(h, op, want); break;
	case OP_SNAPSHOT: keep_snapshot(h); break;
	case OP_RESTART:
		restart(h, op->flags);
		world_peer(w, "collect-snmp", h->m.collector_lost ? BB_PEER_LOST : BB_PEER_ALIVE);
		break;
	case OP_PAUSE: core_pause(w->core, (w->now_ms + 1000) * 1000000); break;
	case OP_PEER:
		world_peer(w, "collect-snmp", h->m.collector_lost ? BB_PEER_LOST : BB_PEER_ALIVE);
		break;
	case OP_CLOCK:
		w->wall_step_us += op->step * 1000000;
		core_clock_step(w->core);
		break;
	case OP_EVENT: event(h, i, h->m.events - 1, false); break;
	case OP_EVENT_AGAIN: event(h, i, op->number, op->flags & 1); break;
	case OP_REMOVE:
	case OP_ADD: change_devices(h, i, op->kind == OP_ADD); break;
	case OP_TROUBLE:
		world_heartbeat(w, "notifyd", "notifier", op->number ? "smtp_down" : NULL,
			op->number);
		break;
	case OP_KINDS: break;
	}
}

/* ---- comparing ---- */

static int index_in(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static void count_record(struct history *h, const Busbar__V1__Transition *t)
{
	char key[16];
	unsigned object = 0;
	int kind = index_in(model_kinds, MODEL_KINDS, t->kind), rule;

	if (t->feed && *t->feed) {
		h->events++;
		return;
	}
	/* Marks the model does not follow: they change no alarm. */
	if (strncmp(t->kind, "chatter", 7) == 0 || strncmp(t->kind, "flood", 5) == 0)
		return;
	while (object < MODEL_OBJECTS && strcmp(history_object(object, key), t->alarm->key) != 0)
		object++;
	rule = object < MODEL_DEVICES ? index_in(model_rules, OWN, t->alarm->rule)
	       : object < MODEL_OBJECTS && strcmp(t->alarm->rule, history_rule(object, OWN)) == 0
		       ? OWN
		       : -1;
	if (rule < 0 || kind < 0) {
		wrong(h, "record %lu nobody can explain: %s of %s %s", (unsigned long)t->jseq,
			t->kind, t->alarm->key, t->alarm->rule);
		return;
	}
	h->count[object][rule][kind]++;
	if (kind == RAISED && h->episodes[object][rule] < 63)
		bb_copy(h->id[object][rule][++h->episodes[object][rule]], ALARM_ID_CHARS,
			t->alarm->id);
	if (kind != SHELVED && kind != UNSHELVED)
		bb_buf_printf(&h->decisions, "%lu %s %s %s %u>%u\n",
			(unsigned long)(t->at_boot_ns / 1000000), t->alarm->key, t->alarm->rule,
			t->kind, t->from, t->to);
}

static void compare_alarm(struct history *h, unsigned object, unsigned rule)
{
	const struct model_alarm *want = &h->m.o[object].alarm[rule];
	char key[16];
	const char *name = history_rule(object, rule);
	const struct device *d = world_find(&h->w, history_object(object, key));
	const struct alarm *a = d ? world_alarm(&h->w, history_object(object, key), name) : NULL;
	bool acked = a && alarm_wire_state(a->st.phase) ==
				  BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_ACK;
	bool shelved = d && shelf_of(d, name);

	if ((a != NULL) != want->open || acked != want->acked || shelved != want->shelf.on)
		wrong(h, "%s %s is%s%s%s, the model says%s%s%s", history_object(object, key), name,
			a ? " open" : " normal", acked ? " acked" : "", shelved ? " shelved" : "",
			want->open ? " open" : " normal", want->acked ? " acked" : "",
			want->shelf.on ? " shelved" : "");
	for (unsigned k = 0; k < MODEL_KINDS; k++)
		if (h->count[object][rule][k] != h->m.o[object].count[rule][k])
			wrong(h, "%s %s: %u records \"%s\", the model says %u",
				history_object(object, key), name, h->count[object][rule][k],
				model_kinds[k], h->m.o[object].count[rule][k]);
}

static void compare(struct history *h)
{
	for (; h->counted < h->w.n_records; h->counted++)
		count_record(h, h->w.records[h->counted].t);
	for (unsigned i = 0; i < MODEL_OBJECTS; i++)
		for (unsigned r = 0; r < MODEL_RULES; r++)
			if (model_has_rule(i, r))
				compare_alarm(h, i, r);
	if (h->events != h->m.events)
		wrong(h, "I11: %u records of %u events", h->events, h->m.events);
}

/* I03, I05: numbers without hole; per alarm every record goes on from where the one before it ended, under the id of its raise. */
static void record_is_legal(struct history *h)
{
	static const char *const marks[] = { "comment", "shelve", "unshelve", "severity", "take",
		"chatter", "chatter_end", "flood", "flood_end" };
	struct {
		const char *key, *rule, *id;
		unsigned state;
	} seen[64];
	size_t n = 0;

	for (size_t i = 0; i < h->w.n_records; i++) {
		const Busbar__V1__Transition *t = h->w.records[i].t;
		size_t k = 0;
		if (t->jseq != i + 1)
			wrong(h, "I03: record %zu has number %lu", i + 1, (unsigned long)t->jseq);
		if (t->feed && *t->feed)
			continue;
		while (k < n && (strcmp(seen[k].key, t->alarm->key) != 0 ||
					strcmp(seen[k].rule, t->alarm->rule) != 0))
			k++;
		if (k == n) {
			bb_assert(n < 64);
			seen[n].key = t->alarm->key;
			seen[n].rule = t->alarm->rule;
			seen[n++].state = BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
		}
		if (strcmp(t->kind, "raise") == 0)
			seen[k].id = t->alarm->id;
		if (t->from != seen[k].state ||
			(t->from == t->to && index_in(marks, 9, t->kind) < 0) ||
			t->alarm->state != t->to)
			wrong(h, "I05: record %zu: %s %s %s goes from %u to %u, was %u", i + 1,
				t->alarm->key, t->alarm->rule, t->kind, t->from, t->to,
				seen[k].state);
		if (t->alarm->state != BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL &&
			strcmp(seen[k].id, t->alarm->id) != 0)
			wrong(h, "I05: record %zu: %s is not the id of its raise", i + 1,
				t->alarm->id);
		seen[k].state = t->to;
	}
}

/* ---- one history ---- */

static void history_begin(struct history *h, char *why)
{
	memset(h, 0, sizeof(*h));
	h->why = why;
	why[0] = '\0';
	world_init(&h->w);
	model_init(&h->m);
	bb_buf_str(&h->decisions, "");
	for (unsigned i = 0; i < MODEL_DEVICES; i++) {
		char key[16];
		world_device(&h->w, history_object(i, key), "collect-snmp");
	}
	world_configure(&h->w);
	world_peer(&h->w, "collect-snmp", BB_PEER_ALIVE);
	world_heartbeat(&h->w, "notifyd", "notifier", NULL, 0);
	world_to(&h->w, 1);
	h->m.now = 1;
}

/* Returns the decisions (caller frees), or NULL when something was wrong; `why` says what. */
static char *run(const struct op *ops, size_t n, bool with_clock, char *why)
{
	static struct history h;
	char *decisions;
	size_t i;

	history_begin(&h, why);
	for (i = 0; i < n && !why[0]; i++) {
		if (ops[i].kind == OP_CLOCK && !with_clock)
			continue;
		enum model_answer want = model_op(&h.m, &ops[i]);
		if (want == ANSWER_NONE)
			continue;
		pass(&h, &ops[i], want);
		compare(&h);
	}
	if (why[0])
		bb_copy(why + strlen(why), 60, " (after the last step)");
	record_is_legal(&h);
	for (unsigned how = 0; how < 2 && !why[0]; how++)
		restart(&h, how * 2);
	decisions = h.decisions.data;
	free(h.kept.data);
	world_fini(&h.w);
	if (!why[0])
		return decisions;
	free(decisions);
	return NULL;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In one instant the order of devices is nobody's: sort the lines. */
static char *sorted(char *text)
{
	char *line[8 * STEPS], *save = NULL;
	size_t n = 0;
	struct bb_buf out = { 0 };

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l && n < 8 * STEPS;
		l = strtok_r(NULL, "\n", &save))
		line[n++] = l;
	if (n)
		qsort(line, n, sizeof(*line), compare_lines);
	bb_buf_str(&out, "");
	for (size_t i = 0; i < n; i++)
		bb_buf_printf(&out, "%s\n", line[i]);
	free(text);
	return out.data;
}

static bool holds(const struct op *ops, size_t n, bool without_clock, char *why)
{
	char *one = run(ops, n, true, why), *two = NULL;
	bool ok = one != NULL;

	if (ok && without_clock) {
		two = run(ops, n, false, why);
		one = sorted(one);
		two = two ? sorted(two) : NULL;
		ok = two && strcmp(one, two) == 0;
		if (two && !ok)
			snprintf(why, MESSAGE,
				"I25: without clock steps the decisions are others:\n%swere\n%s",
				two, one);
	}
	free(one);
	free(two);
	return ok;
}

/* ---- telling ---- */

static char *shared(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	bb_assert(p != MAP_FAILED);
	return p;
}

/* In a child, because it may die of what it finds. */
static bool holds_apart(const struct op *ops, size_t n, char *why)
{
	int rc;
	pid_t pid = fork();

	if (pid == 0) {
		bb_copy(why, MESSAGE, "");
		_exit(!holds(ops, n, true, why));
	}
	waitpid(pid, &rc, 0);
	if (WIFSIGNALED(rc))
		snprintf(why, MESSAGE, "died of signal %d", WTERMSIG(rc));
	return WIFEXITED(rc) && WEXITSTATUS(rc) == 0;
}

/* Leave out as much as possible, from halves to single steps, as long as it still fails. */
static size_t shrink(struct op *ops, size_t n, char *why)
{
	unsigned runs = 0;

	for (size_t part = n / 2; part; part /= 2) {
		for (size_t at = 0; at < n && runs++ < SHRINK_RUNS;) {
			struct op fewer[STEPS];
			size_t out = part < n - at ? part : n - at;
			memcpy(fewer, ops, at * sizeof(*ops));
			memcpy(fewer + at, ops + at + out, (n - at - out) * sizeof(*ops));
			if (holds_apart(fewer, n - out, why)) {
				at += out;
			} else {
				n -= out;
				memcpy(ops, fewer, n * sizeof(*ops));
			}
		}
	}
	return n;
}

static void tell(uint64_t seed, char *why)
{
	struct op ops[STEPS];
	size_t n;

	history_make(seed, ops);
	n = shrink(ops, STEPS, why);
	holds_apart(ops, n, why);
	print_message("seed %lu; %zu steps of it are enough:\n", (unsigned long)seed, n);
	for (size_t i = 0; i < n; i++)
		history_print(&ops[i]);
	print_message("%s\n", why);
}

/* ---- the test ---- */

struct share {
	uint64_t seed; /* under way */
	char why[MESSAGE];
};

static void work(struct share *s, uint64_t first, uint64_t n)
{
	struct op ops[STEPS];

	for (uint64_t i = 0; i < n; i++) {
		s->seed = first + i * WORKERS;
		history_make(s->seed, ops);
		if (!holds(ops, STEPS, s->seed % 8 == 0, s->why))
			_exit(1);
	}
	_exit(0);
}

static uint64_t from_env(const char *name, uint64_t fallback)
{
	const char *v = getenv(name);

	return v ? strtoull(v, NULL, 10) : fallback;
}

static void random_histories_are_what_the_model_says(void **state)
{
	uint64_t seed = from_env("BUSBAR_SEED", 0), n = from_env("BUSBAR_HISTORIES", HISTORIES),
		 first = seed ? seed : from_env("BUSBAR_FIRST", 1);
	struct share *s = (struct share *)shared(WORKERS * sizeof(*s));
	pid_t pid[WORKERS];
	bool ok = true;

	if (!seed)
		print_message("histories %lu to %lu\n", (unsigned long)first,
			(unsigned long)(first + n - 1));
	fflush(NULL);
	for (unsigned i = 0; i < WORKERS; i++)
		if ((pid[i] = fork()) == 0)
			work(&s[i], first + i, seed ? i == 0 : (n + WORKERS - 1 - i) / WORKERS);
	for (unsigned i = 0; i < WORKERS; i++) {
		int rc;
		waitpid(pid[i], &rc, 0);
		if (WIFEXITED(rc) && WEXITSTATUS(rc) == 0)
			continue;
		print_message("worker %u ended with %x at seed %lu: %s\n", i, (unsigned)rc,
			(unsigned long)s[i].seed, s[i].why);
		if (ok)
			tell(s[i].seed, s[i].why);
		ok = false;
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_histories_are_what_the_model_says),
	};

	return cmocka_run_group_tests_name("alarm_random", tests, NULL, NULL);
}
