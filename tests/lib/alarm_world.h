// SPDX-License-Identifier: Apache-2.0
/* alarmd's core with a clock, a journal and a network that the test owns. Times are milliseconds
 * since the world began. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "alarmd/core.h"

#define WORLD_DEVICES_MAX 2000
#define WORLD_RULES_MAX   100

struct world_record {
	uint64_t jseq;
	uint64_t at_ms;
	uint8_t *data;
	size_t len;
	const Busbar__V1__Transition *t; /* lives as long as the world */
};

struct world {
	struct core *core;
	struct bb_arena *arena; /* of messages, reset by every input */
	struct bb_arena *kept;  /* of records */
	uint64_t now_ms;
	int64_t wall_step_us; /* added to the wall clock */
	uint8_t journal_id[16];
	struct world_record *records;
	size_t n_records;
	unsigned remarks, gone;
	struct {
		char key[128], collector[64], profile[64];
		uint64_t id;
	} devices[WORLD_DEVICES_MAX];
	size_t n_devices;
	struct {
		uint64_t entry;
		char *json;
		bool is_removed;
	} rules[WORLD_RULES_MAX];
	size_t n_rules;
	uint64_t next_id;
	struct world_groups *groups; /* alarm_groups.c */
	struct world_life *life;     /* alarm_life.c */
	uint64_t topic_seq; /* of the newest reading; every reading gets the next one */
};

void world_init(struct world *w);
void world_fini(struct world *w);
/* Devices of the configuration; world_configure() puts them in force. A key that is there already
 * only gets the collector. */
uint64_t world_device(struct world *w, const char *key, const char *collector);
void world_profile(struct world *w, const char *key, const char *profile);
/* An entry of the rules (common/ruledef.h), changed when it is there already; NULL: it was removed. */
void world_rule(struct world *w, uint64_t entry, const char *json);
void world_remove(struct world *w, const char *key);
void world_rename(struct world *w, const char *from, const char *to);
void world_configure(struct world *w);
/* Time goes on, with a tick each second. */
void world_to(struct world *w, uint64_t ms);
/* One reading now. `values`: "ups.status=OB
 * CHRG;alarm.fan.failed=true;battery.temperature=41@stale". */
void world_read(struct world *w, const char *key, const char *group, const char *values);
/* The same, answered by the device `age_ms` ago. */
void world_read_old(struct world *w, const char *key, const char *group, const char *values,
	uint64_t age_ms);
/* The device answered its reading number `topic_seq` again, now. */
void world_confirm(struct world *w, const char *key, uint64_t topic_seq);
void world_miss(struct world *w, const char *key, unsigned missed);
/* ... of a device that is asked so often. */
void world_miss_of(struct world *w, const char *key, unsigned missed, unsigned interval_ms);
void world_peer(struct world *w, const char *publisher, enum bb_peer_state state);
/* A heartbeat with at most one trouble. */
void world_heartbeat(struct world *w, const char *publisher, const char *role, const char *code,
	unsigned severity);
/* Start anew from the journal: snapshot taken at record `at` (0: none) and what follows. */
void world_restart(struct world *w, uint64_t snapshot_at);
/* Keep a snapshot of now for world_restart(); it holds everything up to the newest record. */
struct world_snapshot {
	uint8_t *data;
	size_t len;
	uint64_t jseq;
};
struct world_snapshot world_snapshot(struct world *w);
void world_restart_from(struct world *w, const struct world_snapshot *s);

struct alarm *world_alarm(struct world *w, const char *key,
	const char *rule); /* open on the wire, or NULL */
struct device *world_find(struct world *w, const char *key);
/* A deed of a person (ack.c, shelve.c). `by` may leave cmd_key out: `key` is taken. */
unsigned world_deed(struct world *w, core_deed *deed, const char *id, const struct core_ack *by, uint8_t key,
	struct core_ack_result *out);
uint64_t world_wall_us(const struct world *w);
unsigned world_ack(struct world *w, const char *id, const char *user, uint8_t key,
	struct core_ack_result *out);
/* Records of that kind for device and rule ("" = any). */
size_t world_count(const struct world *w, const char *key, const char *rule, const char *kind);
/* The alarm set as sorted text, to compare two worlds. Caller frees. */
char *world_print(const struct world *w);
