// SPDX-License-Identifier: Apache-2.0
/* The shared main of all collectors: start-up, configuration generations, tick, heartbeat. What a
 * crash loses: nothing. The next pass repeats it; meanwhile subscribers see the heartbeat end and
 * mark the values stale. */
#include "collectors/collector.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "collectors/collector_priv.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

#define MAX_DEVICES     100000
#define LOG_LINES_PER_S 20 /* about single devices; a site that goes away is a line with a count */

void *collector_transport(struct collector *c)
{
	return c->transport;
}

const void *collector_settings(const struct collector *c)
{
	return c->settings;
}

const struct bb_dirs *collector_dirs(const struct collector *c)
{
	return bb_service_dirs(c->service);
}

struct bb_loop *collector_loop(struct collector *c)
{
	return c->loop;
}

struct wheel *collector_wheel(struct collector *c)
{
	return c->wheel;
}

struct device *collector_device(struct collector *c, const char *key)
{
	return bb_table_get(c->by_key, key);
}

int collector_unseal(struct collector *c, const void *sealed, size_t n, char *out, size_t cap,
	struct bb_err *err)
{
	if (!c->opener)
		c->opener = bb_opener_load(bb_service_dirs(c->service)->etc, c->ops->name, err);
	if (!c->opener)
		return bb_err_prefix(err,
			"this collector has no private key; run the launcher or busbarctl doctor");
	return bb_seal_open(c->opener, sealed, n, out, cap, err) < 0 ? -1 : 0;
}

void collector_trouble(struct collector *c, const char *code, unsigned severity, const char *text)
{
	bb_pub_trouble(c->pub, code, severity, text);
}

static void on_events_trouble(void *arg, const char *code, unsigned severity, const char *text)
{
	collector_trouble(arg, code, severity, text);
}

bool collector_answers(const struct collector *c)
{
	return c->cmd != NULL;
}

void collector_event(struct collector *c, const struct device_event *ev, events_done done,
	void *arg)
{
	events_put(c->events, ev, done, arg);
}

bool collector_log_allowed(struct collector *c)
{
	uint64_t now = bb_clock_mono_ms();

	if (now - c->log_window_ms >= 1000) {
		if (c->log_hidden)
			bb_log(EV_NOTE, BB_STR("text", "more devices were lost or came back"),
				BB_UINT("devices", c->log_hidden));
		c->log_window_ms = now;
		c->log_lines = c->log_hidden = 0;
	}
	if (c->log_lines < LOG_LINES_PER_S) {
		c->log_lines++;
		return true;
	}
	c->log_hidden++;
	return false;
}

/* ---- devices ---- */

/* Settings that cannot be used make the device lost with that reason; nobody else is disturbed. */
static void device_refuse(struct device *d, const char *why)
{
	free(d->lost_reason);
	d->lost_reason = bb_strdup(why);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		d->group[g].missed = 1;
	if (collector_log_allowed(d->host))
		bb_log(EV_DEVICE_REFUSED, BB_STR("device", d->key), BB_STR("reason", why));
}

static void device_open(struct device *d, const struct bb_err *refused)
{
	struct bb_err err = { { 0 } };

	d->group[GROUP_STATUS].interval_ms = d->set.status_interval_ms;
	d->group[GROUP_MEASURE].interval_ms = d->set.interval_ms;
	d->group[GROUP_IDENT].interval_ms = (uint32_t)d->host->settings->ident_interval_ms;
	d->group[GROUP_CELLS].interval_ms = (uint32_t)d->host->settings->cells_interval_ms;
	if (refused) {
		device_refuse(d, refused->text);
	} else if (d->host->ops->open(d, &err)) {
		device_refuse(d, err.text);
	} else {
		d->is_open = true;
	}
	device_schedule_first(d);
}

static void device_close(struct device *d)
{
	device_unschedule(d);
	if (d->is_open)
		d->host->ops->close(d);
	d->is_open = false;
	if (d->is_lost)
		d->host->n_lost--;
	d->is_lost = false;
	free(d->lost_reason);
	d->lost_reason = NULL;
	device_drop_values(d);
	memset(d->transport, 0, d->host->ops->device_size);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		d->group[g] = (struct device_group){ .published = d->group[g].published };
	d->sent = (struct device_sent){ .repeats = 0 };
}

