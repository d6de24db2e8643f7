// SPDX-License-Identifier: Apache-2.0
#include "alarmd/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alarmd/redundancy_json.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/point.h"
#include "common/str.h"

#define OK          BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define ACCEPTED    BUSBAR__V1__COMMAND_REPLY__CODE__CODE_ACCEPTED
#define REFUSED     BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define UNKNOWN     BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN
#define COMMENT_MAX 2000
#define REPLY_MAX   700000 /* a message holds at most 1 MiB; the database has all of them */

struct command {
	struct core *core;
	struct store *store;
	struct bb_cmd_server *server;
	void (*metrics)(void *arg, struct bb_json *j);
	void *arg;
};

/* What people did, whose records are not durable yet. */
struct ack_call {
	struct command *c;
	struct bb_cmd_call *call;
	size_t n;
	struct {
		char id[ALARM_ID_CHARS];
		struct core_ack_result result;
	} item[];
};

static const char *argument(const Busbar__V1__CommandRequest *rq, const char *name)
{
	for (size_t i = 0; i < rq->n_arg_name && i < rq->n_arg; i++)
		if (strcmp(rq->arg_name[i], name) == 0)
			return rq->arg[i];
	return NULL;
}

static void ack_answer(void *arg, bool is_durable)
{
	struct ack_call *a = arg;
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;
	Busbar__V1__ItemResult *results = bb_calloc(a->n + 1, sizeof(*results));
	Busbar__V1__ItemResult **list = bb_calloc(a->n + 1, sizeof(*list));
	size_t good = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct core_ack_result *r = &a->item[i].result;
		Busbar__V1__ItemResult *out = list[i] = &results[i];
		busbar__v1__item_result__init(out);
		out->id = a->item[i].id;
		out->has_code = true;
		out->code = r->code == OK && r->jseq && !is_durable ? ACCEPTED : r->code;
		out->text = r->text;
		good += r->code == OK;
	}
	reply.has_code = true;
	reply.code = good ? (is_durable ? OK : ACCEPTED) : a->n ? list[0]->code : REFUSED;
	reply.text = a->n && !good ? list[0]->text : NULL;
	reply.n_item = a->n;
	reply.item = list;
	bb_cmd_reply(a->call, &reply);
	free(list);
	free(results);
	free(a);
}

static const struct {
	const char *verb;
	core_deed *deed;
} deeds[] = {
	{ "ack", core_ack },
	{ "unack", core_unack },
	{ "take", core_take },
	{ "comment", core_comment },
	{ "shelve", core_shelve },
	{ "unshelve", core_unshelve },
};

static core_deed *deed_of(const char *verb)
{
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(verb, deeds[i].verb) == 0)
			return deeds[i].deed;
	return NULL;
}

static void do_deed(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq, core_deed *deed)
{
	const char *comment = argument(rq, "comment"), *until = argument(rq, "until_unix_ms"),
		   *until_clear = argument(rq, "until_clear");
	uint64_t until_ms = 0, now_ns = bb_clock_boot_ns(), newest = 0;
	struct bb_err err;

	if (until &&
		bb_parse_u64(until, "until_unix_ms", 1, UINT64_MAX / 1000, &until_ms, &err) < 0) {
		bb_cmd_reply_text(call, REFUSED, "%s", err.text);
		return;
	}
	struct core_ack ack = {
		.user = rq->user ? rq->user : "",
		.comment = comment,
		.cmd_key = rq->cmd_key.len == 16 ? rq->cmd_key.data : NULL,
		.until_us = until_ms * 1000,
		.until_clear = until_clear && strcmp(until_clear, "true") == 0,
	};

	if (!rq->n_item) {
		bb_cmd_reply_text(call, REFUSED, "no alarm named: give the ids of the alarms");
		return;
	}
	if (comment && strlen(comment) > COMMENT_MAX) {
		bb_cmd_reply_text(call, REFUSED, "the comment is longer than %d bytes",
			COMMENT_MAX);
		return;
	}
	struct ack_call *a = bb_calloc(1, sizeof(*a) + rq->n_item * sizeof(a->item[0]));
	a->c = c;
	a->call = call;
	a->n = rq->n_item;
	for (size_t i = 0; i < a->n; i++) {
		struct core_ack_result *r = &a->item[i].result;
		bb_copy(a->item[i].id, sizeof(a->item[i].id), rq->item[i]);
		deed(c->core, rq->item[i], &ack, r, now_ns);
		if (r->code == OK && r->jseq > newest)
			newest = r->jseq;
	}
	/* Also for an acknowledgement somebody else has under way: his record must be durable
	 * before we say it is there. */
	store_wait(c->store, newest, ack_answer, a);
}

