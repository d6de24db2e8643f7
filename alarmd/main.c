// SPDX-License-Identifier: Apache-2.0
/* alarmd decides what is an alarm, keeps the record of it and tells everybody, and serves the
 * configuration.
 *
 * A crash loses what was not durable, and nobody was told of that: the next good reading makes it
 * again. Meanwhile collectors go on polling, notifyd and shutdownd finish what they have, webd
 * shows what is in PostgreSQL. PostgreSQL, busd and webd are not needed here. Order of work:
 * records that became durable (told, answered, pulled), then commands, then readings, then
 * history. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/command.h"
#include "alarmd/config.h"
#include "alarmd/dump.h"
#include "alarmd/feed.h"
#include "alarmd/host_clock.h"
#include "alarmd/project.h"
#include "alarmd/publish.h"
#include "alarmd/refill.h"
#include "alarmd/store.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/pull.h"
#include "common/service.h"
#include "common/str.h"
#include "common/weekly.h"

#define TROUBLES           16
#define CONSUMERS_MAX      16
#define CONSUMER_SILENT_MS 3600000
#define MAJOR              BUSBAR__V1__SEVERITY__SEVERITY_MAJOR

struct settings {
	char *database;
	int64_t snapshot_ms, journal_records, config_poll_ms, state_refresh_ms, database_down_ms, clock_hold_ms;
};

/* An own-alarm of ours that stands, or stood: said again each second, because the core must know it
 * after a restart, too. */
struct trouble {
	char code[32];
	unsigned severity;
	char text[400];
};

struct app {
	struct settings set;
	struct bb_service *service;
	struct bb_loop *loop;
	struct bb_arena *arena;
	struct store *store;
	struct core *core;
	struct publish *publish;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_sub *sub;
	struct bb_pull_server *log;
	struct feeds *feeds;
	struct command *command;
	struct config *config;
	struct project *project;
	struct host_clock *host_clock;
	struct bb_watch *tick, *discontinuity;
	struct trouble troubles[TROUBLES];
	size_t n_troubles;
	uint64_t bad_messages;
	struct bb_log_limit bad_log;
};

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "database", BB_CONF_STR, offsetof(struct settings, database), "", 0, 1000, "dbname=busbar", "how to reach PostgreSQL (libpq conninfo)" },
	{ "snapshot_ms", BB_CONF_INT, offsetof(struct settings, snapshot_ms), "ms", 100, 86400000, "600000", "how often the alarm set is kept beside the journal" },
	{ "journal_records", BB_CONF_INT, offsetof(struct settings, journal_records), "", 100, 1000000, "100000", "records of one file of the journal" },
	{ "config_poll_ms", BB_CONF_INT, offsetof(struct settings, config_poll_ms), "ms", 100, 3600000, "30000", "how often PostgreSQL is asked for a new configuration besides its notification" },
	{ "state_refresh_ms", BB_CONF_INT, offsetof(struct settings, state_refresh_ms), "ms", 1000, 600000, "60000", "every device and group state goes out at least so often" },
	{ "database_down_ms", BB_CONF_INT, offsetof(struct settings, database_down_ms), "ms", 100, 3600000, "10000", "PostgreSQL away for so long is an own-alarm" },
	{ "clock_hold_ms", BB_CONF_INT, offsetof(struct settings, clock_hold_ms), "ms", 20, 86400000, "900000", "a clock that no time service keeps for so long is an own-alarm" },
	BB_CONF_END
};
// clang-format on

/* ---- own-alarms ---- */

static void on_trouble(void *arg, const char *code, unsigned severity, const char *text)
{
	struct app *app = arg;
	struct trouble *t = NULL;

	for (size_t i = 0; i < app->n_troubles; i++)
		if (strcmp(app->troubles[i].code, code) == 0)
			t = &app->troubles[i];
	if (!t) {
		if (app->n_troubles == TROUBLES)
			return;
		t = &app->troubles[app->n_troubles++];
		bb_copy(t->code, sizeof(t->code), code);
	} else if (t->severity == severity &&
		   (!severity || strcmp(t->text, text ? text : "") == 0)) {
		return;
	}
	t->severity = severity;
	bb_copy(t->text, sizeof(t->text), text ? text : "");
	if (app->pub)
		bb_pub_trouble(app->pub, code, severity, t->text);
	if (app->core)
		core_trouble(app->core, t->code, t->severity, t->text, bb_clock_boot_ns());
}

