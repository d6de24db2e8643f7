// SPDX-License-Identifier: Apache-2.0
/* notifyd tells people: it follows alarmd's log and sends one mail per raise and clear and
 * recipient.
 *
 * A crash loses nothing: cursor and tasks are one journal record, and a message that was under
 * way is sent again under the same Message-ID. Meanwhile alarmd goes on and keeps its log;
 * without alarmd notifyd finishes what it has. PostgreSQL, busd and webd are not needed here. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/genconf.h"
#include "common/log.h"
#include "common/pull.h"
#include "common/service.h"
#include "notifyd/command.h"
#include "notifyd/install.h"
#include "notifyd/route.h"
#include "notifyd/trail.h"

enum {
	TRANSITION_MAX = 32 * 1024, /* with its tasks it must fit into one record of ours */
	TRANSITION_TYPE = 1,        /* of alarmd's journal */
};

struct settings {
	int64_t retry_min_ms, retry_max_ms, give_up_s, timeout_ms;
};

struct app {
	struct settings set;
	struct bb_service *service;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct outbox *outbox;
	struct events *events; /* NULL: the log does not say who was told */
	struct smtp *smtp;
	struct deliver *deliver;
	struct bb_opener *opener;
	struct bb_genconf *genconf;
	struct command *command;
	struct bb_pull_client *pull;
	struct bb_arena *arena, *trail_arena;
	struct config config;
	struct task *task; /* one for each recipient, for the record in hand */
	char install_id[33];
	uint64_t seen; /* newest jseq pulled; a jump means lost records */
	bool has_config, is_started;
	struct bb_log_limit limit;
};

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "retry_min_ms", BB_CONF_INT, offsetof(struct settings, retry_min_ms), "ms", 10, 3600000, "5000", "first wait before a message is tried again; doubles each time" },
	{ "retry_max_ms", BB_CONF_INT, offsetof(struct settings, retry_max_ms), "ms", 10, 86400000, "600000", "longest wait before a message is tried again" },
	{ "give_up_s", BB_CONF_INT, offsetof(struct settings, give_up_s), "s", 1, 2592000, "259200", "a message that could not be sent for so long has failed; older transitions are not mailed" },
	{ "timeout_ms", BB_CONF_INT, offsetof(struct settings, timeout_ms), "ms", 100, 600000, "60000", "longest time for handing one message over" },
	BB_CONF_END
};
// clang-format on

static void on_trouble(void *arg, const char *code, unsigned severity, const char *text)
{
	struct app *app = arg;

	bb_pub_trouble(app->pub, code, severity, text);
}

/* ---- alarmd's log ---- */

static void note_gap(struct app *app, uint64_t first, uint64_t last, const char *why)
{
	struct bb_err text;

	bb_err_set(&text, "records %llu to %llu of alarmd's log %s: alarms in them were not mailed",
		(unsigned long long)first, (unsigned long long)last, why);
	bb_log(EV_NOTE, BB_ERRTEXT(&text));
	/* Stands until notifyd starts again: somebody must look at the alarm list. */
	on_trouble(app, "notify_gap", BUSBAR__V1__SEVERITY__SEVERITY_MAJOR, text.text);
}

/* What the record means for our recipients. Fills app->task. */
static size_t make_tasks(struct app *app, const Busbar__V1__Transition *t, enum route_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < app->config.recipients; i++) {
		const struct recipient *r = &app->config.recipient[i];
		struct task *task = &app->task[n];

		if (!route_wants(r, t, kind))
			continue;
		*task = (struct task){ .recipient_id = r->id,
			.name = r->name,
			.address = r->address };
		route_key(t, kind, r->id, "email", task->key);
		task->order = route_order(t->alarm, r->id);
		n++;
	}
	return n;
}

/* After a lost cursor the log may begin a month ago. A clock that was wrong then makes a record
 * young, which only costs a mail. */
static bool is_history(const struct app *app, const Busbar__V1__Transition *t)
{
	uint64_t now = bb_clock_real_us(), age = now > t->at_unix_us ? now - t->at_unix_us : 0;

	return t->has_at_unix_us && age / 1000000 > (uint64_t)app->set.give_up_s;
}

