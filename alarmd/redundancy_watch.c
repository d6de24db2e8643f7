// SPDX-License-Identifier: Apache-2.0
/* Values that redundancy groups look at. The core keeps no values otherwise; a watch keeps the
 * newest good one of one point of one device, with its age. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "alarmd/redundancy.h"
#include "common/point.h"
#include "common/str.h"

static const char *const power_points[] = { "ups.realpower", "output.realpower",
	"output.L1.realpower", "output.L2.realpower", "output.L3.realpower", "ups.load",
	"ups.realpower.nominal" };

const struct watch *watch_find(const struct device *d, const char *name, const char *index)
{
	for (const struct watch *w = d->watches; w; w = w->next)
		if (strcmp(w->name, name) == 0 && strcmp(w->index, index) == 0)
			return w;
	return NULL;
}

static void watch_add(struct device *d, const char *name, const char *index, uint64_t mark)
{
	struct watch *w = (struct watch *)(uintptr_t)watch_find(d, name, index);

	if (!w) {
		w = bb_calloc(1, sizeof(*w));
		w->name = bb_strdup(name);
		w->index = bb_strdup(index);
		w->next = d->watches;
		d->watches = w;
	}
	w->mark = mark;
}

void watch_point(struct device *d, const char *name, const char *index, uint64_t mark)
{
	watch_add(d, name, index, mark);
}

void watch_power(struct device *d, uint64_t mark)
{
	for (size_t i = 0; i < sizeof(power_points) / sizeof(power_points[0]); i++)
		watch_add(d, power_points[i], "", mark);
}

void watch_sweep(struct device *d, uint64_t mark)
{
	for (struct watch **at = &d->watches; *at;) {
		struct watch *w = *at;

		if (w->mark == mark) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		free(w->name);
		free(w->index);
		free(w);
	}
}

static int read_value(void *arg, const struct bb_value *v)
{
	struct device *d = arg;
	struct watch *w = (struct watch *)(uintptr_t)watch_find(d, v->name, v->index);

	if (!w)
		return 1;
	w->is_read = true;
	w->is_good = v->quality == BB_GOOD;
	w->kind = (uint8_t)v->kind;
	w->number = v->kind == BB_FLAG ? v->flag != 0 : v->number;
	bb_copy(w->text, sizeof(w->text), v->kind == BB_TEXT && v->text ? v->text : "");
	return 1;
}

/* A pass says everything of its group: what it does not bring any more is not known any more. */
void watch_reading(struct device *d, const Busbar__V1__Reading *r, unsigned group,
	uint64_t sampled_ns)
{
	for (struct watch *w = d->watches; w; w = w->next)
		w->is_read = false;
	bb_reading_each(r, read_value, d);
	for (struct watch *w = d->watches; w; w = w->next) {
		if (w->is_read) {
			w->group = (uint8_t)group;
			w->interval_ms = r->interval_ms;
			w->sampled_ns = sampled_ns;
		} else if (w->group == group) {
			w->is_good = false;
		}
	}
}

bool watch_is_known(const struct device *d, const struct watch *w, uint64_t now_ns)
{
	uint64_t sampled_ns = w->sampled_ns, limit_ms = 5000 + 3 * (uint64_t)w->interval_ms;

	/* A confirmed status is the reading itself once more. */
	if (w->group == 0 && !(d->missing_groups & 1u) && d->read_ns[0] > sampled_ns)
		sampled_ns = d->read_ns[0];
	return w->is_good &&
	       (now_ns <= sampled_ns || (now_ns - sampled_ns) / NS_PER_MS <= limit_ms);
}

static bool number_of(const struct device *d, const char *name, uint64_t now_ns, double *out)
{
	const struct watch *w = watch_find(d, name, "");

	if (!w || w->kind != BB_NUMBER || !watch_is_known(d, w, now_ns))
		return false;
	*out = w->number;
	return true;
}

bool redundancy_capacity(const struct device *d, uint64_t now_ns, double *w)
{
	return number_of(d, "ups.realpower.nominal", now_ns, w) && *w > 0;
}

static bool phases(const struct device *d, uint64_t now_ns, double *w)
{
	double l1, l2, l3;

	if (!number_of(d, "output.L1.realpower", now_ns, &l1))
		return false;
	*w = l1;
	const struct watch *second = watch_find(d, "output.L2.realpower", "");
	if (!second || !second->sampled_ns)
		return true; /* it never had more than one */
	if (!number_of(d, "output.L2.realpower", now_ns, &l2) ||
		!number_of(d, "output.L3.realpower", now_ns, &l3))
		return false;
	*w += l2 + l3;
	return true;
}

bool redundancy_load(const struct device *d, uint64_t now_ns, double *w)
{
	double share;

	if (!d->watches)
		return false;
	if (number_of(d, "ups.realpower", now_ns, w) ||
		number_of(d, "output.realpower", now_ns, w) || phases(d, now_ns, w))
		return true;
	if (!number_of(d, "ups.load", now_ns, &share) || !redundancy_capacity(d, now_ns, w))
		return false;
	*w *= share / 100;
	return true;
}
