// SPDX-License-Identifier: Apache-2.0
/* What lookers are told: alarms (topic alarm/<key>/<rule>/, so that a cache of the last message per
 * topic holds every alarm), device states, group states, and the snapshot of all three. Nothing
 * here is told before the transition behind it is durable. */
#pragma once
#include "alarmd/core.h"

struct publish;
struct publish *publish_new(struct bb_loop *loop, struct core *core, uint64_t refresh_ms);
void publish_free(struct publish *p);
/* The socket, made after the publisher because it serves our snapshots. */
void publish_socket(struct publish *p, struct bb_pub *pub);
/* Transitions up to here are durable. */
void publish_durable(struct publish *p, uint64_t jseq);
void publish_alarm(struct publish *p, const char *topic, const void *body, size_t len,
	bool is_over);
void publish_remark(struct publish *p, const struct alarm *a);
void publish_device_gone(struct publish *p, const struct device *d);
void publish_redundancy_gone(struct publish *p, const char *key);
void publish_group_gone(struct publish *p, const struct group *g);
/* Serve bb_pub_options.snapshot. */
void publish_snapshot(struct publish *p, const char *prefix, bb_snap_emit emit, void *emit_arg);
