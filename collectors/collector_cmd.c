// SPDX-License-Identifier: Apache-2.0
/* Commands every collector answers (poll, sources) and the metrics in its heartbeat. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collectors/collector_priv.h"
#include "common/str.h"

#define CODE_OK      BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define CODE_REFUSED BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define CODE_UNKNOWN BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

static double rss_bytes(void)
{
	unsigned long total, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &total, &resident) != 2)
		resident = 0;
	fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

void collector_metrics(struct collector *c, collector_metric emit, void *arg)
{
	emit(arg, "devices", (double)bb_table_count(c->by_id));
	emit(arg, "devices_lost", c->n_lost);
	emit(arg, "readings_published", (double)c->published);
	emit(arg, "readings_confirmed", (double)c->confirmed);
	emit(arg, "passes_failed", (double)c->passes_failed);
	emit(arg, "poll_lag_ms", (double)c->tick_lag_ms);
	emit(arg, "pauses", (double)c->pauses);
	emit(arg, "config_generation",
		(double)(c->genconf ? bb_genconf_generation(c->genconf) : 0));
	struct events_stats ev;
	events_stats(c->events, &ev);
	emit(arg, "events_stored", (double)ev.stored);
	emit(arg, "events_untaken", (double)(ev.head > ev.taken ? ev.head - ev.taken : 0));
	emit(arg, "cpu_seconds", cpu_seconds());
	emit(arg, "rss_bytes", rss_bytes());
	if (c->ops->metrics)
		c->ops->metrics(c->transport, emit, arg);
}

/* Poll the named devices at once; the readings come over the bus. */
static void cmd_poll(struct collector *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	if (!rq->n_item) {
		bb_cmd_reply_text(call, CODE_REFUSED, "name at least one device key");
		return;
	}
	Busbar__V1__ItemResult *result = bb_calloc(rq->n_item, sizeof(*result));
	Busbar__V1__ItemResult **list = bb_calloc(rq->n_item, sizeof(*list));
	reply.has_code = 1;
	reply.code = CODE_OK;
	for (size_t i = 0; i < rq->n_item; i++) {
		struct device *d = bb_table_get(c->by_key, rq->item[i]);

		busbar__v1__item_result__init(&result[i]);
		list[i] = &result[i];
		result[i].id = rq->item[i];
		result[i].has_code = 1;
		result[i].code = d ? CODE_OK : CODE_UNKNOWN;
		result[i].text = d ? "polling" : "no such device here";
		if (!d)
			reply.code = CODE_UNKNOWN;
		for (unsigned g = 0; d && g < GROUP_COUNT; g++)
			device_poll_soon(d, g, 0);
	}
	reply.n_item = rq->n_item;
	reply.item = list;
	reply.text = reply.code == CODE_OK ? "polling" : "some devices are not known here";
	bb_cmd_reply(call, &reply);
	free(list);
	free(result);
}

/* A trap of these devices came: look at them at once, and closely for a while. Unknown ones are
 * nobody's fault, the configuration may be on its way. */
static void cmd_hurry(struct collector *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	for (size_t i = 0; i < rq->n_item; i++) {
		struct device *d = bb_table_get(c->by_key, rq->item[i]);

		if (d)
			device_hurry(d);
	}
	bb_cmd_reply_text(call, CODE_OK, "looking");
}

static void reply_json(struct bb_cmd_call *call, struct bb_buf *json)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	reply.has_code = 1;
	reply.code = CODE_OK;
	reply.json = json->data;
	bb_cmd_reply_look(call, &reply);
	bb_buf_fini(json);
}

/* Where each point of a device comes from: [{name, index, oid}]; oid is null for derived ones. */
static void cmd_sources(struct collector *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct device *d = rq->n_item == 1 ? bb_table_get(c->by_key, rq->item[0]) : NULL;
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };

	if (!d) {
		bb_cmd_reply_text(call, CODE_UNKNOWN, "no such device here: \"%.200s\"",
			rq->n_item ? rq->item[0] : "");
		return;
	}
	bb_json_arr(&j, NULL);
	for (unsigned i = 0; d->layout && i < d->layout->n; i++) {
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "name", d->layout->slot[i].name);
		bb_json_str(&j, "index", d->layout->slot[i].index);
		bb_json_str(&j, "oid", d->layout->slot[i].source);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	reply_json(call, &out);
}

void collector_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	static const struct {
		const char *verb;
		void (*run)(struct collector *c, struct bb_cmd_call *call,
			const Busbar__V1__CommandRequest *rq);
	} verbs[] = {
		{ "poll", cmd_poll },
		{ "hurry", cmd_hurry },
		{ "sources", cmd_sources },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (rq->verb && !strcmp(rq->verb, verbs[i].verb)) {
			verbs[i].run(arg, call, rq);
			return;
		}
	}
	struct collector *c = arg;
	if (rq->verb && c->ops->command && c->ops->command(c->transport, call, rq))
		return;
	bb_cmd_reply_text(call, CODE_UNKNOWN, "unknown command \"%.60s\"",
		rq->verb ? rq->verb : "");
}
