// SPDX-License-Identifier: Apache-2.0
/* What a bad disk may do to a journal: refuse, run full, tear, rot. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
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

static void fail_writes(struct jt *t, int error)
{
	struct faultfs *f = faultfs_rules();

	bb_copy(f->path, sizeof(f->path), t->dir);
	f->write = f->sync = (struct faultfs_op){ .err = error, .count = error ? -1 : 0 };
}

static void fail_sync_once(const char *path)
{
	struct faultfs *f = faultfs_rules();

	bb_copy(f->path, sizeof(f->path), path);
	f->sync = (struct faultfs_op){ .err = EIO, .count = 1 };
}

/* ---- refused ---- */

static void a_failed_sync_opens_a_new_generation_and_loses_nothing(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	fail_sync_once(t->dir);
	jt_append(t, 10);
	jt_wait_acked(t, 20);
	assert_int_equal(faultfs_rules()->sync.count, 0);
	assert_int_equal(t->acked_volatile, 0);
	assert_int_equal(jt_files(t, ".db"), 2);
	assert_int_equal(jt_read_all(t, 0), 20);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 20);
	assert_int_equal(t->damages, 0);
}

static void a_file_is_not_written_again_after_a_failed_sync(void **state)
{
	struct jt *t = *state;
	char wal[JOURNAL_PATH_MAX];
	struct stat before, after;

	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	fail_sync_once(t->dir);
	jt_append(t, 1);
	jt_wait_acked(t, 11);
	snprintf(wal, sizeof(wal), "%s/%016x.db-wal", t->dir, 1);
	assert_int_equal(stat(wal, &before), 0);
	jt_append(t, 50);
	jt_reopen(t);
	assert_int_equal(stat(wal, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void a_failed_checkpoint_opens_a_new_generation_and_loses_nothing(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	fail_sync_once(".db$");
	for (unsigned i = 0; faultfs_rules()->sync.count; i++) {
		assert_true(i < 500);
		jt_append(t, 100);
		jt_wait_acked(t, bb_journal_next(t->j) - 1);
	}
	jt_append(t, 100);
	jt_reopen(t);
	assert_true(jt_files(t, ".db") > 1);
	assert_int_equal(jt_read_all(t, 0), bb_journal_head(t->j));
	assert_int_equal(t->damages, 0);
}

static void a_dead_disk_means_emergency_and_records_go_on_from_memory(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	fail_writes(t, EIO);
	jt_append(t, 100);
	jt_wait_acked(t, 110);
	assert_int_equal(bb_journal_health(t->j), BB_JOURNAL_EMERGENCY);
	assert_int_equal(t->healths, 1);
	assert_non_null(strstr(t->health_text, t->dir));
	assert_int_equal(t->acked_volatile, 100);
	assert_int_equal(jt_read_all(t, 0), 110);
	assert_int_equal(t->volatile_seen, 100);
	assert_false(t->gap);
}

static void a_mended_disk_gets_what_was_kept_in_memory(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	fail_writes(t, EIO);
	jt_append(t, 1000);
	jt_wait_acked(t, 1010);
	fail_writes(t, 0);
	jt_wait_health(t, BB_JOURNAL_OK);
	jt_append(t, 5);
	jt_wait_acked(t, 1015);
	assert_int_equal(jt_read_all(t, 0), 1015);
	assert_int_equal(t->volatile_seen, 0);
	assert_int_equal(t->acked_volatile, 1000);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 1015);
	assert_int_equal(t->damages, 0);
}

static void the_ring_drops_the_oldest_and_says_so(void **state)
{
	struct jt *t = *state;

	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	fail_writes(t, EIO);
	for (unsigned i = 1; i <= 70; i++) {
		jt_append(t, 1000);
		jt_wait_acked(t, 10 + 1000 * i);
	}
	while (t->damages == 0 || t->missing_last < 70010 - 65536)
		bb_loop_turn(t->loop, 100);
	assert_int_equal(t->missing_last, 70010 - 65536);
	assert_int_equal(jt_read_all(t, 0), 10 + 65536);
	fail_writes(t, 0);
	jt_wait_health(t, BB_JOURNAL_OK);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 10 + 65536);
	assert_int_equal(t->missing_first, 11);
	assert_int_equal(t->missing_last, 70010 - 65536);
}

static void an_unwritable_disk_at_start_gives_a_journal_in_emergency(void **state)
{
	struct jt *t = *state;

	fail_writes(t, ENOSPC);
	jt_open(t);
	assert_int_equal(bb_journal_health(t->j), BB_JOURNAL_EMERGENCY);
	jt_append(t, 3);
	jt_wait_acked(t, 3);
	assert_int_equal(t->acked_volatile, 3);
	fail_writes(t, 0);
	jt_wait_health(t, BB_JOURNAL_TIGHT); /* the reserve could not be made at start ... */
	bb_journal_retain(t->j);
	jt_wait_health(t, BB_JOURNAL_OK); /* ... and is made when there is room */
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 3);
}

