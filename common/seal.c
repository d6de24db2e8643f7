// SPDX-License-Identifier: Apache-2.0
/* Key files hold 64 hex digits and a newline, so that they can be copied, compared and used as a
 * systemd credential. */
#include "common/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"

enum { KEY_BYTES = 32, KEY_TEXT = 2 * KEY_BYTES };
_Static_assert(crypto_box_PUBLICKEYBYTES == KEY_BYTES && crypto_box_SECRETKEYBYTES == KEY_BYTES,
	"key sizes of libsodium");

struct bb_sealer {
	unsigned char public[KEY_BYTES];
};

struct bb_opener {
	unsigned char public[KEY_BYTES], secret[KEY_BYTES];
};

static void sodium_start(void)
{
	bb_assert(sodium_init() >= 0);
}

/* ---- key files ---- */

static int path_make(char *out, size_t cap, struct bb_err *err, const char *dir, const char *sub,
	const char *daemon, const char *suffix)
{
	if ((size_t)snprintf(out, cap, "%s%s/%s%s", dir, sub, daemon, suffix) >= cap)
		return bb_err_set(err, "the path of the key of \"%s\" in \"%s\" is too long",
			daemon, dir);
	return 0;
}

/* Returns 0, or -1; errno is ENOENT when there is no such file. */
static int key_read(const char *file, unsigned char key[KEY_BYTES], struct bb_err *err)
{
	char text[KEY_TEXT + 3] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;
	int rc = -1;

	if (fd < 0)
		return bb_err_errno(err, "cannot open key file \"%s\"", file);
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0) {
		bb_err_errno(err, "cannot read key file \"%s\"", file);
		goto out;
	}
	text[strcspn(text, "\r\n")] = '\0';
	if (strlen(text) != KEY_TEXT || bb_unhex(key, KEY_BYTES, text) != KEY_BYTES) {
		errno = EINVAL;
		bb_err_set(err,
			"key file \"%s\" does not hold %d hex digits; restore it from a backup",
			file, KEY_TEXT);
		goto out;
	}
	rc = 0;
out:
	bb_wipe(text, sizeof(text));
	close(fd);
	return rc;
}

static int text_write(int fd, const unsigned char key[KEY_BYTES])
{
	char text[KEY_TEXT + 2];
	int rc;

	bb_hex(text, key, KEY_BYTES);
	text[KEY_TEXT] = '\n';
	rc = write(fd, text, KEY_TEXT + 1) == KEY_TEXT + 1 && fsync(fd) == 0 ? 0 : -1;
	bb_wipe(text, sizeof(text));
	return rc;
}

/* A file appears whole or not at all, and never replaces one that another process made meanwhile.
 */
static int key_write(const char *file, const unsigned char key[KEY_BYTES], mode_t mode,
	struct bb_err *err)
{
	char temp[512];
	int fd, rc = -1;

	if ((size_t)snprintf(temp, sizeof(temp), "%s.%ld", file, (long)getpid()) >= sizeof(temp))
		return bb_err_set(err, "path \"%s\" is too long", file);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return bb_err_errno(err, "cannot make key file \"%s\"", temp);
	if (fchmod(fd, mode) < 0 || text_write(fd, key) < 0 || link(temp, file) < 0)
		bb_err_errno(err, "cannot write key file \"%s\"", file);
	else
		rc = 0;
	close(fd);
	unlink(temp);
	return rc;
}

static int folder_make(const char *etc, const char *sub, mode_t mode, struct bb_err *err)
{
	char dir[512];

	if ((size_t)snprintf(dir, sizeof(dir), "%s%s", etc, sub) >= sizeof(dir))
		return bb_err_set(err, "path \"%s%s\" is too long", etc, sub);
	if (mkdir(dir, mode) == 0) {
		/* The caller's umask must not hide the public keys from the other daemons. */
		if (chmod(dir, mode) < 0)
			return bb_err_errno(err, "cannot open folder \"%s\" to the others", dir);
	} else if (errno != EEXIST) {
		return bb_err_errno(err, "cannot make folder \"%s\"", dir);
	}
	return 0;
}

static int pair_write(const char *public_file, const char *secret_file, bool has_secret,
	struct bb_opener *pair, struct bb_err *err)
{
	if (!has_secret) {
		crypto_box_keypair(pair->public, pair->secret);
		if (key_write(secret_file, pair->secret, 0600, err) < 0)
			return -1;
	}
	crypto_scalarmult_base(pair->public, pair->secret);
	return key_write(public_file, pair->public, 0644, err);
}

