// SPDX-License-Identifier: Apache-2.0
/* Secrets sealed to the daemon that uses them (libsodium sealed boxes). Anyone with <etc>/keys/<daemon>.pub can seal; only the daemon
 * opens. The private key is <CREDENTIALS_DIRECTORY>/<daemon>.key (systemd) or <etc>/secret/<daemon>.key (0600).
 * Opened secrets are the caller's to wipe (bb_wipe). */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

struct bb_sealer;           /* public key */
struct bb_opener;           /* private key */

int bb_seal_make_keys(const char *etc, const char *daemon, struct bb_err *err);    /* no-op when both exist */
struct bb_sealer *bb_sealer_load(const char *etc, const char *daemon, struct bb_err *err);
void bb_sealer_free(struct bb_sealer *s);
size_t bb_seal_size(size_t plain);
int bb_seal(const struct bb_sealer *s, const void *plain, size_t n, uint8_t *out, struct bb_err *err);
struct bb_opener *bb_opener_load(const char *etc, const char *daemon, struct bb_err *err);
void bb_opener_free(struct bb_opener *o);
/* Returns the length of the plain text (NUL-terminated in out), or -1 when it was sealed to another key or does not fit. */
int bb_seal_open(const struct bb_opener *o, const void *sealed, size_t n, void *out, size_t cap, struct bb_err *err);
void bb_wipe(void *p, size_t n);
void bb_blake2b_256(const void *p, size_t n, uint8_t out[32]);
