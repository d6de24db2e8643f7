// SPDX-License-Identifier: Apache-2.0
/* What a simulated UPS answers: the objects of RFC 1628 and the system group as one table in OID
 * order. Alarm rows come and go and are laid in between. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/str.h"
#include "tests/sim/ups.h"

#define NO_LINE      0
#define NOMINAL_V    230.0
#define POWER_FACTOR 0.95

struct object;
typedef int64_t (*number_fn)(const struct agent *a, const struct object *o, unsigned line);
typedef const char *(*text_fn)(const struct agent *a, char *buf, size_t cap);

struct object {
	uint8_t root; /* index into roots[] */
	uint8_t depth;
	uint8_t arc[6]; /* below the root, without the instance */
	uint8_t tag;
	bool per_line; /* instances 1..phases, else .0 */
	number_fn number;
	text_fn text;
	int32_t base, swing, period_s; /* of the wave, or the constant */
};

enum { ROOT_SYSTEM, ROOT_UPS };
static const struct {
	uint8_t n;
	uint32_t arc[8];
} roots[] = {
	[ROOT_SYSTEM] = { 7, { 1, 3, 6, 1, 2, 1, 1 } },
	[ROOT_UPS] = { 8, { 1, 3, 6, 1, 2, 1, 33, 1 } },
};

/* ---- numbers ---- */

static int64_t constant(const struct agent *a, const struct object *o, unsigned line)
{
	return o->base;
}

static double wave_at(const struct agent *a, double base, double swing, double period_s,
	unsigned salt)
{
	double turn = (double)agent_now() / 1e9 / period_s +
		      (double)((a->ups->seed * 2654435761u + salt * 40503u) & 0xffff) / 65536;

	return base + swing * sin(2 * M_PI * turn);
}

static int64_t wave(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(
		wave_at(a, o->base, o->swing, o->period_s, o->arc[0] * 16 + o->arc[3] + line * 64));
}

/* What only mains brings: dead on battery. */
static int64_t mains_wave(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->on_battery_ns ? 0 : wave(a, o, line);
}

static int64_t phases(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->phases;
}

static double rating_w(const struct ups *u)
{
	static const double one[] = { 900, 1350, 1980, 2700, 4500, 9000 };
	static const double three[] = { 9000, 13500, 18000, 27000, 36000, 54000 };

	return u->phases == 3 ? three[u->seed % 6] : one[u->seed % 6];
}

static double load_pct(const struct agent *a, unsigned line)
{
	return wave_at(a, 22 + a->ups->seed % 40, 6, 700, line * 7);
}

static double line_w(const struct agent *a, unsigned line)
{
	return rating_w(a->ups) / a->ups->phases * load_pct(a, line) / 100;
}

static double all_w(const struct agent *a)
{
	double sum = 0;

	for (unsigned line = 1; line <= a->ups->phases; line++)
		sum += line_w(a, line);
	return sum;
}

static int64_t output_load(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(load_pct(a, line));
}

static int64_t output_power(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(line_w(a, line));
}

static int64_t output_current(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(line_w(a, line) * 10 / NOMINAL_V / POWER_FACTOR);
}

/* The input carries the output, its losses and nothing while on battery. */
static int64_t input_power(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->on_battery_ns ? 0 : llround(line_w(a, line) * 1.06);
}

static int64_t input_current(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->on_battery_ns
		       ? 0
		       : llround(line_w(a, line) * 1.06 * 10 / NOMINAL_V / POWER_FACTOR);
}

static int64_t output_source(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->on_battery_ns ? 5 : 3;
}

static int64_t battery_status(const struct agent *a, const struct object *o, unsigned line)
{
	return 2 + (int64_t)a->ups->battery;
}

static int64_t seconds_on_battery(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->on_battery_ns ? (int64_t)((agent_now() - a->ups->counter_ns) / 1000000000)
				     : 0;
}

