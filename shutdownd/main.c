// SPDX-License-Identifier: Apache-2.0
/* shutdownd: sends orders to servers when a plan's UPSs are on battery for too long. It needs two
 * keys for that: alarmd's durable record, and its own evaluation of fresh polled readings.
 *
 * A crash loses nothing that decides: runs, orders and the cursor in alarmd's log are in its
 * ledger; what the UPSs say is read anew before anything is sent. Meanwhile the other daemons go
 * on; nobody else sends orders. */
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/point.h"
#include "common/str.h"
#include "shutdownd/app.h"

static const struct bb_conf_item schema[] = {
	{ .key = "allow_unverified_templates",
		.type = BB_CONF_BOOL,
		.offset = offsetof(struct settings, allow_unverified_templates),
		.unit = "",
		.fallback = "false",
		.help = "let plans use the RCCMD template \"shutdown\", which nobody has verified" },
	{ .key = "source_address",
		.type = BB_CONF_STR,
		.offset = offsetof(struct settings, source_address),
		.unit = "",
		.min = 0,
		.max = 45,
		.fallback = "",
		.help = "numeric address orders leave from; clients filter by it (empty: any)" },
	{ .key = "max_away_ms",
		.type = BB_CONF_INT,
		.offset = offsetof(struct settings, max_away_ms),
		.unit = "ms",
		.min = 500,
		.max = 60000,
		.fallback = "5000",
		.help = "a pause of the process longer than this starts all holds anew" },
	BB_CONF_END,
};

/* ---- readings ---- */

struct status_seen {
	bool has;
	unsigned bits;
};

static int on_value(void *arg, const struct bb_value *v)
{
	struct status_seen *s = arg;

	if (strcmp(v->name, "ups.status") != 0 || *v->index)
		return 1;
	s->has = v->kind == BB_TEXT && v->quality == BB_GOOD && v->text;
	s->bits = s->has ? bb_status_parse(v->text) : 0;
	return 0;
}

/* "reading/<key>/status/" of a device some plan watches, or NULL. */
static struct watched *watched_of(const struct app *a, const char *topic)
{
	static const char front[] = "reading/", back[] = "/status/";
	size_t n = strlen(topic), skip = sizeof(front) - 1, tail = sizeof(back) - 1;

	if (n <= skip + tail || strncmp(topic, front, skip) != 0 ||
		strcmp(topic + n - tail, back) != 0)
		return NULL;
	return bb_table_get_n(a->by_key, topic + skip, n - skip - tail);
}

static void on_confirm(struct app *a, const struct bb_msg *m)
{
	const Busbar__V1__Confirm *c;
	uint64_t now_ms = bb_clock_boot_ms();
	struct bb_err err;

	if (!bb_table_count(a->by_id))
		return;
	c = bb_unpack_confirm(a->arena, m->body, m->body_len, &err);
	if (!c)
		bb_log(EV_BUS_BAD, BB_STR("topic", m->topic), BB_ERRTEXT(&err));
	for (size_t i = 0; c && strcmp(c->group, "status") == 0 && i < c->n_device_id; i++) {
		uint64_t before_ns = c->before_ns[i];

		if (before_ns < m->sampled_own_ns)
			evidence_confirm(a->evidence, c->device_id[i], m->epoch, c->topic_seq[i],
				(m->sampled_own_ns - before_ns) / 1000000, now_ms);
	}
	bb_arena_reset(a->arena);
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct app *a = arg;

	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM) {
		on_confirm(a, m);
		return;
	}
	struct watched *w = m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING
				    ? watched_of(a, m->topic)
				    : NULL;
	const Busbar__V1__Reading *r;
	struct evidence_sample s;
	struct status_seen seen = { .has = false };
	struct bb_err err;

	if (!w)
		return;
	r = bb_unpack_reading(a->arena, m->body, m->body_len, &err);
	if (r && r->device_id == w->device_id) {
		bb_reading_each(r, on_value, &seen);
		s = (struct evidence_sample){
			.sampled_ms = m->sampled_own_ns / 1000000,
			.interval_ms = r->interval_ms,
			.missed = r->missed,
			.has_status = seen.has,
			.status = seen.bits,
			.epoch = m->epoch,
			.topic_seq = m->topic_seq,
		};
		a->counters.readings++;
		evidence_put(a->evidence, w->device_id, &s, bb_clock_boot_ms());
	} else if (!r) {
		bb_log(EV_BUS_BAD, BB_STR("topic", m->topic), BB_ERRTEXT(&err));
	}
	bb_arena_reset(a->arena);
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
	/* Nothing to do: what a lost collector told grows old by itself, and old evidence is none. */
	if (state == BB_PEER_LOST)
		bb_log(EV_PUBLISHER_LOST, BB_STR("publisher", publisher));
}

/* ---- time ---- */

