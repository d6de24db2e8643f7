// SPDX-License-Identifier: Apache-2.0
#include "deploy/ctl/recording.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/table.h"

void recording_read(struct recording *r, char *text)
{
	size_t cap = 0;
	char *rest = text, *line;

	*r = (struct recording){ .text = text };
	while ((line = strsep(&rest, "\n"))) {
		char *tag = strchr(line, '|'), *value = tag ? strchr(tag + 1, '|') : NULL;

		if (!value || !isdigit((unsigned char)*line))
			continue;
		*tag++ = *value++ = '\0';
		value[strcspn(value, "\r")] = '\0';
		if (r->n == cap)
			r->line =
				bb_realloc(r->line, (cap = cap ? 2 * cap : 256) * sizeof(*r->line));
		r->line[r->n++] = (struct rec_line){ line, tag, value };
	}
}

void recording_fini(struct recording *r)
{
	free(r->line);
	free(r->text);
}

const char *recording_get(const struct recording *r, const char *oid)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->line[i].oid, oid) == 0)
			return r->line[i].value;
	return NULL;
}

/* ---- sanitising ---- */

/* Left out altogether: addresses, routes, connections, users, communities, where traps go. What a UPS measures is nowhere here. */
static const char *const private_trees[] = { "1.3.6.1.2.1.3.", "1.3.6.1.2.1.4.", "1.3.6.1.2.1.5.",
	"1.3.6.1.2.1.6.", "1.3.6.1.2.1.7.", "1.3.6.1.2.1.11.", "1.3.6.1.2.1.25.4.",
	"1.3.6.1.2.1.25.6.", "1.3.6.1.6.3." };

struct word {
	const char *from;
	char to[24];
};
#define WORDS_MAX 8

struct cleaner {
	struct word word[WORDS_MAX];
	unsigned n_words;
	struct bb_table *address; /* text -> number + 1 */
};

static void add_word(struct cleaner *c, const char *from, const char *to)
{
	/* Two letters would be found in words that mean something. */
	if (!from || strlen(from) < 3 || c->n_words == WORDS_MAX)
		return;
	c->word[c->n_words].from = from;
	bb_copy(c->word[c->n_words++].to, sizeof(c->word[0].to), to);
}

static size_t number_of(struct cleaner *c, const char *text)
{
	void *known = bb_table_get(c->address, text);

	if (!known) {
		known = (void *)(bb_table_count(c->address) + 1);
		bb_table_put(c->address, text, known);
	}
	return (size_t)known;
}

