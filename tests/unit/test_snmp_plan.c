// SPDX-License-Identifier: Apache-2.0
/* Plans and quirks without a network: findings go in, a layout and decisions come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/collector_priv.h"
#include "collectors/snmp/quirk.h"
#include "collectors/snmp/rows.h"
#include "common/arena.h"

struct fixture {
	struct profile_set *set;
	struct plan_cache *cache;
	struct findings found;
	struct plan_input in;
	struct row_text rows[8];
};

static const struct profile_oid anybody = { .n = 7, .id = { 1, 3, 6, 1, 4, 1, 1 } };

static int setup(void **state)
{
	struct fixture *f = bb_calloc(1, sizeof(*f));

	f->set = profile_set_new();
	assert_int_equal(profile_set_load(f->set, "collectors/profiles"), 0);
	assert_int_equal(profile_set_link(f->set), 0);
	f->cache = plan_cache_new();
	f->in = (struct plan_input){
		.profile = profile_find(f->set, "rfc1628"),
		.found = &f->found,
		.sysobjectid = &anybody,
		.sysdescr = "",
		.alive = &plan_uptime_oid,
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

static void find(struct fixture *f, const char *point, unsigned row, double number)
{
	const struct profile *p = f->in.profile;
	unsigned i = 0;

	while (i < p->n_points && strcmp(p->point[i]->name, point))
		i++;
	assert_true(i < p->n_points);
	struct finding *x = findings_add(&f->found);
	x->point = (uint16_t)i;
	x->suffix_n = 1;
	x->suffix[0] = row;
	x->number = number;
	x->is_number = true;
}

static void line(struct fixture *f, unsigned row, double volt, double amp)
{
	find(f, "output.voltage", row, volt);
	find(f, "output.current", row, amp);
}

/* What a column says, in the row of this index. */
static void say(struct fixture *f, const struct profile_oid *column, const uint32_t *id, size_t n,
	char *text)
{
	struct row_text *r = &f->rows[f->in.n_row_text++];

	*r = (struct row_text){ .column = *column, .row.n = (uint8_t)n, .text = text };
	memcpy(r->row.id, id, n * sizeof(*id));
}
#define says(f, column, text, ...)                                      \
	say(f, column, (const uint32_t[]){ __VA_ARGS__ },               \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), text)

static bool has(const struct plan *p, const char *name)
{
	return layout_find(p->layout, name) >= 0;
}

static void one_line_has_no_phase_in_its_names(void **state)
{
	struct fixture *f = *state;

	line(f, 1, 230, 5);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "output.voltage") && has(p, "output.current"));
	assert_false(has(p, "output.L1-N.voltage"));
	plan_unref(p);
}

static void three_lines_are_phases(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 3; i++)
		line(f, i, 230, 5);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "output.L1-N.voltage") && has(p, "output.L3.current"));
	assert_false(has(p, "output.voltage"));
	plan_unref(p);
}

static void empty_rows_behind_the_first_are_not_there(void **state)
{
	struct fixture *f = *state;

	line(f, 1, 230, 5);
	line(f, 2, 0, -1);
	line(f, 3, 0, 0);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "output.voltage"));
	plan_unref(p);
}

static void with_a_dead_first_row_all_stay(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 3; i++)
		find(f, "input.voltage", i, 0);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "input.L3-N.voltage"));
	plan_unref(p);
}

static void the_number_of_lines_keeps_a_failed_phase(void **state)
{
	struct fixture *f = *state;

	find(f, "input.voltage", 1, 230);
	find(f, "input.voltage", 2, 0);
	find(f, "input.phases", 0, 2);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "input.L2-N.voltage"));
	plan_unref(p);
}

static void a_living_output_line_keeps_a_failed_input_phase(void **state)
{
	struct fixture *f = *state;

	find(f, "input.voltage", 1, 230);
	find(f, "input.voltage", 2, 0);
	line(f, 1, 230, 5);
	line(f, 2, 230, 5);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "input.L2-N.voltage"));
	plan_unref(p);
}

static void equal_devices_share_a_plan(void **state)
{
	struct fixture *f = *state;

	line(f, 1, 230, 5);
	struct plan *a = plan_make(f->cache, &f->in), *b = plan_make(f->cache, &f->in);
	assert_ptr_equal(a, b);
	line(f, 2, 230, 5);
	struct plan *c = plan_make(f->cache, &f->in);
	assert_ptr_not_equal(a, c);
	assert_int_equal(plan_cache_count(f->cache), 2);
	plan_unref(a);
	plan_unref(b);
	plan_unref(c);
	assert_int_equal(plan_cache_count(f->cache), 0);
}

