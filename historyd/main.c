// SPDX-License-Identifier: Apache-2.0
/* historyd: the only writer of samples. Hears all readings from busd, writes wide rows by COPY and folds them into day rows.
 * A crash loses what was not yet written (at most half a second of samples) and nothing of the alarm path. While PostgreSQL is away
 * samples wait in a spool file; while historyd is away charts have a gap, nothing else. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/bus.h"
#include "common/clock.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/log.h"
#include "common/service.h"
#include "historyd/fold.h"
#include "historyd/ingest.h"
#include "historyd/writer.h"

#define FOLD_CHECK_MS 30000
#define DATABASE_TROUBLE_MS 10000
#define ALIVE_MS 5000

struct settings {
	char *database;
	int64_t window_s, keep_windows, spool_mb;
};

static const struct bb_conf_item schema[] = {
	{ "database", BB_CONF_STR, offsetof(struct settings, database), "", 1, 500, "dbname=busbar", "libpq connection string" },
	{ "window_s", BB_CONF_INT, offsetof(struct settings, window_s), "s", 10, 3600, "3600",
		"length of one partition of the open window; must divide 3600" },
	{ "keep_windows", BB_CONF_INT, offsetof(struct settings, keep_windows), "", 0, 24, "1",
		"closed windows that wait before all of them are folded" },
	{ "spool_mb", BB_CONF_INT, offsetof(struct settings, spool_mb), "MB", 9, 65536, "1024",
		"samples kept on disk while PostgreSQL is away; the oldest go first" },
	BB_CONF_END,
};

struct app {
	struct settings settings;
	struct bb_service *service;
	struct bb_arena *arena;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_sub *sub;
	struct bb_cmd_server *cmd;
	struct bb_genconf *conf;
	struct writer *writer;
	struct ingest *ingest;
	struct fold *fold;
	struct fold_result last_fold;
	uint64_t last_fold_at_ms, down_since_ms, bad, dropped;
	struct bb_log_limit bad_limit;
	int alive;              /* file whose time says until when we were at work; -1: none */
};

/* The body of each kind; false: broken. */
static bool take_reading(struct app *app, const struct bb_msg *m, uint64_t at_us, struct bb_err *err)
{
	const Busbar__V1__Reading *r = bb_unpack_reading(app->arena, m->body, m->body_len, err);

	if (r)
		ingest_reading(app->ingest, r, m->epoch, m->topic_seq, at_us);
	return r;
}

static bool take_confirm(struct app *app, const struct bb_msg *m, uint64_t at_us, struct bb_err *err)
{
	const Busbar__V1__Confirm *c = bb_unpack_confirm(app->arena, m->body, m->body_len, err);

	for (size_t i = 0; c && strcmp(c->group, "status") == 0 && i < c->n_device_id; i++)
		ingest_confirm(app->ingest, c->device_id[i], m->epoch, c->topic_seq[i], at_us - c->before_ns[i] / 1000);
	return c;
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct app *app = arg;
	uint64_t at_us = bb_clock_real_us() - m->age_ms * 1000, repeats;
	bool is_good = true;
	struct bb_err err;

	if (m->from_snapshot)
		return;
	bb_arena_reset(app->arena);
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING)
		is_good = take_reading(app, m, at_us, &err);
	else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM)
		is_good = take_confirm(app, m, at_us, &err);
	if (is_good)
		return;
	app->bad++;
	if (bb_log_due(&app->bad_limit, err.text, &repeats))
		bb_log(EV_BUS_BAD, BB_STR("topic", m->topic), BB_ERRTEXT(&err), BB_UINT("repeats", repeats));
}

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	struct app *app = arg;
	struct writer_stats s;
	uint64_t now = bb_clock_mono_ms();

	writer_stats(app->writer, &s);
	bb_pub_metric(p, "rows_total", (double)s.rows);
	bb_pub_metric(p, "values_total", (double)s.values);
	bb_pub_metric(p, "rows_spooled_total", (double)s.rows_spooled);
	bb_pub_metric(p, "spool_bytes", (double)s.spool_bytes);
	bb_pub_metric(p, "queue_depth", (double)s.queue_blocks);
	bb_pub_metric(p, "bad_messages_total", (double)app->bad);
	bb_pub_metric(p, "fold_windows", (double)app->last_fold.windows);
	bb_pub_metric(p, "fold_took_ms", (double)app->last_fold.took_ms);
	bb_pub_metric(p, "partitions_dropped_total", (double)app->dropped);
	bb_pub_trouble(p, "history_dropped", s.segments_dropped ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0,
		"the sample spool is full, the oldest samples are lost; start PostgreSQL or raise historyd.spool_mb");
	bb_pub_trouble(p, "history_refused", s.blocks_refused ? BUSBAR__V1__SEVERITY__SEVERITY_MAJOR : 0,
		"PostgreSQL refused samples; see the log of historyd");
	if (s.database_up)
		app->down_since_ms = 0;
	else if (!app->down_since_ms)
		app->down_since_ms = now;
	bb_pub_trouble(p, "history_paused",
		app->down_since_ms && now - app->down_since_ms > DATABASE_TROUBLE_MS ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : 0,
		"PostgreSQL is away; samples wait in the spool file of historyd");
	bb_pub_trouble(p, "history_fold", app->last_fold.text[0] ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : 0, app->last_fold.text);
}

