// SPDX-License-Identifier: Apache-2.0
/* What devices are reached through, and devices that are out of service. */
#include <string.h>

#include "webd/change.h"
#include "webd/handlers.h"
#include "webd/webd.h"

static void on_topology(struct request *rq, PGresult *r)
{
	struct bb_buf b = { 0 };

	bb_buf_str(&b, PQgetvalue(r, 0, 0));
	reply_json(rq, 200, &b);
	bb_buf_fini(&b);
}

void api_topology(struct request *rq)
{
	change_read(rq, "SELECT topology()", 0, NULL, on_topology);
}

static bool id_fits(struct request *rq)
{
	uint64_t id;

	if (bb_parse_u64(rq->param, "id", 1, INT64_MAX, &id, NULL) == 0)
		return true;
	reply_problem(rq, PROBLEM_NOT_FOUND, "there is no device with this id");
	return false;
}

struct topology_input {
	const char *site, *device, *work_order;
};
static const struct field parent_fields[] = {
	{ "parent", FIELD_STR_OR_NULL, true, offsetof(struct topology_input, device), 1, 200 },
	FIELD_END,
};
static const struct field link_fields[] = {
	{ "site", FIELD_STR, true, offsetof(struct topology_input, site), 1, 200 },
	{ "device", FIELD_STR_OR_NULL, true, offsetof(struct topology_input, device), 1, 200 },
	FIELD_END,
};
static const struct field service_fields[] = {
	{ "work_order", FIELD_STR, true, offsetof(struct topology_input, work_order), 1, 200 },
	FIELD_END,
};
static const struct field no_fields[] = { FIELD_END };

void api_device_parent(struct request *rq)
{
	struct topology_input in = { 0 };

	if (!id_fits(rq) || request_fields(rq, parent_fields, &in) != 0)
		return;
	const char *values[] = { rq->param, in.device, rq->who.user, rq->who.source };
	change_run(rq, "SELECT device_parent_put($1, $2, $3, $4)", 4, values, change_reply_empty);
}

void api_topology_link(struct request *rq)
{
	struct topology_input in = { 0 };

	if (request_fields(rq, link_fields, &in) != 0)
		return;
	const char *values[] = { in.site, in.device, rq->who.user, rq->who.source };
	change_run(rq, "SELECT site_link_put($1, $2, $3, $4)", 4, values, change_reply_empty);
}

static void put_service(struct request *rq, const char *work_order)
{
	const char *values[] = { rq->param, work_order, rq->who.user, rq->who.source };

	if (id_fits(rq))
		change_run(rq, "SELECT device_service_put($1, $2, $3, $4)", 4, values,
			change_reply_empty);
}

void api_device_out_of_service(struct request *rq)
{
	struct topology_input in = { 0 };

	if (request_fields(rq, service_fields, &in) == 0)
		put_service(rq, in.work_order);
}

void api_device_in_service(struct request *rq)
{
	struct topology_input in = { 0 };

	if (request_fields(rq, no_fields, &in) == 0)
		put_service(rq, NULL);
}
