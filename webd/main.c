// SPDX-License-Identifier: Apache-2.0
/* webd: the face of the suite. It shows what the bus says, keeps the configuration in
 * PostgreSQL, passes commands on. It decides nothing: a crash loses open requests and streams
 * (browsers come back by themselves); alarms, mails and shutdowns go on without it. Logins
 * outlive it in webd.db. While PostgreSQL is away it shows live data and lets people log in from
 * the last generation alarmd served. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "webd/dump.h"
#include "webd/identity.h"
#include "webd/listen.h"
#include "webd/request.h"
#include "webd/preview.h"
#include "webd/webd.h"

#define ALARM_CHECK_MS 15000

static const char *const suite[] = { "busd", "alarmd", "collect-snmp", "collect-snmptrap", "historyd", "notifyd",
	"shutdownd", "webd" };

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "database", BB_CONF_STR, offsetof(struct webd_settings, database), "", 0, 500, "dbname=busbar", "where PostgreSQL is (libpq conninfo)" },
	{ "listen", BB_CONF_STR, offsetof(struct webd_settings, listen), "", 3, 79, "127.0.0.1:8080", "loopback address and port of the web interface" },
	{ "hosts", BB_CONF_STR, offsetof(struct webd_settings, hosts), "", 0, 1000, "", "further host names a proxy on this host calls us by" },
	{ "query_timeout_ms", BB_CONF_INT, offsetof(struct webd_settings, query_timeout_ms), "ms", 100, 600000, "15000",
		"how long a question for events or charts may take" },
	BB_CONF_END,
};
// clang-format on

int64_t webd_now_s(void)
{
	return (int64_t)(bb_clock_real_us() / 1000000);
}

/* ---- configuration ---- */

static void apply(struct webd *w, const Busbar__V1__Config *c)
{
	users_apply(w->auth.users, c);
	w->has_users = true;
	model_config(w->model, c);
	live_check_rights(w->live);
	live_touch_summary(w->live);
}

/* PostgreSQL is the truth; its reading wins. */
static void on_database_config(void *arg, const Busbar__V1__Config *c, uint64_t generation)
{
	struct webd *w = arg;

	w->generation = generation;
	apply(w, c);
	identities_reload(w->identities);
	webd_first_user(w);
}

static int on_generation(void *arg, const Busbar__V1__Config *c, uint64_t generation,
	struct bb_err *err)
{
	struct webd *w = arg;

	if (w->conf && confdb_has_read(w->conf) &&
		(confdb_is_up(w->conf) || generation <= w->generation))
		return 0;
	w->generation = generation;
	apply(w, c);
	return 0;
}

static void on_database_changed(void *arg)
{
	struct webd *w = arg;

	if (w->live)
		live_touch_summary(w->live);
}

/* ---- bus ---- */

static void on_message(void *arg, const struct bb_msg *m)
{
	struct webd *w = arg;

	if (strncmp(m->topic, "identity/", 9) == 0)
		identities_message(w->identities, m);
	else
		model_message(w->model, m);
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
	struct webd *w = arg;

	model_peer(w->model, publisher, state);
}

static void on_alarm_list(void *arg, const Busbar__V1__CommandReply *reply)
{
	struct webd *w = arg;
	struct bb_err err;

	if (reply->code == BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK && reply->json &&
		model_alarm_list(w->model, reply->json, w->alarms_asked_ms, &err) != 0)
		bb_log(EV_BUS_BAD, BB_STR("publisher", "alarmd"), BB_ERRTEXT(&err));
	w->is_asking_alarms = false;
}

/* What came over the bus may have been missed: compare with alarmd's own list. */
static void check_alarms(void *arg)
{
	struct webd *w = arg;
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;

	if (w->is_asking_alarms)
		return;
	w->is_asking_alarms = true;
	w->alarms_asked_ms = bb_clock_mono_ms();
	rq.verb = "alarms";
	rq.user = "webd";
	bb_cmd_send(w->commands, "alarmd", &rq, on_alarm_list, w);
}

static void on_snapshot_done(void *arg, const char *publisher)
{
	check_alarms(arg);
}

static void on_discontinuity(void *arg, uint64_t away_ms, int64_t wall_step_us)
{
	struct webd *w = arg;

	if (away_ms > 0) {
		bb_sub_resync(w->sub);
		readings_resync(w->readings);
	}
}

