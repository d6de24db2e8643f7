// SPDX-License-Identifier: Apache-2.0
#include "webd/preview.h"

#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "webd/preview_run.h"

#define DEVICES_MAX 10000
#define DAY_US      UINT64_C(86400000000)

struct preview {
	struct preview_question q;
	struct bb_arena *arena;
	struct preview_result result;
	preview_done done;
	void *arg;
	struct bb_watch *watch;
	int event_fd;
	pthread_t thread;
	atomic_bool stop;
	PGconn *pg;
	char series[4096]; /* "{1,2}": what is stored of the point */
	char flags[1024];  /* "{alarm.fan.failed}": flags it looks at */
	uint64_t end_ms;   /* of the work */
};

static PGresult *ask(struct preview *p, const char *sql, int n, const char *const *values)
{
	PGresult *r = PQexecParams(p->pg, sql, n, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
		return r;
	snprintf(p->result.error, sizeof(p->result.error), "PostgreSQL does not answer: %.400s",
		PQerrorMessage(p->pg));
	PQclear(r);
	return NULL;
}

static bool is_over(const struct preview *p)
{
	return atomic_load(&p->stop) || bb_clock_mono_ms() > p->end_ms;
}

/* ---- what there is ---- */

static const char devices_sql[] =
	"WITH asked AS (SELECT d.device_id FROM device d JOIN site s USING (site_id) LEFT JOIN device_identity i USING (device_id) "
	"WHERE d.removed_at IS NULL AND CASE $1 WHEN '' THEN true WHEN 'device' THEN d.key = $2 "
	"WHEN 'site' THEN s.key = $2 OR starts_with(s.key, $2 || '/') "
	"WHEN 'profile' THEN coalesce(nullif(d.profile, 'auto'), i.profile) = $2 "
	"ELSE d.device_id IN (SELECT device_group_devices(g.group_id) FROM device_group g WHERE g.key = $2) END), "
	"peers AS (SELECT device_group_devices(g.group_id) AS device_id FROM device_group g WHERE g.key = $3) "
	"SELECT d.device_id, d.key, d.interval_ms, d.device_id IN (SELECT device_id FROM asked) FROM device d WHERE d.removed_at IS NULL "
	"AND (d.device_id IN (SELECT device_id FROM asked) OR d.device_id IN (SELECT device_id FROM peers)) ORDER BY d.key LIMIT 10000";

static bool has_group(const struct bb_ruledef *d)
{
	return d->kind == BB_RULE_DEVIATION && strcmp(d->group, ".") != 0;
}

static int read_devices(struct preview *p)
{
	const struct bb_ruledef *d = p->q.def;
	const char *values[] = { bb_rule_scope_name(d->scope), d->scope_of,
		has_group(d) ? d->group : "" };
	PGresult *r = ask(p, devices_sql, 3, values);

	if (!r)
		return -1;
	p->result.n_devices = (size_t)PQntuples(r);
	p->result.device = bb_calloc(p->result.n_devices + 1, sizeof(*p->result.device));
	for (size_t i = 0; i < p->result.n_devices; i++) {
		struct preview_device *x = &p->result.device[i];
		x->id = strtoull(PQgetvalue(r, (int)i, 0), NULL, 10);
		bb_copy(x->key, sizeof(x->key), PQgetvalue(r, (int)i, 1));
		x->interval_ms = (uint32_t)strtoul(PQgetvalue(r, (int)i, 2), NULL, 10);
		x->is_asked = *PQgetvalue(r, (int)i, 3) == 't';
	}
	PQclear(r);
	return 0;
}

/* The built-in rule that a definition without a kind changes; NULL: it has a kind. */
static const struct rule *builtin_of(const struct bb_ruledef *d)
{
	for (size_t i = 0; d->kind == BB_RULE_NONE && i < rule_pack_count; i++)
		if (strcmp(rule_pack[i].id, d->id) == 0)
			return &rule_pack[i];
	return NULL;
}

bool preview_is_of_states(const struct bb_ruledef *d)
{
	return d->kind == BB_RULE_STATE || d->kind == BB_RULE_FLAG || d->kind == BB_RULE_NONE;
}

bool preview_is_of_flags(const struct bb_ruledef *d)
{
	const struct rule *r = builtin_of(d);
	bool is_so = d->kind == BB_RULE_FLAG;

	for (unsigned i = 0; r && i < r->n_terms; i++)
		is_so |= r->term[i].source == RULE_FLAG;
	return is_so;
}

const char *preview_refusal(const struct bb_ruledef *d)
{
	const struct bb_point *p = bb_ruledef_point(d->point);
	const struct rule *r = builtin_of(d);

	if (d->kind == BB_RULE_AGE && p && p->kind != BB_NUMBER)
		return "of this point it is stored when it changed, not when it was read: how old it was nobody knows";
	if (d->kind == BB_RULE_NONE && !r)
		return "no built-in rule has this id, and an end to other entries raises nothing";
	for (unsigned i = 0; r && i < r->n_terms; i++)
		if (r->term[i].source != RULE_WORD && r->term[i].source != RULE_FLAG)
			return "this built-in rule looks at more than words and flags; what became an alarm is in the event log";
	return NULL;
}

static bool looks_at(const struct bb_ruledef *d, const char *point)
{
	const struct rule *r = builtin_of(d);

	if (!r)
		return d->kind != BB_RULE_FLAG && rule_point_fits(d->point, point, strlen(point));
	for (unsigned i = 0; i < r->n_terms; i++)
		if (r->term[i].source == RULE_WORD && strcmp(r->term[i].point, point) == 0)
			return true;
	return false;
}

static void list_flags(struct preview *p)
{
	const struct rule *r = builtin_of(p->q.def);
	struct bb_buf b = { 0 };

	bb_buf_str(&b, "{");
	if (p->q.def->kind == BB_RULE_FLAG)
		bb_buf_str(&b, p->q.def->point);
	for (unsigned i = 0; r && i < r->n_terms; i++)
		if (r->term[i].source == RULE_FLAG)
			bb_buf_printf(&b, "%s%s", b.len > 1 ? "," : "", r->term[i].point);
	bb_buf_str(&b, "}");
	bb_copy(p->flags, sizeof(p->flags), b.data);
	bb_buf_fini(&b);
}

static int read_series(struct preview *p)
{
	PGresult *r = ask(p, "SELECT series, point FROM series", 0, NULL);
	struct bb_buf b = { 0 };

	if (!r)
		return -1;
	bb_buf_str(&b, "{");
	for (int i = 0; i < PQntuples(r); i++) {
		const char *point = PQgetvalue(r, i, 1);
		if (looks_at(p->q.def, point))
			bb_buf_printf(&b, "%s%s", b.len > 1 ? "," : "", PQgetvalue(r, i, 0));
	}
	bb_buf_str(&b, "}");
	PQclear(r);
	bool fits = bb_copy(p->series, sizeof(p->series), b.data);
	bb_buf_fini(&b);
	if (!fits)
		snprintf(p->result.error, sizeof(p->result.error),
			"the point has too many series; name one of them");
	return fits ? 0 : -1;
}

/* ---- samples ---- */

/* One day at most. A value that is there in both forms comes twice, at nearly the same time; the
 * run takes it once. */
static const char samples_sql[] =
	"SELECT q.device_id, (extract(epoch FROM q.at) * 1000000)::bigint, x.point, x.idx, q.value FROM ("
	"SELECT s.device_id, s.series, u.at, u.value FROM sample_day s JOIN sample_time t USING (device_id, day), "
	"LATERAL sample_day_values(s.day, t.dt, t.t, s.scale, s.d, s.v, s.p) u WHERE s.device_id = ANY ($1::bigint[]) AND s.series = ANY ($2::int[]) "
	"AND s.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::timestamptz AT TIME ZONE 'UTC')::date "
	"UNION ALL SELECT s.device_id, s.series, u.at, u.value FROM sample_part_series s, LATERAL sample_unpack(s.day, s.t, s.scale, s.p) u "
	"WHERE s.device_id = ANY ($1::bigint[]) AND s.series = ANY ($2::int[]) "
	"AND s.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::timestamptz AT TIME ZONE 'UTC')::date "
	"UNION ALL SELECT w.device_id, l.series[n], w.at, w.v[n]::float8 FROM sample_wide w JOIN layout l USING (layout_id), "
	"LATERAL generate_subscripts(l.series, 1) n WHERE w.device_id = ANY ($1::bigint[]) AND w.at >= $3 AND w.at < $4 "
	"AND l.series[n] = ANY ($2::int[])) q JOIN series x USING (series) "
	"WHERE q.value IS NOT NULL AND q.at >= $3 AND q.at < $4 ORDER BY q.at, q.device_id, x.point, x.idx";

/* For the age of a value: also when the device answered, whatever it said. */
static const char answers_sql[] =
	"SELECT q.device_id, (extract(epoch FROM q.at) * 1000000)::bigint, x.point, x.idx, q.value FROM ("
	"SELECT s.device_id, s.series, u.at, u.value FROM sample_day s JOIN sample_time t USING (device_id, day), "
	"LATERAL sample_day_values(s.day, t.dt, t.t, s.scale, s.d, s.v, s.p) u WHERE s.device_id = ANY ($1::bigint[]) AND s.series = ANY ($2::int[]) "
	"AND s.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::timestamptz AT TIME ZONE 'UTC')::date "
	"UNION ALL SELECT s.device_id, s.series, u.at, u.value FROM sample_part_series s, LATERAL sample_unpack(s.day, s.t, s.scale, s.p) u "
	"WHERE s.device_id = ANY ($1::bigint[]) AND s.series = ANY ($2::int[]) "
	"AND s.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::timestamptz AT TIME ZONE 'UTC')::date "
	"UNION ALL SELECT t.device_id, NULL, u, NULL FROM (SELECT device_id, day, dt, t FROM sample_time UNION ALL "
	"SELECT device_id, day, NULL, t FROM sample_part) t, LATERAL sample_day_times(t.day, t.dt, t.t) u WHERE t.device_id = ANY ($1::bigint[]) "
	"AND t.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date AND ($4::timestamptz AT TIME ZONE 'UTC')::date "
	"UNION ALL SELECT w.device_id, l.series[n], w.at, w.v[n]::float8 FROM sample_wide w JOIN layout l USING (layout_id), "
	"LATERAL generate_subscripts(l.series, 1) n WHERE w.device_id = ANY ($1::bigint[]) AND w.at >= $3 AND w.at < $4 "
	"AND l.series[n] = ANY ($2::int[]) AND w.v[n] IS NOT NULL "
	"UNION ALL SELECT w.device_id, NULL, w.at, NULL FROM sample_wide w WHERE w.device_id = ANY ($1::bigint[]) AND w.at >= $3 AND w.at < $4"
	") q LEFT JOIN series x USING (series) WHERE q.at >= $3 AND q.at < $4 ORDER BY q.at, q.device_id, x.point, x.idx";

static const char texts_sql[] =
	"SELECT c.device_id, (extract(epoch FROM greatest(c.at, $3::timestamptz)) * 1000000)::bigint, x.point, x.idx, c.value "
	"FROM text_change c JOIN series x USING (series) WHERE c.device_id = ANY ($1::bigint[]) AND c.series = ANY ($2::int[]) "
	"AND c.at < $4 AND c.at >= coalesce((SELECT max(o.at) FROM text_change o WHERE o.device_id = c.device_id AND o.series = c.series "
	"AND o.at <= $3), $3) ORDER BY 2, c.device_id, x.point, x.idx";

/* The same, and flags as they stood while there was an alarm because of them. */
static const char flags_sql[] =
	"SELECT c.device_id, (extract(epoch FROM greatest(c.at, $3::timestamptz)) * 1000000)::bigint, x.point, x.idx, c.value, false "
	"FROM text_change c JOIN series x USING (series) WHERE c.device_id = ANY ($1::bigint[]) AND c.series = ANY ($2::int[]) "
	"AND c.at < $4 AND c.at >= coalesce((SELECT max(o.at) FROM text_change o WHERE o.device_id = c.device_id AND o.series = c.series "
	"AND o.at <= $3), $3) UNION ALL "
	"SELECT device_id, (extract(epoch FROM greatest(at, $3::timestamptz)) * 1000000)::bigint, subject, '', (to_state IN (2, 3))::text, true "
	"FROM events e WHERE device_id = ANY ($1::bigint[]) AND subject = ANY ($5::text[]) AND rule <> 'event' AND NOT test "
	"AND (from_state IN (2, 3)) <> (to_state IN (2, 3)) AND at < $4 AND at >= coalesce((SELECT max(o.at) FROM events o "
	"WHERE o.device_id = e.device_id AND o.subject = e.subject AND o.rule <> 'event' AND NOT o.test "
	"AND (o.from_state IN (2, 3)) <> (o.to_state IN (2, 3)) AND o.at <= $3), $3) ORDER BY 2, 1, 3, 4";

static int feed(struct preview *p, struct preview_run *run, const char *ids, uint64_t from_us,
	uint64_t to_us)
{
	char from[32], to[32];
	bool is_text = preview_is_of_states(p->q.def), is_flags = preview_is_of_flags(p->q.def);
	const char *sql = is_flags                        ? flags_sql
			  : is_text                       ? texts_sql
			  : p->q.def->kind == BB_RULE_AGE ? answers_sql
							  : samples_sql;
	const char *values[] = { ids, p->series, from, to, p->flags };

	bb_clock_rfc3339(from_us, from);
	bb_clock_rfc3339(to_us, to);
	PGresult *r = ask(p, sql, is_flags ? 5 : 4, values);
	if (!r)
		return -1;
	for (int i = 0; i < PQntuples(r); i++) {
		struct preview_sample s = {
			.device_id = strtoull(PQgetvalue(r, i, 0), NULL, 10),
			.at_us = strtoull(PQgetvalue(r, i, 1), NULL, 10),
			.point = PQgetvalue(r, i, 2),
			.index = PQgetvalue(r, i, 3),
			.is_flag = is_flags && *PQgetvalue(r, i, 5) == 't',
			.flag = *PQgetvalue(r, i, 4) == 't',
			.text = is_text ? PQgetvalue(r, i, 4) : NULL,
			.is_good = !PQgetisnull(r, i, 4),
			.number = is_text ? 0 : strtod(PQgetvalue(r, i, 4), NULL),
		};
		preview_run_sample(run, &s);
		p->result.samples += *s.point != '\0';
	}
	preview_run_flush(run);
	PQclear(r);
	return 0;
}

/* Devices that are judged together, over the whole time. 1: the time for work was over. */
static int work(struct preview *p, struct preview_device *d, size_t n)
{
	struct preview_run *run =
		preview_run_new(p->q.def, d, n, p->q.from_us, p->q.to_us, &p->result);
	/* Many devices together: shorter pieces, so that a piece fits into memory. */
	uint64_t piece_us = preview_is_of_states(p->q.def) ? p->q.to_us - p->q.from_us
							   : DAY_US / (1 + (n > 184 ? 23 : n / 8));
	struct bb_buf ids = { 0 };
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		bb_buf_printf(&ids, "%s%" PRIu64, i ? "," : "{", d[i].id);
	bb_buf_str(&ids, "}");
	for (uint64_t at = p->q.from_us; rc == 0 && at < p->q.to_us; at += piece_us) {
		uint64_t to = at + piece_us < p->q.to_us ? at + piece_us : p->q.to_us;
		rc = is_over(p) ? 1 : feed(p, run, ids.data, at, to);
	}
	preview_run_free(run, rc == 0);
	bb_buf_fini(&ids);
	return rc;
}

static void work_all(struct preview *p)
{
	struct preview_result *r = &p->result;
	size_t together = has_group(p->q.def) ? r->n_devices : 1;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->n_devices; i += together) {
		rc = work(p, &r->device[i], together);
		r->done += rc == 0 ? together : 0;
	}
	r->is_complete = rc == 0;
}

