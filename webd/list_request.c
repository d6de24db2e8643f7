// SPDX-License-Identifier: Apache-2.0
/* List parameters of a request. Apart from list.c so that the parsers can be tested and fuzzed
 * alone. */
#include <string.h>

#include "webd/list.h"
#include "webd/request.h"

#define LIMIT_DEFAULT 200
#define LIMIT_MAX     1000

int list_read(struct request *rq, struct list *l, const char *const *filters,
	const char *const *sorts)
{
	static const char *const params[] = { "filter", "sort", "limit", "cursor", NULL };
	const struct uri *u = &rq->http->uri;
	const char *sort = uri_param(u, "sort"), *limit = uri_param(u, "limit"),
		   *cursor = uri_param(u, "cursor");
	const char *filter = uri_param(u, "filter");
	struct bb_err err;
	uint64_t n = LIMIT_DEFAULT;

	*l = (struct list){ .sort = sorts[0] };
	if (request_params(rq, params) != 0)
		return -1;
	for (size_t i = 0; sort && sorts[i]; i++)
		if (strcmp(sorts[i], sort) == 0) {
			l->sort = sorts[i];
			sort = NULL;
		}
	if (sort) {
		reply_invalid(rq, "?sort", "lists here are not sorted by \"%s\"", sort);
		return -1;
	}
	if (limit && bb_parse_u64(limit, "limit", 1, LIMIT_MAX, &n, &err) != 0) {
		reply_invalid(rq, "?limit", "%s", err.text);
		return -1;
	}
	l->limit = (unsigned)n;
	if (filter && list_parse_filter(l, filter, filters, &err) != 0) {
		reply_invalid(rq, "?filter", "%s", err.text);
		return -1;
	}
	if (cursor && list_cursor_parse(l, cursor, &err) != 0) {
		reply_invalid(rq, "?cursor", "%s", err.text);
		return -1;
	}
	return 0;
}