static void put_marks(struct bb_json *j, const struct alarm *a)
{
	Busbar__V1__Alarm m;
	char id[ALARM_ID_CHARS];

	core_alarm_message(a, &m, id);
	bb_json_bool(j, "chattering", m.chattering);
	bb_json_int(j, "chatter_raises", m.chatter_raises);
	if (m.suppressed_by)
		bb_json_str(j, "suppressed_by", m.suppressed_by);
	if (m.maintenance)
		bb_json_str(j, "maintenance", m.maintenance);
	if (m.out_of_service)
		bb_json_str(j, "out_of_service", m.out_of_service);
}

static void put_alarm(struct bb_json *j, const struct alarm *a)
{
	char id[ALARM_ID_CHARS];

	bb_json_obj(j, NULL);
	bb_json_str(j, "id", alarm_id_print(&a->id, id));
	bb_json_str(j, "device", a->device->key);
	bb_json_int(j, "device_id", (int64_t)a->device->id);
	bb_json_int(j, "site_id", (int64_t)a->device->site_id);
	bb_json_str(j, "rule", a->rule_id);
	bb_json_str(j, "subject", a->subject ? a->subject : "");
	bb_json_str(j, "severity", bb_severity_name(a->severity));
	bb_json_str(j, "state", bb_alarm_state_name(alarm_wire_state(a->st.phase)));
	bb_json_time(j, "raised_at", a->raised_us);
	bb_json_time(j, "cleared_at", a->cleared_us);
	bb_json_time(j, "acked_at", a->acked_us);
	bb_json_str(j, "user", a->user);
	bb_json_str(j, "comment", a->comment);
	bb_json_str(j, "text", a->text ? a->text : "");
	if (a->has_value)
		bb_json_num(j, "value", a->value);
	if (a->unit)
		bb_json_str(j, "unit", a->unit);
	bb_json_bool(j, "stale", a->is_stale);
	bb_json_bool(j, "test", a->is_test);
	put_marks(j, a);
	const struct shelf *s = shelf_of(a->device, a->rule_id);
	if (s) {
		bb_json_time(j, "shelved_at", s->since_us);
		bb_json_time(j, "shelved_until", s->until_us);
		bb_json_bool(j, "shelved_until_clear", s->until_clear);
		bb_json_str(j, "shelved_by", s->user);
		bb_json_str(j, "shelve_reason", s->reason);
	}
	bb_json_int(j, "jseq", (int64_t)a->jseq);
	bb_json_end_obj(j);
}

static void reply_json(struct bb_cmd_call *call, struct bb_buf *b)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	reply.has_code = true;
	reply.code = OK;
	reply.json = b->data;
	bb_cmd_reply_look(call, &reply);
	bb_buf_fini(b);
}

static void do_alarms(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_arr(&j, NULL);
	for (const struct device *d = core_devices(c->core); d; d = d->next) {
		for (const struct alarm *a = d->alarms; a; a = a->next) {
			if (!alarm_is_open(a->st.phase) || a->jseq > store_durable(c->store))
				continue;
			if (b.len < REPLY_MAX)
				put_alarm(&j, a);
		}
	}
	bb_json_end_arr(&j);
	reply_json(call, &b);
}

/* Everything that is shelved, also what does not stand at present. */
static void do_shelves(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	char id[ALARM_ID_CHARS];

	bb_json_arr(&j, NULL);
	for (const struct device *d = core_devices(c->core); d; d = d->next) {
		for (const struct shelf *s = d->shelves; s && b.len < REPLY_MAX; s = s->next) {
			Busbar__V1__Alarm m;

			shelf_message(d, s, &m, id);
			bb_json_obj(&j, NULL);
			bb_json_str(&j, "id", m.id);
			bb_json_int(&j, "device_id", (int64_t)m.device_id);
			bb_json_str(&j, "key", m.key);
			bb_json_str(&j, "rule", m.rule);
			bb_json_str(&j, "severity", bb_severity_name(m.severity));
			bb_json_str(&j, "state", bb_alarm_state_name(m.state));
			bb_json_time(&j, "shelved_at", s->since_us);
			bb_json_time(&j, "until", s->until_us);
			bb_json_bool(&j, "until_clear", s->until_clear);
			bb_json_str(&j, "user", s->user);
			bb_json_str(&j, "reason", s->reason);
			bb_json_end_obj(&j);
		}
	}
	bb_json_end_arr(&j);
	reply_json(call, &b);
}

/* ---- redundancy groups ---- */

static const struct redundancy *group_named(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const char *name = argument(rq, "group");
	const struct redundancy *r = name ? redundancy_named(c->core, name) : NULL;

	if (!r)
		bb_cmd_reply_text(call, UNKNOWN, "there is no redundancy group \"%s\"",
			name ? name : "");
	return r;
}

static void do_redundancy(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const struct redundancy *r = group_named(c, call, rq);
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (!r)
		return;
	redundancy_parts_json(c->core, r, bb_clock_boot_ns(), &j);
	reply_json(call, &b);
}

