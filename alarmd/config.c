// SPDX-License-Identifier: Apache-2.0
#include "alarmd/config.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alarmd/config_read.h"
#include "common/clock.h"
#include "common/genconf.h"
#include "common/log.h"
#include "common/str.h"

#define MAJOR       BUSBAR__V1__SEVERITY__SEVERITY_MAJOR
#define FILE_PREFIX "generation-"
#define FILE_BEFORE "previous-" /* the one before, should the new one turn out damaged */
#define GATHER_MS   50          /* a bulk import notifies many times */

struct config {
	struct config_options o;
	struct bb_loop *loop;
	struct bb_pg *pg;
	struct bb_genconf_server *server;
	struct bb_arena *arena; /* of one step of a compilation, else NULL */
	const struct config_rows *rows; /* being compiled, else NULL */
	size_t at;                      /* next audience */
	struct bb_watch *poll, *gather, *compile;
	struct bb_log_limit refused;
	uint64_t generation; /* newest one read or loaded */
	bool is_reading, is_wanted;
};

/* What each daemon gets. Collectors get their own devices with the secrets; nobody else gets
 * those. */
enum part {
	PART_SITES = 1,
	PART_DEVICES = 2,
	PART_RECIPIENTS = 4,
	PART_PLANS = 8,
	PART_USERS = 16,
	PART_WINDOWS = 32,
	PART_MAINTENANCE = 128,
	PART_TRAP_SECRETS = 64, /* of the devices, sealed to the receiver of traps */
	PART_GROUPS = 256,
	PART_RULES = 512,
};
// clang-format off
static const struct audience {
	const char *daemon;
	unsigned parts;
	const char *settings[4];        /* first segments of the names of its settings */
} audiences[] = {
	{ "alarmd", PART_SITES | PART_DEVICES | PART_GROUPS | PART_RULES | PART_MAINTENANCE | PART_RECIPIENTS | PART_PLANS | PART_WINDOWS, { "alarm", "alarmd" } },
	{ "collect-snmptrap", PART_SITES | PART_DEVICES | PART_TRAP_SECRETS | PART_WINDOWS, { "trap", "collect-snmptrap" } },
	{ "historyd", PART_SITES | PART_DEVICES, { "history", "historyd" } },
	{ "notifyd", PART_RECIPIENTS, { "smtp", "mail", "notify", "notifyd" } },
	{ "shutdownd", PART_SITES | PART_DEVICES | PART_PLANS, { "shutdown", "shutdownd" } },
	{ "webd", PART_SITES | PART_DEVICES | PART_USERS, { "web", "webd" } },
	{ "busd", 0, { "bus", "busd" } },
};
// clang-format on

static bool owns_setting(const struct audience *a, const char *name)
{
	size_t n = strcspn(name, ".");

	for (size_t i = 0; i < sizeof(a->settings) / sizeof(a->settings[0]) && a->settings[i]; i++)
		if (strlen(a->settings[i]) == n && strncmp(a->settings[i], name, n) == 0)
			return true;
	return false;
}

/* ---- serving ---- */

static void file_of(const struct config *c, const char *daemon, char *out, size_t cap)
{
	snprintf(out, cap, "%s/" FILE_PREFIX "%s", c->o.lib, daemon);
}

static void file_before(const struct config *c, const char *daemon, char *out, size_t cap)
{
	snprintf(out, cap, "%s/" FILE_BEFORE "%s", c->o.lib, daemon);
}

static void take_own(struct config *c, const void *body, size_t len, uint64_t generation)
{
	struct bb_arena *a = bb_arena_new(65536, 0);
	struct bb_err err;
	const Busbar__V1__Config *conf = bb_unpack_config(a, body, len, &err);

	if (conf) {
		c->o.apply(c->o.arg, conf, generation);
		c->o.trouble(c->o.arg, "config_refused", 0, NULL);
	} else {
		bb_log(EV_CONFIG_REFUSED, BB_UINT("generation", generation), BB_ERRTEXT(&err));
		c->o.trouble(c->o.arg, "config_refused", MAJOR, err.text);
	}
	bb_arena_free(a);
}

/* Is it what the file holds? *is_whole: the file can be read at all. */
static bool is_same(const char *file, const void *body, size_t len, bool *is_whole)
{
	struct bb_arena *a = bb_arena_new(65536, 0);
	const uint8_t *old;
	size_t old_len;
	uint64_t generation;
	*is_whole = bb_genconf_file_read(file, a, &generation, &old, &old_len, NULL) == 1;
	bool same = *is_whole && old_len == len && memcmp(old, body, len) == 0;

	bb_arena_free(a);
	return same;
}

