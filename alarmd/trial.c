// SPDX-License-Identifier: Apache-2.0
/* Test alarms: somebody wants to see that an alarm arrives. One goes the whole way of any other, marked
 * as a test everywhere, counts in no severity and ends by itself. shutdownd looks at readings only, so it
 * never hears of one. */
#include <stdio.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define RULE        "test"
#define OBJECT      "test-alarm" /* of a site: <site>/test-alarm */
#define SECONDS_MAX 3600

#define OK      BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define REFUSED BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define UNKNOWN BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

struct device *trial_object(struct core *c, const char *key, uint64_t site_id)
{
	struct device *d = c->all;

	while (d && (d->id || strcmp(d->key, key) != 0))
		d = d->next;
	if (!d) {
		d = device_new(c, 0, key);
		d->comm = COMM_OK;
	}
	d->site_id = site_id;
	return d;
}

static struct device *target_of(struct core *c, const struct core_trial *in)
{
	struct group *g;
	char key[256];

	if (in->device_id)
		return core_device(c, in->device_id);
	g = in->site ? group_find(c->groups, in->site) : NULL;
	if (!g || snprintf(key, sizeof(key), "%s/" OBJECT, in->site) >= (int)sizeof(key))
		return NULL;
	return trial_object(c, key, g->site_id);
}

static void refuse(struct core_ack_result *out, unsigned code, const char *text)
{
	*out = (struct core_ack_result){ .code = code };
	bb_copy(out->text, sizeof(out->text), text);
}

void core_trial(struct core *c, const struct core_trial *in, const struct core_ack *by,
	struct core_ack_result *out, char *id, uint64_t now_ns)
{
	struct device *d = target_of(c, in);
	char text[400];

	id[0] = '\0';
	if (!d || (d->id && !d->is_configured)) {
		refuse(out, UNKNOWN, "there is no such device or site");
		return;
	}
	if (alarm_of(d, RULE)) {
		refuse(out, REFUSED, "a test alarm stands there already");
		return;
	}
	if (!in->seconds || in->seconds > SECONDS_MAX || in->severity < 1 || in->severity > 5) {
		refuse(out, REFUSED, "a test lasts 1 to 3600 seconds and has a severity");
		return;
	}
	struct alarm *a = alarm_new(c, d, RULE, NULL);
	a->is_test = true;
	a->severity = (uint8_t)in->severity;
	a->test_until_us = c->env.wall_us(c->env.arg) + in->seconds * UINT64_C(1000000);
	snprintf(text, sizeof(text), "%s (test by %s)",
		in->text && *in->text ? in->text : "test alarm", by->user);
	replace_text(&a->text, text);
	replace_text(&a->subject, RULE);
	alarm_apply(c, a, ALARM_TRUE, NULL, now_ns);
	*out = (struct core_ack_result){ .code = OK, .jseq = a->jseq };
	alarm_id_print(&a->id, id);
	snprintf(out->text, sizeof(out->text), "ends by itself after %u s", in->seconds);
}

void trial_tick(struct core *c, struct device *d, uint64_t now_ns)
{
	struct alarm *a = d->alarms;
	uint64_t now_us;

	while (a && !a->is_test)
		a = a->next;
	if (!a)
		return;
	now_us = c->env.wall_us(c->env.arg);
	/* A clock that went back must not keep it for days. */
	if (now_us >= a->test_until_us ||
		a->test_until_us - now_us > SECONDS_MAX * UINT64_C(1000000))
		alarm_apply(c, a, ALARM_FALSE, NULL, now_ns);
}