/* The secret key is written first: a crash in between leaves a secret without its public half,
 * which the next call computes. */
int bb_seal_make_keys(const char *etc, const char *daemon, struct bb_err *err)
{
	char public_file[512], secret_file[512];
	struct bb_opener pair;
	bool has_public, has_secret;
	int rc = 0;

	sodium_start();
	if (path_make(public_file, sizeof(public_file), err, etc, "/keys", daemon, ".pub") < 0 ||
		path_make(secret_file, sizeof(secret_file), err, etc, "/secret", daemon, ".key") <
			0)
		return -1;
	if (folder_make(etc, "/keys", 0755, err) < 0 || folder_make(etc, "/secret", 0700, err) < 0)
		return -1;
	has_public = access(public_file, F_OK) == 0;
	has_secret = access(secret_file, F_OK) == 0;
	if (has_public && has_secret)
		return 0;
	if (has_public)
		return bb_err_set(err,
			"\"%s\" exists but its secret half \"%s\" does not: restore it, or remove "
			"the first and enter the secrets of %s again",
			public_file, secret_file, daemon);
	if (has_secret)
		rc = key_read(secret_file, pair.secret, err);
	if (rc == 0)
		rc = pair_write(public_file, secret_file, has_secret, &pair, err);
	bb_wipe(&pair, sizeof(pair));
	return rc;
}

/* ---- sealing ---- */

struct bb_sealer *bb_sealer_load(const char *etc, const char *daemon, struct bb_err *err)
{
	struct bb_sealer *s = bb_calloc(1, sizeof(*s));
	char file[512];

	sodium_start();
	if (path_make(file, sizeof(file), err, etc, "/keys", daemon, ".pub") < 0 ||
		key_read(file, s->public, err) < 0) {
		free(s);
		return NULL;
	}
	return s;
}

void bb_sealer_free(struct bb_sealer *s)
{
	free(s);
}

size_t bb_seal_size(size_t plain)
{
	return plain + crypto_box_SEALBYTES;
}

int bb_seal(const struct bb_sealer *s, const void *plain, size_t n, uint8_t *out,
	struct bb_err *err)
{
	/* Fails only for a public key that is no point of the curve. */
	if (crypto_box_seal(out, plain, n, s->public) != 0)
		return bb_err_set(err, "cannot seal: the public key is not valid");
	return 0;
}

struct bb_opener *bb_opener_load(const char *etc, const char *daemon, struct bb_err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	struct bb_opener *o = bb_calloc(1, sizeof(*o));
	char file[512];
	int rc = -1;

	sodium_start();
	errno = ENOENT;
	if (credentials) {
		rc = path_make(file, sizeof(file), err, credentials, "", daemon, ".key");
		if (rc == 0)
			rc = key_read(file, o->secret, err);
	}
	/* A credential that is there but unreadable or damaged must not be replaced by another key.
	 */
	if (rc < 0 && errno == ENOENT) {
		rc = path_make(file, sizeof(file), err, etc, "/secret", daemon, ".key");
		if (rc == 0)
			rc = key_read(file, o->secret, err);
	}
	if (rc < 0) {
		bb_opener_free(o);
		return NULL;
	}
	crypto_scalarmult_base(o->public, o->secret);
	return o;
}

void bb_opener_free(struct bb_opener *o)
{
	if (!o)
		return;
	bb_wipe(o, sizeof(*o));
	free(o);
}

int bb_seal_open(const struct bb_opener *o, const void *sealed, size_t n, void *out, size_t cap,
	struct bb_err *err)
{
	if (n < crypto_box_SEALBYTES)
		return bb_err_set(err, "a sealed secret of %zu bytes is too short", n);
	if (n - crypto_box_SEALBYTES >= cap)
		return bb_err_set(err, "a secret of %zu bytes is too long",
			n - (size_t)crypto_box_SEALBYTES);
	if (crypto_box_seal_open(out, sealed, n, o->public, o->secret) != 0)
		return bb_err_set(err,
			"a secret was sealed to another key, or is damaged; enter it again");
	((char *)out)[n - crypto_box_SEALBYTES] = '\0';
	return (int)(n - crypto_box_SEALBYTES);
}

void bb_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void bb_blake2b_256(const void *p, size_t n, uint8_t out[32])
{
	sodium_start();
	bb_assert(crypto_generichash(out, 32, p, n, NULL, 0) == 0);
}
