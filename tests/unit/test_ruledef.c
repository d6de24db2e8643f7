// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/ruledef.h"

struct refusal {
	const char *json, *pointer, *why;
};

/* Single quotes stand for double ones. */
static json_t *json_of(const char *text)
{
	char *copy = bb_strdup(text);
	json_error_t e;

	for (char *p = copy; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	json_t *v = json_loads(copy, JSON_REJECT_DUPLICATES, &e);
	if (!v)
		fail_msg("%s: %s", copy, e.text);
	free(copy);
	return v;
}

static void refused(const struct refusal *cases, size_t n)
{
	struct bb_arena *a = bb_arena_new(4096, 0);

	for (size_t i = 0; i < n; i++) {
		struct bb_err err = { "" };
		char pointer[96];
		json_t *v = json_of(cases[i].json);
		if (bb_ruledef_read(a, v, pointer, &err))
			fail_msg("%s was taken", cases[i].json);
		assert_string_equal(pointer, cases[i].pointer);
		if (!strstr(err.text, cases[i].why))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].json, err.text,
				cases[i].why);
		json_decref(v);
	}
	bb_arena_free(a);
}

#define LIMIT(limits)                                                                              \
	"{'id':'a','kind':'limit','point':'battery.temperature','action':'x','limits':" limits "}"

static void limits_that_cannot_be_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{ LIMIT("{}"), "/limits", "any of" },
		{ LIMIT("{'middle':{'raise':1}}"), "/limits", "any of" },
		{ LIMIT("{'high':{'clear':1}}"), "/limits/high/raise", "missing" },
		{ LIMIT("{'high':{'raise':'40'}}"), "/limits/high/raise", "no number" },
		{ LIMIT("{'high':{'raise':40,'severity':'loud'}}"), "/limits/high/severity",
			"severities" },
		{ LIMIT("{'high':{'raise':40,'severity':'normal'}}"), "/limits/high/severity",
			"severities" },
		{ LIMIT("{'high':{'raise':40,'clear':41}}"), "/limits/high/clear", "contradicts" },
		{ LIMIT("{'low':{'raise':10,'clear':9}}"), "/limits/low/clear", "contradicts" },
		{ LIMIT("{'high':{'raise':200}}"), "/limits/high/raise", "never fire" },
		{ LIMIT("{'low':{'raise':-60}}"), "/limits/low/raise", "never fire" },
		{ LIMIT("{'high':{'raise':40,'clear':-61}}"), "/limits/high/clear", "never end" },
		{ LIMIT("{'high':{'raise':40},'high_high':{'raise':40}}"),
			"/limits/high_high/raise", "beyond" },
		{ LIMIT("{'low':{'raise':5},'low_low':{'raise':6}}"), "/limits/low_low/raise",
			"beyond" },
		{ LIMIT("{'high':{'raise':40,'severity':'major'},'high_high':{'raise':50,'severity':'info'}}"),
			"/limits/high_high/severity", "milder" },
		{ LIMIT("{'high':{'raise':40,'clear':10},'low':{'raise':5,'clear':10}}"), "/limits",
			"overlap" },
	};

	refused(cases, sizeof(cases) / sizeof(cases[0]));
}

static void members_that_do_not_belong_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "[]", "", "object" },
		{ "{'title':'x'}", "/id", "consists of" },
		{ "{'id':'A b'}", "/id", "consists of" },
		{ "{'id':'event','enabled':false}", "/id", "events" },
		{ "{'id':'a','colour':'red'}", "/colour", "no such member" },
		{ "{'id':'a','point':'ups.load'}", "/point", "without a kind" },
		{ "{'id':'a','kind':'sometimes'}", "/kind", "kinds are" },
		{ "{'id':'a','kind':'flag','action':'x'}", "/point", "needs a point" },
		{ "{'id':'a','kind':'flag','point':'battery.charge','action':'x'}", "/point",
			"never fire" },
		{ "{'id':'a','kind':'flag','point':'*.fan.failed','action':'x'}", "/point",
			"no point" },
		{ "{'id':'a','kind':'limit','point':'input.*.colour','limits':{'high':{'raise':1}}}",
			"/point", "no point" },
		{ "{'id':'a','kind':'flag','point':'alarm.fan.failed'}", "/action",
			"say what to do" },
		{ "{'id':'a','kind':'flag','point':'alarm.fan.failed','severity':'info','values':['x']}",
			"/values", "of kind flag" },
		{ "{'id':'a','scope':{'site':'a','device':'b'}}", "/scope", "one of" },
		{ "{'id':'a','scope':{'site':'A/'}}", "/scope/site", "no valid name" },
		{ "{'id':'a','scope':{'planet':'earth'}}", "/scope", "one of" },
		{ "{'id':'a','scope':{'profile':'../x'}}", "/scope/profile", "no valid name" },
		{ "{'id':'a','raise_count':101}", "/raise_count", "between" },
		{ "{'id':'a','raise_count':1.5}", "/raise_count", "whole" },
		{ "{'id':'a','latch':1}", "/latch", "neither" },
		{ "{'id':'a','title':'x\\ny'}", "/title", "control" },
	};

	refused(cases, sizeof(cases) / sizeof(cases[0]));
}

