// SPDX-License-Identifier: Apache-2.0
#include "alarmd/lost.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/logrow_pg.h"
#include "common/str.h"

#define AT_START_MS 10000

struct lost {
	char *conninfo;
	PGconn *pg; /* NULL: not asked for yet, or given up */
	bool is_over;
	uint64_t limit_ms, until_ms;
};

struct lost *lost_new(const char *conninfo)
{
	struct lost *l = bb_calloc(1, sizeof(*l));

	l->conninfo = bb_strdup(conninfo);
	l->limit_ms = AT_START_MS;
	return l;
}

void lost_rest(struct lost *l, uint64_t limit_ms)
{
	PQfinish(l->pg);
	l->pg = NULL;
	l->is_over = false;
	l->limit_ms = limit_ms;
}

void lost_free(struct lost *l)
{
	if (!l)
		return;
	PQfinish(l->pg);
	free(l->conninfo);
	free(l);
}

static void give_up(struct lost *l, const char *why)
{
	bb_log(EV_NOTE, BB_STR("text", "the database cannot be asked for lost records"),
		BB_STR("error", why));
	l->is_over = true;
	PQfinish(l->pg);
	l->pg = NULL;
}

static bool wait_for(struct lost *l, short what, uint64_t until_ms)
{
	struct pollfd p = { .fd = PQsocket(l->pg), .events = what };
	uint64_t now = bb_clock_mono_ms();

	return now < until_ms && poll(&p, 1, (int)(until_ms - now)) > 0;
}

static bool connected(struct lost *l)
{
	uint64_t now = bb_clock_mono_ms(), until = now + l->limit_ms / 4;
	PostgresPollingStatusType at = PGRES_POLLING_WRITING;

	if (l->pg)
		return true;
	l->until_ms = now + l->limit_ms;
	l->pg = PQconnectStart(l->conninfo);
	while (l->pg && PQstatus(l->pg) != CONNECTION_BAD && at != PGRES_POLLING_OK &&
		at != PGRES_POLLING_FAILED &&
		wait_for(l, at == PGRES_POLLING_READING ? POLLIN : POLLOUT, until))
		at = PQconnectPoll(l->pg);
	if (at == PGRES_POLLING_OK)
		return true;
	give_up(l,
		l->pg && PQerrorMessage(l->pg)[0] ? PQerrorMessage(l->pg) : "it does not answer");
	return false;
}

static PGresult *answer(struct lost *l, const char *const values[3])
{
	if (PQsendQueryParams(l->pg, bb_logrow_pg_sql, 3, NULL, values, NULL, NULL, 0) != 1)
		return NULL;
	while (PQisBusy(l->pg))
		if (!wait_for(l, POLLIN, l->until_ms) || PQconsumeInput(l->pg) != 1)
			return NULL;
	PGresult *res = PQgetResult(l->pg);
	/* A failed statement is all there is; behind a good one comes the end. */
	while (res && PQresultStatus(res) == PGRES_TUPLES_OK && PQisBusy(l->pg))
		if (!wait_for(l, POLLIN, l->until_ms) || PQconsumeInput(l->pg) != 1)
			break;
	if (res && !PQisBusy(l->pg))
		PQclear(PQgetResult(l->pg));
	return res;
}

static void give(struct bb_arena *a, const PGresult *res, int row, const uint8_t id[16],
	void (*put)(void *to, const struct bb_record *r), void *to)
{
	struct bb_logrow columns;
	struct bb_record rec;
	const uint8_t *chain;
	struct bb_err err;
	size_t len;

	bb_logrow_pg_columns(res, row, &columns);
	chain = bb_logrow_pg_chain(a, res, row, &len);
	if (bb_logrow_pg_record(a, res, row, &columns, id, &rec, &err) < 0 || !chain ||
		len != sizeof(rec.chain))
		return;
	memcpy(rec.chain, chain, sizeof(rec.chain));
	put(to, &rec);
}

void lost_ask(struct lost *l, const uint8_t id[16], uint64_t first, uint64_t last,
	void (*put)(void *to, const struct bb_record *r), void *to)
{
	char hex[33], after[24], upto[24];
	const char *values[] = { hex, after, upto };

	if (l->is_over || !connected(l))
		return;
	bb_hex(hex, id, 16);
	snprintf(after, sizeof(after), "%" PRIu64, first ? first - 1 : 0);
	snprintf(upto, sizeof(upto), "%" PRIu64, last);
	PGresult *res = answer(l, values);
	if (!res || PQresultStatus(res) != PGRES_TUPLES_OK) {
		PQclear(res);
		give_up(l, PQerrorMessage(l->pg)[0] ? PQerrorMessage(l->pg) : "it does not answer");
		return;
	}
	struct bb_arena *a = bb_arena_new(16384, 0);
	for (int i = 0; i < PQntuples(res); i++) {
		give(a, res, i, id, put, to);
		bb_arena_reset(a);
	}
	bb_arena_free(a);
	PQclear(res);
}
