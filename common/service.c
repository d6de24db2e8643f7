// SPDX-License-Identifier: Apache-2.0
#include "common/service.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/service_files.h"
#include "common/str.h"

enum { EXIT_ORDER = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	const char *dir, *config;
	bool check, print_config, debug;
};

struct bb_service {
	const struct bb_service_spec *spec;
	struct bb_dirs dirs;
	struct bb_loop *loop;
	int lock_fd;
	uint64_t epoch;
	uint64_t fed_turns; /* turns of the loop when the watchdog was last fed */
	bool is_ready, has_failed;
};

/* ---- options ---- */

static const struct option long_options[] = {
	{ "dir", required_argument, NULL, 'd' },
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, 'k' },
	{ "print-config", no_argument, NULL, 'p' },
	{ "debug", no_argument, NULL, 'g' },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void help_schema_print(const struct bb_conf_item *schema)
{
	for (; schema && schema->key; schema++) {
		printf("  %-26s %s (default %s%s%s", schema->key, schema->help,
			*schema->fallback ? schema->fallback : "empty", *schema->unit ? " " : "",
			schema->unit);
		if (schema->type == BB_CONF_INT)
			printf("; %lld to %lld", (long long)schema->min, (long long)schema->max);
		printf(")\n");
	}
}

static void help_print(const struct bb_service_spec *spec)
{
	printf("%s - %s\n\n"
	       "usage: %s [options]\n"
	       "  --dir DIR       use DIR/etc, DIR/lib/%s and DIR/run instead of the installed folders\n"
	       "  --config FILE   read FILE instead of busbar.conf\n"
	       "  --check         check the settings and end\n"
	       "  --print-config  print the settings in force and end\n"
	       "  --debug         log more\n"
	       "  --version       print the version and end\n"
	       "  --help          print this text and end\n\n"
	       "settings, in group \"%s\" (or \"common\") of busbar.conf:\n",
		spec->name, spec->summary, spec->name, spec->name, spec->name);
	help_schema_print(spec->schema);
}

/* Returns -1 to go on, otherwise the exit code. */
static int options_parse(const struct bb_service_spec *spec, int argc, char **argv,
	struct options *o)
{
	int c;

	optind = 0; /* begin anew even when a test has called us before */
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 'd': o->dir = optarg; break;
		case 'c': o->config = optarg; break;
		case 'k': o->check = true; break;
		case 'p': o->print_config = true; break;
		case 'g': o->debug = true; break;
		case 'v': printf("%s %s\n", spec->name, BUSBAR_VERSION); return EXIT_ORDER;
		case 'h': help_print(spec); return EXIT_ORDER;
		default: fprintf(stderr, "%s: see --help\n", spec->name); return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unexpected argument \"%s\", see --help\n", spec->name,
			argv[optind]);
		return EXIT_USAGE;
	}
	return -1;
}

/* ---- process ---- */

/* Large blocks (configurations, lists, tables that grew) go back to the system when they are freed. Left to
 * itself the allocator begins to keep them after the first one. */
static void memory_tune(void)
{
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	mallopt(M_TRIM_THRESHOLD, 512 * 1024);
}

static void process_harden(void)
{
	const struct rlimit no_core = { .rlim_cur = 0, .rlim_max = 0 };
	struct rlimit files;

	/* Secrets in memory: no core file, no ptrace by others of the same uid. Best effort: a
	 * container may forbid it. */
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
	/* Each daemon has its own uid; they meet in the sockets of the run folder through their
	 * common group. State folders are closed to the group by their own mode. */
	umask(0007);
}

static int folders_make(const struct bb_dirs *dirs, struct bb_err *err)
{
	if (service_folder_make(dirs->run, 0700, err) < 0)
		return -1;
	return service_folder_make(dirs->lib, 0700, err);
}

static int settings_load(const struct bb_service_spec *spec, const struct bb_dirs *dirs,
	const struct options *o, struct bb_err *err)
{
	char file[sizeof(dirs->etc) + 16];

	if (o->config && access(o->config, F_OK) < 0)
		return bb_err_errno(err, "cannot find \"%s\"", o->config);
	snprintf(file, sizeof(file), "%s/busbar.conf", dirs->etc);
	return bb_conf_load(o->config ? o->config : file, spec->name, spec->schema, spec->settings,
		err);
}

static void fatal_log(const struct bb_err *err)
{
	bb_log(EV_FATAL, BB_ERRTEXT(err));
	sd_notifyf(0, "STATUS=%s", err->text);
}

/* ---- events of the loop ---- */

static void on_terminate(void *arg)
{
	struct bb_service *s = arg;

	sd_notify(0, "STOPPING=1");
	bb_loop_stop(s->loop);
}