static void on_tick(void *arg)
{
	struct app *a = arg;
	uint64_t now_ms = bb_clock_boot_ms(), gap_ms = now_ms - a->tick_ms;

	a->tick_ms = now_ms;
	alarmlog_tick(a, now_ms);
	/* Late: what waits in the sockets is newer than what we know, so it is read first. */
	if (gap_ms > LATE_MS)
		a->calm_ms = now_ms + LATE_MS;
	if (now_ms >= a->calm_ms)
		act_turn(a);
}

static void on_minute(void *arg)
{
	struct app *a = arg;

	ledger_minute(a->ledger);
}

static void on_discontinuity(void *arg, uint64_t away_ms, int64_t wall_step_us)
{
	struct app *a = arg;

	if (wall_step_us)
		bb_log(EV_CLOCK_STEP, BB_INT("step_us", wall_step_us));
	if (!away_ms)
		return;
	bb_log(EV_PAUSE, BB_UINT("away_ms", away_ms));
	act_away(a);
}

static void on_health(void *arg, enum bb_journal_health health, const struct bb_err *err)
{
	struct app *a = arg;

	bb_copy(a->health, sizeof(a->health), err ? err->text : "");
}

/* ---- life ---- */

static int open_bus(struct app *a, struct bb_err *err)
{
	static const char *const prefixes[] = { "reading/", "confirm/", NULL };
	struct bb_pub_options po = { .connect = BB_PUB_ALARMD | BB_PUB_BUSD,
		.heartbeat = act_heartbeat,
		.arg = a };
	struct bb_sub_options so = { .bind = "readings.shutdownd",
		.prefixes = prefixes,
		.snapshots = true,
		.message = on_message,
		.peer = on_peer,
		.arg = a };

	a->bus = bb_bus_new(a->loop, bb_service_dirs(a->service)->run, "shutdownd", "shutdownd",
		bb_service_epoch(a->service), err);
	if (!a->bus || !(a->pub = bb_pub_new(a->bus, &po, err)))
		return -1;
	if (!(a->conf = bb_genconf_new(a->bus, bb_service_dirs(a->service)->lib, a->pub,
		      config_apply, a, err)))
		return -1;
	if (!(a->sub = bb_sub_new(a->bus, &so, err)) || alarmlog_open(a, err) < 0)
		return -1;
	a->commands = bb_cmd_server_new(a->bus, command_handle, a, err);
	return a->commands ? 0 : -1;
}

static int open_ledger(struct app *a, struct bb_err *err)
{
	struct ledger_callbacks cb = { .order_durable = act_on_order_durable,
		.cursor_durable = alarmlog_on_durable,
		.health = on_health,
		.arg = a };
	char dir[300];

	snprintf(dir, sizeof(dir), "%s/ledger", bb_service_dirs(a->service)->lib);
	a->ledger = ledger_open(a->loop, dir, &cb, err);
	return a->ledger ? 0 : -1;
}

static int start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct app *a = arg;

	a->service = s;
	a->loop = bb_service_loop(s);
	a->arena = bb_arena_new(16384, 0);
	a->by_id = bb_table_new();
	a->by_key = bb_table_new();
	a->evidence = evidence_new();
	a->rccmd = rccmd_new(a->settings.source_address, err);
	if (!a->rccmd || open_ledger(a, err) < 0 || open_bus(a, err) < 0)
		return -1;
	a->tick_ms = bb_clock_boot_ms();
	bb_loop_every(a->loop, TICK_MS, on_tick, a);
	bb_loop_every(a->loop, 60000, on_minute, a);
	bb_loop_on_discontinuity(a->loop, (uint64_t)a->settings.max_away_ms, on_discontinuity, a);
	bb_service_ready(s);
	return 0;
}

static void stop(void *arg)
{
	struct app *a = arg;

	bb_cmd_server_free(a->commands);
	bb_pull_client_free(a->log);
	bb_sub_free(a->sub);
	bb_genconf_free(a->conf);
	bb_pub_free(a->pub);
	a->pub = NULL;
	bb_bus_free(a->bus);
	ledger_close(a->ledger);
	rccmd_free(a->rccmd);
	for (size_t i = 0; i < a->n_plans; i++)
		plan_free(a->plan[i]);
	free(a->plan);
	evidence_free(a->evidence);
	if (a->by_key)
		bb_table_free(a->by_key, NULL);
	if (a->by_id)
		bb_table_free(a->by_id, free);
	bb_arena_free(a->arena);
}

int main(int argc, char **argv)
{
	static struct app app;
	struct bb_service_spec spec = {
		.name = "shutdownd",
		.summary = "tells servers when the power will not last",
		.schema = schema,
		.settings = &app.settings,
		.start = start,
		.stop = stop,
		.dump = dump_write,
		.arg = &app,
		.needs_lock = true,
	};

	return bb_service_run(&spec, argc, argv);
}
