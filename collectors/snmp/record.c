// SPDX-License-Identifier: Apache-2.0
/* What a card holds, read object by object for whoever wants to record it. The least of a device's jobs: every poll goes before. One call
 * reads a part and says where the next one begins, so nothing large is kept here. Our own secrets never leave: where a card shows its
 * community or a password, the text is masked. */
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/snmp.h"
#include "common/arena.h"
#include "common/str.h"

#define PART_BYTES 40000
#define PART_ROWS  400

#define CODE_OK      BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define CODE_REFUSED BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define CODE_UNKNOWN BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

struct record {
	struct bb_cmd_call *call;
	struct packet *packet;
	struct profile_oid at;
	struct bb_buf lines;
	unsigned rows;
};

/* ---- the end of a part ---- */

static void record_free(struct snmp_device *s)
{
	struct record *r = s->record;

	s->record = NULL;
	job_done(s, JOB_RECORD);
	free(r->packet);
	bb_buf_fini(&r->lines);
	free(r);
}

/* `why`: nothing more comes, and the reason; NULL: go on from `at`, or `is_end`. */
static void finish(struct snmp_device *s, bool is_end, const char *why)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;
	struct record *r = s->record;
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	char next[PROFILE_OID_TEXT];

	profile_oid_print(&r->at, next, sizeof(next));
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "lines", r->lines.data ? r->lines.data : "");
	bb_json_str(&j, "next", is_end ? NULL : next);
	bb_json_str(&j, "text", why);
	bb_json_end_obj(&j);
	reply.has_code = 1;
	reply.code = CODE_OK;
	reply.json = out.data;
	if (collector_answers(s->snmp->host))
		bb_cmd_reply(r->call, &reply);
	bb_buf_fini(&out);
	record_free(s);
}

void record_lost(struct snmp_device *s)
{
	if (s->record)
		finish(s, true, "the device was removed or changed meanwhile");
}

/* ---- reading ---- */

void record_begin(struct snmp_device *s)
{
	struct record *r = s->record;
	unsigned n = job_bulk(s);

	free(r->packet);
	r->packet = codec_build(n ? CODEC_BULK : CODEC_NEXT, (enum codec_version)s->peer.version,
		s->peer.community, &r->at, 1, n);
	if (r->packet)
		engine_ask(s->snmp->engine, &s->peer, r->packet, ENGINE_TRIES);
	else
		finish(s, true, "the request cannot be built");
}

static void mask(char *line, const char *secret)
{
	size_t n = secret ? strlen(secret) : 0;
	char *at = strchr(line, '|');

	/* "public" and the like are in many texts, and no secret. */
	if (n < 4 || !at || !strcmp(secret, "public"))
		return;
	while ((at = strstr(at, secret)))
		memset(at, '*', n);
}

static void take(struct snmp_device *s, const struct codec_answer *a, unsigned i)
{
	const struct device_settings *set = &device_of(s)->set;
	struct bb_buf line = { 0 };

	if (codec_snmprec(a, i, &line)) {
		mask(line.data, set->community);
		mask(line.data, set->v3_auth_password);
		mask(line.data, set->v3_priv_password);
		bb_buf_printf(&s->record->lines, "%s\n", line.data);
	}
	bb_buf_fini(&line);
}

void record_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns)
{
	struct record *r = s->record;

	if (a && a->error == CODEC_NOSUCHNAME) {
		finish(s, true, NULL);
		return;
	}
	if (!a || a->error || !a->n) {
		if (job_bulk(s))
			job_bulk_less(s);
		else
			finish(s, true, "the card answers with an error here");
		return;
	}
	for (unsigned i = 0; i < a->n; i++) {
		const struct codec_varbind *v = &a->v[i];

		if (v->type == CODEC_END || v->type == CODEC_MISSING) {
			finish(s, true, NULL);
			return;
		}
		if (v->oid_too_long || profile_oid_compare(&v->oid, &r->at) <= 0) {
			finish(s, true, "the card goes round in circles here");
			return;
		}
		take(s, a, i);
		r->at = v->oid;
		r->rows++;
	}
	if (r->rows >= PART_ROWS || r->lines.len >= PART_BYTES)
		finish(s, false, NULL);
}

void record_silent(struct snmp_device *s)
{
	char why[240];

	/* A device that is down teaches nothing about sizes. */
	if (job_bulk(s) && !s->fails) {
		job_bulk_less(s);
		return;
	}
	engine_reason(&s->peer, why, sizeof(why));
	finish(s, true, why);
}

/* ---- the begin ---- */

bool record_verb(struct snmp *t, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	struct device *d = rq->n_item == 1 ? collector_device(t->host, rq->item[0]) : NULL;
	struct profile_oid after = { .n = 2, .id = { 1, 3 } };

	if (strcmp(rq->verb, "device_walk"))
		return false;
	if (!d || !d->is_open) {
		bb_cmd_reply_text(call, CODE_UNKNOWN,
			"no such device here, or its settings are refused: \"%.200s\"",
			rq->n_item ? rq->item[0] : "");
		return true;
	}
	struct snmp_device *s = (struct snmp_device *)d->transport;
	if (s->record || (rq->n_arg == 1 && profile_oid_parse(rq->arg[0], &after))) {
		bb_cmd_reply_text(call, CODE_REFUSED,
			s->record ? "the device is being recorded already" : "that is no OID");
		return true;
	}
	s->record = bb_calloc(1, sizeof(*s->record));
	s->record->call = call;
	s->record->at = after;
	job_want(s, JOB_RECORD);
	job_next(s);
	return true;
}
