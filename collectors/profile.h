// SPDX-License-Identifier: Apache-2.0
/* Device knowledge as data: one libconfig file per device family (profiles/README.md describes the
 * format). Files are read at start; one that does not validate is refused as a whole with
 * "file:line: reason", the others are used. Everything here is read-only after profile_set_load().
 * Points are checked against common/point.def: name, kind and unit. */
#pragma once
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define PROFILE_OID_MAX 32
#define PROFILE_MAX_POINTS 400
#define PROFILE_MAX_QUIRKS 64
#define PROFILE_MAX_CELLS 1000          /* rows of a table of battery blocks */
#define PROFILE_MAX_ALSO 4
#define PROFILE_MAX_ROWS 4096           /* of one table */
#define PROFILE_USUAL_ROWS 128          /* are walked where the table does not say that there are more */
#define PROFILE_MAX_LINES 128           /* lines a derived value is made of */
#define PROFILE_MAX_PARTS 6             /* numbers of a row's index */
#define PROFILE_MAX_ONLY 6
#define MAP_MAX_VALUES 200

struct profile_oid {
	uint8_t n;                      /* 0: none */
	uint32_t id[PROFILE_OID_MAX];
};
/* "1.3.6.1" or ".1.3.6.1". Returns 0 or -1. */
int profile_oid_parse(const char *text, struct profile_oid *o);
char *profile_oid_print(const struct profile_oid *o, char *buf, size_t cap);
bool profile_oid_within(const struct profile_oid *o, const struct profile_oid *root);      /* root itself counts */
int profile_oid_compare(const struct profile_oid *a, const struct profile_oid *b);
#define PROFILE_OID_TEXT 360

/* Enumeration or, in a point with `bits`, names of bits. */
struct profile_value {
	int64_t value;
	regex_t *match;                 /* NULL: the number counts; else texts that match */
	const char *text;
	const char *flag;               /* flag point that is true while this value stands: "alarm.fan.failed"; NULL: none */
	unsigned status;                /* bb_status words this value means */
};
struct profile_map {
	const char *name;
	unsigned n;
	bool has_flags;
	const struct profile_value *value;
};

/* Text in a unit column -> what to do with the number beside it. */
struct profile_unit {
	const char *text;
	double scale, offset;
};
struct profile_units {
	const char *name;
	unsigned n;
	const struct profile_unit *unit;
};

/* What a column must say about a row for it to count. A column of another table serves where the index is
 * the same or shorter; a scalar (without its instance) counts for all rows. */
struct profile_only {
	struct profile_oid column;
	int64_t is[32], is_not[32];
	unsigned n_is, n_is_not;
	regex_t *match, *unless;
};

struct profile_table {
	const char *name;
	struct profile_oid count;       /* scalar with the number of rows; n = 0: none */
	struct profile_oid label;       /* column whose text tells what a row means */
	struct profile_oid unit;        /* column with the unit, as text or number; a scalar counts for all rows */
	const struct profile_unit *units;
	unsigned n_units;
	struct profile_oid divisor;     /* column with what the numbers of a row are to be divided by */
	struct profile_oid decimals;    /* the same as a power of ten */
	struct profile_oid factor;      /* the same signed: 10 multiplies, -10 divides; 0 and 1 do nothing */
	const struct profile_only *only;        /* rows that are there at all */
	unsigned n_only;
	/* {i} worked out from the whole index: each of its numbers runs from `from` on and has parts[] values,
	 * and the row with the least index is `first`. n_parts = 0: {i} is `number`. */
	unsigned first, from, n_parts;
	int64_t parts[PROFILE_MAX_PARTS];
	unsigned span;                  /* the greatest {i} is first + span - 1 */
	const struct profile_only *begins;      /* rows belong to things, which begin where all of this holds; NULL: each row is its own */
	unsigned n_begins;
	unsigned max_rows, min_rows;    /* fewer than min_rows: the table is not there */
	unsigned index;                 /* numbers behind the column that make a row */
	unsigned number;                /* which of them is {i}, from 1; 0: the only one, else rows are counted through */
	unsigned where_at;              /* only rows whose number at this place, from 1, is `where_is`; 0: all */
	uint32_t where_is;
	const char *skip[8];            /* rows with such a label are not there */
	unsigned n_skip;
	bool unit_of_texts;             /* a row of an unlisted unit has no texts either */
	bool drop_zero_rows;            /* rows behind the first that are all zero, or not there by `count`, do not exist */
	const char *like;               /* table whose rows prove that a line exists */
	const char *cell;               /* rows are battery strings and blocks: index "s{1}", "s{1}.b{2}"; NULL: they are not */
	struct profile_oid string, block;       /* columns with the numbers {1} and {2}; n = 0: those of the row */
	const char *split_like;         /* rows are blocks of as many equal strings as this table has rows */
};

