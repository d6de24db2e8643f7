// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/layout.h"
#include "collectors/profile.h"
#include "common/point.h"

#define HEAD                                                                                       \
	"name = \"p\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"
#define POINT(rest)                                                                                \
	HEAD "points = (\n { point = \"battery.charge\"; group = \"status\"; unit = \"%\"; " rest  \
	     " } );\n"

static void refused(const char *text, const char *reason)
{
	struct profile_set *s = profile_set_new();
	struct bb_err err = { { 0 } };

	assert_int_equal(profile_set_add(s, "my.profile", text, &err), -1);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
	assert_int_equal(profile_count(s), 0);
	profile_set_free(s);
}

static void reasons_name_file_and_line(void **state)
{
	// clang-format off
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "name = ", "my.profile:1: syntax error" },
		{ "name = \"p\";\n", "my.profile:0: the profile lacks \"title\"" },
		{ HEAD "points = (); colour = 1;\n", "my.profile:2: \"colour\" is not a setting of the profile" },
		{ HEAD "points = 3;", "my.profile:2: \"points\" must be a list in round brackets" },
		{ HEAD "points = ( { point = \"battery.charm\"; oid = \"1.0\"; group = \"status\"; } );",
			"my.profile:2: point \"battery.charm\" is not in the registry" },
		{ POINT("oid = \"1.0\"; unit2 = 1;"), "my.profile:3: \"unit2\" is not a setting of points" },
		{ POINT("oid = \"1.0\"; scale = \"x\";"), "my.profile:3: \"scale\" must be a number" },
		{ POINT("oid = \"1.0\"; scale = 0;"), "\"scale\" of point \"battery.charge\" must not be zero" },
		{ POINT("oid = \"1..0\";"), "\"1..0\" is not an OID" },
		{ POINT("oid = \"1.4294967296\";"), "is not an OID" },
		{ POINT("oid = \"1.0\"; column = \"2\";"), "needs either \"oid\"" },
		{ POINT("column = \"2\";"), "\"column\" and \"table\" belong together" },
		{ POINT("column = \"2\"; table = \"t\";"), "table \"t\" is not in this profile" },
		{ POINT("oid = \"1.0\"; values = \"v\";"), "values \"v\" are not in this profile" },
		{ POINT("oid = \"1.0\"; bit = 2;"), "are for flags" },
		{ POINT("oid = \"1.0\"; units = \"u\";"), "units \"u\" are not in this profile" },
		{ POINT("oid = \"1.0\"; unit_oid = \"2.0\";"), "\"unit_oid\" but no \"units\"" },
		{ HEAD "points = ();\ntables = ( { name = \"t\"; index = 7; } );", "must be at most 6" },
		{ HEAD "points = ();\ntables = ( { name = \"t\"; number = 2; } );", "my.profile:3: \"index\" must be 1 to 6" },
		{ HEAD "points = ();\ntables = ( { name = \"t\"; where = [ 1 ]; } );", "\"where\" must be a place in the index" },
		{ HEAD "points = ();\ntables = ( { name = \"t\"; skip = [ \"x\" ]; } );", "\"skip\" needs a \"label\"" },
		{ HEAD "values = ( { name = \"v\"; map = ( { value = 1; text = \"a\"; code = \"no.such\"; } ); } ); points = ();",
			"\"alarm.no.such\" is no flag" },
		{ POINT("oid = \"1.0\"; status = \"OB\";"), "are for flags" },
		{ HEAD "tables = ( { name = \"t\"; divisor = \"1\"; decimals = \"2\"; } ); points = ();", "more than one of \"divisor\"" },
		{ HEAD "tables = ( { name = \"t\"; min_rows = -1; } ); points = ();", "must not be negative" },
		{ HEAD "tables = ( { name = \"t\"; max_rows = 4097; } ); points = ();", "at most 4096" },
		{ HEAD "tables = ( { name = \"t\"; split_like = \"u\"; } ); points = ();", "need \"cell\"" },
		{ HEAD "tables = ( { name = \"t\"; cell = \"b{1}\"; } ); points = ();", "cell \"b{1}\" is not one of" },
		{ HEAD "tables = ( { name = \"t\"; cell = \"s1.b{1}\"; string = \"4\"; } ); points = ();", "need the cell s{1} or s{1}.b{2}" },
		{ HEAD "tables = ( { name = \"t\"; cell = \"s{1}\"; drop_zero_rows = true; } ); points = ();", "every row of table \"t\"" },
		{ HEAD "tables = ( { name = \"t\"; cell = \"s{1}\"; split_like = \"u\"; } ); points = ();", "table \"u\" is not in this profile" },
		{ HEAD "tables = ( { name = \"t\"; cell = \"s{1}\"; } ); points = ( { point = \"battery.string.voltage\"; group = \"status\"; unit = \"V\"; "
			"column = \"1\"; table = \"t\"; } );", "is one of strings or blocks" },
		{ HEAD "points = ();\ncommands = ( { command = \"load.off\"; title = \"x\"; set = ( { oid = \"1.0\"; value = 1; } ); } );",
			"my.profile:3: \"load.off\" is no command offered here" },
		{ HEAD "points = ();\ncommands = ( { command = \"beeper.mute\"; title = \"x\"; set = (); } );", "writes nothing" },
		{ HEAD "points = ();\ncommands = ( { command = \"beeper.mute\"; title = \"x\"; set = ( { oid = \"1.0\"; } ); } );", "say either \"value\"" },
		{ HEAD "points = ();\ncommands = ( { command = \"outlet.{n}.load.on\"; title = \"x\"; set = ( { oid = \"1\"; value = 1; } ); } );", "needs \"rows\"" },
		{ HEAD "points = ();\ncommands = ( { command = \"beeper.mute\"; title = \"x\"; set = ( { oid = \"1.0\"; value = 1; } ); readback = \"1.0\"; } );",
			"belong together" },
		{ HEAD "points = ( { point = \"battery.charge\"; group = \"status\"; oid = \"1.0\"; } );",
			"has the unit \"%\" in the registry, not \"\"" },
		{ HEAD "points = ( { point = \"battery.charge\"; group = \"fast\"; unit = \"%\"; oid = \"1.0\"; } );",
			"group \"fast\" is not status, measure or ident" },
		{ HEAD "points = ( { point = \"battery.charge\"; group = \"status\"; unit = \"%\"; oid = \"1.0\"; },\n"
		       " { point = \"battery.charge\"; group = \"status\"; unit = \"%\"; oid = \"2.0\"; } );",
			"my.profile:3: point \"battery.charge\" is there twice without \"instead\", first in line 2" },
		{ HEAD "points = ( { point = \"battery.replace\"; group = \"status\"; oid = \"1.0\"; } );", "needs either \"bit\"" },
		{ HEAD "detect = ( { sysdescr = \"(\"; } ); points = ();", "is not an extended regular expression" },
		{ HEAD "detect = ( { match = \"a\"; } ); points = ();", "\"match\" but no \"probe\"" },
		{ HEAD "values = ( { name = \"v\"; map = ( { value = 1; text = \"a\"; status = \"OL XX\"; } ); } ); points = ();",
			"not a status word" },
		{ HEAD "values = ( { name = \"v\"; map = ( { text = \"a\"; } ); } ); points = ();", "needs either \"value\"" },
		{ HEAD "points = ();\nalarms = { column = \"1\"; codes = ( { oid = \"2\"; code = \"no.such\"; } ); };",
			"my.profile:3: \"alarm.no.such\" is no flag" },
		{ HEAD "points = ();\nquirks = ( { kind = \"magic\"; why = \"w\"; } );", "my.profile:3: \"magic\" is not a kind of quirk" },
		{ HEAD "points = ();\nquirks = ( { kind = \"sentinel\"; why = \"w\"; points = [ \"x.*\" ]; values = [ 1 ]; } );",
			"no point of this profile is called \"x.*\"" },
		{ POINT("oid = \"1.0\";") "quirks = ( { kind = \"sentinel\"; points = [ \"*\" ]; values = [ 1 ]; } );", "quirks lacks \"why\"" },
		{ POINT("oid = \"1.0\";") "quirks = ( { kind = \"divide-if-above\"; why = \"w\"; points = [ \"*\" ]; limit = 3; } );",
			"needs a \"factor\" above zero" },
		{ "name = \"auto\"; title = \"t\"; transport = \"x\"; source = \"s\"; points = ();", "not \"auto\"" },
		{ "name = \"p\"; title = \"t\"; transport = \"x\"; source = \"\"; points = ( { point = \"battery.charge\"; unit = \"%\"; "
		  "group = \"status\"; oid = \".1.2\"; } );", "states its source" },
		{ "name = \"p\"; title = \"t\"; transport = \"x\"; source = \"s\"; points = ( { point = \"battery.charge\"; unit = \"%\"; "
		  "group = \"status\"; oid = \"1.2\"; } );", "begin it with a dot" },
	};
	// clang-format on

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].text, cases[i].reason);
}

