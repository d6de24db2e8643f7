// SPDX-License-Identifier: Apache-2.0
/* Generation files of a journal in SQLite; see journal_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/journal_file.h"
#include "common/str.h"

enum {
	CHECKPOINT_PAGES = 1000, /* 4 MB, as SQLite's own */
	BUSY_MS = 2000,
};

// clang-format off
#define HEAD     "CREATE TABLE head(id INTEGER PRIMARY KEY CHECK (id = 1), data BLOB NOT NULL)"
#define RECORD   "CREATE TABLE record(jseq INTEGER PRIMARY KEY, type INTEGER NOT NULL, crc INTEGER NOT NULL," \
		 " chain BLOB NOT NULL, data BLOB NOT NULL)"
#define CURSOR   "CREATE TABLE cursor(consumer TEXT PRIMARY KEY, jseq INTEGER NOT NULL," \
		 " crc INTEGER NOT NULL) WITHOUT ROWID"
#define SNAPSHOT "CREATE TABLE snapshot(id INTEGER PRIMARY KEY CHECK (id = 1), jseq INTEGER NOT NULL," \
		 " crc INTEGER NOT NULL, data BLOB NOT NULL)"
// clang-format on
static const char *const table[] = { HEAD, RECORD, CURSOR, SNAPSHOT };
static const char schema[] = "PRAGMA application_id = 1111640625;" HEAD ";" RECORD ";" CURSOR
			     ";" SNAPSHOT ";";

static bool is_full(int e)
{
	return e == ENOSPC || e == EDQUOT || e == EFBIG;
}

/* Say what went wrong and what it means. A read error counts as damage: the bytes are not there,
 * and the rest must go on. */
enum journal_fault journal_file_fault(struct journal_file *f, int rc, const char *what,
	struct bb_err *err)
{
	int sys = f->db ? sqlite3_system_errno(f->db) : errno;
	const char *text = f->db ? sqlite3_errmsg(f->db) : sqlite3_errstr(rc);

	/* Says nothing about the file: a new start finds it as it is, without a jump in the numbers. */
	if (rc == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM)
		bb_out_of_memory(0);
	if ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN) {
		errno = sys;
		bb_err_errno(err, "cannot %s journal \"%s\": %s", what, f->path, text);
	} else {
		bb_err_set(err, "cannot %s journal \"%s\": %s", what, f->path, text);
	}
	switch (rc & 0xff) {
	case SQLITE_FULL: return JOURNAL_FAULT_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: return JOURNAL_FAULT_DAMAGED;
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_READ || rc == SQLITE_IOERR_SHORT_READ)
			return JOURNAL_FAULT_DAMAGED;
		break;
	}
	return is_full(sys) ? JOURNAL_FAULT_FULL : JOURNAL_FAULT_IO;
}

static enum journal_fault damaged(struct journal_file *f, struct bb_err *err, const char *what,
	uint64_t jseq)
{
	bb_err_set(err, "journal \"%s\" is damaged: %s at record %llu", f->path, what,
		(unsigned long long)jseq);
	return JOURNAL_FAULT_DAMAGED;
}

static int on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	((struct journal_file *)arg)->wal_pages = pages;
	return SQLITE_OK;
}

/* "file:" URI with everything but plain characters escaped. */
static void immutable_uri(const char *path, struct bb_buf *out)
{
	bb_buf_str(out, "file:");
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || strchr("/._-", *p);

		bb_buf_printf(out, plain ? "%c" : "%%%02x", *p);
	}
	bb_buf_str(out, "?immutable=1");
}

static int open_db(struct journal_file *f, enum journal_mode m, bool create)
{
	struct bb_buf uri = { 0 };
	int flags = create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
	int rc;

	if (m == JOURNAL_STATIC) {
		immutable_uri(f->path, &uri);
		flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
	}
	rc = sqlite3_open_v2(m == JOURNAL_STATIC ? uri.data : f->path, &f->db, flags, NULL);
	bb_buf_fini(&uri);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_extended_result_codes(f->db, 1);
	sqlite3_busy_timeout(f->db, BUSY_MS);
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_DEFENSIVE, create ? 0 : 1, NULL);
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	rc = sqlite3_exec(f->db,
		m == JOURNAL_ALONE ? "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON;"
				   : "PRAGMA cell_size_check = ON; PRAGMA cache_size = -1024;",
		NULL, NULL, NULL);
	if (rc != SQLITE_OK || m != JOURNAL_WRITE)
		return rc;
	rc = sqlite3_exec(f->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", NULL,
		NULL, NULL);
	sqlite3_wal_autocheckpoint(f->db, 0);
	sqlite3_wal_hook(f->db, on_wal, f);
	return rc;
}

