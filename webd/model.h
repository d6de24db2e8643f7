// SPDX-License-Identifier: Apache-2.0
/* What webd knows of the world: devices with their last values, groups, open alarms, daemons;
 * built from the configuration and the bus, held in memory only. Changes are told to one
 * listener. Nothing blocks.
 *
 * Devices are told apart by device_id. A device of the bus that the configuration does not know
 * yet is kept but not shown; it is forgotten when its topics end. A value that a newer pass no
 * longer holds stays with its old time, so it goes stale and then unknown. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/point.h"
#include "common/wire.h"

struct model_daemon;

/* Hundreds of thousands of these, while somebody looks. */
struct model_point {
	const char *name, *index; /* interned */
	union {                   /* by kind; text is owned, NULL: empty */
		int flag;
		double number;
		char *text;
	};
	uint64_t sampled_ns; /* own BOOTTIME */
	uint32_t interval_ms;
	uint8_t kind, quality;    /* enum bb_point_kind; the device's own quality */
	uint8_t shown;            /* quality as last sent to streams; live.c */
	bool is_new;              /* came since the last tick; live.c clears it */
	bool is_status;           /* came with the status group */
};

/* What seems implausible about a device and nobody has judged yet (Reading.finding). */
struct model_finding {
	const char *point, *kind; /* interned */
	char *text;
	double value, factor;     /* factor 0: nothing to put right */
	uint64_t first_unix_ms;
	uint8_t group;            /* of the readings it comes with */
};

enum model_comm { COMM_NEVER, COMM_OK, COMM_LOST };

struct model_device {
	uint64_t id;
	char *key, *collector, *address, *version, *profile_wanted;
	uint32_t port, interval_ms, status_interval_ms;
	bool is_configured, is_seen; /* is_seen: by the configuration being applied */
	char *profile, *status, *lost_reason;
	unsigned severity, comm, active, unack, missed;
	uint64_t status_epoch, status_seq;    /* number of the newest status reading */
	uint64_t status_ns, confirmed_ns;     /* its time, and of its newest confirmation; 0: none */
	bool is_confirmed;                    /* since the last tick; live.c clears it */
	uint64_t answered_ns;                 /* sampled time of the newest good pass, 0: never */
	const struct model_daemon *publisher; /* collector it was last heard from, or NULL */
	struct model_point *point;
	size_t n_points, cap_points, next_guess;
	struct model_finding *finding;
	size_t n_findings;
	bool is_changed, has_new_values; /* waits for the next tick; live.c */
};

struct model_alarm {
	char *id, *key, *rule, *subject, *user, *comment, *text, *unit;
	char *shelved_by, *shelve_reason;
	char *site; /* path; set by the model */
	char *suppressed_by, *maintenance, *out_of_service; /* "": not */
	uint32_t chatter_raises;
	uint64_t shelved_us, shelved_until_us; /* 0: not shelved */
	bool shelved_until_clear;
	uint64_t device_id, site_id, raised_us, cleared_us, acked_us, jseq;
	uint64_t heard_ms; /* monotonic */
	unsigned severity, state;
	double value, limit;
	bool has_value, has_limit, is_test, is_stale, is_chattering;
};

struct model_group {
	uint64_t id;
	char *key, *name;
	unsigned severity, members, counts[7], flood_count;
	uint64_t flood_us; /* since; 0: none */
	bool has_unack, is_configured, is_seen, has_state, is_changed;
	bool is_named; /* a device group, not a site */
};

/* A redundancy group as alarmd tells it. */
struct model_redundancy {
	uint64_t id, site_id, since_us;
	char *key, *name;
	unsigned result; /* enum RedundancyResult */
	unsigned need, working, failed, unknown, severity;
	bool has_load, has_capacity, has_unack, is_changed;
	double load_w, capacity_w;
};

struct model_trouble {
	char *code, *text;
	unsigned severity;
};
struct model_daemon {
	char *name, *role, *build;
	uint32_t pid;
	uint64_t start_unix_ms, heard_ms; /* heard: monotonic */
	enum bb_peer_state state;
	char **metric_name;
	double *metric;
	size_t n_metrics, n_troubles;
	struct model_trouble *trouble;
};