static void on_heartbeat(void *arg, struct bb_pub *p)
{
	struct webd *w = arg;

	identities_trouble(w->identities, p);
	bb_pub_metric(p, "requests", (double)w->requests);
	bb_pub_metric(p, "streams", (double)live_streams(w->live));
	bb_pub_metric(p, "streams_cut", (double)live_cut(w->live));
	bb_pub_metric(p, "readings_heard", readings_are_heard(w->readings));
	bb_pub_metric(p, "sessions", (double)sessions_count(w->auth.sessions));
	bb_pub_metric(p, "messages_bad", (double)model_bad(w->model));
	bb_pub_metric(p, "rss_bytes", (double)dump_rss_bytes());
}

static void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	if (rq->verb && strcmp(rq->verb, "metrics") == 0)
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK,
			"see the heartbeat");
	else
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
			"webd has no such command");
}

/* ---- start, in order ---- */

static void on_session_ended(void *arg, struct session *s)
{
	struct webd *w = arg;

	live_session_ended(w->live, s->hash);
}

static void expire_sessions(void *arg)
{
	struct webd *w = arg;

	sessions_expire(w->auth.sessions, webd_now_s());
}

/* The key of this installation: authenticates backups and tags communities. Made once. */
static int load_install_key(struct webd *w, const char *lib, struct bb_err *err)
{
	char file[320];
	int fd, rc = -1;

	snprintf(file, sizeof(file), "%s/install.key", lib);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		rc = read(fd, w->install_key, sizeof(w->install_key)) ==
				     (ssize_t)sizeof(w->install_key)
			     ? 0
			     : bb_err_set(err,
				       "\"%s\" is damaged; put the saved copy back, or remove it (old backups are then refused)",
				       file);
		close(fd);
		return rc;
	}
	if (errno != ENOENT)
		return bb_err_errno(err, "cannot read \"%s\"", file);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return bb_err_errno(err, "cannot make \"%s\"", file);
	randombytes_buf(w->install_key, sizeof(w->install_key));
	if (write(fd, w->install_key, sizeof(w->install_key)) == (ssize_t)sizeof(w->install_key) &&
		fsync(fd) == 0)
		rc = 0;
	else
		bb_err_errno(err, "cannot write \"%s\"", file);
	close(fd);
	return rc;
}

static int start_logins(struct webd *w, struct bb_err *err)
{
	const char *lib = bb_service_dirs(w->service)->lib;
	char file[320];

	snprintf(file, sizeof(file), "%s/webd.db", lib);
	w->passwords = password_pool_new(w->loop, err);
	if (!w->passwords || load_install_key(w, lib, err) != 0)
		return -1;
	w->auth.hosts = w->set.hosts;
	w->auth.users = users_new();
	w->auth.sessions = sessions_open(file, on_session_ended, w, err);
	w->throttle = throttle_new();
	return w->auth.sessions ? 0 : -1;
}

static int start_bus(struct webd *w, struct bb_err *err)
{
	static const char *const prefixes[] = { "state/", "group/", "devgroup/", "redundancy/", "alarm/", "heartbeat/", "identity/", NULL };
	const struct bb_dirs *dirs = bb_service_dirs(w->service);
	struct bb_pub_options po = { .connect = BB_PUB_ALARMD | BB_PUB_BUSD,
		.heartbeat = on_heartbeat,
		.arg = w };
	struct bb_sub_options so = { .prefixes = prefixes,
		.snapshots = true,
		.message = on_message,
		.peer = on_peer,
		.snapshot_done = on_snapshot_done,
		.arg = w };

	w->bus = bb_bus_new(w->loop, dirs->run, "webd", "webd", bb_service_epoch(w->service), err);
	if (!w->bus || !(w->pub = bb_pub_new(w->bus, &po, err)) ||
		!(w->sub = bb_sub_new(w->bus, &so, err)) ||
		!(w->commands = bb_cmd_client_new(w->bus, err)) ||
		!(w->cmd_server = bb_cmd_server_new(w->bus, on_command, w, err)) ||
		!(w->genconf = bb_genconf_new(w->bus, dirs->lib, w->pub, on_generation, w, err)))
		return -1;
	bb_loop_on_discontinuity(w->loop, 5000, on_discontinuity, w);
	bb_loop_every(w->loop, ALARM_CHECK_MS, check_alarms, w);
	bb_loop_every(w->loop, 60000, expire_sessions, w);
	return 0;
}

static void on_read_down(void *arg, const char *reason)
{
	struct webd *w = arg;

	bb_text_clean(w->read_reason, sizeof(w->read_reason), reason, strlen(reason));
}

/* Compiling a plan over many partitions takes longer than any of our questions. */
static void on_read_up(void *arg)
{
	struct webd *w = arg;

	bb_pg_query(w->read_pg, "SET jit = off", 0, NULL, NULL, NULL, NULL, NULL);
}

