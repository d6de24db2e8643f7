// SPDX-License-Identifier: Apache-2.0
/* busd: the bus for those who look and those who command. It forwards readings and states from
 * all publishers to webd, historyd and integrators, keeps the last message of each topic for who
 * comes later, and carries requests to daemons by name. A crash loses nothing but time: no
 * decision goes through here (collectors reach alarmd and shutdownd directly), the cache fills
 * again from the publishers' snapshots, lookers notice the new epoch and ask anew, a request
 * without an answer is the client's to repeat. Meanwhile screens stand still and say so; alarms,
 * notifications and shutdowns go on. */
#include <stdlib.h>

#include "busd/cache.h"
#include "busd/proxy.h"
#include "busd/route.h"
#include "busd/snapshot.h"
#include "common/cmd.h"
#include "common/service.h"

struct settings {
	int64_t cache_topics;
	int64_t cache_bytes;
};

static const struct bb_conf_item schema[] = {
	{ .key = "cache_topics",
		.type = BB_CONF_INT,
		.offset = offsetof(struct settings, cache_topics),
		.unit = "",
		.min = 100,
		.max = 10000000,
		.fallback = "200000",
		.help = "topics whose last message is kept" },
	{ .key = "cache_bytes",
		.type = BB_CONF_INT,
		.offset = offsetof(struct settings, cache_bytes),
		.unit = "bytes",
		.min = 1 << 20,
		.max = 1ll << 36,
		.fallback = "268435456",
		.help = "memory for the last messages" },
	BB_CONF_END,
};

struct busd {
	struct settings settings;
	struct bb_bus *bus;
	struct cache *cache;
	struct proxy *proxy;
	struct snapshot *snapshot;
	struct route *route;
	struct bb_cmd_server *server;
	struct bb_pub *pub;
	uint64_t uncached_told; /* of proxy_stats.uncached, at the last heartbeat */
};

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	struct busd *d = arg;
	struct proxy_stats ps;
	struct route_stats rs;

	proxy_stats(d->proxy, &ps);
	route_stats(d->route, &rs);
	bb_pub_metric(p, "topics", (double)cache_count(d->cache));
	bb_pub_metric(p, "cache_bytes", (double)cache_bytes(d->cache));
	bb_pub_metric(p, "forwarded_total", (double)ps.forwarded);
	bb_pub_metric(p, "late_total", (double)ps.in.dropped_late);
	bb_pub_metric(p, "bad_total", (double)(ps.in.bad + rs.bad));
	bb_pub_metric(p, "gaps_total", (double)ps.in.gaps);
	bb_pub_metric(p, "snapshots_served_total", (double)snapshot_served(d->snapshot));
	bb_pub_metric(p, "requests_total", (double)rs.requests);
	bb_pub_metric(p, "requests_unavailable_total", (double)rs.unavailable);
	bb_pub_metric(p, "daemons", (double)rs.daemons);
	bb_pub_trouble(p, "cache_full",
		ps.uncached > d->uncached_told ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : 0,
		"screens opened later miss topics: raise cache_topics or cache_bytes in busbar.conf");
	d->uncached_told = ps.uncached;
}

static void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
		"busd does not know the verb \"%s\"", rq->verb);
}

static int start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct busd *d = arg;
	struct bb_loop *loop = bb_service_loop(s);
	struct bb_pub_options po = { .connect = BB_PUB_ALARMD | BB_PUB_BUSD,
		.heartbeat = on_heartbeat,
		.arg = d };

	d->bus =
		bb_bus_new(loop, bb_service_dirs(s)->run, "busd", "busd", bb_service_epoch(s), err);
	if (!d->bus)
		return -1;
	d->cache = cache_new((size_t)d->settings.cache_topics, (size_t)d->settings.cache_bytes);
	if (!(d->proxy = proxy_new(d->bus, loop, d->cache, err)) ||
		!(d->snapshot = snapshot_new(d->bus, loop, d->cache, err)) ||
		!(d->route = route_new(d->bus, loop, err)) ||
		!(d->pub = bb_pub_new(d->bus, &po, err)) ||
		!(d->server = bb_cmd_server_new(d->bus, on_command, d, err)))
		return -1;
	bb_service_ready(s);
	return 0;
}

static void stop(void *arg)
{
	struct busd *d = arg;

	bb_cmd_server_free(d->server);
	bb_pub_free(d->pub);
	route_free(d->route);
	snapshot_free(d->snapshot);
	proxy_free(d->proxy);
	cache_free(d->cache);
	bb_bus_free(d->bus);
}

static void dump(void *arg, FILE *f)
{
	struct busd *d = arg;
	struct cache_row row;

	for (size_t i = 0; i < cache_count(d->cache); i++) {
		cache_row(d->cache, i, &row);
		fprintf(f, "%s %zu bytes\n", row.topic, row.body_len);
	}
}

int main(int argc, char **argv)
{
	static struct busd d;
	const struct bb_service_spec spec = {
		.name = "busd",
		.summary = "forwards the bus to lookers, keeps last values, routes requests",
		.schema = schema,
		.settings = &d.settings,
		.start = start,
		.stop = stop,
		.dump = dump,
		.arg = &d,
		.needs_lock = true,
	};

	return bb_service_run(&spec, argc, argv);
}
