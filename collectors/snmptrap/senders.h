// SPDX-License-Identifier: Apache-2.0
/* Who may send: the configured devices, by address and by SNMPv3 engine, and how much each address may
 * send. The limit is a question to a table: it is asked before a datagram is looked into.
 *
 * Secrets are opened and keys are made when a device first sends SNMPv3, not for all at once. Devices
 * are owned by the table and live until the next senders_apply(). */
#pragma once
#include <netinet/in.h>

#include "collectors/snmptrap/usm.h"
#include "common/seal.h"
#include "common/wire.h"

struct address {
	uint8_t b[16]; /* IPv4 as ::ffff:a.b.c.d */
};
bool address_parse(const char *text, struct address *a);
struct address address_of(const struct sockaddr_storage *s);
char *address_print(const struct address *a, char *out); /* out: INET6_ADDRSTRLEN */

struct bucket {
	uint64_t at_ms;
	uint32_t milli; /* tokens, in thousandths */
	bool is_used;
};
struct limit {
	uint32_t rate, burst; /* datagrams a second, at once */
};
bool bucket_take(struct bucket *b, const struct limit *l, uint64_t now_ms);

struct engine_clock {
	uint8_t id[BB_V3_ENGINE_MAX];
	size_t n;            /* 0: never heard */
	int64_t boots, time; /* newest authentic */
	struct usm_keys keys;
};
/* Of a device that has a user of SNMPv3: most have none, and this is large. */
struct sender_v3 {
	char *user, *auth, *priv;
	uint8_t *sealed;
	size_t n_sealed;
	uint8_t engine_id[BB_V3_ENGINE_MAX]; /* configured; n = 0: any */
	size_t n_engine_id;
	struct usm_user *usm;       /* made at first need */
	char *trouble;              /* why there are no keys */
	struct engine_clock engine; /* of the device: its traps */
	struct usm_keys own;        /* of our engine: its informs */
	bool has_own;
};
struct sender {
	uint64_t id, site_id;
	char *key;
	const char *collector; /* the table's */
	struct address address;
	struct sender *next_here; /* same address */
	struct sender_v3 *v3;     /* NULL: no user */
	uint64_t hinted_ms;
};

struct place { /* an address with at least one device */
	struct bucket bucket;
	struct sender *first;
	unsigned n;
	uint64_t limited;
};

struct senders;
struct senders *senders_new(const char *etc, const char *name);
void senders_free(struct senders *s);
/* Take over all devices; clocks and keys of those that stay as they were are kept. */
void senders_apply(struct senders *s, const Busbar__V1__Config *c);
size_t senders_count(const struct senders *s);
struct place *senders_at(const struct senders *s, const struct address *a);
struct sender *senders_by_id(const struct senders *s, uint64_t id);
/* The device that last proved it has this engine. */
struct sender *senders_by_engine(const struct senders *s, const struct ber *engine_id);
/* `d` proved it: returns another device that had proved the same, or NULL. */
struct sender *senders_engine_set(struct senders *s, struct sender *d, const struct ber *engine_id);
/* The keys of its user. NULL: d->trouble says why not. */
const struct usm_user *sender_user(struct senders *s, struct sender_v3 *d);
