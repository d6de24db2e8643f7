// SPDX-License-Identifier: Apache-2.0
/* tail: listens to the bus itself and prints one line per message. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/bus.h"
#include "common/clock.h"
#include "common/point.h"
#include "common/str.h"
#include "common/wire.h"
#include "deploy/ctl/ctl.h"

struct tail {
	struct ctl *c;
	struct bb_loop *loop;
	struct bb_arena *arena;
	uint64_t left;     /* messages still to print; 0: no end */
	bool is_done;
	struct bb_json *j; /* of the line being made */
	struct bb_buf *text;
};

static const char *const kinds[] = { "unknown", "reading", "heartbeat", "state", "group", "alarm",
	"gone" };

static int add_value(void *arg, const struct bb_value *v)
{
	struct tail *t = arg;
	char name[160];

	snprintf(name, sizeof(name), "%s%s%s", v->name, *v->index ? "#" : "", v->index);
	if (!t->c->is_json) {
		bb_buf_printf(t->text, " %s=", name);
		if (v->kind == BB_NUMBER)
			bb_buf_printf(t->text, "%.6g", v->number);
		else
			bb_buf_str(t->text,
				v->kind == BB_FLAG ? (v->flag ? "true" : "false") : v->text);
		if (v->quality != BB_GOOD)
			bb_buf_printf(t->text, "(%s)", bb_quality_name(v->quality));
	} else if (v->kind == BB_NUMBER) {
		bb_json_num(t->j, name, v->number);
	} else if (v->kind == BB_FLAG) {
		bb_json_bool(t->j, name, v->flag);
	} else {
		bb_json_str(t->j, name, v->text);
	}
	return 1;
}

static void add_text(struct tail *t, const char *name, const char *value)
{
	if (t->c->is_json)
		bb_json_str(t->j, name, value);
	else if (value && *value)
		bb_buf_printf(t->text, " %s=%s", name, value);
}

static void add_number(struct tail *t, const char *name, double value)
{
	if (t->c->is_json)
		bb_json_num(t->j, name, value);
	else
		bb_buf_printf(t->text, " %s=%.10g", name, value);
}

static void add_reading(struct tail *t, const struct bb_msg *m)
{
	const Busbar__V1__Reading *r = bb_unpack_reading(t->arena, m->body, m->body_len, NULL);

	if (!r)
		return;
	add_number(t, "missed", r->missed);
	if (r->missed)
		add_text(t, "lost_reason", r->lost_reason);
	if (t->c->is_json)
		bb_json_obj(t->j, "values");
	bb_reading_each(r, add_value, t);
	if (t->c->is_json)
		bb_json_end_obj(t->j);
}

static void add_alarm(struct tail *t, const struct bb_msg *m)
{
	const Busbar__V1__Alarm *a = bb_unpack_alarm(t->arena, m->body, m->body_len, NULL);

	if (!a)
		return;
	add_text(t, "id", a->id);
	add_text(t, "device", a->key);
	add_text(t, "rule", a->rule);
	add_text(t, "severity", bb_severity_name(a->severity));
	add_text(t, "state", bb_alarm_state_name(a->state));
	add_text(t, "text", a->text);
}

static void add_body(struct tail *t, const struct bb_msg *m)
{
	const Busbar__V1__Heartbeat *h;
	const Busbar__V1__DeviceState *d;
	const Busbar__V1__GroupState *g;

	switch (m->kind) {
	case BUSBAR__V1__ENVELOPE__KIND__KIND_READING: add_reading(t, m); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_ALARM: add_alarm(t, m); break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT:
		h = bb_unpack_heartbeat(t->arena, m->body, m->body_len, NULL);
		if (h) {
			add_text(t, "role", h->role);
			add_number(t, "pid", h->pid);
			add_number(t, "troubles", (double)h->n_trouble);
		}
		break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_DEVICE_STATE:
		d = bb_unpack_device_state(t->arena, m->body, m->body_len, NULL);
		if (d) {
			add_text(t, "status", d->status);
			add_text(t, "severity", bb_severity_name(d->severity));
			add_number(t, "active", d->active);
		}
		break;
	case BUSBAR__V1__ENVELOPE__KIND__KIND_GROUP_STATE:
		g = bb_unpack_group_state(t->arena, m->body, m->body_len, NULL);
		if (g) {
			add_text(t, "severity", bb_severity_name(g->severity));
			add_number(t, "members", g->members);
		}
		break;
	default: break;
	}
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct tail *t = arg;
	struct bb_buf line = { 0 };
	struct bb_json j = { .out = &line };
	const char *kind = m->kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[m->kind] : kinds[0];
	char at[32];

	if (t->is_done) /* the turn that stops the loop may hold more */
		return;
	bb_arena_reset(t->arena);
	t->j = &j;
	t->text = &line;
	bb_clock_rfc3339(bb_clock_real_us(), at);
	if (t->c->is_json) {
		bb_json_obj(&j, NULL);
		bb_json_str(&j, "at", at);
		bb_json_str(&j, "topic", m->topic);
		bb_json_str(&j, "kind", kind);
		bb_json_str(&j, "publisher", m->publisher);
		bb_json_num(&j, "age_s", (double)m->age_ms / 1000.0);
		add_body(t, m);
		bb_json_end_obj(&j);
	} else {
		bb_buf_printf(&line, "%s %s", at, m->topic);
		add_body(t, m);
	}
	puts(line.data);
	fflush(stdout);
	bb_buf_fini(&line);
	if (t->left > 0 && --t->left == 0) {
		t->is_done = true;
		bb_loop_stop(t->loop);
	}
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
}

static int run(struct tail *t, const char *prefix, struct bb_err *err)
{
	const char *prefixes[] = { prefix, NULL };
	const struct bb_sub_options o = { .prefixes = prefixes,
		.message = on_message,
		.peer = on_peer,
		.arg = t };
	struct bb_bus *bus;
	struct bb_sub *sub = NULL;
	char name[40];
	int rc = -1;

	snprintf(name, sizeof(name), "busbarctl-%ld", (long)getpid());
	bus = bb_bus_new(t->loop, t->c->dirs.run, name, "tail", bb_clock_real_us(), err);
	if (bus)
		sub = bb_sub_new(bus, &o, err);
	if (sub)
		rc = bb_loop_run(t->loop);
	bb_sub_free(sub);
	bb_bus_free(bus);
	return rc;
}

int cmd_tail(struct ctl *c)
{
	struct tail t = { .c = c };
	const char *count = ctl_option(c, "count");
	struct bb_err err;
	char prefix[256] = "";
	int rc = -1;

	char socket[160];

	snprintf(socket, sizeof(socket), "%s/busd.out", c->dirs.run);
	if (access(socket, F_OK) != 0)
		return ctl_fail("there is no bus at \"%s\"; is the suite running", socket);
	if (count && bb_parse_u64(count, "--count", 1, UINT64_MAX, &t.left, &err) != 0)
		return ctl_fail("%s", err.text);
	/* prefixes of topics end in '/', so that hh/ups-1 does not show hh/ups-10 */
	if (c->n_args == 1)
		snprintf(prefix, sizeof(prefix), "%s%s", c->arg[0],
			c->arg[0][0] && c->arg[0][strlen(c->arg[0]) - 1] != '/' ? "/" : "");
	t.loop = bb_loop_new(&err);
	t.arena = bb_arena_new(65536, 0);
	if (t.loop)
		rc = run(&t, prefix, &err);
	bb_arena_free(t.arena);
	bb_loop_free(t.loop);
	return rc == 0 ? 0 : ctl_fail("%s", err.text);
}
