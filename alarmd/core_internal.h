// SPDX-License-Identifier: Apache-2.0
/* What the files of the core share; nobody else includes this. */
#pragma once
#include "alarmd/core.h"

#define NS_PER_MS      UINT64_C(1000000)
#define NS_PER_S       UINT64_C(1000000000)
#define CORE_MEMOS_MAX 10000

/* A command that acknowledged an alarm, kept so that its repeat gets the same answer even after a
 * restart. */
struct memo {
	uint8_t cmd_key[16];
	struct alarm_id id;
	uint64_t jseq;
	uint64_t acked_us;
	char *user, *comment;
	uint8_t deed; /* index of deeds[] in ack.c */
};

/* How far the log of a collector was taken up: its newest event recorded here. */
struct feed {
	char name[64];
	uint8_t journal_id[16];
	uint64_t jseq;
};
#define CORE_FEEDS_MAX      64
#define CORE_EVENT_KEYS_MAX 4096

struct event_mark {
	uint8_t key[16];
	uint64_t at_us; /* when the collector learnt it; 0: free */
};

struct redundancy;
struct redundancy_result;

/* The newest value of a point of a device (redundancy_watch.c). */
struct watch {
	struct watch *next;
	char *name, *index;
	uint8_t kind;  /* enum bb_point_kind */
	uint8_t group; /* poll group that brought it */
	bool is_read, is_good;
	double number; /* flags: 0 or 1 */
	char text[128];
	uint64_t sampled_ns;
	uint32_t interval_ms;
	uint64_t mark; /* configuration that wants it */
};

/* A membership of a device in a redundancy group. */
struct member_ref {
	struct redundancy *r;
	size_t member; /* place in its list */
};

/* Where the terms of one set stand in another, where the rule is the same. */
struct rule_map {
	const struct rule_set *from, *to;
	uint16_t term[RULE_SET_TERMS_MAX]; /* 1 + number in `to`; 0: gone or changed */
};

struct core {
	struct ruleset *rules;
	struct track_peers *peers;
	struct rule_map map; /* of the newest change of rules: many devices make the same one */
	char rules_error[BB_ERR_MAX]; /* of the newest configuration, "" when all rules are in force */
	struct core_env env;
	struct core_stats stats;
	struct bb_table *devices; /* by id */
	struct device *all;       /* own ones included */
	struct device *dirty;
	struct bb_table *open; /* by struct alarm_id, alarms that are open on the wire */
	struct group_tree *groups;     /* sites */
	struct group_tree *named_tree; /* states of device groups */
	struct bb_table *named;        /* struct named_group by key */
	struct redundancy **redundancies; /* in the order of evaluation */
	size_t n_redundancies;
	bool is_redundancy_due;
	struct publisher publishers[CORE_PUBLISHERS_MAX];
	size_t n_publishers;
	uint64_t
		/* readings sampled before are no evidence: start, or the end of the last pause */
		epoch_ns;
	bool is_live; /* records are taken up; evaluation may begin */
	bool has_config;
	bool clock_step;
	uint64_t config_pass;
	struct bb_table *memos; /* by cmd_key + alarm id */
	struct memo ring[CORE_MEMOS_MAX];
	size_t memo_next;
	struct feed feed[CORE_FEEDS_MAX];
	size_t n_feeds;
	struct event_mark mark[CORE_EVENT_KEYS_MAX]; /* a ring of the newest events */
	size_t mark_next;
	struct bb_table *marks; /* by key */
	/* life.h */
	struct maintenance *maintenance;
	struct bb_table *links; /* site key -> device that connects it */
	struct flood *floods;
	unsigned from_severity; /* of the change that is being recorded */
};

/* core.c */
struct device *device_new(struct core *c, uint64_t id, const char *key);
void device_free(struct core *c, struct device *d);
void device_summarise(struct core *c, struct device *d);
struct alarm *alarm_of(const struct device *d, const char *rule_id);
struct alarm *alarm_new(struct core *c, struct device *d, const char *rule_id,
	const struct rule *r);
/* One step; journals, counts and frees the alarm when it came back to normal. Returns what was
 * done. */
enum alarm_action alarm_apply(struct core *c, struct alarm *a, enum alarm_event ev,
	const struct core_ack *ack, uint64_t now_ns);
/* Give every alarm of the device whose hold is running an event. */
void device_waiting(struct core *c, struct device *d, enum alarm_event ev, uint64_t now_ns);
/* The severity of an alarm changes while it stands; a rise takes the acknowledgement back. */
void alarm_set_severity(struct core *c, struct alarm *a, unsigned severity, uint64_t now_ns);
void alarm_set_stale(struct core *c, struct alarm *a, bool is_stale);
void device_set_stale(struct core *c, struct device *d, bool is_stale);
uint64_t core_emit(struct core *c, const Busbar__V1__Alarm *m, const char *kind, unsigned from,
	unsigned to, const struct core_ack *ack, uint64_t now_ns);
/* The same for a transition that says more: what the caller set in `t` stays. */
uint64_t core_emit_as(struct core *c, Busbar__V1__Transition *t, const Busbar__V1__Alarm *m,
	const char *kind, unsigned from, unsigned to, uint64_t now_ns);
void replace_text(char **at, const char *text);

/* comm.c */
struct publisher *publisher_find(struct core *c, const char *name);
struct publisher *publisher_get(struct core *c, const char *name);
/* A reading told how often in a row the device did not answer. */
void comm_reading(struct core *c, struct device *d, uint32_t missed, const char *reason,
	uint64_t now_ns);
