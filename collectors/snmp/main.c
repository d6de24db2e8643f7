// SPDX-License-Identifier: Apache-2.0
/* collect-snmp: asks SNMP agents (v1, v2c, v3) for what profiles say they hold. Unprivileged, keeps
 * nothing: after a crash the next pass repeats everything; meanwhile alarmd sees the heartbeat end
 * and marks the values stale. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/discover.h"
#include "common/arena.h"
#include "common/log.h"
#include "proto/reading.pb-c.h"

#define SET(member) offsetof(struct snmp_settings, member)
// clang-format off
static const struct bb_conf_item schema[] = {
	COLLECTOR_CONF_ITEMS,
	{ "timeout1_ms", BB_CONF_INT, SET(timeout1_ms), "ms", 50, 60000, "1000", "wait for the answer to the first try; adapts to the card" },
	{ "timeout2_ms", BB_CONF_INT, SET(timeout2_ms), "ms", 50, 60000, "2000", "to the second" },
	{ "timeout3_ms", BB_CONF_INT, SET(timeout3_ms), "ms", 50, 60000, "3000", "to the third" },
	{ "receive_buffer_bytes", BB_CONF_INT, SET(receive_buffer_bytes), "bytes", 65536, 67108864, "8388608",
	  "receive buffer of each of the sockets; the kernel grants at most net.core.rmem_max" },
	{ "max_varbinds", BB_CONF_INT, SET(max_varbinds), "", 1, 40, "24", "objects in one request at most; halved by itself for cards that cannot" },
	{ "alarm_walk_ms", BB_CONF_INT, SET(alarm_walk_ms), "ms", 50, 3600000, "10000", "read the alarm table again after so long while alarms stand" },
	{ "alarm_idle_walk_ms", BB_CONF_INT, SET(alarm_idle_walk_ms), "ms", 50, 86400000, "300000", "and while none does" },
	{ "backoff_max_ms", BB_CONF_INT, SET(backoff_max_ms), "ms", 50, 3600000, "10000", "try a device that is down at least so often" },
	{ "stretch_max_ms", BB_CONF_INT, SET(stretch_max_ms), "ms", 50, 3600000, "10000", "slow and lossy cards are asked for their status at least so often" },
	{ "relearn_ms", BB_CONF_INT, SET(relearn_ms), "ms", 1000, 604800000, "86400000", "find out again which objects and rows a device holds" },
	{ "fallback_ms", BB_CONF_INT, SET(fallback_ms), "ms", 1000, 604800000, "60000", "the same for a device that no profile fits: it may only be starting" },
	{ "discover_rate", BB_CONF_INT, SET(discover_rate), "1/s", 1, 10000, "200", "datagrams of all discoveries together" },
	{ "discover_timeout_ms", BB_CONF_INT, SET(discover_timeout_ms), "ms", 100, 60000, "2000", "wait so long for an answer to each" },
	BB_CONF_END,
};
// clang-format on

static void load_profiles(struct snmp *t)
{
	const struct bb_dirs *dirs = collector_dirs(t->host);
	char folder[300], text[120];
	unsigned refused;

	t->profiles = profile_set_new();
	snprintf(folder, sizeof(folder), "%s/profiles", dirs->share);
	refused = profile_set_load(t->profiles, folder);
	snprintf(folder, sizeof(folder), "%s/profiles", dirs->etc);
	refused += profile_set_load(t->profiles, folder);
	refused += profile_set_link(t->profiles);
	if (refused) {
		snprintf(text, sizeof(text),
			"%u profiles were refused: see the log of collect-snmp for file, line and reason",
			refused);
		collector_trouble(t->host, "profile_refused", BUSBAR__V1__SEVERITY__SEVERITY_MINOR,
			text);
	}
	bb_log(EV_NOTE, BB_STR("text", "profiles"), BB_UINT("usable", profile_count(t->profiles)),
		BB_UINT("refused", refused));
}

static void snmp_stop(void *transport)
{
	struct snmp *t = transport;

	discover_free(t->discover);
	engine_free(t->engine);
	usm_kus_free(t->kus);
	bb_table_free(t->requests, NULL);
	plan_cache_free(t->plans);
	profile_set_free(t->profiles);
	free(t);
}

static int snmp_start(struct collector *c, void **transport, struct bb_err *err)
{
	struct snmp *t = bb_calloc(1, sizeof(*t));

	t->host = c;
	t->set = collector_settings(c);
	*transport = t;
	codec_init();
	t->plans = plan_cache_new();
	t->requests = bb_table_new();
	t->kus = usm_kus_new();
	t->discover = discover_new(t);
	load_profiles(t);
	if (!profile_count(t->profiles))
		return bb_err_set(err, "no usable profile in \"%s/profiles\"",
			collector_dirs(c)->share);
	const struct engine_options o = {
		.timeout_ms = { (uint64_t)t->set->timeout1_ms, (uint64_t)t->set->timeout2_ms,
			(uint64_t)t->set->timeout3_ms },
		.receive_buffer_bytes = (int)t->set->receive_buffer_bytes,
		.kus = t->kus,
	};
	t->engine = engine_new(c, &o, job_answered, pass_echoes, job_silent, err);
	return t->engine ? 0 : -1;
}

static int open_security(struct snmp_device *s, struct bb_err *err)
{
	const struct device_settings *set = &device_of(s)->set;

	if (!strcmp(set->version, "3"))
		return 0;
	if (!strcmp(set->version, "1"))
		s->peer.version = CODEC_V1;
	else if (!strcmp(set->version, "2c") || !*set->version)
		s->peer.version = CODEC_V2C;
	else
		return bb_err_set(err, "SNMP version \"%.20s\" is not supported: 1, 2c or 3",
			set->version);
	if (!set->community || !*set->community)
		return bb_err_set(err, "the device has no community");
	s->peer.community = set->community;
	return 0;
}

static int snmp_open(struct device *d, struct bb_err *err)
{
	struct snmp_device *s = (struct snmp_device *)d->transport;

	s->snmp = collector_transport(d->host);
	s->job = JOB_COUNT;
	s->max_varbinds = (uint8_t)s->snmp->set->max_varbinds;
	s->walked_count = -1;
	if (open_security(s, err))
		return -1;
	const struct profile *p = profile_find(s->snmp->profiles, d->set.profile);
	if (strcmp(d->set.profile, "auto") && (!p || strcmp(p->transport, "snmp")))
		return bb_err_set(err,
			"there is no SNMP profile \"%.60s\": name one of %s/profiles, or auto",
			d->set.profile, collector_dirs(d->host)->share);
	if (engine_attach(s->snmp->engine, &s->peer, d->set.address, d->set.port, err))
		return -1;
	if (strcmp(d->set.version, "3"))
		return 0;
	const struct v3_settings v3 = { d->set.v3_user, d->set.v3_auth, d->set.v3_priv,
		d->set.v3_context, d->set.v3_auth_password, d->set.v3_priv_password,
		d->set.engine_id, d->set.engine_id_n };
	if (!engine_secure(s->snmp->engine, &s->peer, &v3, err))
		return 0;
	engine_detach(s->snmp->engine, &s->peer);
	return -1;
}

static void snmp_close(struct device *d)
{
	struct snmp_device *s = (struct snmp_device *)d->transport;

	command_lost(s, "the device was removed or changed meanwhile");
	record_lost(s);
	engine_detach(s->snmp->engine, &s->peer);
	learn_free(s);
	alarms_free(s);
	pass_forget_packets(s);
	plan_unref(s->plan);
	free(s->skip);
	free(s->sticky);
	free(s->flag_pass);
}

static void snmp_heard(struct device *d)
{
	struct snmp_device *s = (struct snmp_device *)d->transport;

	s->next_try_ms = 0;
}

static void snmp_receive(void *transport)
{
	engine_receive(((struct snmp *)transport)->engine);
	discover_receive(((struct snmp *)transport)->discover);
}

static void snmp_tick(void *transport)
{
	learn_grant_turns(transport);
	clones_report(transport);
	engine_flush(((struct snmp *)transport)->engine);
	discover_tick(((struct snmp *)transport)->discover);
}

static bool snmp_command(void *transport, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	return command_verb(transport, call, rq) || record_verb(transport, call, rq) ||
	       discover_command(((struct snmp *)transport)->discover, call, rq);
}

static void snmp_metrics(void *transport, collector_metric emit, void *arg)
{
	struct snmp *t = transport;

	engine_metrics(t->engine, emit, arg);
	discover_metrics(t->discover, emit, arg);
	emit(arg, "snmp_plans", (double)plan_cache_count(t->plans));
	emit(arg, "snmp_recognised", (double)t->learnt);
	emit(arg, "snmp_bad_answers", (double)t->bad_answers);
	emit(arg, "snmp_alarm_walks", (double)t->alarm_walks);
}

static const struct collector_ops snmp_ops = {
	.name = "collect-snmp",
	.summary = "polls SNMP agents (v1, v2c, v3) and publishes what they answer",
	.schema = schema,
	.settings_size = sizeof(struct snmp_settings),
	.device_size = sizeof(struct snmp_device),
	.default_port = 161,
	.start = snmp_start,
	.stop = snmp_stop,
	.open = snmp_open,
	.close = snmp_close,
	.poll = job_poll,
	.heard = snmp_heard,
	.explain = job_explain,
	.receive = snmp_receive,
	.tick = snmp_tick,
	.command = snmp_command,
	.metrics = snmp_metrics,
};

int main(int argc, char **argv)
{
	return collector_main(&snmp_ops, argc, argv);
}