static void check_consumers(struct app *app)
{
	struct bb_consumer_info info[CONSUMERS_MAX];
	size_t n = bb_pull_consumers(app->log, info, CONSUMERS_MAX);
	char text[200] = "";

	for (size_t i = 0; i < n && i < CONSUMERS_MAX; i++)
		if (info[i].silent_ms > CONSUMER_SILENT_MS)
			snprintf(text, sizeof(text),
				"%.63s has not read the alarm log for %" PRIu64 " minutes",
				info[i].name, info[i].silent_ms / 60000);
	on_trouble(app, "consumer_silent", text[0] ? MAJOR : 0, text);
}

static void on_tick(void *arg)
{
	struct app *app = arg;
	uint64_t now_ns = bb_clock_boot_ns();

	for (size_t i = 0; i < app->n_troubles; i++)
		core_trouble(app->core, app->troubles[i].code, app->troubles[i].severity,
			app->troubles[i].text, now_ns);
	check_consumers(app);
	feeds_durable(app->feeds, store_durable(app->store));
	core_tick(app->core, now_ns);
}

/* ---- durable ---- */

static void on_alarm(void *arg, const char *topic, const void *body, size_t len, bool is_over)
{
	struct app *app = arg;

	publish_alarm(app->publish, topic, body, len, is_over);
}

static void on_durable(void *arg, uint64_t jseq)
{
	struct app *app = arg;

	if (app->publish)
		publish_durable(app->publish, jseq);
	if (app->feeds)
		feeds_durable(app->feeds, jseq);
}

/* ---- the core's world ---- */

static uint64_t env_next(void *arg)
{
	struct app *app = arg;

	return store_next_jseq(app->store);
}

static uint64_t env_append(void *arg, const Busbar__V1__Transition *t)
{
	struct app *app = arg;

	return store_append(app->store, t);
}

static uint64_t env_wall(void *arg)
{
	return bb_clock_real_us();
}

static void env_remark(void *arg, const struct alarm *a)
{
	struct app *app = arg;

	publish_remark(app->publish, a);
}

static void env_device_gone(void *arg, const struct device *d)
{
	struct app *app = arg;

	publish_device_gone(app->publish, d);
}

static void env_group_gone(void *arg, const struct group *g)
{
	struct app *app = arg;

	publish_group_gone(app->publish, g);
}

static void env_redundancy_gone(void *arg, const char *key)
{
	struct app *app = arg;

	publish_redundancy_gone(app->publish, key);
}

/* ---- inputs ---- */

static void on_bad(struct app *app, const struct bb_msg *m, const struct bb_err *err)
{
	uint64_t repeats;

	app->bad_messages++;
	if (bb_log_due(&app->bad_log, m->publisher, &repeats))
		bb_log(EV_BUS_BAD, BB_STR("publisher", m->publisher), BB_STR("topic", m->topic),
			BB_ERRTEXT(err), BB_UINT("repeats", repeats));
}

static void on_confirm(struct app *app, const struct bb_msg *m, struct core_source *from,
	uint64_t now_ns)
{
	struct bb_err err;
	const Busbar__V1__Confirm *cf =
		bb_unpack_confirm(app->arena, m->body, m->body_len, &err);

	if (!cf) {
		on_bad(app, m, &err);
		return;
	}
	for (size_t i = 0; i < cf->n_device_id; i++) {
		from->topic_seq = cf->topic_seq[i];
		from->sampled_ns = m->sampled_own_ns > cf->before_ns[i]
					   ? m->sampled_own_ns - cf->before_ns[i]
					   : 0;
		core_confirm(app->core, cf->device_id[i], cf->group, from, now_ns);
	}
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct app *app = arg;
	uint64_t now_ns = bb_clock_boot_ns();
	struct core_source from = { .publisher = m->publisher,
		.sampled_ns = m->sampled_own_ns,
		.epoch = m->epoch,
		.topic_seq = m->topic_seq };
	struct bb_err err;

	bb_arena_reset(app->arena);
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING) {
		const Busbar__V1__Reading *r =
			bb_unpack_reading(app->arena, m->body, m->body_len, &err);
		if (r)
			core_reading(app->core, r, &from, now_ns);
		else
			on_bad(app, m, &err);
	} else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM) {
		on_confirm(app, m, &from, now_ns);
	} else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT) {
		const Busbar__V1__Heartbeat *h =
			bb_unpack_heartbeat(app->arena, m->body, m->body_len, &err);
		/* A heartbeat speaks for its sender only. */
		if (h && h->publisher && strcmp(h->publisher, m->publisher) == 0) {
			core_heartbeat(app->core, h, now_ns);
			feeds_heard(app->feeds, h);
		} else if (!h) {
			on_bad(app, m, &err);
		}
	}
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
	struct app *app = arg;

	if (state == BB_PEER_LOST)
		bb_log(EV_PUBLISHER_LOST, BB_STR("publisher", publisher));
	else if (state == BB_PEER_ALIVE)
		bb_log(EV_PUBLISHER_BACK, BB_STR("publisher", publisher),
			BB_UINT("new_start", new_epoch));
	core_peer(app->core, publisher, state, new_epoch, bb_clock_boot_ns());
}

