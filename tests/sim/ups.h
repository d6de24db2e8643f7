// SPDX-License-Identifier: Apache-2.0
/* A UPS that answers all groups of RFC 1628, with 1 or 3 phases. Everything is a pure function of
 * its address, the time and the few facts below, so thousands of them cost nothing while nobody
 * asks. On mains the values move slowly; on battery the output source is 5, seconds on battery
 * count, charge and runtime fall, the input is dead. The battery never becomes low by itself: the
 * script says so, and the truth log knows it. An answer with the 24 objects of ups_bench_oid() is
 * the standard work of the benches. */
#pragma once
#include "tests/sim/agent.h"

#define UPS_ALARMS        24 /* well-known alarms of RFC 1628 */
#define UPS_EXTRA_ALARMS  4  /* rows with other OIDs */
#define UPS_BENCH_OBJECTS 24

enum { UPS_ALARM_ON_BATTERY = 2, UPS_ALARM_LOW = 3, UPS_ALARM_DEPLETED = 4 };
enum ups_battery { UPS_BATTERY_NORMAL, UPS_BATTERY_LOW, UPS_BATTERY_DEPLETED };

struct ups_row {
	uint32_t index; /* of the table row */
	uint32_t code;  /* 1..24; 0: `oid` */
	uint64_t since_ns;
	uint8_t oid[64]; /* content octets */
	uint8_t oid_len;
};

struct ups {
	unsigned phases;
	uint32_t seed;          /* hash of the address: identity and the phase of every wave */
	uint32_t runtime_s;     /* of the full battery */
	uint64_t on_battery_ns; /* since when; 0 = on mains */
	uint64_t
		counter_ns; /* where the card's seconds on battery begin (a restart of the card moves it) */
	double charge_pct; /* at charge_ns */
	uint64_t charge_ns;
	enum ups_battery battery;
	uint32_t line_bads;
	uint32_t next_index;
	size_t n_rows;
	struct ups_row row[UPS_ALARMS + UPS_EXTRA_ALARMS]; /* ascending index */
};

extern const struct agent_model ups_model;
struct ups *ups_new(uint32_t address, unsigned phases, uint32_t runtime_s, uint64_t now_ns);
void ups_free(struct ups *u);
void ups_on_battery(struct ups *u, uint64_t now_ns);
/* Back on mains; low and depleted end with it. */
void ups_on_mains(struct ups *u, uint64_t now_ns);
void ups_set_battery(struct ups *u, enum ups_battery to, uint64_t now_ns);
/* The card restarts: counters and alarm rows begin anew, the power state stays. */
void ups_restart_card(struct ups *u, uint64_t now_ns);

/* `what`: number 1..24, code ("fan.failed") or the OID of any other alarm. *is_change false: it
 * was so already. Returns 0 or -1. */
int ups_alarm(struct ups *u, const char *what, bool on, uint64_t now_ns, bool *is_change,
	struct bb_err *err);
double ups_charge(const struct ups *u, uint64_t now_ns);
/* Standard work of the benches, for one phase; i < UPS_BENCH_OBJECTS. */
void ups_bench_oid(size_t i, struct ber_oid *oid);
