// SPDX-License-Identifier: Apache-2.0
/* verify-log: is every record of the event log there, and as it was written? Reads the rows in order
 * of their numbers, makes each record again from its columns, and checks the journal's chain hash over
 * it. What the journal still has on this machine must have the same hashes: so a chain that was made
 * anew over changed rows is found, too. Only reads. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/journal_file.h"
#include "common/logrow_pg.h"
#include "common/str.h"
#include "deploy/ctl/database.h"

#define CHUNK        20000
#define FINDINGS_MAX 100

struct verify {
	struct ctl *c;
	PGconn *pg;
	struct bb_arena *arena;
	json_t *findings, *heads; /* heads: the newest record of each journal with its hash */
	uint64_t n_findings, n_records, n_unchained, n_compared;
	/* of the journal at hand */
	char journal[33];
	uint8_t journal_id[16];
	uint64_t last;     /* number of the row before */
	uint8_t chain[32]; /* its hash ... */
	bool has_chain;    /* ... when it is known */
	bool is_begun;     /* a row was seen */
	bool is_chained;   /* one with a hash was seen: all that follow have one */
};

static void find(struct verify *v, uint64_t first, uint64_t last, const char *what,
	const char *text)
{
	v->n_findings++;
	if (json_array_size(v->findings) >= FINDINGS_MAX)
		return;
	json_array_append_new(v->findings,
		json_pack("{s:s, s:I, s:I, s:s, s:s}", "journal", v->journal, "first",
			(json_int_t)first, "last", (json_int_t)last, "what", what, "text", text));
}

static PGresult *ask(struct verify *v, const char *sql, int n, const char *const *values,
	struct bb_err *err)
{
	PGresult *r = PQexecParams(v->pg, sql, n, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	bb_err_set(err, "PostgreSQL: %s",
		PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY)
			? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY)
			: PQerrorMessage(v->pg));
	PQclear(r);
	return NULL;
}

/* ---- one row ---- */

/* The name of the column that is not what the record says; NULL when all are. */
static const char *wrong_column(struct verify *v, const struct bb_logrow *columns,
	const uint8_t *record, size_t len)
{
	const Busbar__V1__Transition *t = bb_unpack_transition(v->arena, record, len, NULL);
	struct bb_logrow meant;

	if (!t || !t->alarm)
		return "rest";
	bb_logrow_of(t, &meant);
	return bb_logrow_difference(columns, &meant);
}

static void describe(char *out, size_t cap, const struct bb_logrow *row)
{
	char at[32];

	bb_clock_rfc3339(row->at_us, at);
	snprintf(out, cap, "%s %.80s %.40s %.30s", at, row->device, row->rule, row->kind);
}

static void check_content(struct verify *v, const PGresult *r, int row,
	const struct bb_logrow *columns, const uint8_t chain[32])
{
	struct bb_err err = { 0 };
	struct bb_record rec;
	char what[200], text[420];
	const char *wrong = NULL;

	int rc = bb_logrow_pg_record(v->arena, r, row, columns, v->journal_id, &rec, &err);
	describe(what, sizeof(what), columns);
	if (rc < 0) {
		snprintf(text, sizeof(text), "changed: %s: %.120s", what, err.text);
		find(v, columns->jseq, columns->jseq, "changed", text);
		return;
	}
	if (!bb_logrow_pg_is_refused(r, row))
		wrong = wrong_column(v, columns, rec.data, rec.len);
	if (v->has_chain)
		journal_record_chain(&rec, v->chain);
	if (wrong)
		snprintf(text, sizeof(text), "changed: %s: column %s is not what was recorded",
			what, wrong);
	else if (v->has_chain && memcmp(rec.chain, chain, sizeof(rec.chain)) != 0)
		snprintf(text, sizeof(text), "changed: %s: it does not fit its hash", what);
	else
		return;
	find(v, columns->jseq, columns->jseq, "changed", text);
}

static void check_row(struct verify *v, const PGresult *r, int row)
{
	struct bb_logrow columns;
	const uint8_t *chain;
	size_t len;

	bb_arena_reset(v->arena);
	bb_logrow_pg_columns(r, row, &columns);
	v->n_records++;
	if (v->is_begun && columns.jseq == v->last) {
		find(v, columns.jseq, columns.jseq, "twice", "there are two rows with this number");
		return;
	}
	if (v->is_begun && columns.jseq != v->last + 1) {
		find(v, v->last + 1, columns.jseq - 1, "removed", "these records are not there");
		v->has_chain = false;
	}
	if (!v->is_begun && columns.jseq == 1) {
		memset(v->chain, 0, sizeof(v->chain)); /* where every journal begins */
		v->has_chain = true;
	}
	chain = bb_logrow_pg_chain(v->arena, r, row, &len);
	if (chain && len == sizeof(v->chain)) {
		check_content(v, r, row, &columns, chain);
		memcpy(v->chain, chain, sizeof(v->chain));
		v->has_chain = v->is_chained = true;
	} else {
		if (chain || v->is_chained)
			find(v, columns.jseq, columns.jseq, "changed", "it has no hash any more");
		else
			v->n_unchained++;
		v->has_chain = false;
	}
	v->last = columns.jseq;
	v->is_begun = true;
}

