// SPDX-License-Identifier: Apache-2.0
/* Registry of points and units. point.def names every point that may travel on the bus, with kind, unit, description and the
 * range of what a working device can have; {phase} stands for L1 L2 L3 L1-N L2-N L3-N L1-L2 L2-L3 L3-L1, {n} and {x} for 1..999. Tables, UI labels and documents are
 * generated from it. Battery strings and blocks are told apart by `index` ("s2", "s2.b17"), never by the name. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bb_point_kind { BB_NUMBER, BB_TEXT, BB_FLAG };
enum bb_quality { BB_GOOD, BB_STALE, BB_BAD, BB_UNKNOWN };

struct bb_point {
	const char *pattern;        /* "input.{phase}.voltage" */
	enum bb_point_kind kind;
	const char *unit;           /* V A Hz W VA Wh Ah % °C s Ω Pa or "" */
	double min, max;            /* outside, the value cannot be real; min > max: no such range */
	const char *description;
};

const struct bb_point *bb_point_find(const char *name);    /* NULL: unknown */
bool bb_point_index_valid(const char *index);              /* "", "s3", "s3.b12" */
size_t bb_point_count(void);
const struct bb_point *bb_point_at(size_t i);

const char *bb_quality_name(unsigned quality);             /* "good" ...; out of range: "unknown" */

/* ups.status words as bits, in the order they are printed. */
enum bb_status {
	BB_ST_OL = 1 << 0, BB_ST_OB = 1 << 1, BB_ST_LB = 1 << 2, BB_ST_HB = 1 << 3, BB_ST_RB = 1 << 4, BB_ST_CHRG = 1 << 5,
	BB_ST_DISCHRG = 1 << 6, BB_ST_BYPASS = 1 << 7, BB_ST_CAL = 1 << 8, BB_ST_OFF = 1 << 9, BB_ST_OVER = 1 << 10,
	BB_ST_TRIM = 1 << 11, BB_ST_BOOST = 1 << 12, BB_ST_FSD = 1 << 13, BB_ST_TEST = 1 << 14, BB_ST_COMMLOST = 1 << 15,
	BB_ST_ECO = 1 << 16, BB_ST_DEPLETED = 1 << 17,
};
unsigned bb_status_parse(const char *words);               /* unknown words are ignored */
char *bb_status_print(unsigned bits, char *buf, size_t cap);

/* Severities (proto Severity) and alarm states (proto AlarmState) by wire name. _parse returns -1 for an unknown name. */
const char *bb_severity_name(unsigned severity);
int bb_severity_parse(const char *name);
const char *bb_alarm_state_name(unsigned state);
int bb_alarm_state_parse(const char *name);
