// SPDX-License-Identifier: Apache-2.0
/* Reads what a chart needs from parts, day, week and wide rows (deploy/migrations, samples), one
 * statement after the other so that no other question waits long. Spans whose parts are an hour or
 * longer read hours: packed weeks, and days where a week is not packed. Parts of 20 minutes or longer
 * read the summaries of ten minutes beside the samples of a day, shorter ones the samples, some days
 * at a time. What is in no day row yet comes from parts and wide rows. */
#pragma once
#include "common/arena.h"
#include "common/pg.h"
#include "webd/bands.h"
#include "webd/chart.h"
#include "webd/series_open.h"

#define SERIES_MAX 24

struct series_one {
	const char *device, *point, *index;
	size_t device_no; /* into series_read.device */
	struct chart chart;
	/* private to series_read.c */
	struct series_open open;
};

struct series_read {
	struct bb_pg *pg;
	struct bb_arena *arena;
	struct chart_span span;
	struct series_one one[SERIES_MAX];
	size_t n;
	const char *device[SERIES_MAX]; /* each once */
	struct bands bands[SERIES_MAX];
	size_t n_devices;
	bool want_bands, has_too_many_changes;
	/* Everything is read, or `error` says why not (sqlstate as in common/pg.h). */
	void (*done)(void *arg, const char *error, const char *sqlstate);
	void *arg;
	/* private */
	struct series_day *day;
	bool is_by_slots;
	size_t at_device;
	int32_t at_day;
};

/* `one[].device/point/index`, span and flags are set by the caller. Never calls done() at once. */
void series_read_start(struct series_read *r);
void series_read_fini(struct series_read *r);
