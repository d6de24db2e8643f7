// SPDX-License-Identifier: Apache-2.0
/* State of a simulated UPS: power, battery, alarm rows. What it answers is in ups_mib.c. */
#include "tests/sim/ups.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

#define RECHARGE_PCT_PER_S 0.1

static const char *const alarm_code[UPS_ALARMS + 1] = {
	[1] = "battery.bad",
	[2] = "ups.on_battery",
	[3] = "battery.low",
	[4] = "battery.depleted",
	[5] = "ups.temperature",
	[6] = "input.bad",
	[7] = "output.bad",
	[8] = "output.overload",
	[9] = "ups.on_bypass",
	[10] = "bypass.bad",
	[11] = "output.off_requested",
	[12] = "ups.off_requested",
	[13] = "charger.failed",
	[14] = "output.off",
	[15] = "ups.off",
	[16] = "fan.failed",
	[17] = "fuse.failed",
	[18] = "ups.fault",
	[19] = "test.failed",
	[20] = "comm.lost",
	[21] = "ups.awaiting_power",
	[22] = "shutdown.pending",
	[23] = "shutdown.imminent",
	[24] = "test.running",
};

struct ups *ups_new(uint32_t address, unsigned phases, uint32_t runtime_s, uint64_t now_ns)
{
	struct ups *u = bb_calloc(1, sizeof(*u));

	u->seed = (uint32_t)bb_hash(&address, sizeof(address));
	u->phases = phases;
	u->runtime_s = runtime_s ? runtime_s : 900 + u->seed % 2700;
	u->charge_pct = 100;
	u->charge_ns = now_ns;
	u->next_index = 1;
	return u;
}

void ups_free(struct ups *u)
{
	free(u);
}

/* ---- alarm rows ---- */

static void row_remove(struct ups *u, size_t i)
{
	memmove(&u->row[i], &u->row[i + 1], (u->n_rows - i - 1) * sizeof(u->row[0]));
	u->n_rows--;
}

static bool row_set(struct ups *u, uint32_t code, const uint8_t *oid, size_t oid_len, bool on,
	uint64_t now_ns)
{
	struct ups_row *r;

	for (size_t i = 0; i < u->n_rows; i++) {
		r = &u->row[i];
		if (r->code != code ||
			(!code && (r->oid_len != oid_len || memcmp(r->oid, oid, oid_len) != 0)))
			continue;
		if (!on)
			row_remove(u, i);
		return !on;
	}
	if (!on || u->n_rows == sizeof(u->row) / sizeof(u->row[0]))
		return false;
	r = &u->row[u->n_rows++];
	*r = (struct ups_row){ .index = u->next_index++,
		.code = code,
		.since_ns = now_ns,
		.oid_len = (uint8_t)oid_len };
	if (oid_len)
		memcpy(r->oid, oid, oid_len);
	return true;
}

static void row_code(struct ups *u, uint32_t code, bool on, uint64_t now_ns)
{
	row_set(u, code, NULL, 0, on, now_ns);
}

int ups_alarm(struct ups *u, const char *what, bool on, uint64_t now_ns, bool *is_change,
	struct bb_err *err)
{
	struct ber_oid oid;
	uint8_t content[64];
	size_t len, extra = 0;
	uint64_t code;

	for (code = 1; code <= UPS_ALARMS && strcmp(alarm_code[code], what) != 0; code++)
		;
	if (code <= UPS_ALARMS || !bb_parse_u64(what, "alarm", 1, UPS_ALARMS, &code, NULL)) {
		*is_change = row_set(u, (uint32_t)code, NULL, 0, on, now_ns);
		return 0;
	}
	if (ber_oid_parse(&oid, what) < 0 ||
		!(len = ber_oid_pack(content, sizeof(content), oid.arc, oid.n)))
		return bb_err_set(err, "alarm \"%s\" is no number 1..24, code or OID", what);
	for (size_t i = 0; i < u->n_rows; i++)
		extra += !u->row[i].code;
	if (on && extra == UPS_EXTRA_ALARMS)
		return bb_err_set(err, "an agent holds at most %d other alarms", UPS_EXTRA_ALARMS);
	*is_change = row_set(u, 0, content, len, on, now_ns);
	return 0;
}

/* ---- power ---- */

double ups_charge(const struct ups *u, uint64_t now_ns)
{
	static const double floor_pct[] = {
		[UPS_BATTERY_NORMAL] = 25,
		[UPS_BATTERY_LOW] = 3,
		[UPS_BATTERY_DEPLETED] = 0,
	};
	double s = (double)(now_ns - u->charge_ns) / 1e9, pct;

	if (!u->on_battery_ns) {
		pct = u->charge_pct + s * RECHARGE_PCT_PER_S;
		return pct > 100 ? 100 : pct;
	}
	pct = u->charge_pct - s * 100 / u->runtime_s;
	if (pct >= floor_pct[u->battery])
		return pct;
	return u->charge_pct < floor_pct[u->battery] ? u->charge_pct : floor_pct[u->battery];
}

static void charge_keep(struct ups *u, uint64_t now_ns)
{
	u->charge_pct = ups_charge(u, now_ns);
	u->charge_ns = now_ns;
}

void ups_on_battery(struct ups *u, uint64_t now_ns)
{
	if (u->on_battery_ns)
		return;
	charge_keep(u, now_ns);
	u->on_battery_ns = u->counter_ns = now_ns;
	u->line_bads++;
	row_code(u, UPS_ALARM_ON_BATTERY, true, now_ns);
}

void ups_on_mains(struct ups *u, uint64_t now_ns)
{
	if (!u->on_battery_ns)
		return;
	charge_keep(u, now_ns);
	u->on_battery_ns = u->counter_ns = 0;
	row_code(u, UPS_ALARM_ON_BATTERY, false, now_ns);
	ups_set_battery(u, UPS_BATTERY_NORMAL, now_ns);
}

void ups_set_battery(struct ups *u, enum ups_battery to, uint64_t now_ns)
{
	static const double at_most_pct[] = {
		[UPS_BATTERY_NORMAL] = 100,
		[UPS_BATTERY_LOW] = 15,
		[UPS_BATTERY_DEPLETED] = 0,
	};

	charge_keep(u, now_ns);
	u->battery = to;
	if (u->charge_pct > at_most_pct[to])
		u->charge_pct = at_most_pct[to];
	row_code(u, UPS_ALARM_LOW, to >= UPS_BATTERY_LOW, now_ns);
	row_code(u, UPS_ALARM_DEPLETED, to == UPS_BATTERY_DEPLETED, now_ns);
}

void ups_restart_card(struct ups *u, uint64_t now_ns)
{
	if (u->on_battery_ns)
		u->counter_ns = now_ns;
	u->line_bads = 0;
	u->next_index = 1;
	for (size_t i = 0; i < u->n_rows; i++) {
		u->row[i].index = u->next_index++;
		u->row[i].since_ns = 0; /* before the agent started */
	}
}
