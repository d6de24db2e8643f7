// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "webd/group_input.h"
#include "webd/event_filter.h"
#include "webd/list.h"
#include "webd/plan_input.h"
#include "webd/request.h"

static const char *const names[] = { "severity", "site", "since", NULL };
static struct bb_err err;

static void filter_is_split_at_the_first_colon(void **state)
{
	struct list l = { 0 };

	assert_int_equal(list_parse_filter(&l, "severity:critical,major;since:2026-11-21T07:40:00Z",
				 names, &err),
		0);
	assert_int_equal(l.n_terms, 2);
	assert_int_equal(l.term[0].n_values, 2);
	assert_string_equal(l.term[1].value[0], "2026-11-21T07:40:00Z");
	assert_true(list_matches(&l, "severity", "major"));
	assert_false(list_matches(&l, "severity", "minor"));
	assert_true(list_matches(&l, "site", "anything"));
}

static void unknown_repeated_and_too_long_filters_are_refused(void **state)
{
	struct list l = { 0 };
	char text[LIST_TEXT + 10];

	assert_int_equal(list_parse_filter(&l, "colour:red", names, &err), -1);
	assert_int_equal(list_parse_filter(&l, "site", names, &err), -1);
	assert_int_equal(list_parse_filter(&l, "site:a;site:b", names, &err), -1);
	assert_int_equal(list_parse_filter(&l, "site:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
				 names, &err),
		-1);
	memset(text, 'a', sizeof(text));
	memcpy(text, "site:", 5);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(list_parse_filter(&l, text, names, &err), -1);
}

