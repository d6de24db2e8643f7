// SPDX-License-Identifier: Apache-2.0
#include "alarmd/dump.h"

#include <inttypes.h>

#include "alarmd/redundancy.h"
#include "common/point.h"

static const char *const comm_names[] = { "never", "ok", "lost" };

static void dump_alarm(const struct alarm *a, FILE *f)
{
	char id[ALARM_ID_CHARS];

	fprintf(f, "    %s %s %s count=%u since_ms=%" PRIu64 "%s id=%s jseq=%" PRIu64 " %s\n",
		a->rule_id, bb_severity_name(a->severity), alarm_phase_name(a->st.phase),
		a->st.count, a->st.since_ms, a->is_stale ? " stale" : "",
		alarm_id_print(&a->id, id), a->jseq, a->text ? a->text : "");
}

static void dump_device(const struct device *d, FILE *f)
{
	char status[128] = "";

	if (d->has_status)
		bb_status_print(d->status, status, sizeof(status));
	fprintf(f,
		"  %s id=%" PRIu64
		" collector=%s comm=%s missed=%u status=\"%s\" severity=%s heard_ms=%" PRIu64
		"%s\n",
		d->key, d->id, d->publisher ? d->publisher->name : "-", comm_names[d->comm],
		d->missed, status, bb_severity_name(d->share.severity), d->heard_ms,
		d->is_configured || !d->id ? "" : " not in the configuration");
	for (const struct alarm *a = d->alarms; a; a = a->next)
		dump_alarm(a, f);
}

static void dump_group(void *arg, struct group *g)
{
	FILE *f = arg;

	fprintf(f, "  %s members=%u unack=%u worst=%s\n", g->key, g->members, g->unack,
		bb_severity_name(group_worst(g)));
}

void dump_core(const struct core *c, FILE *f)
{
	const struct core_stats *st = core_stats(c);
	size_t n;
	const struct publisher *p = core_publishers(c, &n);

	fprintf(f,
		"evaluated=%" PRIu64 " unknown_device=%" PRIu64 " out_of_date=%" PRIu64
		" raised=%" PRIu64 " cleared=%" PRIu64 " open=%u\n",
		st->evaluated, st->unknown_device, st->out_of_date, st->raised, st->cleared,
		st->open);
	fprintf(f, "publishers\n");
	for (size_t i = 0; i < n; i++)
		fprintf(f, "  %s%s%s%s%s devices=%u\n", p[i].name,
			p[i].is_collector ? " collector" : "", p[i].is_expected ? " expected" : "",
			p[i].is_lost     ? " lost"
			: p[i].was_heard ? " alive"
					 : " never heard",
			p[i].network_lost ? " network lost" : "", p[i].devices);
	fprintf(f, "groups\n");
	group_each(core_groups((struct core *)(uintptr_t)c), dump_group, f);
	fprintf(f, "device groups\n");
	group_each(core_named_tree((struct core *)(uintptr_t)c), dump_group, f);
	fprintf(f, "redundancy groups\n");
	size_t n_red;
	struct redundancy *const *red = core_redundancies(c, &n_red);
	for (size_t i = 0; i < n_red; i++)
		fprintf(f, "  %s %s need=%u working=%u failed=%u unknown=%u%s\n", red[i]->key,
			truth_name(red[i]->now.truth), red[i]->need, red[i]->now.count.working,
			red[i]->now.count.failed, red[i]->now.count.unknown,
			red[i]->is_cyclic ? " holds itself" : "");
	fprintf(f, "devices\n");
	for (const struct device *d = core_devices(c); d; d = d->next)
		dump_device(d, f);
}