static struct device *device_add(struct collector *c, const Busbar__V1__ConfigDevice *m)
{
	struct device *d = bb_calloc(1, sizeof(*d) + c->ops->device_size);

	d->host = c;
	d->id = m->device_id;
	d->status_slot = -1;
	d->key = bb_strdup(m->key);
	bb_table_put_u64(c->by_id, d->id, d);
	bb_table_put(c->by_key, d->key, d);
	return d;
}

static void device_remove(struct device *d)
{
	struct collector *c = d->host;

	device_close(d);
	device_retire_topics(d);
	if (bb_table_get(c->by_key, d->key) == d)
		bb_table_del(c->by_key, d->key);
	bb_table_del_u64(c->by_id, d->id);
	settings_free(&d->set);
	free(d->key);
	free(d);
}

static void device_rename(struct device *d, const char *key)
{
	struct collector *c = d->host;

	if (!strcmp(d->key, key))
		return;
	device_retire_topics(d);
	if (bb_table_get(c->by_key, d->key) == d)
		bb_table_del(c->by_key, d->key);
	free(d->key);
	d->key = bb_strdup(key);
	bb_table_put(c->by_key, d->key, d);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (d->group[g].sampled_ns || d->group[g].missed)
			device_publish(d, g);
	}
}

static void device_reinterval(struct device *d, const struct device_settings *s)
{
	if (s->interval_ms == d->set.interval_ms &&
		s->status_interval_ms == d->set.status_interval_ms)
		return;
	d->set.interval_ms = d->group[GROUP_MEASURE].interval_ms = s->interval_ms;
	d->set.status_interval_ms = d->group[GROUP_STATUS].interval_ms = s->status_interval_ms;
	device_reschedule(d, GROUP_STATUS);
	device_reschedule(d, GROUP_MEASURE);
}

/* Changed intervals keep what is known; a changed peer starts the device anew. */
static void device_apply(struct device *d, const Busbar__V1__ConfigDevice *m, bool is_new)
{
	struct device_settings s;
	struct bb_err err = { { 0 } };
	bool refused = settings_read(d->host, m, &s, &err) < 0;

	d->site_id = m->site_id;
	d->sent.is_digested = false; /* site and interval are part of it */
	device_rename(d, m->key);
	if (!is_new && d->is_open && !refused && settings_same_peer(&d->set, &s)) {
		/* The strings stay: the transport borrows them. */
		device_reinterval(d, &s);
		settings_free(&s);
		return;
	}
	if (!is_new)
		device_close(d);
	settings_free(&d->set);
	d->set = s;
	device_open(d, refused ? &err : NULL);
}

/* ---- configuration generations ---- */

static int generation_check(struct collector *c, const Busbar__V1__Config *m, struct bb_err *err)
{
	struct bb_table *seen = bb_table_new();
	int rc = -1;

	if (m->n_device > MAX_DEVICES) {
		bb_err_set(err, "%zu devices are more than the %d a collector takes", m->n_device,
			MAX_DEVICES);
		goto out;
	}
	for (size_t i = 0; i < m->n_device; i++) {
		const Busbar__V1__ConfigDevice *d = m->device[i];

		if (!d->has_device_id || !d->device_id || !d->key || !bb_key_valid(d->key)) {
			bb_err_set(err, "device %zu of the generation has no id or no valid key",
				i);
			goto out;
		}
		if (bb_table_put_u64(seen, d->device_id, (void *)d)) {
			bb_err_set(err, "device id %llu is there twice",
				(unsigned long long)d->device_id);
			goto out;
		}
	}
	rc = 0;
out:
	bb_table_free(seen, NULL);
	return rc;
}

static bool is_ours(const struct collector *c, const Busbar__V1__ConfigDevice *m)
{
	return m->collector && !strcmp(m->collector, c->ops->name);
}

static void remove_unmarked(struct collector *c)
{
	struct bb_table_iter it = { 0 };
	struct device *d;

	while ((d = bb_table_next(c->by_id, &it, NULL, NULL))) {
		if (d->generation_mark != c->generation_mark)
			device_remove(d);
	}
}

