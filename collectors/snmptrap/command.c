// SPDX-License-Identifier: Apache-2.0
/* What webd asks: who was not understood, and the counters. */
#include <stdio.h>
#include <string.h>

#include "collectors/snmptrap/trapd.h"
#include "common/str.h"

void trapd_metrics(struct trapd *t, trapd_metric emit, void *arg)
{
	const struct counters *n = &t->n;
	struct events_stats ev;

	events_stats(t->events, &ev);
	const struct {
		const char *name;
		double value;
	} list[] = {
		{ "traps_received", (double)n->received },
		{ "traps_stored", (double)n->stored },
		{ "traps_limited", (double)n->limited },
		{ "traps_kernel_drops", (double)n->kernel_drops },
		{ "traps_granted_buffer_bytes", (double)t->granted_bytes },
		{ "traps_duplicates", (double)n->duplicates },
		{ "traps_unknown", (double)n->unknown },
		{ "traps_auth_failures", (double)n->auth_failures },
		{ "traps_malformed", (double)n->malformed },
		{ "informs_answered", (double)n->answered },
		{ "traps_not_stored", (double)n->not_stored },
		{ "engines_twice", (double)n->engines_twice },
		{ "hints", (double)n->hints },
		{ "hints_failed", (double)n->hints_failed },
		{ "devices", (double)senders_count(t->senders) },
		{ "trap_meanings", (double)meanings_count(t->meanings) },
		{ "events_stored", (double)ev.stored },
		{ "events_untaken", (double)(ev.head > ev.taken ? ev.head - ev.taken : 0) },
		{ "config_generation",
			(double)(t->genconf ? bb_genconf_generation(t->genconf) : 0) },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		emit(arg, list[i].name, list[i].value);
}

static void reply_json(struct bb_cmd_call *call, struct bb_buf *b)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	reply.has_code = 1;
	reply.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
	reply.json = b->data;
	bb_cmd_reply_look(call, &reply);
	bb_buf_fini(b);
}

static void do_unknown(struct trapd *t, struct bb_cmd_call *call)
{
	static const char *const versions[] = { "1", "2c", "", "3" };
	const struct stranger *list[STRANGERS_MAX];
	size_t n = strangers_list(t->strangers, list, STRANGERS_MAX);
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "items");
	for (size_t i = 0; i < n; i++) {
		char address[INET6_ADDRSTRLEN];

		bb_json_obj(&j, NULL);
		bb_json_str(&j, "source", address_print(&list[i]->from, address));
		bb_json_int(&j, "count", (int64_t)list[i]->count);
		bb_json_time(&j, "first_at", list[i]->first_us);
		bb_json_time(&j, "last_at", list[i]->last_us);
		bb_json_str(&j, "version", list[i]->version < 4 ? versions[list[i]->version] : "");
		bb_json_str(&j, "trap_oid", list[i]->oid);
		bb_json_str(&j, "text", list[i]->reason);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	reply_json(call, &b);
}

static void do_status(struct trapd *t, struct bb_cmd_call *call)
{
	const struct counters *n = &t->n;
	char engine[2 * sizeof(t->identity.id) + 1];
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "listening", t->listening);
	bb_hex(engine, t->identity.id, t->identity.n);
	bb_json_str(&j, "engine_id", engine);
	bb_json_int(&j, "received", (int64_t)n->received);
	bb_json_int(&j, "stored", (int64_t)n->stored);
	bb_json_int(&j, "limited", (int64_t)n->limited);
	bb_json_int(&j, "kernel_drops", (int64_t)n->kernel_drops);
	bb_json_int(&j, "granted_buffer_bytes", (int64_t)t->granted_bytes);
	bb_json_int(&j, "duplicates", (int64_t)n->duplicates);
	bb_json_int(&j, "unknown", (int64_t)n->unknown);
	bb_json_int(&j, "auth_failures", (int64_t)n->auth_failures);
	bb_json_int(&j, "malformed", (int64_t)n->malformed);
	bb_json_int(&j, "answered", (int64_t)n->answered);
	bb_json_int(&j, "not_stored", (int64_t)n->not_stored);
	bb_json_int(&j, "engines_twice", (int64_t)n->engines_twice);
	bb_json_end_obj(&j);
	reply_json(call, &b);
}

void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	static const struct {
		const char *verb;
		void (*run)(struct trapd *t, struct bb_cmd_call *call);
	} verbs[] = {
		{ "unknown", do_unknown },
		{ "status", do_status },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (rq->verb && !strcmp(rq->verb, verbs[i].verb)) {
			verbs[i].run(arg, call);
			return;
		}
	}
	bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
		"collect-snmptrap knows unknown, status and metrics, not \"%.60s\"",
		rq->verb ? rq->verb : "");
}
