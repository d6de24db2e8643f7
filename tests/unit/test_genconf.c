// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/genconf.h"
#include "common/str.h"
#include "tests/unit/bus_lib.h"

struct site {
	struct bed *bed;
	struct bb_bus *daemon_bus;
	struct bb_pub *pub;
	struct bb_genconf *conf;
	struct bb_genconf_server *server;
	char file[128];
	unsigned applied;
	uint64_t generation;
	char key[64]; /* of the first device applied */
	uint64_t want;
};

static int on_apply(void *arg, const Busbar__V1__Config *c, uint64_t generation, struct bb_err *err)
{
	struct site *s = arg;

	if (c->n_device && strcmp(c->device[0]->key, "bad") == 0)
		return bb_err_set(err, "device \"bad\" cannot be used");
	s->applied++;
	s->generation = generation;
	snprintf(s->key, sizeof(s->key), "%s", c->n_device ? c->device[0]->key : "");
	return 0;
}

/* A configuration with one device. */
static size_t body(const char *key, uint8_t *out)
{
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;
	Busbar__V1__ConfigDevice d = BUSBAR__V1__CONFIG_DEVICE__INIT, *list = &d;

	d.key = (char *)key;
	d.has_device_id = 1;
	d.device_id = 1;
	c.n_device = 1;
	c.device = &list;
	return busbar__v1__config__pack(&c, out);
}

static void put(struct site *s, uint64_t generation, const char *key)
{
	uint8_t b[256];

	bb_genconf_server_put(s->server, "collect-x", generation, b, body(key, b));
}

static void site_open(struct site *s, struct bed *b)
{
	struct bb_pub_options o = { 0 };

	memset(s, 0, sizeof(*s));
	s->bed = b;
	s->daemon_bus = bed_bus(b, "collect-x");
	s->pub = bb_pub_new(s->daemon_bus, &o, NULL);
	snprintf(s->file, sizeof(s->file), "%s/generation", b->dir);
}

static void client_open(struct site *s)
{
	s->conf = bb_genconf_new(s->daemon_bus, s->bed->dir, s->pub, on_apply, s, NULL);
	assert_non_null(s->conf);
}

static void client_close(struct site *s)
{
	bb_genconf_free(s->conf);
	s->conf = NULL;
}

static void server_open(struct site *s)
{
	s->server = bb_genconf_server_new(s->bed->bus, NULL);
	assert_non_null(s->server);
}

static void site_close(struct site *s)
{
	bb_genconf_free(s->conf);
	bb_genconf_server_free(s->server);
	bb_pub_free(s->pub);
	bb_bus_free(s->daemon_bus);
}

static bool in_force(void *arg)
{
	struct site *s = arg;

	return bb_genconf_generation(s->conf) == s->want;
}

#define reaches(s, g) ((s)->want = (g), bed_until((s)->bed, in_force, (s)))

static bool has_trouble(struct site *s, const char *code)
{
	struct bb_buf json = { 0 };
	bool found;

	bb_pub_json(s->pub, &json);
	found = strstr(json.data, code) != NULL;
	bb_buf_fini(&json);
	return found;
}

static bool is_refused(void *arg)
{
	return has_trouble(arg, "config_refused");
}

static uint64_t file_generation(const char *file)
{
	struct bb_arena *a = bb_arena_new(1024, 0);
	const uint8_t *b;
	uint64_t g = 0;
	size_t len;

	if (bb_genconf_file_read(file, a, &g, &b, &len, NULL) != 1)
		g = 0;
	bb_arena_free(a);
	return g;
}

/* ---- served ---- */

static void daemon_gets_its_generation_and_keeps_it_as_a_file(void **state)
{
	struct site s;

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	put(&s, 3, "hh/ups-1");
	assert_true(reaches(&s, 3));
	assert_string_equal(s.key, "hh/ups-1");
	assert_int_equal(file_generation(s.file), 3);
	put(&s, 4, "hh/ups-2");
	assert_true(reaches(&s, 4));
	assert_int_equal(s.applied, 2);
	site_close(&s);
}

static void unchanged_body_keeps_its_generation(void **state)
{
	struct site s;

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	put(&s, 3, "hh/ups-1");
	assert_true(reaches(&s, 3));
	put(&s, 4, "hh/ups-1");
	bed_turns(s.bed, 20);
	assert_int_equal(bb_genconf_generation(s.conf), 3);
	assert_int_equal(s.applied, 1);
	site_close(&s);
}

static void restored_database_with_a_smaller_number_is_noticed(void **state)
{
	struct site s;

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	put(&s, 9, "hh/ups-1");
	assert_true(reaches(&s, 9));
	bb_genconf_server_free(s.server);
	server_open(&s);
	put(&s, 2, "hh/ups-2");
	assert_true(reaches(&s, 2));
	assert_string_equal(s.key, "hh/ups-2");
	site_close(&s);
}