struct profile;
/* Base of every SNMP profile that names none: who the card is, whatever it is. */
#define PROFILE_COMMON "card"
/* What a device gets that fits nothing else. */
#define PROFILE_FALLBACK "unrecognised"
/* How the bytes of a text are told; TIME: what the device says the time is, told as seconds it is off. */
enum profile_format { PROFILE_AS_IS, PROFILE_MAC, PROFILE_HEX, PROFILE_TIME, PROFILE_FORMATS };
struct profile_point {
	const struct profile *origin;   /* the profile that wrote it down, also after filling in from a base */
	const char *name;               /* may contain {i}: number of the row */
	const char *line_name;          /* name with {i} where the table has several rows; NULL: `name` */
	struct profile_oid oid;         /* scalar with instance, or column without */
	const struct profile_table *table;      /* NULL: scalar */
	const struct profile_map *map;
	regex_t *label;                 /* only rows whose label matches */
	const struct profile_only *only;
	unsigned n_only;
	const struct profile_units *units;      /* after the text at `unit_oid`, else the one behind the number */
	struct profile_oid unit_oid;    /* scalar with its instance; n = 0: none */
	double scale, offset;
	int bit;                        /* flag points: bit of the number; -1 none */
	int64_t true_when[8];           /* flag points: values that mean true */
	uint8_t n_true_when;
	uint8_t group;                  /* enum collector_group */
	uint8_t kind;                   /* enum bb_point_kind */
	uint8_t format;                 /* enum profile_format */
	bool bits;                      /* `map` names bits */
	bool number_in_text;            /* "230.1 V": the number at the start of a text */
	bool relearn;                   /* when its text changes, the device has other rows */
	bool instead;                   /* serves only where the points of this name before it do not */
	unsigned status, status_false;  /* flag points: bb_status words it means while true, while false */
	unsigned line;                  /* in the file */
};

struct profile_alarm_code {
	struct profile_oid oid;
	const char *name;               /* flag point: "alarm.fan.failed"; NULL: known, but no alarm */
	unsigned status;
};
struct profile_alarms {
	struct profile_oid count;       /* scalar; n = 0: none */
	struct profile_oid column;      /* holds OIDs; n = 0: no alarm table */
	unsigned n;
	const struct profile_alarm_code *code;
};

/* A value computed here, only where the device offers no object of its own. */
enum profile_how { PROFILE_MAX, PROFILE_SUM, PROFILE_FIRST };
struct profile_derived {
	const char *name;
	const char *from;               /* name of a point of the profile */
	enum profile_how how;
	uint8_t group;
};

enum profile_quirk_kind {
	QUIRK_SENTINEL,         /* raw value in `value` -> unknown */
	QUIRK_NEGATIVE,         /* raw below zero -> unknown */
	QUIRK_BELOW,            /* value below `limit` -> unknown */
	QUIRK_UNSET,            /* raw value in `value` -> unknown until another one was seen */
	QUIRK_SCALE,            /* value times `factor` */
	QUIRK_DIVIDE,           /* value above `limit`: from now on divided by `factor`; `with` must lie in [min, max] where it exists */
	QUIRK_ZERO_UNKNOWN,     /* zero -> unknown while `with` >= min and no status word of `not_status` stands */
	QUIRK_POWER,            /* W against V x A of the same line: kW are scaled, the impossible is BB_BAD */
	QUIRK_NO_BULK,          /* never GETBULK */
};
struct profile_condition {      /* all given parts must hold; none given: always */
	struct profile_oid sysobjectid[8];
	unsigned n_sysobjectid;
	regex_t *sysdescr;
	const char *point;              /* text point ... */
	regex_t *match;                 /* ... that matches */
	const char *from_version;       /* ... and is at least this dotted number */
	const char *below_version;      /* ... and below that one */
};
struct profile_quirk {
	enum profile_quirk_kind kind;
	const char *points[16];         /* fnmatch patterns over the names in the file */
	unsigned n_points;
	const char *except[8];
	unsigned n_except;
	int64_t value[16];
	unsigned n_value;
	double limit, factor, min, max;
	const char *with[4];            /* names of points, the first that exists counts */
	unsigned n_with;
	const char *voltage, *current;  /* QUIRK_POWER */
	unsigned not_status;
	struct profile_condition when;
	unsigned line;
};

