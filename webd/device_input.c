// SPDX-License-Identifier: Apache-2.0
#include "webd/device_input.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/seal.h"
#include "common/snmpv3.h"
#include "common/str.h"
#include "webd/request.h"
#include "webd/webd.h"

#define INTERVAL_MAX_S 86400.0
#define COMMUNITY_MAX  255
#define SEALED_HEX_MAX 1024
#define V3_SEALED_MAX  (BB_V3_SECRETS_MAX + 64)
#define V3_SEALED_HEX_MAX (2 * V3_SEALED_MAX)
#define TRAP_RECEIVER  "collect-snmptrap"

struct input {
	const char *key, *collector, *address, *version, *community, *profile, *sealed, *tag;
	struct bb_v3_input v3;
	const char *v3_sealed, *v3_trap_sealed, *v3_tag;
	int64_t port, line, interval_ms, status_interval_ms, v3_level;
	double interval_s, status_interval_s;
};

/* Presets tell what was not given. */
static const struct input empty = { .port = -1,
	.interval_s = -1,
	.status_interval_s = -1,
	.interval_ms = -1,
	.status_interval_ms = -1,
	.v3_level = -1 };

// clang-format off
static const struct field people_fields[] = {
	{ "line", FIELD_INT, false, offsetof(struct input, line), 0, 10000000 },
	{ "key", FIELD_STR, false, offsetof(struct input, key), 1, 200 },
	{ "collector", FIELD_STR, false, offsetof(struct input, collector), 0, 40 },
	{ "address", FIELD_STR, false, offsetof(struct input, address), 1, 64 },
	{ "port", FIELD_INT, false, offsetof(struct input, port), 1, 65535 },
	{ "version", FIELD_STR, false, offsetof(struct input, version), 0, 8 },
	{ "community", FIELD_STR, false, offsetof(struct input, community), 0, COMMUNITY_MAX },
	{ "interval_s", FIELD_NUM, false, offsetof(struct input, interval_s), 0.1, INTERVAL_MAX_S },
	{ "status_interval_s", FIELD_NUM, false, offsetof(struct input, status_interval_s), 0, INTERVAL_MAX_S },
	{ "profile", FIELD_STR, false, offsetof(struct input, profile), 0, 64 },
	{ "v3_user", FIELD_STR, false, offsetof(struct input, v3.user), 0, 255 },
	{ "v3_auth", FIELD_STR, false, offsetof(struct input, v3.auth), 0, 40 },
	{ "v3_priv", FIELD_STR, false, offsetof(struct input, v3.priv), 0, 40 },
	{ "v3_context", FIELD_STR, false, offsetof(struct input, v3.context), 0, 255 },
	{ "v3_engine_id", FIELD_STR, false, offsetof(struct input, v3.engine_id), 0, 2 * BB_V3_ENGINE_MAX },
	{ "v3_auth_password", FIELD_STR, false, offsetof(struct input, v3.auth_password), 0, 1000 },
	{ "v3_priv_password", FIELD_STR, false, offsetof(struct input, v3.priv_password), 0, 1000 },
	FIELD_END,
};
static const struct field backup_fields[] = {
	{ "key", FIELD_STR, true, offsetof(struct input, key), 1, 200 },
	{ "collector", FIELD_STR, true, offsetof(struct input, collector), 1, 40 },
	{ "address", FIELD_STR, true, offsetof(struct input, address), 1, 64 },
	{ "port", FIELD_INT, true, offsetof(struct input, port), 1, 65535 },
	{ "version", FIELD_STR, true, offsetof(struct input, version), 1, 8 },
	{ "community_sealed", FIELD_STR_OR_NULL, true, offsetof(struct input, sealed), 2, SEALED_HEX_MAX },
	{ "community_tag", FIELD_STR, true, offsetof(struct input, tag), 0, 64 },
	{ "interval_ms", FIELD_INT, true, offsetof(struct input, interval_ms), 100, INTERVAL_MAX_S * 1000 },
	{ "status_interval_ms", FIELD_INT, true, offsetof(struct input, status_interval_ms), 0, INTERVAL_MAX_S * 1000 },
	{ "profile", FIELD_STR, true, offsetof(struct input, profile), 1, 64 },
	{ "v3_user", FIELD_STR, false, offsetof(struct input, v3.user), 0, BB_V3_USER_MAX },
	{ "v3_auth", FIELD_STR, false, offsetof(struct input, v3.auth), 0, 40 },
	{ "v3_priv", FIELD_STR, false, offsetof(struct input, v3.priv), 0, 40 },
	{ "v3_context", FIELD_STR, false, offsetof(struct input, v3.context), 0, BB_V3_CONTEXT_MAX },
	{ "v3_engine_id", FIELD_STR, false, offsetof(struct input, v3.engine_id), 0, 2 * BB_V3_ENGINE_MAX },
	{ "v3_level", FIELD_INT, false, offsetof(struct input, v3_level), 0, 2 },
	{ "v3_sealed", FIELD_STR_OR_NULL, false, offsetof(struct input, v3_sealed), 2, V3_SEALED_HEX_MAX },
	{ "v3_trap_sealed", FIELD_STR_OR_NULL, false, offsetof(struct input, v3_trap_sealed), 2, V3_SEALED_HEX_MAX },
	{ "v3_tag", FIELD_STR, false, offsetof(struct input, v3_tag), 0, 64 },
	FIELD_END,
};
// clang-format on