/* Length of an IPv4 address, a MAC address with colons or dashes, or an e-mail address that begins here; 0: none. */
static size_t address_here(const char *s, char *kind)
{
	char buf[20];
	struct in_addr in;
	size_t n = strspn(s, "0123456789."), k = 0, at;

	if (n >= 7 && n <= 15) {
		bb_copy(buf, sizeof(buf), s);
		buf[n] = '\0';
		*kind = 'i';
		if (inet_pton(AF_INET, buf, &in) == 1)
			return n;
	}
	while (k < 17 && (k % 3 == 2 ? s[k] == ':' || s[k] == '-' : isxdigit((unsigned char)s[k])))
		k++;
	*kind = 'm';
	if (k == 17)
		return k;
	at = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-");
	*kind = 'e';
	if (at > 0 && s[at] == '@') {
		size_t host = strspn(s + at + 1,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

		return host ? at + 1 + host : 0;
	}
	return 0;
}

static void clean_address(struct cleaner *c, char kind, const char *s, size_t n, struct bb_buf *out)
{
	char text[260];

	snprintf(text, sizeof(text), "%.*s", (int)(n < 250 ? n : 250), s);
	if (kind == 'i' && (strcmp(text, "0.0.0.0") == 0 || strncmp(text, "255.", 4) == 0 ||
				   strncmp(text, "127.", 4) == 0)) {
		bb_buf_str(out, text);
		return;
	}
	size_t k = number_of(c, text);
	if (kind == 'i')
		bb_buf_printf(out, "192.0.2.%zu", k % 255);
	else if (kind == 'm')
		bb_buf_printf(out, "02:00:00:00:%02zx:%02zx", k >> 8 & 255, k & 255);
	else
		bb_buf_printf(out, "somebody-%zu@example.org", k);
}

static void clean_text(struct cleaner *c, const char *s, struct bb_buf *out)
{
	const char *before = "";

	while (*s) {
		size_t n = 0;
		char kind;

		for (unsigned i = 0; i < c->n_words && !n; i++)
			if (strncmp(s, c->word[i].from, strlen(c->word[i].from)) == 0) {
				n = strlen(c->word[i].from);
				bb_buf_str(out, c->word[i].to);
			}
		if (!n && !(*before && (isalnum((unsigned char)*before) || *before == '.'))) {
			n = address_here(s, &kind);
			if (n)
				clean_address(c, kind, s, n, out);
		}
		if (!n)
			bb_buf_add(out, s, n = 1);
		before = s + n - 1;
		s += n;
	}
}

/* Six bytes in a column of hardware addresses. */
static bool is_hardware_address(const struct rec_line *l)
{
	return strncmp(l->oid, "1.3.6.1.2.1.2.2.1.6.", 20) == 0;
}

static void clean_line(struct cleaner *c, const struct rec_line *l, struct bb_buf *out)
{
	char *text = NULL;

	bb_buf_printf(out, "%s|", l->oid);
	if (is_hardware_address(l) && *l->value) {
		size_t k = number_of(c, l->value);

		bb_buf_printf(out, "4x|02000000%02zx%02zx\n", k >> 8 & 255, k & 255);
		return;
	}
	if (strcmp(l->tag, "4x") == 0 && strlen(l->value) > 1) {
		/* Text in hexadecimal is text all the same, where nothing in it says otherwise. */
		size_t n = strlen(l->value) / 2;
		bool is_text = true;

		text = bb_calloc(n + 1, 1);
		if (bb_unhex(text, n, l->value) < 0)
			is_text = false;
		for (size_t i = 0; i < n; i++)
			is_text &= text[i] == '\r' || text[i] == '\n' || text[i] == '|' ||
				   (text[i] >= ' ' && text[i] < 0x7f);
		if (is_text) {
			struct bb_buf clean = { 0 };

			clean_text(c, text, &clean);
			char *hex = bb_calloc(2 * clean.len + 1, 1);
			bb_hex(hex, clean.data, clean.len);
			bb_buf_printf(out, "4x|%s\n", hex);
			bb_buf_fini(&clean);
			free(hex);
			free(text);
			return;
		}
		free(text);
	}
	bb_buf_printf(out, "%s|", l->tag);
	if (strcmp(l->tag, "4") == 0 || strcmp(l->tag, "64") == 0)
		clean_text(c, l->value, out);
	else
		bb_buf_str(out, l->value);
	bb_buf_str(out, "\n");
}

void recording_sanitise(const struct recording *r, const char *serial, struct bb_buf *out)
{
	struct cleaner c = { .address = bb_table_new() };

	add_word(&c, serial, "SERIAL-1");
	add_word(&c, recording_get(r, "1.3.6.1.2.1.1.5.0"), "name-1");
	add_word(&c, recording_get(r, "1.3.6.1.2.1.1.4.0"), "contact-1");
	add_word(&c, recording_get(r, "1.3.6.1.2.1.1.6.0"), "location-1");
	for (size_t i = 0; i < r->n; i++) {
		bool is_private = false;

		for (size_t k = 0; k < sizeof(private_trees) / sizeof(private_trees[0]); k++)
			is_private |= strncmp(r->line[i].oid, private_trees[k],
					      strlen(private_trees[k])) == 0;
		if (!is_private)
			clean_line(&c, &r->line[i], out);
	}
	bb_table_free(c.address, NULL);
}

/* ---- a draft ---- */

/* Where the maker's own objects lie: 1.3.6.1.4.1.N, of the sysObjectID, or of the first that are there. */
static void root_of(const struct recording *r, char *out, size_t cap)
{
	static const char enterprises[] = "1.3.6.1.4.1.";
	const char *id = recording_get(r, "1.3.6.1.2.1.1.2.0");
	size_t n = sizeof(enterprises) - 1;

	for (size_t i = 0; i < r->n && (!id || strncmp(id, enterprises, n) != 0); i++)
		if (strncmp(r->line[i].oid, enterprises, n) == 0)
			id = r->line[i].oid;
	if (!id || strncmp(id, enterprises, n) != 0)
		id = "1.3.6.1.2.1.33";
	bb_copy(out, cap, id);
	n = strncmp(id, enterprises, n) == 0 ? n + strcspn(out + n, ".") : strlen(out);
	out[n] = '\0';
	/* net-snmp's number is that of the agent; what it shows lies elsewhere. */
	for (size_t i = 0; i < r->n; i++)
		if (strncmp(r->line[i].oid, out, n) == 0 && r->line[i].oid[n] == '.')
			return;
	for (size_t i = 0; i < r->n; i++)
		if (strncmp(r->line[i].oid, enterprises, sizeof(enterprises) - 1) == 0) {
			bb_copy(out, cap, r->line[i].oid);
			out[sizeof(enterprises) - 1 + strcspn(out + sizeof(enterprises) - 1, ".")] =
				'\0';
			return;
		}
}

/* For a string of the file. */
static void quote(const char *s, struct bb_buf *out)
{
	for (; *s && *s != '\r' && *s != '\n'; s++)
		bb_buf_printf(out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
}

/* What a number may be. A guess for a person to judge, from what mains, batteries and rooms usually have. */
static const char *guess(const char *text)
{
	static const struct {
		double from, to;
		const char *what;
	} ranges[] = {
		{ 2100, 2500, "a voltage of 230 V in tenths?" },
		{ 1100, 1270, "a voltage of 120 V in tenths?" },
		{ 495, 505, "50 Hz in tenths?" },
		{ 595, 605, "60 Hz in tenths?" },
		{ 210, 250, "230 V?" },
		{ 110, 127, "120 V?" },
		{ 49, 51, "50 Hz?" },
		{ 59, 61, "60 Hz?" },
		{ 100, 100, "100 %, a charge?" },
		{ 15, 45, "degrees, minutes or a load?" },
	};
	char *end;
	double v = strtod(text, &end);

	for (size_t i = 0; end != text && i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (v >= ranges[i].from && v <= ranges[i].to)
			return ranges[i].what;
	return "";
}

static void draft_point(const struct rec_line *l, const char *root, struct bb_buf *out)
{
	const char *what = *l->tag == '4' ? "" : guess(l->value);

	bb_buf_printf(out, "\t# { point = \"\"; oid = \"%s\"; group = \"measure\"; },\t# %s\"",
		l->oid + strlen(root) + 1, *l->tag == '4' ? "text " : "");
	for (const char *s = l->value; *s && s < l->value + 60; s++)
		bb_buf_printf(out, "%c", isprint((unsigned char)*s) ? *s : '?');
	bb_buf_printf(out, "\"%s%s\n", *what ? "  " : "", what);
}

void recording_draft(const struct recording *r, struct bb_buf *out)
{
	const char *id = recording_get(r, "1.3.6.1.2.1.1.2.0"),
		   *descr = recording_get(r, "1.3.6.1.2.1.1.1.0");
	char root[120];
	bool has_mib = false;
	size_t n;

	root_of(r, root, sizeof(root));
	n = strlen(root);
	for (size_t i = 0; i < r->n; i++)
		has_mib |= strncmp(r->line[i].oid, "1.3.6.1.2.1.33.", 15) == 0;
	bb_buf_printf(out,
		"# SPDX-License-Identifier: Apache-2.0\n# Draft from a recording. Give it a name, keep the lines you know, fill in points of docs/points.md, delete the rest.\n"
		"name = \"draft\";\ntitle = \"");
	quote(descr ? descr : "", out);
	bb_buf_printf(out, "\";\ntransport = \"snmp\";\nsource = \"a recording\";\n");
	bb_buf_str(out,
		has_mib ? "base = \"rfc1628\";\t# it holds objects of the standard UPS-MIB as well\n"
			: "base = \"system\";\t# description, name and uptime, as every card has them\n");
	bb_buf_printf(out,
		"root = \".%s\";\n\ndetect = ( { sysobjectid = \".%s\"; } );\n\npoints = (\n", root,
		id ? id : root);
	for (size_t i = 0; i < r->n; i++)
		if (strncmp(r->line[i].oid, root, n) == 0 && r->line[i].oid[n] == '.')
			draft_point(&r->line[i], root, out);
	bb_buf_str(out, ");\n");
}