static void same_body_under_another_number_is_not_applied_again(void **state)
{
	struct site s;

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	put(&s, 9, "hh/ups-1");
	assert_true(reaches(&s, 9));
	bb_genconf_server_free(s.server);
	server_open(&s);
	put(&s, 2, "hh/ups-1");
	assert_true(reaches(&s, 2));
	assert_int_equal(s.applied, 1);
	assert_int_equal(file_generation(s.file), 2);
	site_close(&s);
}

static void refused_generation_leaves_the_one_before_and_an_own_alarm(void **state)
{
	struct site s;

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	put(&s, 3, "hh/ups-1");
	assert_true(reaches(&s, 3));
	put(&s, 4, "bad");
	assert_true(bed_until(s.bed, is_refused, &s));
	assert_int_equal(bb_genconf_generation(s.conf), 3);
	assert_int_equal(file_generation(s.file), 3);
	put(&s, 5, "hh/ups-2");
	assert_true(reaches(&s, 5));
	assert_false(has_trouble(&s, "config_refused"));
	site_close(&s);
}

static void generation_that_cannot_be_kept_is_in_force_with_an_own_alarm(void **state)
{
	struct site s;
	char temp[160];

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	snprintf(temp, sizeof(temp), "%s.new", s.file);
	assert_int_equal(mkdir(temp, 0700),
		0); /* root writes everywhere, but not into a folder's name */
	put(&s, 3, "hh/ups-1");
	assert_true(reaches(&s, 3));
	assert_true(has_trouble(&s, "config_unsaved"));
	assert_int_equal(rmdir(temp), 0);
	put(&s, 4, "hh/ups-2");
	assert_true(reaches(&s, 4));
	assert_false(has_trouble(&s, "config_unsaved"));
	site_close(&s);
}

/* ---- started from the file ---- */

static void daemon_starts_from_its_file_without_alarmd(void **state)
{
	struct site s;
	uint8_t b[256];

	site_open(&s, *state);
	assert_int_equal(bb_genconf_file_write(s.file, 8, b, body("hh/ups-1", b), NULL), 0);
	client_open(&s);
	assert_int_equal(bb_genconf_generation(s.conf), 8);
	assert_string_equal(s.key, "hh/ups-1");
	site_close(&s);
}

static void flip(const char *file, long at)
{
	FILE *f = fopen(file, "r+");
	int c;

	fseek(f, at, SEEK_SET);
	c = fgetc(f);
	fseek(f, at, SEEK_SET);
	fputc(c ^ 1, f);
	fclose(f);
}

static void damaged_file_is_set_aside_and_the_one_before_used(void **state)
{
	struct site s;
	char damaged[160];

	site_open(&s, *state);
	server_open(&s);
	client_open(&s);
	put(&s, 3, "hh/ups-1");
	assert_true(reaches(&s, 3));
	put(&s, 4, "hh/ups-2");
	assert_true(reaches(&s, 4));
	client_close(&s);
	bb_genconf_server_free(s.server);
	s.server = NULL;
	flip(s.file, 60);
	client_open(&s);
	assert_int_equal(bb_genconf_generation(s.conf), 3);
	assert_true(has_trouble(&s, "config_refused"));
	snprintf(damaged, sizeof(damaged), "%s.damaged", s.file);
	assert_int_equal(access(damaged, F_OK), 0);
	site_close(&s);
}

static void every_damage_to_the_file_is_noticed(void **state)
{
	struct bed *b = *state;
	char file[128];
	uint8_t c[256];
	size_t len = body("hh/ups-1", c);

	snprintf(file, sizeof(file), "%s/generation", b->dir);
	assert_int_equal(file_generation(file), 0);
	assert_int_equal(bb_genconf_file_write(file, 8, c, len, NULL), 0);
	for (long at = 0; at < (long)(56 + len); at++) {
		flip(file, at);
		assert_int_equal(file_generation(file), 0);
		flip(file, at);
	}
	assert_int_equal(file_generation(file), 8);
	assert_int_equal(truncate(file, (off_t)(56 + len - 1)), 0);
	assert_int_equal(file_generation(file), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)
	const struct CMUnitTest tests[] = {
		T(daemon_gets_its_generation_and_keeps_it_as_a_file),
		T(unchanged_body_keeps_its_generation),
		T(restored_database_with_a_smaller_number_is_noticed),
		T(same_body_under_another_number_is_not_applied_again),
		T(refused_generation_leaves_the_one_before_and_an_own_alarm),
		T(generation_that_cannot_be_kept_is_in_force_with_an_own_alarm),
		T(daemon_starts_from_its_file_without_alarmd),
		T(damaged_file_is_set_aside_and_the_one_before_used),
		T(every_damage_to_the_file_is_noticed),
	};
	return cmocka_run_group_tests_name("genconf", tests, NULL, NULL);
}
