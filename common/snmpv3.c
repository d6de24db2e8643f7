// SPDX-License-Identifier: Apache-2.0
#include "common/snmpv3.h"

#include <string.h>
#include <strings.h>

#include "common/str.h"

struct spelling {
	const char *name;
	int value;
};

/* The first of a value is its name. */
static const struct spelling auths[] = {
	{ "", BB_V3_NOAUTH },
	{ "none", BB_V3_NOAUTH },
	{ "MD5", BB_V3_MD5 },
	{ "SHA", BB_V3_SHA1 },
	{ "SHA1", BB_V3_SHA1 },
	{ "SHA-1", BB_V3_SHA1 },
	{ "SHA-224", BB_V3_SHA224 },
	{ "SHA224", BB_V3_SHA224 },
	{ "SHA-256", BB_V3_SHA256 },
	{ "SHA256", BB_V3_SHA256 },
	{ "SHA-384", BB_V3_SHA384 },
	{ "SHA384", BB_V3_SHA384 },
	{ "SHA-512", BB_V3_SHA512 },
	{ "SHA512", BB_V3_SHA512 },
};
static const struct spelling privs[] = {
	{ "", BB_V3_NOPRIV },
	{ "none", BB_V3_NOPRIV },
	{ "DES", BB_V3_DES },
	{ "AES-128", BB_V3_AES128 },
	{ "AES128", BB_V3_AES128 },
	{ "AES", BB_V3_AES128 },
	{ "AES-192", BB_V3_AES192 },
	{ "AES192", BB_V3_AES192 },
	{ "AES-256", BB_V3_AES256 },
	{ "AES256", BB_V3_AES256 },
	{ "AES-192-C", BB_V3_AES192_CISCO },
	{ "AES192C", BB_V3_AES192_CISCO },
	{ "AES-256-C", BB_V3_AES256_CISCO },
	{ "AES256C", BB_V3_AES256_CISCO },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int find(const struct spelling *s, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(s[i].name, name) == 0)
			return s[i].value;
	return -1;
}

static const char *name_of(const struct spelling *s, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].value == value)
			return s[i].name;
	return "";
}

int bb_v3_auth_find(const char *name)
{
	return find(auths, COUNT(auths), name);
}

int bb_v3_priv_find(const char *name)
{
	return find(privs, COUNT(privs), name);
}

const char *bb_v3_auth_name(int auth)
{
	return name_of(auths, COUNT(auths), auth);
}

const char *bb_v3_priv_name(int priv)
{
	return name_of(privs, COUNT(privs), priv);
}

const char *bb_v3_weak(int auth, int priv)
{
	if (auth == BB_V3_MD5 && priv == BB_V3_DES)
		return "MD5 and DES";
	return auth == BB_V3_MD5 ? "MD5" : priv == BB_V3_DES ? "DES" : NULL;
}

static int bad(const char **field, const char *name)
{
	*field = name;
	return -1;
}

static int check_password(const char *password, const char *name, const char **field,
	struct bb_err *err)
{
	size_t n = password ? strlen(password) : 0;

	if (!password || (n >= BB_V3_PASSWORD_MIN && n <= BB_V3_PASSWORD_MAX))
		return 0;
	bb_err_set(err,
		n < BB_V3_PASSWORD_MIN
			? "the password is too short: SNMPv3 asks for at least %d characters (RFC 3414 11.2)"
			: "the password is longer than %d characters",
		n < BB_V3_PASSWORD_MIN ? BB_V3_PASSWORD_MIN : BB_V3_PASSWORD_MAX);
	return bad(field, name);
}

static int check_names(const struct bb_v3_input *in, const char **field, struct bb_err *err)
{
	if (in->user && strlen(in->user) > BB_V3_USER_MAX) {
		bb_err_set(err, "a user name has at most %d characters", BB_V3_USER_MAX);
		return bad(field, "v3_user");
	}
	if (in->context && strlen(in->context) > BB_V3_CONTEXT_MAX) {
		bb_err_set(err, "a context has at most %d characters", BB_V3_CONTEXT_MAX);
		return bad(field, "v3_context");
	}
	if (in->auth && bb_v3_auth_find(in->auth) < 0) {
		bb_err_set(err,
			"there is no authentication \"%.40s\"; use SHA, SHA-224, SHA-256, SHA-384, SHA-512 or MD5 (weak)",
			in->auth);
		return bad(field, "v3_auth");
	}
	if (in->priv && bb_v3_priv_find(in->priv) < 0) {
		bb_err_set(err,
			"there is no encryption \"%.40s\"; use AES-128, AES-192, AES-256, AES-192-C, AES-256-C or DES (weak)",
			in->priv);
		return bad(field, "v3_priv");
	}
	return 0;
}

static int check_engine(const char *engine_id, const char **field, struct bb_err *err)
{
	uint8_t bytes[BB_V3_ENGINE_MAX];

	if (!engine_id || !*engine_id)
		return 0;
	if (bb_unhex(bytes, sizeof(bytes), engine_id) >= BB_V3_ENGINE_MIN)
		return 0;
	bb_err_set(err,
		"an engine id is %d to %d bytes in hexadecimal, such as 8000000903001122334455",
		BB_V3_ENGINE_MIN, BB_V3_ENGINE_MAX);
	return bad(field, "v3_engine_id");
}

int bb_v3_check(const struct bb_v3_input *in, const char **field, struct bb_err *err)
{
	if (check_names(in, field, err) || check_engine(in->engine_id, field, err) ||
		check_password(in->auth_password, "v3_auth_password", field, err) ||
		check_password(in->priv_password, "v3_priv_password", field, err))
		return -1;
	if (in->auth && in->priv && bb_v3_priv_find(in->priv) && !bb_v3_auth_find(in->auth)) {
		bb_err_set(err, "encryption needs authentication: name one, such as SHA-256");
		return bad(field, "v3_auth");
	}
	if (in->priv_password && !in->auth_password) {
		bb_err_set(err, "both passwords are given together");
		return bad(field, "v3_auth_password");
	}
	return 0;
}
