// SPDX-License-Identifier: Apache-2.0
#include "collectors/profile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/profile_priv.h"
#include "common/log.h"
#include "common/str.h"

#define FILE_MAX_BYTES (1 << 20)

struct profile_set {
	struct profile_box **box;
	size_t n;
};

/* ---- OIDs, versions ---- */

int profile_oid_parse(const char *text, struct profile_oid *o)
{
	*o = (struct profile_oid){ 0 };
	if (*text == '.')
		text++;
	while (*text) {
		uint64_t v = 0;
		unsigned digits = 0;

		for (; *text >= '0' && *text <= '9' && digits < 11; digits++)
			v = v * 10 + (unsigned)(*text++ - '0');
		if (!digits || v > UINT32_MAX || o->n == PROFILE_OID_MAX || (*text && *text != '.'))
			return -1;
		o->id[o->n++] = (uint32_t)v;
		if (*text == '.' && !*++text)
			return -1;
	}
	return o->n ? 0 : -1;
}

char *profile_oid_print(const struct profile_oid *o, char *buf, size_t cap)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < o->n && at < cap; i++)
		at += (size_t)snprintf(buf + at, cap - at, "%s%u", i ? "." : "", o->id[i]);
	return buf;
}

bool profile_oid_within(const struct profile_oid *o, const struct profile_oid *root)
{
	return o->n >= root->n && !memcmp(o->id, root->id, root->n * sizeof(o->id[0]));
}

int profile_oid_compare(const struct profile_oid *a, const struct profile_oid *b)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++) {
		if (a->id[i] != b->id[i])
			return a->id[i] < b->id[i] ? -1 : 1;
	}
	return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

static unsigned long version_part(const char **s)
{
	char *end;

	while (**s && (**s < '0' || **s > '9'))
		(*s)++;
	unsigned long v = strtoul(*s, &end, 10);
	*s = end;
	return v;
}

int profile_version_compare(const char *a, const char *b)
{
	while (*a || *b) {
		unsigned long x = version_part(&a), y = version_part(&b);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

bool profile_name_of_row(char *out, size_t cap, const char *name, unsigned row)
{
	static const char *const pair[] = { "L1-L2", "L2-L3", "L3-L1" };
	const char *mark = strstr(name, "{ll}");

	if (mark) {
		return row >= 1 && row <= 3 &&
		       snprintf(out, cap, "%.*s%s%s", (int)(mark - name), name, pair[row - 1],
			       mark + 4) < (int)cap;
	}
	mark = strstr(name, "{i}");
	if (mark)
		return snprintf(out, cap, "%.*s%u%s", (int)(mark - name), name, row, mark + 3) <
		       (int)cap;
	return snprintf(out, cap, "%s", name) < (int)cap;
}

const struct profile_value *profile_map_find(const struct profile_map *m, int64_t value)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (!m->value[i].match && m->value[i].value == value)
			return &m->value[i];
	}
	return NULL;
}

const struct profile_value *profile_map_match(const struct profile_map *m, const char *text)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (m->value[i].match && !regexec(m->value[i].match, text, 0, NULL, 0))
			return &m->value[i];
	}
	return NULL;
}

/* ---- sets ---- */

struct profile_set *profile_set_new(void)
{
	return bb_calloc(1, sizeof(struct profile_set));
}

void profile_set_free(struct profile_set *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		profile_box_free(s->box[i]);
	free(s->box);
	free(s);
}

size_t profile_count(const struct profile_set *s)
{
	return s->n;
}

const struct profile *profile_at(const struct profile_set *s, size_t i)
{
	return &s->box[i]->p;
}

const struct profile *profile_find(const struct profile_set *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->box[i]->p.name, name))
			return &s->box[i]->p;
	}
	return NULL;
}