static void on_folded(void *arg, const struct fold_result *r)
{
	struct app *app = arg;

	app->last_fold = *r;
	app->last_fold_at_ms = bb_clock_mono_ms();
	app->dropped += r->n_dropped;
	if (r->n_dropped > 0)
		bb_log(EV_HISTORY_DROPPED, BB_STR("partition", r->dropped));
	if (r->windows > 0 && r->ok)
		bb_log(EV_FOLD, BB_UINT("windows", r->windows), BB_UINT("rows", r->rows), BB_UINT("device_days", r->device_days),
			BB_UINT("took_ms", r->took_ms));
	else if (!r->ok)
		bb_log(EV_DATABASE_REFUSED, BB_STR("error", r->text));
}

static void on_fold_time(void *arg)
{
	struct app *app = arg;
	struct writer_stats s;

	writer_stats(app->writer, &s);
	if (s.database_up)
		fold_start(app->fold, false);
}

static void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	struct app *app = arg;

	if (strcmp(rq->verb, "fold") == 0) {
		fold_start(app->fold, true);
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK, "folding all closed windows");
	} else {
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN, "historyd has no command \"%s\"", rq->verb);
	}
}

static int on_config(void *arg, const Busbar__V1__Config *c, uint64_t generation, struct bb_err *err)
{
	struct app *app = arg;

	ingest_keep(app->ingest, c);
	return 0;
}

static void on_away(void *arg, uint64_t away_ms, int64_t wall_step_us)
{
	struct app *app = arg;

	if (away_ms > 0)
		bb_sub_resync(app->sub);
}

static int start_bus(struct app *app, struct bb_err *err)
{
	struct bb_service *s = app->service;
	static const char *const prefixes[] = { "reading/", "confirm/", NULL };
	struct bb_pub_options pub = { .connect = BB_PUB_ALARMD | BB_PUB_BUSD, .heartbeat = on_heartbeat, .arg = app };
	struct bb_sub_options sub = { .prefixes = prefixes, .message = on_message, .arg = app };

	app->bus = bb_bus_new(bb_service_loop(s), bb_service_dirs(s)->run, "historyd", "historyd", bb_service_epoch(s), err);
	if (!app->bus || !(app->pub = bb_pub_new(app->bus, &pub, err)) || !(app->sub = bb_sub_new(app->bus, &sub, err)) ||
		!(app->cmd = bb_cmd_server_new(app->bus, on_command, app, err)))
		return -1;
	app->conf = bb_genconf_new(app->bus, bb_service_dirs(s)->lib, app->pub, on_config, app, err);
	return app->conf ? 0 : -1;
}

