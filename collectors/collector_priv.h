// SPDX-License-Identifier: Apache-2.0
/* Inside the host only: what collector.c, device.c and collector_cmd.c share. */
#pragma once
#include "collectors/collector.h"
#include "common/arena.h"
#include "common/bus.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/seal.h"
#include "common/table.h"

#define CONFIRM_MAX 1000

/* Devices whose status was answered again unchanged since the last Confirm. */
struct confirm_batch {
	unsigned n;
	uint64_t since_ms;
	uint64_t device_id[CONFIRM_MAX], topic_seq[CONFIRM_MAX], sampled_ns[CONFIRM_MAX], before_ns[CONFIRM_MAX];
};

struct collector {
	const struct collector_ops *ops;
	struct collector_settings *settings;
	struct bb_service *service;
	struct bb_loop *loop;
	struct wheel *wheel;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_opener *opener;
	struct bb_genconf *genconf;
	struct bb_cmd_server *cmd;
	struct events *events;
	struct bb_watch *tick;
	void *transport;
	struct bb_table *by_id;         /* struct device */
	struct bb_table *by_key;
	struct bb_arena *scratch;       /* one message */
	struct confirm_batch confirm;
	uint32_t generation_mark;
	uint32_t snapshot_mark;         /* counts requests for snapshots */
	uint32_t n_lost, n_refused;
	uint64_t published, confirmed, passes_failed, pauses;
	uint64_t tick_lag_ms;           /* worst lateness of a tick since the last heartbeat */
	uint64_t last_tick_ms;
	uint64_t log_window_ms;         /* lost and back lines of this second */
	uint32_t log_lines, log_hidden;
};

/* settings.c */
/* Returns -1 with the reason when they cannot be used; `s` is valid, if incomplete, in any case. */
int settings_read(struct collector *c, const Busbar__V1__ConfigDevice *m, struct device_settings *s, struct bb_err *err);
void settings_free(struct device_settings *s);
/* The same card, asked the same way, and judged the same way? */
bool settings_same_peer(const struct device_settings *a, const struct device_settings *b);

/* device.c */
void device_schedule(struct device *d, unsigned group, uint64_t in_ms);
void device_schedule_first(struct device *d);
void device_reschedule(struct device *d, unsigned group);
void device_unschedule(struct device *d);
void device_retire_topics(struct device *d);
/* The body of the group as it stands; borrowed from `a`. */
const void *device_pack(struct device *d, unsigned group, struct bb_arena *a, size_t *len);
uint64_t device_group_stamp(const struct device *d, unsigned group);
/* False: this second had enough lines about devices; the line is counted only. */
bool collector_log_allowed(struct collector *c);

/* confirm.c */
void device_publish(struct device *d, unsigned group);
/* The values are those of the last time. */
void device_publish_again(struct device *d, unsigned group);
void confirm_tick(struct collector *c);
void confirm_flush(struct collector *c);

/* values.c */
void device_drop_values(struct device *d);

/* collector_cmd.c */
void collector_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
void collector_metrics(struct collector *c, collector_metric emit, void *arg);