/* Id or key. */
static struct device *device_named(struct command *c, const char *name)
{
	char id[24];

	for (struct device *d = core_devices(c->core); d; d = d->next) {
		snprintf(id, sizeof(id), "%" PRIu64, d->id);
		if (d->id && (strcmp(d->key, name) == 0 || strcmp(id, name) == 0))
			return d;
	}
	return NULL;
}

static void do_what_if(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const struct redundancy *r = group_named(c, call, rq);
	struct bb_table *failed = bb_table_new();
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	for (size_t i = 0; r && i < rq->n_item; i++) {
		struct device *d = device_named(c, rq->item[i]);

		if (!d) {
			bb_cmd_reply_text(call, REFUSED, "there is no device \"%s\"",
				rq->item[i]);
			r = NULL;
			break;
		}
		bb_table_put_u64(failed, d->id, d);
	}
	if (r) {
		redundancy_what_if_json(c->core, r, failed, bb_clock_boot_ns(), &j);
		reply_json(call, &b);
	}
	bb_table_free(failed, NULL);
}

static void do_metrics(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	c->metrics(c->arg, &j);
	bb_json_end_obj(&j);
	reply_json(call, &b);
}

/* The rules in force for one device. */
static void do_rules(struct command *c, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	const char *id = rq->n_item ? rq->item[0] : "";
	const struct device *d = core_device(c->core, strtoull(id, NULL, 10));
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	if (!d || !d->is_configured) {
		bb_cmd_reply_text(call, UNKNOWN, "alarmd knows no device with the id \"%s\"", id);
		return;
	}
	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (size_t i = 0; i < rule_count(d->rules); i++)
		if (rule_at(d->rules, i)->term[0].source != RULE_PEER)
			ruleset_write(core_rules(c->core), rule_at(d->rules, i), &j);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	reply_json(call, &b);
}

/* "test": an alarm that is none. */
static void do_test(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const char *device = argument(rq, "device_id"), *severity = argument(rq, "severity"),
		   *seconds = argument(rq, "seconds");
	uint64_t id = 0, for_s = 60;
	int how_bad = severity ? bb_severity_parse(severity) : -1;
	struct core_ack by = { .user = rq->user ? rq->user : "" };
	struct bb_err err;

	if ((device && bb_parse_u64(device, "device_id", 1, INT64_MAX, &id, &err) < 0) ||
		(seconds && bb_parse_u64(seconds, "seconds", 1, 3600, &for_s, &err) < 0)) {
		bb_cmd_reply_text(call, REFUSED, "%s", err.text);
		return;
	}
	struct core_trial in = { .device_id = id,
		.site = argument(rq, "site"),
		.severity = how_bad > 0 ? (unsigned)how_bad : 0,
		.seconds = (unsigned)for_s,
		.text = argument(rq, "text") };
	struct ack_call *a = bb_calloc(1, sizeof(*a) + sizeof(a->item[0]));

	a->c = c;
	a->call = call;
	a->n = 1;
	core_trial(c->core, &in, &by, &a->item[0].result, a->item[0].id, bb_clock_boot_ns());
	store_wait(c->store, a->item[0].result.jseq, ack_answer, a);
}

static const struct {
	const char *verb;
	void (*run)(struct command *c, struct bb_cmd_call *call,
		const Busbar__V1__CommandRequest *rq);
} verbs[] = {
	{ "shelves", do_shelves },
	{ "test", do_test },
	{ "alarms", do_alarms },
	{ "metrics", do_metrics },
	{ "rules", do_rules },
	{ "redundancy", do_redundancy },
	{ "what_if", do_what_if },
};

static void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	core_deed *deed = deed_of(rq->verb ? rq->verb : "");

	if (deed) {
		do_deed(arg, call, rq, deed);
		return;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (rq->verb && strcmp(rq->verb, verbs[i].verb) == 0) {
			verbs[i].run(arg, call, rq);
			return;
		}
	}
	bb_cmd_reply_text(call, UNKNOWN,
		"alarmd knows ack, unack, take, comment, shelve, unshelve, shelves, test, alarms, rules and metrics, not \"%s\"",
		rq->verb ? rq->verb : "");
}

struct command *command_new(struct bb_bus *bus, struct core *core, struct store *store,
	void (*metrics)(void *arg, struct bb_json *j), void *arg, struct bb_err *err)
{
	struct command *c = bb_calloc(1, sizeof(*c));

	c->core = core;
	c->store = store;
	c->metrics = metrics;
	c->arg = arg;
	c->server = bb_cmd_server_new(bus, on_command, c, err);
	if (!c->server) {
		free(c);
		return NULL;
	}
	return c;
}

void command_free(struct command *c)
{
	if (!c)
		return;
	bb_cmd_server_free(c->server);
	free(c);
}