static void on_discontinuity(void *arg, uint64_t away_ms, int64_t wall_step_us)
{
	struct app *app = arg;

	if (wall_step_us) {
		bb_log(EV_CLOCK_STEP, BB_INT("step_us", wall_step_us));
		core_clock_step(app->core);
	}
	if (away_ms) {
		bb_log(EV_PAUSE, BB_UINT("away_ms", away_ms));
		core_pause(app->core, bb_clock_boot_ns());
		bb_sub_resync(app->sub);
	}
}

static void on_config(void *arg, const Busbar__V1__Config *conf, uint64_t generation)
{
	struct app *app = arg;

	core_config(app->core, conf, bb_clock_boot_ns());
	const char *bad = core_rules_error(app->core);
	on_trouble(app, "rules_refused", *bad ? MAJOR : 0, bad);
}

static bool has_alarm(const struct app *app, const Busbar__V1__Alarm *a)
{
	const struct device *d = a->device_id ? core_device(app->core, a->device_id) : NULL;

	for (const struct alarm *x = d ? d->alarms : NULL; x; x = x->next)
		if (strcmp(x->rule_id, a->rule) == 0 && alarm_is_open(x->st.phase))
			return true;
	return false;
}

/* The database knows an open alarm of another journal: where our journal is new we begin with it,
 * otherwise its time is over. */
static void on_foreign(void *arg, const Busbar__V1__Alarm *a, bool is_start)
{
	struct app *app = arg;
	struct alarm_id id;
	uint64_t now_ns = bb_clock_boot_ns();

	if (alarm_id_parse(a->id, &id) == 0 && core_open_alarm(app->core, &id))
		return;
	if (is_start && store_is_new(app->store) && a->device_id && !has_alarm(app, a) &&
		core_knows_rule(app->core, a))
		core_carry(app->core, a, now_ns);
	else
		core_close_foreign(app->core, a, now_ns);
}

static void on_refill(void *arg, const Busbar__V1__Alarm *a)
{
	struct app *app = arg;

	refill_take(app->core, a, bb_clock_boot_ns());
}

static void on_ahead(void *arg, uint64_t cursor)
{
	struct app *app = arg;
	struct bb_err err;

	if (store_abandon(app->store, &err) == 0)
		bb_err_set(&err,
			"the database holds records up to %" PRIu64
			" of our journal, which ends at %" PRIu64
			": it was restored or lost; starting anew with another journal",
			cursor, bb_journal_head(store_journal(app->store)));
	bb_service_fail(app->service, &err);
}

/* ---- heartbeat ---- */

struct metric {
	const char *name;
	double value;
};