static void what_vanished_stays_when_asked_to(void **state)
{
	struct fixture *f = *state;

	line(f, 1, 230, 5);
	find(f, "battery.voltage", 0, 540);
	struct plan *old = plan_make(f->cache, &f->in);
	findings_free(&f->found);
	line(f, 1, 230, 5);
	f->in.keep = old;
	struct plan *kept = plan_make(f->cache, &f->in);
	assert_true(has(kept, "battery.voltage") && has(kept, "output.voltage"));
	f->in.keep = NULL;
	struct plan *fresh = plan_make(f->cache, &f->in);
	assert_false(has(fresh, "battery.voltage"));
	plan_unref(old);
	plan_unref(kept);
	plan_unref(fresh);
}

static void derived_values_exist_only_where_the_device_has_none(void **state)
{
	struct fixture *f = *state;

	find(f, "output.realpower", 1, 100);
	find(f, "output.realpower", 2, 200);
	struct plan *p = plan_make(f->cache, &f->in);
	int slot = layout_find(p->layout, "ups.realpower");
	assert_true(slot >= 0);
	assert_null(p->layout->slot[slot].source);
	assert_false(has(p, "ups.load"));
	plan_unref(p);
}

/* ---- rows told apart by label, scaled by a unit in text ---- */

#define FLEXIBLE                                                                                                                                     \
	"name = \"flex\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"                                         \
	"tables = ( { name = \"t\"; label = \"1\"; unit = \"3\"; max_rows = 64;"                                                                     \
	" units = ( { text = \"deg C\"; scale = 1; }, { text = \"deg F\"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); } );"        \
	"points = ( { point = \"battery.temperature\"; unit = \"°C\"; group = \"measure\"; column = \"2\"; table = \"t\"; label = \"^Battery\"; }," \
	" { point = \"ups.temperature\"; unit = \"°C\"; group = \"measure\"; column = \"2\"; table = \"t\"; label = \"^Inlet\"; } );"

static void rows_are_told_apart_by_label_and_scaled_by_unit(void **state)
{
	struct fixture *f = *state;
	struct bb_err err = { { 0 } };

	assert_int_equal(profile_set_add(f->set, "flex", FLEXIBLE, &err), 0);
	assert_int_equal(profile_set_link(f->set), 0);
	f->in.profile = profile_find(f->set, "flex");
	const struct profile_table *t = f->in.profile->point[0]->table;
	says(f, &t->label, "Battery Temperature", 7);
	says(f, &t->unit, "deg F", 7);
	says(f, &t->label, "Inlet Temperature", 9);
	says(f, &t->unit, "furlongs", 9);
	for (unsigned row = 7; row <= 9; row += 2) {
		find(f, "battery.temperature", row, 77);
		find(f, "ups.temperature", row, 77);
	}
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "battery.temperature"));
	assert_false(has(p, "ups.temperature")); /* its unit is not known */
	unsigned m = p->first[GROUP_MEASURE];
	assert_int_equal(p->count[GROUP_MEASURE], 1);
	assert_true(77 * p->object[m].scale + p->object[m].offset == 25);
	plan_unref(p);
}

/* ---- several sources of one name; what a row says about itself ---- */

#define TWICE                                                                                                                         \
	"name = \"twice\"; base = \"rfc1628\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"     \
	"tables = ( { name = \"t\"; unit = \"3\"; divisor = \"4\"; min_rows = 2; max_rows = 64;"                                      \
	" units = ( { text = \"1\"; scale = 1; }, { text = \"2\"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); } );" \
	"points = ( { point = \"battery.charge\"; unit = \"%\"; scale = 0.1; group = \"status\"; oid = \"7.0\"; },"                   \
	" { point = \"battery.charge\"; unit = \"%\"; group = \"status\"; oid = \"8.0\"; instead = true; },"                          \
	" { point = \"ambient.{i}.temperature\"; unit = \"°C\"; group = \"measure\"; column = \"2\"; table = \"t\"; } );"            \
	"quirks = ( { kind = \"sentinel\"; points = [ \"battery.*\" ]; values = [ -1 ]; why = \"w\"; } );"