static void an_unwritable_disk_at_restart_keeps_what_is_readable(void **state)
{
	struct jt *t = *state;

	t->o.max_records = 10;
	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	jt_append(t, 5);
	jt_close(t);
	fail_writes(t, EIO);
	jt_open(t);
	jt_append(t, 2);
	jt_wait_acked(t, bb_journal_next(t->j) - 1);
	assert_int_equal(t->acked_volatile, 2);
	assert_true(jt_read_all(t, 0) >= 12);
	fail_writes(t, 0);
	jt_wait_health(t, BB_JOURNAL_OK);
	jt_reopen(t);
	assert_int_equal(jt_read_all(t, 0), 17);
}

static void a_snapshot_is_never_ahead_of_its_records(void **state)
{
	struct jt *t = *state;
	struct faultfs *f = faultfs_rules();
	uint64_t jseq = 0;
	uint8_t *data;
	size_t len;

	jt_open(t);
	bb_copy(f->path, sizeof(f->path), t->dir);
	f->write.err = 0;
	/* Three groups of at most 256 become durable, then the disk is dead. */
	f->sync = (struct faultfs_op){ .err = EIO, .skip = 3, .count = -1 };
	jt_append(t, 1000);
	bb_journal_snapshot_put(t->j, 1000, "all", 3);
	jt_wait_acked(t, 1000);
	assert_true(t->acked_volatile >= 1000 - 3 * 256);
	jt_close(t);
	fail_writes(t, 0);
	jt_open(t);
	if (bb_journal_snapshot_get(t->j, &jseq, &data, &len, NULL) == 1)
		free(data);
	assert_true(jseq <= bb_journal_head(t->j));
}

/* ---- full ---- */

static void fill_disk(const char *dir)
{
	static const uint8_t zero[4096];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/hog", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	while (write(fd, zero, sizeof(zero)) > 0)
		continue;
	close(fd);
}

static void full_disk_story(struct jt *t)
{
	char path[256];
	uint64_t durable;

	t->o.reserve_bytes = 1024 * 1024;
	jt_open(t);
	jt_append(t, 10);
	jt_wait_acked(t, 10);
	assert_int_equal(bb_journal_health(t->j), BB_JOURNAL_OK);
	fill_disk(t->dir);
	/* The reserve carries the next records. */
	for (unsigned i = 0; bb_journal_health(t->j) == BB_JOURNAL_OK && i < 100; i++) {
		jt_append(t, 20);
		jt_wait_acked(t, bb_journal_next(t->j) - 1);
		fill_disk(t->dir);
	}
	assert_int_equal(bb_journal_health(t->j), BB_JOURNAL_TIGHT);
	durable = bb_journal_head(t->j);
	assert_int_equal(t->acked_volatile, 0);
	/* Then nothing is left. */
	for (unsigned i = 0; bb_journal_health(t->j) == BB_JOURNAL_TIGHT && i < 100; i++) {
		fill_disk(t->dir);
		jt_append(t, 20);
		jt_wait_acked(t, bb_journal_next(t->j) - 1);
	}
	assert_int_equal(bb_journal_health(t->j), BB_JOURNAL_EMERGENCY);
	assert_true(t->acked_volatile > 0 && bb_journal_head(t->j) > durable);
	snprintf(path, sizeof(path), "%s/hog", t->dir);
	unlink(path);
	jt_wait_health(t, BB_JOURNAL_TIGHT);
	bb_journal_retain(t->j);
	jt_wait_health(t, BB_JOURNAL_OK);
	durable = bb_journal_head(t->j);
	jt_reopen(t);
	assert_int_equal(bb_journal_head(t->j), durable);
	assert_int_equal(jt_read_all(t, 0), durable);
	assert_int_equal(t->damages, 0);
}