/* ---- what the journal itself still has ---- */

struct compare {
	struct verify *v;
	PGresult *rows; /* jseq and hash, in order */
	int at;
};

static bool compare_record(void *arg, const struct bb_record *rec)
{
	struct compare *c = arg;
	char hex[65];

	while (c->at < PQntuples(c->rows) &&
		strtoull(PQgetvalue(c->rows, c->at, 0), NULL, 10) < rec->jseq)
		c->at++;
	if (c->at == PQntuples(c->rows) ||
		strtoull(PQgetvalue(c->rows, c->at, 0), NULL, 10) != rec->jseq)
		return true; /* missing rows are found without the journal */
	bb_hex(hex, rec->chain, sizeof(rec->chain));
	c->v->n_compared++;
	if (!PQgetisnull(c->rows, c->at, 1) && strcmp(PQgetvalue(c->rows, c->at, 1), hex) != 0)
		find(c->v, rec->jseq, rec->jseq, "changed",
			"its hash is not the one in the journal on this machine");
	return true;
}

static void compare_file(struct verify *v, const char *path, uint64_t upto)
{
	static const char sql[] =
		"SELECT jseq, encode(chain, 'hex') FROM events WHERE journal_id = decode($1, 'hex') AND "
		"jseq BETWEEN $2::bigint AND $3::bigint ORDER BY 1";
	struct journal_file f = { 0 };
	struct bb_err err;
	char first[24], last[24];
	size_t n = 0;

	if (journal_file_open(&f, path, JOURNAL_READ, &err) != JOURNAL_FINE) {
		fprintf(stderr, "busbarctl: cannot compare with the journal: %s\n", err.text);
		return;
	}
	if (memcmp(f.head.id, v->journal_id, sizeof(v->journal_id)) == 0) {
		const char *values[] = { v->journal, first, last };
		struct compare c = { .v = v };

		snprintf(first, sizeof(first), "%" PRIu64, f.head.first);
		snprintf(last, sizeof(last), "%" PRIu64, f.last < upto ? f.last : upto);
		c.rows = ask(v, sql, 3, values, &err);
		if (c.rows && journal_file_read(&f, f.head.first - 1, upto + 1, SIZE_MAX, NULL,
				      compare_record, &c, &n, &err) != JOURNAL_FINE)
			fprintf(stderr, "busbarctl: cannot compare with the journal: %s\n",
				err.text);
		PQclear(c.rows);
	}
	journal_file_close(&f, false);
}

static int is_generation(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n == 19 && strcmp(d->d_name + 16, ".db") == 0;
}

