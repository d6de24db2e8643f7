// SPDX-License-Identifier: Apache-2.0
/* The file form of a generation: magic, generation, length (both little endian), BLAKE2b-256
 * over these three and the body, body. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/genconf.h"
#include "common/genconf_int.h"

enum { NUMBERS_BYTES = 24, HEADER_BYTES = NUMBERS_BYTES + BB_GENCONF_HASH_BYTES };

static const char magic[8] = "BUSBARG1";

static void put_u64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_u64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static void file_hash(const uint8_t numbers[NUMBERS_BYTES], const void *body, size_t len,
	uint8_t out[BB_GENCONF_HASH_BYTES])
{
	crypto_generichash_state st;

	crypto_generichash_init(&st, NULL, 0, BB_GENCONF_HASH_BYTES);
	crypto_generichash_update(&st, numbers, NUMBERS_BYTES);
	crypto_generichash_update(&st, body, len);
	crypto_generichash_final(&st, out, BB_GENCONF_HASH_BYTES);
}

void bb_genconf_hash(const void *body, size_t len, uint8_t out[BB_GENCONF_HASH_BYTES])
{
	crypto_generichash(out, BB_GENCONF_HASH_BYTES, body, len, NULL, 0);
}

int bb_genconf_file_parse(const uint8_t *data, size_t len, uint64_t *generation,
	const uint8_t **body, size_t *body_len, struct bb_err *err)
{
	uint8_t hash[BB_GENCONF_HASH_BYTES];

	if (len < HEADER_BYTES || memcmp(data, magic, sizeof(magic)) != 0)
		return bb_err_set(err, "not a configuration generation");
	if (get_u64(data + 16) != len - HEADER_BYTES)
		return bb_err_set(err, "has %zu bytes instead of %llu", len - HEADER_BYTES,
			(unsigned long long)get_u64(data + 16));
	file_hash(data, data + HEADER_BYTES, len - HEADER_BYTES, hash);
	if (memcmp(hash, data + NUMBERS_BYTES, sizeof(hash)) != 0)
		return bb_err_set(err, "damaged, its hash does not match");
	*generation = get_u64(data + 8);
	*body = data + HEADER_BYTES;
	*body_len = len - HEADER_BYTES;
	return 0;
}

static int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_folder(const char *file)
{
	char copy[PATH_MAX];
	int fd, rc;

	snprintf(copy, sizeof(copy), "%s", file);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

int bb_genconf_file_write(const char *file, uint64_t generation, const void *body, size_t len,
	struct bb_err *err)
{
	uint8_t header[HEADER_BYTES];
	char temp[PATH_MAX];
	int fd, rc = -1;

	memcpy(header, magic, sizeof(magic));
	put_u64(header + 8, generation);
	put_u64(header + 16, len);
	file_hash(header, body, len, header + NUMBERS_BYTES);
	if ((size_t)snprintf(temp, sizeof(temp), "%s.new", file) >= sizeof(temp))
		return bb_err_set(err, "the path \"%s\" is too long", file);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return bb_err_errno(err, "cannot write \"%s\"", temp);
	if (write_all(fd, header, sizeof(header)) < 0 || write_all(fd, body, len) < 0 ||
		fsync(fd) < 0)
		bb_err_errno(err, "cannot write \"%s\"", temp);
	else
		rc = 0;
	if (close(fd) < 0 && rc == 0)
		rc = bb_err_errno(err, "cannot write \"%s\"", temp);
	if (rc == 0 && (rename(temp, file) < 0 || sync_folder(file) < 0))
		rc = bb_err_errno(err, "cannot replace \"%s\"", file);
	if (rc < 0)
		unlink(temp);
	return rc;
}

/* The whole file into the arena, but no more than a configuration may have. */
static uint8_t *read_file(int fd, struct bb_arena *a, size_t *len, struct bb_err *err)
{
	struct stat st;
	uint8_t *data;
	size_t n = 0;

	if (fstat(fd, &st) < 0)
		return bb_err_null(err, "cannot be read");
	if (!S_ISREG(st.st_mode) || st.st_size > BB_WIRE_CONFIG_MAX + HEADER_BYTES)
		return bb_err_null(err, "no file, or too large");
	data = bb_arena_alloc(a, (size_t)st.st_size + 1);
	while (data && n < (size_t)st.st_size) {
		ssize_t got = read(fd, data + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return bb_err_null(err, "cannot be read: %s",
				got ? strerror(errno) : "it became shorter");
		n += (size_t)got;
	}
	*len = n;
	return data;
}

int bb_genconf_file_read(const char *file, struct bb_arena *a, uint64_t *generation,
	const uint8_t **body, size_t *len, struct bb_err *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t size;
	uint8_t *data;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return bb_err_errno(err, "cannot read \"%s\"", file);
	data = read_file(fd, a, &size, err);
	close(fd);
	if (!data || bb_genconf_file_parse(data, size, generation, body, len, err) < 0)
		return bb_err_prefix(err, "configuration file \"%s\"", file);
	return 1;
}