static int prepare(struct journal_file *f, enum journal_mode m)
{
	int rc = sqlite3_prepare_v3(f->db,
		"SELECT jseq, type, crc, chain, data FROM record"
		" WHERE jseq > ? AND jseq < ? ORDER BY jseq",
		-1, SQLITE_PREPARE_PERSISTENT, &f->select, NULL);

	if (rc != SQLITE_OK || m != JOURNAL_WRITE)
		return rc;
	return sqlite3_prepare_v3(f->db, "INSERT INTO record VALUES (?, ?, ?, ?, ?)", -1,
		SQLITE_PREPARE_PERSISTENT, &f->insert, NULL);
}

/* A bit in the text of a table may make it another one in which no record is found. */
static enum journal_fault check_schema(struct journal_file *f, struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE;
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db,
		"SELECT count(DISTINCT sql) FROM sqlite_schema WHERE type = 'table' AND sql IN (?, ?, ?, ?)",
		-1, &st, NULL);

	for (int i = 0; s == SQLITE_OK && i < 4; i++)
		s = sqlite3_bind_text(st, i + 1, table[i], -1, SQLITE_STATIC);
	if (s == SQLITE_OK)
		s = sqlite3_step(st);
	if (s != SQLITE_ROW) {
		rc = journal_file_fault(f, s, "read", err);
	} else if (sqlite3_column_int(st, 0) != 4) {
		bb_err_set(err, "journal \"%s\" is damaged: its tables are not those of a journal",
			f->path);
		rc = JOURNAL_FAULT_DAMAGED;
	}
	sqlite3_finalize(st);
	return rc;
}

static enum journal_fault read_head(struct journal_file *f, struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE;
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db,
		"SELECT data, coalesce((SELECT max(jseq) FROM record), -1) FROM head", -1, &st,
		NULL);

	if (s == SQLITE_OK)
		s = sqlite3_step(st);
	if (s == SQLITE_DONE) {
		rc = damaged(f, err, "head row missing", 0);
	} else if (s != SQLITE_ROW) {
		rc = journal_file_fault(f, s, "read", err);
	} else if (journal_head_decode(&f->head, sqlite3_column_blob(st, 0),
			   (size_t)sqlite3_column_bytes(st, 0)) != 0) {
		rc = damaged(f, err, "head row wrong", 0);
	} else {
		sqlite3_int64 last = sqlite3_column_int64(st, 1);

		f->last = last < 0 ? f->head.first - 1 : (uint64_t)last;
		if (f->last + 1 < f->head.first || f->last > INT64_MAX / 2)
			rc = damaged(f, err, "wrong number", f->last);
	}
	sqlite3_finalize(st);
	return rc;
}

enum journal_fault journal_file_open(struct journal_file *f, const char *path, enum journal_mode m,
	struct bb_err *err)
{
	enum journal_fault rc;
	int s;

	memset(f, 0, sizeof(*f));
	bb_copy(f->path, sizeof(f->path), path);
	s = open_db(f, m, false);
	rc = s == SQLITE_OK ? JOURNAL_FINE : journal_file_fault(f, s, "open", err);
	if (rc == JOURNAL_FINE)
		rc = check_schema(f, err);
	if (rc == JOURNAL_FINE)
		rc = read_head(f, err);
	if (rc == JOURNAL_FINE) {
		s = prepare(f, m);
		if (s != SQLITE_OK)
			rc = journal_file_fault(f, s, "read", err);
	}
	f->opened_ms = bb_clock_boot_ms();
	if (rc != JOURNAL_FINE)
		journal_file_close(f, false);
	return rc;
}