static void on_record(void *arg, const uint8_t journal_id[16], uint64_t jseq, uint32_t type,
	const void *data, size_t len, bool durable)
{
	struct app *app = arg;
	struct outbox_input in = { .journal_id = journal_id,
		.jseq = jseq,
		.durable = durable,
		.transition = data,
		.transition_len = len,
		.task = app->task };
	const Busbar__V1__Transition *t = NULL;
	enum route_kind kind = ROUTE_NONE;
	struct bb_err err = { 0 };

	if (app->seen && jseq > app->seen + 1)
		note_gap(app, app->seen + 1, jseq - 1, "are missing");
	if (jseq > app->seen)
		app->seen = jseq;
	bb_arena_reset(app->arena);
	if (type == TRANSITION_TYPE && len <= TRANSITION_MAX)
		t = bb_unpack_transition(app->arena, data, len, &err);
	if (t)
		kind = route_kind(t);
	else if (type == TRANSITION_TYPE)
		note_gap(app, jseq, jseq, *err.text ? err.text : "are too long");
	if (kind != ROUTE_NONE)
		in.tasks = make_tasks(app, t, kind);
	if (in.tasks && is_history(app, t)) {
		in.suppressed = in.tasks;
		in.tasks = 0;
	}
	outbox_take(app->outbox, &in);
}

static void on_restart(void *arg, const uint8_t journal_id[16], uint64_t first_jseq)
{
	struct app *app = arg;
	uint8_t id[16];
	uint64_t cursor;

	outbox_cursor(app->outbox, id, &cursor);
	bb_log(EV_NOTE, BB_STR("text", "alarmd's log starts anew"), BB_UINT("cursor", cursor),
		BB_UINT("first", first_jseq));
	if (memcmp(id, journal_id, 16) == 0 && first_jseq > cursor + 1)
		note_gap(app, cursor + 1, first_jseq - 1, "are not kept any more");
	app->seen = first_jseq - 1;
	outbox_cursor_reset(app->outbox, journal_id, first_jseq - 1);
}

static void on_taken(void *arg, uint64_t jseq)
{
	struct app *app = arg;

	if (app->pull)
		bb_pull_client_durable(app->pull, jseq);
}

static void on_ready(void *arg, struct task *t)
{
	struct app *app = arg;

	deliver_add(app->deliver, t);
}

static void on_ended(void *arg, const struct task *t, bool was_taken, const char *text)
{
	struct app *app = arg;

	bb_arena_reset(app->trail_arena);
	trail_put(app->events, app->trail_arena, t, was_taken, text);
}

/* ---- configuration, heartbeat ---- */

/* Not before there is a configuration: a record that finds no recipients is done with. */
static int open_pull(struct app *app, struct bb_err *err)
{
	struct bb_pull_client_options o = {
		.leaf = "alarmd.log",
		.consumer = "notifyd",
		.record = on_record,
		.restart = on_restart,
		.arg = app,
	};

	if (app->pull || !app->has_config)
		return 0;
	outbox_cursor(app->outbox, o.journal_id, &o.after_jseq);
	app->seen = o.after_jseq;
	app->pull = bb_pull_client_new(app->bus, &o, err);
	return app->pull ? 0 : -1;
}

static int on_config(void *arg, const Busbar__V1__Config *m, uint64_t generation,
	struct bb_err *err)
{
	struct app *app = arg;
	struct config next;

	if (config_read(&next, m, app->opener, err) != 0)
		return -1;
	config_fini(&app->config);
	app->config = next;
	app->task = bb_realloc(app->task, (next.recipients + 1) * sizeof(*app->task));
	smtp_configure(app->smtp, &next.smtp, (unsigned)app->set.timeout_ms);
	bb_wipe(next.smtp.password, sizeof(next.smtp.password));
	deliver_configure(app->deliver, &app->config);
	bb_log(EV_CONFIG_NEW, BB_UINT("generation", generation),
		BB_UINT("recipients", app->config.recipients),
		BB_STR("server", app->config.smtp.host));
	app->has_config = true;
	if (app->is_started && open_pull(app, err) != 0)
		bb_service_fail(app->service, err);
	return 0;
}

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	struct app *app = arg;
	uint64_t head = app->pull ? bb_pull_client_head(app->pull) : 0, cursor;
	struct outbox_stats s;
	uint8_t id[16];

	if (!app->outbox || !app->deliver)
		return;
	outbox_stats(app->outbox, &s);
	outbox_cursor(app->outbox, id, &cursor);
	bb_pub_metric(p, "queue_depth", (double)s.open);
	bb_pub_metric(p, "oldest_ms", (double)s.oldest_ms);
	bb_pub_metric(p, "sent_total", (double)s.sent);
	bb_pub_metric(p, "failed_total", (double)s.failed);
	bb_pub_metric(p, "suppressed_total", (double)s.suppressed);
	bb_pub_metric(p, "log_lag", head > cursor ? (double)(head - cursor) : 0);
	deliver_check(app->deliver);
}

/* ---- life ---- */

