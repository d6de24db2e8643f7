// SPDX-License-Identifier: Apache-2.0
/* What people have a card do: a self-test, the beeper, a single outlet. Recorded before it is sent, sent at most once, read
 * back, and the result recorded, too. A SET that was not answered is not repeated: reading back tells what came of it, and where that
 * does not tell either, the result is "unconfirmed", never "done". One command per device at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/snmp.h"
#include "common/arena.h"
#include "common/str.h"

#define READS_MAX     6
#define READ_TRIES    2
#define READ_AGAIN_MS 1000
#define TEXT_MAX      240

#define CODE_OK      BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define CODE_REFUSED BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define CODE_UNKNOWN BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

enum step { STEP_RECORD, STEP_LOCK, STEP_WRITE, STEP_READ };
enum result { RESULT_DONE, RESULT_FAILED, RESULT_UNCONFIRMED };
static const char *const result_name[] = { "done", "failed", "unconfirmed" };

struct command {
	struct snmp_device *s; /* NULL: gone, and only the callback of the record is awaited */
	struct bb_cmd_call *call;
	const struct profile_command *c;
	struct profile_oid row; /* behind the columns; n = 0: for the whole device */
	char name[96];          /* with its instance */
	char *user;
	uint8_t cmd_key[EVENTS_KEY_BYTES];
	bool has_key, is_sent;
	uint8_t step, reads;
	int32_t lock; /* the spin lock as read */
	struct packet *packet;
	struct wheel_entry timer;
	char answer[TEXT_MAX]; /* of the card to the SET, where it was an error */
	char readback[96];
};

static const char *arg_of(const Busbar__V1__CommandRequest *rq, const char *name)
{
	for (size_t i = 0; i < rq->n_arg && i < rq->n_arg_name; i++)
		if (!strcmp(rq->arg_name[i], name))
			return rq->arg[i];
	return NULL;
}

/* ---- which there are ---- */

/* The number in the place of {i}, or 0: the name is not of this form. */
static unsigned number_in(const char *form, const char *name)
{
	const char *at = strstr(form, "{i}");
	size_t n = at ? (size_t)(at - form) : 0;
	char *end;

	if (!at || strncmp(form, name, n))
		return 0;
	unsigned long v = strtoul(name + n, &end, 10);
	return end != name + n && !strcmp(end, at + 3) && v < 100000 ? (unsigned)v : 0;
}

/* Number of the row this object stands for, if it belongs to the point the command's rows are those of. */
static unsigned row_of(const struct plan *p, const struct profile_command *c, unsigned object)
{
	const struct plan_object *o = &p->object[object];

	if (!o->point || o->slot == PLAN_NO_SLOT || strcmp(o->point->name, c->rows))
		return 0;
	return number_in(c->rows, p->layout->slot[o->slot].name);
}

static bool is_offered(const struct plan *p, const struct profile_command *c)
{
	for (unsigned i = 0; c->needs && i <= p->n_objects; i++) {
		if (i == p->n_objects)
			return false;
		if (p->object[i].point && !strcmp(p->object[i].point->name, c->needs))
			break;
	}
	return true;
}

/* "outlet.3.load.off" */
static void name_of(const struct profile_command *c, unsigned row, char *out, size_t cap)
{
	const char *at = strstr(c->name, "{n}");

	if (at)
		snprintf(out, cap, "%.*s%u%s", (int)(at - c->name), c->name, row, at + 3);
	else
		bb_copy(out, cap, c->name);
}

static const char *why_not(struct snmp_device *s)
{
	return !s->plan     ? "the device has not been recognised yet"
	       : s->fails   ? "the device does not answer"
	       : s->command ? "another command runs"
			    : NULL;
}

static void list_one(struct bb_json *j, const struct profile_command *c, unsigned row,
	const char *why)
{
	char instance[16];

	snprintf(instance, sizeof(instance), "%u", row);
	bb_json_obj(j, NULL);
	bb_json_str(j, "command", c->name);
	bb_json_str(j, "title", c->title);
	bb_json_str(j, "instance", c->rows ? instance : NULL);
	bb_json_bool(j, "danger", c->danger);
	bb_json_bool(j, "available", !why);
	bb_json_str(j, "why", why);
	bb_json_end_obj(j);
}

