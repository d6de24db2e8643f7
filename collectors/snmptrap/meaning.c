// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/meaning.h"

#include <ctype.h>
#include <glob.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/log.h"
#include "common/str.h"
#include "common/point.h"
#include "common/table.h"
#include "common/wire.h"

#define FILE_MAX_BYTES (1 << 20)
#define ROOT_MAX       32
#define LIST_MAX       1000
#define CODE_MAX       60
#define ZEROS_MAX      2

struct meanings {
	struct bb_arena *arena;
	struct bb_table *by_name; /* root and number as uint32_t */
};

struct reader {
	struct meanings *m;
	const char *file;
	struct bb_err *err;
	uint32_t id[ROOT_MAX + 1];
	size_t n;
};

struct meanings *meanings_new(void)
{
	struct meanings *m = bb_calloc(1, sizeof(*m));

	m->arena = bb_arena_new(65536, 0);
	m->by_name = bb_table_new();
	return m;
}

void meanings_free(struct meanings *m)
{
	if (!m)
		return;
	bb_table_free(m->by_name, NULL);
	bb_arena_free(m->arena);
	free(m);
}

static int fail(struct reader *r, const config_setting_t *s, const char *text, const char *what)
{
	return bb_err_set(r->err, "%s:%u: %s \"%.60s\"", r->file, config_setting_source_line(s),
		text, what);
}

static size_t parse_root(const char *s, uint32_t *id)
{
	size_t n = 0;

	s += *s == '.';
	while (n < ROOT_MAX && isdigit((unsigned char)*s)) {
		char *end;
		unsigned long v = strtoul(s, &end, 10);

		if (v > UINT32_MAX || (*end && (*end != '.' || !end[1])))
			return 0;
		id[n++] = (uint32_t)v;
		s = *end ? end + 1 : end;
	}
	return *s ? 0 : n;
}

/* "upsOnBattery" as "ups on battery": where the file gives no sentence. */
static const char *words_of(struct bb_arena *a, const char *code)
{
	char *out = bb_arena_alloc(a, 2 * strlen(code) + 1), *at = out;

	for (const char *c = code; *c; c++) {
		bool upper = isupper((unsigned char)*c);
		bool after_lower = c > code &&
				   (islower((unsigned char)c[-1]) || isdigit((unsigned char)c[-1]));

		if (upper && c > code && (after_lower || islower((unsigned char)c[1])))
			*at++ = ' ';
		*at++ = (char)tolower((unsigned char)*c);
	}
	*at = '\0';
	return out;
}

static int read_clears(struct reader *r, const config_setting_t *g, struct meaning *out)
{
	const config_setting_t *list = config_setting_get_member(g, "clears");
	int n = list ? config_setting_length(list) : 0;

	if (n > MEANING_CLEARS || (list && !config_setting_is_array(list)))
		return fail(r, g, "a list of at most 8 codes is expected in", "clears");
	for (int i = 0; i < n; i++) {
		const char *code = config_setting_get_string_elem(list, i);

		if (!code)
			return fail(r, list, "not a code in", "clears");
		out->clears[out->n_clears++] = bb_arena_strdup(r->m->arena, code);
	}
	return 0;
}

static int check_keys(struct reader *r, const config_setting_t *g, const char *const *known)
{
	for (int i = 0; i < config_setting_length(g); i++) {
		const config_setting_t *s = config_setting_get_elem(g, (unsigned)i);
		size_t k = 0;

		while (known[k] && strcmp(known[k], config_setting_name(s)))
			k++;
		if (!known[k])
			return fail(r, s, "unknown key", config_setting_name(s));
	}
	return 0;
}

