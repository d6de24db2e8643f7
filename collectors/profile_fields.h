// SPDX-License-Identifier: Apache-2.0
/* Reading a profile file, inside profile_*.c only. Each group of the file is a table of keys (struct
 * profile_field), so that an unknown key, a wrong type and a value out of range are told apart by one
 * function and always carry file, line and reason. */
#pragma once
#include <libconfig.h>

#include "collectors/profile_priv.h"
#include "common/point.h"

struct profile_reader {
	struct profile_box *box;
	const char *file;
	struct bb_err *err;
	struct profile_oid root;
	bool repeats;           /* {i} in OIDs stands for this: */
	int64_t number;
};

enum field_type {
	F_STR,
	F_OID,
	F_REGEX,
	F_INT,
	F_NUM,
	F_BOOL,
	F_STRINGS,
	F_INTS,
	F_OIDS,
	F_STATUS,
	F_GROUP,
	F_NESTED,               /* a list or group that is read by its own function */
};
struct profile_field {
	const char *key;
	enum field_type type;
	size_t offset;          /* of the member that takes it */
	size_t count;           /* lists: offset of the element count, an unsigned */
	unsigned max;           /* lists: elements; F_INT: greatest value */
	bool needed;
};
#define AT(type, member) offsetof(struct type, member)

/* Always -1; the text becomes "file:line: ...". */
int profile_fail(struct profile_reader *r, const config_setting_t *s, const char *fmt, ...)
	BB_PRINTF(3, 4);
const char *profile_keep(struct profile_reader *r, const char *s);
/* A group of the file into the struct at `base`. `what` names it in messages. */
int profile_read_group(struct profile_reader *r, const config_setting_t *g,
	const struct profile_field *fields, void *base, const char *what);
/* A list of groups; *n receives the number. Returns the memory, or NULL with *n = -1 on errors. */
void *profile_read_groups(struct profile_reader *r, const config_setting_t *parent, const char *key,
	const struct profile_field *fields, size_t size, int max, int *n);
unsigned profile_line_of(const config_setting_t *parent, const char *key, int i);
/* What the registry says about a name of the file, {i} replaced as the first row would be. */
const struct bb_point *profile_registry_point(const char *name);

/* profile_rows.c */
int profile_read_only(struct profile_reader *r, const config_setting_t *g, const char *key,
	const struct profile_only **out, unsigned *n_out);
int profile_read_unit_lists(struct profile_reader *r, const config_setting_t *root);
int profile_read_tables(struct profile_reader *r, const config_setting_t *root);
/* May both be in one profile under the same name? */
int profile_check_twin(struct profile_reader *r, const config_setting_t *g, const struct profile_point *p,
	const struct profile_point *twin);
/* 1: the point is written down once for the numbers range[0] to range[1]; 0: it is one; -1: error. */
int profile_repeat(struct profile_reader *r, const config_setting_t *g, int64_t range[2]);
/* {i} replaced. */
const char *profile_put_number(struct profile_reader *r, const char *text, int64_t number);

/* profile_extra.c */
int profile_read_alarms(struct profile_reader *r, const config_setting_t *root);
int profile_read_derived(struct profile_reader *r, const config_setting_t *root);
int profile_read_quirks(struct profile_reader *r, const config_setting_t *root);

/* profile_commands.c */
int profile_read_commands(struct profile_reader *r, const config_setting_t *root);
