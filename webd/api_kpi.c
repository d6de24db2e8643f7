// SPDX-License-Identifier: Apache-2.0
/* Figures of alarm management per day; kpi() of the schema makes them. */
#include <string.h>

#include "webd/handlers.h"
#include "webd/webd.h"

static void on_figures(void *arg, PGresult *r, const char *error, const char *sqlstate)
{
	struct request *rq = arg;
	struct bb_buf b = { 0 };

	if (!r && strcmp(sqlstate, "BB400") == 0) {
		reply_invalid(rq, "?from", "%s", error);
	} else if (!r || PQntuples(r) != 1) {
		reply_no_database(rq, error ? error : "no answer");
	} else {
		bb_buf_str(&b, PQgetvalue(r, 0, 0));
		reply_json(rq, 200, &b);
		bb_buf_fini(&b);
	}
}

void api_kpis(struct request *rq)
{
	static const char *const params[] = { "site", "from", "to", "tz", NULL };
	const struct uri *u = &rq->http->uri;
	const char *tz = uri_param(u, "tz");
	const char *value[] = { uri_param(u, "site"), uri_param(u, "from"), uri_param(u, "to"),
		tz ? tz : "UTC" };

	if (request_params(rq, params) == 0 &&
		bb_pg_query(rq->w->report_pg, "SELECT kpi_report($1, $2, $3, $4)", 4, value, NULL,
			NULL, on_figures, rq) != 0)
		reply_no_database(rq, rq->w->read_reason);
}