static int64_t minutes_remaining(const struct agent *a, const struct object *o, unsigned line)
{
	int64_t minutes = llround(a->ups->runtime_s * ups_charge(a->ups, agent_now()) / 6000);

	if (a->ups->battery == UPS_BATTERY_DEPLETED)
		return 0;
	if (a->ups->battery == UPS_BATTERY_LOW && minutes > 2)
		return 2;
	return minutes < 1 ? 1 : minutes;
}

static int64_t charge(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(ups_charge(a->ups, agent_now()));
}

static int64_t battery_voltage(const struct agent *a, const struct object *o, unsigned line)
{
	double pct = ups_charge(a->ups, agent_now());

	return llround(a->ups->on_battery_ns ? 430 + pct * 0.9 : wave_at(a, 544, 2, 1200, 3));
}

static int64_t battery_current(const struct agent *a, const struct object *o, unsigned line)
{
	if (a->ups->on_battery_ns)
		return -llround(all_w(a) * 10 / 48);
	return ups_charge(a->ups, agent_now()) < 100 ? 25 : 0;
}

static int64_t line_bads(const struct agent *a, const struct object *o, unsigned line)
{
	return a->ups->line_bads;
}

static int64_t alarms_present(const struct agent *a, const struct object *o, unsigned line)
{
	return (int64_t)a->ups->n_rows;
}

static int64_t uptime(const struct agent *a, const struct object *o, unsigned line)
{
	return (int64_t)((agent_now() - a->restarted_ns) / 10000000 & UINT32_MAX);
}

static int64_t rated_va(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(rating_w(a->ups) / 0.9);
}

static int64_t rated_w(const struct agent *a, const struct object *o, unsigned line)
{
	return llround(rating_w(a->ups));
}

/* ---- texts ---- */

static const char *manufacturer(const struct agent *a, char *buf, size_t cap)
{
	return "Busbar Simulation";
}

static const char *model(const struct agent *a, char *buf, size_t cap)
{
	snprintf(buf, cap, "Fleet %u/%u", (unsigned)lround(rating_w(a->ups) / 0.9), a->ups->phases);
	return buf;
}

static const char *ups_firmware(const struct agent *a, char *buf, size_t cap)
{
	snprintf(buf, cap, "%u.%02u", 1 + a->ups->seed % 3, a->ups->seed / 7 % 40);
	return buf;
}

static const char *card_firmware(const struct agent *a, char *buf, size_t cap)
{
	snprintf(buf, cap, "fleetsim %s", BUSBAR_VERSION);
	return buf;
}

static const char *name(const struct agent *a, char *buf, size_t cap)
{
	snprintf(buf, cap, "ups-%u-%u-%u", a->address >> 16 & 255, a->address >> 8 & 255,
		a->address & 255);
	return buf;
}

static const char *description(const struct agent *a, char *buf, size_t cap)
{
	return "Busbar fleet simulator, RFC 1628";
}

static const char *nobody(const struct agent *a, char *buf, size_t cap)
{
	return "";
}

static const char *place(const struct agent *a, char *buf, size_t cap)
{
	snprintf(buf, cap, "row %u", 1 + a->ups->seed % 12);
	return buf;
}

/* Content octets of OIDs: an enterprise number for examples, and upsTestNoTestsInitiated. */
static const char enterprise[] = "\x2b\x06\x01\x04\x01\x81\xfd\x59\x01";
static const char no_tests[] = "\x2b\x06\x01\x02\x01\x21\x01\x07\x07\x01";

static const char *object_id(const struct agent *a, char *buf, size_t cap)
{
	return enterprise;
}

static const char *test_id(const struct agent *a, char *buf, size_t cap)
{
	return no_tests;
}

/* ---- the table, in OID order ---- */

