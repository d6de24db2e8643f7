// SPDX-License-Identifier: Apache-2.0
#include "webd/bands.h"

#include <stdlib.h>

#include "common/arena.h"
#include "common/point.h"

static const char *const band_names[] = { [BAND_MAINS] = "mains",
	[BAND_BYPASS] = "bypass",
	[BAND_UNKNOWN] = "unknown",
	[BAND_BATTERY] = "battery",
	[BAND_OFF] = "off" };

enum band band_of(const char *words)
{
	/* first match: a UPS that is off feeds nothing, whatever else it says */
	static const struct {
		unsigned word;
		enum band band;
	} first[] = { { BB_ST_COMMLOST, BAND_UNKNOWN }, { BB_ST_OFF, BAND_OFF },
		{ BB_ST_OB, BAND_BATTERY }, { BB_ST_BYPASS, BAND_BYPASS }, { BB_ST_OL, BAND_MAINS } };
	unsigned bits = words ? bb_status_parse(words) : 0;

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (bits & first[i].word)
			return first[i].band;
	return BAND_UNKNOWN;
}

void bands_add(struct bands *b, int64_t at_us, enum band band)
{
	if (b->n > 0 && b->change[b->n - 1].band == band)
		return;
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 16;
		b->change = bb_realloc(b->change, b->cap * sizeof(*b->change));
	}
	b->change[b->n++] = (struct band_change){ at_us, band };
}

void bands_fini(struct bands *b)
{
	free(b->change);
	*b = (struct bands){ 0 };
}

/* The same in no more than `parts` changes. */
static void coarsen(const struct bands *b, int64_t from_us, int64_t to_us, unsigned parts,
	struct bands *out)
{
	enum band now = BAND_UNKNOWN;
	size_t i = 0;

	for (unsigned k = 0; k < parts; k++) {
		int64_t begin = from_us + (int64_t)((__int128)(to_us - from_us) * k / parts);
		int64_t end = from_us + (int64_t)((__int128)(to_us - from_us) * (k + 1) / parts);

		while (i < b->n && b->change[i].at_us <= begin)
			now = b->change[i++].band;
		enum band worst = now;

		for (; i < b->n && b->change[i].at_us < end; i++) {
			now = b->change[i].band;
			if (now > worst)
				worst = now;
		}
		bands_add(out, begin, worst);
	}
}

static void print_one(struct bb_json *j, int64_t from_us, int64_t to_us, enum band band)
{
	if (from_us / 1000 >= to_us / 1000)
		return;
	bb_json_obj(j, NULL);
	bb_json_int(j, "from", from_us / 1000);
	bb_json_int(j, "to", to_us / 1000);
	bb_json_str(j, "state", band_names[band]);
	bb_json_end_obj(j);
}

void bands_print(const struct bands *b, int64_t from_us, int64_t to_us, unsigned parts,
	struct bb_json *j, const char *key)
{
	struct bands few = { 0 };
	enum band now = BAND_UNKNOWN;
	int64_t since = from_us;

	if (b->n > parts) {
		coarsen(b, from_us, to_us, parts, &few);
		b = &few;
	}
	bb_json_arr(j, key);
	for (size_t i = 0; i < b->n && b->change[i].at_us < to_us; i++) {
		int64_t at = b->change[i].at_us > from_us ? b->change[i].at_us : from_us;

		print_one(j, since, at, now);
		since = at;
		now = b->change[i].band;
	}
	print_one(j, since, to_us, now);
	bb_json_end_arr(j);
	bands_fini(&few);
}