int profile_set_add(struct profile_set *s, const char *file, const char *text, struct bb_err *err)
{
	struct profile_box *b = profile_box_read(file, text, err);

	if (!b)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->box[i]->p.name, b->p.name)) {
			profile_box_free(s->box[i]);
			s->box[i] = b;
			return 0;
		}
	}
	s->box = bb_realloc(s->box, (s->n + 1) * sizeof(struct profile_box *));
	s->box[s->n++] = b;
	return 0;
}

static char *read_all(const char *path, struct bb_err *err)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;

	if (!f)
		return bb_err_errno(err, "cannot open profile \"%s\"", path), NULL;
	text = bb_malloc(FILE_MAX_BYTES + 1);
	size_t n = fread(text, 1, FILE_MAX_BYTES + 1, f);
	bool failed = ferror(f) || n > FILE_MAX_BYTES || memchr(text, '\0', n);
	fclose(f);
	if (failed) {
		free(text);
		return bb_err_null(err,
			"profile \"%s\" cannot be read, is larger than 1 MiB or holds NUL bytes",
			path);
	}
	text[n] = '\0';
	return text;
}

static int load_file(struct profile_set *s, const char *path, struct bb_err *err)
{
	char *text = read_all(path, err);
	int rc = text ? profile_set_add(s, path, text, err) : -1;

	free(text);
	return rc;
}

static int is_profile(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > 8 && !strcmp(e->d_name + n - 8, ".profile");
}

unsigned profile_set_load(struct profile_set *s, const char *folder)
{
	struct dirent **list = NULL;
	unsigned refused = 0;
	int n = scandir(folder, &list, is_profile, alphasort);

	for (int i = 0; i < n; i++) {
		struct bb_err err = { { 0 } };
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
		if (load_file(s, path, &err)) {
			bb_log(EV_PROFILE_REFUSED, BB_ERRTEXT(&err));
			refused++;
		}
		free(list[i]);
	}
	free(list);
	return refused;
}

/* ---- bases ---- */

/* What the profile itself does not say, or the device does not hold as the profile says it, is filled
 * in from its base: points, derived values, quirks (for the base's points), alarms. */
static void find_namesakes(struct profile_box *b)
{
	struct profile *p = &b->p;

	p->first_of_name = bb_arena_alloc(b->arena, (p->n_points + 1) * sizeof(*p->first_of_name));
	p->has_others = bb_arena_alloc(b->arena, (p->n_points + 1) * sizeof(*p->has_others));
	for (unsigned i = 0; i < p->n_points; i++) {
		unsigned k = 0;

		while (strcmp(p->point[k]->name, p->point[i]->name))
			k++;
		p->first_of_name[i] = (uint16_t)k;
		p->has_others[i] = false;
		p->has_others[k] |= k != i;
	}
}

static void take_quirks(struct profile *p, const struct profile *base)
{
	for (unsigned i = 0; i < base->n_quirks && p->n_quirks < PROFILE_MAX_QUIRKS; i++) {
		p->quirk[p->n_quirks] = base->quirk[i];
		p->quirk_origin[p->n_quirks++] = base->quirk_origin[i];
	}
}

/* Two bases may have a base in common. */
static bool has_point(const struct profile *p, const struct profile_point *point)
{
	for (unsigned i = 0; i < p->n_points; i++)
		if (p->point[i] == point)
			return true;
	return false;
}

/* Two commands of one name may be there, for different rows: outlets and groups of them. A base's is taken where none is. */
static void take_commands(struct profile_box *b, const struct profile **base, unsigned n)
{
	struct profile *p = &b->p;
	unsigned most = b->n_own_commands;

	for (unsigned k = 0; k < n; k++)
		most += base[k]->n_commands;
	p->command = bb_arena_alloc(b->arena, (most + 1) * sizeof(*p->command));
	p->n_commands = 0;
	for (unsigned i = 0; i < b->n_own_commands; i++)
		p->command[p->n_commands++] = &b->own_command[i];
	for (unsigned k = 0; k < n; k++) {
		unsigned before = p->n_commands;

		for (unsigned i = 0; i < base[k]->n_commands; i++) {
			unsigned same = 0;

			while (same < before &&
				strcmp(p->command[same]->name, base[k]->command[i]->name))
				same++;
			if (same == before)
				p->command[p->n_commands++] = base[k]->command[i];
		}
	}
}

