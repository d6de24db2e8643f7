// SPDX-License-Identifier: Apache-2.0
#include "deploy/launcher/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "common/log.h"
#include "common/seal.h"
#include "common/str.h"

#define START_DEADLINE_MS 60000
#define STOP_DEADLINE_MS 15000
#define WELCOME_WAIT_MS 3000
#define RECORD_WAIT_MS 10000    /* for PostgreSQL and the migration, before the daemons start without */
#define RUN_PATH_MAX 60         /* longer socket folders go to a short one, see architecture 10 */

/* ---- folders and files ---- */

static int make_dir(const char *path, mode_t mode, struct bb_err *err)
{
	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return bb_err_errno(err, "cannot make the folder \"%s\"", path);
	return 0;
}

static int write_file(const char *path, mode_t mode, const char *text, struct bb_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t n = strlen(text);
	bool ok;

	if (fd < 0)
		return bb_err_errno(err, "cannot write \"%s\"", path);
	ok = write(fd, text, n) == (ssize_t)n;
	if (close(fd) != 0 || !ok)
		return bb_err_errno(err, "cannot write \"%s\"", path);
	return 0;
}

/* Sockets live in <dir>/run, or in a short 0700 folder remembered in <dir>/run.path. */
static int prepare_run(struct stack *s, struct bb_err *err)
{
	char own[640], marker[640], made[] = "/tmp/busbar-XXXXXX";

	snprintf(own, sizeof(own), "%s/run", s->dir);
	snprintf(marker, sizeof(marker), "%s/run.path", s->dir);
	if (strlen(own) <= RUN_PATH_MAX) {
		unlink(marker);
		bb_copy(s->run, sizeof(s->run), own);
		return make_dir(s->run, 0700, err);
	}
	struct stat st;
	if (control_run_dir(s->dir, s->run, sizeof(s->run)) == 0 && access(marker, F_OK) == 0 &&
		lstat(s->run, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid())
		return 0;
	if (!mkdtemp(made))
		return bb_err_errno(err, "cannot make a short folder for sockets in /tmp");
	bb_copy(s->run, sizeof(s->run), made);
	return write_file(marker, 0644, made, err);
}

static int prepare_conf(struct stack *s, struct bb_err *err)
{
	char path[700], text[1024];

	snprintf(path, sizeof(path), "%s/etc/busbar.conf", s->dir);
	if (access(path, F_OK) == 0)
		return 0;
	snprintf(text, sizeof(text),
		"# Made by deploy/stack; yours to edit. Every key: <daemon> --help.\n"
		"common: {\n"
		"\tdatabase = \"host=%s port=5432 dbname=busbar user=busbar\";\n"
		"};\n",
		s->run);
	return write_file(path, 0644, text, err);
}

static int run_wait(const struct stack *s, const char *const *argv, const char *log_name, struct bb_err *err)
{
	char log[700];
	int status = 0;
	pid_t pid;

	snprintf(log, sizeof(log), "%s/%s.log", s->log, log_name);
	pid = fork();
	if (pid < 0)
		return bb_err_errno(err, "cannot fork for \"%s\"", argv[0]);
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0640);
		int null_fd = open("/dev/null", O_RDONLY);

		dup2(null_fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], (char *const *)argv);
		dprintf(2, "cannot run \"%s\": %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return bb_err_set(err, "\"%s\" failed, see \"%s\"", argv[0], log);
	return 0;
}

