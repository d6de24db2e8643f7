// SPDX-License-Identifier: Apache-2.0
/* Marks outside the life of an alarm: quiet (maintenance, out of service, consequence of something
 * else), chattering, flood, test. They change no state: raises and clears go on and are recorded. Each
 * change of a mark of an open alarm is a record of its own, so that a restart knows it and whoever
 * tells people learns when the quiet ends.
 *
 * Part of the core (core.h): no I/O, no clock, one thread. Times *_ns are BOOTTIME, *_us wall clock. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/wire.h"

struct alarm;
struct core;
struct device;

/* ---- quiet.c: why an alarm is quiet besides a shelf ---- */

enum quiet_kind { QUIET_SUPPRESSED, QUIET_MAINTENANCE, QUIET_OUT_OF_SERVICE, QUIET_KINDS };

/* Shelved or marked: counts nowhere, nobody is told. */
bool alarm_is_quiet(const struct alarm *a);
/* Counts in severities and numbers: neither quiet nor a test. */
bool alarm_counts(const struct alarm *a);
/* A new episode takes the marks of its device. */
void quiet_begin(const struct core *c, struct alarm *a);
/* Set (text) or end (NULL) a mark; an open alarm gets a record if that changes anything. */
void quiet_mark(struct core *c, struct alarm *a, enum quiet_kind kind, const char *text,
	uint64_t now_ns);
/* The device's marks changed: its open alarms follow. */
void quiet_follow(struct core *c, struct device *d, uint64_t now_ns);
/* People are being told of the alarm as it is now, unless it is quiet. */
void quiet_tell(struct alarm *a);
void quiet_fill(const struct alarm *a, Busbar__V1__Alarm *m);
void quiet_take(struct alarm *a, const Busbar__V1__Alarm *m);
void quiet_free(struct alarm *a);

/* ---- words.c: cause, consequence and action as they were when the alarm was raised ---- */

/* A new episode takes what its rule says itself; what it does not say is built in (common/rulewords.h). */
void words_begin(struct alarm *a);
void words_fill(const struct alarm *a, Busbar__V1__Alarm *m);
void words_take(struct alarm *a, const Busbar__V1__Alarm *m);
void words_free(struct alarm *a);

/* ---- maintenance.c: when and for whom ---- */

struct maintenance;
void maintenance_config(struct core *c, const Busbar__V1__Config *conf, uint64_t now_ns);
/* The window that runs for the device now goes into its life. */
void maintenance_look(const struct core *c, struct device *d);
void maintenance_tick(struct core *c, uint64_t now_ns);
/* What a window goes by changed: a device, its profile, its groups. */
void maintenance_touch(struct core *c);
void maintenance_free(struct maintenance *m);

/* ---- parent.c: what a device is reached through ---- */

/* What the device's parent says about why it does not answer. */
enum parent_verdict {
	PARENT_NONE, /* there is none */
	PARENT_OK,   /* it answered after the device was lost */
	PARENT_WAIT, /* nobody knows yet */
	PARENT_LOST,
};
/* With PARENT_LOST *cause is the key of the topmost lost one. */
enum parent_verdict parent_verdict(const struct core *c, const struct device *d, uint64_t now_ns,
	const char **cause);
/* Something above it does not answer at present, or answers badly. */
bool parent_is_failing(const struct core *c, const struct device *d);
void parent_config(struct core *c, const Busbar__V1__Config *conf);
/* Each second, for a device that is lost: is its alarm still a consequence, has it become one? */
void parent_tick(struct core *c, struct device *d, struct alarm *comm, uint64_t now_ns);

/* ---- chatter.c ---- */

struct chatter;
bool chatter_is_on(const struct device *d, const char *rule_id);
/* A raise, or a higher severity, is about to be recorded. */
void chatter_raised(struct core *c, struct alarm *a, uint64_t now_ns);
/* ... and was: one record, one notification for all of the chatter. */
void chatter_announce(struct core *c, struct alarm *a, uint64_t now_ns);
void chatter_cleared(struct core *c, struct alarm *a, uint64_t now_ns);
void chatter_tick(struct core *c, struct device *d, uint64_t now_ns);
void chatter_fill(const struct alarm *a, Busbar__V1__Alarm *m);
/* Returns true when the record is about chatter only. */
bool chatter_replay(struct core *c, struct device *d, const Busbar__V1__Transition *t);
void chatter_free(struct device *d);

/* ---- flood.c: more than people can deal with ---- */

struct flood;
void flood_raised(struct core *c, const struct alarm *a, uint64_t now_ns);
void flood_tick(struct core *c, uint64_t now_ns);
bool flood_replay(struct core *c, const Busbar__V1__Transition *t);
void flood_free(struct flood *f);

/* Records for a snapshot, of chatter and flood. */
typedef void life_each_cb(void *arg, const Busbar__V1__Transition *t);
void chatter_each(const struct core *c, const struct device *d, life_each_cb *cb, void *arg);
void flood_each(const struct core *c, life_each_cb *cb, void *arg);
/* When a record was made, on our BOOTTIME. */
uint64_t record_boot_ns(const struct core *c, const Busbar__V1__Transition *t);

/* ---- trial.c: test alarms ---- */

void trial_tick(struct core *c, struct device *d, uint64_t now_ns);
/* The object a test alarm of a site belongs to. */
struct device *trial_object(struct core *c, const char *key, uint64_t site_id);

/* What a device knows of all that. Strings owned but where noted. */
struct device_life {
	struct chatter *chatters;
	const char *maintenance; /* name of the window that runs, borrowed from it */
	char *out_of_service;
	char *profile;      /* of the configuration, or detected */
	uint64_t parent_id; /* 0: by its site */
	uint64_t lost_ns;   /* it is lost since then */
	char *lost_reason;  /* while its parent's verdict is awaited */
	uint64_t parent_back_ns;
	uint32_t parent_back_missed; /* missed polls since its parent answers again */
	bool may_be_consequence;     /* told as its own; its parent may still prove lost with it */
	bool is_counted;             /* in the window of the devices that fail together */
};
