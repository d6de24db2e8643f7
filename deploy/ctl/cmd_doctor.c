// SPDX-License-Identifier: Apache-2.0
/* doctor: one line per check, "ok" or "bad" with the remedy; exit code 1 when one is bad.
 * Changes nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/seal.h"
#include "common/str.h"
#include "deploy/ctl/database.h"

#define LIBEVENT_PACKAGE  "libevent-core-2.1-7"
#define LIBEVENT_NEEDED   "2.1.12-stable-8+deb12u1" /* the first with eight security fixes of 2026 */
#define DISK_FREE_MIN_MB  500
#define DISK_FREE_MIN_PCT 3

struct doctor {
	struct ctl *c;
	json_t *lines;
	unsigned n_bad;
};

static void say(struct doctor *d, bool is_ok, const char *check, const char *fmt, ...)
	BB_PRINTF(4, 5);
static void say(struct doctor *d, bool is_ok, const char *check, const char *fmt, ...)
{
	char text[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->n_bad += !is_ok;
	if (d->c->is_json)
		json_array_append_new(d->lines,
			json_pack("{s:s, s:b, s:s}", "check", check, "ok", is_ok, "text", text));
	else
		printf("%-4s %-22s %s\n", is_ok ? "ok" : "bad", check, text);
}

/* ---- packages ---- */

/* Run a program without a shell; its first line of output in `out`. Returns its exit code, -1
 * when it cannot be run. */
static int run_program(const char *const *argv, char *out, size_t cap)
{
	int fds[2], status = -1;
	ssize_t n;
	pid_t pid;

	out[0] = '\0';
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null_fd, 0);
		dup2(fds[1], 1);
		dup2(null_fd, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fds[1]);
	n = pid > 0 ? read(fds[0], out, cap - 1) : 0;
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	close(fds[0]);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status)
									  : -1;
}

static void check_libevent(struct doctor *d)
{
	const char *const query[] = { "dpkg-query", "-W", "-f", "${Version}", LIBEVENT_PACKAGE,
		NULL };
	char version[100], nothing[8];
	int rc = run_program(query, version, sizeof(version));
	const char *const compare[] = { "dpkg", "--compare-versions", version, "ge",
		LIBEVENT_NEEDED, NULL };

	if (rc == -1)
		say(d, true, "libevent",
			"not a Debian system; see that libevent is 2.1.13 or has its fixes");
	else if (rc != 0)
		say(d, false, "libevent", "package %s is not installed; apt-get install %s",
			LIBEVENT_PACKAGE, LIBEVENT_PACKAGE);
	else if (run_program(compare, nothing, sizeof(nothing)) != 0)
		say(d, false, "libevent", "%s has known holes; apt-get install %s (%s or newer)",
			version, LIBEVENT_PACKAGE, LIBEVENT_NEEDED);
	else
		say(d, true, "libevent", "%s", version);
}

/* ---- files ---- */

static void check_disk(struct doctor *d, const char *check, const char *path)
{
	struct statvfs s;
	unsigned long long free_mb, total_mb;

	if (statvfs(path, &s) != 0) {
		say(d, false, check, "cannot look at \"%s\": %s", path, strerror(errno));
		return;
	}
	free_mb = (unsigned long long)s.f_bavail * s.f_frsize >> 20;
	total_mb = (unsigned long long)s.f_blocks * s.f_frsize >> 20;
	bool is_ok = free_mb >= DISK_FREE_MIN_MB && free_mb * 100 >= total_mb * DISK_FREE_MIN_PCT;
	say(d, is_ok, check, "%llu of %llu MB free at \"%s\"%s", free_mb, total_mb, path,
		is_ok ? "" : "; free some space");
}

static void check_disks(struct doctor *d)
{
	char parent[256];
	char *slash;

	bb_copy(parent, sizeof(parent), d->c->dirs.lib);
	slash = strrchr(parent, '/');
	if (slash && slash > parent)
		*slash = '\0';
	check_disk(d, "disk", parent);
}

static void check_key(struct doctor *d, const char *daemon)
{
	char public_file[320], secret_file[320], check[40];
	struct bb_err err;
	struct bb_sealer *s = bb_sealer_load(d->c->dirs.etc, daemon, &err);
	struct stat st;

	snprintf(check, sizeof(check), "key %s", daemon);
	snprintf(public_file, sizeof(public_file), "%s/keys/%s.pub", d->c->dirs.etc, daemon);
	snprintf(secret_file, sizeof(secret_file), "%s/secret/%s.key", d->c->dirs.etc, daemon);
	if (!s)
		say(d, false, check, "%s; make it with busbar-keys or restore it from a backup",
			err.text);
	else if (stat(secret_file, &st) != 0 && errno == ENOENT)
		say(d, false, check,
			"\"%s\" is missing; restore it from a backup: what is sealed to it cannot be read",
			secret_file);
	else if (stat(secret_file, &st) == 0 && (st.st_mode & 077))
		say(d, false, check, "\"%s\" can be read by others; chmod 600", secret_file);
	else
		say(d, true, check, "%s", public_file);
	bb_sealer_free(s);
}

