// SPDX-License-Identifier: Apache-2.0
/* The whole of webd: what main.c makes and the handlers use. Not thread-safe; loop thread only. */
#pragma once
#include "common/bus.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/pg.h"
#include "common/service.h"
#include "webd/auth.h"
#include "webd/confdb.h"
#include "webd/http.h"
#include "webd/live.h"
#include "webd/model.h"
#include "webd/password.h"
#include "webd/readings.h"
#include "webd/static.h"
#include "webd/throttle.h"

struct webd_settings {
	char *database, *listen, *hosts;
	int64_t query_timeout_ms;
};

struct webd {
	struct webd_settings set;
	struct bb_service *service;
	struct bb_loop *loop;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_sub *sub;
	struct bb_cmd_client *commands;
	struct bb_cmd_server *cmd_server;
	struct bb_genconf *genconf;
	struct bb_pg *read_pg; /* events and charts: one slow query must not hold up a change */
	struct bb_pg *report_pg; /* histograms, exports, figures: they take seconds, pages must not */
	struct confdb *conf;
	struct readings *readings;
	struct model *model;
	struct identities *identities;
	struct preview *preview; /* the one that works, or NULL */
	struct live *live;
	struct auth auth;
	struct password_pool *passwords;
	struct throttle *throttle;
	struct statics *statics;
	struct http_server *http;
	uint8_t install_key[32]; /* authenticates backups, tags communities */
	char address[80];        /* "http://127.0.0.1:8080/" */
	uint64_t requests, refused, generation, alarms_asked_ms;
	unsigned n_exports; /* of the event log, under way */
	bool is_asking_alarms, has_first_user;
	bool has_users; /* a configuration was read; before, nobody can be told from a stranger */
	char read_reason[128]; /* why read_pg is down */
};

int64_t webd_now_s(void);
/* First start (first.c): make the first user when PostgreSQL has none, or a new one-time
 * password when the last one ended unused. */
void webd_first_user(struct webd *w);
void webd_first_password_used(struct webd *w); /* remove the file */
/* A one-time password for a user, good for an hour; answers through cb (password NULL: `error`
 * says why). */
#define ONE_TIME_VALID_S 3600
typedef void (
	*webd_reset_done)(void *arg, const char *password, const char *error, const char *sqlstate);
int webd_reset_password(struct webd *w, const char *user, const char *actor, const char *source,
	webd_reset_done cb, void *arg);