static void offer(struct config *c, const char *daemon, const Busbar__V1__Config *conf,
	uint64_t generation)
{
	struct bb_err err;
	char file[400], before[400];
	size_t len;
	const uint8_t *body = bb_pack(c->arena, conf, &len);
	bool is_whole;

	file_of(c, daemon, file, sizeof(file));
	file_before(c, daemon, before, sizeof(before));
	bool same = is_same(file, body, len, &is_whole);
	if (!same && is_whole && rename(file, before) < 0)
		bb_log(EV_NOTE, BB_STR("file", before),
			BB_STR("text", "cannot keep the configuration before"));
	/* Served even when our copy cannot be written: the daemons have their own. */
	if (!same && bb_genconf_file_write(file, generation, body, len, &err) < 0)
		bb_log(EV_NOTE, BB_STR("text", "cannot keep a configuration generation"),
			BB_ERRTEXT(&err));
	bb_genconf_server_put(c->server, daemon, generation, body, len);
	if (strcmp(daemon, "alarmd") == 0 && !same) {
		take_own(c, body, len, generation);
		bb_log(EV_CONFIG_NEW, BB_UINT("generation", generation),
			BB_UINT("devices", conf->n_device));
	}
}

/* ---- compiling ---- */

/* All devices without their secrets, but with those that are sealed to the receiver of traps if it is
 * the one that gets them. */
static Busbar__V1__ConfigDevice **without_secrets(struct config *c, const struct config_rows *rows,
	bool for_traps)
{
	const Busbar__V1__Config *all = &rows->all;
	Busbar__V1__ConfigDevice **list =
		bb_arena_alloc(c->arena, (all->n_device + 1) * sizeof(*list));

	for (size_t i = 0; i < all->n_device; i++) {
		list[i] = bb_arena_memdup(c->arena, all->device[i], sizeof(*list[i]));
		list[i]->has_community_sealed = 0;
		list[i]->community_sealed = (ProtobufCBinaryData){ 0 };
		list[i]->has_v3_sealed = 0;
		list[i]->v3_sealed = (ProtobufCBinaryData){ 0 };
		list[i]->n_correction = 0; /* only its collector applies them */
		if (for_traps && rows->trap_sealed && rows->trap_sealed[i].len) {
			list[i]->has_v3_sealed = 1;
			list[i]->v3_sealed = rows->trap_sealed[i];
		}
	}
	return list;
}

static void pick_settings(struct config *c, const struct config_rows *rows,
	const struct audience *a, Busbar__V1__Config *out)
{
	out->setting = bb_arena_alloc(c->arena, (rows->all.n_setting + 1) * sizeof(*out->setting));
	for (size_t i = 0; i < rows->all.n_setting; i++) {
		Busbar__V1__ConfigSetting *s = rows->all.setting[i];
		bool may_read = strcmp(rows->setting_reader[i], a->daemon) == 0;
		if (!may_read && (s->has_value_sealed || !owns_setting(a, s->name)))
			continue;
		out->setting[out->n_setting++] = s;
	}
}

static void compile(struct config *c, const struct config_rows *rows, const struct audience *a)
{
	const Busbar__V1__Config *all = &rows->all;
	Busbar__V1__Config out = BUSBAR__V1__CONFIG__INIT;

	if (a->parts & PART_SITES) {
		out.n_site = all->n_site;
		out.site = all->site;
	}
	if (a->parts & PART_DEVICES) {
		out.n_device = all->n_device;
		out.device = without_secrets(c, rows, a->parts & PART_TRAP_SECRETS);
	}
	if (a->parts & PART_RECIPIENTS) {
		out.n_recipient = all->n_recipient;
		out.recipient = all->recipient;
	}
	if (a->parts & PART_PLANS) {
		out.n_plan = all->n_plan;
		out.plan = all->plan;
	}
	if (a->parts & PART_WINDOWS) {
		out.n_trap_window = all->n_trap_window;
		out.trap_window = all->trap_window;
	}
	if (a->parts & PART_RULES) {
		out.n_rule = all->n_rule;
		out.rule = all->rule;
	}
	if (a->parts & PART_GROUPS) {
		out.n_group = all->n_group;
		out.group = all->group;
		out.n_redundancy = all->n_redundancy;
		out.redundancy = all->redundancy;
	}
	if (a->parts & PART_MAINTENANCE) {
		out.n_maintenance = all->n_maintenance;
		out.maintenance = all->maintenance;
	}
	if (a->parts & PART_USERS) {
		out.n_user = all->n_user;
		out.user = all->user;
	}
	pick_settings(c, rows, a, &out);
	offer(c, a->daemon, &out, rows->generation);
	bb_arena_reset(c->arena);
}