static void a_profile_without_its_base_is_refused_and_the_others_stay(void **state)
{
	struct profile_set *s = profile_set_new();
	struct bb_err err = { { 0 } };

	assert_int_equal(profile_set_add(s, "a", POINT("oid = \"1.0\";"), &err), 0);
	assert_int_equal(
		profile_set_add(s, "b",
			"name = \"b\"; base = \"nowhere\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; points = ();",
			&err),
		0);
	assert_int_equal(
		profile_set_add(s, "c",
			"name = \"c\"; base = \"c\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; points = ();",
			&err),
		0);
	assert_int_equal(profile_set_link(s), 2);
	assert_int_equal(profile_count(s), 1);
	assert_non_null(profile_find(s, "p"));
	profile_set_free(s);
}

static void what_a_profile_lacks_comes_from_its_base(void **state)
{
	struct profile_set *s = profile_set_new();
	struct bb_err err = { { 0 } };

	assert_int_equal(
		profile_set_add(s, "child",
			"name = \"child\"; base = \"p\"; title = \"t\"; transport = \"snmp\"; source = \"s\";"
			"points = ( { point = \"battery.charge\"; group = \"status\"; unit = \"%\"; oid = \".1.1\"; } );",
			&err),
		0);
	assert_int_equal(
		profile_set_add(s, "base",
			HEAD
			"points = ( { point = \"battery.charge\"; group = \"status\"; unit = \"%\"; oid = \"1\"; },"
			"{ point = \"battery.voltage\"; group = \"measure\"; unit = \"V\"; oid = \"2\"; } );"
			"quirks = ( { kind = \"negative-unknown\"; why = \"w\"; points = [ \"*\" ]; } );",
			&err),
		0);
	assert_int_equal(profile_set_link(s), 0);
	const struct profile *c = profile_find(s, "child");
	assert_int_equal(c->n_points, 3);
	assert_int_equal(c->point[0]->oid.n, 2);
	assert_string_equal(c->point[1]->name, "battery.charge");
	assert_true(c->has_others[0] && c->first_of_name[1] == 0);
	assert_string_equal(c->point[2]->name, "battery.voltage");
	assert_false(c->has_others[2]);
	assert_int_equal(c->n_quirks, 1);
	assert_ptr_equal(c->quirk_origin[0], profile_find(s, "p"));
	profile_set_free(s);
}

