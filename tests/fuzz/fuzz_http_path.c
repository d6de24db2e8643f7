// SPDX-License-Identifier: Apache-2.0
/* Request targets, Host, Origin and Cookie headers: what is accepted is clean and finds at most one route. */
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "webd/auth.h"
#include "webd/handlers.h"

#define ROUTE(m, p, r, h)                                                                          \
	void api_##h(struct request *rq)                                                           \
	{                                                                                          \
	}
#include "webd/route.def"
#undef ROUTE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

const char *http_header(const struct http_req *rq, const char *name)
{
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct uri u;
	char *text = malloc(n + 1), cookie[SESSION_COOKIE_MAX];
	const char *param;
	size_t len;
	bool other;

	memcpy(text, data, n);
	text[n] = '\0';
	if (uri_parse(&u, text, NULL) == 0) {
		bb_assert(u.path[0] == '/' && !strstr(u.path, "/../") &&
			  bb_utf8_valid(u.path, strlen(u.path)));
		route_find(HTTP_GET, u.path, &param, &len, &other);
		bb_assert(!param || (param > u.path && param + len <= u.path + strlen(u.path)));
	}
	auth_host_allowed("ups.example.org", text);
	auth_origin_allowed(text, NULL, "localhost");
	if (auth_cookie(text, "bb", cookie, sizeof(cookie)))
		bb_assert(strlen(cookie) > 0);
	free(text);
	return 0;
}