static void compile_collector(struct config *c, const struct config_rows *rows, const char *name)
{
	const Busbar__V1__Config *all = &rows->all;
	Busbar__V1__Config out = BUSBAR__V1__CONFIG__INIT;
	const struct audience a = { .daemon = name, .settings = { "collector", name } };

	out.device = bb_arena_alloc(c->arena, (all->n_device + 1) * sizeof(*out.device));
	for (size_t i = 0; i < all->n_device; i++)
		if (strcmp(all->device[i]->collector, name) == 0)
			out.device[out.n_device++] = all->device[i];
	pick_settings(c, rows, &a, &out);
	offer(c, name, &out, rows->generation);
	bb_arena_reset(c->arena);
}

static bool is_audience(const char *daemon)
{
	for (size_t i = 0; i < sizeof(audiences) / sizeof(audiences[0]); i++)
		if (strcmp(audiences[i].daemon, daemon) == 0)
			return true;
	return false;
}

/* Collectors are whoever a device names, and whoever had devices before: those must learn that they
 * have none. */
static void compile_collectors(struct config *c, const struct config_rows *rows)
{
	struct bb_arena *names = bb_arena_new(4096, 0);
	const char *done[64];
	size_t n = 0;
	DIR *dir = opendir(c->o.lib);
	struct dirent *e;

	done[n++] = "collect-snmp";
	for (size_t i = 0; i < rows->all.n_device && n < 32; i++) {
		const char *name = rows->all.device[i]->collector;
		bool seen = is_audience(name) || !bb_key_valid(name) || strchr(name, '/');
		for (size_t k = 0; !seen && k < n; k++)
			seen = strcmp(done[k], name) == 0;
		if (!seen)
			done[n++] = name;
	}
	while (dir && (e = readdir(dir)) && n < 64) {
		const char *name = e->d_name + sizeof(FILE_PREFIX) - 1;
		bool seen = strncmp(e->d_name, FILE_PREFIX "collect-",
				    sizeof(FILE_PREFIX "collect-") - 1) != 0 ||
			    !bb_key_valid(name) || is_audience(name);
		for (size_t k = 0; !seen && k < n; k++)
			seen = strcmp(done[k], name) == 0;
		if (!seen)
			done[n++] = bb_arena_strdup(names, name);
	}
	if (dir)
		closedir(dir);
	for (size_t k = 0; k < n; k++)
		compile_collector(c, rows, done[k]);
	bb_arena_free(names);
}

static void read_start(void *arg);

static void read_end(struct config *c)
{
	c->is_reading = false;
	if (c->is_wanted)
		read_start(c);
}

/* An audience a turn: of ten thousand devices each takes milliseconds, and an alarm may be waiting. */
static void compile_step(void *arg)
{
	struct config *c = arg;

	c->compile = NULL;
	c->arena = bb_arena_new(65536, 0);
	if (c->at < sizeof(audiences) / sizeof(audiences[0])) {
		compile(c, c->rows, &audiences[c->at++]);
		c->compile = bb_loop_after(c->loop, 0, compile_step, c);
	} else {
		compile_collectors(c, c->rows);
		config_rows_free(c->rows);
		c->rows = NULL;
	}
	bb_arena_free(c->arena);
	c->arena = NULL;
	if (c->rows)
		return;
	/* They are some megabytes, and not needed again for days. */
	malloc_trim(0);
	read_end(c);
}

/* ---- reading ---- */

static void on_read(void *arg, const struct config_rows *rows, const char *error)
{
	struct config *c = arg;
	uint64_t repeats;

	if (rows) {
		c->generation = rows->generation;
		c->o.trouble(c->o.arg, "config_damaged", 0, NULL);
		c->rows = rows;
		c->at = 0;
		c->compile = bb_loop_after(c->loop, 0, compile_step, c);
		return;
	}
	if (bb_log_due(&c->refused, error, &repeats))
		bb_log(EV_DATABASE_REFUSED, BB_STR("what", "configuration"), BB_STR("error", error),
			BB_UINT("repeats", repeats));
	read_end(c);
}

static void read_start(void *arg)
{
	struct config *c = arg;

	c->gather = NULL;
	if (c->is_reading) {
		c->is_wanted = true;
		return;
	}
	c->is_wanted = false;
	c->is_reading = config_read_start(c->pg, on_read, c) == 0;
}

