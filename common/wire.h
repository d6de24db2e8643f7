// SPDX-License-Identifier: Apache-2.0
/* Packing and checked unpacking of the busbar.v1 messages. Unpacked messages live in the arena. Checks: size limits (below; 4,096 elements
 * an array, 131,072 in a configuration), equal lengths of parallel arrays, UTF-8 and no control characters in names, enums in range,
 * valid keys and daemon names. Errors name the field. Unknown fields are dropped, an unknown Envelope.kind is left to the receiver.
 * Strings that are absent arrive as "", never NULL. Free texts (text, comment, json ...) are made printable instead of refused. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/err.h"
#include "proto/alarm.pb-c.h"
#include "proto/command.pb-c.h"
#include "proto/notify.pb-c.h"
#include "proto/reading.pb-c.h"

enum {
	BB_WIRE_MAX = 64 * 1024,                /* every message that is not named below */
	BB_WIRE_BATCH_MAX = 1024 * 1024,        /* log batches, command requests */
	BB_WIRE_REPLY_MAX = 8 * 1024 * 1024,    /* replies: lists as JSON */
	BB_WIRE_CONFIG_MAX = 32 * 1024 * 1024,  /* configuration: 150 bytes a device */
	BB_WIRE_OUTBOX_MAX = 128 * 1024 * 1024, /* notifyd's snapshot: 500 bytes an unfinished message */
};

#define BB_WIRE_UNPACK(fn, type) \
	const type *bb_unpack_##fn(struct bb_arena *a, const void *data, size_t len, struct bb_err *err)
BB_WIRE_UNPACK(envelope, Busbar__V1__Envelope);
BB_WIRE_UNPACK(reading, Busbar__V1__Reading);
BB_WIRE_UNPACK(confirm, Busbar__V1__Confirm);
BB_WIRE_UNPACK(heartbeat, Busbar__V1__Heartbeat);
BB_WIRE_UNPACK(device_state, Busbar__V1__DeviceState);
BB_WIRE_UNPACK(group_state, Busbar__V1__GroupState);
BB_WIRE_UNPACK(redundancy_state, Busbar__V1__RedundancyState);
BB_WIRE_UNPACK(alarm, Busbar__V1__Alarm);
BB_WIRE_UNPACK(transition, Busbar__V1__Transition);
BB_WIRE_UNPACK(device_event, Busbar__V1__DeviceEvent);
BB_WIRE_UNPACK(log_pull, Busbar__V1__LogPull);
BB_WIRE_UNPACK(log_batch, Busbar__V1__LogBatch);
BB_WIRE_UNPACK(command_request, Busbar__V1__CommandRequest);
BB_WIRE_UNPACK(command_reply, Busbar__V1__CommandReply);
BB_WIRE_UNPACK(command_hello, Busbar__V1__CommandHello);
BB_WIRE_UNPACK(snap_request, Busbar__V1__SnapRequest);
BB_WIRE_UNPACK(snap_end, Busbar__V1__SnapEnd);
BB_WIRE_UNPACK(config_get, Busbar__V1__ConfigGet);
BB_WIRE_UNPACK(config_generation, Busbar__V1__ConfigGeneration);
BB_WIRE_UNPACK(config, Busbar__V1__Config);
BB_WIRE_UNPACK(outbox_queued, Busbar__V1__OutboxQueued);
BB_WIRE_UNPACK(outbox_change, Busbar__V1__OutboxChange);
BB_WIRE_UNPACK(outbox_snapshot, Busbar__V1__OutboxSnapshot);

/* Pack any message into the arena. *len receives the size. `m` is a pointer to a protobuf-c message struct. */
uint8_t *bb_pack(struct bb_arena *a, const void *m, size_t *len);

/* One value of a Reading, whatever array it came from. */
struct bb_value {
	const char *name;
	const char *index;              /* "" or "s2.b17" */
	unsigned kind;                  /* enum bb_point_kind */
	unsigned quality;               /* enum bb_quality */
	double number;
	const char *text;
	int flag;
};
/* Visit all values, rows expanded; a number that is not finite is never good. The callback returns 0 to stop. */
void bb_reading_each(const Busbar__V1__Reading *r, int (*cb)(void *arg, const struct bb_value *v), void *arg);
/* Topic of a reading: "reading/<key>/<group>/". */
void bb_topic(char *out, size_t cap, const char *plane, const char *key, const char *group_or_null);
/* One segment of a key, at most 64 bytes, not beginning with a dot: safe as a file and socket name. */
bool bb_daemon_name_valid(const char *name);
