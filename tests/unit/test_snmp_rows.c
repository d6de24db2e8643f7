// SPDX-License-Identifier: Apache-2.0
/* Rows of sensors: which of them a device has, and which numbers they bear in names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/plan.h"
#include "common/arena.h"

#define HEAD                                                                                       \
	"name = \"rows\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"

struct fixture {
	struct profile_set *set;
	struct plan_cache *cache;
	struct findings found;
	struct row_text rows[64];
	struct plan_input in;
};

static int setup(void **state)
{
	static const struct profile_oid anybody = { .n = 7, .id = { 1, 3, 6, 1, 4, 1, 9 } };
	struct fixture *f = bb_calloc(1, sizeof(*f));

	f->set = profile_set_new();
	f->cache = plan_cache_new();
	f->in = (struct plan_input){
		.found = &f->found,
		.sysobjectid = &anybody,
		.sysdescr = "",
		.row_text = f->rows,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	findings_free(&f->found);
	plan_cache_free(f->cache);
	profile_set_free(f->set);
	free(f);
	return 0;
}

static void use(struct fixture *f, const char *text)
{
	struct bb_err err = { { 0 } };

	if (profile_set_add(f->set, "rows", text, &err))
		fail_msg("%s", err.text);
	assert_int_equal(profile_set_link(f->set), 0);
	f->in.profile = profile_find(f->set, "rows");
}

static void refused(struct fixture *f, const char *text, const char *why)
{
	struct bb_err err = { { 0 } };

	assert_int_equal(profile_set_add(f->set, "rows", text, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
}

static struct row_id key(unsigned n, const unsigned *id)
{
	struct row_id k = { .n = (uint8_t)n };

	for (unsigned i = 0; i < n; i++)
		k.id[i] = id[i];
	return k;
}
#define KEY(...)                                                                                   \
	key(sizeof((unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned), (unsigned[]){ __VA_ARGS__ })

static void hold(struct fixture *f, unsigned point, struct row_id at, double number)
{
	struct finding *x = findings_add(&f->found);

	x->point = (uint16_t)point;
	x->suffix_n = at.n;
	memcpy(x->suffix, at.id, sizeof(at.id));
	x->number = number;
	x->is_number = true;
}

static void says(struct fixture *f, const char *column, struct row_id at, char *text)
{
	struct row_text *r = &f->rows[f->in.n_row_text++];

	*r = (struct row_text){ .row = at, .text = text };
	assert_int_equal(profile_oid_parse(column, &r->column), 0);
}

static struct plan *make(struct fixture *f)
{
	return plan_make(f->cache, &f->in);
}

static const struct plan_object *object(const struct plan *p, const char *name)
{
	int slot = layout_find(p->layout, name);

	for (unsigned i = 0; slot >= 0 && i < p->n_objects; i++) {
		if (p->object[i].slot == slot)
			return &p->object[i];
	}
	return NULL;
}

#define TEMPERATURE(rest)                                                                          \
	"{ point = \"ambient.{i}.temperature\"; unit = \"°C\"; group = \"measure\"; " rest " }"

/* ---- numbers ---- */

static void tables_number_their_rows_side_by_side(void **state)
{
	struct fixture *f = *state;

	use(f, HEAD
		"tables = ( { name = \"a\"; max_rows = 8; from = 0; }, { name = \"b\"; max_rows = 8; first = 9; } );"
		"points = ( " TEMPERATURE("column = \"1\"; table = \"a\";") ", " TEMPERATURE(
			"column = \"2\"; table = \"b\";") " );");
	hold(f, 0, KEY(0), 20);
	hold(f, 0, KEY(5), 20);
	hold(f, 1, KEY(2), 20);
	struct plan *p = make(f);
	assert_non_null(object(p, "ambient.1.temperature"));
	assert_non_null(object(p, "ambient.6.temperature"));
	assert_non_null(object(p, "ambient.10.temperature"));
	assert_int_equal(p->count[GROUP_MEASURE], 3);
	plan_unref(p);
}

static void a_profile_in_which_numbers_would_meet_is_refused(void **state)
{
	refused(*state,
		HEAD
		"tables = ( { name = \"a\"; max_rows = 8; }, { name = \"b\"; max_rows = 8; first = 8; } );"
		"points = ( " TEMPERATURE("column = \"1\"; table = \"a\";") ", " TEMPERATURE(
			"column = \"2\"; table = \"b\";") " );",
		"give it another \"first\"");
}