/* In a child with a mount namespace of its own: 6 MB of tmpfs. Exit 77: not allowed here. */
static void full_disk_child(struct jt *t)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", t->dir, "tmpfs", 0, "size=6m") != 0)
		_exit(77);
	bb_loop_free(t->loop);
	t->loop = bb_loop_new(NULL);
	full_disk_story(t);
	jt_close(t);
	_exit(0);
}

static void on_a_full_disk_the_reserve_is_used_then_emergency_then_recovery(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		full_disk_child(*state);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("no mount allowed here\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- torn ---- */

static void copy_file(const char *from, const char *to, off_t size)
{
	char cmd[1200];

	snprintf(cmd, sizeof(cmd), "cp '%s' '%s'", from, to);
	assert_int_equal(system(cmd), 0);
	if (size >= 0)
		assert_int_equal(truncate(to, size), 0);
}

struct cut {
	off_t wal_size;
	uint64_t acked;
};

static off_t wal_size(struct jt *t)
{
	char wal[JOURNAL_PATH_MAX];
	struct stat st;

	snprintf(wal, sizeof(wal), "%s/%016x.db-wal", t->dir, 1);
	assert_int_equal(stat(wal, &st), 0);
	return st.st_size;
}

/* Power cut: the file ends at `at`, and the last sector written before it is garbage. */
static void check_cut(struct jt *t, struct jt *u, const struct cut *cut, size_t cuts, off_t at,
	bool torn)
{
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];
	uint64_t must = 0;

	snprintf(from, sizeof(from), "%s/%016x.db", t->dir, 1);
	snprintf(to, sizeof(to), "%s/%016x.db", u->dir, 1);
	copy_file(from, to, -1);
	snprintf(from, sizeof(from), "%s/%016x.db-wal", t->dir, 1);
	snprintf(to, sizeof(to), "%s/%016x.db-wal", u->dir, 1);
	copy_file(from, to, at);
	if (torn) {
		int fd = open(to, O_WRONLY | O_APPEND);
		char garbage[512];

		memset(garbage, (int)at, sizeof(garbage));
		assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
		close(fd);
	}
	for (size_t i = 0; i < cuts; i++)
		if (cut[i].wal_size <= at)
			must = cut[i].acked;
	jt_open(u);
	assert_true(bb_journal_head(u->j) >= must);
	assert_int_equal(jt_read_all(u, 0), bb_journal_head(u->j));
	assert_int_equal(u->damages, 0);
	jt_close(u);
	jt_remove_tree(u->dir);
	assert_int_equal(mkdir(u->dir, 0700), 0);
}

static void every_cut_of_the_wal_keeps_what_was_acknowledged_before_it(void **state)
{
	struct jt *t = *state, *u;
	struct cut cut[64];
	size_t cuts = 0;

	jt_open(t);
	cut[cuts++] = (struct cut){ wal_size(t), 0 };
	for (unsigned i = 0; i < 12; i++) {
		jt_append(t, 1 + i % 3 * 4);
		jt_wait_acked(t, bb_journal_next(t->j) - 1);
		cut[cuts++] = (struct cut){ wal_size(t), bb_journal_head(t->j) };
	}
	u = jt_new();
	for (off_t at = cut[0].wal_size; at <= cut[cuts - 1].wal_size; at += 512 + 3 * 1024)
		for (unsigned torn = 0; torn < 2; torn++)
			check_cut(t, u, cut, cuts, at, torn);
	for (size_t i = 0; i < cuts; i++)
		check_cut(t, u, cut, cuts, cut[i].wal_size, true);
	jt_free(u);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_failed_sync_opens_a_new_generation_and_loses_nothing),
		T(a_file_is_not_written_again_after_a_failed_sync),
		T(a_failed_checkpoint_opens_a_new_generation_and_loses_nothing),
		T(a_dead_disk_means_emergency_and_records_go_on_from_memory),
		T(a_mended_disk_gets_what_was_kept_in_memory),
		T(the_ring_drops_the_oldest_and_says_so),
		T(an_unwritable_disk_at_start_gives_a_journal_in_emergency),
		T(an_unwritable_disk_at_restart_keeps_what_is_readable),
		T(a_snapshot_is_never_ahead_of_its_records),
		T(on_a_full_disk_the_reserve_is_used_then_emergency_then_recovery),
		T(every_cut_of_the_wal_keeps_what_was_acknowledged_before_it),
	};

	jt_clock_setup();
	bb_log_open("test_journal_faults", BB_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
