// SPDX-License-Identifier: Apache-2.0
/* The contract between the shared host of every collector and one transport (SNMP, Modbus, ...).
 * The host does start-up, configuration generations, the schedule, publishing, snapshots,
 * heartbeats, communication state and commands; the transport talks to devices.
 *
 * A transport is one const struct collector_ops; its main() calls collector_main(). Its duties:
 * - open() is the only place that may reject a device's settings. Afterwards a device is never
 *   given up.
 * - Never block, sleep, exit, fork or decide: thresholds live in alarmd. Report what the device
 *   said, in the registry's unit.
 * - Each poll() that returned true is followed by exactly one device_pass_done() or
 *   device_pass_failed() of that group. A pass is   a consistent set: a partial answer is a failed
 *   pass. What the device does not know has quality BB_UNKNOWN, never the value zero.
 * - Input is hostile: check length before reading, bound every loop, hand the parser to a fuzz
 *   target.
 *
 * The host polls the group `status` every 2 s by default, `measure` at the device's interval,
 * `ident` daily and after device_poll_soon(), `cells` (battery blocks, only where there are some)
 * every 5 min, on battery every 30 s, after device_poll_soon() first; first polls are spread over the interval by a hash of
 * the device's id. One loop, one thread, nothing blocks. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "collectors/events.h"
#include "collectors/layout.h"
#include "collectors/plausible.h"
#include "collectors/wheel.h"
#include "common/cmd.h"
#include "common/conf.h"
#include "common/loop.h"
#include "common/service.h"
#include "common/snmpv3.h"

struct collector;

/* First member of every transport's settings; COLLECTOR_CONF_ITEMS describes it. */
struct collector_settings {
	int64_t status_interval_ms;
	int64_t interval_ms;
	int64_t ident_interval_ms;
	int64_t cells_interval_ms, cells_discharge_interval_ms;
	bool confirm;
	int64_t stuck_s, stuck_battery_s;
};
#define COLLECTOR_CONF_ITEMS \
	{ "status_interval_ms", BB_CONF_INT, offsetof(struct collector_settings, status_interval_ms), "ms", 50, 3600000, "2000", \
	  "interval of the status group where a device has none of its own" }, \
	{ "interval_ms", BB_CONF_INT, offsetof(struct collector_settings, interval_ms), "ms", 50, 3600000, "10000", \
	  "interval of the measurement group where a device has none of its own" }, \
	{ "ident_interval_ms", BB_CONF_INT, offsetof(struct collector_settings, ident_interval_ms), "ms", 1000, 604800000, "86400000", \
	  "interval at which identity and ratings are read again" }, \
	{ "cells_interval_ms", BB_CONF_INT, offsetof(struct collector_settings, cells_interval_ms), "ms", 1000, 86400000, "300000", \
	  "interval of the cells group: battery blocks" }, \
	{ "cells_discharge_interval_ms", BB_CONF_INT, offsetof(struct collector_settings, cells_discharge_interval_ms), "ms", 1000, 86400000, \
	  "30000", "interval of the cells group while the device is on battery" }, \
	{ "confirm", BB_CONF_BOOL, offsetof(struct collector_settings, confirm), "", 0, 0, "true", \
	  "a status answered again unchanged is confirmed instead of repeated; every receiver must know how" }, \
	{ "stuck_s", BB_CONF_INT, offsetof(struct collector_settings, stuck_s), "s", 1, 31536000, "86400", \
	  "a mains voltage without the least change for so long is told as implausible" }, \
	{ "stuck_battery_s", BB_CONF_INT, offsetof(struct collector_settings, stuck_battery_s), "s", 1, 86400, "900", \
	  "charge or runtime without the least change for so long while on battery is told as implausible" }

/* What a person decided about a value that seemed implausible. */
struct device_correction {
	char *point;
	uint8_t kind;           /* enum plausible_kind */
	double factor;          /* the value times this; 0: the value is right, look no more for this kind */
};
#define DEVICE_CORRECTIONS_MAX 200

/* Settings of one device, checked by the host as far as it can: address and port are set, community
 * is opened. */
