// SPDX-License-Identifier: Apache-2.0
/* collect-snmptrap: receives SNMP traps and informs (v1, v2c, v3), keeps them until alarmd has recorded
 * them, and tells the poller to look.
 *
 * A crash loses what was not on disk: of that no inform was answered, so its sender says it again; a
 * trap is lost, and the poll finds its cause. Meanwhile the socket stays open where systemd holds it.
 * Alarms never come from here. Unprivileged: the port is handed over. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmptrap/trapd.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/str.h"

#define NAME        "collect-snmptrap"
#define DEVICES_MAX 100000
#define SET(member) offsetof(struct settings, member)

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "listen", BB_CONF_STR, SET(listen), "", 0, 80, "", "address and port where no socket is handed over, e.g. 0.0.0.0:162; empty: receive nothing" },
	{ "rate", BB_CONF_INT, SET(rate), "1/s", 1, 100000, "50", "datagrams a second from one address; more are dropped before they are looked into" },
	{ "burst", BB_CONF_INT, SET(burst), "", 1, 1000000, "200", "datagrams at once from one address" },
	{ "strangers_rate", BB_CONF_INT, SET(strangers_rate), "1/s", 1, 100000, "200", "datagrams a second from all addresses without a device together" },
	{ "receive_buffer_bytes", BB_CONF_INT, SET(receive_buffer_bytes), "bytes", 65536, 268435456, "33554432", "receive buffer; the kernel grants at most net.core.rmem_max" },
	{ "repeat_ms", BB_CONF_INT, SET(repeat_ms), "ms", 1000, 3600000, "60000", "the same trap of a device within so long is counted, not recorded again" },
	{ "agent_address", BB_CONF_STR, SET(agent_address), "", 0, 20, "fallback", "the address a v1 trap or a proxy gives: fallback (where the sender's own belongs to no device), never" },
	BB_CONF_END,
};
// clang-format on

static void on_trouble(void *arg, const char *code, unsigned severity, const char *text)
{
	struct trapd *t = arg;

	bb_pub_trouble(t->pub, code, severity, text);
}

/* ---- configuration ---- */

static int on_config(void *arg, const Busbar__V1__Config *c, uint64_t generation,
	struct bb_err *err)
{
	struct trapd *t = arg;

	if (c->n_device > DEVICES_MAX)
		return bb_err_set(err, "%zu devices are more than %d", c->n_device, DEVICES_MAX);
	senders_apply(t->senders, c);
	windows_apply(t->windows, c, (int64_t)(bb_clock_real_us() / 1000000));
	bb_log(EV_CONFIG_NEW, BB_UINT("generation", generation),
		BB_UINT("devices", senders_count(t->senders)));
	return 0;
}

static void load_meanings(struct trapd *t, const struct bb_dirs *dirs)
{
	char folder[300], text[120];
	unsigned refused;

	snprintf(folder, sizeof(folder), "%s/profiles", dirs->share);
	refused = meanings_load(t->meanings, folder);
	snprintf(folder, sizeof(folder), "%s/profiles", dirs->etc);
	refused += meanings_load(t->meanings, folder);
	if (refused) {
		snprintf(text, sizeof(text),
			"traps of %u profiles were refused: see the log of " NAME
			" for file, line and reason",
			refused);
		on_trouble(t, "profile_refused", BUSBAR__V1__SEVERITY__SEVERITY_MINOR, text);
	}
	bb_log(EV_NOTE, BB_STR("text", "meanings of traps"),
		BB_UINT("known", meanings_count(t->meanings)), BB_UINT("refused", refused));
}

/* ---- turning ---- */

static void on_tick(void *arg)
{
	struct trapd *t = arg;
	uint64_t drops = t->n.kernel_drops;
	char text[200];

	repeats_tick(t->repeats, bb_loop_now_ms(t->loop));
	windows_tick(t->windows, (int64_t)(bb_clock_real_us() / 1000000));
	if (drops > t->drops_told) {
		snprintf(text, sizeof(text),
			"the kernel dropped %" PRIu64
			" datagrams for want of buffer: raise net.core.rmem_max (granted: %" PRIu64
			" bytes)",
			drops - t->drops_told, t->granted_bytes);
		on_trouble(t, "socket_drop", BUSBAR__V1__SEVERITY__SEVERITY_MINOR, text);
		bb_log(EV_SOCKET_DROP, BB_UINT("datagrams", drops - t->drops_told));
		t->drops_told = drops;
		t->drops_at_ms = bb_loop_now_ms(t->loop);
	} else if (t->drops_at_ms && bb_loop_now_ms(t->loop) - t->drops_at_ms > DROPS_SHOWN_MS) {
		on_trouble(t, "socket_drop", 0, NULL);
		t->drops_at_ms = 0;
	}
}

static void emit_metric(void *arg, const char *name, double value)
{
	bb_pub_metric(arg, name, value);
}

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	trapd_metrics(arg, emit_metric, p);
}

/* ---- life ---- */