static void on_dump(void *arg)
{
	struct bb_service *s = arg;
	struct bb_err err;
	char now[32];
	FILE *f = service_dump_open(s->dirs.run, s->spec->name, &err);

	if (!f) {
		bb_log(EV_NOTE, BB_ERRTEXT(&err));
		return;
	}
	fprintf(f, "%s %s, process %ld, %s, %llu turns\n", s->spec->name, BUSBAR_VERSION,
		(long)getpid(), bb_clock_rfc3339(bb_clock_real_us(), now),
		(unsigned long long)bb_loop_turns(s->loop));
	if (s->spec->dump)
		s->spec->dump(s->spec->arg, f);
	fclose(f);
}

/* The timer proves that timers run; the count proves that whole turns, descriptors and hooks
 * included, came to their end. */
static void on_watchdog(void *arg)
{
	struct bb_service *s = arg;
	uint64_t turns = bb_loop_turns(s->loop);

	if (turns == s->fed_turns)
		return;
	s->fed_turns = turns;
	sd_notify(0, "WATCHDOG=1");
}

static void watchdog_start(struct bb_service *s)
{
	uint64_t usec;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return;
	sd_notify(0, "WATCHDOG=1");
	bb_loop_every(s->loop, usec >= 4000 ? usec / 2000 : 1, on_watchdog, s);
}

/* ---- life ---- */

static int service_open(struct bb_service *s, struct bb_err *err)
{
	if (folders_make(&s->dirs, err) < 0)
		return -1;
	if (s->spec->needs_lock) {
		s->lock_fd = service_lock_take(s->dirs.lib, s->spec->name, err);
		if (s->lock_fd < 0)
			return -1;
	}
	s->loop = bb_loop_new(err);
	if (!s->loop)
		return -1;
	bb_loop_on_signal(s->loop, SIGTERM, on_terminate, s);
	bb_loop_on_signal(s->loop, SIGINT, on_terminate, s);
	bb_loop_on_signal(s->loop, SIGUSR1, on_dump, s);
	return 0;
}

static int service_live(struct bb_service *s)
{
	const struct bb_service_spec *spec = s->spec;
	struct bb_err err = { "" };
	int rc = EXIT_FAILED;

	if (service_open(s, &err) < 0) {
		fatal_log(&err);
		goto out;
	}
	if (spec->start(s, spec->arg, &err) < 0) {
		fatal_log(&err);
		spec->stop(spec->arg);
		goto out;
	}
	watchdog_start(s);
	bb_loop_run(s->loop);
	spec->stop(spec->arg);
	bb_log(EV_STOP, BB_STR("reason", s->has_failed ? "failed" : "asked to"));
	rc = s->has_failed ? EXIT_FAILED : EXIT_ORDER;
out:
	bb_loop_free(s->loop);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	return rc;
}

int bb_service_run(const struct bb_service_spec *spec, int argc, char **argv)
{
	struct bb_service s = { .spec = spec, .lock_fd = -1 };
	struct options o = { 0 };
	struct bb_err err = { "" };
	int rc = options_parse(spec, argc, argv, &o);

	if (rc >= 0)
		return rc;
	process_harden();
	memory_tune();
	bb_log_open(spec->name, o.debug ? BB_DEBUG : BB_INFO);
	if (bb_dirs_find(o.dir, spec->name, &s.dirs, &err) < 0 ||
		settings_load(spec, &s.dirs, &o, &err) < 0) {
		fatal_log(&err);
		return EXIT_USAGE;
	}
	if (o.print_config)
		bb_conf_print(spec->name, spec->schema, spec->settings);
	else if (o.check)
		printf("the settings are valid\n");
	else {
		bb_log(EV_START, BB_STR("version", BUSBAR_VERSION), BB_INT("pid", getpid()));
		rc = service_live(&s);
	}
	bb_conf_free(spec->schema, spec->settings);
	return rc < 0 ? EXIT_ORDER : rc;
}

struct bb_loop *bb_service_loop(struct bb_service *s)
{
	return s->loop;
}

const struct bb_dirs *bb_service_dirs(struct bb_service *s)
{
	return &s->dirs;
}

const char *bb_service_name(struct bb_service *s)
{
	return s->spec->name;
}

void bb_service_ready(struct bb_service *s)
{
	if (s->is_ready)
		return;
	s->is_ready = true;
	sd_notify(0, "READY=1");
	bb_log(EV_READY, BB_INT("pid", getpid()));
}

void bb_service_status(struct bb_service *s, const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}

void bb_service_fail(struct bb_service *s, const struct bb_err *err)
{
	if (s->has_failed)
		return;
	s->has_failed = true;
	fatal_log(err);
	bb_loop_stop(s->loop);
}

uint64_t bb_service_epoch(struct bb_service *s)
{
	if (s->epoch == 0)
		s->epoch = service_epoch_next(s->dirs.lib);
	return s->epoch;
}