// clang-format off
#define SYS(tag, n, ...) { ROOT_SYSTEM, 1, { n }, tag, false, __VA_ARGS__ }
#define UPS1(tag, g, n, ...) { ROOT_UPS, 2, { g, n }, tag, false, __VA_ARGS__ }
#define LINE(tag, g, t, n, ...) { ROOT_UPS, 4, { g, t, 1, n }, tag, true, __VA_ARGS__ }

static const struct object objects[] = {
	SYS(BER_OCTETS, 1, NULL, description),
	SYS(BER_OID, 2, NULL, object_id),
	SYS(BER_TIMETICKS, 3, uptime),
	SYS(BER_OCTETS, 4, NULL, nobody),
	SYS(BER_OCTETS, 5, NULL, name),
	SYS(BER_OCTETS, 6, NULL, place),
	SYS(BER_INTEGER, 7, constant, NULL, 72),
	UPS1(BER_OCTETS, 1, 1, NULL, manufacturer),
	UPS1(BER_OCTETS, 1, 2, NULL, model),
	UPS1(BER_OCTETS, 1, 3, NULL, ups_firmware),
	UPS1(BER_OCTETS, 1, 4, NULL, card_firmware),
	UPS1(BER_OCTETS, 1, 5, NULL, name),
	UPS1(BER_OCTETS, 1, 6, NULL, nobody),
	UPS1(BER_INTEGER, 2, 1, battery_status),
	UPS1(BER_INTEGER, 2, 2, seconds_on_battery),
	UPS1(BER_INTEGER, 2, 3, minutes_remaining),
	UPS1(BER_INTEGER, 2, 4, charge),
	UPS1(BER_INTEGER, 2, 5, battery_voltage),
	UPS1(BER_INTEGER, 2, 6, battery_current),
	UPS1(BER_INTEGER, 2, 7, wave, NULL, 25, 2, 3600),
	UPS1(BER_COUNTER32, 3, 1, line_bads),
	UPS1(BER_INTEGER, 3, 2, phases),
	LINE(BER_INTEGER, 3, 3, 2, mains_wave, NULL, 500, 1, 90),
	LINE(BER_INTEGER, 3, 3, 3, mains_wave, NULL, 231, 4, 400),
	LINE(BER_INTEGER, 3, 3, 4, input_current),
	LINE(BER_INTEGER, 3, 3, 5, input_power),
	UPS1(BER_INTEGER, 4, 1, output_source),
	UPS1(BER_INTEGER, 4, 2, constant, NULL, 500),
	UPS1(BER_INTEGER, 4, 3, phases),
	LINE(BER_INTEGER, 4, 4, 2, wave, NULL, 230, 1, 300),
	LINE(BER_INTEGER, 4, 4, 3, output_current),
	LINE(BER_INTEGER, 4, 4, 4, output_power),
	LINE(BER_INTEGER, 4, 4, 5, output_load),
	UPS1(BER_INTEGER, 5, 1, mains_wave, NULL, 500, 1, 90),
	UPS1(BER_INTEGER, 5, 2, phases),
	LINE(BER_INTEGER, 5, 3, 2, mains_wave, NULL, 231, 4, 400),
	LINE(BER_INTEGER, 5, 3, 3, constant, NULL, 0),
	LINE(BER_INTEGER, 5, 3, 4, constant, NULL, 0),
	UPS1(BER_GAUGE32, 6, 1, alarms_present),
	UPS1(BER_OID, 7, 1, NULL, test_id),
	UPS1(BER_INTEGER, 7, 2, constant, NULL, 0),
	UPS1(BER_INTEGER, 7, 3, constant, NULL, 6),
	UPS1(BER_OCTETS, 7, 4, NULL, nobody),
	UPS1(BER_TIMETICKS, 7, 5, constant, NULL, 0),
	UPS1(BER_INTEGER, 7, 6, constant, NULL, 0),
	UPS1(BER_INTEGER, 8, 1, constant, NULL, 1),
	UPS1(BER_INTEGER, 8, 2, constant, NULL, -1),
	UPS1(BER_INTEGER, 8, 3, constant, NULL, -1),
	UPS1(BER_INTEGER, 8, 4, constant, NULL, -1),
	UPS1(BER_INTEGER, 8, 5, constant, NULL, 1),
	UPS1(BER_INTEGER, 9, 1, constant, NULL, 230),
	UPS1(BER_INTEGER, 9, 2, constant, NULL, 500),
	UPS1(BER_INTEGER, 9, 3, constant, NULL, 230),
	UPS1(BER_INTEGER, 9, 4, constant, NULL, 500),
	UPS1(BER_INTEGER, 9, 5, rated_va),
	UPS1(BER_INTEGER, 9, 6, rated_w),
	UPS1(BER_INTEGER, 9, 7, constant, NULL, 2),
	UPS1(BER_INTEGER, 9, 8, constant, NULL, 2),
	UPS1(BER_INTEGER, 9, 9, constant, NULL, 196),
	UPS1(BER_INTEGER, 9, 10, constant, NULL, 264),
};
// clang-format on