/* The folder entry must be as durable as the first record in the file. */
static int sync_folder(const char *path)
{
	char dir[JOURNAL_PATH_MAX];
	int fd, rc;

	bb_copy(dir, sizeof(dir), path);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

static int insert_head(struct journal_file *f)
{
	uint8_t bytes[JOURNAL_HEAD_BYTES];
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db, "INSERT INTO head VALUES (1, ?)", -1, &st, NULL);

	if (s != SQLITE_OK)
		return s;
	journal_head_encode(&f->head, bytes);
	sqlite3_bind_blob(st, 1, bytes, sizeof(bytes), SQLITE_STATIC);
	s = sqlite3_step(st);
	sqlite3_finalize(st);
	return s == SQLITE_DONE ? SQLITE_OK : s;
}

static void remove_unborn(const char *path)
{
	char journal[JOURNAL_PATH_MAX + 16];

	snprintf(journal, sizeof(journal), "%s-journal", path);
	unlink(path);
	unlink(journal);
}

/* A whole file with head and no records, under a name of its own, synced and closed. */
static enum journal_fault make_unborn(struct journal_file *f, struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE;
	int s;

	remove_unborn(f->path);
	s = open_db(f, JOURNAL_READ, true);
	if (s == SQLITE_OK)
		s = sqlite3_exec(f->db, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", NULL, NULL,
			NULL);
	if (s == SQLITE_OK)
		s = sqlite3_exec(f->db, schema, NULL, NULL, NULL);
	if (s == SQLITE_OK)
		s = insert_head(f);
	if (s == SQLITE_OK)
		s = sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);
	if (s != SQLITE_OK)
		rc = journal_file_fault(f, s, "make", err);
	journal_file_close(f, false);
	return rc;
}

/* The name appears only with a whole file behind it, so that a file without head is damaged and
 * never merely young. */
enum journal_fault journal_file_create(struct journal_file *f, const char *path,
	const struct journal_head *h, struct bb_err *err)
{
	enum journal_fault rc;

	memset(f, 0, sizeof(*f));
	f->head = *h;
	if (access(path, F_OK) == 0) {
		bb_err_set(err, "cannot make journal \"%s\": it exists", path);
		return JOURNAL_FAULT_IO;
	}
	snprintf(f->path, sizeof(f->path), "%s.new", path);
	rc = make_unborn(f, err);
	if (rc == JOURNAL_FINE && (rename(f->path, path) != 0 || sync_folder(path) != 0)) {
		rc = is_full(errno) ? JOURNAL_FAULT_FULL : JOURNAL_FAULT_IO;
		bb_err_errno(err, "cannot make journal \"%s\"", path);
		/* Nothing is in it yet, and the next try wants the name. */
		unlink(path);
	}
	if (rc != JOURNAL_FINE) {
		remove_unborn(f->path);
		return rc;
	}
	return journal_file_open(f, path, JOURNAL_WRITE, err);
}

void journal_file_close(struct journal_file *f, bool settle)
{
	if (!f->db)
		return;
	sqlite3_finalize(f->insert);
	sqlite3_finalize(f->select);
	if (settle)
		sqlite3_wal_checkpoint_v2(f->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_close(f->db);
	f->db = NULL;
	f->insert = f->select = NULL;
}

enum journal_fault journal_file_begin(struct journal_file *f, struct bb_err *err)
{
	int s = sqlite3_exec(f->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	return s == SQLITE_OK ? JOURNAL_FINE : journal_file_fault(f, s, "write", err);
}

enum journal_fault journal_file_add(struct journal_file *f, const struct bb_record *r,
	struct bb_err *err)
{
	int s;

	sqlite3_bind_int64(f->insert, 1, (sqlite3_int64)r->jseq);
	sqlite3_bind_int64(f->insert, 2, r->type);
	sqlite3_bind_int64(f->insert, 3, journal_record_crc(r));
	sqlite3_bind_blob(f->insert, 4, r->chain, sizeof(r->chain), SQLITE_STATIC);
	sqlite3_bind_blob(f->insert, 5, r->len ? (const void *)r->data : "", (int)r->len,
		SQLITE_STATIC);
	s = sqlite3_step(f->insert);
	sqlite3_reset(f->insert);
	if (s != SQLITE_DONE)
		return journal_file_fault(f, s, "write", err);
	f->last = r->jseq;
	return JOURNAL_FINE;
}

static uint32_t pair_crc(uint64_t jseq, const void *p, size_t n)
{
	uint8_t le[8];

	for (unsigned i = 0; i < 8; i++)
		le[i] = (uint8_t)(jseq >> (8 * i));
	return journal_crc(journal_crc(0, le, 8), p, n);
}

enum journal_fault journal_file_cursor(struct journal_file *f, const char *consumer, uint64_t jseq,
	struct bb_err *err)
{
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db, "INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", -1, &st,
		NULL);

	if (s != SQLITE_OK)
		return journal_file_fault(f, s, "write", err);
	sqlite3_bind_text(st, 1, consumer, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)jseq);
	sqlite3_bind_int64(st, 3, pair_crc(jseq, consumer, strlen(consumer)));
	s = sqlite3_step(st);
	sqlite3_finalize(st);
	return s == SQLITE_DONE ? JOURNAL_FINE : journal_file_fault(f, s, "write", err);
}