/* ---- what each field may be ---- */

static int complain(char *where, const char *field)
{
	bb_copy(where, 64, field);
	return -1;
}

static bool is_name(const char *s)
{
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '-' &&
			*s != '_')
			return false;
	return true;
}

static bool is_address(const char *s)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, s, bytes) == 1 || inet_pton(AF_INET6, s, bytes) == 1;
}

bool device_profile_exists(const struct webd *w, const char *name)
{
	const struct bb_dirs *d = bb_service_dirs(w->service);
	char file[400];

	if (strcmp(name, "auto") == 0)
		return true;
	if (!is_name(name))
		return false;
	snprintf(file, sizeof(file), "%s/profiles/%s.profile", d->share, name);
	if (access(file, R_OK) == 0)
		return true;
	snprintf(file, sizeof(file), "%s/profiles/%s.profile", d->etc, name);
	return access(file, R_OK) == 0;
}

/* A collector has a public key here; without it nothing could be sealed for it. */
static bool has_collector(const struct webd *w, const char *name)
{
	char file[400];

	if (strncmp(name, "collect-", 8) != 0 || !is_name(name))
		return false;
	snprintf(file, sizeof(file), "%s/keys/%s.pub", bb_service_dirs(w->service)->etc, name);
	return access(file, R_OK) == 0;
}

static int check(const struct webd *w, const struct input *in, char *where, struct bb_err *err)
{
	const char *field;

	if (in->key && !bb_key_valid(in->key)) {
		bb_err_set(err,
			"a key is made of a-z, 0-9, '.', '_', '-' in segments joined by '/'");
		return complain(where, "key");
	}
	if (in->address && !is_address(in->address)) {
		bb_err_set(err,
			"\"%s\" is no numeric IPv4 or IPv6 address; names are not looked up, enter the address",
			in->address);
		return complain(where, "address");
	}
	if (in->collector && !has_collector(w, in->collector)) {
		bb_err_set(err,
			"there is no collector \"%s\" here (no file keys/%s.pub in the configuration folder)",
			in->collector, in->collector);
		return complain(where, "collector");
	}
	if (in->version && strcmp(in->version, "1") != 0 && strcmp(in->version, "2c") != 0 &&
		strcmp(in->version, "3") != 0) {
		bb_err_set(err, "the version is \"1\", \"2c\" or \"3\", not \"%s\"", in->version);
		return complain(where, "version");
	}
	if (bb_v3_check(&in->v3, &field, err) != 0)
		return complain(where, field);
	if (in->profile && !device_profile_exists(w, in->profile)) {
		bb_err_set(err,
			"there is no profile \"%s\"; use \"auto\" or a file name of the profiles folder without \".profile\"",
			in->profile);
		return complain(where, "profile");
	}
	return 0;
}