static void other_kinds_that_cannot_fire_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "{'id':'a','kind':'state','point':'ups.status','action':'x'}", "/values",
			"needs values" },
		{ "{'id':'a','kind':'state','point':'ups.status','values':['OB','ONLINE'],'action':'x'}",
			"/values/1", "no word" },
		{ "{'id':'a','kind':'state','point':'ups.status','values':['OB LB'],'action':'x'}",
			"/values/0", "no word" },
		{ "{'id':'a','kind':'state','point':'ups.mode','values':['eco','eco'],'action':'x'}",
			"/values/1", "twice" },
		{ "{'id':'a','kind':'rate','point':'ups.load','over':5,'action':'x'}", "/per_s",
			"time" },
		{ "{'id':'a','kind':'rate','point':'ups.load','per_s':60,'action':'x'}", "/over",
			"other than 0" },
		{ "{'id':'a','kind':'rate','point':'battery.charge','per_s':60,'over':-101,'action':'x'}",
			"/over", "never fire" },
		{ "{'id':'a','kind':'rate','point':'ups.load','per_s':60,'over':5,'clear':6,'action':'x'}",
			"/clear", "contradicts" },
		{ "{'id':'a','kind':'rate','point':'ups.load','per_s':60,'over':5,'clear':-1,'action':'x'}",
			"/clear", "contradicts" },
		{ "{'id':'a','kind':'age','point':'ups.load','action':'x'}", "/max_age_s", "age" },
		{ "{'id':'a','kind':'deviation','point':'ups.load','difference':5,'action':'x'}",
			"/group", "group" },
		{ "{'id':'a','kind':'deviation','point':'ups.load','group':'g','action':'x'}",
			"/difference", "above 0" },
		{ "{'id':'a','kind':'deviation','point':'module.*.load','group':'g','difference':5,'action':'x'}",
			"/point", "without *" },
		{ "{'id':'a','kind':'deviation','point':'ups.load','group':'g','difference':5,'clear':6,'action':'x'}",
			"/clear", "contradicts" },
	};

	refused(cases, sizeof(cases) / sizeof(cases[0]));
}

static void everything_that_was_read_is_written_the_same(void **state)
{
	static const char *const cases[] = {
		"{'id':'a','enabled':false,'scope':{}}",
		"{'id':'on_battery','enabled':true,'scope':{'device':'hh/ups1'},'severity':'info','on_delay_s':5,'latch':true}",
		"{'id':'a','title':'t','enabled':true,'scope':{'group':'g'},'kind':'limit','point':'ambient.*.temperature','limits':{'high_high':{"
		"'raise':40.5,'clear':39,'severity':'critical'},'low':{'raise':5,'severity':'minor'}},'text':'x {value}','cause':'c','consequence':"
		"'k','action':'do'}",
		"{'id':'a','enabled':true,'scope':{'site':'hh/a'},'kind':'state','point':'ups.status','values':['OB','LB'],'severity':'major',"
		"'raise_count':3,'clear_count':4,'action':'do'}",
		"{'id':'a','enabled':true,'scope':{'profile':'rfc1628'},'kind':'rate','point':'ups.load','per_s':60,'over':-5,'clear':-1,'action':'d'}",
		"{'id':'a','enabled':true,'scope':{},'kind':'age','point':'ups.load','max_age_s':60,'action':'d'}",
		"{'id':'a','enabled':true,'scope':{},'kind':'deviation','point':'ups.load','group':'.','difference':5,'action':'d'}",
	};
	struct bb_arena *a = bb_arena_new(4096, 0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bb_err err = { "" };
		char pointer[96];
		json_t *v = json_of(cases[i]), *again;
		const struct bb_ruledef *d = bb_ruledef_read(a, v, pointer, &err);
		struct bb_buf b = { 0 };
		struct bb_json j = { .out = &b };
		if (!d)
			fail_msg("%s: %s %s", cases[i], pointer, err.text);
		bb_json_obj(&j, NULL);
		bb_ruledef_write(d, &j);
		bb_json_end_obj(&j);
		again = json_loads(b.data, 0, NULL);
		assert_true(json_equal(v, again));
		/* and as text */
		json_t *list = json_array(), *back;
		json_array_append(list, v);
		bb_buf_reset(&b);
		bb_ruledef_text_write(&b, list);
		back = bb_ruledef_text_read(b.data, &err);
		if (!back)
			fail_msg("%s: %s", b.data, err.text);
		assert_true(json_equal(list, back));
		json_decref(back);
		json_decref(list);
		json_decref(again);
		json_decref(v);
		bb_buf_fini(&b);
	}
	bb_arena_free(a);
}

static void text_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "no \"rules" },
		{ "rules = 5;", "no \"rules" },
		{ "rules = (\n{ id = \"a\"; enabled = false; },\n{ id = }\n);", "line 3" },
		{ "rules = (\n{ id = \"a\"; enabled = false; },\n{ id = \"b\";\n  enabled = 3; } );",
			"line 4, enabled" },
		{ "rules = (\n{ id = \"a\"; enabled = false; },\n{ id = \"a\"; enabled = false; } );",
			"line 3: rule \"a\"" },
		{ "rules = ( );\nother = 1;", "line 2" },
		{ "@include \"/etc/passwd\"\nrules = ( );", "@include" },
		{ "rules = ( { id = \"a\"; title = ( ( ( ( ( ( ( 1 ) ) ) ) ) ) ); } );",
			"line 1, title" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bb_err err = { "" };
		json_t *v = bb_ruledef_text_read(cases[i].text, &err);
		if (v)
			fail_msg("taken: %s", cases[i].text);
		if (!strstr(err.text, cases[i].why))
			fail_msg("%s: %s", cases[i].text, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_that_cannot_be_are_refused),
		cmocka_unit_test(members_that_do_not_belong_are_refused),
		cmocka_unit_test(other_kinds_that_cannot_fire_are_refused),
		cmocka_unit_test(everything_that_was_read_is_written_the_same),
		cmocka_unit_test(text_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
