// SPDX-License-Identifier: Apache-2.0
/* The daemon under test is a child of this program; what it says to its supervisor is read from a
 * socket of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/service.h"
#include "common/service_files.h"

enum { DEADLINE_MS = 20000 };

struct settings {
	int64_t number;
};

// clang-format off
static const struct bb_conf_item schema[] = {
	{ "number", BB_CONF_INT, offsetof(struct settings, number), "ms", 1, 10, "3", "a number" },
	BB_CONF_END
};
// clang-format on

static struct settings settings;
static char dir[64], said[4096];
static int notify_fd = -1;

enum behaviour { GOOD, FAILS_AT_START, FAILS_LATER, BLOCKS };

struct child {
	enum behaviour behaviour;
	struct bb_service *service;
};

static void on_fail(void *arg)
{
	struct child *c = arg;
	struct bb_err err;

	bb_err_set(&err, "the thing broke");
	bb_service_fail(c->service, &err);
}

static void on_block(void *arg)
{
	for (;;)
		pause();
}

static int child_start(struct bb_service *s, void *arg, struct bb_err *err)
{
	struct child *c = arg;

	c->service = s;
	if (c->behaviour == FAILS_AT_START)
		return bb_err_set(err, "cannot find the thing");
	bb_service_status(s, bb_service_name(s));
	bb_service_ready(s);
	bb_service_ready(s);
	if (c->behaviour == FAILS_LATER)
		bb_loop_after(bb_service_loop(s), 0, on_fail, c);
	if (c->behaviour == BLOCKS)
		bb_loop_after(bb_service_loop(s), 0, on_block, c);
	return 0;
}

static void child_stop(void *arg)
{
	fprintf(stderr, "stop called\n");
}

static void child_dump(void *arg, FILE *f)
{
	fprintf(f, "number %lld\n", (long long)settings.number);
}

/* Runs the service in a child with stdout and stderr in DIR/out. */
static pid_t child_run(enum behaviour behaviour, const char *const *more)
{
	char *argv[8] = { (char *)"probed", (char *)"--dir", dir };
	int argc = 3;
	pid_t pid;

	for (; more && *more; more++)
		argv[argc++] = (char *)*more;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct child c = { .behaviour = behaviour };
		const struct bb_service_spec spec = {
			.name = "probed",
			.summary = "a daemon that does nothing",
			.schema = schema,
			.settings = &settings,
			.start = child_start,
			.stop = child_stop,
			.dump = child_dump,
			.arg = &c,
			.needs_lock = true,
		};
		char file[96];
		int out, rc;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(file, sizeof(file), "%s/out", dir);
		out = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		rc = bb_service_run(&spec, argc, argv);
		fflush(stdout);
		_exit(rc);
	}
	assert_true(pid > 0);
	return pid;
}

/* Waits until the child has said `word` to its supervisor; what came is in `said`. False after
 * DEADLINE_MS. */
static bool heard(const char *word)
{
	uint64_t end_ms = bb_clock_mono_ms() + DEADLINE_MS;

	for (;;) {
		struct pollfd p = { .fd = notify_fd, .events = POLLIN };
		ssize_t n;

		if (bb_clock_mono_ms() > end_ms || poll(&p, 1, DEADLINE_MS) <= 0)
			return false;
		n = recv(notify_fd, said, sizeof(said) - 1, 0);
		said[n > 0 ? n : 0] = '\0';
		if (strstr(said, word))
			return true;
	}
}