static void list_commands(struct snmp_device *s, struct bb_cmd_call *call)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	const struct plan *p = s->plan;

	bb_json_arr(&j, NULL);
	for (unsigned i = 0; p && i < p->profile->n_commands; i++) {
		const struct profile_command *c = p->profile->command[i];

		if (!is_offered(p, c))
			continue;
		if (!c->rows)
			list_one(&j, c, 0, why_not(s));
		for (unsigned k = 0; c->rows && k < p->n_objects; k++) {
			unsigned row = row_of(p, c, k);

			if (row)
				list_one(&j, c, row, why_not(s));
		}
	}
	bb_json_end_arr(&j);
	reply.has_code = 1;
	reply.code = CODE_OK;
	reply.json = out.data;
	bb_cmd_reply(call, &reply);
	bb_buf_fini(&out);
}

/* ---- the end ---- */

static void record(struct command *m, const char *text, events_done done)
{
	const struct device *d = device_of(m->s);
	const struct device_event ev = { .device_id = d->id,
		.site_id = d->site_id,
		.key = d->key,
		.kind = "command",
		.code = m->name,
		.text = text,
		.user = m->user,
		.cmd_key = m->has_key ? m->cmd_key : NULL,
		.is_authenticated = true };

	collector_event(m->s->snmp->host, &ev, done, done ? m : NULL);
}

static void command_free(struct command *m)
{
	wheel_cancel(&m->timer);
	free(m->packet);
	free(m->user);
	free(m);
}

static void reply(struct command *m, enum result result, const char *text)
{
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "state", result_name[result]);
	bb_json_str(&j, "readback", *m->readback ? m->readback : NULL);
	bb_json_str(&j, "text", text);
	bb_json_end_obj(&j);
	r.has_code = 1;
	r.code = CODE_OK;
	r.json = out.data;
	bb_cmd_reply(m->call, &r);
	bb_buf_fini(&out);
}

static void finish(struct command *m, enum result result, const char *text)
{
	struct snmp_device *s = m->s;
	char all[TEXT_MAX + 120];

	snprintf(all, sizeof(all), "%s: %s: %s", m->name, result_name[result], text);
	if (collector_answers(s->snmp->host)) {
		record(m, all, NULL);
		reply(m, result, text);
	}
	s->command = NULL;
	job_done(s, JOB_COMMAND);
	if (m->step == STEP_RECORD)
		m->s = NULL; /* its callback is still to come */
	else
		command_free(m);
}

void command_lost(struct snmp_device *s, const char *reason)
{
	char text[TEXT_MAX];

	if (!s->command)
		return;
	bool is_sent = s->command->is_sent;
	snprintf(text, sizeof(text), "%s: %.180s", is_sent ? "it was sent" : "it was not sent",
		reason);
	finish(s->command, is_sent ? RESULT_UNCONFIRMED : RESULT_FAILED, text);
}

/* ---- asking ---- */

static struct profile_oid instance_of(const struct command *m, const struct profile_oid *oid)
{
	struct profile_oid out = *oid;

	for (unsigned i = 0; i < m->row.n && out.n < PROFILE_OID_MAX; i++)
		out.id[out.n++] = m->row.id[i];
	return out;
}

static struct packet *build_get(const struct command *m, const struct profile_oid *oid)
{
	struct profile_oid ask = instance_of(m, oid);
	const struct peer *p = &m->s->peer;

	return codec_build(CODEC_GET, (enum codec_version)p->version, p->community, &ask, 1, 0);
}

static struct packet *build_set(const struct command *m)
{
	struct codec_set set[PROFILE_MAX_WRITES + 1];
	const struct peer *p = &m->s->peer;
	unsigned n = 0;