/* Counted over configured devices and all open alarms. */
struct model_summary {
	unsigned devices, device_severity[7];
	unsigned active[7], unack[7]; /* without the quiet ones and tests */
	unsigned shelved, suppressed, maintenance, out_of_service, chattering;
};

struct model_listener {
	/* `was` is the state before (enum AlarmState, normal for a new one). When the alarm is
	 * normal it is forgotten afterwards. */
	void (*alarm)(void *arg, const struct model_alarm *a, unsigned was, bool is_new_event);
	void (*device)(void *arg, struct model_device *d); /* severity, status, comm, counts, key */
	void (*device_gone)(void *arg, const struct model_device *d);
	void (*values)(void *arg, struct model_device *d);
	void (*group)(void *arg, struct model_group *g);
	void (*group_gone)(void *arg, const struct model_group *g);
	void (*redundancy)(void *arg, struct model_redundancy *r); /* these two may be NULL */
	void (*redundancy_gone)(void *arg, const struct model_redundancy *r);
	void *arg;
};

struct model;
struct model *model_new(const struct model_listener *l);
void model_free(struct model *m);

void model_config(struct model *m, const Busbar__V1__Config *c);
/* Nobody hears values any more: forget them. */
void model_values_forget(struct model *m);
void model_message(struct model *m,
	const struct bb_msg *msg); /* bad ones are counted and dropped */
/* A daemon that belongs to the suite: lost until it is heard, so that one which never starts is
 * seen. / */
void model_expect(struct model *m, const char *name);
void model_peer(struct model *m, const char *publisher, enum bb_peer_state state);
/* alarmd's own list of open alarms (reply of its verb "alarms", asked for at `asked_ms`): what
 * we heard of before and it does not name any more is over. Returns -1 when it cannot be read. */
int model_alarm_list(struct model *m, const char *json, uint64_t asked_ms, struct bb_err *err);

/* Counts nowhere and is not notified. */
bool model_alarm_is_quiet(const struct model_alarm *a);
struct model_device *model_device(const struct model *m, uint64_t id);
struct model_device *model_device_by_key(const struct model *m, const char *key);
const struct model_alarm *model_alarm(const struct model *m, const char *id);
/* Sorted arrays of borrowed pointers, good until the model changes. Devices by key (configured
 * ones), alarms newest first, groups by key, daemons by name. */
struct model_device **model_devices(struct model *m, size_t *n);
struct model_alarm **model_alarms(struct model *m, size_t *n);
struct model_group **model_groups(struct model *m, size_t *n);
/* NULL: alarmd has not spoken of it. */
struct model_group *model_named(const struct model *m, const char *key);
struct model_redundancy *model_redundancy(const struct model *m, const char *key);
void model_named_each(const struct model *m, void (*cb)(void *arg, struct model_group *g),
	void *arg);
void model_redundancy_each(const struct model *m,
	void (*cb)(void *arg, struct model_redundancy *r), void *arg);
/* Path of a site; "" when there is none. */
const char *model_site_key(const struct model *m, uint64_t site_id);
struct model_daemon **model_daemons(struct model *m, size_t *n);
void model_summary(struct model *m, struct model_summary *s);
uint64_t model_bad(const struct model *m);

/* Severity as people should see it: unknown while alarmd is lost, whatever it said last. */
unsigned model_severity(const struct model *m, unsigned severity);
/* Quality as people should see it now: too old is stale, then unknown; a silent collector makes
 * stale, a lost device unknown. */
unsigned model_quality(const struct model_device *d, const struct model_point *p, uint64_t now_ns);
/* When it was read or confirmed last. */
uint64_t model_sampled_ns(const struct model_device *d, const struct model_point *p);
bool model_is_of_status(const struct model_device *d, const struct model_point *p);
/* Seconds since the device was sampled; negative: never. */
double model_age_s(uint64_t sampled_ns, uint64_t now_ns);
const char *model_comm_name(unsigned comm);
