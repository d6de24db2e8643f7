// SPDX-License-Identifier: Apache-2.0
#include "webd/dump.h"

#include <inttypes.h>
#include <unistd.h>

#include "webd/webd.h"

uint64_t dump_rss_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long size = 0, resident = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

void dump_write(void *webd, FILE *f)
{
	struct webd *w = webd;
	struct bb_sub_stats bus;
	struct model_summary s;
	struct model_daemon **d;
	char seq[48];
	size_t n;

	model_summary(w->model, &s);
	bb_sub_stats(w->sub, &bus);
	live_seq_text(w->live, seq);
	fprintf(f, "address    %s\n", w->address);
	fprintf(f, "generation %" PRIu64 "\n", w->generation);
	fprintf(f, "database   %s%s\n",
		confdb_is_up(w->conf) ? "up" : "down: ", confdb_reason(w->conf));
	fprintf(f, "users      %zu, sessions %zu, requests %" PRIu64 ", refused %" PRIu64 "\n",
		users_count(w->auth.users), sessions_count(w->auth.sessions), w->requests,
		w->refused);
	fprintf(f, "streams    %zu, cut %" PRIu64 ", newest event %s\n", live_streams(w->live),
		live_cut(w->live), seq);
	fprintf(f,
		"bus        received %" PRIu64 ", late %" PRIu64 ", bad %" PRIu64 ", gaps %" PRIu64
		", snapshots %" PRIu64 "\n",
		bus.received, bus.dropped_late, bus.bad + model_bad(w->model), bus.gaps,
		bus.snapshots);
	fprintf(f, "devices    %u\n", s.devices);
	for (unsigned i = 1; i < 7; i++)
		fprintf(f, "  %-10s devices %u, alarms active %u, unacknowledged %u\n",
			bb_severity_name(i), s.device_severity[i], s.active[i], s.unack[i]);
	d = model_daemons(w->model, &n);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "daemon     %-16s pid %u, %s, %zu troubles\n", d[i]->name, d[i]->pid,
			d[i]->state == BB_PEER_ALIVE     ? "alive"
			: d[i]->state == BB_PEER_SUSPECT ? "suspect"
							 : "lost",
			d[i]->n_troubles);
}