static void use_twice(struct fixture *f)
{
	struct bb_err err = { { 0 } };

	assert_int_equal(profile_set_add(f->set, "twice", TWICE, &err), 0);
	assert_int_equal(profile_set_link(f->set), 0);
	f->in.profile = profile_find(f->set, "twice");
}

static void found_at(struct fixture *f, unsigned point, uint32_t suffix, double number)
{
	struct finding *x = findings_add(&f->found);

	*x = (struct finding){ .point = (uint16_t)point,
		.suffix_n = 1,
		.number = number,
		.is_number = true };
	x->suffix[0] = suffix;
}

static const char *source_of(const struct plan *p, const char *name)
{
	int slot = layout_find(p->layout, name);

	return slot < 0 ? "" : p->layout->slot[slot].source;
}

static unsigned base_charge(const struct fixture *f)
{
	unsigned i = 3;

	while (strcmp(f->in.profile->point[i]->name, "battery.charge"))
		i++;
	return i;
}

static void the_first_source_that_tells_a_value_serves(void **state)
{
	struct fixture *f = *state;

	use_twice(f);
	found_at(f, 0, 0, 981);
	found_at(f, 1, 0, 98);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_string_equal(source_of(p, "battery.charge"), "1.3.6.1.4.1.9.7.0");
	plan_unref(p);
	f->found.f[0].number = -1;
	p = plan_make(f->cache, &f->in);
	assert_string_equal(source_of(p, "battery.charge"), "1.3.6.1.4.1.9.8.0");
	plan_unref(p);
	f->found.f[1].number = -1;
	p = plan_make(f->cache, &f->in);
	assert_string_equal(source_of(p, "battery.charge"), "1.3.6.1.4.1.9.7.0");
	plan_unref(p);
}

static void what_the_device_lacks_of_a_profile_comes_from_the_base(void **state)
{
	struct fixture *f = *state;

	use_twice(f);
	found_at(f, base_charge(f), 0, 98);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_string_equal(source_of(p, "battery.charge"), "1.3.6.1.2.1.33.1.2.4.0");
	plan_unref(p);
}

static void a_unit_may_be_a_number_of_the_whole_table(void **state)
{
	struct fixture *f = *state;

	use_twice(f);
	const struct profile_table *t = f->in.profile->point[2]->table;
	says(f, &t->unit, "2", 0);
	says(f, &t->divisor, "10", 2);
	says(f, &t->divisor, "none", 3);
	for (unsigned row = 1; row <= 3; row++)
		found_at(f, 2, row, row == 2 ? 770 : 77);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "ambient.1.temperature") && has(p, "ambient.2.temperature"));
	assert_false(has(p, "ambient.3.temperature")); /* nobody knows what to divide by */
	for (unsigned i = p->first[GROUP_MEASURE]; i < 2U + p->first[GROUP_MEASURE]; i++) {
		const struct plan_object *o = &p->object[i];

		assert_true(fabs((o->line == 2 ? 770 : 77) * o->scale + o->offset - 25) < 1e-9);
	}
	plan_unref(p);
}

#define FLAGS                                                                                                                             \
	"name = \"flags\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"                             \
	"values = ( { name = \"v\"; map = ( { value = 1; text = \"good\"; }, { value = 2; text = \"hot\"; code = \"ups.temperature\"; }," \
	" { value = 3; text = \"cold\"; code = \"ups.temperature\"; }, { value = 4; text = \"fan\"; code = \"fan.failed\"; } ); } );"     \
	"tables = ( { name = \"t\"; } );"                                                                                                 \
	"points = ( { point = \"battery.status\"; values = \"v\"; group = \"status\"; oid = \"1.0\"; },"                                  \
	" { point = \"output.voltage\"; lines = \"output.{ll}.voltage\"; unit = \"V\"; group = \"measure\"; column = \"2\"; table = \"t\"; } );"

static void use_flags(struct fixture *f)
{
	struct bb_err err = { { 0 } };

	if (profile_set_add(f->set, "flags", FLAGS, &err))
		fail_msg("%s", err.text);
	assert_int_equal(profile_set_link(f->set), 0);
	f->in.profile = profile_find(f->set, "flags");
}