#define N_OBJECTS     (sizeof(objects) / sizeof(objects[0]))
#define INSTANCE_ARCS 16

struct instance {
	uint32_t n;
	uint32_t arc[INSTANCE_ARCS];
	const struct object *object;
	unsigned line; /* 1..3, NO_LINE for scalars */
};

static void instance_make(struct instance *in, const struct object *o, unsigned line)
{
	in->n = roots[o->root].n;
	memcpy(in->arc, roots[o->root].arc, in->n * sizeof(in->arc[0]));
	for (unsigned k = 0; k < o->depth; k++)
		in->arc[in->n++] = o->arc[k];
	in->arc[in->n++] = line;
	in->object = o;
	in->line = line;
}

static size_t instances_make(struct instance *table, unsigned lines)
{
	size_t n = 0;

	for (size_t i = 0; i < N_OBJECTS; i++) {
		if (!objects[i].per_line)
			instance_make(&table[n++], &objects[i], NO_LINE);
		for (unsigned line = 1; objects[i].per_line && line <= lines; line++)
			instance_make(&table[n++], &objects[i], line);
	}
	return n;
}

/* Instances of a UPS with `lines` phases, in OID order; made at first use. */
static const struct instance *instances(unsigned lines, size_t *n)
{
	static struct instance table[2][N_OBJECTS * 3];
	static size_t count[2];
	unsigned which = lines == 3;

	if (!count[which])
		count[which] = instances_make(table[which], lines);
	*n = count[which];
	return table[which];
}

/* Index of the first instance not below `o`. */
static size_t lower(const struct instance *table, size_t n, const struct ber_oid *o)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ber_oid_compare(table[mid].arc, table[mid].n, o->arc, o->n) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_at(const struct instance *table, size_t n, size_t i, const struct ber_oid *o)
{
	return i < n && !ber_oid_compare(table[i].arc, table[i].n, o->arc, o->n);
}

static void answer(const struct agent *a, const struct instance *in, struct ber_value *v)
{
	const struct object *o = in->object;

	if (o->text) {
		const char *text = o->text(a, (char *)v->text, sizeof(v->text));

		ber_value_bytes(v, o->tag, text, strlen(text));
	} else {
		ber_value_number(v, o->tag, o->number(a, o, in->line));
	}
}

/* ---- alarm rows: U.6.2.1.<2 descr, 3 time>.<index> ---- */

enum { COLUMN_DESCR = 2, COLUMN_TIME = 3, ROW_ARCS = 13 };
static const uint32_t alarm_entry[] = { 1, 3, 6, 1, 2, 1, 33, 1, 6, 2, 1 };

static void row_name(const struct ups_row *r, uint32_t column, struct ber_oid *name_out)
{
	ber_oid_copy(name_out, alarm_entry, sizeof(alarm_entry) / sizeof(alarm_entry[0]));
	name_out->arc[name_out->n++] = column;
	name_out->arc[name_out->n++] = r->index;
}

