// SPDX-License-Identifier: Apache-2.0
#include "webd/group_json.h"

#include <string.h>

#include "webd/model_json.h"

#define KW 1000.0

/* Before alarmd said anything, or while it is lost, everything is unknown. */
static bool is_silent(const struct model *m)
{
	return model_severity(m, BUSBAR__V1__SEVERITY__SEVERITY_NORMAL) !=
	       BUSBAR__V1__SEVERITY__SEVERITY_NORMAL;
}

void json_named_live(struct bb_json *j, const struct model *m, const struct model_group *g)
{
	bb_json_str(j, "severity",
		bb_severity_name(model_severity(m,
			g ? g->severity : BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN)));
	bb_json_int(j, "members", g ? g->members : 0);
	bb_json_bool(j, "unack", g && g->has_unack);
	bb_json_obj(j, "counts");
	for (unsigned s = 1; s < 7; s++)
		bb_json_int(j, bb_severity_name(s), g ? g->counts[s] : 0);
	bb_json_end_obj(j);
}

static void watts(struct bb_json *j, const char *key, bool has, double w)
{
	if (has)
		bb_json_num(j, key, w / KW);
	else
		bb_json_null(j, key);
}

static void open_alarms(struct bb_json *j, struct model *m, const char *key)
{
	static const char prefix[] = "redundancy/";
	size_t n;
	struct model_alarm **a = model_alarms(m, &n);

	bb_json_arr(j, "alarms");
	for (size_t i = 0; i < n; i++)
		if (strncmp(a[i]->key, prefix, sizeof(prefix) - 1) == 0 &&
			strcmp(a[i]->key + sizeof(prefix) - 1, key) == 0)
			bb_json_str(j, NULL, a[i]->rule);
	bb_json_end_arr(j);
}

void json_redundancy_live(struct bb_json *j, struct model *m, const char *key)
{
	static const char *const results[] = { "unknown", "works", "fails", "unknown" };
	const struct model_redundancy *known = model_redundancy(m, key), none = { 0 };
	const struct model_redundancy *r = known ? known : &none;
	bool told = known && !is_silent(m);
	unsigned total = r->working + r->failed + r->unknown, working = told ? r->working : 0;

	bb_json_str(j, "state", results[told ? r->result % 4 : 0]);
	bb_json_str(j, "state_severity",
		bb_severity_name(model_severity(m,
			known ? r->severity : BUSBAR__V1__SEVERITY__SEVERITY_UNKNOWN)));
	bb_json_int(j, "total", total);
	bb_json_int(j, "working", working);
	bb_json_int(j, "failed", told ? r->failed : 0);
	bb_json_int(j, "unknown", told ? r->unknown : total);
	bb_json_int(j, "spare", (int64_t)working - (int64_t)r->need);
	watts(j, "load_kw", told && r->has_load, r->load_w);
	watts(j, "capacity_kw", told && r->has_capacity, r->capacity_w);
	watts(j, "spare_kw", told && r->has_load && r->has_capacity, r->capacity_w - r->load_w);
	bb_json_time(j, "since", told ? r->since_us : 0);
	bb_json_bool(j, "unack", r->has_unack);
	open_alarms(j, m, key);
}
