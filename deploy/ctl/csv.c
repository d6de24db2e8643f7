// SPDX-License-Identifier: Apache-2.0
#include "deploy/ctl/csv.h"

#include <string.h>

#include "common/str.h"

void csv_init(struct csv *c, const char *data, size_t len)
{
	*c = (struct csv){ .at = data, .end = data + len };
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		c->at += 3;
}

/* The next line without its end; NULL when there is none. */
static const char *take_line(struct csv *c, size_t *len)
{
	const char *start = c->at, *nl;

	if (start >= c->end)
		return NULL;
	nl = memchr(start, '\n', (size_t)(c->end - start));
	*len = (size_t)((nl ? nl : c->end) - start);
	c->at = nl ? nl + 1 : c->end;
	c->line++;
	if (*len > 0 && start[*len - 1] == '\r')
		(*len)--;
	return start;
}

/* Unquote in place: `in` stands behind the opening quote; returns what follows the closing one,
 * or NULL. */
static char *unquote(char *in, char *out)
{
	for (;;) {
		if (*in == '\0')
			return NULL;
		if (*in == '"') {
			if (in[1] != '"')
				break;
			in++;
		}
		*out++ = *in++;
	}
	*out = '\0';
	return in + 1;
}

static int split(struct csv_row *row, struct bb_err *err)
{
	char *p = row->text;

	for (;;) {
		char *after;

		if (row->n == CSV_FIELDS)
			return bb_err_set(err, "more than %d columns", CSV_FIELDS);
		row->field[row->n++] = p;
		if (*p == '"') {
			after = unquote(p + 1, p);
			if (!after)
				return bb_err_set(err, "a quote is not closed");
			if (*after != ',' && *after != '\0')
				return bb_err_set(err, "text follows a closing quote");
		} else {
			after = p + strcspn(p, ",");
		}
		if (*after == '\0')
			return 1;
		*after = '\0';
		p = after + 1;
	}
}

int csv_next(struct csv *c, struct csv_row *row, struct bb_err *err)
{
	const char *line;
	size_t len;

	do {
		line = take_line(c, &len);
		if (!line)
			return 0;
	} while (len == 0 || line[0] == '#');
	row->line = c->line;
	row->n = 0;
	if (len >= sizeof(row->text))
		return bb_err_set(err, "the line has more than %d bytes", CSV_LINE - 1);
	if (memchr(line, '\0', len) || !bb_utf8_valid(line, len))
		return bb_err_set(err, "the line is not UTF-8 text");
	memcpy(row->text, line, len);
	row->text[len] = '\0';
	return split(row, err);
}
