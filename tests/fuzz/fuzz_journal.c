// SPDX-License-Identifier: Apache-2.0
/* A journal file of any bytes: it is opened and read or refused, and never read past its ends. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/journal_file.h"

static bool on_record(void *arg, const struct bb_record *r)
{
	uint32_t *sum = arg;

	bb_assert(r->len <= JOURNAL_DATA_MAX);
	*sum = journal_crc(*sum, r->data, r->len); /* touches every byte */
	return true;
}

static void on_cursor(void *arg, const char *consumer, uint64_t jseq)
{
	bb_assert(strlen(consumer) < JOURNAL_NAME_MAX);
}

static void read_all(const char *path)
{
	struct journal_file f;
	uint64_t jseq;
	uint8_t *snapshot;
	size_t n = 0, len;
	uint32_t sum = 0;

	if (journal_file_open(&f, path, JOURNAL_STATIC, NULL) != JOURNAL_FINE)
		return;
	journal_file_read(&f, f.head.first - 1, INT64_MAX, 1000, f.head.prev, on_record, &sum, &n,
		NULL);
	journal_file_cursors(&f, on_cursor, NULL, NULL);
	if (journal_file_snapshot_read(&f, &jseq, &snapshot, &len, NULL) == JOURNAL_FINE)
		free(snapshot);
	journal_file_close(&f, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char path[64];
	struct journal_head h;
	int fd;

	journal_head_decode(&h, data, n);
	if (!*path)
		snprintf(path, sizeof(path), "/dev/shm/fuzz_journal.%d", (int)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	close(fd);
	read_all(path);
	unlink(path);
	return 0;
}
