// SPDX-License-Identifier: Apache-2.0
/* What shutdownd must not forget, in its own journal: runs and orders, recorded simulations, and
 * what it read in alarmd's log (open on_battery alarms and the cursor). Records are JSON, so that
 * a person can read them with sqlite3:
 *
 *   {"t":"run","plan":3,"key":"servers","version":2,"run":1763712345,"state":"running",
 *    "open":true,"mode":"auto","evidence":[...]}
 *   {"t":"order","plan":3,"run":1763712345,"target":7,"id":"3-1763712345-7","state":"intent",
 *    "copies":0,"expires_ms":81234,"boot":"..","name":"srv1","address":"10.0.0.5","port":6003,
 *    "wire":"CONNECT TO RCCMD ..."}
 *   {"t":"simulated","plan":3,"version":2,"user":"anna"}
 *   {"t":"confirmed","plan":3,"run":1763712345,"user":"anna"}
 *   {"t":"alarms","journal":"..","cursor":4711,"changes":[5,-6],"reset":false}
 *    (device 5 raised, device 6 cleared)
 *
 * Opening blocks; appending does not. Everything from the loop's thread. */
#pragma once
#include "common/journal.h"
#include "shutdownd/plan.h"

struct ledger;
struct ledger_callbacks {
	/* An order's record of this state is durable (or can only be kept in memory: emergency). */
	void (*order_durable)(void *arg, uint64_t plan_id, uint64_t run, uint64_t target_id,
		enum order_state state);
	/* Everything of alarmd's log up to here is durable. */
	void (*cursor_durable)(void *arg, uint64_t cursor);
	void (*health)(void *arg, enum bb_journal_health health, const struct bb_err *err);
	void *arg;
};
struct ledger *ledger_open(struct bb_loop *loop, const char *dir, const struct ledger_callbacks *cb,
	struct bb_err *err);
/* Writes a snapshot and what is queued; callbacks do not run any more. */
void ledger_close(struct ledger *l);

/* Fill the life of a plan that has its id from what was recorded: last run, orders, simulated
 * version. Orders of another boot are expired. State stays HOLD. */
void ledger_recover(const struct ledger *l, struct plan *p);

/* `evidence` is a JSON array or NULL. */
void ledger_run(struct ledger *l, const struct plan *p, const char *evidence);
void ledger_order(struct ledger *l, const struct plan *p, const struct order *o);
void ledger_simulated(struct ledger *l, const struct plan *p, const char *user);
void ledger_confirmed(struct ledger *l, const struct plan *p, uint64_t run, const char *user);
uint64_t ledger_simulated_version(const struct ledger *l, uint64_t plan_id);

/* ---- alarmd's log ---- */
bool ledger_alarm_is_open(const struct ledger *l, uint64_t device_id);
size_t ledger_alarms_open(const struct ledger *l);
/* Cursor to go on from; journal_id is zero at the first start. */
uint64_t ledger_cursor(const struct ledger *l, uint8_t journal_id[16]);
/* Note what a record said. Recorded with ledger_flush(), many at once. `is_durable` false: the
 * cursor does not move. */
void ledger_alarm(struct ledger *l, uint64_t device_id, bool is_open);
void ledger_cursor_set(struct ledger *l, const uint8_t journal_id[16], uint64_t jseq,
	bool is_durable);
/* alarmd's journal is another one: what it said before is void. */
void ledger_alarms_reset(struct ledger *l, const uint8_t journal_id[16], uint64_t cursor);
/* Append what was noted: alarms at once, a cursor alone when many records or a second have passed.
 * Called each turn of the loop. */
void ledger_flush(struct ledger *l, uint64_t now_ms);

void ledger_minute(struct ledger *l); /* snapshot when due, retention */
const struct bb_journal *ledger_journal(const struct ledger *l);
