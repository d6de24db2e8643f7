// SPDX-License-Identifier: Apache-2.0
/* Inside of the model: shared by model.c (life, lists), model_config.c and model_bus.c. */
#pragma once
#include "common/arena.h"
#include "common/str.h"
#include "common/table.h"
#include "webd/model.h"

struct model {
	struct model_listener listener;
	struct bb_arena *arena; /* of the message being read */
	struct bb_table *names; /* interned point names and indexes */
	struct bb_table *devices, *by_key, *alarms, *groups, *daemons;
	struct bb_table *named, *redundancies; /* model_groups.c */
	struct model_device **device_list; /* sorted, NULL when it must be made anew */
	size_t n_device_list;
	void *scratch; /* the other sorted lists */
	bool has_config;
	uint64_t bad;
	const struct model_daemon *alarmd;
};

/* Set an owned text; returns whether it changed. NULL counts as "". */
bool model_set_text(char **at, const char *text);
const char *model_intern(struct model *m, const char *name);
struct model_device *model_device_make(struct model *m, uint64_t id, const char *key);
void model_device_drop(struct model *m, struct model_device *d);
void model_device_rekey(struct model *m, struct model_device *d, const char *key);
struct model_group *model_group_make(struct model *m, const char *key);
void model_group_drop(struct model *m, struct model_group *g);
struct model_daemon *model_daemon_make(struct model *m, const char *name);
void model_alarm_put(struct model *m, const struct model_alarm *in, bool is_new_event);
void model_alarm_drop(struct model *m, struct model_alarm *a);

/* model_bus.c */
void model_group_state(struct model_group *g, const Busbar__V1__GroupState *s);
/* model_groups.c */
void model_take_named(struct model *m, const Busbar__V1__GroupState *s);
void model_take_redundancy(struct model *m, const struct bb_msg *msg);
void model_groups_gone(struct model *m, const char *plane, const char *key);
void model_groups_free(struct model *m);
