// SPDX-License-Identifier: Apache-2.0
/* The evaluating core: readings, heartbeats, acknowledgements and time go in, numbered transitions
 * come out.
 *
 * It does no I/O and reads no clock: the owner passes `now` (BOOTTIME ns) and gets transitions
 * through core_env, so that the daemon, the replay runner and the property tests run the same code.
 * Used from one thread. Everything a function returns is borrowed and lives until the next call
 * that changes the core. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alarmd/group.h"
#include "alarmd/life.h"
#include "alarmd/rule.h"
#include "alarmd/ruleset.h"
#include "alarmd/track.h"
#include "alarmd/state.h"
#include "common/bus.h"
#include "common/table.h"
#include "common/wire.h"

#define CORE_MISSED_LOST        3 /* missed polls that mean "lost" */
#define CORE_MISSED_FAILING     2 /* ... that count towards "the whole network is lost" */
#define CORE_PUBLISHERS_MAX     64
#define CORE_TROUBLES_MAX       64    /* own-alarms of one publisher */
#define CORE_PUBLISHER_GRACE_MS 15000 /* an expected publisher nobody heard since the start */
#define CORE_POLL_GROUPS        5     /* status, measure, ident, cells, any other */

struct core;
struct device;
struct publisher;

struct alarm_id {
	uint8_t journal[16];
	uint64_t jseq; /* of the raise */
};
#define ALARM_ID_CHARS 56 /* "<32 hex>-<20 digits>" and NUL */
char *alarm_id_print(const struct alarm_id *id, char *out);
int alarm_id_parse(const char *text, struct alarm_id *id);

/* One alarm that is not normal (pending ones included). Strings are owned. */
struct alarm {
	struct alarm *next; /* of the same device */
	struct device *device;
	/* NULL: an own-alarm, named by its code alone, or a rule this version does not
	 * know */
	const struct rule *rule;
	char *rule_id;
	const struct alarm_hold *hold;
	struct alarm_state st;
	struct alarm_id id; /* of the episode; meaningful while open */
	uint64_t jseq;      /* of the newest transition */
	uint64_t episode;   /* jseq of the raise: grows from episode to episode, needs no memory */
	uint64_t raised_us, cleared_us, acked_us;
	char *subject, *unit, *text, *user, *comment;
	double value, limit;
	bool has_value;
	bool is_stale;
	uint8_t severity;
	uint8_t told_severity; /* worst one people were told this episode with; 0: nobody was */
	bool is_test;
	uint64_t test_until_us;        /* wall clock */
	char *quiet[QUIET_KINDS];      /* marks of life.h */
	char *words[RULE_WORDS_KINDS]; /* what its rule said itself when it was raised */
	uint16_t lead;                 /* term that began the running hold */
	uint8_t missing;               /* own-alarms: heartbeats in a row that do not list it */
	/* Of a limit rule: the life of each of its levels, never latched (level.c). */
	struct alarm_state level[RULE_TERMS_MAX];
};

/* What reads a device, or any other daemon with a heartbeat. */
struct publisher {
	char name[64];
	bool is_collector;
	bool is_expected; /* the configuration needs it */
	bool was_heard;
	bool is_lost;
	bool network_lost; /* most of its devices fell silent together */
	uint64_t waiting_since_ms;
	uint32_t devices;    /* configured with it */
	uint32_t window[16]; /* devices that began to fail in second window_s - i, and still do */
	uint64_t window_s;
	struct device *own; /* "busbar/<name>": carries its own-alarms */
};

enum comm { COMM_NEVER, COMM_OK, COMM_LOST };

/* An alarm kept quiet (shelve.c). Strings are owned. */
struct shelf {
	struct shelf *next; /* of the same device */
	char *rule_id, *user, *reason;
	uint64_t since_us, until_us; /* wall clock */
	bool until_clear;
	uint8_t severity;
	struct alarm_id id; /* of the episode it was shelved in */
};

