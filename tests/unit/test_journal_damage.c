// SPDX-License-Identifier: Apache-2.0
/* Journal files that are not what was written: what is found, what is made again and proven, what is never believed. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/journal_file.h"
#include "common/log.h"
#include "common/str.h"
#include "tests/lib/faultfs.h"
#include "tests/unit/journal_lib.h"

enum { RECORDS = 200 };

static unsigned seeded(void)
{
	const char *given = getenv("BUSBAR_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)bb_clock_real_us();

	print_message("seed %u\n", seed);
	return seed;
}

static int setup(void **state)
{
	*state = jt_new();
	return 0;
}

static int teardown(void **state)
{
	memset(faultfs_rules(), 0, sizeof(struct faultfs));
	jt_free(*state);
	return 0;
}

/* A database that holds the records up to `last`. */
struct elsewhere {
	uint8_t chain[RECORDS + 1][32];
	uint64_t last;
	unsigned asked;
};
static struct elsewhere database;

static void lost(void *arg, const uint8_t id[16], uint64_t first, uint64_t last,
	void (*put)(void *to, const struct bb_record *r), void *to)
{
	uint8_t body[300];

	database.asked++;
	for (uint64_t n = first ? first : 1; n <= last && n <= database.last; n++) {
		struct bb_record r = { .jseq = n, .type = n % 7, .data = body };
		r.len = jt_body(n, body);
		memcpy(r.chain, database.chain[n], sizeof(r.chain));
		put(to, &r);
	}
}

static bool note_chain(void *arg, const struct bb_record *r)
{
	memcpy(database.chain[r->jseq], r->chain, sizeof(r->chain));
	return true;
}

/* Three closed generations of 60 and an open one of 20. */
static void four_generations(struct jt *t)
{
	t->o.max_records = 60;
	jt_open(t);
	for (unsigned i = 1; i <= 3; i++) {
		jt_append(t, 60);
		jt_wait_acked(t, 60 * i);
	}
	jt_append(t, 20);
	jt_wait_acked(t, RECORDS);
	database = (struct elsewhere){ .last = 0 };
	assert_int_equal(bb_journal_read(t->j, 0, RECORDS, note_chain, NULL, NULL), RECORDS);
	jt_close(t);
	assert_int_equal(jt_files(t, ".db"), 4);
}