static void an_index_of_several_numbers_makes_one(void **state)
{
	struct fixture *f = *state;

	use(f, HEAD "tables = ( { name = \"a\"; max_rows = 64; numbers = [ 1, 8, 4 ]; } );"
		    "points = ( " TEMPERATURE("column = \"1\"; table = \"a\";") " );");
	hold(f, 0, KEY(1, 1, 1), 20);
	hold(f, 0, KEY(1, 3, 2), 20);
	struct plan *p = make(f);
	assert_non_null(object(p, "ambient.1.temperature"));
	const struct plan_object *o = object(p, "ambient.10.temperature");
	assert_non_null(o);
	assert_int_equal(o->oid.n, 11);
	assert_int_equal(o->oid.id[9], 3);
	plan_unref(p);
}

static void rows_with_wild_indices_are_counted_through(void **state)
{
	struct fixture *f = *state;

	use(f, HEAD "tables = ( { name = \"a\"; max_rows = 8; first = 5; } );"
		    "points = ( " TEMPERATURE("column = \"1\"; table = \"a\";") " );");
	hold(f, 0, KEY(2186281172U), 20);
	hold(f, 0, KEY(2186281999U), 20);
	struct plan *p = make(f);
	assert_non_null(object(p, "ambient.5.temperature"));
	assert_non_null(object(p, "ambient.6.temperature"));
	plan_unref(p);
}

static void rows_of_one_thing_share_its_number(void **state)
{
	struct fixture *f = *state;
	const char *c = "1.3.6.1.4.1.9.3";

	use(f, HEAD
		"tables = ( { name = \"v\"; max_rows = 100; numbers = [ 4, 10 ]; begins = ( { column = \"3\"; match = \"Name$\"; } ); } );"
		"points = ( { point = \"ambient.{i}.name\"; group = \"ident\"; column = \"10\"; table = \"v\"; only = ( { column = \"3\"; match = \"Name$\"; } ); }," TEMPERATURE(
			"column = \"11\"; table = \"v\"; only = ( { column = \"3\"; match = \"Value$\"; } );") " );");
	for (unsigned device = 1; device <= 2; device++) {
		static char *const names[] = { "Firmware", "Temp.Name", "Temp.Value", "Temp.Limit",
			"Aux.Name", "Aux.Value" };

		for (unsigned i = 0; i < 6; i++) {
			says(f, c, KEY(device, i + 1), names[i]);
			hold(f, 0, KEY(device, i + 1), 0);
			hold(f, 1, KEY(device, i + 1), 20);
		}
	}
	struct plan *p = make(f);
	assert_int_equal(object(p, "ambient.1.name")->oid.id[9], 2);
	assert_int_equal(object(p, "ambient.1.temperature")->oid.id[9], 3);
	assert_int_equal(object(p, "ambient.2.temperature")->oid.id[9], 6);
	assert_int_equal(object(p, "ambient.11.temperature")->oid.id[8], 2);
	assert_non_null(object(p, "ambient.12.name"));
	assert_int_equal(p->count[GROUP_MEASURE], 4);
	plan_unref(p);
}

/* ---- conditions ---- */

static void only_rows_that_fulfil_the_conditions_are_there(void **state)
{
	struct fixture *f = *state;

	use(f, HEAD
		"tables = ( { name = \"a\"; max_rows = 8; only = ( { column = \"5\"; is = [ 1 ]; } ); } );"
		"points = ( " TEMPERATURE("column = \"1\"; table = \"a\"; only = ( { column = \"6\"; is = [ 2 ]; } );") ", " TEMPERATURE(
			"column = \"1\"; table = \"a\"; scale = 0.5; only = ( { column = \"6\"; unless = \"^[23]$\"; } );") " );");
	static char *const online[] = { "1", "2", "1", "1", NULL }, *const kind[] = { "2", "2", "3",
		"x", "2" };
	for (unsigned i = 0; i < 5; i++) {
		if (online[i])
			says(f, "1.3.6.1.4.1.9.5", KEY(i + 1), online[i]);
		says(f, "1.3.6.1.4.1.9.6", KEY(i + 1), kind[i]);
		hold(f, 0, KEY(i + 1), 20);
		hold(f, 1, KEY(i + 1), 20);
	}
	struct plan *p = make(f);
	assert_true(object(p, "ambient.1.temperature")->scale == 1);
	assert_null(object(p, "ambient.2.temperature")); /* off-line */
	assert_null(object(p, "ambient.3.temperature")); /* something else */
	assert_true(object(p, "ambient.4.temperature")->scale == 0.5);
	assert_null(object(p, "ambient.5.temperature")); /* says nothing about itself */
	plan_unref(p);
}