static void oids_are_ordered_and_contained_as_trees(void **state)
{
	struct profile_oid a, b;
	char text[PROFILE_OID_TEXT];

	assert_int_equal(profile_oid_parse(".1.3.6.1", &a), 0);
	assert_int_equal(profile_oid_parse("1.3.6.1.4294967295", &b), 0);
	assert_true(profile_oid_within(&b, &a));
	assert_true(profile_oid_within(&a, &a));
	assert_false(profile_oid_within(&a, &b));
	assert_int_equal(profile_oid_compare(&a, &b), -1);
	assert_int_equal(profile_oid_compare(&b, &b), 0);
	assert_string_equal(profile_oid_print(&b, text, sizeof(text)), "1.3.6.1.4294967295");
	assert_int_equal(profile_oid_parse("", &a), -1);
	assert_int_equal(profile_oid_parse("1.", &a), -1);
	assert_int_equal(profile_oid_parse("1.x", &a), -1);
}

static void versions_compare_by_number(void **state)
{
	assert_int_equal(profile_version_compare("12.04.0056", "12.4.57"), -1);
	assert_int_equal(profile_version_compare("12.06.0068", "12.6.68"), 0);
	assert_int_equal(profile_version_compare("v6.47", "6.9"), 1);
	assert_int_equal(profile_version_compare("", "1"), -1);
}

