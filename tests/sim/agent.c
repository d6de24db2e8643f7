// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/agent.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "tests/sim/recording.h"
#include "tests/sim/ups.h"

static uint64_t clock_ns;

void agent_clock(uint64_t now_ns)
{
	clock_ns = now_ns;
}

uint64_t agent_now(void)
{
	return clock_ns;
}

/* ---- overrides ---- */

/* Index of the first override not below `name`; *is_same tells whether it is that one. */
static size_t override_find(const struct agent *a, const struct ber_oid *name, bool *is_same)
{
	size_t lo = 0, hi = a->n_set;

	*is_same = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct ber_oid *o = &a->set[mid].name;
		int order = ber_oid_compare(o->arc, o->n, name->arc, name->n);

		if (!order) {
			*is_same = true;
			return mid;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void override_value(const struct override *o, struct ber_value *v)
{
	ber_value_bytes(v, o->tag, o->content, o->len);
}

int agent_set(struct agent *a, const char *oid, const char *value, struct bb_err *err)
{
	struct override o = { .is_absent = !strcmp(value, "absent") };
	bool is_same;
	size_t at;

	if (ber_oid_parse(&o.name, oid) < 0)
		return bb_err_set(err, "\"%s\" is no OID", oid);
	if (!o.is_absent &&
		recording_value(value, &o.tag, o.content, sizeof(o.content), &o.len) < 0)
		return bb_err_set(err,
			"value \"%s\" cannot be encoded; write TAG:VALUE, a number, text or absent",
			value);
	at = override_find(a, &o.name, &is_same);
	if (!is_same) {
		if (a->n_set == 256)
			return bb_err_set(err, "an agent holds at most 256 set values");
		a->set = bb_realloc(a->set, (a->n_set + 1) * sizeof(*a->set));
		memmove(&a->set[at + 1], &a->set[at], (a->n_set - at) * sizeof(*a->set));
		a->n_set++;
	}
	a->set[at] = o;
	return 0;
}

void agent_unset(struct agent *a)
{
	free(a->set);
	a->set = NULL;
	a->n_set = 0;
}

void agent_fini(struct agent *a)
{
	agent_unset(a);
	ups_free(a->ups);
	a->ups = NULL;
}

/* ---- objects: the model with the overrides laid over it ---- */

static bool object_get(struct agent *a, const struct ber_oid *name, struct ber_value *v)
{
	if (a->n_set) {
		bool is_same;
		size_t at = override_find(a, name, &is_same);

		if (is_same) {
			override_value(&a->set[at], v);
			return !a->set[at].is_absent;
		}
	}
	return a->model->get(a, name, v);
}

/* The next of the model that is not taken away. */
static bool model_next(struct agent *a, const struct ber_oid *after, struct ber_oid *name,
	struct ber_value *v)
{
	struct ber_oid from;
	bool is_same;

	ber_oid_copy(&from, after->arc, after->n);
	while (a->model->next(a, &from, name, v)) {
		size_t at = override_find(a, name, &is_same);

		if (!is_same)
			return true;
		override_value(&a->set[at], v);
		if (!a->set[at].is_absent)
			return true;
		ber_oid_copy(&from, name->arc, name->n);
	}
	return false;
}

static bool object_next(struct agent *a, const struct ber_oid *after, struct ber_oid *name,
	struct ber_value *v)
{
	bool has, is_same;
	size_t at;

	if (!a->n_set)
		return a->model->next(a, after, name, v);
	has = model_next(a, after, name, v);
	at = override_find(a, after, &is_same);
	for (at += is_same; at < a->n_set; at++) {
		const struct ber_oid *o = &a->set[at].name;

		if (has && ber_oid_compare(o->arc, o->n, name->arc, name->n) >= 0)
			break;
		if (a->set[at].is_absent)
			continue;
		ber_oid_copy(name, o->arc, o->n);
		override_value(&a->set[at], v);
		return true;
	}
	return has;
}

/* ---- protocol ---- */

/* noSuchInstance when the object type is there (something else below the same parent), else
 * noSuchObject. */
static uint8_t missing_tag(struct agent *a, const struct ber_oid *name)
{
	struct ber_oid parent, next;
	struct ber_value v;

	ber_oid_copy(&parent, name->arc, name->n - 1);
	if (object_next(a, &parent, &next, &v) && next.n > parent.n &&
		!ber_oid_compare(next.arc, parent.n, parent.arc, parent.n))
		return BER_NO_SUCH_INSTANCE;
	return BER_NO_SUCH_OBJECT;
}

static const uint8_t *failed(struct ber_answer *out, const struct ber_request *rq, int status,
	size_t index, size_t *len)
{
	if (!ber_answer_repeat(out, rq))
		return NULL;
	return ber_answer_end(out, rq, status, (int)index, len);
}

static const uint8_t *too_big(struct ber_answer *out, const struct ber_request *rq, size_t *len)
{
	if (rq->version == SNMP_V1)
		return failed(out, rq, SNMP_TOO_BIG, 0, len);
	ber_answer_clear(out);
	return ber_answer_end(out, rq, SNMP_TOO_BIG, 0, len);
}

/* SNMPv1 has no Counter64 (RFC 3584 4.2.2.1). */
static bool is_visible(const struct ber_request *rq, const struct ber_value *v)
{
	return rq->version != SNMP_V1 || v->tag != BER_COUNTER64;
}

static const uint8_t *do_get(struct agent *a, const struct ber_request *rq, struct ber_answer *out,
	size_t *len)
{
	for (size_t i = 0; i < rq->n; i++) {
		struct ber_value v;

		if (!object_get(a, &rq->name[i], &v) || !is_visible(rq, &v)) {
			if (rq->version == SNMP_V1)
				return failed(out, rq, SNMP_NO_SUCH_NAME, i + 1, len);
			ber_value_bytes(&v, missing_tag(a, &rq->name[i]), NULL, 0);
		}
		if (!ber_answer_add(out, &rq->name[i], &v))
			return too_big(out, rq, len);
	}
	return ber_answer_end(out, rq, SNMP_NO_ERROR, 0, len);
}

static bool visible_next(struct agent *a, const struct ber_request *rq, const struct ber_oid *after,
	struct ber_oid *name, struct ber_value *v)
{
	struct ber_oid from;

	ber_oid_copy(&from, after->arc, after->n);
	while (object_next(a, &from, name, v)) {
		if (is_visible(rq, v))
			return true;
		ber_oid_copy(&from, name->arc, name->n);
	}
	return false;
}

static const uint8_t *do_getnext(struct agent *a, const struct ber_request *rq,
	struct ber_answer *out, size_t *len)
{
	for (size_t i = 0; i < rq->n; i++) {
		struct ber_oid name;
		struct ber_value v;

		if (!visible_next(a, rq, &rq->name[i], &name, &v)) {
			if (rq->version == SNMP_V1)
				return failed(out, rq, SNMP_NO_SUCH_NAME, i + 1, len);
			ber_oid_copy(&name, rq->name[i].arc, rq->name[i].n);
			ber_value_bytes(&v, BER_END_OF_MIB, NULL, 0);
		}
		if (!ber_answer_add(out, &name, &v))
			return too_big(out, rq, len);
	}
	return ber_answer_end(out, rq, SNMP_NO_ERROR, 0, len);
}

/* One step of one column of a GETBULK; `at` moves on. Returns 1, 0 at the end of the MIB, -1 when
 * the answer is full. */
static int bulk_step(struct agent *a, const struct ber_request *rq, struct ber_answer *out,
	struct ber_oid *at)
{
	struct ber_oid name;
	struct ber_value v;
	bool has = visible_next(a, rq, at, &name, &v);

	if (has)
		ber_oid_copy(at, name.arc, name.n);
	else
		ber_value_bytes(&v, BER_END_OF_MIB, NULL, 0);
	if (!ber_answer_add(out, at, &v))
		return -1;
	return has;
}

static const uint8_t *do_getbulk(struct agent *a, struct ber_request *rq, struct ber_answer *out,
	size_t *len)
{
	size_t fixed = rq->non_repeaters < 0 ? 0 : (size_t)rq->non_repeaters;
	int32_t rounds = rq->max_repetitions < 0 ? 0 : rq->max_repetitions;
	bool has_room = true;

	if (fixed > rq->n)
		fixed = rq->n;
	for (size_t i = 0; i < fixed && has_room; i++)
		has_room = bulk_step(a, rq, out, &rq->name[i]) >= 0;
	for (int32_t r = 0; r < rounds && has_room && fixed < rq->n; r++) {
		bool is_over = true;

		for (size_t i = fixed; i < rq->n && has_room; i++) {
			int rc = bulk_step(a, rq, out, &rq->name[i]);

			has_room = rc >= 0;
			is_over = is_over && rc <= 0;
		}
		if (is_over)
			break;
	}
	return ber_answer_end(out, rq, SNMP_NO_ERROR, 0, len);
}

const uint8_t *agent_answer(struct agent *a, const uint8_t *p, size_t n, uint8_t *buf, size_t *len)
{
	static struct ber_request rq; /* 66 kB, too much for the stack of a fuzzer's thread */
	struct ber_answer out;

	if (ber_request_read(&rq, p, n) < 0)
		return NULL;
	if (rq.community_len != strlen(a->community) ||
		memcmp(rq.community, a->community, rq.community_len) != 0)
		return NULL;
	ber_answer_begin(&out, buf, a->max_message, &rq);
	switch (rq.type) {
	case BER_GET: return do_get(a, &rq, &out, len);
	case BER_GETNEXT: return do_getnext(a, &rq, &out, len);
	case BER_GETBULK: return do_getbulk(a, &rq, &out, len);
	default:
		return failed(&out, &rq,
			rq.version == SNMP_V1 ? SNMP_NO_SUCH_NAME : SNMP_NOT_WRITABLE, 1, len);
	}
}