enum journal_fault journal_file_snapshot(struct journal_file *f, uint64_t jseq, const void *data,
	size_t len, struct bb_err *err)
{
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db, "INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?, ?)", -1,
		&st, NULL);

	if (s != SQLITE_OK)
		return journal_file_fault(f, s, "write", err);
	sqlite3_bind_int64(st, 1, (sqlite3_int64)jseq);
	sqlite3_bind_int64(st, 2, pair_crc(jseq, data, len));
	sqlite3_bind_blob(st, 3, len ? data : "", (int)len, SQLITE_STATIC);
	s = sqlite3_step(st);
	sqlite3_finalize(st);
	return s == SQLITE_DONE ? JOURNAL_FINE : journal_file_fault(f, s, "write", err);
}

enum journal_fault journal_file_commit(struct journal_file *f, struct bb_err *err)
{
	int s = sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL);

	return s == SQLITE_OK ? JOURNAL_FINE : journal_file_fault(f, s, "write", err);
}

enum journal_fault journal_file_checkpoint(struct journal_file *f, struct bb_err *err)
{
	int s;

	if (f->wal_pages < CHECKPOINT_PAGES)
		return JOURNAL_FINE;
	s = sqlite3_wal_checkpoint_v2(f->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return s == SQLITE_OK || s == SQLITE_BUSY ? JOURNAL_FINE
						  : journal_file_fault(f, s, "settle", err);
}

/* The row under the statement, checked. Returns NULL or what is wrong with it. */
static const char *row_get(sqlite3_stmt *st, struct bb_record *r, uint8_t *prev)
{
	*r = (struct bb_record){
		.jseq = (uint64_t)sqlite3_column_int64(st, 0),
		.type = (uint32_t)sqlite3_column_int64(st, 1),
		.durable = true,
		.data = sqlite3_column_blob(st, 4),
		.len = (size_t)sqlite3_column_bytes(st, 4),
	};
	if (sqlite3_column_bytes(st, 3) != (int)sizeof(r->chain) || r->len > JOURNAL_DATA_MAX)
		return "wrong size";
	memcpy(r->chain, sqlite3_column_blob(st, 3), sizeof(r->chain));
	if (!r->data)
		r->data = (const uint8_t *)"";
	if ((sqlite3_int64)journal_record_crc(r) != sqlite3_column_int64(st, 2))
		return "wrong CRC";
	if (prev) {
		struct bb_record again = *r;

		journal_record_chain(&again, prev);
		if (memcmp(again.chain, r->chain, sizeof(r->chain)) != 0)
			return "wrong chain hash";
		memcpy(prev, r->chain, sizeof(r->chain));
	}
	return NULL;
}

enum journal_fault journal_file_check(struct journal_file *f, struct bb_err *err)
{
	enum journal_fault fault = JOURNAL_FINE;
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(f->db, "PRAGMA quick_check(1)", -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		/* A disk that failed just now is no damage of the file. */
		fault = journal_file_fault(f, rc, "check", err);
	} else if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0) {
		bb_err_set(err, "journal \"%s\" is damaged: pages are wrong", f->path);
		fault = JOURNAL_FAULT_DAMAGED;
	}
	sqlite3_finalize(st);
	return fault;
}