	/* The lock goes first: a card that checks one by one must fail there. */
	if (m->c->spinlock.n)
		set[n++] = (struct codec_set){ .oid = m->c->spinlock, .number = m->lock };
	for (unsigned i = 0; i < m->c->n_writes; i++)
		set[n++] = (struct codec_set){ .oid = instance_of(m, &m->c->write[i].oid),
			.object = m->c->write[i].object,
			.number = m->c->write[i].value };
	return codec_build_set((enum codec_version)p->version, p->community, set, n);
}

void command_begin(struct snmp_device *s)
{
	struct command *m = s->command;

	free(m->packet);
	m->packet = m->step == STEP_LOCK    ? build_get(m, &m->c->spinlock)
		    : m->step == STEP_WRITE ? build_set(m)
					    : build_get(m, &m->c->readback);
	if (!m->packet) {
		finish(m, RESULT_FAILED, "the request cannot be built");
		return;
	}
	m->is_sent |= m->step == STEP_WRITE;
	engine_ask(s->snmp->engine, &s->peer, m->packet, m->step == STEP_WRITE ? 1 : READ_TRIES);
}

/* ---- answers ---- */

static void on_again(void *arg)
{
	struct command *m = arg;

	job_want(m->s, JOB_COMMAND);
	job_next(m->s);
}

static bool among(int64_t v, const int64_t *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i] == v)
			return true;
	return false;
}

/* What the number means, where a point of the profile says so. */
static void note_readback(struct command *m, int64_t v)
{
	const struct profile *p = m->s->plan->profile;

	snprintf(m->readback, sizeof(m->readback), "%lld", (long long)v);
	for (unsigned i = 0; i < p->n_points; i++) {
		const struct profile_point *point = p->point[i];
		const struct profile_value *means =
			point->map && !profile_oid_compare(&point->oid, &m->c->readback)
				? profile_map_find(point->map, v)
				: NULL;

		if (means) {
			snprintf(m->readback, sizeof(m->readback), "%s", means->text);
			return;
		}
	}
}

static void judge(struct command *m, bool is_known, int64_t v)
{
	char text[2 * TEXT_MAX];

	if (is_known)
		note_readback(m, v);
	if (is_known && among(v, m->c->is, m->c->n_is)) {
		snprintf(text, sizeof(text), "the card says \"%s\"", m->readback);
		finish(m, RESULT_DONE, text);
		return;
	}
	if (++m->reads < READS_MAX) {
		job_done(m->s, JOB_COMMAND);
		wheel_set(collector_wheel(m->s->snmp->host), &m->timer, READ_AGAIN_MS, on_again, m);
		return;
	}
	bool failed = is_known && among(v, m->c->failed, m->c->n_failed);
	snprintf(text, sizeof(text), "%s%sread back: %s", m->answer, *m->answer ? "; " : "",
		is_known ? m->readback : "nothing");
	finish(m, failed ? RESULT_FAILED : RESULT_UNCONFIRMED, text);
}

static void written(struct command *m, const struct codec_answer *a)
{
	struct snmp_device *s = m->s;

	if (a && a->error) {
		const char *name = codec_error_name(a->error);
		bool is_right = a->error == CODEC_NOSUCHNAME || a->error == CODEC_READONLY ||
				a->error == 6 || a->error == 16 || a->error == 17;

		snprintf(m->answer, sizeof(m->answer), "the card refuses (%s)%s", name,
			is_right
				? ": its community or user may not write, or the card cannot do this"
				: "");
		finish(m, RESULT_FAILED, m->answer);
		return;
	}
	if (!a)
		bb_copy(m->answer, sizeof(m->answer), "the card did not answer the SET");
	m->step = STEP_READ;
	device_poll_soon(device_of(s), GROUP_STATUS, 0);
	if (!m->c->readback.n)
		finish(m, RESULT_UNCONFIRMED,
			a ? "the card took it; it has nothing to read back" : m->answer);
}

void command_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns)
{
	struct command *m = s->command;
	bool is_number = a && !a->error && a->n == 1 && a->v[0].type == CODEC_NUMBER;

	device_alive(device_of(s));
	if (m->step == STEP_WRITE) {
		written(m, a);
		return;
	}
	if (m->step == STEP_READ) {
		judge(m, is_number, is_number ? a->v[0].whole : 0);
		return;
	}
	if (!is_number) {
		finish(m, RESULT_FAILED,
			"the card does not tell its spin lock, so nothing was sent");
		return;
	}
	m->lock = (int32_t)a->v[0].whole;
	m->step = STEP_WRITE;
}