static size_t metrics(const struct app *app, struct metric *m)
{
	const struct core_stats *st = core_stats(app->core);
	struct bb_sub_stats sub;
	struct project_stats pr;
	struct bb_consumer_info info[CONSUMERS_MAX];
	size_t n_info = bb_pull_consumers(app->log, info, CONSUMERS_MAX), n = 0;
	uint64_t head = bb_journal_head(store_journal(app->store)), lag = 0;

	bb_sub_stats(app->sub, &sub);
	project_stats(app->project, &pr);
	for (size_t i = 0; i < n_info && i < CONSUMERS_MAX; i++)
		if (head > info[i].durable_jseq && head - info[i].durable_jseq > lag)
			lag = head - info[i].durable_jseq;
	m[n++] = (struct metric){ "evaluated_total", (double)st->evaluated };
	m[n++] = (struct metric){ "confirmed_total", (double)st->confirmed };
	m[n++] = (struct metric){ "raised_total", (double)st->raised };
	m[n++] = (struct metric){ "cleared_total", (double)st->cleared };
	m[n++] = (struct metric){ "events_total", (double)st->events };
	m[n++] = (struct metric){ "events_lag", (double)feeds_lag(app->feeds) };
	m[n++] = (struct metric){ "unknown_device_total", (double)st->unknown_device };
	m[n++] = (struct metric){ "out_of_date_total", (double)st->out_of_date };
	m[n++] = (struct metric){ "alarms_open", st->open };
	m[n++] = (struct metric){ "devices", st->devices };
	m[n++] = (struct metric){ "journal_queue",
		(double)bb_journal_queue_depth(store_journal(app->store)) };
	m[n++] = (struct metric){ "journal_head", (double)head };
	m[n++] = (struct metric){ "journal_emergency",
		bb_journal_health(store_journal(app->store)) == BB_JOURNAL_EMERGENCY };
	m[n++] = (struct metric){ "projection_lag", (double)pr.lag };
	m[n++] = (struct metric){ "projection_commit_ms", pr.commit_ms };
	m[n++] = (struct metric){ "consumer_lag", (double)lag };
	m[n++] = (struct metric){ "database_up", pr.is_up };
	m[n++] = (struct metric){ "bus_received_total", (double)sub.received };
	m[n++] = (struct metric){ "bus_gaps_total", (double)sub.gaps };
	m[n++] = (struct metric){ "bus_bad_total", (double)(sub.bad + app->bad_messages) };
	m[n++] = (struct metric){ "config_generation", (double)config_generation(app->config) };
	return n;
}

#define METRICS_MAX 32

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	struct app *app = arg;
	struct metric m[METRICS_MAX];

	if (!app->project)
		return;
	size_t n = metrics(app, m);
	for (size_t i = 0; i < n; i++)
		bb_pub_metric(p, m[i].name, m[i].value);
}

static void on_snapshot(void *arg, const char *prefix, bb_snap_emit emit, void *emit_arg)
{
	struct app *app = arg;

	publish_snapshot(app->publish, prefix, emit, emit_arg);
}

static void on_metrics(void *arg, struct bb_json *j)
{
	struct metric m[METRICS_MAX];
	size_t n = metrics(arg, m);

	for (size_t i = 0; i < n; i++)
		bb_json_num(j, m[i].name, m[i].value);
}

/* ---- life ---- */

static int open_core(struct app *app, const char *lib, struct bb_err *err)
{
	struct store_options so = {
		.lib = lib,
		.database = app->set.database,
		.snapshot_ms = (uint64_t)app->set.snapshot_ms,
		.journal_records = (uint64_t)app->set.journal_records,
		.alarm = on_alarm,
		.durable = on_durable,
		.trouble = on_trouble,
		.arg = app,
	};

	if (!(app->store = store_open(app->loop, &so, err)))
		return -1;
	struct core_env env = {
		.journal_id = bb_journal_id(store_journal(app->store)),
		.boot_id = bb_clock_boot_id(),
		.next_jseq = env_next,
		.append = env_append,
		.wall_us = env_wall,
		.remark = env_remark,
		.device_gone = env_device_gone,
		.group_gone = env_group_gone,
		.redundancy_gone = env_redundancy_gone,
		.arg = app,
	};
	app->core = core_new(&env, bb_clock_boot_ns());
	app->publish = publish_new(app->loop, app->core, (uint64_t)app->set.state_refresh_ms);
	publish_durable(app->publish, store_durable(app->store));
	if (store_replay(app->store, app->core, err) < 0)
		return -1;
	core_replayed(app->core, bb_clock_boot_ns());
	const char *damage = store_damage(app->store);
	on_trouble(app, "journal_damaged", damage ? BUSBAR__V1__SEVERITY__SEVERITY_CRITICAL : 0,
		damage);
	return 0;
}