static int prepare_cluster(struct stack *s, struct bb_err *err)
{
	char pg[640], version[700], initdb[320];

	snprintf(pg, sizeof(pg), "%s/pg", s->dir);
	snprintf(version, sizeof(version), "%s/PG_VERSION", pg);
	snprintf(initdb, sizeof(initdb), "%s/initdb", s->pg_bin);
	if (access(version, F_OK) == 0)
		return 0;
	const char *argv[] = { initdb, "-D", pg, "-U", "busbar", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", NULL };
	if (run_wait(s, argv, "initdb", err) != 0)
		return -1;
	/* one line of defence is the 0700 socket folder; inside it every user maps to busbar */
	char hba[700];
	snprintf(hba, sizeof(hba), "%s/pg_hba.conf", pg);
	return write_file(hba, 0600, "local all all trust\n", err);
}

/* ---- the list of processes ---- */

static struct child *add(struct stack *s, const char *name, bool notifies, const char *const *argv)
{
	struct child *c = &s->child[s->n_children++];

	bb_assert(s->n_children <= STACK_MAX_CHILDREN);
	bb_copy(c->name, sizeof(c->name), name);
	child_set_args(c, argv);
	c->notifies = notifies;
	c->stop_signal = SIGTERM;
	c->death_signal = SIGTERM;
	c->wanted = true;
	return c;
}

static bool postgres_ready(void *arg)
{
	struct stack *s = arg;
	char info[160];

	snprintf(info, sizeof(info), "host=%s port=5432 dbname=postgres connect_timeout=2", s->run);
	return PQping(info) == PQPING_OK;
}

static bool file_exists(void *arg)
{
	return access(arg, F_OK) == 0;
}

static void add_postgres(struct stack *s)
{
	char program[320], data[640], sockets[160];

	snprintf(program, sizeof(program), "%s/postgres", s->pg_bin);
	snprintf(data, sizeof(data), "%s/pg", s->dir);
	snprintf(sockets, sizeof(sockets), "unix_socket_directories=%s", s->run);
	const char *argv[] = { program, "-D", data, "-p", "5432", "-c", "listen_addresses=", "-c", sockets, "-c",
		"shared_buffers=128MB", "-c", "dynamic_shared_memory_type=mmap", "-c", "max_connections=40", "-c", "wal_compression=on", NULL };
	struct child *c = add(s, "postgres", false, argv);

	c->stop_signal = SIGINT;        /* fast shutdown */
	c->death_signal = SIGQUIT;      /* immediate: nobody is left to wait */
	c->probe = postgres_ready;
	c->probe_arg = s;
}

static void add_daemon(struct stack *s, const char *name)
{
	char program[700];

	snprintf(program, sizeof(program), "%s/bin/%s", s->opt, name);
	const char *argv[] = { program, "--dir", s->dir, NULL };
	add(s, name, true, argv);
}

static void add_once(struct stack *s, const char *name, const char *const *args)
{
	char program[700];
	const char *argv[CHILD_MAX_ARGS] = { program, "--dir", s->dir };
	size_t n = 3;

	snprintf(program, sizeof(program), "%s/bin/busbarctl", s->opt);
	for (; args[n - 3]; n++)
		argv[n] = args[n - 3];
	add(s, name, false, argv)->once = true;
}

static void add_fleet(struct stack *s)
{
	char program[700], fleet[700];
	static char control[128];

	snprintf(program, sizeof(program), "%s/bin/demo-fleet", s->opt);
	snprintf(fleet, sizeof(fleet), "%s/etc/fleet.csv", s->dir);
	snprintf(control, sizeof(control), "%s/fleet.sock", s->run);
	unlink(control);
	const char *argv[] = { program, s->dir, s->run, NULL };
	struct child *c = add(s, "fleetsim", false, argv);

	c->probe = file_exists;
	c->probe_arg = control;
}

static void list_children(struct stack *s)
{
	static const char *const daemons[] = { "busd", "alarmd", "collect-snmp", "collect-snmptrap", "historyd", "notifyd", "shutdownd", "webd" };
	char fleet[640];

	add_postgres(s);
	add_once(s, "migrate", (const char *const[]){ "migrate", NULL });
	if (s->demo)
		add_fleet(s);
	for (size_t i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++)
		add_daemon(s, daemons[i]);
	if (s->demo) {
		snprintf(fleet, sizeof(fleet), "%s/etc/fleet.csv", s->dir);
		add_once(s, "demo-import", (const char *const[]){ "device", "import", fleet, NULL });
	}
}

static int make_keys(struct stack *s, struct bb_err *err)
{
	static const char *const holders[] = { "collect-snmp", "collect-snmptrap", "notifyd", "webd" };
	char etc[640];

	snprintf(etc, sizeof(etc), "%s/etc", s->dir);
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
		if (bb_seal_make_keys(etc, holders[i], err) != 0)
			return -1;
	return 0;
}

int stack_prepare(struct stack *s, struct bb_err *err)
{
	static const char *const folders[] = { "etc", "etc/profiles", "etc/keys", "etc/secret", "lib", "log" };
	static const char *const states[] = { "busd", "alarmd", "collect-snmp", "collect-snmptrap", "historyd", "notifyd", "shutdownd", "webd" };
	char path[700];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->dir, folders[i]);
		if (make_dir(path, strcmp(folders[i], "etc/secret") ? 0750 : 0700, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		snprintf(path, sizeof(path), "%s/lib/%s", s->dir, states[i]);
		if (make_dir(path, 0700, err) != 0)
			return -1;
	}
	snprintf(s->log, sizeof(s->log), "%s/log", s->dir);
	if (prepare_run(s, err) != 0 || prepare_conf(s, err) != 0 || make_keys(s, err) != 0 || prepare_cluster(s, err) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/share", s->opt);
	setenv("BUSBAR_SHARE", path, 1);
	snprintf(path, sizeof(path), "127.0.0.1:%u", s->http_port);
	setenv("BUSBAR_LISTEN", path, 1);
	/* Port 162 is for who may have it; what it became says GET /traps/status. */
	setenv("BUSBAR_TRAP_LISTEN", "127.0.0.1:0", 0);
	list_children(s);
	return 0;
}

/* ---- life ---- */

struct child *stack_find(struct stack *s, const char *name)
{
	for (size_t i = 0; i < s->n_children; i++)
		if (strcmp(s->child[i].name, name) == 0)
			return &s->child[i];
	return NULL;
}

static void tell_parent(struct stack *s, const char *text)
{
	if (s->detach_fd < 0)
		return;
	if (write(s->detach_fd, text, strlen(text)) < 0)
		bb_log(EV_NOTE, BB_STR("text", "the command that started this stack is gone"));
	close(s->detach_fd);
	s->detach_fd = -1;
}

static void start_child(struct stack *s, struct child *c)
{
	struct bb_err err;

	if (child_start(c, s->log, s->notify_path, s->watchdog ? 10000 : 0, bb_loop_now_ms(s->loop), &err) != 0) {
		bb_log(EV_SERVICE_DIED, BB_STR("name", c->name), BB_ERRTEXT(&err));
		c->state = CHILD_FAILED;
		bb_copy(c->reason, sizeof(c->reason), err.text);
	}
}

static void check_ready(struct stack *s, struct child *c)
{
	if (c->state == CHILD_STARTING && !c->notifies && !c->once && (!c->probe || c->probe(c->probe_arg)))
		c->state = CHILD_READY;
}

/* What only keeps the record and the configuration; the alarm path runs without it (reliability.md 12, cold start). */
static bool is_record(const struct child *c)
{
	return strcmp(c->name, "postgres") == 0 || c->once;
}

static bool settled(const struct child *c, const struct stack *s, uint64_t now)
{
	if (c->state == CHILD_READY || c->state == CHILD_FAILED)
		return true;
	return now - (s->deadline_ms - START_DEADLINE_MS) > RECORD_WAIT_MS && is_record(c);
}

/* For the person in front of deploy/run, once; webd makes the one-time password a moment after it is ready, and only if nobody has
 * logged in yet. */
static void step_welcome(struct stack *s, uint64_t now)
{
	char path[160], password[128] = "";
	FILE *f;

	if (s->welcome_by_ms == 0)
		return;
	snprintf(path, sizeof(path), "%s/first-password", s->run);
	f = fopen(path, "re");
	if (f) {
		if (!fgets(password, sizeof(password), f))
			password[0] = '\0';
		fclose(f);
	}
	password[strcspn(password, "\n")] = '\0';
	if (!password[0] && now < s->welcome_by_ms)
		return;
	s->welcome_by_ms = 0;
	printf("\nBusbar runs at http://127.0.0.1:%u/\n", s->http_port);
	if (password[0])
		printf("Log in as admin with the one-time password %s (good for an hour).\n", password);
	else
		printf("Log in with your password (forgotten: deploy/busbarctl --dir %s password reset admin).\n", s->dir);
	printf("State and logs are in %s. Ctrl-C stops everything.\n\n", s->dir);
	fflush(stdout);
}

static void report_ready(struct stack *s)
{
	char text[256];

	s->all_ready = true;
	snprintf(text, sizeof(text), "ready http://127.0.0.1:%u/\n", s->http_port);
	bb_log(EV_READY, BB_UINT("processes", s->n_children), BB_UINT("http_port", s->http_port));
	if (s->detach_fd < 0)
		s->welcome_by_ms = bb_loop_now_ms(s->loop) + WELCOME_WAIT_MS;
	tell_parent(s, text);
}

static void report_failure(struct stack *s, const struct child *c, const char *why)
{
	char text[1200];
	bool only_record = is_record(c);

	snprintf(text, sizeof(text), "failed %s %s: %s (log: %s/%s.log)\n", c->name, why, c->reason[0] ? c->reason : "no reason given",
		s->log, c->name);
	fputs(text, stderr);
	tell_parent(s, text);
	if (only_record) {
		/* alarms, mails and orders go on without PostgreSQL: the suite stays up, and the launcher tries on */
		s->all_ready = true;
		return;
	}
	s->exit_code = 1;
	stack_stop(s);
}

/* A daemon may be restarted while the stack comes up; only a failed one-shot or the deadline ends the start. */
static void step_start(struct stack *s, uint64_t now)
{
	bool ready = true;

	while (s->n_started < s->n_children) {
		struct child *c = &s->child[s->n_started];
		bool needs_all = c->once && strcmp(c->name, "migrate") != 0;

		/* daemons start side by side; a one-shot waits for everything before it, everything waits for the migration */
		for (size_t i = 0; i < s->n_started; i++) {
			bool gate = needs_all || s->child[i].once || !strcmp(s->child[i].name, "postgres");
			if (gate && !settled(&s->child[i], s, now))
				return;
		}
		start_child(s, c);
		s->n_started++;
	}
	for (size_t i = 0; i < s->n_children; i++) {
		struct child *c = &s->child[i];

		if (c->state == CHILD_FAILED && !c->once) {
			report_failure(s, c, "cannot start");
			return;
		}
		if (c->state != CHILD_READY && c->wanted)
			ready = false;
	}
	if (ready)
		report_ready(s);
}

static void step_restart(struct stack *s, struct child *c, uint64_t now)
{
	if (c->state == CHILD_WAITING && now >= c->restart_at_ms) {
		bb_log(EV_SERVICE_DIED, BB_STR("name", c->name), BB_STR("reason", c->reason), BB_UINT("restarts", c->restarts));
		start_child(s, c);
	}
	if (c->has_watchdog && c->state == CHILD_READY && c->last_watchdog_ms && now > c->last_watchdog_ms + 10000) {
		bb_log(EV_SERVICE_DIED, BB_STR("name", c->name), BB_STR("reason", "no sign of life for 10 s, killing it"));
		kill(c->pid, SIGKILL);
		c->last_watchdog_ms = 0;
	}
}

static void step_stop(struct stack *s, uint64_t now)
{
	bool others = false;

	for (size_t i = 0; i < s->n_children; i++) {
		struct child *c = &s->child[i];

		if (c->pid > 0 && now > s->deadline_ms)
			kill(c->pid, SIGKILL);
		if (c->pid > 0 && strcmp(c->name, "postgres") != 0)
			others = true;
	}
	if (others)
		return;
	struct child *pg = stack_find(s, "postgres");
	if (pg && pg->pid > 0) {
		if (pg->state != CHILD_STOPPING)
			child_stop(pg);
		return;
	}
	bb_loop_stop(s->loop);
}

/* Daemons and one-shots have 60 s. PostgreSQL has had its time when everything else is settled; a failed one-shot is told then. */
static void check_deadline(struct stack *s, uint64_t now)
{
	struct child *late = NULL;
	bool pending = false;

	if (s->all_ready || s->stopping || s->n_started < s->n_children)
		return;
	for (size_t i = 0; i < s->n_children; i++) {
		struct child *c = &s->child[i];

		if (c->state == CHILD_READY)
			continue;
		if (!late || (is_record(late) && !is_record(c)))
			late = c;
		pending = pending || !is_record(c) || (c->once && c->state != CHILD_FAILED);
	}
	if (late && (!pending || now > s->deadline_ms))
		report_failure(s, late, "is not ready");
}

/* The migration is made up for when PostgreSQL comes later. */
static void step_migrate(struct stack *s, uint64_t now)
{
	struct child *pg = stack_find(s, "postgres"), *c = stack_find(s, "migrate");

	if (pg && c && pg->state == CHILD_READY && c->state == CHILD_FAILED && c->pid == 0 && now > c->started_ms + 5000)
		start_child(s, c);
}

void stack_step(struct stack *s)
{
	uint64_t now = bb_loop_now_ms(s->loop);

	if (s->stopping) {
		step_stop(s, now);
		return;
	}
	for (size_t i = 0; i < s->n_children; i++) {
		check_ready(s, &s->child[i]);
		step_restart(s, &s->child[i], now);
	}
	step_migrate(s, now);
	if (s->all_ready) {
		step_welcome(s, now);
		return;
	}
	step_start(s, now);
	check_deadline(s, now);
}

void stack_stop(struct stack *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->deadline_ms = bb_loop_now_ms(s->loop) + STOP_DEADLINE_MS;
	for (size_t i = 0; i < s->n_children; i++) {
		s->child[i].wanted = false;
		if (strcmp(s->child[i].name, "postgres") != 0)
			child_stop(&s->child[i]);
	}
	stack_step(s);
}

char *stack_status_json(const struct stack *s)
{
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	char address[64];

	snprintf(address, sizeof(address), "http://127.0.0.1:%u/", s->http_port);
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "address", address);
	bb_json_str(&j, "run", s->run);
	bb_json_bool(&j, "ready", s->all_ready);
	bb_json_arr(&j, "daemons");
	for (size_t i = 0; i < s->n_children; i++) {
		const struct child *c = &s->child[i];

		if (c->once)
			continue;
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "name", c->name);
		bb_json_int(&j, "pid", c->pid);
		bb_json_str(&j, "state", child_state_name(c->state));
		bb_json_int(&j, "restarts", c->restarts);
		bb_json_str(&j, "reason", c->reason[0] ? c->reason : NULL);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	return out.data;
}