static int read_trap(struct reader *r, const config_setting_t *g)
{
	static const char *const keys[] = { "id", "code", "text", "severity", "poll", "test",
		"repeats", "clears", NULL };
	struct meaning *out = bb_arena_alloc(r->m->arena, sizeof(*out));
	const char *code = NULL, *text = NULL, *severity = "info";
	int id = -1, poll = 1, test = 0, repeats = 0;

	*out = (struct meaning){ 0 };
	if (!config_setting_is_group(g) || check_keys(r, g, keys))
		return *r->err->text ? -1 : fail(r, g, "a group is expected in", "list");
	config_setting_lookup_string(g, "severity", &severity);
	config_setting_lookup_bool(g, "poll", &poll);
	config_setting_lookup_bool(g, "test", &test);
	config_setting_lookup_int(g, "repeats", &repeats);
	if (!config_setting_lookup_int(g, "id", &id) || id < 0)
		return fail(r, g, "a trap lacks", "id");
	if (!config_setting_lookup_string(g, "code", &code) || !*code || strlen(code) > CODE_MAX ||
		code[strspn(code,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")])
		return fail(r, g, "not a code of letters, digits and .-_:", code ? code : "");
	int s = bb_severity_parse(severity);
	if (s < 0)
		return fail(r, g, "not a severity:", severity);
	if (repeats < 0 || repeats > 3600)
		return fail(r, g, "not between 0 and 3600:", "repeats");
	config_setting_lookup_string(g, "text", &text);
	out->code = bb_arena_strdup(r->m->arena, code);
	out->text = text ? bb_arena_strdup(r->m->arena, text) : words_of(r->m->arena, code);
	out->severity = (uint8_t)s;
	out->poll = poll;
	out->test = test;
	out->repeats_s = (uint32_t)repeats;
	if (read_clears(r, g, out))
		return -1;
	r->id[r->n] = (uint32_t)id;
	bb_table_put_n(r->m->by_name, r->id, (r->n + 1) * sizeof(*r->id), out);
	return 0;
}

static int read_root(struct reader *r, const config_setting_t *g)
{
	static const char *const keys[] = { "root", "list", "source", NULL };
	const char *root = NULL;
	const config_setting_t *list;

	if (!config_setting_is_group(g) || check_keys(r, g, keys))
		return *r->err->text ? -1 : fail(r, g, "a group is expected in", "traps");
	list = config_setting_get_member(g, "list");
	if (!config_setting_lookup_string(g, "root", &root) || !(r->n = parse_root(root, r->id)))
		return fail(r, g, "not an OID:", root ? root : "root");
	if (!list || !config_setting_is_list(list) || config_setting_length(list) > LIST_MAX)
		return fail(r, g, "a list of at most 1000 traps is expected:", "list");
	for (int i = 0; i < config_setting_length(list); i++) {
		if (read_trap(r, config_setting_get_elem(list, (unsigned)i)))
			return -1;
	}
	return 0;
}

int meanings_add(struct meanings *m, const char *file, const char *text, struct bb_err *err)
{
	struct reader r = { .m = m, .file = file, .err = err };
	config_t c;
	int rc = 0;

	*err = (struct bb_err){ { 0 } };
	config_init(&c);
	if (!config_read_string(&c, text)) {
		rc = bb_err_set(err, "%s:%d: %s", file, config_error_line(&c),
			config_error_text(&c));
	} else {
		const config_setting_t *traps = config_lookup(&c, "traps");

		if (traps && !config_setting_is_list(traps))
			rc = fail(&r, traps, "a list is expected:", "traps");
		for (int i = 0; traps && !rc && i < config_setting_length(traps); i++)
			rc = read_root(&r, config_setting_get_elem(traps, (unsigned)i));
	}
	config_destroy(&c);
	return rc;
}

static char *read_all(const char *path, struct bb_err *err)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t n;

	if (!f)
		return bb_err_null(err, "cannot read \"%s\"", path);
	text = bb_malloc(FILE_MAX_BYTES + 1);
	n = fread(text, 1, FILE_MAX_BYTES + 1, f);
	if (ferror(f) || n > FILE_MAX_BYTES || memchr(text, '\0', n)) {
		bb_err_set(err, "\"%s\" cannot be read, is longer than 1 MiB or holds zeros", path);
		free(text);
		text = NULL;
	} else {
		text[n] = '\0';
	}
	fclose(f);
	return text;
}

/* Two files that both mean something else by one trap: the later one counts, as with profiles. */
unsigned meanings_load(struct meanings *m, const char *folder)
{
	static const char *const kinds[] = { "profile", "traps" };
	unsigned refused = 0;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		char pattern[400];
		glob_t g = { 0 };

		snprintf(pattern, sizeof(pattern), "%s/*.%s", folder, kinds[k]);
		if (glob(pattern, 0, NULL, &g) == 0) {
			for (size_t i = 0; i < g.gl_pathc; i++) {
				struct bb_err err = { { 0 } };
				char *text = read_all(g.gl_pathv[i], &err);

				if (!text || meanings_add(m, g.gl_pathv[i], text, &err)) {
					bb_log(EV_PROFILE_REFUSED, BB_ERRTEXT(&err));
					refused++;
				}
				free(text);
			}
		}
		globfree(&g);
	}
	return refused;
}

size_t meanings_count(const struct meanings *m)
{
	return bb_table_count(m->by_name);
}

const struct meaning *meanings_find(const struct meanings *m, const uint32_t *id, size_t n)
{
	uint32_t name[ROOT_MAX + 1];
	size_t root = n ? n - 1 : 0;

	for (int zeros = 0; root && zeros <= ZEROS_MAX; zeros++) {
		if (root <= ROOT_MAX) {
			memcpy(name, id, root * sizeof(*id));
			name[root] = id[n - 1];
			const struct meaning *found =
				bb_table_get_n(m->by_name, name, (root + 1) * sizeof(*name));
			if (found)
				return found;
		}
		if (id[root - 1] != 0)
			return NULL;
		root--;
	}
	return NULL;
}
