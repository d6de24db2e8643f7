// SPDX-License-Identifier: Apache-2.0
#include "webd/route.h"

#include <string.h>

#include "webd/handlers.h"

static const struct route routes[] = {
#define ROUTE(m, p, r, h)                                                                          \
	{ .method = HTTP_##m, .pattern = p, .right = RIGHT_##r, .handler = api_##h },
#include "webd/route.def"
#undef ROUTE
};

/* Does `path` fit the pattern? */
static bool fits(const char *pattern, const char *path, const char **param, size_t *param_len)
{
	const char *open = strchr(pattern, '{'), *close;
	size_t before, n;

	if (!open)
		return strcmp(pattern, path) == 0;
	before = (size_t)(open - pattern);
	close = strchr(open, '}');
	if (strncmp(pattern, path, before) != 0)
		return false;
	n = strcspn(path + before, "/");
	/* "{id}:verb" */
	if (close[1] == ':' && n > strlen(close + 1))
		n -= strlen(close + 1);
	if (n == 0 || strcmp(close + 1, path + before + n) != 0)
		return false;
	*param = path + before;
	*param_len = n;
	return true;
}

const struct route *route_find(enum http_method method, const char *path, const char **param,
	size_t *param_len, bool *other_methods)
{
	*other_methods = false;
	*param = NULL;
	*param_len = 0;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!fits(routes[i].pattern, path, param, param_len))
			continue;
		if (routes[i].method == method)
			return &routes[i];
		*other_methods = true;
	}
	return NULL;
}

#define VIEWER   (RIGHT_LOGIN | RIGHT_VIEW)
#define OPERATOR (VIEWER | RIGHT_ACK | RIGHT_CONTROL)
#define ENGINEER (OPERATOR | RIGHT_CONFIGURE | RIGHT_PLAN)
#define ADMIN    (ENGINEER | RIGHT_EXECUTE | RIGHT_ADMIN)

static const struct {
	const char *name;
	unsigned rights;
} roles[] = {
	{ "viewer", VIEWER },
	{ "operator", OPERATOR },
	{ "engineer", ENGINEER },
	{ "admin", ADMIN },
};

unsigned role_rights(const char *role)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (role && strcmp(roles[i].name, role) == 0)
			return roles[i].rights;
	return 0;
}

bool role_valid(const char *role)
{
	return role_rights(role) != 0;
}

const char *right_name(unsigned rights, size_t i)
{
	static const char *const names[] = { "view", "ack", "control", "configure", "plan",
		"execute", "admin", "local" };

	for (size_t bit = 0; bit < sizeof(names) / sizeof(names[0]); bit++)
		if ((rights & (RIGHT_VIEW << bit)) && i-- == 0)
			return names[bit];
	return NULL;
}