static void on_alive_time(void *arg)
{
	struct app *app = arg;

	futimens(app->alive, NULL);
}

/* What lies between that time and the first reading was seen by nobody. Without the file charts show the last state on; nothing else
 * depends on it. */
static void start_alive(struct app *app)
{
	char path[300];
	struct stat st;

	snprintf(path, sizeof(path), "%s/alive", bb_service_dirs(app->service)->lib);
	app->alive = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (app->alive >= 0 && fstat(app->alive, &st) == 0)
		ingest_alive_before(app->ingest, (uint64_t)st.st_mtim.tv_sec * 1000000 + (uint64_t)st.st_mtim.tv_nsec / 1000);
	if (app->alive >= 0)
		bb_loop_every(bb_service_loop(app->service), ALIVE_MS, on_alive_time, app);
}

static int start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct app *app = arg;
	char spool[300];
	struct writer_options w = { .conninfo = app->settings.database, .spool_dir = spool,
		.spool_bytes = (uint64_t)app->settings.spool_mb << 20, .window_s = (unsigned)app->settings.window_s };
	struct fold_options f = { .conninfo = app->settings.database, .window_s = w.window_s,
		.keep_windows = (unsigned)app->settings.keep_windows, .done = on_folded, .arg = app };

	app->service = s;
	if (3600 % app->settings.window_s != 0)
		return bb_err_set(err, "historyd.window_s is %lld, but must divide 3600", (long long)app->settings.window_s);
	app->arena = bb_arena_new(65536, 4 << 20);
	snprintf(spool, sizeof(spool), "%s/spool", bb_service_dirs(s)->lib);
	app->writer = writer_new(bb_service_loop(s), &w, err);
	if (!app->writer)
		return -1;
	app->ingest = ingest_new(app->writer);
	start_alive(app);
	app->fold = fold_new(bb_service_loop(s), &f, err);
	if (!app->fold || start_bus(app, err) != 0)
		return -1;
	bb_loop_every(bb_service_loop(s), FOLD_CHECK_MS, on_fold_time, app);
	bb_loop_on_discontinuity(bb_service_loop(s), 5000, on_away, app);
	bb_service_ready(s);
	return 0;
}

static void stop(void *arg)
{
	struct app *app = arg;

	bb_genconf_free(app->conf);
	bb_cmd_server_free(app->cmd);
	bb_sub_free(app->sub);
	fold_free(app->fold);
	writer_free(app->writer);
	ingest_free(app->ingest);
	bb_pub_free(app->pub);
	bb_bus_free(app->bus);
	bb_arena_free(app->arena);
}

static void dump(void *arg, FILE *f)
{
	struct app *app = arg;
	struct writer_stats s;

	writer_stats(app->writer, &s);
	fprintf(f, "devices %zu\nrows %llu values %llu\ndatabase %s, %llu blocks under way\n", ingest_devices(app->ingest),
		(unsigned long long)s.rows, (unsigned long long)s.values, s.database_up ? "up" : "away", (unsigned long long)s.queue_blocks);
	fprintf(f, "spool %llu bytes, %llu rows spooled, %llu segments dropped, %llu blocks refused\n", (unsigned long long)s.spool_bytes,
		(unsigned long long)s.rows_spooled, (unsigned long long)s.segments_dropped, (unsigned long long)s.blocks_refused);
	fprintf(f, "last fold: %llu windows, %llu rows, %llu device-days, %llu ms %s\n", (unsigned long long)app->last_fold.windows,
		(unsigned long long)app->last_fold.rows, (unsigned long long)app->last_fold.device_days,
		(unsigned long long)app->last_fold.took_ms, app->last_fold.text);
}

int main(int argc, char **argv)
{
	static struct app app;
	const struct bb_service_spec spec = { .name = "historyd", .summary = "writes samples into PostgreSQL and folds them by day",
		.schema = schema, .settings = &app.settings, .start = start, .stop = stop, .dump = dump, .arg = &app, .needs_lock = true };

	return bb_service_run(&spec, argc, argv);
}