static int open_bus(struct app *app, struct bb_err *err)
{
	struct bb_pub_options po = { .connect = BB_PUB_ALARMD | BB_PUB_BUSD,
		.heartbeat = on_heartbeat,
		.arg = app };

	app->bus = bb_bus_new(bb_service_loop(app->service), bb_service_dirs(app->service)->run,
		"notifyd", "notifyd", bb_service_epoch(app->service), err);
	if (!app->bus)
		return -1;
	app->pub = bb_pub_new(app->bus, &po, err);
	return app->pub ? 0 : -1;
}

static void open_trail(struct app *app)
{
	struct bb_err err;

	app->events = events_open(app->bus, bb_service_loop(app->service),
		&(struct events_options){ .lib = bb_service_dirs(app->service)->lib,
			.name = "notifyd",
			.trouble = on_trouble,
			.arg = app },
		&err);
	if (!app->events)
		bb_log(EV_NOTE, BB_STR("text", "the log will not say who was told"),
			BB_ERRTEXT(&err));
}

static int open_outbox(struct app *app, struct bb_err *err)
{
	struct bb_loop *loop = bb_service_loop(app->service);
	struct deliver_options deliver = {
		.loop = loop,
		.smtp = app->smtp,
		.install_id = app->install_id,
		.retry_min_ms = (uint64_t)app->set.retry_min_ms,
		.retry_max_ms = (uint64_t)app->set.retry_max_ms,
		.give_up_ms = (uint64_t)app->set.give_up_s * 1000,
		.trouble = on_trouble,
		.ended = on_ended,
		.arg = app,
	};
	struct outbox_options outbox = { .loop = loop,
		.ready = on_ready,
		.taken = on_taken,
		.trouble = on_trouble,
		.arg = app };
	char dir[300];

	snprintf(dir, sizeof(dir), "%s/outbox", bb_service_dirs(app->service)->lib);
	outbox.dir = dir;
	app->deliver = deliver_new(&deliver);
	app->outbox = outbox_open(&outbox, err);
	if (!app->outbox)
		return -1;
	deliver_set_outbox(app->deliver, app->outbox);
	return 0;
}

static int start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct app *app = arg;
	const struct bb_dirs *dirs = bb_service_dirs(s);
	struct command_options co;
	struct bb_err no_key;

	app->service = s;
	app->arena = bb_arena_new(4096, 0);
	app->trail_arena = bb_arena_new(4096, 0);
	app->task = bb_calloc(1, sizeof(*app->task));
	install_id_get(dirs->lib, app->install_id);
	if (open_bus(app, err) != 0)
		return -1;
	open_trail(app);
	app->smtp = smtp_new(bb_service_loop(s), err);
	if (!app->smtp || open_outbox(app, err) != 0)
		return -1;
	/* Only a sealed password needs the key; config_read() says so when it comes to that. */
	app->opener = bb_opener_load(dirs->etc, "notifyd", &no_key);
	app->genconf = bb_genconf_new(app->bus, dirs->lib, app->pub, on_config, app, err);
	if (!app->genconf)
		return -1;
	co = (struct command_options){ .bus = app->bus,
		.outbox = app->outbox,
		.deliver = app->deliver,
		.smtp = app->smtp,
		.config = &app->config,
		.install_id = app->install_id,
		.pull = &app->pull };
	app->command = command_new(&co, err);
	app->is_started = true;
	if (!app->command || open_pull(app, err) != 0)
		return -1;
	bb_service_ready(s);
	return 0;
}

static void stop(void *arg)
{
	struct app *app = arg;

	bb_pull_client_free(app->pull);
	app->pull = NULL;
	smtp_free(app->smtp);
	command_free(app->command);
	bb_genconf_free(app->genconf);
	deliver_free(app->deliver);
	app->deliver = NULL;
	outbox_close(app->outbox);
	app->outbox = NULL;
	events_free(app->events);
	app->events = NULL;
	bb_pub_free(app->pub);
	bb_bus_free(app->bus);
	bb_opener_free(app->opener);
	config_fini(&app->config);
	bb_arena_free(app->arena);
	bb_arena_free(app->trail_arena);
	free(app->task);
}

static void dump(void *arg, FILE *f)
{
	struct app *app = arg;

	fprintf(f, "server \"%s\" recipients %zu last answer \"%s\"\n", app->config.smtp.host,
		app->config.recipients, deliver_last_answer(app->deliver));
	outbox_dump(app->outbox, f);
}

int main(int argc, char **argv)
{
	static struct app app;
	struct bb_service_spec spec = {
		.name = "notifyd",
		.summary = "tells people of alarms by mail",
		.schema = schema,
		.settings = &app.set,
		.start = start,
		.stop = stop,
		.dump = dump,
		.arg = &app,
		.needs_lock = true,
	};

	return bb_service_run(&spec, argc, argv);
}
