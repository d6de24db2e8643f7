// SPDX-License-Identifier: Apache-2.0
#include "webd/list.h"

#include <sodium.h>
#include <string.h>

#include "common/str.h"

static bool is_one_of(const char *name, const char *const *allowed)
{
	for (; *allowed; allowed++)
		if (strcmp(*allowed, name) == 0)
			return true;
	return false;
}

static int parse_values(struct list_term *t, char *values, struct bb_err *err)
{
	for (char *v = values; v;) {
		char *comma = strchr(v, ',');

		if (comma)
			*comma++ = '\0';
		if (t->n_values == LIST_VALUES)
			return bb_err_set(err, "filter \"%s\" has more than %d values", t->name,
				LIST_VALUES);
		t->value[t->n_values++] = v;
		v = comma;
	}
	return 0;
}

static int parse_term(struct list *l, char *term, const char *const *allowed, struct bb_err *err)
{
	char *colon = strchr(term, ':');
	struct list_term *t = &l->term[l->n_terms];

	if (!colon)
		return bb_err_set(err, "filter \"%s\" has no value", term);
	*colon = '\0';
	if (!is_one_of(term, allowed))
		return bb_err_set(err, "there is no filter \"%s\" here", term);
	if (list_term(l, term))
		return bb_err_set(err, "filter \"%s\" is given twice", term);
	if (l->n_terms == LIST_TERMS)
		return bb_err_set(err, "there are more than %d filters", LIST_TERMS);
	*t = (struct list_term){ .name = term };
	l->n_terms++;
	return parse_values(t, colon + 1, err);
}

int list_parse_filter(struct list *l, const char *filter, const char *const *allowed,
	struct bb_err *err)
{
	l->n_terms = 0;
	if (!bb_copy(l->text, sizeof(l->text), filter))
		return bb_err_set(err, "the filter is too long");
	for (char *p = l->text; p && *p;) {
		char *end = strchr(p, ';');

		if (end)
			*end++ = '\0';
		if (*p && parse_term(l, p, allowed, err) != 0)
			return -1;
		p = end;
	}
	return 0;
}

const struct list_term *list_term(const struct list *l, const char *name)
{
	for (size_t i = 0; i < l->n_terms; i++)
		if (strcmp(l->term[i].name, name) == 0)
			return &l->term[i];
	return NULL;
}

bool list_matches(const struct list *l, const char *name, const char *value)
{
	const struct list_term *t = list_term(l, name);

	for (size_t i = 0; t && i < t->n_values; i++)
		if (strcmp(t->value[i], value) == 0)
			return true;
	return !t;
}

/* ---- cursors ---- */

/* Parts are separated by 0x1f, which no key, id or time holds. */
#define SEPARATOR '\x1f'

void list_cursor_make(char *out, size_t cap, const char *sort, const char *const *part, size_t n)
{
	struct bb_buf b = { 0 };

	bb_buf_str(&b, sort);
	for (size_t i = 0; i < n; i++) {
		bb_buf_add(&b, "\x1f", 1);
		bb_buf_str(&b, part[i]);
	}
	out[0] = '\0';
	if (sodium_base64_ENCODED_LEN(b.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <= cap)
		sodium_bin2base64(out, cap, (const unsigned char *)b.data, b.len,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	bb_buf_fini(&b);
}

int list_cursor_parse(struct list *l, const char *cursor, struct bb_err *err)
{
	size_t len;
	char *p, *sort = l->cursor_text;

	l->n_cursor = 0;
	if (sodium_base642bin((unsigned char *)l->cursor_text, sizeof(l->cursor_text) - 1, cursor,
		    strlen(cursor), NULL, &len, NULL,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return bb_err_set(err, "the cursor is not one of ours");
	l->cursor_text[len] = '\0';
	if (strlen(l->cursor_text) != len || !bb_utf8_valid(l->cursor_text, len))
		return bb_err_set(err, "the cursor is not one of ours");
	for (p = strchr(sort, SEPARATOR); p; p = strchr(p, SEPARATOR)) {
		*p++ = '\0';
		if (l->n_cursor == LIST_CURSOR_PARTS)
			return bb_err_set(err, "the cursor is not one of ours");
		l->cursor[l->n_cursor++] = p;
	}
	if (l->n_cursor == 0 || strcmp(sort, l->sort) != 0)
		return bb_err_set(err, "the cursor belongs to another order");
	return 0;
}