static void flip(const char *path, unsigned *seed)
{
	int fd = open(path, O_RDWR);
	struct stat st;
	uint8_t byte;
	off_t at;

	assert_int_equal(fstat(fd, &st), 0);
	at = (off_t)((uint64_t)rand_r(seed) % (uint64_t)st.st_size);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= (uint8_t)(1u << (rand_r(seed) % 8));
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void restore(const char *from, const char *to)
{
	char cmd[600];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
	assert_int_equal(system(cmd), 0);
}

enum { FLIPS = 300, FLIPS_ELSEWHERE = 100, KILL_EACH = 4 };
static const unsigned generation[] = { 1, 61, 121, 181, 201 };

/* u: the journal of t with one to three bits flipped in file i % 4. */
static void flipped(struct jt *t, struct jt *u, unsigned i, unsigned *seed)
{
	char path[JOURNAL_PATH_MAX];

	restore(t->dir, u->dir);
	snprintf(path, sizeof(path), "%s/%016x.db", u->dir, generation[i % 4]);
	for (unsigned k = 0; k <= i % 3; k++)
		flip(path, seed);
	u->o = t->o;
	u->missing_first = u->missing_last = 0;
	jt_open(u);
}

static void goes_on(struct jt *u)
{
	jt_append(u, 1);
	assert_true(bb_journal_next(u->j) > RECORDS + 1);
	jt_wait_acked(u, bb_journal_next(u->j) - 1);
	jt_close(u);
}

static void flipped_bits_are_harmless_or_found_and_never_believed(void **state)
{
	struct jt *t = *state, *u = jt_new();
	unsigned seed = seeded(), found = 0, mended = 0;

	four_generations(t);
	for (unsigned i = 0; i < FLIPS; i++) {
		unsigned first = generation[i % 4], next = generation[i % 4 + 1];
		int n;

		flipped(t, u, i, &seed);
		jt_read_all(u, 0);
		if (u->damages) {
			found++;
			assert_int_equal(u->damages, 1);
			assert_int_equal(jt_files(u, ".damaged-"), 1);
			/* What was read before the damage showed may have been given out; now it is gone. */
			n = jt_read_all(u, 0);
			mended += n > RECORDS - (int)(next - first);
			if (u->missing_first) {
				assert_in_range(u->missing_first, first, next);
				assert_true(u->missing_last >= u->missing_first);
				n += (int)(u->missing_last < next ? u->missing_last + 1 - u->missing_first
								   : next - u->missing_first);
			}
			assert_true(n >= RECORDS);
		} else {
			assert_int_equal(jt_read_all(u, 0), RECORDS);
		}
		goes_on(u);
	}
	assert_true(found > FLIPS / 10);
	assert_true(mended > found / 2);
	jt_free(u);
}

static void flipped_bits_lose_nothing_that_is_elsewhere(void **state)
{
	struct jt *t = *state, *u = jt_new();
	unsigned seed = seeded(), found = 0;

	four_generations(t);
	database.last = RECORDS;
	t->o.lost = lost;
	for (unsigned i = 0; i < FLIPS_ELSEWHERE; i++) {
		flipped(t, u, i, &seed);
		jt_read_all(u, 0);
		found += u->damages;
		assert_int_equal(jt_read_all(u, 0), RECORDS);
		assert_false(u->gap);
		/* Only the end of the newest file may stay unknown. */
		if (u->missing_first)
			assert_int_equal(u->missing_first, RECORDS + 1);
		assert_memory_equal(u->chain, database.chain[RECORDS], 32);
		goes_on(u);
	}
	assert_true(found > FLIPS_ELSEWHERE / 10);
	jt_free(u);
}

static void change_record(struct jt *t, unsigned first, const char *sql)
{
	char path[JOURNAL_PATH_MAX];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%016x.db", t->dir, first);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_damaged_record_of_the_newest_file_is_lost_alone(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	change_record(t, 181, "UPDATE record SET data = x'00' WHERE jseq = 190");
	jt_open(t);
	assert_int_equal(t->damages, 1);
	assert_int_equal(t->missing_first, 190);
	assert_true(bb_journal_next(t->j) > RECORDS + 99000);
	assert_int_equal(jt_read_all(t, 0), RECORDS - 1);
	jt_append(t, 1);
	jt_wait_acked(t, bb_journal_next(t->j) - 1);
	jt_reopen(t);
	assert_int_equal(t->damages, 0); /* told once */
	assert_int_equal(jt_read_all(t, 0), RECORDS);
	assert_int_equal(jt_files(t, ".damaged-"), 1);
}

static void a_record_put_back_leaves_no_hole_and_no_jump(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	database.last = RECORDS;
	t->o.lost = lost;
	change_record(t, 181, "UPDATE record SET data = x'00' WHERE jseq = 190");
	jt_open(t);
	assert_int_equal(t->damages, 1);
	assert_int_equal(t->missing_first, 0);
	assert_int_equal(bb_journal_next(t->j), RECORDS + 1);
	assert_int_equal(jt_read_all(t, 0), RECORDS);
	assert_false(t->gap);
}

static void what_does_not_fit_the_chain_is_not_put_back(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	database.last = RECORDS;
	database.chain[190][7] ^= 1;
	t->o.lost = lost;
	change_record(t, 181, "DELETE FROM record WHERE jseq = 190");
	jt_open(t);
	assert_int_equal(t->missing_first, 190);
	/* Nor is the next one, whose predecessor nobody knows. */
	assert_int_equal(jt_read_all(t, 0), RECORDS - 2);
}

/* The database knows records behind the end of the file: it was longer, perhaps longer still. */
static void a_newest_file_without_its_end_makes_the_numbers_jump(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	database.last = RECORDS;
	t->o.lost = lost;
	change_record(t, 181, "DELETE FROM record WHERE jseq > 195; UPDATE record SET crc = 1 WHERE jseq = 183");
	jt_open(t);
	assert_int_equal(jt_read_all(t, 0), RECORDS);
	assert_true(bb_journal_next(t->j) > RECORDS + 99000);
	assert_int_equal(t->missing_first, RECORDS + 1);
}

/* Killed behind the jump, before anything was written there. */
static void an_empty_file_behind_a_jump_is_no_damage(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	change_record(t, 181, "UPDATE record SET data = x'00' WHERE jseq = 190");
	jt_open(t);
	bb_journal_snapshot_put(t->j, RECORDS, "state", 5);
	for (int i = 0; i < 3000 && jt_files(t, "0000000000018755.db") == 0; i++)
		bb_loop_turn(t->loop, 10);
	assert_int_equal(jt_files(t, "0000000000018755.db"), 1);
	jt_reopen(t);
	assert_int_equal(t->damages, 0);
	assert_int_equal(jt_read_all(t, 0), RECORDS - 1);
	assert_int_equal(jt_read(t, RECORDS, 10), 0);
	jt_append(t, 1);
	jt_wait_acked(t, bb_journal_next(t->j) - 1);
	assert_int_equal(jt_read_all(t, 0), RECORDS);
}

static void cursors_and_snapshot_of_a_damaged_file_are_kept(void **state)
{
	struct jt *t = *state;
	uint8_t *data;
	uint64_t jseq;
	size_t len;

	jt_open(t);
	jt_append(t, 30);
	jt_wait_acked(t, 30);
	bb_journal_cursor_set(t->j, "reader", 17);
	bb_journal_snapshot_put(t->j, 20, "state", 5);
	jt_close(t);
	change_record(t, 1, "UPDATE record SET data = x'00' WHERE jseq = 5");
	jt_open(t);
	assert_int_equal(t->damages, 1);
	assert_int_equal(bb_journal_cursor_get(t->j, "reader"), 17);
	assert_int_equal(bb_journal_snapshot_get(t->j, &jseq, &data, &len, NULL), 1);
	assert_int_equal(jseq, 20);
	assert_memory_equal(data, "state", 5);
	free(data);
}

/* The process dies before the n-th write or sync of the repair, and the next one before the next, until one is done. */
static void a_repair_that_is_killed_is_done_again(void **state)
{
	struct jt *t = *state, *u = jt_new();
	struct faultfs *f = faultfs_rules();
	unsigned n, phase = seeded() % KILL_EACH;
	bool is_done = false;

	four_generations(t);
	change_record(t, 121, "UPDATE record SET data = x'00' WHERE jseq = 150");
	change_record(t, 181, "UPDATE record SET data = x'00' WHERE jseq = 190");
	t->o.lost = lost;
	for (n = 0; !is_done; n++) {
		int status;
		pid_t pid;

		restore(t->dir, u->dir);
		u->o = t->o;
		pid = fork();
		if (pid == 0) {
			snprintf(f->path, sizeof(f->path), "%s", u->dir);
			*(n % 2 ? &f->write : &f->sync) = (struct faultfs_op){
				.err = FAULTFS_KILL,
				.skip = (int)(n / 2 * KILL_EACH + phase),
				.count = 1,
			};
			jt_open(u);
			jt_read_all(u, 0);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		is_done = n > 1 && WIFEXITED(status) && n % 2;
		database.last = RECORDS;
		jt_open(u);
		jt_read_all(u, 0);
		assert_int_equal(jt_read_all(u, 0), RECORDS);
		goes_on(u);
	}
	assert_true(n > 4);
	jt_free(u);
}

/* One bit makes another table of it, in which the numbers are no numbers any more: it would look empty. */
static void a_bit_in_the_schema_is_found(void **state)
{
	struct jt *t = *state;
	char path[JOURNAL_PATH_MAX], page[4096], *at = NULL;

	for (unsigned i = 0; i < 2; i++) {
		unsigned first = i ? 61 : 181;
		four_generations(t);
		database.last = RECORDS;
		t->o.lost = lost;
		snprintf(path, sizeof(path), "%s/%016x.db", t->dir, first);
		int fd = open(path, O_RDWR);
		assert_int_equal(pread(fd, page, sizeof(page), 0), sizeof(page));
		at = memmem(page, sizeof(page), "jseq INTEGER PRIMARY KEY", 24);
		assert_non_null(at);
		at[20] ^= 4; /* PRIMARY$KEY */
		assert_int_equal(pwrite(fd, page, sizeof(page), 0), sizeof(page));
		close(fd);
		jt_open(t);
		assert_int_equal(t->damages, 1);
		assert_int_equal(jt_read_all(t, 0), RECORDS);
		assert_true(bb_journal_next(t->j) > RECORDS);
		jt_close(t);
		jt_remove_tree(t->dir);
		assert_int_equal(mkdir(t->dir, 0700), 0);
	}
}

/* It died between the last step but one and the last: the new file is whole, in its folder, and the damaged one lies there or is aside. */
static void a_repair_is_finished_by_the_next_process(void **state)
{
	struct jt *t = *state;
	char cmd[600];

	four_generations(t);
	change_record(t, 181, "UPDATE record SET data = x'00' WHERE jseq = 190");
	database.last = RECORDS;
	t->o.lost = lost;
	for (unsigned is_aside = 0; is_aside < 2; is_aside++) {
		jt_open(t);
		assert_int_equal(t->damages, 1);
		jt_close(t);
		snprintf(cmd, sizeof(cmd),
			"cd %s && mkdir repaired.%016x.%016x && mv %016x.db repaired.%016x.%016x/ && %s", t->dir, 181,
			RECORDS, 181, 181, RECORDS,
			is_aside ? "true" : "for f in *.damaged-*; do mv $f 00000000000000b5.db; done");
		assert_int_equal(system(cmd), 0);
		database.last = 0;
		jt_open(t);
		assert_int_equal(t->damages, 0);
		assert_int_equal(jt_read_all(t, 0), RECORDS);
		assert_int_equal(bb_journal_next(t->j), RECORDS + 1);
		assert_int_equal(jt_files(t, ".damaged-"), 1);
		assert_int_equal(jt_files(t, "repaired"), 0);
		jt_close(t);
		change_record(t, 181, "UPDATE record SET data = x'00' WHERE jseq = 190");
		database.last = RECORDS;
		snprintf(cmd, sizeof(cmd), "rm %s/*.damaged-*", t->dir);
		assert_int_equal(system(cmd), 0);
	}
}

static void an_exchanged_record_breaks_the_chain(void **state)
{
	struct jt *t = *state;
	struct bb_record r = { .jseq = 190,
		.type = 1,
		.data = (const uint8_t *)"forged",
		.len = 6 };
	char sql[300], chain[65];

	memset(r.chain, 0xaa, sizeof(r.chain));
	bb_hex(chain, r.chain, sizeof(r.chain));
	snprintf(sql, sizeof(sql),
		"UPDATE record SET type = 1, data = x'666f72676564', chain = x'%s', crc = %u"
		" WHERE jseq = 190",
		chain, journal_record_crc(&r));
	four_generations(t);
	change_record(t, 181, sql);
	jt_open(t);
	assert_int_equal(t->damages, 1);
}

static void a_missing_record_is_found_while_reading(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	change_record(t, 61, "DELETE FROM record WHERE jseq = 100");
	jt_open(t);
	assert_int_equal(t->damages, 0);
	jt_read_all(t, 0);
	assert_int_equal(t->damages, 1);
	/* Of the next one the predecessor is not known. */
	assert_int_equal(t->missing_first, 100);
	assert_int_equal(t->missing_last, 101);
	assert_true(t->gap);
	assert_int_equal(t->at, RECORDS);
}

static void scrubbing_finds_rot_before_anybody_reads(void **state)
{
	struct jt *t = *state;

	four_generations(t);
	change_record(t, 61, "UPDATE record SET chain = zeroblob(32) WHERE jseq = 77");
	jt_open(t);
	for (unsigned i = 0; i < 4; i++)
		bb_journal_retain(t->j);
	assert_int_equal(t->damages, 1);
	assert_int_equal(t->missing_first, 77);
}

static void a_vanished_generation_is_reported(void **state)
{
	struct jt *t = *state;
	char path[JOURNAL_PATH_MAX];

	four_generations(t);
	snprintf(path, sizeof(path), "%s/%016x.db", t->dir, 61);
	unlink(path);
	jt_open(t);
	assert_int_equal(t->damages, 1);
	assert_int_equal(t->missing_first, 61);
	assert_int_equal(t->missing_last, 120);
	assert_int_equal(jt_read_all(t, 0), 140);
}

static void a_foreign_generation_is_set_aside(void **state)
{
	struct jt *t = *state, *u = jt_new();
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];

	four_generations(t);
	four_generations(u);
	snprintf(from, sizeof(from), "%s/%016x.db", u->dir, 121);
	snprintf(to, sizeof(to), "%s/%016x.db", t->dir, 121);
	restore(from, to);
	jt_open(t);
	assert_int_equal(t->damages, 1);
	assert_int_equal(jt_read_all(t, 0), 140);
	jt_free(u);
}

static void stray_files_are_left_alone(void **state)
{
	static const char *const names[] = { "0000000000000001.dbx", "x.db", "000000000000000g.db",
		"0000000000000000.db", "ffffffffffffffff.db" };
	struct jt *t = *state;
	char path[256];

	for (size_t i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", t->dir, names[i]);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	jt_open(t);
	assert_int_equal(bb_journal_next(t->j), 1);
	assert_int_equal(t->damages, 0);
	for (size_t i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s/%s", t->dir, names[i]);
		assert_int_equal(access(path, F_OK), 0);
	}
}

static void a_damaged_snapshot_gives_the_one_before(void **state)
{
	struct jt *t = *state;
	uint8_t *data;
	uint64_t jseq;
	size_t len;

	t->o.max_records = 10;
	jt_open(t);
	jt_append(t, 9);
	bb_journal_snapshot_put(t->j, 9, "old", 3);
	jt_wait_acked(t, 9);
	jt_append(t, 1);
	jt_wait_acked(t, 10);
	jt_append(t, 1);
	jt_wait_acked(t, 11);
	bb_journal_snapshot_put(t->j, 11, "new", 3);
	jt_close(t);
	change_record(t, 11, "UPDATE snapshot SET data = x'6e6578'");
	jt_open(t);
	assert_int_equal(bb_journal_snapshot_get(t->j, &jseq, &data, &len, NULL), 1);
	assert_int_equal(jseq, 9);
	assert_memory_equal(data, "old", 3);
	free(data);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(flipped_bits_are_harmless_or_found_and_never_believed),
		T(flipped_bits_lose_nothing_that_is_elsewhere),
		T(a_damaged_record_of_the_newest_file_is_lost_alone),
		T(a_record_put_back_leaves_no_hole_and_no_jump),
		T(what_does_not_fit_the_chain_is_not_put_back),
		T(a_newest_file_without_its_end_makes_the_numbers_jump),
		T(an_empty_file_behind_a_jump_is_no_damage),
		T(cursors_and_snapshot_of_a_damaged_file_are_kept),
		T(a_repair_that_is_killed_is_done_again),
		T(a_bit_in_the_schema_is_found),
		T(a_repair_is_finished_by_the_next_process),
		T(an_exchanged_record_breaks_the_chain),
		T(a_missing_record_is_found_while_reading),
		T(scrubbing_finds_rot_before_anybody_reads),
		T(a_vanished_generation_is_reported),
		T(a_foreign_generation_is_set_aside),
		T(stray_files_are_left_alone),
		T(a_damaged_snapshot_gives_the_one_before),
	};

	jt_clock_setup();
	bb_log_open("test_journal_damage", BB_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
