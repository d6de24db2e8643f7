// SPDX-License-Identifier: Apache-2.0
/* What was heard lately, in fixed memory: informs that came (a repeated one is answered, not recorded
 * again), traps that say the same again (counted, then told once as a number), and who was not
 * understood. The oldest gives way. Times are wall or monotonic as the caller has them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collectors/snmptrap/senders.h"

#define INFORMS_MAX   4096
#define REPEATS_MAX   4096
#define STRANGERS_MAX 256

/* ---- informs ---- */

struct inform_key {
	struct address from;
	uint16_t port;
	uint16_t version;
	uint32_t request_id;
	uint64_t hash;
};
enum inform_state { INFORM_NEW, INFORM_PENDING, INFORM_STORED };
struct informs;
struct informs *informs_new(void);
void informs_free(struct informs *m);
/* INFORM_NEW: it is remembered as pending now. Older than `keep_ms` counts as never heard. */
enum inform_state informs_hear(struct informs *m, const struct inform_key *k, uint64_t now_ms,
	uint64_t keep_ms);
/* Its record is on disk, or (stored = false) could not be: forget it. */
void informs_settle(struct informs *m, const struct inform_key *k, bool stored);

/* ---- repetitions ---- */

struct repeat {
	uint64_t device_id, hash; /* of name and varbinds; name alone where the device repeats it */
	uint64_t first_ms, last_ms;
	uint64_t keep_ms; /* the next one within this time is a repetition */
	uint32_t count;   /* of repetitions not told yet */
	char code[64], oid[256], source[48];
};
struct repeats;
/* `tell` runs when a run of repetitions ends, or each ten minutes while it lasts. */
struct repeats *repeats_new(void (*tell)(void *arg, const struct repeat *r), void *arg);
void repeats_free(struct repeats *m);
/* True: told within r->keep_ms, counted. False: `r` begins a run. */
bool repeats_hear(struct repeats *m, const struct repeat *r, uint64_t now_ms);
void repeats_tick(struct repeats *m, uint64_t now_ms);
/* At the end of the process: what was counted is told. */
void repeats_flush(struct repeats *m);

/* ---- strangers ---- */

struct stranger {
	struct address from;
	uint64_t count;
	uint64_t first_us, last_us;
	uint8_t version;
	char oid[128];
	char reason[160];
};
struct strangers;
struct strangers *strangers_new(void);
void strangers_free(struct strangers *m);
/* One entry for each address and reason. Returns how often it was heard. */
uint64_t strangers_hear(struct strangers *m, const struct stranger *s);
/* Newest first. */
size_t strangers_list(const struct strangers *m, const struct stranger **out, size_t cap);