/* ---- sealing ---- */

/* Seal it for `reader`; the box goes into the item as hex. */
static int seal_for(const struct webd *w, const char *reader, const void *plain, size_t n,
	json_t *item, const char *name, struct bb_err *err)
{
	struct bb_sealer *s = bb_sealer_load(bb_service_dirs(w->service)->etc, reader, err);
	uint8_t sealed[V3_SEALED_MAX];
	char hex[2 * sizeof(sealed) + 1];
	int rc;

	if (!s)
		return -1;
	bb_assert(bb_seal_size(n) <= sizeof(sealed));
	rc = bb_seal(s, plain, n, sealed, err);
	bb_sealer_free(s);
	if (rc != 0)
		return -1;
	bb_hex(hex, sealed, bb_seal_size(n));
	json_object_set_new(item, name, json_string(hex));
	return 0;
}

/* Keyed hash: tells whether a secret is the same one without telling it. */
static void set_tag(const struct webd *w, const void *plain, size_t n, json_t *item,
	const char *name)
{
	uint8_t tag[16];
	char hex[2 * sizeof(tag) + 1];

	crypto_generichash(tag, sizeof(tag), plain, n, w->install_key, sizeof(w->install_key));
	bb_hex(hex, tag, sizeof(tag));
	json_object_set_new(item, name, json_string(hex));
}

static int seal_community(const struct webd *w, const char *collector, const char *community,
	json_t *item, struct bb_err *err)
{
	size_t n = strlen(community);

	if (seal_for(w, collector, community, n, item, "community_sealed", err) != 0)
		return -1;
	set_tag(w, community, n, item, "community_tag");
	return 0;
}

/* Both passwords in one box, once for the collector and once for the receiver of traps, if there is one. */
static int seal_passwords(const struct webd *w, const char *collector, const struct bb_v3_input *v3,
	json_t *item, struct bb_err *err)
{
	char plain[BB_V3_SECRETS_MAX + 1];
	size_t n = strlen(v3->auth_password) + 1;
	int rc;

	snprintf(plain, sizeof(plain), "%s", v3->auth_password);
	if (v3->priv_password) {
		snprintf(plain + n, sizeof(plain) - n, "%s", v3->priv_password);
		n += strlen(v3->priv_password);
	}
	rc = seal_for(w, collector, plain, n, item, "v3_sealed", err);
	if (rc == 0 && has_collector(w, TRAP_RECEIVER))
		rc = seal_for(w, TRAP_RECEIVER, plain, n, item, "v3_trap_sealed", err);
	set_tag(w, plain, n, item, "v3_tag");
	json_object_set_new(item, "v3_level", json_integer(v3->priv_password ? 2 : 1));
	bb_wipe(plain, sizeof(plain));
	return rc;
}

static void set_text(json_t *item, const char *name, const char *value)
{
	if (value)
		json_object_set_new(item, name, json_string(value));
}

static void set_number(json_t *item, const char *name, int64_t value)
{
	if (value >= 0)
		json_object_set_new(item, name, json_integer(value));
}

static void set_lower(json_t *item, const char *name, const char *value)
{
	char text[2 * BB_V3_ENGINE_MAX + 1];
	size_t n = 0;

	if (!value)
		return;
	for (; value[n] && n < sizeof(text) - 1; n++)
		text[n] = (char)tolower((unsigned char)value[n]);
	text[n] = '\0';
	json_object_set_new(item, name, json_string(text));
}

static json_t *to_item(const struct input *in)
{
	json_t *item = json_object();

	if (in->line > 0)
		set_number(item, "line", in->line);
	set_text(item, "key", in->key);
	set_text(item, "collector", in->collector);
	set_text(item, "address", in->address);
	set_number(item, "port", in->port);
	set_text(item, "version", in->version);
	set_number(item, "interval_ms", in->interval_ms);
	set_number(item, "status_interval_ms", in->status_interval_ms);
	set_text(item, "profile", in->profile);
	set_text(item, "v3_user", in->v3.user);
	set_text(item, "v3_auth", in->v3.auth ? bb_v3_auth_name(bb_v3_auth_find(in->v3.auth)) : NULL);
	set_text(item, "v3_priv", in->v3.priv ? bb_v3_priv_name(bb_v3_priv_find(in->v3.priv)) : NULL);
	set_text(item, "v3_context", in->v3.context);
	set_lower(item, "v3_engine_id", in->v3.engine_id);
	return item;
}