struct device {
	/* First what each reading, each confirmation and each tick looks at: with ten thousand devices
	 * that is a row of cache misses for every one of them. */
	uint64_t id; /* 0: one of our own daemons */
	struct device *next; /* all devices, own ones included */
	/* its collector, or the daemon itself; may be NULL for a device without
	 * configuration */
	struct publisher *publisher;
	/* Number of the newest status reading: what a confirmation must repeat. */
	uint64_t status_epoch, status_seq;
	struct alarm *alarms;
	bool is_configured;
	bool has_status_group;
	bool is_failing;
	uint8_t comm;
	uint8_t missing_groups; /* bit per poll group whose newest pass failed */
	uint32_t missed;
	uint64_t heard_ms; /* newest message of the group that tells whether it answers */
	uint64_t read_ns[CORE_POLL_GROUPS]; /* newest sample per poll group, on our BOOTTIME */
	uint32_t interval_ms;               /* of the group of heard_ms */
	uint32_t status;                    /* ups.status words */
	struct track *track; /* when a rule needs more memory than the bits below, or NULL */
	size_t n_refs;
	struct member_ref *refs; /* memberships in redundancy groups */
	struct shelf *shelves;
	struct device_life life;
	const struct rule_set *rules; /* in force for it; shared with others (assign.c) */
	struct rule_bits busy;        /* terms of the rules that have an alarm in the list */
	struct rule_memory memory;
	char *key;
	uint64_t site_id;
	struct group *group;
	struct group **named; /* device groups it is in, directly or not, each once */
	size_t n_named;
	struct watch *watches; /* values that redundancy groups look at */
	uint64_t begin_ms; /* it answers since then: ages of values never seen count from here */
	uint64_t fail_s;   /* second it began to fail */
	bool has_status;
	bool status_is_good; /* the newest pass over the status group brought it */
	bool is_object;      /* id 0: no device of ours, but a redundancy group */
	bool is_dirty;
	bool is_published;
	uint8_t flagless;         /* status readings in a row without any flag */
	struct group_share share; /* what its groups were told */
	uint64_t jseq;            /* newest transition of any of its alarms */
	struct device *next_dirty;
	uint64_t mark; /* configuration pass that saw it */
};

struct core_env {
	const uint8_t *journal_id; /* 16 bytes */
	const uint8_t *boot_id;    /* 16 bytes */
	/* Number the next append gets; append a packed Transition; the number it got. */
	uint64_t (*next_jseq)(void *arg);
	uint64_t (*append)(void *arg, const Busbar__V1__Transition *t);
	uint64_t (*wall_us)(void *arg);
	/* An open alarm's mark changed (stale) without a transition: lookers want to know. */
	void (*remark)(void *arg, const struct alarm *a);
	/* Topics end. */
	void (*device_gone)(void *arg, const struct device *d);
	void (*group_gone)(void *arg, const struct group *g);
	void (*redundancy_gone)(void *arg, const char *key);
	void *arg;
};

struct core_stats {
	uint64_t evaluated; /* readings */
	uint64_t confirmed; /* lines of confirmations that held */
	uint64_t unknown_device, out_of_date, raised, cleared;
	uint64_t events; /* of collectors, recorded */
	uint32_t devices, open;
};

/* With the built-in rules, until a configuration brings others. */
struct core *core_new(const struct core_env *env, uint64_t now_ns);
void core_free(struct core *c);
const struct core_stats *core_stats(const struct core *c);
const struct ruleset *core_rules(const struct core *c);
/* Why rules of the newest configuration are not in force; "" when all are. */
const char *core_rules_error(const struct core *c);
/* Is there a rule for that alarm of another journal? */
bool core_knows_rule(const struct core *c, const Busbar__V1__Alarm *a);
struct group_tree *core_groups(struct core *c);

/* A device group: the devices it reaches, each once. Both live until the next core_config(). */
struct named_group {
	uint64_t id;
	struct group *state; /* key, name, worst member and counts */
	struct device **device;
	size_t n_devices;
};
const struct named_group *core_named_group(const struct core *c, const char *key);
bool device_in_group(const struct device *d, const char *key);
struct group_tree *core_named_tree(struct core *c);

/* ---- inputs (eval.c, comm.c, core.c) ---- */

/* Sites, devices and rules, all of them. Devices and rules that are gone: their alarms are closed as "removed". */
void core_config(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns);
/* Who says so, when the device answered on our BOOTTIME, and the reading's number on the bus. */
struct core_source {
	const char *publisher;
	uint64_t sampled_ns;
	uint64_t epoch, topic_seq;
};
void core_reading(struct core *c, const Busbar__V1__Reading *r, const struct core_source *from,
	uint64_t now_ns);
/* One line of a Confirm: the device answered its reading `from` again at from->sampled_ns. Nothing
 * of it is evaluated anew: a collector repeats a reading in full while anybody may count. */
void core_confirm(struct core *c, uint64_t device_id, const char *group,
	const struct core_source *from, uint64_t now_ns);
void core_heartbeat(struct core *c, const Busbar__V1__Heartbeat *h, uint64_t now_ns);
void core_peer(struct core *c, const char *publisher, enum bb_peer_state state, bool new_epoch,
	uint64_t now_ns);
/* An own-alarm of this daemon: stands while set; severity 0 ends it. */
void core_trouble(struct core *c, const char *code, unsigned severity, const char *text,
	uint64_t now_ns);
/* Once a second or more often: holds that end without a reading, publishers that never came, silent
 * devices. */
void core_tick(struct core *c, uint64_t now_ns);
/* The loop, the host or we were away: nothing known counts as fresh, every hold starts again. */
void core_pause(struct core *c, uint64_t now_ns);
/* The wall clock jumped: the next record says so. */
void core_clock_step(struct core *c);