static int exit_code(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The text of a file below DIR, "" when there is none. Caller frees. */
static char *text_of(const char *leaf)
{
	char file[128], *text = bb_calloc(1, 65536);
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", dir, leaf);
	f = fopen(file, "r");
	if (!f)
		return text;
	text[fread(text, 1, 65535, f)] = '\0';
	fclose(f);
	return text;
}

static void has_text(const char *leaf, const char *expected)
{
	bb_autofree char *text = text_of(leaf);

	if (!strstr(text, expected))
		fail_msg("%s lacks \"%s\":\n%s", leaf, expected, text);
}

static int setup(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(dir, sizeof(dir), "/tmp/test_service.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/notify", dir);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	unsetenv("WATCHDOG_USEC");
	return bind(notify_fd, (struct sockaddr *)&at, sizeof(at));
}

static int teardown(void **state)
{
	char command[128];

	close(notify_fd);
	unsetenv("NOTIFY_SOCKET");
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void ready_once_and_ended_in_order(void **state)
{
	pid_t pid = child_run(GOOD, NULL);

	assert_true(heard("READY=1"));
	kill(pid, SIGTERM);
	assert_true(heard("STOPPING=1"));
	assert_int_equal(exit_code(pid), 0);
	has_text("out", "info probed ready");
	has_text("out", "stop called");
	has_text("out", "reason=\"asked to\"");
}

static void second_instance_is_refused_with_the_pid_of_the_first(void **state)
{
	pid_t first = child_run(GOOD, NULL), second;
	char expected[64];

	assert_true(heard("READY=1"));
	second = child_run(GOOD, NULL);
	assert_int_equal(exit_code(second), 1);
	snprintf(expected, sizeof(expected), "as process %d; stop it", first);
	has_text("out", expected);
	kill(first, SIGKILL);
	assert_int_equal(exit_code(first), -SIGKILL);
	/* The lock of a killed one is free at once. */
	second = child_run(GOOD, NULL);
	assert_true(heard("READY=1"));
	kill(second, SIGINT);
	assert_int_equal(exit_code(second), 0);
}

static void failed_start_says_why_and_still_stops(void **state)
{
	assert_int_equal(exit_code(child_run(FAILS_AT_START, NULL)), 1);
	has_text("out", "error probed fatal error=\"cannot find the thing\"");
	has_text("out", "stop called");
}

static void later_failure_ends_with_one(void **state)
{
	assert_int_equal(exit_code(child_run(FAILS_LATER, NULL)), 1);
	has_text("out", "error probed fatal error=\"the thing broke\"");
	has_text("out", "stop called");
}

static void wrong_usage_or_settings_end_with_two(void **state)
{
	char file[128];
	FILE *f;

	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "--nonsense", NULL })), 2);
	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "surplus", NULL })), 2);
	has_text("out", "unexpected argument \"surplus\"");
	assert_int_equal(exit_code(child_run(GOOD,
				 (const char *[]){ "--config", "/nonexistent", NULL })),
		2);
	snprintf(file, sizeof(file), "%s/etc", dir);
	mkdir(file, 0700);
	snprintf(file, sizeof(file), "%s/etc/busbar.conf", dir);
	f = fopen(file, "w");
	fputs("common = {\n number = 11; };\n", f);
	fclose(f);
	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "--check", NULL })), 2);
	has_text("out", "busbar.conf:2: number is 11, but must be 1 to 10 ms");
}

static void options_that_only_tell_tell(void **state)
{
	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "--help", NULL })), 0);
	has_text("out", "probed - a daemon that does nothing");
	has_text("out", "a number (default 3 ms; 1 to 10)");
	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "--version", NULL })), 0);
	has_text("out", "probed " BUSBAR_VERSION);
	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "--check", NULL })), 0);
	has_text("out", "the settings are valid");
	assert_int_equal(exit_code(child_run(GOOD, (const char *[]){ "--print-config", NULL })), 0);
	has_text("out", "number = 3;");
}

static void dump_holds_the_state(void **state)
{
	uint64_t end_ms = bb_clock_mono_ms() + DEADLINE_MS;
	pid_t pid = child_run(GOOD, NULL);
	bool found = false;

	assert_true(heard("READY=1"));
	kill(pid, SIGUSR1);
	while (!found && bb_clock_mono_ms() < end_ms) {
		bb_autofree char *text = text_of("run/probed.dump");

		found = strstr(text, "number 3\n");
		poll(NULL, 0, 10);
	}
	assert_true(found);
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), 0);
}

static void watchdog_is_fed_while_the_loop_turns(void **state)
{
	pid_t pid;

	setenv("WATCHDOG_USEC", "200000", 1);
	pid = child_run(GOOD, NULL);
	for (int i = 0; i < 3; i++)
		assert_true(heard("WATCHDOG=1"));
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), 0);
}

static void watchdog_starves_when_the_loop_stands(void **state)
{
	struct pollfd p = { .fd = notify_fd, .events = POLLIN };
	pid_t pid;

	setenv("WATCHDOG_USEC", "200000", 1);
	pid = child_run(BLOCKS, NULL);
	assert_true(heard("READY=1"));
	/* The meal at the start and one that was cooking; then ten times the interval of silence.
	 */
	while (poll(&p, 1, 1000) > 0)
		assert_true(recv(notify_fd, said, sizeof(said), 0) > 0);
	kill(pid, SIGKILL);
	assert_int_equal(exit_code(pid), -SIGKILL);
}

