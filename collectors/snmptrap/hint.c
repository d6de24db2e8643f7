// SPDX-License-Identifier: Apache-2.0
/* Devices that sent something are to be looked at at once. Gathered for a moment, then one command to
 * each poller. A hint that gets lost costs one polling interval: alarms come from the poll anyway. */
#include <stdlib.h>
#include <string.h>

#include "collectors/snmptrap/trapd.h"
#include "common/str.h"

#define GATHER_MS 20
#define AGAIN_MS  2000 /* a device that sends all the time is looked at so often */
#define HINTS_MAX 5000
#define KEYS_MAX  500 /* in one command */
#define POLLERS   8

static void on_reply(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct trapd *t = arg;

	t->n.hints_failed += reply->code != BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
}

static void send_keys(struct trapd *t, const char *poller, char **key, size_t n)
{
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;

	rq.verb = "hurry";
	rq.user = "collect-snmptrap";
	rq.n_item = n;
	rq.item = key;
	bb_cmd_send(t->client, poller, &rq, on_reply, t);
	t->n.hints++;
}

static void on_gathered(void *arg)
{
	struct trapd *t = arg;
	struct {
		const char *name;
		char *key[KEYS_MAX];
		size_t n;
	} poller[POLLERS];
	size_t n_pollers = 0;
	const void *id;
	size_t n_id;

	t->hint_timer = NULL;
	for (struct bb_table_iter i = { 0 }; bb_table_next(t->hints, &i, &id, &n_id);) {
		uint64_t device;
		size_t k = 0;

		memcpy(&device, id, sizeof(device));
		/* The configuration may have changed meanwhile. */
		struct sender *d = senders_by_id(t->senders, device);
		if (!d)
			continue;
		while (k < n_pollers && strcmp(poller[k].name, d->collector))
			k++;
		if (k == POLLERS)
			continue;
		if (k == n_pollers) {
			poller[k].name = d->collector;
			poller[k].n = 0;
			n_pollers++;
		}
		poller[k].key[poller[k].n++] = d->key;
		if (poller[k].n == KEYS_MAX) {
			send_keys(t, poller[k].name, poller[k].key, poller[k].n);
			poller[k].n = 0;
		}
	}
	for (size_t k = 0; k < n_pollers; k++) {
		if (poller[k].n)
			send_keys(t, poller[k].name, poller[k].key, poller[k].n);
	}
	bb_table_free(t->hints, NULL);
	t->hints = bb_table_new();
}

void hint(struct trapd *t, struct sender *d)
{
	uint64_t now = bb_loop_now_ms(t->loop);

	if ((d->hinted_ms && now - d->hinted_ms < AGAIN_MS) ||
		bb_table_count(t->hints) >= HINTS_MAX)
		return;
	d->hinted_ms = now;
	bb_table_put_u64(t->hints, d->id, t);
	if (!t->hint_timer)
		t->hint_timer = bb_loop_after(t->loop, GATHER_MS, on_gathered, t);
}

void hint_close(struct trapd *t)
{
	bb_loop_cancel(t->hint_timer);
	bb_table_free(t->hints, NULL);
}
