// SPDX-License-Identifier: Apache-2.0
/* What must be true of alarms, said once more and in another way: the oracle of the random histories.
 * It includes nothing of alarmd and knows no state table, no rules and no journal; only what a person
 * would say of a handful of devices. Times are milliseconds since the world began. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_DEVICES = 4, MODEL_OBJECTS = MODEL_DEVICES + 2, MODEL_EVENTS = 64, MODEL_KEYS = 32 };
/* Objects behind the devices: the collector's and notifyd's own-alarms. */
enum { MODEL_COLLECTOR = MODEL_DEVICES, MODEL_NOTIFYD };
enum model_rule { ON_BATTERY, LOW_BATTERY, CHARGER, HOT, COMM, OWN, MODEL_RULES };
enum model_kind {
	RAISED,
	CLEARED,
	ACKED,
	UNACKED,
	TAKEN,
	COMMENTED,
	SHELVED,
	UNSHELVED,
	SEVERITY,
	REMOVED,
	MODEL_KINDS
};
enum model_deed {
	DEED_ACK,
	DEED_UNACK,
	DEED_TAKE,
	DEED_COMMENT,
	DEED_SHELVE,
	DEED_UNSHELVE,
	MODEL_DEEDS
};
enum model_answer { ANSWER_NONE, ANSWER_OK, ANSWER_REFUSED };

/* One step of a history. Everything it needs is in it, so that steps can be left out. */
enum op_kind {
	OP_TIME,    /* a: ms */
	OP_STATUS,  /* object; flags: words and the charger's flag; quality; a: age */
	OP_MEASURE, /* object; number: half degrees; quality; a: age */
	OP_AGAIN, /* object; flags & 1: measure. The newest sample once more, with the worst content */
	OP_CONFIRM, /* object; flags & 1: under a wrong number */
	OP_MISS,    /* object */
	OP_DEED, /* object, rule; flags: deed; number: command key; quality: episodes back; a: variant */
	OP_SNAPSHOT,
	OP_RESTART, /* flags: from the first record, a snapshot of now, the one kept */
	OP_PAUSE,
	OP_PEER,        /* the collector is lost, or back */
	OP_CLOCK,       /* step: seconds */
	OP_EVENT,       /* object */
	OP_EVENT_AGAIN, /* number: which; flags & 1: under another number */
	OP_REMOVE,      /* object */
	OP_ADD,         /* object */
	OP_TROUBLE,     /* number: severity in notifyd's heartbeat, 0: none */
	OP_KINDS
};
enum { WORD_OB = 1, WORD_LB = 2, FLAG_TOLD = 4, FLAG_SET = 8, FLAG_BAD = 16 };
struct op {
	uint8_t kind, object, rule, flags, number, quality;
	uint32_t a;
	int64_t step;
};

struct model_alarm {
	bool open, acked;
	int quiet; /* good readings without the condition in a row while it stands */
	unsigned episode;
	unsigned severity, unlisted; /* OWN */
	struct {
		bool on, until_clear;
		unsigned episode;
		int64_t until_ms; /* on the wall */
	} shelf;
};

struct model_object {
	bool exists;
	struct model_alarm alarm[MODEL_RULES];
	unsigned count[MODEL_RULES][MODEL_KINDS]; /* records there must be */
	/* hold of the temperature */
	int run;
	uint64_t run_since;
	bool rising, falling;
	bool half; /* taken up hot; the status group, which may know, too, is not read yet */
	uint64_t newest
		[2];      /* sample time + 1 taken last: status, measure; 0: none since the start */
	uint64_t said[2]; /* the same, ever */
	bool has_status, right_number;
	int missed;
	uint64_t heard, interval;
	enum { HEARD_NEVER, HEARD_OK, HEARD_LOST } comm;
};

struct model {
	uint64_t now;
	int64_t wall_step; /* ms */
	uint64_t epoch;    /* samples up to here are no evidence */
	bool collector_lost;
	unsigned events;
	struct model_object o[MODEL_OBJECTS];
	uint8_t memo[MODEL_KEYS][MODEL_OBJECTS][MODEL_RULES][64]; /* key, episode: has a record */
};

void model_init(struct model *m);
/* Take one step. Returns what a deed must be answered; ANSWER_NONE: the step means nothing now and
 * must not be taken in the world either. */
enum model_answer model_op(struct model *m, const struct op *op);
bool model_has_rule(unsigned object, unsigned rule);
extern const char *const model_rules[MODEL_RULES];
extern const char *const model_kinds[MODEL_KINDS];