static void a_value_may_be_a_text_of_the_device(void **state)
{
	struct profile_set *s = profile_set_new();
	struct bb_err err = { { 0 } };

	assert_int_equal(
		profile_set_add(s, "p",
			HEAD "values = ( { name = \"v\"; map = ( { match = \"^Norm\"; text = \"good\"; }, { match = \".\"; text = \"bad\"; }, "
			     "{ value = 0; text = \"zero\"; } ); } );"
			     "points = ( { point = \"battery.status\"; group = \"status\"; oid = \"1.0\"; values = \"v\"; } );",
			&err),
		0);
	const struct profile_map *m = &profile_at(s, 0)->map[0];
	assert_string_equal(profile_map_match(m, "Normal Operation")->text, "good");
	assert_string_equal(profile_map_match(m, "Ab Norm")->text, "bad");
	assert_null(profile_map_match(m, ""));
	assert_string_equal(profile_map_find(m, 0)->text, "zero"); /* expressions are no numbers */
	profile_set_free(s);
}

/* Every profile that is shipped is valid, and every point says which object it is. */
static bool is_base(const struct profile_set *s, const char *name)
{
	bool found = !strcmp(name, PROFILE_COMMON);

	for (size_t i = 0; i < profile_count(s); i++) {
		const struct profile *p = profile_at(s, i);

		found |= p->base_name && !strcmp(p->base_name, name);
		for (unsigned k = 0; k < p->n_also; k++)
			found |= !strcmp(p->also[k], name);
	}
	return found;
}

static void shipped_profiles_are_valid(void **state)
{
	struct profile_set *s = profile_set_new();

	assert_int_equal(profile_set_load(s, "collectors/profiles"), 0);
	assert_int_equal(profile_set_link(s), 0);
	assert_true(profile_count(s) >= 2);
	for (size_t i = 0; i < profile_count(s); i++) {
		const struct profile *p = profile_at(s, i);

		assert_true(p->n_detect > 0 || is_base(s, p->name) ||
			    !strcmp(p->name, PROFILE_FALLBACK));
		for (unsigned k = 0; k < p->n_points; k++)
			assert_true(p->point[k]->oid.n > 6);
	}
	assert_int_equal(profile_find(s, "rfc1628")->alarms.n, 24);
	profile_set_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_name_file_and_line),
		cmocka_unit_test(a_profile_without_its_base_is_refused_and_the_others_stay),
		cmocka_unit_test(what_a_profile_lacks_comes_from_its_base),
		cmocka_unit_test(a_value_may_be_a_text_of_the_device),
		cmocka_unit_test(oids_are_ordered_and_contained_as_trees),
		cmocka_unit_test(versions_compare_by_number),
		cmocka_unit_test(shipped_profiles_are_valid),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