struct device_settings {
	char *address;
	char *version;          /* transport's own: "1", "2c", "3" */
	char *profile;          /* name or "auto" */
	char *community;        /* a secret: never logged or published, wiped by the host */
	/* SNMPv3; the passwords as secret as the community. "": none. */
	char *v3_user, *v3_auth, *v3_priv, *v3_context;
	char *v3_auth_password, *v3_priv_password;
	uint8_t engine_id[BB_V3_ENGINE_MAX];
	uint8_t engine_id_n;    /* 0: ask the device */
	uint16_t port;          /* 0: the transport's default */
	uint32_t interval_ms;
	uint32_t status_interval_ms;
	struct device_correction *correction;
	unsigned n_corrections;
};

/* Not in enum bb_quality: the value is left out of the message altogether. */
#define DEVICE_ABSENT 0xff

union device_value {
	double number;
	char *text;             /* owned by the device, at most DEVICE_TEXT_MAX bytes */
};
#define DEVICE_TEXT_MAX 255

struct device_group {
	struct wheel_entry timer;
	uint64_t sampled_ns;            /* BOOTTIME of the newest good pass; 0: none yet */
	uint32_t interval_ms;
	uint32_t missed;                /* polls since then without a usable answer */
	bool asked;                     /* a pass runs */
	bool counted;                   /* an interval went by without an answer to it, and was counted as missed */
	bool alive;                     /* device_alive() since the last poll */
	bool published;                 /* the topic exists on the bus */
	uint64_t counts_ms;             /* loop time from which a poll without an answer counts as missed */
};

/* confirm.c: the status as it was sent last. */
struct device_sent {
	uint8_t repeats;
	bool is_digested;               /* the two below belong to the values as they stand */
	bool is_calm;
	uint64_t topic_seq, ms, digest;
};

/* One configured device, the host's part. `value` has layout->n_values elements, `quality` layout->n, `flag` the rest; one block,
 * which begins with `value`. */
struct device {
	struct collector *host;
	uint64_t id, site_id;
	char *key;
	struct device_settings set;
	struct layout *layout;          /* NULL until recognised */
	union device_value *value;
	uint8_t *quality;               /* enum bb_quality or DEVICE_ABSENT */
	bool *flag;                     /* device_flag() */
	struct device_group group[GROUP_COUNT];
	struct device_sent sent;
	struct plausible *plausible;    /* as long as there is a layout */
	char *lost_reason;
	bool is_open;                   /* open() accepted the settings */
	bool is_lost;                   /* logged as lost */
	bool has_identity;              /* its topic exists on the bus */
	uint32_t generation_mark, snapshot_mark;
	int status_slot;                /* ups.status, -1: none */
	uint64_t hurry_until_ms;        /* loop time; until then the status is polled more often */
	max_align_t transport[];        /* device_size bytes of the transport */
};
static inline bool device_flag(const struct device *d, unsigned slot)
{
	return d->flag[slot - d->layout->n_values];
}
#define DEVICE_OF(p) ((struct device *)((char *)(p) - offsetof(struct device, transport)))

typedef void (*collector_metric)(void *arg, const char *name, double value);

