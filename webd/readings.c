// SPDX-License-Identifier: Apache-2.0
#include "webd/readings.h"

#include <malloc.h>
#include <stdlib.h>

#include "common/log.h"
#include "webd/request.h"
#include "webd/webd.h"

#define PATIENCE_MS 2000
#define KEEP_MS     60000
#define CHECK_MS    5000

struct waiter {
	struct waiter *next;
	struct request *rq;
	void (*go)(struct request *rq);
};

struct readings {
	struct webd *w;
	struct bb_sub *sub; /* NULL while nobody looks */
	bool is_complete;   /* busd's last values are in, or were waited for in vain */
	uint64_t asked_ms;  /* somebody last wanted values */
	struct waiter *waiting;
	struct bb_watch *patience, *check;
};

static void wake(struct readings *r)
{
	struct waiter *list = r->waiting;

	r->waiting = NULL;
	r->is_complete = true;
	bb_loop_cancel(r->patience);
	r->patience = NULL;
	while (list) {
		struct waiter *next = list->next;

		list->go(list->rq);
		free(list);
		list = next;
	}
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct readings *r = arg;

	model_message(r->w->model, m);
}

static void on_snapshot_done(void *arg, const char *publisher)
{
	wake(arg);
}

static void on_impatient(void *arg)
{
	struct readings *r = arg;

	r->patience = NULL;
	wake(r);
}

static void subscribe(struct readings *r)
{
	static const char *const prefixes[] = { "reading/", "confirm/", NULL };
	const struct bb_sub_options o = { .prefixes = prefixes,
		.snapshots = true,
		.message = on_message,
		.snapshot_done = on_snapshot_done,
		.arg = r };
	struct bb_err err;

	r->is_complete = false;
	r->sub = bb_sub_new(r->w->bus, &o, &err);
	if (!r->sub)
		bb_log(EV_NOTE, BB_STR("text", "values cannot be heard"), BB_ERRTEXT(&err));
}

/* Leave off when neither a request nor a stream needed values for a while. */
static void on_check(void *arg)
{
	struct readings *r = arg;

	if (live_is_watching(r->w->live))
		r->asked_ms = bb_loop_now_ms(r->w->loop);
	if (!r->sub || r->waiting || bb_loop_now_ms(r->w->loop) - r->asked_ms < KEEP_MS)
		return;
	bb_sub_free(r->sub);
	r->sub = NULL;
	/* Of ten thousand devices they are tens of megabytes. */
	model_values_forget(r->w->model);
	malloc_trim(0);
}

struct readings *readings_new(struct webd *w)
{
	struct readings *r = bb_calloc(1, sizeof(*r));

	r->w = w;
	r->check = bb_loop_every(w->loop, CHECK_MS, on_check, r);
	return r;
}

void readings_free(struct readings *r)
{
	if (!r)
		return;
	while (r->waiting) {
		struct waiter *next = r->waiting->next;

		free(r->waiting);
		r->waiting = next;
	}
	bb_loop_cancel(r->patience);
	bb_loop_cancel(r->check);
	bb_sub_free(r->sub);
	free(r);
}

void readings_need(struct readings *r, struct request *rq, void (*go)(struct request *rq))
{
	struct waiter *x;

	r->asked_ms = bb_loop_now_ms(r->w->loop);
	if (!r->sub)
		subscribe(r);
	if (r->is_complete || !r->sub) {
		go(rq);
		return;
	}
	x = bb_calloc(1, sizeof(*x));
	x->rq = rq;
	x->go = go;
	x->next = r->waiting;
	r->waiting = x;
	rq->who.session = NULL; /* may end while we wait */
	if (!r->patience)
		r->patience = bb_loop_after(r->w->loop, PATIENCE_MS, on_impatient, r);
}

void readings_resync(struct readings *r)
{
	if (r->sub)
		bb_sub_resync(r->sub);
}

bool readings_are_heard(const struct readings *r)
{
	return r->sub != NULL;
}
