// SPDX-License-Identifier: Apache-2.0
/* One card that is not (or not as such) in the configuration is asked who it is: the system group, the probes of the
 * profiles' detection, then serial, model, MAC and engine id. It has its own engine, so its own sockets and request
 * slots: nothing of this can take the place of a poll. */
#pragma once
#include "collectors/snmp/learn_priv.h"

#define CARD_TEXT 96
#define CARD_DESCR 200

/* What it said of itself; empty texts: not told. Printable, bounded. */
struct card {
	char sysdescr[CARD_DESCR], sysname[CARD_TEXT], sysobjectid[CARD_TEXT];
	char mfr[CARD_TEXT], model[CARD_TEXT], serial[CARD_TEXT];
	char mac[18];                   /* "00:0c:02:ab:cd:ef" */
	char engine_id[65];             /* hexadecimal */
	const struct profile *profile;  /* NULL: none fits */
	double uptime_s;                /* -1: not told */
	uint32_t ms;                    /* round trip of the first answer */
};

enum interview_stage { INTERVIEW_SYSTEM, INTERVIEW_PROBES, INTERVIEW_IDENT, INTERVIEW_REST, INTERVIEW_DONE };

struct ask {
	struct profile_oid oid;
	uint16_t ref;                   /* candidate, or point of the profile */
	uint8_t what, seen;
	bool done;
};

struct interview {
	struct peer peer;               /* first: the engine hands it back */
	void *owner;
	/* Called once, when all is known or there is nothing more to hear; silent: never answered. The owner frees. */
	void (*finished)(struct interview *v, bool answered);
	/* The system group has been answered: false keeps the interview waiting for interview_go_on(). May be NULL. */
	bool (*answered)(struct interview *v, const struct codec_answer *a);
	void (*sends)(struct interview *v);     /* a request goes out, for pacing; may be NULL */
	const struct profile_set *profiles;
	struct card card;
	struct profile_oid sysobjectid;
	struct packet *packet;          /* owned, unless it is the shared first one */
	const struct packet *first;
	struct ask *ask;
	unsigned n_asks, requests;
	uint8_t most, n_asked, chosen;
	uint16_t asked[CODEC_MAX_VARBINDS];
	enum interview_stage stage;
	bool has_answered;
	struct candidate *candidate;
	unsigned n_candidates;
	char reason[200];               /* silent: what was tried */
};

/* The question everybody is asked first, once per version and community. */
struct packet *interview_first_packet(enum codec_version version, const char *community);
/* `v` has peer (attached, version and community set), callbacks, profiles and first set, the rest zero. */
void interview_begin(struct interview *v, unsigned tries);
void interview_go_on(struct interview *v);
/* What the engine's callbacks lead to. */
void interview_answered(struct peer *p, const struct codec_answer *a, uint64_t sampled_boot_ns);
void interview_silent(struct peer *p);
/* Also in the middle; detaches the peer, calls nobody. */
void interview_fini(struct interview *v);