static void on_notify(void *arg, const char *channel)
{
	struct config *c = arg;

	if (!c->gather)
		c->gather = bb_loop_after(c->loop, GATHER_MS, read_start, c);
}

static void on_listen(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
}

static void on_up(void *arg)
{
	struct config *c = arg;

	bb_pg_query(c->pg, "LISTEN busbar_config", 0, NULL, NULL, NULL, on_listen, c);
	read_start(c);
}

static void on_generation(void *arg, PGresult *res, const char *error, const char *sqlstate)
{
	struct config *c = arg;

	if (res && PQntuples(res) == 1 &&
		strtoull(PQgetvalue(res, 0, 0), NULL, 10) != c->generation)
		read_start(c);
}

static void on_poll(void *arg)
{
	struct config *c = arg;

	if (bb_pg_is_up(c->pg))
		bb_pg_query(c->pg, "SELECT generation FROM config_generation", 0, NULL, NULL, NULL,
			on_generation, c);
}

/* ---- life ---- */

/* Returns what bb_genconf_file_read() does; a damaged file is an own-alarm until PostgreSQL is read again. */
static int load_file(struct config *c, struct bb_arena *a, const char *daemon, const char *file)
{
	uint64_t generation;
	const uint8_t *body;
	size_t len;
	struct bb_err err;
	char text[600];
	int rc = bb_genconf_file_read(file, a, &generation, &body, &len, &err);

	if (rc < 0) {
		bb_log(EV_CONFIG_REFUSED, BB_STR("file", file), BB_ERRTEXT(&err));
		snprintf(text, sizeof(text),
			"configuration file \"%s\" cannot be used: %.200s; the one before is in force until PostgreSQL answers",
			file, err.text);
		c->o.trouble(c->o.arg, "config_damaged", MAJOR, text);
	}
	if (rc == 1) {
		bb_genconf_server_put(c->server, daemon, generation, body, len);
		if (strcmp(daemon, "alarmd") == 0)
			take_own(c, body, len, generation);
	}
	bb_arena_reset(a);
	return rc;
}

static void load_daemon(struct config *c, struct bb_arena *a, const char *daemon)
{
	char file[400], before[400];

	file_of(c, daemon, file, sizeof(file));
	file_before(c, daemon, before, sizeof(before));
	if (load_file(c, a, daemon, file) != 1)
		load_file(c, a, daemon, before);
}

static void load_files(struct config *c)
{
	static const char *const prefixes[] = { FILE_PREFIX, FILE_BEFORE };
	struct bb_arena *a = bb_arena_new(65536, 0);
	DIR *dir = opendir(c->o.lib);
	char file[400];

	for (struct dirent *e; dir && (e = readdir(dir));) {
		for (size_t i = 0; i < 2; i++) {
			const char *daemon = e->d_name + strlen(prefixes[i]);
			if (strncmp(e->d_name, prefixes[i], strlen(prefixes[i])) != 0 ||
				!bb_key_valid(daemon))
				continue;
			file_of(c, daemon, file, sizeof(file));
			/* Where there are both, the newer one's turn loads them. */
			if (i == 0 || access(file, F_OK) < 0)
				load_daemon(c, a, daemon);
		}
	}
	if (dir)
		closedir(dir);
	bb_arena_free(a);
}

struct config *config_new(struct bb_loop *loop, struct bb_bus *bus, const struct config_options *o,
	struct bb_err *err)
{
	struct config *c = bb_calloc(1, sizeof(*c));
	struct bb_pg_options po = {
		.conninfo = o->conninfo,
		.application_name = "alarmd configuration",
		.statement_timeout_ms = 30000,
		.up = on_up,
		.notify = on_notify,
		.arg = c,
	};

	c->o = *o;
	c->loop = loop;
	c->server = bb_genconf_server_new(bus, err);
	if (!c->server) {
		config_free(c);
		return NULL;
	}
	load_files(c);
	c->pg = bb_pg_new(loop, &po);
	c->poll = bb_loop_every(loop, o->poll_ms, on_poll, c);
	return c;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	bb_loop_cancel(c->poll);
	bb_loop_cancel(c->gather);
	c->is_wanted = false;
	if (c->pg)
		bb_pg_free(c->pg);
	/* What was read to the end of the connection's life may have come only now. */
	bb_loop_cancel(c->compile);
	config_rows_free(c->rows);
	if (c->server)
		bb_genconf_server_free(c->server);
	free(c);
}

uint64_t config_generation(const struct config *c)
{
	return c->generation;
}
