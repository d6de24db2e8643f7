// SPDX-License-Identifier: Apache-2.0
#include "tests/lib/alarm_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

const char *history_object(unsigned object, char *out)
{
	static const char *const own[] = { "busbar/collect-snmp", "busbar/notifyd" };

	if (object >= MODEL_DEVICES)
		return own[object - MODEL_DEVICES];
	snprintf(out, 16, "hh/u%u", object);
	return out;
}

const char *history_rule(unsigned object, unsigned rule)
{
	if (rule != OWN)
		return model_rules[rule];
	return object == MODEL_COLLECTOR ? "collector_lost" : "smtp_down";
}

/* ---- making histories ---- */

static uint32_t rnd(uint64_t *x, uint32_t n)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return (uint32_t)(*x >> 33) % n;
}

static const struct {
	uint8_t kind, weight;
} weights[] = {
	{ OP_TIME, 60 },
	{ OP_STATUS, 60 },
	{ OP_MEASURE, 40 },
	{ OP_AGAIN, 6 },
	{ OP_CONFIRM, 8 },
	{ OP_MISS, 16 },
	{ OP_DEED, 34 },
	{ OP_SNAPSHOT, 3 },
	{ OP_RESTART, 5 },
	{ OP_PAUSE, 4 },
	{ OP_PEER, 4 },
	{ OP_CLOCK, 5 },
	{ OP_EVENT, 3 },
	{ OP_EVENT_AGAIN, 5 },
	{ OP_REMOVE, 1 },
	{ OP_ADD, 2 },
	{ OP_TROUBLE, 8 },
};

static uint8_t op_kind(uint64_t *x)
{
	uint32_t sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(weights) / sizeof(weights[0]); k++)
		sum += weights[k].weight;
	for (at = rnd(x, sum); at >= weights[i].weight; i++)
		at -= weights[i].weight;
	return weights[i].kind;
}

static void deed_make(uint64_t *x, struct op *op)
{
	op->object = (uint8_t)rnd(x, MODEL_OBJECTS);
	op->rule = op->object < MODEL_DEVICES ? (uint8_t)rnd(x, OWN) : OWN;
	op->flags = (uint8_t)rnd(x, MODEL_DEEDS);
	op->quality = rnd(x, op->flags == DEED_UNSHELVE ? 2 : 4) ? 0 : (uint8_t)rnd(x, 3);
	/* A shelf's end is on the wall clock: its commands must not answer for others' (I25). */
	op->number = rnd(x, 3) ? (uint8_t)(1 + rnd(x, 15)) : 0;
	if (op->number && op->flags >= DEED_SHELVE)
		op->number += 16;
	op->a = rnd(x, 3) ? 2 + rnd(x, 60000) : rnd(x, 2);
}

static struct op op_make(uint64_t *x)
{
	static const int64_t steps[] = { 3600, -3600, 315360000, -315360000, 7, -7, 90, -90 };
	struct op op = { .kind = op_kind(x), .object = (uint8_t)rnd(x, MODEL_DEVICES) };

	switch ((enum op_kind)op.kind) {
	case OP_TIME: op.a = rnd(x, 30) ? 1 + rnd(x, 4000) : 30000 + rnd(x, 50000); break;
	case OP_STATUS:
	case OP_MEASURE:
		op.flags = (uint8_t)(rnd(x, 4) | (rnd(x, 3) ? FLAG_TOLD : 0) |
				     (rnd(x, 2) ? FLAG_SET : 0) | (rnd(x, 6) ? 0 : FLAG_BAD));
		op.number = (uint8_t)(72 + rnd(x, 12));
		op.quality = rnd(x, 3) ? 0 : (uint8_t)rnd(x, 4);
		op.a = rnd(x, 5) ? 0 : rnd(x, 20) ? rnd(x, 3000) : 10000 + rnd(x, 40000);
		break;
	case OP_AGAIN:
	case OP_CONFIRM: op.flags = rnd(x, 4) == 0; break;
	case OP_DEED: deed_make(x, &op); break;
	case OP_RESTART: op.flags = (uint8_t)rnd(x, 3); break;
	case OP_CLOCK: op.step = steps[rnd(x, 8)]; break;
	case OP_EVENT_AGAIN:
		op.number = (uint8_t)rnd(x, 8);
		op.flags = (uint8_t)rnd(x, 2);
		break;
	case OP_TROUBLE: op.number = rnd(x, 2) ? (uint8_t)(1 + rnd(x, 5)) : 0; break;
	default: break;
	}
	return op;
}

void history_make(uint64_t seed, struct op *ops)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	size_t deed = HISTORY_STEPS;

	for (size_t i = 0; i < HISTORY_STEPS; i++) {
		ops[i] = op_make(&x);
		if (ops[i].kind != OP_DEED)
			continue;
		/* Every fourth command is an earlier one sent again. */
		if (deed < HISTORY_STEPS && rnd(&x, 4) == 0)
			ops[i] = ops[deed];
		deed = deed == HISTORY_STEPS || rnd(&x, 3) ? i : deed;
	}
}

/* ---- telling ---- */

void history_print(const struct op *op)
{
	static const char *const names[] = { "time", "status", "measure", "again", "confirm",
		"miss", "deed", "snapshot", "restart", "pause", "peer", "clock", "event",
		"event again", "remove", "add", "trouble" };
	static const char *const deeds[] = { "ack", "unack", "take", "comment", "shelve",
		"unshelve" };
	char key[16];

	print_message("  %s", names[op->kind]);
	switch ((enum op_kind)op->kind) {
	case OP_TIME: print_message(" +%u ms", op->a); break;
	case OP_STATUS:
		print_message(" %s %s%s quality %u charger %s%s age %u",
			history_object(op->object, key), op->flags & WORD_OB ? "OB" : "OL",
			op->flags & WORD_LB ? " LB" : "", op->quality,
			!(op->flags & FLAG_TOLD) ? "-"
			: op->flags & FLAG_SET   ? "true"
						 : "false",
			op->flags & FLAG_BAD ? "@bad" : "", op->a);
		break;
	case OP_MEASURE:
		print_message(" %s %.1f quality %u age %u", history_object(op->object, key),
			op->number / 2.0, op->quality, op->a);
		break;
	case OP_DEED:
		print_message(" %s %s %s, %u episodes back, key %u, variant %u", deeds[op->flags],
			history_object(op->object, key), history_rule(op->object, op->rule),
			op->quality, op->number, op->a);
		break;
	case OP_CLOCK: print_message(" %+ld s", (long)op->step); break;
	case OP_TROUBLE: print_message(" severity %u", op->number); break;
	default:
		print_message(" %s flags %u number %u", history_object(op->object, key), op->flags,
			op->number);
	}
	print_message("\n");
}