void command_silent(struct snmp_device *s)
{
	struct command *m = s->command;
	char text[TEXT_MAX];

	if (m->step == STEP_WRITE) {
		written(m, NULL);
	} else if (m->step == STEP_READ) {
		judge(m, false, 0);
	} else {
		engine_reason(&s->peer, text, sizeof(text));
		finish(m, RESULT_FAILED, text);
	}
}

/* ---- the begin ---- */

static void on_recorded(void *arg, bool durable)
{
	struct command *m = arg;

	if (!m->s) {
		command_free(m);
		return;
	}
	m->step = m->c->spinlock.n ? STEP_LOCK : STEP_WRITE;
	if (!durable) {
		finish(m, RESULT_FAILED, "it cannot be recorded (disk?), so nothing was sent");
		return;
	}
	on_again(m);
}

/* Returns the command's row, or 0 where it has none; -1: there is no such command. */
static int find(const struct plan *p, const char *name, const char *instance,
	const struct profile_command **out, const struct plan_object **row)
{
	for (unsigned i = 0; i < p->profile->n_commands; i++) {
		const struct profile_command *c = p->profile->command[i];

		if (strcmp(c->name, name) || !is_offered(p, c))
			continue;
		*out = c;
		*row = NULL;
		if (!c->rows && !*instance)
			return 0;
		for (unsigned k = 0; c->rows && k < p->n_objects; k++) {
			unsigned n = row_of(p, c, k);
			char text[16];

			snprintf(text, sizeof(text), "%u", n);
			*row = &p->object[k];
			if (n && !strcmp(text, instance))
				return (int)n;
		}
	}
	return -1;
}

static void run_command(struct snmp_device *s, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const char *name = arg_of(rq, "command"), *instance = arg_of(rq, "instance");
	const char *why = why_not(s);
	const struct profile_command *c;
	const struct plan_object *row;
	char text[TEXT_MAX];

	if (why) {
		bb_cmd_reply_text(call, CODE_REFUSED, "%s", why);
		return;
	}
	int n = find(s->plan, name ? name : "", instance ? instance : "", &c, &row);
	if (n < 0) {
		bb_cmd_reply_text(call, CODE_UNKNOWN, "the device has no command \"%.60s\"%s%.20s",
			name ? name : "", instance ? " for " : "", instance ? instance : "");
		return;
	}
	struct command *m = bb_calloc(1, sizeof(*m));
	m->s = s;
	m->call = call;
	m->c = c;
	for (unsigned i = n ? row->point->oid.n : UINT8_MAX; n && i < row->oid.n; i++)
		m->row.id[m->row.n++] = row->oid.id[i];
	m->user = bb_strdup(rq->user ? rq->user : "");
	name_of(c, (unsigned)n, m->name, sizeof(m->name));
	m->has_key = rq->has_cmd_key && rq->cmd_key.len == sizeof(m->cmd_key);
	if (m->has_key)
		memcpy(m->cmd_key, rq->cmd_key.data, sizeof(m->cmd_key));
	s->command = m;
	snprintf(text, sizeof(text), "%s (%s) is sent to the device", m->name, c->title);
	record(m, text, on_recorded);
}

bool command_verb(struct snmp *t, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	bool lists = !strcmp(rq->verb, "device_commands");
	struct device *d = rq->n_item == 1 ? collector_device(t->host, rq->item[0]) : NULL;

	if (!lists && strcmp(rq->verb, "device_command"))
		return false;
	if (!d || !d->is_open)
		bb_cmd_reply_text(call, CODE_UNKNOWN, "no such device here: \"%.200s\"",
			rq->n_item ? rq->item[0] : "");
	else if (lists)
		list_commands((struct snmp_device *)d->transport, call);
	else
		run_command((struct snmp_device *)d->transport, call, rq);
	return true;
}