static int generation_apply(void *arg, const Busbar__V1__Config *m, uint64_t generation,
	struct bb_err *err)
{
	struct collector *c = arg;

	if (generation_check(c, m, err))
		return -1;
	c->generation_mark++;
	for (size_t i = 0; i < m->n_device; i++) {
		struct device *d = bb_table_get_u64(c->by_id, m->device[i]->device_id);

		if (!d || !is_ours(c, m->device[i]))
			continue;
		d->generation_mark = c->generation_mark;
		if (strcmp(d->key, m->device[i]->key))
			device_retire_topics(d);
	}
	/* First away with what is gone or renamed, so that a key may pass from one device to
	 * another. */
	remove_unmarked(c);
	for (size_t i = 0; i < m->n_device; i++) {
		const Busbar__V1__ConfigDevice *cd = m->device[i];

		if (!is_ours(c, cd))
			continue;
		struct device *d = bb_table_get_u64(c->by_id, cd->device_id);
		bool is_new = !d;

		if (is_new)
			d = device_add(c, cd);
		d->generation_mark = c->generation_mark;
		device_apply(d, cd, is_new);
	}
	return 0;
}

/* ---- turning ---- */

static void on_tick(void *arg)
{
	struct collector *c = arg;
	uint64_t now = bb_clock_mono_ms();
	uint64_t late = c->last_tick_ms && now > c->last_tick_ms + WHEEL_TICK_MS
				? now - c->last_tick_ms - WHEEL_TICK_MS
				: 0;

	c->last_tick_ms = now;
	if (late > c->tick_lag_ms)
		c->tick_lag_ms = late;
	if (c->ops->receive)
		c->ops->receive(c->transport);
	if (wheel_advance(c->wheel, now)) {
		c->pauses++;
		if (c->ops->paused)
			c->ops->paused(c->transport);
	}
	if (c->ops->tick)
		c->ops->tick(c->transport);
	confirm_tick(c);
}

static void emit_metric(void *arg, const char *name, double value)
{
	bb_pub_metric(arg, name, value);
}

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	struct collector *c = arg;

	collector_metrics(c, emit_metric, p);
	c->tick_lag_ms = 0;
}

static void emit_identity(struct collector *c, struct device *d, const char *prefix,
	bb_snap_emit emit, void *emit_arg)
{
	char topic[240];
	size_t len;

	bb_topic(topic, sizeof(topic), "identity", d->key, NULL);
	if (!d->has_identity || d->group[GROUP_IDENT].missed ||
		strncmp(topic, prefix, strlen(prefix)))
		return;
	bb_arena_reset(c->scratch);
	const void *body = device_pack(d, GROUP_IDENT, c->scratch, &len);
	emit(emit_arg, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len,
		device_group_stamp(d, GROUP_IDENT));
}

static void on_snapshot(void *arg, const char *prefix, bb_snap_emit emit, void *emit_arg)
{
	struct collector *c = arg;
	struct bb_table_iter it = { 0 };
	struct device *d;
	char topic[240];
	size_t len;

	c->snapshot_mark++;
	while ((d = bb_table_next(c->by_id, &it, NULL, NULL))) {
		emit_identity(c, d, prefix, emit, emit_arg);
		for (unsigned g = 0; g < GROUP_COUNT; g++) {
			bb_topic(topic, sizeof(topic), "reading", d->key, collector_group_name(g));
			if (!d->group[g].published || strncmp(topic, prefix, strlen(prefix)))
				continue;
			bb_arena_reset(c->scratch);
			const void *body = device_pack(d, g, c->scratch, &len);
			emit(emit_arg, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len,
				device_group_stamp(d, g));
		}
	}
}

/* ---- life ---- */