void comm_forget(struct core *c, struct device *d);
bool comm_is_trusted(const struct device *d);
/* Each second, for the publishers and then for each device. */
void comm_tick(struct core *c, uint64_t now_ns);
void comm_tick_device(struct core *c, struct device *d, uint64_t now_ns);
void comm_expect(struct core *c, uint64_t now_ns);
/* Set or end an own-alarm of a publisher. */
/* The host's clock has an alarm: times of what is recorded now are doubtful. */
bool comm_clock_is_doubtful(struct core *c);
void own_set(struct core *c, struct publisher *p, const char *code, unsigned severity,
	const char *text, bool stands, uint64_t now_ns);

/* event.c */
/* The configuration changed: an alarm about a test nobody expects any more is over. */
void event_expect(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns);
/* Remember what an event's record says about its log. */
void event_replay(struct core *c, const Busbar__V1__Transition *t);
/* Feeds and keys as transitions without an alarm, for a snapshot. */
void event_each(const struct core *c, void (*cb)(void *arg, const Busbar__V1__Transition *t),
	void *arg);

/* group_named.c */
/* Take the device groups of the configuration; devices are there already. */
void named_config(struct core *c, const Busbar__V1__Config *conf, struct bb_table *sites);
void named_leave(struct core *c, struct device *d);
void named_free_all(struct core *c);

/* eval.c */
/* Each second: values that did not come. */
void eval_age(struct core *c, struct device *d, uint64_t now_ns);

/* assign.c */
/* The rules in force for the device; alarms of rules that are not any more end, the others stay. */
void device_rules(struct core *c, struct device *d, uint64_t now_ns);
void rules_config(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns);
/* Another profile is in use. */
void device_profile(struct core *c, struct device *d, uint64_t now_ns);
/* An alarm taken up from a record belongs to this rule. */
void alarm_bind(struct device *d, struct alarm *a, const struct rule *r);

/* level.c */
/* News of the term number `k` of the rule: its level goes on. */
void level_step(struct alarm *a, unsigned k, enum alarm_event ev, uint64_t now_ns);
/* The same for all levels. */
void level_all(struct alarm *a, enum alarm_event ev, uint64_t now_ns);
/* Number of the worst level that holds, or -1. */
int level_worst(const struct alarm *a);
/* Make the severity that of the worst level; `news` NULL: time did it. */
void level_settle(struct core *c, struct alarm *a, const struct rule_news *news, uint64_t now_ns);
/* After a restart the level of that severity is the one that held. */
void level_restore(struct alarm *a);

/* redundancy*.c */
/* The object of a redundancy group, made when it is not there. NULL: the key is none. */
struct device *redundancy_object(struct core *c, const char *key);
void redundancy_config(struct core *c, const Busbar__V1__Config *conf, struct bb_table *sites,
	uint64_t now_ns);
/* Something about a device changed that may matter to its groups. */
void redundancy_touch(struct core *c, struct device *d, uint64_t now_ns);
void redundancy_tick(struct core *c, uint64_t now_ns);
void redundancy_free_all(struct core *c);
void redundancy_free(struct redundancy *r);
/* Alarms and news of one group after `was`. */
void redundancy_settle(struct core *c, struct redundancy *r, const struct redundancy_result *was,
	uint64_t now_ns);
void redundancy_evaluate(const struct core *c, const struct redundancy *r,
	const struct bb_table *failed, const struct redundancy_result *results, uint64_t now_ns,
	struct redundancy_result *out);
void redundancy_bind_alarms(struct redundancy *r);
const struct watch *watch_find(const struct device *d, const char *name, const char *index);
void watch_point(struct device *d, const char *name, const char *index, uint64_t mark);
void watch_power(struct device *d, uint64_t mark);
/* Forget what `mark` does not want. */
void watch_sweep(struct device *d, uint64_t mark);
void watch_reading(struct device *d, const Busbar__V1__Reading *r, unsigned group,
	uint64_t sampled_ns);
bool watch_is_known(const struct device *d, const struct watch *w, uint64_t now_ns);

/* inventory.c */
void device_remove(struct core *c, struct device *d, uint64_t now_ns);

/* shelve.c */
void shelf_fill(const struct shelf *s, Busbar__V1__Alarm *m);
/* The same without the alarm that may stand: what the shelf alone says, under the id it was shelved with. */
void shelf_own_message(const struct device *d, const struct shelf *s, Busbar__V1__Alarm *m, char *id);
void shelves_tick(struct core *c, struct device *d, uint64_t now_ns);
void shelves_free(struct device *d);
/* Was it a record about a shelf? */
bool shelf_replay(struct device *d, const Busbar__V1__Transition *t);

/* ack.c */
/* The answer to a repeated command, or to an id that is none: true when `out` says all. */
bool ack_repeated(struct core *c, const char *text, const struct core_ack *by, struct alarm_id *id,
	struct core_ack_result *out);
/* The open alarm a command names, or NULL with the answer in `out`. */
struct alarm *ack_alarm(struct core *c, const char *text, const struct core_ack *by,
	struct core_ack_result *out);
const char *memo_kind(const struct memo *m);
void memo_add(struct core *c, const uint8_t *cmd_key, const struct alarm_id *id,
	const Busbar__V1__Transition *t);
