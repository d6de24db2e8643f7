// SPDX-License-Identifier: Apache-2.0
/* One simulated SNMP agent: a model (a UPS or a recording), overrides set by the script, and its
 * manners (delay, loss, silence). agent_answer() is the whole agent: datagram in, datagram out.
 * Owned by the fleet; one thread; nothing blocks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "tests/sim/ber.h"

struct agent;
struct recording;
struct ups;

/* What an agent of one kind can do. `next` gives the first object behind `after`; both fill *v and
 * return whether there is one. */
struct agent_model {
	const char *name;
	bool (*get)(struct agent *a, const struct ber_oid *name, struct ber_value *v);
	bool (*next)(struct agent *a, const struct ber_oid *after, struct ber_oid *name,
		struct ber_value *v);
};

/* An object the script set by hand; it hides the model's. */
struct override {
	struct ber_oid name;
	bool is_absent; /* the object is taken away */
	uint8_t tag;
	size_t len;
	uint8_t content[256]; /* BER content octets */
};

struct agent {
	uint32_t address; /* host order */
	const struct agent_model *model;
	struct ups *ups;                   /* of the UPS model, owned */
	const struct recording *recording; /* of the other, borrowed */
	char community[64];
	uint32_t delay_ms;    /* of every answer */
	uint32_t slow_ms;     /* added by the script */
	uint32_t max_message; /* largest answer */
	double loss_pct;      /* of requests that are not heard */
	bool is_silent;
	bool is_reserved; /* dead or lossy by option: generators leave it alone */
	uint64_t silent_since_ns;
	uint64_t restarted_ns; /* sysUpTime counts from here */
	struct override *set;  /* sorted, owned */
	size_t n_set;
};

/* Times are BOOTTIME ns; `now` is kept here for the models during one answer. */
void agent_clock(uint64_t now_ns);
uint64_t agent_now(void);

/* Answer one datagram. `buf` has BER_HEADROOM + BER_MAX_MESSAGE bytes. Returns the answer (inside
 * buf) and its length, or NULL when the agent says nothing: malformed, other community. Loss and
 * silence are the caller's. */
const uint8_t *agent_answer(struct agent *a, const uint8_t *p, size_t n, uint8_t *buf, size_t *len);

/* `value` is "absent", or TAG:TEXT with TAG as in a recording (2, 4, 4x ...), or plain text: a
 * number becomes INTEGER, the rest OCTET STRING. Returns 0 or -1. */
int agent_set(struct agent *a, const char *oid, const char *value, struct bb_err *err);
void agent_unset(struct agent *a);
void agent_fini(struct agent *a);
