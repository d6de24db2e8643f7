// SPDX-License-Identifier: Apache-2.0
/* Discovery: jobs that go through ranges of addresses, one datagram per host and credential, and tests of single cards.
 *
 * All of it leaves over an engine of its own (sockets, request slots) at its own pace, `discover_rate` datagrams a second for all jobs
 * together, so polling is never held up. Credentials are tried one after the other over the whole range; a host that answered one is
 * not asked with the next. Who answers is interviewed (interview.h). Jobs, hits and credentials are bounded; a job lives until eight
 * newer ones are there or the process ends. Nothing blocks; one thread. */
#pragma once
#include "collectors/snmp/interview.h"
#include "collectors/snmp/range.h"
#include "common/cmd.h"
#include "common/str.h"

#define DISCOVER_CREDENTIALS 8
#define DISCOVER_JOBS        8     /* kept */
#define DISCOVER_RUNNING     3     /* at the same time */
#define DISCOVER_HITS        10000 /* of one job */

struct discover_credential {
	char id[24];                    /* the asker's name for it */
	uint8_t version;                /* enum codec_version; CODEC_V2C with is_v3 */
	bool is_v3;
	uint16_t port;
	char *community;                /* owned, wiped; "" with is_v3 */
	char *v3_user, *v3_auth, *v3_priv, *v3_context;
	char *v3_secret;                /* BB_V3_SECRETS_MAX + 2 bytes: both passwords, each with its NUL; owned, wiped */
	struct packet *first;
};
void discover_credential_fini(struct discover_credential *c);
/* Can it be used? */
int discover_credential_check(const struct discover_credential *c, struct bb_err *err);

struct discover_probe;
struct discover_hit {
	uint32_t address;               /* number in the job's ranges */
	uint8_t credential;             /* number in the job's credentials */
	struct card card;
};

struct discover_job {
	char name[20];
	char *user, *text;              /* who asked; the ranges as given */
	uint64_t started_us, ended_us;
	struct range_list ranges;
	struct discover_credential credential[DISCOVER_CREDENTIALS];
	unsigned n_credentials;
	uint32_t next_address, next_credential;
	uint64_t sent, skipped;         /* skipped: answered another credential already */
	uint8_t *heard;                 /* bit per address */
	struct discover_probe *live;
	unsigned n_live;
	struct discover_hit *hit;
	unsigned n_hits, n_dropped;     /* dropped: beyond DISCOVER_HITS */
	bool is_done, is_cancelled;
	struct discover *all;
};
static inline uint64_t discover_total(const struct discover_job *j)
{
	return (uint64_t)j->ranges.count * j->n_credentials - j->skipped;
}

struct discover;
struct discover *discover_new(struct snmp *t);
struct collector *discover_host(const struct discover *d);
void discover_free(struct discover *d);
void discover_receive(struct discover *d);      /* at the begin of a tick */
void discover_tick(struct discover *d);         /* at its end */
void discover_metrics(struct discover *d, collector_metric emit, void *arg);

/* Start a job; takes over ranges and credentials, also when it fails. NULL: too many run, or there is no socket. */
struct discover_job *discover_start(struct discover *d, struct range_list *ranges, struct discover_credential *c, unsigned n,
	const char *user, const char *text, struct bb_err *err);
struct discover_job *discover_find(struct discover *d, const char *name);
struct discover_job *discover_at(struct discover *d, unsigned i);       /* newest first; NULL: no more */
/* A running job ends with what it has found; one that has ended is forgotten. */
void discover_stop(struct discover *d, struct discover_job *j);

/* Ask one card; takes over the credential, also when it fails. done runs once, later, unless the process ends before; `json` are the members varbinds and
 * raw of the first answer, NULL where there was none. */
typedef void (*discover_tested)(void *arg, const struct interview *v, bool answered, const char *json);
int discover_test(struct discover *d, const char *address, struct discover_credential *c, discover_tested done, void *arg,
	struct bb_err *err);

/* discover_cmd.c */
void discover_write_answer(struct bb_buf *out, const struct codec_answer *a);
/* The verbs discover, discovery, discovery_stop, probe. False: another verb. */
bool discover_command(struct discover *d, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