static void *thread_main(void *arg)
{
	struct preview *p = arg;
	uint64_t one = 1;

	p->end_ms = bb_clock_mono_ms() + PREVIEW_WORK_MS;
	p->pg = PQconnectdb(p->q.conninfo);
	if (PQstatus(p->pg) != CONNECTION_OK) {
		snprintf(p->result.error, sizeof(p->result.error),
			"PostgreSQL does not answer: %.400s", PQerrorMessage(p->pg));
	} else {
		PGresult *r = ask(p,
			"SELECT set_config('default_transaction_read_only', 'on', false), "
			"set_config('statement_timeout', '20000', false), set_config('application_name', 'webd preview', false)",
			0, NULL);
		list_flags(p);
		if (r && read_devices(p) == 0 && read_series(p) == 0)
			work_all(p);
		PQclear(r);
	}
	PQfinish(p->pg);
	/* an eventfd write of 1 cannot fail before 2^64 of them */
	if (write(p->event_fd, &one, sizeof(one)) < 0)
		abort();
	return NULL;
}

/* ---- the loop's side ---- */

static void on_done(void *arg, int fd, int what)
{
	struct preview *p = arg;
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0 && errno == EAGAIN)
		return;
	p->done(p->arg, &p->q, &p->result);
}

struct preview *preview_start(struct bb_loop *loop, const struct preview_question *q,
	preview_done done, void *arg)
{
	struct preview *p = bb_calloc(1, sizeof(*p));
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char pointer[96];

	p->arena = bb_arena_new(4096, 0);
	p->q = *q;
	p->q.conninfo = bb_arena_strdup(p->arena, q->conninfo);
	bb_json_obj(&j, NULL);
	bb_ruledef_write(q->def, &j);
	bb_json_end_obj(&j);
	p->q.def = bb_ruledef_parse(p->arena, b.data, b.len, pointer, NULL);
	bb_buf_fini(&b);
	bb_assert(p->q.def);
	p->done = done;
	p->arg = arg;
	p->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bb_assert(p->event_fd >= 0);
	p->watch = bb_loop_add_fd(loop, p->event_fd, BB_READ, on_done, p);
	bb_assert(pthread_create(&p->thread, NULL, thread_main, p) == 0);
	return p;
}

void preview_free(struct preview *p)
{
	if (!p)
		return;
	atomic_store(&p->stop, true);
	pthread_join(p->thread, NULL);
	bb_loop_cancel(p->watch);
	close(p->event_fd);
	free(p->result.device);
	bb_arena_free(p->arena);
	free(p);
}
