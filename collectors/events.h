// SPDX-License-Identifier: Apache-2.0
/* What devices and people did, kept until alarmd has recorded it: traps, informs, commands. A spool
 * (common/journal in <lib>/events) behind the pull server <collector>.events, which alarmd reads
 * after its own durable cursor.
 *
 * The done callback tells when the event is on disk: only then may an inform be answered or a
 * command be sent. In emergency mode (nothing can be written) it runs with durable = false: the
 * event is delivered from memory, and whoever waits for an answer gets none. Events pass 32 KiB
 * never: varbinds that do not fit are left out, and the text says so. Nothing blocks but open (it
 * reads the spool) and free (at most 5 s). One loop, one thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/journal.h"
#include "common/wire.h"

enum { EVENTS_RECORD = 1, EVENTS_KEY_BYTES = 16, EVENTS_VARBINDS_MAX = 64 };

struct device_event_varbind {
	const char *oid, *type, *value;
};

/* All strings are copied and made printable; NULL is "". */
struct device_event {
	uint64_t device_id; /* 0: none of our devices */
	uint64_t site_id;
	const char *key;
	const char *kind; /* a word of a-z0-9_: trap inform command test_window ... */
	const char *code, *text;
	const char *source, *user, *comment;
	const char *oid;
	unsigned severity;   /* enum Severity; 0: info */
	uint32_t count;      /* 0 counts as 1 */
	uint64_t at_unix_us; /* 0: now */
	/* The same for a second delivery of this event, never for another one within ten minutes; NULL:
	 * made up, so that every call is an event of its own. */
	const uint8_t *event_key;
	const uint8_t *cmd_key; /* 16 bytes of the command behind it, or NULL */
	bool is_authenticated;
	bool is_test;
	const struct device_event_varbind *varbind;
	size_t n_varbind;
};

struct events;
struct events_options {
	const char *lib;  /* state folder of the collector */
	const char *name; /* "collect-snmp" */
	/* Own-alarms events_emergency, events_tight, events_damaged; severity 0 ends one. May run inside
	 * events_open(). */
	void (*trouble)(void *arg, const char *code, unsigned severity, const char *text);
	void *arg;
};
struct events *events_open(struct bb_bus *bus, struct bb_loop *loop, const struct events_options *o,
	struct bb_err *err);
void events_free(struct events *e);

typedef void (*events_done)(void *arg, bool durable);
/* `done` may be NULL; it never runs inside this call, and not at all after events_free(). */
void events_put(struct events *e, const struct device_event *ev, events_done done, void *arg);

/* The newest `max` events of the spool, oldest first, until `cb` returns false. Blocks. */
void events_recent(struct events *e, size_t max,
	bool (*cb)(void *arg, const Busbar__V1__DeviceEvent *ev), void *arg);

struct events_stats {
	uint64_t stored; /* durable since the start */
	uint64_t head;   /* newest number in the spool */
	uint64_t taken;  /* newest number alarmd has recorded */
	size_t waiting;  /* not on disk yet */
};
void events_stats(const struct events *e, struct events_stats *out);