static int open_bus(struct app *app, const char *run, struct bb_err *err)
{
	static const char *const prefixes[] = { "reading/", "confirm/", "heartbeat/",
		NULL };
	struct bb_pub_options po = {
		.connect = BB_PUB_BUSD,
		.devices = 10000,
		.snapshot = on_snapshot,
		.heartbeat = on_heartbeat,
		.arg = app,
	};
	struct bb_sub_options so = {
		.bind = "readings.alarmd",
		.prefixes = prefixes,
		.snapshots = true,
		.message = on_message,
		.peer = on_peer,
		.arg = app,
	};

	app->bus =
		bb_bus_new(app->loop, run, "alarmd", "alarmd", bb_service_epoch(app->service), err);
	if (!app->bus || !(app->pub = bb_pub_new(app->bus, &po, err)))
		return -1;
	publish_socket(app->publish, app->pub);
	app->feeds = feeds_new(app->bus, app->core, app->store);
	app->sub = bb_sub_new(app->bus, &so, err);
	if (!app->sub)
		return -1;
	app->log = bb_pull_server_new(app->bus, "alarmd.log", store_journal(app->store), err);
	if (!app->log)
		return -1;
	app->command = command_new(app->bus, app->core, app->store, on_metrics, app, err);
	return app->command ? 0 : -1;
}

static int open_database(struct app *app, const char *lib, struct bb_err *err)
{
	struct config_options co = {
		.lib = lib,
		.conninfo = app->set.database,
		.poll_ms = (uint64_t)app->set.config_poll_ms,
		.apply = on_config,
		.trouble = on_trouble,
		.arg = app,
	};
	struct project_options po = {
		.conninfo = app->set.database,
		.journal = store_journal(app->store),
		.down_ms = (uint64_t)app->set.database_down_ms,
		.trouble = on_trouble,
		.foreign = on_foreign,
		.missing = store_missing(app->store),
		.refill = on_refill,
		.ahead = on_ahead,
		.arg = app,
	};

	app->config = config_new(app->loop, app->bus, &co, err);
	if (!app->config)
		return -1;
	app->project = project_new(app->loop, &po);
	return 0;
}

static int start(struct bb_service *service, void *arg, struct bb_err *err)
{
	struct app *app = arg;
	const struct bb_dirs *dirs = bb_service_dirs(service);

	app->service = service;
	app->loop = bb_service_loop(service);
	app->arena = bb_arena_new(65536, 0);
	if (open_core(app, dirs->lib, err) < 0 || open_bus(app, dirs->run, err) < 0 ||
		open_database(app, dirs->lib, err) < 0)
		return -1;
	for (size_t i = 0; i < app->n_troubles; i++)
		bb_pub_trouble(app->pub, app->troubles[i].code, app->troubles[i].severity,
			app->troubles[i].text);
	app->tick = bb_loop_every(app->loop, 1000, on_tick, app);
	app->host_clock = host_clock_new(app->loop, (uint64_t)app->set.clock_hold_ms, on_trouble, app);
	app->discontinuity = bb_loop_on_discontinuity(app->loop, 0, on_discontinuity, app);
	bb_service_ready(service);
	return 0;
}

static void stop(void *arg)
{
	struct app *app = arg;

	host_clock_free(app->host_clock);
	bb_loop_cancel(app->tick);
	bb_loop_cancel(app->discontinuity);
	project_free(app->project);
	config_free(app->config);
	if (app->log)
		bb_pull_server_free(app->log);
	feeds_free(app->feeds);
	app->feeds = NULL;
	/* Commands that wait for their record are answered while the journal closes. */
	store_close(app->store);
	command_free(app->command);
	if (app->sub)
		bb_sub_free(app->sub);
	publish_free(app->publish);
	if (app->pub)
		bb_pub_free(app->pub);
	if (app->bus)
		bb_bus_free(app->bus);
	core_free(app->core);
	bb_arena_free(app->arena);
}

static void dump(void *arg, FILE *f)
{
	struct app *app = arg;
	struct metric m[METRICS_MAX];
	size_t n = metrics(app, m);

	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s %.10g\n", m[i].name, m[i].value);
	for (size_t i = 0; i < app->n_troubles; i++)
		fprintf(f, "trouble %s severity=%u %s\n", app->troubles[i].code,
			app->troubles[i].severity, app->troubles[i].text);
	dump_core(app->core, f);
}

int main(int argc, char **argv)
{
	static struct app app;
	struct bb_service_spec spec = {
		.name = "alarmd",
		.summary = "evaluates readings, keeps the alarm record, serves the configuration",
		.schema = schema,
		.settings = &app.set,
		.start = start,
		.stop = stop,
		.dump = dump,
		.arg = &app,
		.needs_lock = true,
	};

	bb_weekly_prepare();
	return bb_service_run(&spec, argc, argv);
}