static void values_of_the_same_flag_share_its_slot(void **state)
{
	struct fixture *f = *state;

	use_flags(f);
	found_at(f, 0, 0, 2);
	struct plan *p = plan_make(f->cache, &f->in);
	unsigned first = 0;
	for (unsigned i = 0; i < p->n_objects; i++)
		first = p->object[i].flags ? p->object[i].flags : first;
	assert_int_equal(first, 1);
	assert_int_equal(p->n_flag_slots, 4);
	assert_int_equal(p->flag_slot[0], PLAN_NO_SLOT);
	assert_int_equal(p->flag_slot[1], layout_find(p->layout, "alarm.ups.temperature"));
	assert_int_equal(p->flag_slot[2], p->flag_slot[1]);
	assert_int_equal(p->flag_slot[3], layout_find(p->layout, "alarm.fan.failed"));
	plan_unref(p);
}

static void rows_may_stand_for_pairs_of_phases(void **state)
{
	struct fixture *f = *state;

	use_flags(f);
	for (unsigned row = 1; row <= 3; row++)
		found_at(f, 1, row, 400);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "output.L1-L2.voltage") && has(p, "output.L2-L3.voltage") &&
		    has(p, "output.L3-L1.voltage"));
	plan_unref(p);
}

static void a_table_with_too_few_rows_is_not_there(void **state)
{
	struct fixture *f = *state;

	use_twice(f);
	says(f, &f->in.profile->point[2]->table->unit, "1", 0);
	found_at(f, 2, 1, 77);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_false(has(p, "ambient.1.temperature"));
	plan_unref(p);
}

/* ---- rows with an index of several numbers ---- */

#define SHELVES                                                                                                                    \
	"name = \"shelves\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"                    \
	"tables = ( { name = \"t\"; index = 2; max_rows = 64; first = 41; },"                                                                  \
	" { name = \"l\"; index = 2; number = 2; label = \"5\"; skip = [ \"spare\" ]; max_rows = 64; } );"                         \
	"points = ( { point = \"ambient.{i}.temperature\"; unit = \"°C\"; group = \"measure\"; column = \"2\"; table = \"t\"; }," \
	" { point = \"output.voltage\"; lines = \"output.L{i}-N.voltage\"; unit = \"V\"; group = \"measure\"; column = \"3\"; "    \
	"table = \"l\"; label = \"out\"; },"                                                                                       \
	" { point = \"input.voltage\"; lines = \"input.L{i}-N.voltage\"; unit = \"V\"; group = \"measure\"; column = \"3\"; "      \
	"table = \"l\"; label = \"in\"; } );"

static void use(struct fixture *f, const char *name, const char *text)
{
	struct bb_err err = { { 0 } };

	assert_int_equal(profile_set_add(f->set, name, text, &err), 0);
	assert_int_equal(profile_set_link(f->set), 0);
	f->in.profile = profile_find(f->set, name);
}

static void find2(struct fixture *f, const char *point, unsigned a, unsigned b, double number)
{
	find(f, point, a, number);
	struct finding *x = &f->found.f[f->found.n - 1];
	x->suffix_n = 2;
	x->suffix[1] = b;
}

static void rows_of_several_numbers_are_counted_through(void **state)
{
	struct fixture *f = *state;

	use(f, "shelves", SHELVES);
	find2(f, "ambient.{i}.temperature", 200, 1, 20);
	find2(f, "ambient.{i}.temperature", 3, 2, 20);
	find2(f, "ambient.{i}.temperature", 3, 1, 20);
	struct plan *p = plan_make(f->cache, &f->in);
	int slot = layout_find(p->layout, "ambient.42.temperature");
	assert_true(
		slot >= 0 && has(p, "ambient.43.temperature") && !has(p, "ambient.44.temperature"));
	assert_string_equal(p->layout->slot[slot].source, "1.3.6.1.4.1.9.2.3.2");
	plan_unref(p);
}

static void a_part_of_the_index_may_be_the_number_among_siblings(void **state)
{
	struct fixture *f = *state;

	use(f, "shelves", SHELVES);
	const struct profile_table *t = f->in.profile->point[1]->table;
	says(f, &t->label, "in", 1);
	says(f, &t->label, "out", 2);
	says(f, &t->label, "spare", 3);
	for (unsigned i = 1; i <= 3; i++) {
		find2(f, "output.voltage", 2, i, 230);
		find2(f, "output.voltage", 3, i, 230);
	}
	find2(f, "input.voltage", 1, 1, 230);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_true(has(p, "input.voltage") && has(p, "output.L1-N.voltage") &&
		    has(p, "output.L3-N.voltage"));
	assert_int_equal(p->n_objects,
		5); /* the one that shows that the card lives, one line, three lines */
	plan_unref(p);
}