static void cursor_comes_back_as_it_was_made(void **state)
{
	struct list l = { .sort = "-at" };
	const char *part[] = { "123456", "7", "00ff" };
	char cursor[256];

	list_cursor_make(cursor, sizeof(cursor), "-at", part, 3);
	assert_int_equal(
		strspn(cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		strlen(cursor));
	assert_int_equal(list_cursor_parse(&l, cursor, &err), 0);
	assert_int_equal(l.n_cursor, 3);
	assert_string_equal(l.cursor[0], "123456");
	assert_string_equal(l.cursor[2], "00ff");
}

static void cursor_of_another_order_or_made_up_is_refused(void **state)
{
	struct list l = { .sort = "at" };
	const char *part[] = { "1", "2", "3", "4", "5" };
	char cursor[256];

	list_cursor_make(cursor, sizeof(cursor), "-at", part, 3);
	assert_int_equal(list_cursor_parse(&l, cursor, &err), -1);
	list_cursor_make(cursor, sizeof(cursor), "at", part, 5);
	assert_int_equal(list_cursor_parse(&l, cursor, &err), -1);
	list_cursor_make(cursor, sizeof(cursor), "at", part, 0);
	assert_int_equal(list_cursor_parse(&l, cursor, &err), -1);
	assert_int_equal(list_cursor_parse(&l, "!!", &err), -1);
	assert_int_equal(list_cursor_parse(&l, "", &err), -1);
}

/* ---- bodies ---- */

struct body {
	const char *text, *maybe;
	int64_t number;
	double real;
	bool flag;
	json_t *list;
};

static const struct field fields[] = {
	{ "text", FIELD_STR, true, offsetof(struct body, text), 1, 5 },
	{ "maybe", FIELD_STR_OR_NULL, false, offsetof(struct body, maybe), 0, 5 },
	{ "number", FIELD_INT, false, offsetof(struct body, number), 1, 10 },
	{ "real", FIELD_NUM, false, offsetof(struct body, real), 0.5, 2 },
	{ "flag", FIELD_BOOL, false, offsetof(struct body, flag), 0, 0 },
	{ "list", FIELD_ARRAY, false, offsetof(struct body, list), 1, 2 },
	FIELD_END,
};

static int read_body(const char *json, char *where)
{
	static json_t *root;
	struct body b = { .number = 7 };
	int rc;

	json_decref(root);
	root = json_loads(json, JSON_DECODE_ANY, NULL);
	assert_non_null(root);
	rc = fields_read(root, fields, &b, where, &err);
	json_decref(root);
	root = NULL;
	return rc;
}

static void good_bodies_are_read(void **state)
{
	char where[64];

	assert_int_equal(read_body("{\"text\":\"abc\"}", where), 0);
	assert_int_equal(
		read_body(
			"{\"text\":\"abc\",\"maybe\":null,\"number\":10,\"real\":0.5,\"flag\":true,\"list\":[1]}",
			where),
		0);
}

static void every_misfit_is_named(void **state)
{
	static const struct {
		const char *json, *where;
	} bad[] = {
		{ "{}", "text" },
		{ "[]", "" },
		{ "5", "" },
		{ "{\"text\":5}", "text" },
		{ "{\"text\":\"\"}", "text" },
		{ "{\"text\":\"123456\"}", "text" },
		{ "{\"text\":\"a\\nb\"}", "text" },
		{ "{\"text\":\"a\",\"number\":0}", "number" },
		{ "{\"text\":\"a\",\"number\":11}", "number" },
		{ "{\"text\":\"a\",\"number\":2.5}", "number" },
		{ "{\"text\":\"a\",\"number\":\"2\"}", "number" },
		{ "{\"text\":\"a\",\"real\":3}", "real" },
		{ "{\"text\":\"a\",\"flag\":1}", "flag" },
		{ "{\"text\":\"a\",\"list\":[]}", "list" },
		{ "{\"text\":\"a\",\"list\":[1,2,3]}", "list" },
		{ "{\"text\":\"a\",\"extra\":1}", "extra" },
		{ "{\"text\":null}", "text" },
		{ "{\"text\":\"a\",\"maybe\":3}", "maybe" },
	};
	char where[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(read_body(bad[i].json, where), -1);
		assert_string_equal(where, bad[i].where);
	}
}

/* ---- plans ---- */

static json_t *plan(const char *json)
{
	json_t *root = json_loads(json, 0, NULL), *doc;

	assert_non_null(root);
	doc = plan_input_read(root, &err);
	json_decref(root);
	return doc;
}

static void plan_gets_its_defaults(void **state)
{
	json_t *doc = plan(
		"{\"hold_s\":60,\"devices\":[\"b\",\"a\",\"b\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\"}]}");
	json_t *t;

	assert_non_null(doc);
	assert_int_equal(json_integer_value(json_object_get(doc, "validity_s")), 60);
	assert_int_equal(json_array_size(json_object_get(doc, "devices")), 2);
	assert_string_equal(json_string_value(json_array_get(json_object_get(doc, "devices"), 0)),
		"a");
	t = json_array_get(json_object_get(doc, "targets"), 0);
	assert_int_equal(json_integer_value(json_object_get(t, "port")), 6003);
	assert_string_equal(json_string_value(json_object_get(t, "template")), "message");
	json_decref(doc);
}

static void plans_that_could_do_something_else_are_refused(void **state)
{
	static const char *const bad[] = {
		"{\"hold_s\":60,\"devices\":[],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\"}]}",
		"{\"hold_s\":60,\"devices\":[\"a\"],\"targets\":[]}",
		"{\"hold_s\":60,\"need\":2,\"devices\":[\"a\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\"}]}",
		"{\"hold_s\":60,\"devices\":[\"A B\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\"}]}",
		"{\"hold_s\":60,\"devices\":[\"a\"],\"targets\":[{\"name\":\"s\",\"address\":\"srv.example\"}]}",
		"{\"hold_s\":60,\"devices\":[\"a\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\",\"method\":\"ssh\"}]}",
		"{\"hold_s\":60,\"devices\":[\"a\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\",\"template\":\"rm\"}]}",
		"{\"hold_s\":60,\"mode\":\"auto\",\"devices\":[\"a\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\"}]}",
		"{\"devices\":[\"a\"],\"targets\":[{\"name\":\"s\",\"address\":\"10.0.0.1\"}]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(plan(bad[i]));
	assert_true(plan_key_valid("plan-1"));
	assert_false(plan_key_valid("a/b"));
	assert_false(plan_key_valid("A"));
}

/* The place of the first thing wrong, or "" when all is well. */
static const char *group_place(const char *text, bool is_redundancy)
{
	static char where[GROUP_POINTER_MAX];
	json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	where[0] = '\0';
	json_t *doc = is_redundancy ? redundancy_input_read(root, true, where, &err)
				    : group_input_read(root, true, where, &err);
	if (doc)
		where[0] = '\0';
	json_decref(doc);
	json_decref(root);
	return where;
}

static void the_place_of_what_is_wrong_in_a_group_is_named(void **state)
{
	static const struct {
		const char *text, *where;
		bool is_redundancy;
	} cases[] = {
		{ "{\"key\":\"hall-2\"}", "", false },
		{ "{}", "/key", false },
		{ "{\"key\":\"2\"}", "/key", false },
		{ "{\"key\":\"a/b\"}", "/key", false },
		{ "{\"key\":\"a\",\"sites\":[\"de\",\"De\"]}", "/sites/1", false },
		{ "{\"key\":\"a\",\"groups\":[null]}", "/groups/0", false },
		{ "{\"key\":\"a\",\"devices\":{}}", "/devices", false },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[{\"device\":\"x\"}]}", "", true },
		{ "{\"key\":\"a\",\"need\":0,\"members\":[{\"device\":\"x\"}]}", "/need", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[]}", "/members", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[{}]}", "/members/0", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[7]}", "/members/0", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[{\"devise\":\"x\"}]}", "/members/0/devise",
			true },
		{ "{\"key\":\"a\",\"need\":1,\"severity\":\"normal\",\"members\":[{\"device\":\"x\"}]}",
			"/severity", true },
		{ "{\"key\":\"a\",\"need\":1,\"fails_on\":[\"OB\",\"ups fault\"],\"members\":[{\"device\":\"x\"}]}",
			"/fails_on/1", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[{\"device\":\"x\",\"point\":\"alarm.fan.failed\",\"op\":\"=\",\"value\":false}]}",
			"", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[{\"device\":\"x\",\"point\":\"alarm.fan.failed\",\"op\":\"=\",\"value\":2}]}",
			"/members/0", true },
		{ "{\"key\":\"a\",\"need\":1,\"members\":[{\"device\":\"x\",\"point\":\"ups.load\",\"op\":\"<\",\"value\":\"nan\"}]}",
			"/members/0", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *where = group_place(cases[i].text, cases[i].is_redundancy);
		if (strcmp(where, cases[i].where) != 0)
			fail_msg("%s: \"%s\" (%s)", cases[i].text, where, err.text);
	}
}

/* ---- filters of the event log ---- */

static const char *event_filter(const char *text)
{
	static struct bb_buf out;
	static struct list l;

	bb_buf_fini(&out);
	if (list_parse_filter(&l, text, event_filters, &err) != 0 ||
		event_filter_write(&l, &out, &err) != 0)
		return NULL;
	return out.data;
}

static void event_filter_becomes_json(void **state)
{
	assert_string_equal(event_filter(""), "{}");
	assert_string_equal(event_filter("severity:critical,minor;to:normal;test:no"),
		"{\"severity\":[1,4],\"state\":[1],\"test\":false}");
	assert_string_equal(event_filter("user:o'neil,\"x\""),
		"{\"user\":[\"o'neil\",\"\\\"x\\\"\"]}");
	assert_string_equal(event_filter("text:batt  -\"on, battery\""),
		"{\"words\":[{\"t\":\"batt\",\"exact\":false,\"not\":false},"
		"{\"t\":\"on, battery\",\"exact\":true,\"not\":true}]}");
}

static void bad_event_filters_are_refused(void **state)
{
	static const char *const bad[] = { "severity:worst", "state:x", "test:maybe", "test:yes,no",
		"since:yesterday", "text:", "text: ", "text:-", "text:\"open", "text:\"\"",
		"state:normal;to:normal", "text:a b c d e f g h i j k l m n o p q" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(event_filter(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_filter_becomes_json),
		cmocka_unit_test(bad_event_filters_are_refused),
		cmocka_unit_test(filter_is_split_at_the_first_colon),
		cmocka_unit_test(unknown_repeated_and_too_long_filters_are_refused),
		cmocka_unit_test(cursor_comes_back_as_it_was_made),
		cmocka_unit_test(cursor_of_another_order_or_made_up_is_refused),
		cmocka_unit_test(good_bodies_are_read),
		cmocka_unit_test(every_misfit_is_named),
		cmocka_unit_test(plan_gets_its_defaults),
		cmocka_unit_test(plans_that_could_do_something_else_are_refused),
		cmocka_unit_test(the_place_of_what_is_wrong_in_a_group_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
