// SPDX-License-Identifier: Apache-2.0
/* Names and limits of SNMPv3's user-based security (RFC 3414, RFC 3826, RFC 7860), the same wherever they are entered, kept and used. */
#pragma once
#include <stddef.h>

#include "common/err.h"

/* MD5 and DES are taken because old cards know nothing else; bb_v3_weak() names them. */
enum bb_v3_auth { BB_V3_NOAUTH, BB_V3_MD5, BB_V3_SHA1, BB_V3_SHA224, BB_V3_SHA256, BB_V3_SHA384, BB_V3_SHA512, BB_V3_AUTHS };
/* The standard knows AES-128 only. How longer keys are made of short hashes: draft-blumenthal-aes-usm (net-snmp), or as Cisco does. */
enum bb_v3_priv {
	BB_V3_NOPRIV, BB_V3_DES, BB_V3_AES128, BB_V3_AES192, BB_V3_AES256, BB_V3_AES192_CISCO, BB_V3_AES256_CISCO, BB_V3_PRIVS
};
#define BB_V3_USER_MAX 32
#define BB_V3_CONTEXT_MAX 32
#define BB_V3_PASSWORD_MIN 8            /* RFC 3414 11.2 */
#define BB_V3_PASSWORD_MAX 255
#define BB_V3_ENGINE_MIN 5
#define BB_V3_ENGINE_MAX 32
#define BB_V3_SECRETS_MAX (2 * BB_V3_PASSWORD_MAX + 1)

/* By name, in any case, with the usual other spellings ("sha256", "AES"); "" is none. -1: there is no such thing. */
int bb_v3_auth_find(const char *name);
int bb_v3_priv_find(const char *name);
const char *bb_v3_auth_name(int auth);
const char *bb_v3_priv_name(int priv);
/* "MD5", "DES", "MD5 and DES", or NULL when there is nothing to say. */
const char *bb_v3_weak(int auth, int priv);

/* One device or credential as entered. NULL: not given, and not checked. */
struct bb_v3_input {
	const char *user, *auth, *priv, *context, *engine_id;
	const char *auth_password, *priv_password;
};
/* Returns 0, or -1 with the reason and the field's name ("v3_auth" ...) in *field. */
int bb_v3_check(const struct bb_v3_input *in, const char **field, struct bb_err *err);