static void a_scalar_is_a_condition_for_everything(void **state)
{
	struct fixture *f = *state;

	use(f, HEAD
		"points = ( { point = \"ambient.1.temperature\"; unit = \"°C\"; group = \"measure\"; oid = \"1.0\"; only = ( { column = \"9\"; is = [ 2 ]; } ); },"
		"{ point = \"ambient.1.temperature\"; unit = \"°C\"; group = \"measure\"; oid = \"1.0\"; scale = 0.5; only = ( { column = \"9\"; is = [ 1 ]; } ); } );");
	says(f, "1.3.6.1.4.1.9.9", KEY(0), "1");
	hold(f, 0, KEY(0), 20);
	hold(f, 1, KEY(0), 20);
	struct plan *p = make(f);
	assert_true(object(p, "ambient.1.temperature")->scale == 0.5);
	plan_unref(p);
}

static void a_signed_factor_multiplies_or_divides(void **state)
{
	struct fixture *f = *state;
	static char *const factor[] = { "-100", "10", "0", "1" };
	static const double scale[] = { 0.01, 10, 1, 1 };
	char name[40];

	use(f, HEAD "tables = ( { name = \"a\"; max_rows = 8; factor = \"7\"; } );"
		    "points = ( " TEMPERATURE("column = \"1\"; table = \"a\";") " );");
	for (unsigned i = 0; i < 4; i++) {
		says(f, "1.3.6.1.4.1.9.7", KEY(i + 1), factor[i]);
		hold(f, 0, KEY(i + 1), 20);
	}
	struct plan *p = make(f);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "ambient.%u.temperature", i + 1);
		assert_float_equal(object(p, name)->scale, scale[i], 1e-9);
	}
	plan_unref(p);
}

/* ---- one line for many scalars ---- */

static void a_repeated_point_stands_for_many(void **state)
{
	struct fixture *f = *state;
	char oid[PROFILE_OID_TEXT];

	use(f, HEAD "points = ( " TEMPERATURE(
		       "oid = \"2.{i}.1.0\"; repeat = [ 0, 3 ]; first = 5;") " );");
	assert_int_equal(f->in.profile->n_points, 4);
	assert_string_equal(f->in.profile->point[0]->name, "ambient.5.temperature");
	assert_string_equal(f->in.profile->point[3]->name, "ambient.8.temperature");
	assert_string_equal(profile_oid_print(&f->in.profile->point[3]->oid, oid, sizeof(oid)),
		"1.3.6.1.4.1.9.2.3.1.0");
}

static void nonsense_about_rows_is_refused(void **state)
{
	struct fixture *f = *state;

	refused(f, HEAD "points = ( " TEMPERATURE("oid = \"2.{i}.1.0\"; repeat = [ 3, 1 ];") " );",
		"first and the last");
	refused(f,
		HEAD
		"points = ( " TEMPERATURE("oid = \"2.{i}.1.0\"; repeat = [ 1, 100000 ];") " );",
		"first and the last");
	refused(f,
		HEAD "tables = ( { name = \"a\"; numbers = [ 4096, 4096, 4096 ]; } ); points = ();",
		"product");
	refused(f,
		HEAD "tables = ( { name = \"a\"; only = ( { column = \"1\"; } ); } ); points = ();",
		"a condition needs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tables_number_their_rows_side_by_side, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_profile_in_which_numbers_would_meet_is_refused,
			setup, teardown),
		cmocka_unit_test_setup_teardown(an_index_of_several_numbers_makes_one, setup,
			teardown),
		cmocka_unit_test_setup_teardown(rows_with_wild_indices_are_counted_through, setup,
			teardown),
		cmocka_unit_test_setup_teardown(rows_of_one_thing_share_its_number, setup,
			teardown),
		cmocka_unit_test_setup_teardown(only_rows_that_fulfil_the_conditions_are_there,
			setup, teardown),
		cmocka_unit_test_setup_teardown(a_scalar_is_a_condition_for_everything, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_signed_factor_multiplies_or_divides, setup,
			teardown),
		cmocka_unit_test_setup_teardown(a_repeated_point_stands_for_many, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense_about_rows_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