/* ---- what people do to an alarm (ack.c, shelve.c) ---- */

struct core_ack {
	const char *user, *comment;
	const uint8_t *cmd_key; /* 16 bytes, or NULL */
	const char *named;      /* id the command named; NULL: that of the record */
	uint64_t until_us;      /* shelve: wall clock; 0: only until it clears */
	bool until_clear;       /* shelve */
};
struct core_ack_result {
	unsigned code; /* CommandReply.Code; OK only counts once `jseq` is durable */
	uint64_t jseq; /* record behind the answer; 0: none */
	char text[256];
};
typedef void core_deed(struct core *c, const char *id, const struct core_ack *by,
	struct core_ack_result *out, uint64_t now_ns);
core_deed core_ack;
core_deed core_unack;   /* the acknowledgement is taken back: it flashes and sounds again */
core_deed core_take;    /* somebody else looks after it from now on; acknowledges what nobody did */
core_deed core_comment; /* a remark; needs a comment */
core_deed core_shelve;  /* needs a comment (the reason) and an end, at most 7 days away */
core_deed core_unshelve; /* also with the id of an episode that is over */
struct shelf *shelf_of(const struct device *d, const char *rule_id); /* NULL: not shelved */
/* The alarm of a shelf as lookers see it; `id` has ALARM_ID_CHARS bytes. */
void shelf_message(const struct device *d, const struct shelf *s, Busbar__V1__Alarm *m, char *id);

/* ---- test alarms (trial.c), flood (flood.c) ---- */

struct core_trial {
	uint64_t device_id; /* or: */
	const char *site;
	unsigned severity, seconds;
	const char *text;
};
/* `id` gets the alarm's (ALARM_ID_CHARS bytes), "" when refused. */
void core_trial(struct core *c, const struct core_trial *in, const struct core_ack *by,
	struct core_ack_result *out, char *id, uint64_t now_ns);
/* Since when there is a flood below that top-level site ("busbar": anywhere), 0: none, and how many
 * alarms were raised within 10 minutes. */
uint64_t core_flood(const struct core *c, const char *group_key, uint32_t *n);

/* ---- events of collectors (event.c) ---- */

/* Where an event comes from: record `jseq` of the log of collector `feed`. A volatile one may come
 * again under another number. */
struct core_feed {
	const char *feed;
	const uint8_t *journal_id; /* 16 bytes */
	uint64_t jseq;
	bool is_volatile;
};
/* Record the event as a transition that changes no state, unless it is recorded already. Returns the
 * number of our record, or 0 when there is none. */
uint64_t core_event(struct core *c, const struct core_feed *from, const Busbar__V1__DeviceEvent *e,
	uint64_t now_ns);
/* Go on after this one: false when nothing of that collector was ever recorded. */
bool core_feed_cursor(const struct core *c, const char *feed, uint8_t journal_id[16],
	uint64_t *jseq);

/* ---- taking up a record at start, and alarms of another journal (record.c) ---- */

/* Make the alarm set what it was after this transition. Order: ascending jseq. */
void core_replay(struct core *c, const Busbar__V1__Transition *t);
/* Open alarms and remembered commands as a list of length-prefixed Transitions. Caller frees. */
void core_snapshot(const struct core *c, uint8_t **data, size_t *len);
int core_restore(struct core *c, const uint8_t *data, size_t len, struct bb_err *err);
/* All records are taken up: evaluation may begin. */
void core_replayed(struct core *c, uint64_t now_ns);
/* Journal `a` again in our journal: an alarm taken over from another one. Kind "carried". */
void core_carry(struct core *c, const Busbar__V1__Alarm *a, uint64_t now_ns);
/* Close an alarm that only another journal knew: a transition to normal, kind "removed". */
void core_close_foreign(struct core *c, const Busbar__V1__Alarm *a, uint64_t now_ns);

/* ---- looking (publish.c, dump.c) ---- */

struct device *core_device(const struct core *c, uint64_t id);
struct device *core_devices(const struct core *c); /* list by ->next */
struct publisher *core_publishers(const struct core *c, size_t *n);
struct alarm *core_open_alarm(const struct core *c, const struct alarm_id *id);
/* Take every changed device whose newest transition is durable off the list, one call each. */
void core_flush_changed(struct core *c, uint64_t durable_jseq,
	void (*cb)(void *arg, struct device *d), void *arg);
/* What lookers are told of a device. */
void core_device_state(const struct device *d, Busbar__V1__DeviceState *out, char *status,
	size_t cap);
/* Fill the wire form; `id` has ALARM_ID_CHARS bytes; strings stay the alarm's. */
void core_alarm_message(const struct alarm *a, Busbar__V1__Alarm *out, char *id);