static void row_answer(const struct agent *a, const struct ups_row *r, uint32_t column,
	struct ber_value *v)
{
	static const uint8_t well_known[] = { 0x2b, 0x06, 0x01, 0x02, 0x01, 0x21, 0x01, 0x06,
		0x03 };

	if (column == COLUMN_TIME) {
		ber_value_number(v, BER_TIMETICKS,
			r->since_ns > a->restarted_ns
				? (int64_t)((r->since_ns - a->restarted_ns) / 10000000 & UINT32_MAX)
				: 0);
		return;
	}
	if (!r->code) {
		ber_value_bytes(v, BER_OID, r->oid, r->oid_len);
		return;
	}
	memcpy(v->text, well_known, sizeof(well_known));
	v->text[sizeof(well_known)] = (uint8_t)r->code;
	ber_value_bytes(v, BER_OID, v->text, sizeof(well_known) + 1);
}

/* First alarm object for which compare(name, o) >= least. */
static bool row_find(const struct agent *a, const struct ber_oid *o, int least,
	struct ber_oid *found, struct ber_value *v)
{
	for (uint32_t column = COLUMN_DESCR; column <= COLUMN_TIME; column++) {
		for (size_t i = 0; i < a->ups->n_rows; i++) {
			row_name(&a->ups->row[i], column, found);
			if (ber_oid_compare(found->arc, found->n, o->arc, o->n) < least)
				continue;
			row_answer(a, &a->ups->row[i], column, v);
			return true;
		}
	}
	return false;
}

/* ---- the model ---- */

static bool model_get(struct agent *a, const struct ber_oid *o, struct ber_value *v)
{
	struct ber_oid found;
	size_t n, i;
	const struct instance *table = instances(a->ups->phases, &n);

	i = lower(table, n, o);
	if (is_at(table, n, i, o)) {
		answer(a, &table[i], v);
		return true;
	}
	return o->n == ROW_ARCS && row_find(a, o, 0, &found, v) &&
	       !ber_oid_compare(found.arc, found.n, o->arc, o->n);
}

static bool model_next(struct agent *a, const struct ber_oid *after, struct ber_oid *next,
	struct ber_value *v)
{
	size_t n, i;
	const struct instance *table = instances(a->ups->phases, &n);
	bool has_row = row_find(a, after, 1, next, v);

	i = lower(table, n, after);
	i += is_at(table, n, i, after);
	if (i == n ||
		(has_row && ber_oid_compare(next->arc, next->n, table[i].arc, table[i].n) < 0))
		return has_row;
	ber_oid_copy(next, table[i].arc, table[i].n);
	answer(a, &table[i], v);
	return true;
}

const struct agent_model ups_model = { .name = "rfc1628", .get = model_get, .next = model_next };

/* ---- standard work of the benches ---- */

void ups_bench_oid(size_t i, struct ber_oid *oid)
{
	static const char *const below[UPS_BENCH_OBJECTS] = {
		"2.1.0",
		"2.2.0",
		"2.3.0",
		"2.4.0",
		"2.5.0",
		"2.6.0",
		"2.7.0",
		"3.1.0",
		"3.3.1.2.1",
		"3.3.1.3.1",
		"3.3.1.4.1",
		"3.3.1.5.1",
		"4.1.0",
		"4.2.0",
		"4.4.1.2.1",
		"4.4.1.3.1",
		"4.4.1.4.1",
		"4.4.1.5.1",
		"5.1.0",
		"5.3.1.2.1",
		"5.3.1.3.1",
		"5.3.1.4.1",
		"6.1.0",
		"7.3.0",
	};
	char text[64];

	snprintf(text, sizeof(text), "1.3.6.1.2.1.33.1.%s", below[i]);
	ber_oid_parse(oid, text);
}