static void compare_journal(struct verify *v, uint64_t upto)
{
	char dir[300], path[600];
	struct dirent **names;

	bb_copy(dir, sizeof(dir), v->c->dirs.lib);
	char *name = strrchr(dir, '/'); /* of our own folder; alarmd's is beside it */
	snprintf(name ? name : dir, sizeof(dir) - (size_t)(name ? name - dir : 0),
		"/alarmd/journal");
	int n = scandir(dir, &names, is_generation, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		compare_file(v, path, upto);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* ---- all ---- */

static int verify_rows(struct verify *v, uint64_t after, uint64_t upto, struct bb_err *err)
{
	char from[24], to[24];
	const char *values[] = { v->journal, from, to };

	for (uint64_t at = after; at < upto; at += CHUNK) {
		snprintf(from, sizeof(from), "%" PRIu64, at);
		snprintf(to, sizeof(to), "%" PRIu64, at + CHUNK < upto ? at + CHUNK : upto);
		PGresult *r = ask(v, bb_logrow_pg_sql, 3, values, err);

		if (!r)
			return -1;
		for (int i = 0; i < PQntuples(r); i++)
			check_row(v, r, i);
		PQclear(r);
	}
	return 0;
}

/* Months that the owner's retention dropped are no finding; without one the log begins with 1. */
static void check_beginning(struct verify *v, uint64_t after, bool may_be_dropped, uint64_t first)
{
	if (after == 0 && first > 1 && !may_be_dropped)
		find(v, 1, first - 1, "removed",
			"the oldest records are not there, and no retention is set that drops them");
}

static void add_head(struct verify *v)
{
	char hex[2 * sizeof(v->chain) + 1];

	if (!v->is_begun || !v->has_chain)
		return;
	bb_hex(hex, v->chain, sizeof(v->chain));
	json_array_append_new(v->heads, json_pack("{s:s, s:I, s:s}", "journal", v->journal, "jseq",
						(json_int_t)v->last, "hash", hex));
}

static int verify_journal(struct verify *v, const char *journal, uint64_t upto, const char *since,
	bool may_be_dropped, struct bb_err *err)
{
	const char *values[] = { journal, since };
	uint64_t after = 0, before = v->n_records;
	PGresult *r;

	bb_copy(v->journal, sizeof(v->journal), journal);
	if (bb_unhex(v->journal_id, sizeof(v->journal_id), journal) != 16)
		return bb_err_set(err, "\"%s\" is no id of a journal", journal);
	v->is_begun = v->has_chain = v->is_chained = false;
	v->last = 0;
	r = ask(v,
		"SELECT (SELECT min(jseq) FROM events WHERE journal_id = decode($1, 'hex') AND at >= $2::timestamptz), "
		"least((SELECT jseq FROM events WHERE journal_id = decode($1, 'hex') ORDER BY at, jseq LIMIT 1), "
		"(SELECT min(jseq) FROM refused WHERE journal_id = decode($1, 'hex')))",
		2, values, err);
	if (!r)
		return -1;
	if (since)
		after = PQgetisnull(r, 0, 0) ? upto : strtoull(PQgetvalue(r, 0, 0), NULL, 10) - 1;
	uint64_t first = PQgetisnull(r, 0, 1) ? 0 : strtoull(PQgetvalue(r, 0, 1), NULL, 10);
	PQclear(r);
	check_beginning(v, after, may_be_dropped, first);
	/* one more, for its hash */
	if (verify_rows(v, after ? after - 1 : 0, upto, err) != 0)
		return -1;
	if (v->n_records == before && upto > 0 && !since && !may_be_dropped)
		find(v, 1, upto, "removed", "no record of this journal is there");
	else if (v->is_begun && v->last < upto)
		find(v, v->last + 1, upto, "removed", "the newest records are not there");
	compare_journal(v, upto);
	add_head(v);
	return 0;
}

static int verify_all(struct verify *v, const char *since, struct bb_err *err)
{
	PGresult *r = ask(v,
		"SELECT encode(journal_id, 'hex'), jseq, history_keep_days('events') IS NOT NULL FROM applied ORDER BY at",
		0, NULL, err);
	int rc = r ? 0 : -1;

	for (int i = 0; rc == 0 && i < PQntuples(r); i++)
		rc = verify_journal(v, PQgetvalue(r, i, 0), strtoull(PQgetvalue(r, i, 1), NULL, 10),
			since, PQgetvalue(r, i, 2)[0] == 't', err);
	PQclear(r);
	return rc;
}

static void print(const struct verify *v)
{
	json_t *f;
	size_t i;

	json_array_foreach(v->findings, i, f)
	{
		json_int_t first = json_integer_value(json_object_get(f, "first")),
			   last = json_integer_value(json_object_get(f, "last"));

		printf("%-8s record %" JSON_INTEGER_FORMAT, ctl_text(f, "what"), first);
		if (last > first)
			printf(" to %" JSON_INTEGER_FORMAT, last);
		printf(" of journal %.8s: %s\n", ctl_text(f, "journal"), ctl_text(f, "text"));
	}
	json_array_foreach(v->heads, i, f)
		printf("record %" JSON_INTEGER_FORMAT " of journal %.8s is the newest, hash %s\n",
			json_integer_value(json_object_get(f, "jseq")), ctl_text(f, "journal"),
			ctl_text(f, "hash"));
	printf("%" PRIu64 " records checked, %" PRIu64 " also against the journal here; %" PRIu64
	       " findings\n",
		v->n_records - v->n_unchained, v->n_compared, v->n_findings);
	if (v->n_unchained)
		printf("%" PRIu64
		       " older records have no hash yet: only their numbers were checked\n",
			v->n_unchained);
}

int cmd_verify_log(struct ctl *c)
{
	struct verify v = { .c = c };
	const char *since = ctl_option(c, "since");
	struct bb_err err;
	bool is_missing;
	char at[32], *conninfo;
	int rc = -1;

	if (since && ctl_since("since", since, at) != 0)
		return 1;
	conninfo = database_conninfo(c, &err);
	v.pg = conninfo ? database_connect(conninfo, &is_missing, &err) : NULL;
	free(conninfo);
	if (!v.pg)
		return ctl_fail("%s", err.text);
	v.arena = bb_arena_new(65536, 0);
	v.findings = json_array();
	v.heads = json_array();
	rc = verify_all(&v, since ? at : NULL, &err);
	PQfinish(v.pg);
	bb_arena_free(v.arena);
	if (rc != 0)
		ctl_fail("%s", err.text);
	else if (c->is_json)
		ctl_print_json(json_pack("{s:I, s:I, s:I, s:I, s:O, s:O}", "records",
			(json_int_t)v.n_records, "without_hash", (json_int_t)v.n_unchained,
			"compared", (json_int_t)v.n_compared, "n_findings",
			(json_int_t)v.n_findings, "findings", v.findings, "heads", v.heads));
	else
		print(&v);
	json_decref(v.findings);
	json_decref(v.heads);
	return rc == 0 && v.n_findings == 0 ? 0 : 1;
}
