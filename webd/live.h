// SPDX-License-Identifier: Apache-2.0
/* Server-sent events: what changes in the model, pushed to browsers (docs/api.md 7). Alarms,
 * events, device and group states are numbered and kept in a ring; values, the summary and the
 * system page are "latest wins". Alarms leave at once, the rest at most ten times a second. A
 * client that does not read is cut off at 1 MiB. Rights are looked at again every 30 s and when
 * users change. Nothing blocks. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "webd/model.h"

enum live_topic {
	LIVE_SUMMARY = 1 << 0,
	LIVE_ALARMS = 1 << 1,
	LIVE_EVENTS = 1 << 2,
	LIVE_DEVICES = 1 << 3,
	LIVE_GROUPS = 1 << 4,
	LIVE_SYSTEM = 1 << 5,
};
#define LIVE_DEVICES_MAX 64 /* device:ID topics of one stream */

struct live_topics {
	unsigned fixed; /* enum live_topic */
	uint64_t device[LIVE_DEVICES_MAX];
	size_t n_devices;
};
/* "summary,alarms,device:12" -> topics. Returns -1 with the reason. */
int live_topics_parse(const char *text, struct live_topics *t, struct bb_err *err);
/* "<epoch>-<seq>"; false when it is not one. */
bool live_id_parse(const char *text, uint64_t *epoch, uint64_t *seq);

struct webd;
struct live;
struct live *live_new(struct webd *w, uint64_t epoch);
void live_free(struct live *l); /* says bye to all streams */
struct model_listener live_listener(struct live *l);
/* Number of the newest event, as a header: "<epoch>-<seq>". */
void live_seq_text(const struct live *l, char out[48]);

struct request;
void live_open(struct live *l, struct request *rq, const struct live_topics *t,
	const char *last_id);
/* New topics for one of the caller's streams; false when there is no such stream. */
bool live_change(struct live *l, const struct request *rq, const char *stream_id,
	const struct live_topics *t);
void live_session_ended(struct live *l, const uint8_t session_hash[32]);
void live_check_rights(struct live *l);
/* Does a stream show the values of a device? */
bool live_is_watching(const struct live *l);
size_t live_streams(const struct live *l);
uint64_t live_cut(const struct live *l); /* clients cut off so far */
/* The summary may have changed for a reason outside the model (database). */
void live_touch_summary(struct live *l);