static void fill_in(struct profile_box *b, const struct profile **base, unsigned n)
{
	struct profile *p = &b->p;
	unsigned more = 0;

	for (unsigned k = 0; k < n; k++)
		more += base[k]->n_points;
	p->point = bb_arena_alloc(b->arena, (b->n_own + more + 1) * sizeof(*p->point));
	p->n_points = 0;
	for (unsigned i = 0; i < b->n_own; i++)
		p->point[p->n_points++] = &b->own[i];
	for (unsigned k = 0; k < n; k++) {
		for (unsigned i = 0; i < base[k]->n_points; i++)
			if (!has_point(p, base[k]->point[i]))
				p->point[p->n_points++] = base[k]->point[i];
	}
	find_namesakes(b);
	take_commands(b, base, n);
	more = b->n_own_quirks;
	for (unsigned k = 0; k < n; k++)
		more += base[k]->n_quirks;
	p->quirk = bb_arena_alloc(b->arena, (more + 1) * sizeof(*p->quirk));
	p->quirk_origin = bb_arena_alloc(b->arena, (more + 1) * sizeof(*p->quirk_origin));
	for (unsigned i = 0; i < b->n_own_quirks; i++) {
		p->quirk[i] = b->own_quirk[i];
		p->quirk_origin[i] = p;
	}
	p->n_quirks = b->n_own_quirks;
	for (unsigned k = 0; k < n; k++) {
		take_quirks(p, base[k]);
		if (!p->alarms.column.n)
			p->alarms = base[k]->alarms;
		if (!p->n_derived) {
			p->derived = base[k]->derived;
			p->n_derived = base[k]->n_derived;
		}
	}
}

static struct profile_box *box_find(struct profile_set *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->box[i]->p.name, name))
			return s->box[i];
	}
	return NULL;
}

static int link_one(struct profile_set *s, struct profile_box *b, unsigned depth,
	struct bb_err *err)
{
	const struct profile *base[1 + PROFILE_MAX_ALSO] = { NULL };
	struct profile_box *common = box_find(s, PROFILE_COMMON);
	unsigned n = 0;

	if (b->p.point)
		return 0;
	for (unsigned i = 0; i < 1 + b->p.n_also; i++) {
		const char *name = i ? b->p.also[i - 1] : b->p.base_name;
		struct profile_box *other = name ? box_find(s, name) : NULL;

		if (!name)
			continue;
		if (!other || depth > 4)
			return bb_err_set(err, "%s: base profile \"%s\" %s", b->p.file, name,
				other ? "leads back here" : "is not there");
		if (link_one(s, other, depth + 1, err))
			return -1;
		base[n++] = &other->p;
	}
	if (!n && common && common != b && !strcmp(b->p.transport, common->p.transport)) {
		if (link_one(s, common, depth + 1, err))
			return -1;
		base[n++] = &common->p;
	}
	b->p.base = b->p.base_name ? base[0] : NULL;
	fill_in(b, base, n);
	return 0;
}

unsigned profile_set_link(struct profile_set *s)
{
	unsigned refused = 0;

	for (size_t i = 0; i < s->n;) {
		struct bb_err err = { { 0 } };

		if (!link_one(s, s->box[i], 0, &err)) {
			i++;
			continue;
		}
		bb_log(EV_PROFILE_REFUSED, BB_ERRTEXT(&err));
		refused++;
		/* Nothing can refer to it: whoever needs it as a base fails the same way. */
		profile_box_free(s->box[i]);
		memmove(&s->box[i], &s->box[i + 1], (--s->n - i) * sizeof(struct profile_box *));
	}
	return refused;
}
