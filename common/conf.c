// SPDX-License-Identifier: Apache-2.0
#include "common/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"

enum { FILE_MAX_BYTES = 1 << 20 };

/* What every daemon finds in "common", whether its schema has it or not. */
static const char *const common_keys[] = { "database", NULL };
/* The groups a file may hold. A misspelt group would otherwise be a setting that silently does
 * nothing. */
// clang-format off
static const char *const groups[] = {
	"common", "alarmd", "busd", "historyd", "notifyd", "shutdownd", "webd", "busbarctl", NULL,
};
// clang-format on

static bool is_listed(const char *const *list, const char *name)
{
	for (; *list; list++) {
		if (strcmp(*list, name) == 0)
			return true;
	}
	return false;
}

static const struct bb_conf_item *item_find(const struct bb_conf_item *schema, const char *key)
{
	for (; schema->key; schema++) {
		if (strcmp(schema->key, key) == 0)
			return schema;
	}
	return NULL;
}

/* ---- setting a field ---- */

static int set_str(const struct bb_conf_item *item, void *settings, const char *text,
	struct bb_err *err)
{
	char **field = (char **)((char *)settings + item->offset);
	size_t n = strlen(text);

	if ((int64_t)n < item->min || (int64_t)n > item->max)
		return bb_err_set(err, "%s has %zu bytes, but must have %" PRId64 " to %" PRId64,
			item->key, n, item->min, item->max);
	free(*field);
	*field = bb_strdup(text);
	return 0;
}

static int set_int(const struct bb_conf_item *item, void *settings, int64_t v, struct bb_err *err)
{
	if (v < item->min || v > item->max)
		return bb_err_set(err,
			"%s is %" PRId64 ", but must be %" PRId64 " to %" PRId64 "%s%s", item->key,
			v, item->min, item->max, *item->unit ? " " : "", item->unit);
	*(int64_t *)((char *)settings + item->offset) = v;
	return 0;
}

static void set_bool(const struct bb_conf_item *item, void *settings, bool v)
{
	*(bool *)((char *)settings + item->offset) = v;
}

/* A fallback that does not fit its own schema is our bug. */
static void set_fallback(const struct bb_conf_item *item, void *settings)
{
	char *end = NULL;

	switch (item->type) {
	case BB_CONF_STR: bb_assert(set_str(item, settings, item->fallback, NULL) == 0); break;
	case BB_CONF_INT:
		bb_assert(set_int(item, settings, strtoll(item->fallback, &end, 10), NULL) == 0 &&
			  !*end);
		break;
	case BB_CONF_BOOL:
		bb_assert(strcmp(item->fallback, "true") == 0 ||
			  strcmp(item->fallback, "false") == 0);
		set_bool(item, settings, strcmp(item->fallback, "true") == 0);
		break;
	}
}

static int set_from(const struct bb_conf_item *item, void *settings, const config_setting_t *s,
	struct bb_err *err)
{
	int type = config_setting_type(s);

	switch (item->type) {
	case BB_CONF_STR:
		if (type != CONFIG_TYPE_STRING)
			return bb_err_set(err, "%s must be a text in quotes", item->key);
		return set_str(item, settings, config_setting_get_string(s), err);
	case BB_CONF_INT:
		if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
			return bb_err_set(err, "%s must be a whole number", item->key);
		return set_int(item, settings, config_setting_get_int64(s), err);
	case BB_CONF_BOOL:
		if (type != CONFIG_TYPE_BOOL)
			return bb_err_set(err, "%s must be true or false", item->key);
		set_bool(item, settings, config_setting_get_bool(s));
		return 0;
	}
	return 0;
}

/* ---- reading the file ---- */

static int at_line(struct bb_err *err, const char *file, const config_setting_t *s)
{
	const char *source = config_setting_source_file(s);

	return bb_err_prefix(err, "%s:%u", source ? source : file,
		(unsigned)config_setting_source_line(s));
}

static int group_apply(const char *file, const config_setting_t *group, bool is_common,
	const struct bb_conf_item *schema, void *settings, struct bb_err *err)
{
	const char *name = config_setting_name(group);

	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const struct bb_conf_item *item = item_find(schema, config_setting_name(s));

		if (!item && is_common && is_listed(common_keys, config_setting_name(s)))
			continue;
		if (!item) {
			bb_err_set(err,
				"unknown key \"%s\" in group \"%s\"; --print-config shows the known ones",
				config_setting_name(s), name);
			return at_line(err, file, s);
		}
		if (set_from(item, settings, s, err) < 0)
			return at_line(err, file, s);
	}
	return 0;
}