static int open_settings(struct trapd *t, struct bb_err *err)
{
	if (!strcmp(t->set.agent_address, "fallback"))
		t->agent_policy = AGENT_FALLBACK;
	else if (!strcmp(t->set.agent_address, "never"))
		t->agent_policy = AGENT_NEVER;
	else
		return bb_err_set(err, "agent_address is \"%.20s\": fallback or never",
			t->set.agent_address);
	t->known = t->unknown = (struct limit){ (uint32_t)t->set.rate, (uint32_t)t->set.burst };
	t->all_unknown = (struct limit){ (uint32_t)t->set.strangers_rate,
		(uint32_t)t->set.strangers_rate * 2 };
	return 0;
}

static void make_memory(struct trapd *t, const struct bb_dirs *dirs)
{
	t->senders = senders_new(dirs->etc, NAME);
	t->meanings = meanings_new();
	t->informs = informs_new();
	t->repeats = repeats_new(on_repeats, t);
	t->strangers = strangers_new();
	t->hints = bb_table_new();
	t->windows = windows_new(
		&(struct windows_options){ .lib = dirs->lib, .result = on_window, .arg = t });
}

/* Windows that were judged already are so again. */
static bool take_old_event(void *arg, const Busbar__V1__DeviceEvent *e)
{
	struct trapd *t = arg;
	uint64_t window;
	int64_t start;

	if (!strcmp(e->kind, "test_window") && !strcmp(e->code, "passed") &&
		sscanf(e->source, "window/%" SCNu64, &window) == 1 &&
		sscanf(e->comment, "start %" SCNd64, &start) == 1)
		windows_known(t->windows, window, start);
	return true;
}

static int open_bus(struct trapd *t, const struct bb_dirs *dirs, struct bb_err *err)
{
	t->bus =
		bb_bus_new(t->loop, dirs->run, NAME, "receiver", bb_service_epoch(t->service), err);
	if (!t->bus)
		return -1;
	t->pub = bb_pub_new(t->bus,
		&(struct bb_pub_options){ .connect = BB_PUB_ALARMD | BB_PUB_BUSD,
			.heartbeat = on_heartbeat,
			.arg = t },
		err);
	if (!t->pub)
		return -1;
	t->events = events_open(t->bus, t->loop,
		&(struct events_options){ .lib = dirs->lib,
			.name = NAME,
			.trouble = on_trouble,
			.arg = t },
		err);
	if (!t->events)
		return -1;
	t->server = bb_cmd_server_new(t->bus, on_command, t, err);
	t->client = t->server ? bb_cmd_client_new(t->bus, err) : NULL;
	return t->client ? 0 : -1;
}

static int start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct trapd *t = arg;
	const struct bb_dirs *dirs = bb_service_dirs(s);

	t->service = s;
	t->loop = bb_service_loop(s);
	t->fd = -1;
	make_memory(t, dirs);
	if (open_settings(t, err) || identity_load(dirs->lib, &t->identity, err) ||
		open_bus(t, dirs, err))
		return -1;
	load_meanings(t, dirs);
	t->genconf = bb_genconf_new(t->bus, dirs->lib, t->pub, on_config, t, err);
	if (!t->genconf)
		return -1;
	events_recent(t->events, OLD_EVENTS, take_old_event, t);
	if (receive_open(t, err))
		return -1;
	t->tick = bb_loop_every(t->loop, 1000, on_tick, t);
	bb_service_ready(s);
	return 0;
}

static void stop(void *arg)
{
	struct trapd *t = arg;

	bb_loop_cancel(t->tick);
	receive_close(t);
	if (t->repeats && t->events)
		repeats_flush(t->repeats);
	bb_genconf_free(t->genconf);
	hint_close(t);
	bb_cmd_client_free(t->client);
	bb_cmd_server_free(t->server);
	events_free(t->events);
	bb_pub_free(t->pub);
	bb_bus_free(t->bus);
	windows_free(t->windows);
	strangers_free(t->strangers);
	repeats_free(t->repeats);
	informs_free(t->informs);
	meanings_free(t->meanings);
	senders_free(t->senders);
}

static void print_metric(void *arg, const char *name, double value)
{
	fprintf(arg, "%s %.17g\n", name, value);
}

static void dump(void *arg, FILE *f)
{
	struct trapd *t = arg;
	const struct stranger *list[STRANGERS_MAX];
	size_t n = strangers_list(t->strangers, list, STRANGERS_MAX);
	char address[INET6_ADDRSTRLEN];

	trapd_metrics(t, print_metric, f);
	fprintf(f, "listening %s\n", t->listening);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "unknown %s count=%" PRIu64 " %s %s\n",
			address_print(&list[i]->from, address), list[i]->count, list[i]->oid,
			list[i]->reason);
}

int main(int argc, char **argv)
{
	static struct trapd t;

	windows_prepare();
	message_init();
	return bb_service_run(
		&(struct bb_service_spec){
			.name = NAME,
			.summary = "receives SNMP traps and informs and keeps them for alarmd",
			.schema = schema,
			.settings = &t.set,
			.start = start,
			.stop = stop,
			.dump = dump,
			.arg = &t,
			.needs_lock = true,
		},
		argc, argv);
}