static void process_has_no_core_and_the_folder_is_closed(void **state)
{
	pid_t pid = child_run(GOOD, NULL);
	struct rlimit core;
	struct stat st;
	char file[128];

	assert_true(heard("READY=1"));
	assert_int_equal(prlimit(pid, RLIMIT_CORE, NULL, &core), 0);
	assert_int_equal(core.rlim_max, 0);
	snprintf(file, sizeof(file), "%s/lib/probed", dir);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
	kill(pid, SIGTERM);
	assert_int_equal(exit_code(pid), 0);
}

static void epoch_grows_with_each_start_and_without_its_file(void **state)
{
	uint64_t before = service_epoch_next(dir) >> 32, now_s = bb_clock_real_us() / 1000000;
	char file[128];
	FILE *f;

	for (int i = 0; i < 20; i++) {
		uint64_t next = service_epoch_next(dir) >> 32;

		assert_true(next > before);
		before = next;
	}
	assert_true(before >= now_s);
	snprintf(file, sizeof(file), "%s/epoch", dir);
	f = fopen(file, "w");
	fputs("garbage", f);
	fclose(f);
	assert_true(service_epoch_next(dir) >> 32 >= now_s);
	/* The wall clock is behind the count: the count goes on. */
	f = fopen(file, "w");
	fputs("4000000000\n", f);
	fclose(f);
	assert_int_equal(service_epoch_next(dir) >> 32, 4000000001);
	assert_true(service_epoch_next("/nonexistent") >> 32 >= now_s);
}

static void folders_follow_dir_and_run_path(void **state)
{
	struct bb_dirs d;
	struct bb_err err;
	char file[128], expected[128];
	FILE *f;

	setenv("BUSBAR_SHARE", "/some/share", 1);
	assert_int_equal(bb_dirs_find(dir, "alarmd", &d, &err), 0);
	snprintf(expected, sizeof(expected), "%s/lib/alarmd", dir);
	assert_string_equal(d.lib, expected);
	snprintf(expected, sizeof(expected), "%s/run", dir);
	assert_string_equal(d.run, expected);
	assert_string_equal(d.share, "/some/share");
	unsetenv("BUSBAR_SHARE");
	snprintf(file, sizeof(file), "%s/run.path", dir);
	f = fopen(file, "w");
	fputs("/tmp/short\n", f);
	fclose(f);
	assert_int_equal(bb_dirs_find(dir, "alarmd", &d, &err), 0);
	assert_string_equal(d.run, "/tmp/short");
	f = fopen(file, "w");
	fputs("relative\n", f);
	fclose(f);
	assert_int_equal(bb_dirs_find(dir, "alarmd", &d, &err), -1);
	assert_int_equal(bb_dirs_find("/nonexistent", "alarmd", &d, &err), -1);
	assert_string_equal(err.text,
		"cannot use --dir \"/nonexistent\": No such file or directory");
	assert_int_equal(bb_dirs_find(NULL, "alarmd", &d, &err), 0);
	assert_string_equal(d.lib, "/var/lib/busbar/alarmd");
	assert_string_equal(d.run, "/run/busbar");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ready_once_and_ended_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			second_instance_is_refused_with_the_pid_of_the_first, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_start_says_why_and_still_stops, setup,
			teardown),
		cmocka_unit_test_setup_teardown(later_failure_ends_with_one, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_usage_or_settings_end_with_two, setup,
			teardown),
		cmocka_unit_test_setup_teardown(options_that_only_tell_tell, setup, teardown),
		cmocka_unit_test_setup_teardown(dump_holds_the_state, setup, teardown),
		cmocka_unit_test_setup_teardown(watchdog_is_fed_while_the_loop_turns, setup,
			teardown),
		cmocka_unit_test_setup_teardown(watchdog_starves_when_the_loop_stands, setup,
			teardown),
		cmocka_unit_test_setup_teardown(process_has_no_core_and_the_folder_is_closed, setup,
			teardown),
		cmocka_unit_test_setup_teardown(epoch_grows_with_each_start_and_without_its_file,
			setup, teardown),
		cmocka_unit_test_setup_teardown(folders_follow_dir_and_run_path, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
