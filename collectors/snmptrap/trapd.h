// SPDX-License-Identifier: Apache-2.0
/* collect-snmptrap inside: what its files share. One loop, one thread; nothing blocks but the start. */
#pragma once
#include "collectors/events.h"
#include "collectors/snmptrap/identity.h"
#include "collectors/snmptrap/meaning.h"
#include "collectors/snmptrap/memory.h"
#include "collectors/snmptrap/senders.h"
#include "collectors/snmptrap/windows.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/log.h"
#include "common/service.h"
#include "common/table.h"

#define DROPS_SHOWN_MS 300000
#define OLD_EVENTS     20000 /* looked through at the start for windows that passed */
#define CROWD          4096  /* buckets shared by all addresses without a device */

struct settings {
	char *listen, *agent_address;
	int64_t rate, burst, strangers_rate;
	int64_t receive_buffer_bytes;
	int64_t repeat_ms;
};

enum agent_policy { AGENT_NEVER, AGENT_FALLBACK };

struct counters {
	uint64_t received;     /* datagrams */
	uint64_t limited;      /* not looked into: their address sent too much */
	uint64_t kernel_drops; /* never reached us: the socket's buffer was full */
	uint64_t stored;       /* events on disk */
	uint64_t
		duplicates; /* traps that said the same again, and informs repeated for want of an answer */
	uint64_t unknown;       /* from nobody we know */
	uint64_t auth_failures; /* SNMPv3: not proven */
	uint64_t malformed;
	uint64_t answered;      /* informs */
	uint64_t not_stored;    /* events the disk did not take */
	uint64_t engines_twice; /* messages whose engine another device has, too */
	uint64_t hints, hints_failed;
};

struct trapd {
	struct settings set;
	struct bb_service *service;
	struct bb_loop *loop;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct events *events;
	struct bb_cmd_server *server;
	struct bb_cmd_client *client;
	struct bb_genconf *genconf;
	struct bb_watch *tick, *watch, *hint_timer;
	struct senders *senders;
	struct meanings *meanings;
	struct informs *informs;
	struct repeats *repeats;
	struct strangers *strangers;
	struct windows *windows;
	struct identity identity;
	enum agent_policy agent_policy;
	struct limit known, unknown, all_unknown;
	struct bucket crowd[CROWD], everybody;
	struct counters n;
	struct bb_log_limit log_limit;
	/* receive.c */
	int fd;
	char listening[80];
	uint64_t granted_bytes;
	uint32_t overflow; /* newest count of the kernel */
	bool has_overflow;
	struct batch *batch;
	uint64_t drops_told, drops_at_ms;
	/* hint.c: devices to look at */
	struct bb_table *hints; /* id -> struct sender's id */
	struct trap trap;       /* of the datagram in hand */
	uint8_t plain[MESSAGE_MAX];
};

struct source {
	struct sockaddr_storage name;
	socklen_t n_name;
	struct address address;
	struct place *place; /* NULL: no device has this address */
};

/* receive.c */
int receive_open(struct trapd *t, struct bb_err *err);
void receive_close(struct trapd *t);
void receive_send(struct trapd *t, const struct source *to, const void *data, size_t len);

/* handle.c */
void handle_datagram(struct trapd *t, const struct source *from, const uint8_t *data, size_t len);
/* Named, counted, shown, and nothing else. `trap` may be NULL. */
void handle_stranger(struct trapd *t, const struct source *from, unsigned version,
	const struct trap *trap, const char *reason);
/* How an inform is answered once it is on disk. */
struct answer {
	struct trapd *t;
	struct source to;
	struct inform_key key;
	size_t len;
	uint8_t data[];
};
/* A trap or inform whose sender is known as well as it can be. `device` NULL: several have this
 * address. Takes over `answer` (NULL: none is wanted). */
void handle_trap(struct trapd *t, const struct source *from, struct sender *device,
	const struct trap *trap, bool is_authenticated, const char *user, struct answer *answer);
/* False: the inform came before; it was answered again if its record is on disk. Then `a` is gone. */
bool handle_inform_first(struct trapd *t, struct answer *a, const struct message *m,
	const struct trap *trap);
struct answer *answer_make(struct trapd *t, const struct source *to, const void *data, size_t len);
void on_repeats(void *arg, const struct repeat *r);
void on_window(void *arg, const struct window *w, enum window_result r);

/* v3.c */
void v3_datagram(struct trapd *t, const struct source *from, const uint8_t *data, size_t len,
	struct message *m);

/* hint.c: the poller looks at once. */
void hint(struct trapd *t, struct sender *d);
void hint_close(struct trapd *t);

/* command.c */
void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
typedef void (*trapd_metric)(void *arg, const char *name, double value);
void trapd_metrics(struct trapd *t, trapd_metric emit, void *arg);
