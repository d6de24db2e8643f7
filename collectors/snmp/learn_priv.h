// SPDX-License-Identifier: Apache-2.0
/* Between learn.c and detect.c: the state of one recognition. */
#pragma once
#include "collectors/snmp/snmp.h"

#define MAX_PROBES 96

enum stage { STAGE_SYSTEM, STAGE_PROBES, STAGE_SCALARS, STAGE_BARE, STAGE_COLUMNS, STAGE_COUNT };

/* A row of a profile's detection that fits what stage 1 told. */
struct candidate {
	const struct profile *profile;
	const struct profile_detect *row;
};
/* detect.c. All that fit, best first, at most MAX_PROBES. Returns how many. */
unsigned detect_candidates(const struct profile_set *set, const struct profile_oid *sysobjectid,
	const char *sysdescr, struct candidate *list);
/* Is this the answer to the row's probe that the row wants? */
bool detect_fits(const struct candidate *c, const struct codec_varbind *v);

struct question {
	struct profile_oid oid; /* to ask; with GETNEXT the place to go on from */
	struct profile_oid column;      /* columns: the column itself */
	uint16_t ref;           /* point, detect row ... by stage; columns: the first point that may be in it */
	uint16_t rows, steps;   /* columns: rows taken, answers seen */
	uint16_t most;          /* columns: rows that are looked at */
	bool is_point, is_text; /* what it is asked for */
	const struct profile_table *table;      /* columns: whose rows; NULL: a scalar's condition */
	bool done;
};

struct learn {
	enum stage stage;
	struct question *q;
	unsigned n;
	struct packet *packet;
	uint16_t asked[CODEC_MAX_VARBINDS]; /* question of each varbind */
	unsigned n_asked, requests;
	uint8_t most;
	const struct profile *profile;
	struct profile_oid sysobjectid, alive;
	bool has_uptime;
	char *sysdescr;         /* owned; NULL: none */
	struct candidate *candidate; /* MAX_PROBES, best first */
	unsigned n_candidates;
	int chosen; /* best candidate whose probe answered; -1: none */
	struct findings found;
	struct row_text *row_text;
	unsigned n_row_text;
	bool has_turn;
};

struct stage_ops {
	enum codec_op op;
	void (*prepare)(struct snmp_device *s, struct learn *l);
	/* One answered varbind. Leaves q->done false to ask again. */
	void (*take)(struct snmp_device *s, struct learn *l, struct question *q,
		const struct codec_varbind *v);
	/* All questions are done. Returns false when recognising has failed and was reported. */
	bool (*finish)(struct snmp_device *s, struct learn *l);
};

extern const struct stage_ops detect_system, detect_probes;     /* detect.c: stages 1 and 2 */
extern const struct stage_ops objects_scalars, objects_bare, objects_columns;   /* objects.c: stages 3 to 5 */
/* All is known: make a plan. */
bool learn_finish(struct snmp_device *s, struct learn *l);

/* One more question of this stage; borrowed until the next call. */
struct question *learn_ask(struct learn *l, const struct profile_oid *oid, unsigned ref);
static inline const char *learn_sysdescr(const struct learn *l)
{
	return l->sysdescr ? l->sysdescr : "";
}
void learn_to_stage(struct snmp_device *s, struct learn *l, enum stage stage);
