// SPDX-License-Identifier: Apache-2.0
/* What a device is reached through: its gateway or switch, else the link of its site or of the nearest
 * site above that has one. The chain ends at the collector, whose loss comm.c knows.
 *
 * A device that does not answer is judged only when its parent's verdict is newer than its own loss:
 * the parent answered since (then the device itself is at fault) or is lost, too (then it is a
 * consequence, if its own alarm does not wait for a verdict itself). A parent that answered once more and
 * was lost soon after explains the device all the same, and takes its alarm back from where it was told;
 * one that is lost later explains nothing that was told before. A device that is part of a circle has no
 * parent: two that keep each other quiet would be told by nobody. */
#include <stdlib.h>
#include <string.h>

#include "alarmd/core_internal.h"
#include "common/str.h"

#define WAIT_MS      30000 /* plus five intervals of the parent: then nothing is known of it */
#define AFTER_RETURN CORE_MISSED_LOST

static struct device *link_of_site(const struct core *c, const struct device *d)
{
	char key[256];

	bb_copy(key, sizeof(key), d->group ? d->group->key : "");
	while (key[0]) {
		struct device *link = bb_table_get(c->links, key);
		char *slash = strrchr(key, '/');

		if (link && link != d)
			return link;
		if (!slash)
			break;
		*slash = '\0';
	}
	return NULL;
}

static struct device *above(const struct core *c, const struct device *d)
{
	struct device *p =
		d->life.parent_id ? core_device(c, d->life.parent_id) : link_of_site(c, d);

	return p && p != d && p->is_configured ? p : NULL;
}

static struct device *parent_of(const struct core *c, const struct device *d)
{
	struct device *first = above(c, d);
	const struct device *mark = first, *x = first ? above(c, first) : NULL;
	size_t steps = 1, room = 1;

	/* Also a circle further up must not keep us here: the mark follows in doubling steps. */
	while (x && x != d && x != mark) {
		if (steps++ == room) {
			mark = x;
			room *= 2;
			steps = 1;
		}
		x = above(c, x);
	}
	return x == d ? NULL : first;
}

static bool answers(const struct core *c, const struct device *p, uint64_t after_ns)
{
	uint64_t newest = 0;

	if (p->comm != COMM_OK || p->missed || !comm_is_trusted(p))
		return false;
	for (size_t g = 0; g < CORE_POLL_GROUPS; g++)
		if (p->read_ns[g] > newest && (g == 0 || !p->has_status_group))
			newest = p->read_ns[g];
	return newest > after_ns && newest > c->epoch_ns;
}

/* How long nothing need be known of a device that is asked each interval. */
static uint64_t patience_ns(const struct device *d)
{
	return (WAIT_MS + 5 * (uint64_t)d->interval_ms) * NS_PER_MS;
}

static bool is_lost_with(const struct device *d, const struct device *p)
{
	return p->comm == COMM_LOST && p->life.lost_ns <= d->life.lost_ns + patience_ns(p);
}

enum parent_verdict parent_verdict(const struct core *c, const struct device *d, uint64_t now_ns,
	const char **cause)
{
	const struct device *p = parent_of(c, d);

	if (!p)
		return PARENT_NONE;
	if (is_lost_with(d, p)) {
		/* The topmost lost one has the alarm that says what to repair. */
		enum parent_verdict above_p = parent_verdict(c, p, now_ns, cause);

		if (above_p == PARENT_WAIT)
			return PARENT_WAIT;
		if (above_p == PARENT_LOST)
			return PARENT_LOST;
		/* Nobody is told of a parent whose rule is switched off: then of what hangs on it. */
		if (!rule_comm(p->rules))
			return PARENT_OK;
		*cause = p->key;
		return PARENT_LOST;
	}
	if (answers(c, p, d->life.lost_ns))
		return PARENT_OK;
	return now_ns - d->life.lost_ns > patience_ns(p) ? PARENT_OK : PARENT_WAIT;
}

bool parent_is_failing(const struct core *c, const struct device *d)
{
	for (const struct device *p = parent_of(c, d); p; p = parent_of(c, p))
		if (p->comm == COMM_LOST || p->missed)
			return true;
	return false;
}

static void is_its_own(struct core *c, struct device *d, struct alarm *comm, uint64_t now_ns)
{
	d->life.may_be_consequence = false;
	quiet_mark(c, comm, QUIET_SUPPRESSED, NULL, now_ns);
}

/* When the parent is back the device gets as long to answer as before it was lost. */
static void look_for_end(struct core *c, struct device *d, struct alarm *comm,
	const struct device *p, uint64_t now_ns)
{
	struct device_life *l = &d->life;

	if (!answers(c, p, 0)) {
		l->parent_back_ns = 0;
		return;
	}
	if (!l->parent_back_ns) {
		l->parent_back_ns = now_ns;
		l->parent_back_missed = 0;
	}
	if (l->parent_back_missed >= AFTER_RETURN || now_ns - l->parent_back_ns > patience_ns(d))
		is_its_own(c, d, comm, now_ns);
}

static const struct alarm *loss_of(const struct device *p)
{
	const struct alarm *a = rule_comm(p->rules) ? alarm_of(p, rule_comm(p->rules)->id) : NULL;

	return a && alarm_is_active(a->st.phase) ? a : NULL;
}

/* The nearest one above whose alarm says what to repair (`key`: the one of that name), and is not quiet as a
 * consequence itself. */
static const struct device *told_above(const struct core *c, const struct device *d,
	const char *key)
{
	for (const struct device *p = parent_of(c, d); p; p = parent_of(c, p)) {
		const struct alarm *a = loss_of(p);

		if (a && !a->quiet[QUIET_SUPPRESSED] && (!key || strcmp(p->key, key) == 0))
			return p;
	}
	return NULL;
}

/* The nearest one above of whose loss somebody would be told. */
static const struct device *teller_above(const struct core *c, const struct device *d)
{
	const struct device *p = parent_of(c, d);

	while (p && !rule_comm(p->rules))
		p = parent_of(c, p);
	return p;
}

void parent_tick(struct core *c, struct device *d, struct alarm *comm, uint64_t now_ns)
{
	const struct device *p = teller_above(c, d), *cause;
	const char *is = comm->quiet[QUIET_SUPPRESSED], *lost = NULL;

	if (!p) {
		if (is)
			is_its_own(c, d, comm, now_ns);
	} else if (!is) {
		if (d->life.may_be_consequence &&
			parent_verdict(c, d, now_ns, &lost) == PARENT_LOST &&
			told_above(c, d, lost))
			quiet_mark(c, comm, QUIET_SUPPRESSED, lost, now_ns);
	} else if (!told_above(c, d, is) && (cause = told_above(c, d, NULL)) != NULL) {
		quiet_mark(c, comm, QUIET_SUPPRESSED, cause->key, now_ns);
	} else {
		look_for_end(c, d, comm, p, now_ns);
	}
}

void parent_config(struct core *c, const Busbar__V1__Config *conf)
{
	bb_table_free(c->links, NULL);
	c->links = bb_table_new();
	for (size_t i = 0; i < conf->n_site; i++) {
		const Busbar__V1__ConfigSite *s = conf->site[i];
		struct device *link = s->link_device_id ? core_device(c, s->link_device_id) : NULL;

		if (link && s->key && bb_key_valid(s->key))
			bb_table_put(c->links, s->key, link);
	}
}