enum journal_fault journal_file_peek(struct journal_file *f, uint64_t jseq, struct bb_record *r)
{
	sqlite3_reset(f->select);
	sqlite3_bind_int64(f->select, 1, (sqlite3_int64)jseq - 1);
	sqlite3_bind_int64(f->select, 2, (sqlite3_int64)jseq + 1);
	int rc = sqlite3_step(f->select);
	if (rc == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM)
		bb_out_of_memory(0);
	if (rc != SQLITE_ROW)
		return JOURNAL_FAULT_DAMAGED;
	*r = (struct bb_record){
		.jseq = jseq,
		.type = (uint32_t)sqlite3_column_int64(f->select, 1),
		.durable = true,
		.data = sqlite3_column_blob(f->select, 4),
		.len = (size_t)sqlite3_column_bytes(f->select, 4),
	};
	if (r->len > JOURNAL_DATA_MAX || (r->len && !r->data))
		return JOURNAL_FAULT_DAMAGED;
	if (!r->data)
		r->data = (const uint8_t *)"";
	if (sqlite3_column_bytes(f->select, 3) == (int)sizeof(r->chain))
		memcpy(r->chain, sqlite3_column_blob(f->select, 3), sizeof(r->chain));
	return JOURNAL_FINE;
}

enum journal_fault journal_file_read(struct journal_file *f, uint64_t after, uint64_t end,
	size_t max, uint8_t *prev, bool (*cb)(void *arg, const struct bb_record *r), void *arg,
	size_t *n, struct bb_err *err)
{
	uint64_t want = after + 1 > f->head.first ? after + 1 : f->head.first;
	enum journal_fault rc = JOURNAL_FINE;
	bool more = true;

	if (end > INT64_MAX)
		end = INT64_MAX;
	sqlite3_reset(f->select); /* of a journal_file_peek() */
	sqlite3_bind_int64(f->select, 1, (sqlite3_int64)(want - 1));
	sqlite3_bind_int64(f->select, 2, (sqlite3_int64)end);
	for (size_t i = 0; more && i < max && want < end; i++, want++) {
		int s = sqlite3_step(f->select);
		struct bb_record r;
		const char *wrong;

		if (s == SQLITE_DONE)
			break;
		if (s != SQLITE_ROW) {
			rc = journal_file_fault(f, s, "read", err);
			break;
		}
		wrong = row_get(f->select, &r, prev);
		if (!wrong && r.jseq != want)
			wrong = "record missing";
		if (wrong) {
			rc = damaged(f, err, wrong, want);
			break;
		}
		++*n;
		more = cb(arg, &r);
	}
	sqlite3_reset(f->select);
	return rc;
}

enum journal_fault journal_file_cursors(struct journal_file *f,
	void (*cb)(void *arg, const char *consumer, uint64_t jseq), void *arg, struct bb_err *err)
{
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db, "SELECT consumer, jseq, crc FROM cursor", -1, &st, NULL);

	while (s == SQLITE_OK && (s = sqlite3_step(st)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		uint64_t jseq = (uint64_t)sqlite3_column_int64(st, 1);

		s = SQLITE_OK;
		if (!name || strlen(name) >= JOURNAL_NAME_MAX)
			continue;
		/* A damaged cursor begins at 0: it then holds back retention until its consumer
		 * calls. */
		if (pair_crc(jseq, name, strlen(name)) != (uint32_t)sqlite3_column_int64(st, 2))
			jseq = 0;
		cb(arg, name, jseq);
	}
	sqlite3_finalize(st);
	return s == SQLITE_DONE ? JOURNAL_FINE : journal_file_fault(f, s, "read", err);
}

enum journal_fault journal_file_snapshot_read(struct journal_file *f, uint64_t *jseq,
	uint8_t **data, size_t *len, struct bb_err *err)
{
	enum journal_fault rc = JOURNAL_FINE;
	sqlite3_stmt *st = NULL;
	int s = sqlite3_prepare_v2(f->db, "SELECT jseq, crc, data FROM snapshot", -1, &st, NULL);

	*data = NULL;
	if (s == SQLITE_OK)
		s = sqlite3_step(st);
	if (s == SQLITE_ROW) {
		const void *p = sqlite3_column_blob(st, 2);

		*jseq = (uint64_t)sqlite3_column_int64(st, 0);
		*len = (size_t)sqlite3_column_bytes(st, 2);
		if (pair_crc(*jseq, p, *len) != (uint32_t)sqlite3_column_int64(st, 1)) {
			rc = damaged(f, err, "wrong CRC of the snapshot", *jseq);
		} else {
			*data = bb_malloc(*len + 1);
			if (*len)
				memcpy(*data, p, *len);
		}
	} else if (s != SQLITE_DONE) {
		rc = journal_file_fault(f, s, "read", err);
	}
	sqlite3_finalize(st);
	return rc;
}