struct collector_ops {
	const char *name;                       /* "collect-snmp": binary, unit, log and publisher name */
	const char *summary;
	const struct bb_conf_item *schema;      /* begins with COLLECTOR_CONF_ITEMS */
	size_t settings_size;                   /* struct whose first member is struct collector_settings */
	size_t device_size;                     /* private state, zeroed and freed by the host */
	uint16_t default_port;
	/* Sockets, profiles ... of the process. *transport is handed to the calls below. */
	int (*start)(struct collector *c, void **transport, struct bb_err *err);
	void (*stop)(void *transport);
	int (*open)(struct device *d, struct bb_err *err);      /* check settings; the first poll follows */
	void (*close)(struct device *d);                        /* undo open; called exactly once */
	/* Begin one pass. False: the device is down and is not asked this time; that counts as a
	 * missed poll. */
	bool (*poll)(struct device *d, unsigned group);
	/* Why there is no answer yet, while a pass runs: one sentence into buf. False: the device
	 * is not to blame (it waits for us), so the poll does not count as missed. */
	bool (*explain)(struct device *d, char *buf, size_t cap);
	/* Somebody heard from the device (a trap): forget that it was down. May be NULL. */
	void (*heard)(struct device *d);
	void (*receive)(void *transport);       /* at the begin of each 10 ms tick: take what has come. May be NULL */
	void (*tick)(void *transport);          /* after the due polls of a 10 ms tick: send in batches. May be NULL */
	void (*paused)(void *transport);        /* process or host was away: what is queued is old. May be NULL */
	/* A verb the host does not know: answer it, now or later, and return true; false: unknown here, too. May be NULL. */
	bool (*command)(void *transport, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
	void (*metrics)(void *transport, collector_metric emit, void *arg);     /* may be NULL */
	void (*dump)(void *transport, FILE *f);                                 /* may be NULL */
};

/* The whole life of the process; returns its exit code. */
int collector_main(const struct collector_ops *ops, int argc, char **argv);

/* ---- for transports ---- */
void *collector_transport(struct collector *c);
const void *collector_settings(const struct collector *c);
const struct bb_dirs *collector_dirs(const struct collector *c);
struct bb_loop *collector_loop(struct collector *c);
struct wheel *collector_wheel(struct collector *c);
/* The device with that key, or NULL. */
struct device *collector_device(struct collector *c, const char *key);
/* Open a secret that is sealed to this collector; `out` is the caller's to wipe. Returns 0 or -1. */
int collector_unseal(struct collector *c, const void *sealed, size_t n, char *out, size_t cap, struct bb_err *err);
/* An own-alarm of this collector (severity 0 removes it). */
void collector_trouble(struct collector *c, const char *code, unsigned severity, const char *text);
/* False: the process ends; calls that are still open are gone and must not be answered. */
bool collector_answers(const struct collector *c);
/* Something happened that is not a reading: recorded here, then by alarmd, once. `done` (may be NULL) runs later, when the event is
 * on disk; see events.h. */
void collector_event(struct collector *c, const struct device_event *ev, events_done done, void *arg);

/* The device offers these points from now on; takes over one reference. Values of slots with the
 * same name and kind are kept, all others are BB_UNKNOWN. */
void device_set_layout(struct device *d, struct layout *l);
/* A value that is not finite, or that no working device can have (range of the registry), becomes
 * BB_BAD instead of BB_GOOD. Corrections that a person confirmed are applied here. */
void device_set_number(struct device *d, unsigned slot, double v, unsigned quality);
/* A scale was wrong: what was called impossible before may be possible now. For a number set in this pass; corrections of the device
 * are in it already. */
void device_scale_number(struct device *d, unsigned slot, double factor);
/* Copied, cut to DEVICE_TEXT_MAX, made printable. NULL keeps the text. */
void device_set_text(struct device *d, unsigned slot, const char *s, size_t n, unsigned quality);
void device_set_flag(struct device *d, unsigned slot, bool v, unsigned quality);
/* The pass of `group` is complete and was sampled at that instant: publish it. */
void device_pass_done(struct device *d, unsigned group, uint64_t sampled_boot_ns);
/* The same where the transport knows that neither a value nor a quality of the group changed since its last
 * device_pass_done() or device_update(): cheaper, because nothing is looked at. */
void device_pass_repeated(struct device *d, unsigned group, uint64_t sampled_boot_ns);
/* The pass failed for `reason` (one sentence: what was tried, what came, what to check). */
void device_pass_failed(struct device *d, unsigned group, const char *reason);
/* Values of the group changed between two passes (an alarm table was read): publish it as it
 * stands, with its old stamp. */
void device_update(struct device *d, unsigned group);
/* The device answered something, but a pass is not complete yet (being recognised): do not count
 * the poll as missed. */
void device_alive(struct device *d);
/* From now on the group is polled at this interval (stretching); published with the next message. */
void device_set_interval(struct device *d, unsigned group, uint32_t ms);
/* Poll the group again in `ms`, out of turn. */
void device_poll_soon(struct device *d, unsigned group, uint64_t ms);
/* Something happens there: poll the status at once, and for a while more often. The polls in between do not count as missed. */
void device_hurry(struct device *d);