static int groups_check(const char *file, const config_t *c, struct bb_err *err)
{
	const config_setting_t *root = config_root_setting(c);

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(s);

		if (!is_listed(groups, name) &&
			strncmp(name, "collect-", strlen("collect-")) != 0) {
			bb_err_set(err,
				"unknown group \"%s\"; groups are \"common\" and the names of the daemons",
				name);
			return at_line(err, file, s);
		}
		if (!config_setting_is_group(s)) {
			bb_err_set(err, "\"%s\" must be a group: %s = { ... };", name, name);
			return at_line(err, file, s);
		}
	}
	return 0;
}

static int config_apply(const char *file, const config_t *c, const char *daemon,
	const struct bb_conf_item *schema, void *settings, struct bb_err *err)
{
	const char *const in_order[] = { "common", daemon };

	if (groups_check(file, c, err) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		const config_setting_t *g =
			config_setting_get_member(config_root_setting(c), in_order[i]);

		if (g && group_apply(file, g, i == 0, schema, settings, err) < 0)
			return -1;
	}
	return 0;
}

/* The whole text, NUL-terminated, at most FILE_MAX_BYTES. libconfig must not read the file itself:
 * its scanner exits the process when a read fails, e.g. on a folder. Returns 1, 0 when there is no
 * file, or -1. */
static int text_read(const char *file, struct bb_buf *text, struct bb_err *err)
{
	int rc = -1;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char part[4096];
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return bb_err_errno(err, "cannot open \"%s\"", file);
	while ((n = read(fd, part, sizeof(part))) > 0) {
		bb_buf_add(text, part, (size_t)n);
		if (text->len > FILE_MAX_BYTES) {
			bb_err_set(err, "\"%s\" is larger than %d bytes", file, FILE_MAX_BYTES);
			goto out;
		}
	}
	if (n < 0) {
		bb_err_errno(err, "cannot read \"%s\"", file);
		goto out;
	}
	if (text->len > 0 && memchr(text->data, '\0', text->len)) {
		bb_err_set(err, "\"%s\" holds a zero byte and is no text", file);
		goto out;
	}
	rc = 1;
out:
	close(fd);
	return rc;
}

static int config_read_text(config_t *c, const char *file, const char *text, struct bb_err *err)
{
	const char *source;

	if (config_read_string(c, text) == CONFIG_TRUE)
		return 0;
	source = config_error_file(c);
	return bb_err_set(err, "%s:%d: %s", source ? source : file, config_error_line(c),
		config_error_text(c));
}

int bb_conf_load(const char *file, const char *daemon, const struct bb_conf_item *schema,
	void *settings, struct bb_err *err)
{
	struct bb_buf text = { 0 };
	config_t config;
	int rc;

	for (const struct bb_conf_item *item = schema; item->key; item++)
		set_fallback(item, settings);
	rc = text_read(file, &text, err);
	if (rc > 0) {
		config_init(&config);
		rc = config_read_text(&config, file, text.len ? text.data : "", err);
		if (rc == 0)
			rc = config_apply(file, &config, daemon, schema, settings, err);
		config_destroy(&config);
	}
	bb_buf_fini(&text);
	if (rc < 0)
		bb_conf_free(schema, settings);
	return rc;
}

void bb_conf_free(const struct bb_conf_item *schema, void *settings)
{
	for (; schema->key; schema++) {
		char **field = (char **)((char *)settings + schema->offset);

		if (schema->type != BB_CONF_STR)
			continue;
		free(*field);
		*field = NULL;
	}
}

/* ---- printing ---- */

static void print_quoted(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_value(const struct bb_conf_item *item, const void *settings)
{
	const void *field = (const char *)settings + item->offset;

	switch (item->type) {
	case BB_CONF_STR: print_quoted(*(char *const *)field); break;
	case BB_CONF_INT: {
		int64_t v = *(const int64_t *)field;

		/* libconfig reads numbers of more than 32 bits only with this mark. */
		printf("%" PRId64 "%s", v, v < INT32_MIN || v > INT32_MAX ? "L" : "");
		break;
	}
	case BB_CONF_BOOL: printf("%s", *(const bool *)field ? "true" : "false"); break;
	}
}

void bb_conf_print(const char *daemon, const struct bb_conf_item *schema, const void *settings)
{
	printf("%s = {\n", daemon);
	for (; schema->key; schema++) {
		printf("\t# %s", schema->help);
		if (schema->type == BB_CONF_INT)
			printf(" (%" PRId64 " to %" PRId64 "%s%s)", schema->min, schema->max,
				*schema->unit ? " " : "", schema->unit);
		printf("\n\t%s = ", schema->key);
		print_value(schema, settings);
		printf(";\n");
	}
	printf("};\n");
}
