// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/journal_lib.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/str.h"

enum { DEADLINE_MS = 60000 };

static int64_t *clock_offsets;

void jt_clock_setup(void)
{
	char file[] = "/tmp/test_journal_clock.XXXXXX";
	int fd = mkstemp(file);

	if (fd < 0 || ftruncate(fd, 3 * sizeof(int64_t)) != 0)
		abort();
	clock_offsets = mmap(NULL, 3 * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (clock_offsets == MAP_FAILED)
		abort();
	setenv("BUSBAR_TEST_CLOCK", file, 1);
	bb_clock_boot_ms();
	unlink(file);
	close(fd);
}

void jt_clock_pass_ms(int64_t ms)
{
	for (unsigned i = 0; i < 3; i++)
		clock_offsets[i] += ms * 1000000;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	return remove(path);
}

void jt_remove_tree(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void on_health(void *arg, enum bb_journal_health health, const struct bb_err *err)
{
	struct jt *t = arg;

	t->healths++;
	t->health = health;
	bb_copy(t->health_text, sizeof(t->health_text), err->text);
}

static void on_damage(void *arg, const char *file, uint64_t first, uint64_t last)
{
	struct jt *t = arg;

	t->damages++;
	t->missing_first = first;
	t->missing_last = last;
}

struct jt *jt_new(void)
{
	struct jt *t = bb_calloc(1, sizeof(*t));

	bb_copy(t->dir, sizeof(t->dir), "/tmp/test_journal.XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	memset(clock_offsets, 0, 3 * sizeof(int64_t));
	t->loop = bb_loop_new(NULL);
	t->o.reserve_bytes = 64 * 1024;
	return t;
}

void jt_free(struct jt *t)
{
	bb_journal_close(t->j);
	bb_loop_free(t->loop);
	jt_remove_tree(t->dir);
	free(t);
}

void jt_open(struct jt *t)
{
	struct bb_err err;

	t->o.dir = t->dir;
	t->o.on_health = on_health;
	t->o.on_damage = on_damage;
	t->o.arg = t;
	t->done_in_order = true;
	t->damages = 0;
	t->j = bb_journal_open(t->loop, &t->o, &err);
	if (!t->j)
		fail_msg("%s", err.text);
	t->acked = bb_journal_head(t->j);
}

void jt_close(struct jt *t)
{
	bb_journal_close(t->j);
	t->j = NULL;
}

void jt_reopen(struct jt *t)
{
	jt_close(t);
	jt_open(t);
}

size_t jt_body(uint64_t jseq, uint8_t out[300])
{
	size_t n = 20 + jseq * 37 % 280;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(jseq * 131 + i * 7 + (jseq >> 8));
	return n;
}

static void on_done(void *arg, uint64_t jseq, bool durable)
{
	struct jt *t = arg;

	t->done++;
	t->done_in_order = t->done_in_order && jseq == t->acked + 1;
	t->acked = jseq;
	t->acked_volatile += !durable;
}

void jt_append(struct jt *t, unsigned n)
{
	uint8_t body[300];

	for (unsigned i = 0; i < n; i++) {
		uint64_t jseq = bb_journal_next(t->j);
		size_t len = jt_body(jseq, body);

		assert_int_equal(bb_journal_append(t->j, (uint32_t)(jseq % 7), body, len, on_done,
					 t),
			jseq);
	}
}

void jt_wait_acked(struct jt *t, uint64_t jseq)
{
	uint64_t start = bb_clock_mono_ms();

	while (bb_journal_head(t->j) < jseq) {
		if (bb_clock_mono_ms() - start > DEADLINE_MS)
			fail_msg("record %llu is not acknowledged", (unsigned long long)jseq);
		bb_loop_turn(t->loop, 100);
	}
}

void jt_wait_health(struct jt *t, enum bb_journal_health h)
{
	uint64_t start = bb_clock_mono_ms();

	while (bb_journal_health(t->j) != h) {
		if (bb_clock_mono_ms() - start > DEADLINE_MS)
			fail_msg("health stays %d", bb_journal_health(t->j));
		bb_loop_turn(t->loop, 100);
	}
}

static bool on_record(void *arg, const struct bb_record *r)
{
	struct jt *t = arg;
	uint8_t body[300];
	size_t n = jt_body(r->jseq, body);

	if (!t->any_content &&
		(r->len != n || memcmp(r->data, body, n) != 0 || r->type != r->jseq % 7))
		t->wrong = true;
	if (r->jseq != t->at + 1)
		t->gap = true;
	t->at = r->jseq;
	t->last_len = r->len;
	t->volatile_seen += !r->durable;
	memcpy(t->chain, r->chain, sizeof(t->chain));
	return ++t->seen != t->stop_after;
}

int jt_read(struct jt *t, uint64_t after, size_t max)
{
	t->at = after;
	t->seen = 0;
	t->volatile_seen = 0;
	t->gap = t->wrong = false;
	int n = bb_journal_read(t->j, after, max, on_record, t, NULL);

	if (t->wrong)
		fail_msg("a record's bytes are wrong near %llu", (unsigned long long)t->at);
	assert_int_equal(n < 0 ? 0 : n, t->seen);
	return n;
}

int jt_read_all(struct jt *t, uint64_t after)
{
	return jt_read(t, after, SIZE_MAX);
}

unsigned jt_files(struct jt *t, const char *part)
{
	DIR *d = opendir(t->dir);
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);

		n += strstr(e->d_name, part) &&
		     !(len > 4 && (strcmp(e->d_name + len - 4, "-wal") == 0 ||
					  strcmp(e->d_name + len - 4, "-shm") == 0));
	}
	closedir(d);
	return n;
}

void jt_count(void *counter)
{
	++*(unsigned *)counter;
}