#define BY_SCALAR                                                                                                                        \
	"name = \"scalar\"; title = \"t\"; transport = \"snmp\"; source = \"s\"; root = \".1.3.6.1.4.1.9\";\n"                           \
	"units = ( { name = \"u\"; map = ( { text = \"2\"; scale = 0.5555555555555556; offset = -17.77777777777778; } ); } );"           \
	"points = ( { point = \"battery.temperature\"; unit = \"°C\"; group = \"measure\"; oid = \"1.0\"; scale = 0.1; units = \"u\"; " \
	"unit_oid = \"2.0\"; } );"

static void a_scalar_may_tell_the_unit(void **state)
{
	struct fixture *f = *state;

	use(f, "scalar", BY_SCALAR);
	find(f, "battery.temperature", 0, 770);
	struct plan *p = plan_make(f->cache, &f->in);
	assert_false(
		has(p, "battery.temperature")); /* the unit was not answered: worse than no value */
	plan_unref(p);
	says(f, &f->in.profile->point[0]->unit_oid, "2");
	says(f, &f->in.profile->point[0]->unit_oid, "2"); /* two points ask for it */
	p = plan_make(f->cache, &f->in);
	unsigned m = p->first[GROUP_MEASURE];
	assert_float_equal(770 * p->object[m].scale + p->object[m].offset, 25, 1e-9);
	plan_unref(p);
}

static void a_value_may_bring_its_unit_along(void **state)
{
	static const struct profile_unit unit[] = { { "C", 1, 0 }, { "F", 5.0 / 9, -160.0 / 9 } };
	static const struct profile_units u = { "u", 2, unit };
	double scale = 1, offset = 0;

	assert_true(rows_unit_in_text(&u, "70 F", &scale, &offset));
	assert_float_equal(70 * scale + offset, 21.1111, 0.001);
	scale = 1;
	offset = 0;
	assert_true(rows_unit_in_text(&u, "-3.5C", &scale, &offset) && scale == 1 && offset == 0);
	assert_false(rows_unit_in_text(&u, "12", &scale, &offset));
	assert_false(rows_unit_in_text(&u, "", &scale, &offset));
}

/* ---- quirks over several passes ---- */

struct rig {
	struct device *d;
	struct plan *p;
	uint8_t sticky[64];
};

static void rig_init(struct rig *r, struct fixture *f)
{
	r->p = plan_make(f->cache, &f->in);
	r->d = bb_calloc(1, sizeof(*r->d));
	memset(r->sticky, 0, sizeof(r->sticky));
	assert_true(r->p->n_checks < sizeof(r->sticky));
	device_set_layout(r->d, layout_ref(r->p->layout));
}

static void rig_fini(struct rig *r)
{
	device_drop_values(r->d);
	free(r->d);
	plan_unref(r->p);
}

static void put(struct rig *r, const char *name, double raw)
{
	unsigned slot = (unsigned)layout_find(r->d->layout, name);

	for (unsigned i = 0; i < r->p->n_objects; i++) {
		const struct plan_object *o = &r->p->object[i];

		if (o->slot == slot)
			device_set_number(r->d, slot, raw * o->scale,
				quirk_raw(r->p, o, raw, r->sticky));
	}
}

static unsigned quality(const struct rig *r, const char *name)
{
	return r->d->quality[layout_find(r->d->layout, name)];
}

static double value(const struct rig *r, const char *name)
{
	return r->d->value[layout_find(r->d->layout, name)].number;
}

static void tenths_of_volts_stay_tenths_once_found_out(void **state)
{
	struct fixture *f = *state;
	struct rig r;

	find(f, "output.voltage", 1, 2302);
	rig_init(&r, f);
	put(&r, "output.voltage", 2302);
	quirk_pass(r.d, r.p, GROUP_MEASURE, BB_ST_OL, r.sticky);
	assert_true(value(&r, "output.voltage") > 230.1 && value(&r, "output.voltage") < 230.3);
	put(&r, "output.voltage", 900); /* below the limit, but tenths all the same */
	quirk_pass(r.d, r.p, GROUP_MEASURE, BB_ST_OL, r.sticky);
	assert_true(value(&r, "output.voltage") == 90);
	rig_fini(&r);
}

static void minus_one_is_a_value_once_another_was_seen(void **state)
{
	struct fixture *f = *state;
	struct rig r;

	find(f, "battery.current", 0, -1);
	rig_init(&r, f);
	put(&r, "battery.current", -1);
	assert_int_equal(quality(&r, "battery.current"), BB_UNKNOWN);
	put(&r, "battery.current", 3);
	assert_int_equal(quality(&r, "battery.current"), BB_GOOD);
	put(&r, "battery.current", -1);
	assert_int_equal(quality(&r, "battery.current"), BB_GOOD);
	rig_fini(&r);
}

