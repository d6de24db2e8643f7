// SPDX-License-Identifier: Apache-2.0
/* The model as the JSON of docs/api.md. All functions write one object (key NULL: inside an
 * array or at the top). */
#pragma once
#include "common/str.h"
#include "webd/model.h"

void json_value(struct bb_json *j, const struct model_device *d, const struct model_point *p,
	uint64_t now_ns, const char *source);
/* All points, in the order of the device; `sources` maps "name#index" to an OID (NULL: no such
 * column). */
struct bb_table;
void json_points(struct bb_json *j, const char *key, const struct model_device *d, uint64_t now_ns,
	const struct bb_table *sources, bool with_sources);
/* The members of a DeviceItem, without the braces. */
void json_device_members(struct bb_json *j, const struct model *m, const struct model_device *d,
	uint64_t now_ns);
/* id key severity status comm active unack, without the braces. */
void json_device_state(struct bb_json *j, const struct model *m, const struct model_device *d);
const struct model_point *device_point(const struct model_device *d, const char *name);
const char *device_text(const struct model_device *d, const char *name); /* NULL: none */
void json_alarm(struct bb_json *j, const char *key, const struct model_alarm *a);
void json_group(struct bb_json *j, const struct model *m, const struct model_group *g);
void json_daemon(struct bb_json *j, const struct model_daemon *d);
void json_str_or_null(struct bb_json *j, const char *key, const char *value);
void json_id(struct bb_json *j, const char *key, uint64_t id);