static void on_report_up(void *arg)
{
	struct webd *w = arg;

	bb_pg_query(w->report_pg, "SET jit = off", 0, NULL, NULL, NULL, NULL, NULL);
}

static void on_report_down(void *arg, const char *reason)
{
	/* on_read_down() says why */
}

static void start_database(struct webd *w)
{
	struct confdb_options co = { .loop = w->loop,
		.conninfo = w->set.database,
		.apply = on_database_config,
		.changed = on_database_changed,
		.arg = w };
	struct bb_pg_options po = { .conninfo = w->set.database,
		.application_name = "webd-read",
		.statement_timeout_ms = (uint64_t)w->set.query_timeout_ms,
		.max_queue = 200,
		.up = on_read_up,
		.down = on_read_down,
		.arg = w };

	w->conf = confdb_new(&co);
	w->read_pg = bb_pg_new(w->loop, &po);
	po.application_name = "webd-report";
	po.up = on_report_up;
	po.down = on_report_down;
	w->report_pg = bb_pg_new(w->loop, &po);
}

static int start_tcp(struct webd *w, struct bb_err *err)
{
	const char *listen = getenv("BUSBAR_LISTEN");
	int n = sd_listen_fds(1), fd = SD_LISTEN_FDS_START;

	if (n > 1)
		return bb_err_set(err,
			"the service manager gives %d sockets, webd takes one; correct the socket unit",
			n);
	if (n == 1 && listen_inherited(fd, err) != 0)
		return -1;
	if (n < 1)
		fd = listen_tcp(listen && *listen ? listen : w->set.listen, err);
	if (fd < 0)
		return -1;
	http_serve(w->http, fd, false);
	snprintf(w->address, sizeof(w->address), "http://127.0.0.1:%d/", listen_port(fd));
	return 0;
}

static int start_http(struct webd *w, struct bb_err *err)
{
	const struct bb_dirs *dirs = bb_service_dirs(w->service);
	char path[160];
	int fd;

	w->statics = statics_new(dirs->share);
	w->http = http_new(w->loop, request_dispatch, w);
	snprintf(path, sizeof(path), "%s/api.sock", dirs->run);
	fd = listen_unix(path, err);
	if (fd < 0)
		return -1;
	http_serve(w->http, fd, true);
	if (start_tcp(w, err) != 0)
		return -1;
	bb_log(EV_HTTP_LISTEN, BB_STR("address", w->address), BB_STR("local", path));
	return 0;
}

static int start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct webd *w = arg;
	struct model_listener listener;

	w->service = s;
	w->loop = bb_service_loop(s);
	if (start_logins(w, err) != 0)
		return -1;
	w->live = live_new(w, bb_service_epoch(s));
	listener = live_listener(w->live);
	w->model = model_new(&listener);
	w->identities = identities_new(w);
	for (size_t i = 0; i < sizeof(suite) / sizeof(suite[0]); i++)
		model_expect(w->model, suite[i]);
	if (start_http(w, err) != 0 || start_bus(w, err) != 0)
		return -1;
	w->readings = readings_new(w);
	start_database(w);
	bb_service_ready(s);
	return 0;
}

static void stop(void *arg)
{
	struct webd *w = arg;

	preview_free(w->preview);
	live_free(w->live);
	confdb_free(w->conf);
	bb_pg_free(w->read_pg);
	bb_pg_free(w->report_pg);
	bb_genconf_free(w->genconf);
	bb_cmd_client_free(w->commands);
	bb_cmd_server_free(w->cmd_server);
	readings_free(w->readings);
	bb_sub_free(w->sub);
	bb_pub_free(w->pub);
	bb_bus_free(w->bus);
	password_pool_free(w->passwords);
	http_free(w->http);
	statics_free(w->statics);
	identities_free(w->identities);
	model_free(w->model);
	w->live = NULL;
	sessions_close(w->auth.sessions);
	users_free(w->auth.users);
	throttle_free(w->throttle);
	sodium_memzero(w->install_key, sizeof(w->install_key));
}

int main(int argc, char **argv)
{
	static struct webd w;
	const struct bb_service_spec spec = {
		.name = "webd",
		.summary = "web interface, HTTP API and configuration",
		.schema = schema,
		.settings = &w.set,
		.start = start,
		.stop = stop,
		.dump = dump_write,
		.arg = &w,
		.needs_lock = true,
	};

	return bb_service_run(&spec, argc, argv);
}