/* ---- reading ---- */

/* Empty texts mean "not given": that is how empty cells of a table arrive. */
static void drop_empty(struct input *in)
{
	const char **const texts[] = { &in->collector, &in->version, &in->community, &in->profile,
		&in->v3.auth_password, &in->v3.priv_password };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (*texts[i] && !**texts[i])
			*texts[i] = NULL;
}

static int fill_defaults(struct input *in, enum input_mode mode, char *where, struct bb_err *err)
{
	bool is_v3 = in->version && strcmp(in->version, "3") == 0;
	const char *missing = !in->key                                        ? "key"
			      : !in->address                                  ? "address"
			      : mode == INPUT_ADD && !in->community && !is_v3 ? "community"
			      : is_v3 && (!in->v3.user || !*in->v3.user)      ? "v3_user"
									      : NULL;

	if (missing) {
		bb_err_set(err, "it is missing");
		return complain(where, missing);
	}
	in->collector = in->collector ? in->collector : "collect-snmp";
	in->version = in->version ? in->version : "2c";
	in->profile = in->profile ? in->profile : "auto";
	in->port = in->port < 0 ? 161 : in->port;
	in->interval_s = in->interval_s < 0 ? 10 : in->interval_s;
	in->status_interval_s = in->status_interval_s < 0 ? 0 : in->status_interval_s;
	return 0;
}

json_t *device_input_read(struct webd *w, const json_t *object, enum input_mode mode, char *where,
	struct bb_err *err)
{
	struct input in = empty;
	json_t *item;

	if (fields_read(object, people_fields, &in, where, err) != 0)
		return NULL;
	drop_empty(&in);
	if ((mode != INPUT_PATCH && fill_defaults(&in, mode, where, err) != 0) ||
		check(w, &in, where, err) != 0)
		return NULL;
	if (in.interval_s >= 0)
		in.interval_ms = (int64_t)lround(in.interval_s * 1000);
	if (in.status_interval_s >= 0)
		in.status_interval_ms = (int64_t)lround(in.status_interval_s * 1000);
	item = to_item(&in);
	const char *reader = in.collector ? in.collector : "collect-snmp";
	if (in.community && seal_community(w, reader, in.community, item, err) != 0) {
		complain(where, "community");
		json_decref(item);
		return NULL;
	}
	if (in.v3.auth_password && seal_passwords(w, reader, &in.v3, item, err) != 0) {
		complain(where, "v3_auth_password");
		json_decref(item);
		return NULL;
	}
	return item;
}

static bool is_hex(const char *text)
{
	uint8_t bytes[V3_SEALED_MAX];

	return !text || !*text || bb_unhex(bytes, sizeof(bytes), text) > 0;
}

json_t *device_input_restore(struct webd *w, const json_t *object, char *where, struct bb_err *err)
{
	struct input in = empty;
	json_t *item;

	if (fields_read(object, backup_fields, &in, where, err) != 0 ||
		check(w, &in, where, err) != 0)
		return NULL;
	if (!is_hex(in.sealed) || !is_hex(in.tag) || !is_hex(in.v3_sealed) ||
		!is_hex(in.v3_trap_sealed) || !is_hex(in.v3_tag)) {
		bb_err_set(err, "a sealed secret of it is not hexadecimal");
		complain(where, "community_sealed");
		return NULL;
	}
	item = to_item(&in);
	set_text(item, "community_sealed", in.sealed);
	set_text(item, "community_tag", in.tag);
	set_number(item, "v3_level", in.v3_level);
	set_text(item, "v3_sealed", in.v3_sealed);
	set_text(item, "v3_trap_sealed", in.v3_trap_sealed);
	set_text(item, "v3_tag", in.v3_tag);
	return item;
}