static void no_minutes_are_believed_on_battery_only(void **state)
{
	struct fixture *f = *state;
	struct rig r;

	find(f, "battery.runtime", 0, 0);
	find(f, "battery.charge", 0, 100);
	rig_init(&r, f);
	put(&r, "battery.runtime", 0);
	put(&r, "battery.charge", 100);
	quirk_pass(r.d, r.p, GROUP_STATUS, BB_ST_OL, r.sticky);
	assert_int_equal(quality(&r, "battery.runtime"), BB_UNKNOWN);
	put(&r, "battery.runtime", 0);
	quirk_pass(r.d, r.p, GROUP_STATUS, BB_ST_OB, r.sticky);
	assert_int_equal(quality(&r, "battery.runtime"), BB_GOOD);
	put(&r, "battery.runtime", 0);
	put(&r, "battery.charge", 40);
	quirk_pass(r.d, r.p, GROUP_STATUS, BB_ST_OL, r.sticky);
	assert_int_equal(quality(&r, "battery.runtime"), BB_GOOD);
	rig_fini(&r);
}

static void kilowatts_need_two_passes_that_agree(void **state)
{
	struct fixture *f = *state;
	struct rig r;

	line(f, 1, 230, 72);
	find(f, "output.realpower", 1, 1);
	rig_init(&r, f);
	for (int pass = 0; pass < 2; pass++) {
		put(&r, "output.voltage", 230);
		put(&r, "output.current", 72);
		put(&r, "output.realpower", 1);
		quirk_pass(r.d, r.p, GROUP_MEASURE, BB_ST_OL, r.sticky);
		assert_int_equal(quality(&r, "output.realpower"), pass ? BB_GOOD : BB_UNKNOWN);
	}
	assert_true(value(&r, "output.realpower") == 1000);
	rig_fini(&r);
}

static void quirks_of_one_make_leave_the_others_alone(void **state)
{
	struct fixture *f = *state;
	static const struct profile_oid eaton = { .n = 8, .id = { 1, 3, 6, 1, 4, 1, 705, 1 } };
	struct rig r;

	find(f, "battery.temperature", 0, 0);
	rig_init(&r, f);
	put(&r, "battery.temperature", 0);
	assert_int_equal(quality(&r, "battery.temperature"), BB_GOOD);
	rig_fini(&r);
	f->in.sysobjectid = &eaton;
	rig_init(&r, f);
	put(&r, "battery.temperature", 0);
	assert_int_equal(quality(&r, "battery.temperature"), BB_UNKNOWN);
	rig_fini(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_line_has_no_phase_in_its_names),
		TEST(three_lines_are_phases),
		TEST(empty_rows_behind_the_first_are_not_there),
		TEST(with_a_dead_first_row_all_stay),
		TEST(the_number_of_lines_keeps_a_failed_phase),
		TEST(a_living_output_line_keeps_a_failed_input_phase),
		TEST(equal_devices_share_a_plan),
		TEST(what_vanished_stays_when_asked_to),
		TEST(derived_values_exist_only_where_the_device_has_none),
		TEST(rows_are_told_apart_by_label_and_scaled_by_unit),
		TEST(the_first_source_that_tells_a_value_serves),
		TEST(what_the_device_lacks_of_a_profile_comes_from_the_base),
		TEST(a_unit_may_be_a_number_of_the_whole_table),
		TEST(a_table_with_too_few_rows_is_not_there),
		TEST(values_of_the_same_flag_share_its_slot),
		TEST(rows_may_stand_for_pairs_of_phases),
		TEST(rows_of_several_numbers_are_counted_through),
		TEST(a_part_of_the_index_may_be_the_number_among_siblings),
		TEST(a_scalar_may_tell_the_unit),
		TEST(a_value_may_bring_its_unit_along),
		TEST(tenths_of_volts_stay_tenths_once_found_out),
		TEST(minus_one_is_a_value_once_another_was_seen),
		TEST(no_minutes_are_believed_on_battery_only),
		TEST(kilowatts_need_two_passes_that_agree),
		TEST(quirks_of_one_make_leave_the_others_alone),
	};

	return cmocka_run_group_tests_name("snmp_plan", tests, NULL, NULL);
}
