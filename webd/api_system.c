// SPDX-License-Identifier: Apache-2.0
/* The suite about itself: summary, system page, Prometheus. */
#include "webd/api_system.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "webd/handlers.h"
#include "webd/model_json.h"
#include "webd/webd.h"

static void json_database(struct bb_json *j, const struct webd *w, bool with_reason)
{
	bb_json_obj(j, "database");
	bb_json_bool(j, "up", confdb_is_up(w->conf));
	bb_json_time(j, "since", confdb_since_us(w->conf));
	if (with_reason)
		json_str_or_null(j, "reason", confdb_reason(w->conf));
	bb_json_end_obj(j);
}

/* The group of own alarms stands for the whole suite. */
static void json_flood(struct bb_json *j, struct webd *w)
{
	size_t n;
	struct model_group **g = model_groups(w->model, &n);

	bb_json_arr(j, "flood");
	for (size_t i = 0; i < n; i++) {
		if (!g[i]->flood_us)
			continue;
		bb_json_obj(j, NULL);
		bb_json_str(j, "site", strcmp(g[i]->key, "busbar") == 0 ? "" : g[i]->key);
		bb_json_time(j, "since", g[i]->flood_us);
		bb_json_int(j, "count", g[i]->flood_count);
		bb_json_end_obj(j);
	}
	bb_json_end_arr(j);
}

void json_summary(struct bb_json *j, struct webd *w)
{
	struct model_summary s;

	model_summary(w->model, &s);
	bb_json_obj(j, NULL);
	bb_json_obj(j, "devices");
	bb_json_int(j, "total", s.devices);
	for (unsigned i = 1; i < 7; i++)
		bb_json_int(j, bb_severity_name(i), s.device_severity[i]);
	bb_json_end_obj(j);
	bb_json_obj(j, "alarms");
	for (unsigned i = 1; i < 6; i++) {
		bb_json_obj(j, bb_severity_name(i));
		bb_json_int(j, "active", s.active[i]);
		bb_json_int(j, "unack", s.unack[i]);
		bb_json_end_obj(j);
	}
	bb_json_end_obj(j);
	bb_json_int(j, "shelved", s.shelved);
	bb_json_obj(j, "quiet");
	bb_json_int(j, "shelved", s.shelved);
	bb_json_int(j, "suppressed", s.suppressed);
	bb_json_int(j, "maintenance", s.maintenance);
	bb_json_int(j, "out_of_service", s.out_of_service);
	bb_json_end_obj(j);
	bb_json_int(j, "chattering", s.chattering);
	/* what is listed is of the past while alarmd does not speak, and nothing new comes */
	bb_json_bool(j, "alarms_known",
		model_severity(w->model, BUSBAR__V1__SEVERITY__SEVERITY_NORMAL) ==
			BUSBAR__V1__SEVERITY__SEVERITY_NORMAL);
	json_flood(j, w);
	json_database(j, w, false);
	bb_json_bool(j, "history_paused", !confdb_is_up(w->conf));
	bb_json_end_obj(j);
}

void json_system(struct bb_json *j, struct webd *w)
{
	struct bb_sub_stats bus;
	struct model_daemon **d;
	size_t n;

	bb_sub_stats(w->sub, &bus);
	d = model_daemons(w->model, &n);
	bb_json_obj(j, NULL);
	bb_json_str(j, "build", BUSBAR_VERSION);
	bb_json_time(j, "now", bb_clock_real_us());
	bb_json_int(j, "generation", (int64_t)w->generation);
	bb_json_str(j, "address", w->address);
	json_database(j, w, true);
	bb_json_arr(j, "daemons");
	for (size_t i = 0; i < n; i++)
		json_daemon(j, d[i]);
	bb_json_end_arr(j);
	bb_json_int(j, "streams", (int64_t)live_streams(w->live));
	bb_json_int(j, "sessions", (int64_t)sessions_count(w->auth.sessions));
	bb_json_obj(j, "bus");
	bb_json_int(j, "received", (int64_t)bus.received);
	bb_json_int(j, "dropped_late", (int64_t)bus.dropped_late);
	bb_json_int(j, "bad", (int64_t)(bus.bad + model_bad(w->model)));
	bb_json_int(j, "gaps", (int64_t)bus.gaps);
	bb_json_int(j, "snapshots", (int64_t)bus.snapshots);
	bb_json_end_obj(j);
	bb_json_end_obj(j);
}

static void reply_snapshot(struct request *rq, void (*write)(struct bb_json *j, struct webd *w))
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char seq[48];

	live_seq_text(rq->w->live, seq);
	http_set_header(rq->http, "X-Busbar-Seq", seq);
	write(&j, rq->w);
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_summary(struct request *rq)
{
	reply_snapshot(rq, json_summary);
}

void api_system(struct request *rq)
{
	reply_snapshot(rq, json_system);
}

/* ---- Prometheus ---- */

static void prom_label(struct bb_buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			bb_buf_add(b, "\\", 1);
		bb_buf_add(b, *text == '\n' ? " " : text, 1);
	}
}

/* Metric names come from heartbeats: anything but letters, digits and _ becomes _. */
static void prom_metric(struct bb_buf *b, const char *name, const char *daemon, double value)
{
	bb_buf_str(b, "busbar_");
	for (; *name; name++)
		bb_buf_add(b, isalnum((unsigned char)*name) ? name : "_", 1);
	bb_buf_str(b, "{daemon=\"");
	prom_label(b, daemon);
	bb_buf_printf(b, "\"} %.17g\n", value);
}

static void prom_daemon(struct bb_buf *b, const struct model_daemon *d)
{
	double age_s = d->heard_ms ? (double)(bb_clock_mono_ms() - d->heard_ms) / 1000.0 : 0;

	prom_metric(b, "up", d->name, d->state == BB_PEER_ALIVE);
	if (d->heard_ms == 0)
		return;
	prom_metric(b, "heartbeat_age_seconds", d->name, age_s > 0 ? age_s : 0);
	prom_metric(b, "start_time_seconds", d->name, (double)d->start_unix_ms / 1000.0);
	prom_metric(b, "troubles", d->name, (double)d->n_troubles);
	for (size_t i = 0; i < d->n_metrics; i++)
		prom_metric(b, d->metric_name[i], d->name, d->metric[i]);
}

void api_metrics(struct request *rq)
{
	struct bb_buf b = { 0 };
	struct model_summary s;
	struct model_daemon **d;
	size_t n;

	model_summary(rq->w->model, &s);
	for (unsigned i = 1; i < 7; i++) {
		bb_buf_printf(&b, "busbar_devices{severity=\"%s\"} %u\n", bb_severity_name(i),
			s.device_severity[i]);
		bb_buf_printf(&b, "busbar_alarms_active{severity=\"%s\"} %u\n", bb_severity_name(i),
			s.active[i]);
		bb_buf_printf(&b, "busbar_alarms_unacknowledged{severity=\"%s\"} %u\n",
			bb_severity_name(i), s.unack[i]);
	}
	bb_buf_printf(&b, "busbar_database_up %d\n", confdb_is_up(rq->w->conf));
	d = model_daemons(rq->w->model, &n);
	for (size_t i = 0; i < n; i++)
		prom_daemon(&b, d[i]);
	http_reply(rq->http, 200, "text/plain; version=0.0.4; charset=utf-8", &b);
	bb_buf_fini(&b);
}
