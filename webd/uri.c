// SPDX-License-Identifier: Apache-2.0
#include "webd/uri.h"

#include <string.h>

#include "common/str.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode n bytes of `in` into out[cap] with a NUL. Returns the length, or -1 with the reason. */
static int decode(const char *in, size_t n, char *out, size_t cap, bool is_query,
	struct bb_err *err)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c == '%') {
			bool whole = n - i > 2;
			int hi = whole ? hex_digit(in[i + 1]) : -1,
			    lo = whole ? hex_digit(in[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return bb_err_set(err, "the address holds a broken percent code");
			c = (unsigned char)(hi << 4 | lo);
			i += 2;
			if (!is_query && c == '/')
				return bb_err_set(err, "the path holds an encoded slash");
		} else if (is_query && c == '+') {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f || (!is_query && c == '\\'))
			return bb_err_set(err, "the address holds a character that is not allowed");
		if (len + 1 >= cap)
			return bb_err_set(err, "the address is too long");
		out[len++] = (char)c;
	}
	out[len] = '\0';
	if (!bb_utf8_valid(out, len))
		return bb_err_set(err, "the address is not valid UTF-8");
	return (int)len;
}

static bool has_dot_segment(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p++;
		size_t n = strcspn(p, "/");

		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return true;
	}
	return false;
}

static int add_param(struct uri *u, const char *text, size_t n, size_t *used, struct bb_err *err)
{
	const char *eq = memchr(text, '=', n);
	size_t name_len = eq ? (size_t)(eq - text) : n;
	char *name = u->query + *used, *value;
	int len;

	if (u->n_params == URI_PARAMS_MAX)
		return bb_err_set(err, "the address has more than %d parameters", URI_PARAMS_MAX);
	len = decode(text, name_len, name, sizeof(u->query) - *used, true, err);
	if (len < 0)
		return -1;
	*used += (size_t)len + 1;
	value = u->query + *used;
	if (*used >= sizeof(u->query))
		return bb_err_set(err, "the address is too long");
	len = decode(eq ? eq + 1 : "", eq ? n - name_len - 1 : 0, value, sizeof(u->query) - *used,
		true, err);
	if (len < 0)
		return -1;
	*used += (size_t)len + 1;
	if (*used >= sizeof(u->query))
		return bb_err_set(err, "the address is too long");
	if (uri_param(u, name))
		return bb_err_set(err, "parameter \"%s\" is given twice", name);
	u->param[u->n_params++] = (struct uri_param){ .name = name, .value = value };
	return 0;
}

int uri_parse(struct uri *u, const char *target, struct bb_err *err)
{
	size_t path_len = strcspn(target, "?#"), used = 0;

	u->n_params = 0;
	if (target[0] != '/')
		return bb_err_set(err, "the address is not an absolute path");
	if (decode(target, path_len, u->path, sizeof(u->path), false, err) < 0)
		return -1;
	if (has_dot_segment(u->path))
		return bb_err_set(err, "the path holds a dot segment");
	if (target[path_len] != '?')
		return 0;
	for (const char *p = target + path_len + 1; *p && *p != '#';) {
		size_t n = strcspn(p, "&#");

		if (n > 0 && add_param(u, p, n, &used, err) != 0)
			return -1;
		p += n;
		if (*p == '&')
			p++;
	}
	return 0;
}

const char *uri_param(const struct uri *u, const char *name)
{
	for (size_t i = 0; i < u->n_params; i++)
		if (strcmp(u->param[i].name, name) == 0)
			return u->param[i].value;
	return NULL;
}