static void check_keys(struct doctor *d)
{
	char file[320];
	struct stat st;

	check_key(d, "collect-snmp");
	check_key(d, "collect-snmptrap");
	check_key(d, "notifyd");
	snprintf(file, sizeof(file), "%s/install.key", d->c->dirs.lib);
	if (stat(file, &st) != 0)
		say(d, errno == EACCES, "key install", "\"%s\": %s%s", file, strerror(errno),
			errno == EACCES ? "" : "; start webd once, it makes the key");
	else
		say(d, !(st.st_mode & 077), "key install", "\"%s\"%s", file,
			st.st_mode & 077 ? " can be read by others; chmod 600" : "");
}

/* ---- sockets, daemons ---- */

static void check_sockets(struct doctor *d)
{
	static const struct {
		const char *leaf, *daemon;
	} sockets[] = {
		{ "busd.in", "busd" },
		{ "busd.out", "busd" },
		{ "busd.snap", "busd" },
		{ "busd.cmd", "busd" },
		{ "readings.alarmd", "alarmd" },
		{ "alarmd.log", "alarmd" },
		{ "alarmd.conf", "alarmd" },
		{ "readings.shutdownd", "shutdownd" },
		{ "api.sock", "webd" },
	};
	unsigned missing = 0;

	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		char path[160];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", d->c->dirs.run, sockets[i].leaf);
		if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
			continue;
		missing++;
		say(d, false, "socket", "\"%s\" is missing; start %s", path, sockets[i].daemon);
	}
	if (missing == 0)
		say(d, true, "sockets", "all %zu in %s", sizeof(sockets) / sizeof(sockets[0]),
			d->c->dirs.run);
}

static void check_daemon(struct doctor *d, const json_t *daemon)
{
	const char *name = ctl_text(daemon, "name"), *state = ctl_text(daemon, "state");
	json_t *t;
	size_t i;

	say(d, strcmp(state, "alive") == 0, name, "%s, pid %s, up since %s%s", state,
		ctl_text(daemon, "pid"), ctl_text(daemon, "up_since"),
		strcmp(state, "alive") ? "; start it, or look into its log" : "");
	json_array_foreach(json_object_get(daemon, "troubles"), i, t)
		say(d, false, name, "%s: %s", ctl_text(t, "code"), ctl_text(t, "text"));
}

static void check_daemons(struct doctor *d)
{
	struct ctl_answer a;
	json_t *v;
	size_t i;

	if (ctl_call(d->c, "GET", "/system", NULL, &a) != 0) {
		say(d, false, "webd", "does not answer; start it, or look into its log");
		return;
	}
	json_array_foreach(json_object_get(a.json, "daemons"), i, v) check_daemon(d, v);
	ctl_answer_free(&a);
}

/* ---- database, clock ---- */

static void check_schema(struct doctor *d, PGconn *pg)
{
	struct bb_err err;
	int version = database_version(pg, &err),
	    newest = version < 0 ? -1 : database_newest(d->c, &err);

	if (version < 0 || newest < 0)
		say(d, false, "schema", "%s", err.text);
	else if (version < newest)
		say(d, false, "schema", "version %d, these programs need %d; run busbarctl migrate",
			version, newest);
	else
		say(d, true, "schema", "version %d%s", version,
			version > newest ? " (made by newer programs)" : "");
}

static void check_database(struct doctor *d)
{
	struct bb_err err;
	char *conninfo = database_conninfo(d->c, &err);
	bool is_missing = false;
	PGconn *pg = conninfo ? database_connect(conninfo, &is_missing, &err) : NULL;

	free(conninfo);
	if (!pg) {
		say(d, false, "postgresql", "%s%s", err.text,
			is_missing ? "; run busbarctl migrate" : "; start PostgreSQL");
		return;
	}
	say(d, PQserverVersion(pg) >= 150000, "postgresql", "version %d.%d%s",
		PQserverVersion(pg) / 10000, PQserverVersion(pg) % 10000,
		PQserverVersion(pg) >= 150000 ? "" : "; version 15 or newer is needed");
	check_schema(d, pg);
	PQfinish(pg);
}

/* No decision compares the wall clock, but the log shows it. */
static void check_clock(struct doctor *d)
{
	struct timex t = { 0 };
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	if (tm.tm_year + 1900 < 2026)
		say(d, false, "clock",
			"the year is %d; set the clock and install a time service such as systemd-timesyncd",
			tm.tm_year + 1900);
	else if (adjtimex(&t) == TIME_ERROR)
		say(d, true, "clock",
			"set, but not kept by a time service of this host (systemd-timesyncd, chrony)");
	else
		say(d, true, "clock", "kept by a time service");
}

int cmd_doctor(struct ctl *c)
{
	struct doctor d = { .c = c, .lines = json_array() };

	check_libevent(&d);
	check_disks(&d);
	check_clock(&d);
	check_keys(&d);
	check_database(&d);
	check_sockets(&d);
	check_daemons(&d);
	if (c->is_json)
		ctl_print_json(json_incref(d.lines));
	json_decref(d.lines);
	return d.n_bad > 0;
}