struct profile_detect {
	struct profile_oid sysobjectid;         /* prefix; n = 0: any */
	regex_t *sysdescr;
	struct profile_oid probe;               /* must answer; n = 0: none */
	regex_t *match;                         /* ... with a matching text */
	unsigned line;
};

/* What can be written to the card. Nothing that takes the load's power away belongs here: that is shutdownd's. */
#define PROFILE_MAX_WRITES 3
struct profile_write {
	struct profile_oid oid;         /* scalar with its instance; column of a command per row */
	struct profile_oid object;      /* n > 0: an OBJECT IDENTIFIER is written */
	int value;                      /* else this INTEGER */
};
struct profile_command {
	const char *name;               /* "test.battery.start.quick", "outlet.{n}.load.off" */
	const char *title;
	const char *needs;              /* point of the file the device must hold; NULL: none */
	const char *rows;               /* point with {i}: one command per row the device holds of it; NULL: one */
	struct profile_write write[PROFILE_MAX_WRITES];
	unsigned n_writes;
	struct profile_oid spinlock;    /* TestAndIncr to be written along as read; n = 0: none */
	struct profile_oid readback;    /* n = 0: none */
	int64_t is[8], failed[8];       /* values that mean done, and not done */
	unsigned n_is, n_failed;
	bool danger;                    /* load is switched, or the battery discharged */
};

struct profile {
	const char *name, *title, *source, *transport, *file, *base_name;
	const char *also[PROFILE_MAX_ALSO];     /* more bases, behind the first */
	unsigned n_also;
	const struct profile *base;
	int priority;
	unsigned n_detect, n_tables, n_maps, n_units, n_points, n_derived, n_quirks;
	struct profile_detect *detect;
	struct profile_table *table;
	struct profile_map *map;
	struct profile_units *units;
	const struct profile_point **point;     /* own first, then those of the base */
	uint16_t *first_of_name;        /* per point: the first one of its name */
	bool *has_others;               /* ... and for that: are there more? */
	struct profile_derived *derived;
	const struct profile_quirk **quirk;     /* own ones work on all points, the base's on the base's only */
	const struct profile **quirk_origin;
	struct profile_alarms alarms;
	const struct profile_command **command; /* own first, then those of the bases that have other names */
	unsigned n_commands;
};

struct profile_set;
struct profile_set *profile_set_new(void);
void profile_set_free(struct profile_set *s);
/* Add one profile from text; `file` names it in messages. A profile of the same name is replaced
 * only after all was valid. */
int profile_set_add(struct profile_set *s, const char *file, const char *text, struct bb_err *err);
/* Every *.profile of the folder, in order of names. Refused files are logged (profile_refused).
 * Returns how many were refused. A missing folder is no error. */
unsigned profile_set_load(struct profile_set *s, const char *folder);
/* Tie profiles to their bases once all are there. Returns how many were refused (logged) because
 * theirs is missing. */
unsigned profile_set_link(struct profile_set *s);
const struct profile *profile_find(const struct profile_set *s, const char *name);
size_t profile_count(const struct profile_set *s);
const struct profile *profile_at(const struct profile_set *s, size_t i);
/* A point's name in a row: {i} is the row's number, {ll} the pair of phases it stands for (L1-L2 L2-L3
 * L3-L1). Returns false when there is no such pair, or the name is too long. */
bool profile_name_of_row(char *out, size_t cap, const char *name, unsigned row);
/* Text of a value, or NULL. */
const struct profile_value *profile_map_find(const struct profile_map *m, int64_t value);
/* The first value whose expression fits a text, or NULL. */
const struct profile_value *profile_map_match(const struct profile_map *m, const char *text);
/* Dotted numbers: -1, 0, 1. */
int profile_version_compare(const char *a, const char *b);