static int collector_start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct collector *c = arg;
	const struct bb_dirs *dirs = bb_service_dirs(s);
	struct bb_err note = { { 0 } };

	c->service = s;
	c->loop = bb_service_loop(s);
	c->wheel = wheel_new();
	c->by_id = bb_table_new();
	c->by_key = bb_table_new();
	c->scratch = bb_arena_new(16384, 0);
	/* Devices without a community still work; those with one are refused one by one and say
	 * why. */
	c->opener = bb_opener_load(dirs->etc, c->ops->name, &note);
	if (!c->opener)
		bb_log(EV_NOTE, BB_STR("text", "no private key"), BB_ERRTEXT(&note));
	c->bus =
		bb_bus_new(c->loop, dirs->run, c->ops->name, "collector", bb_service_epoch(s), err);
	if (!c->bus)
		return -1;
	c->pub = bb_pub_new(c->bus,
		&(struct bb_pub_options){
			.connect = BB_PUB_ALARMD | BB_PUB_SHUTDOWND | BB_PUB_BUSD,
			.devices = 10000,
			.snapshot = on_snapshot,
			.heartbeat = on_heartbeat,
			.arg = c,
		},
		err);
	if (!c->pub)
		return -1;
	c->events = events_open(c->bus, c->loop,
		&(struct events_options){
			.lib = dirs->lib,
			.name = c->ops->name,
			.trouble = on_events_trouble,
			.arg = c,
		},
		err);
	if (!c->events || (c->ops->start && c->ops->start(c, &c->transport, err)))
		return -1;
	c->cmd = bb_cmd_server_new(c->bus, collector_command, c, err);
	if (!c->cmd)
		return -1;
	c->genconf = bb_genconf_new(c->bus, dirs->lib, c->pub, generation_apply, c, err);
	if (!c->genconf)
		return -1;
	c->tick = bb_loop_every(c->loop, WHEEL_TICK_MS, on_tick, c);
	bb_service_ready(s);
	return 0;
}

static void collector_stop(void *arg)
{
	struct collector *c = arg;
	struct bb_table_iter it = { 0 };
	struct device *d;

	bb_loop_cancel(c->tick);
	bb_genconf_free(c->genconf);
	bb_cmd_server_free(c->cmd);
	c->cmd = NULL;
	/* The topics stay: the devices are not gone, only their collector is. */
	while (c->by_id && (d = bb_table_next(c->by_id, &it, NULL, NULL))) {
		for (unsigned g = 0; g < GROUP_COUNT; g++)
			d->group[g].published = false;
		d->has_identity = false;
		device_remove(d);
	}
	if (c->transport)
		c->ops->stop(c->transport);
	events_free(c->events);
	bb_pub_free(c->pub);
	bb_bus_free(c->bus);
	bb_opener_free(c->opener);
	bb_arena_free(c->scratch);
	bb_table_free(c->by_key, NULL);
	bb_table_free(c->by_id, NULL);
	wheel_free(c->wheel);
}

static void print_metric(void *arg, const char *name, double value)
{
	fprintf(arg, "%s %.17g\n", name, value);
}

static void collector_dump(void *arg, FILE *f)
{
	struct collector *c = arg;
	struct bb_table_iter it = { 0 };
	struct device *d;

	collector_metrics(c, print_metric, f);
	while ((d = bb_table_next(c->by_id, &it, NULL, NULL))) {
		fprintf(f, "%s profile=%s points=%u status_ms=%u missed=%u%s%s\n", d->key,
			d->layout ? d->layout->profile : "-", d->layout ? d->layout->n : 0,
			d->group[GROUP_STATUS].interval_ms, d->group[GROUP_STATUS].missed,
			d->lost_reason ? " reason=" : "", d->lost_reason ? d->lost_reason : "");
	}
	if (c->ops->dump)
		c->ops->dump(c->transport, f);
}

int collector_main(const struct collector_ops *ops, int argc, char **argv)
{
	struct collector *c = bb_calloc(1, sizeof(*c));

	c->ops = ops;
	c->settings = bb_calloc(1, ops->settings_size);
	int rc = bb_service_run(
		&(struct bb_service_spec){
			.name = ops->name,
			.summary = ops->summary,
			.schema = ops->schema,
			.settings = c->settings,
			.start = collector_start,
			.stop = collector_stop,
			.dump = collector_dump,
			.arg = c,
			.needs_lock = true,
		},
		argc, argv);
	bb_conf_free(ops->schema, c->settings);
	free(c->settings);
	free(c);
	return rc;
}
