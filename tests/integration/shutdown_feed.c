// SPDX-License-Identifier: Apache-2.0
/* What shutdownd sees of the rest of the suite, driven line by line: a collector that polls,
 * alarmd's log and configuration, a client of busd.cmd.
 *   shutdown-feed DIR INTERVAL_MS           DIR/run, and DIR/alarmd for the journal of the log
 *   device ID KEY                           a UPS; polled each interval while it has a status
 *   plan ID KEY VERSION MODE NEED HOLD_S RESTORE_S VALIDITY_S ID[,ID...] [TARGET]...
 *                                           TARGET = ID:ADDRESS:PORT:TEMPLATE:TEXT_WITH_UNDERSCORES
 *   config                                  offer what was said so far as the next generation, and forget it
 *   status ID WORDS_WITH_UNDERSCORES | -    what it answers; - : it is not polled any more
 *   missed ID N                             it does not answer
 *   alarm ID on|off                         alarmd records on_battery
 *   log on|off                              alarmd is there or not
 *   command VERB [ITEM [RUN]]               prints: reply CODE TEXT, json ...
 * Each line is answered with "ok" when it took effect here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/pull.h"
#include "common/str.h"

#define WORDS_MAX   32
#define DEVICES_MAX 64
#define PLANS_MAX   8

struct ups {
	uint64_t id, sampled_ns;
	char key[64], status[64];
	bool is_polled;
	unsigned missed;
};

struct feed {
	struct bb_loop *loop;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_journal *journal;
	struct bb_pull_server *log;
	struct bb_genconf_server *conf;
	struct bb_cmd_client *client;
	struct bb_arena *arena;  /* of one line */
	struct bb_arena *config; /* of the generation under construction */
	Busbar__V1__ConfigDevice *device[DEVICES_MAX];
	Busbar__V1__ConfigPlan *plan[PLANS_MAX];
	size_t n_devices, n_plans;
	struct ups ups[DEVICES_MAX];
	size_t n_ups;
	uint64_t generation, interval_ms;
	char line[4096];
	size_t len;
};

static char *copy(struct bb_arena *a, const char *s)
{
	char *c = bb_arena_strdup(a, s);

	for (char *p = c; *p; p++)
		*p = *p == '_' ? ' ' : *p;
	return c;
}

static struct ups *ups_of(struct feed *f, uint64_t id)
{
	for (size_t i = 0; i < f->n_ups; i++) {
		if (f->ups[i].id == id)
			return &f->ups[i];
	}
	return NULL;
}

/* ---- the collector ---- */

static size_t reading_pack(struct feed *f, const struct ups *u, uint8_t **body)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;
	char *name = "ups.status", *text = (char *)u->status;
	size_t len;

	r.has_device_id = r.has_interval_ms = 1;
	r.device_id = u->id;
	r.key = (char *)u->key;
	r.group = "status";
	r.interval_ms = (uint32_t)f->interval_ms;
	if (u->missed) {
		r.has_missed = 1;
		r.missed = u->missed;
		r.lost_reason = "no answer";
	} else {
		r.n_text_name = r.n_text = 1;
		r.text_name = &name;
		r.text = &text;
	}
	*body = bb_pack(f->arena, &r, &len);
	return len;
}

static void publish(struct feed *f, struct ups *u)
{
	char topic[128];
	uint8_t *body;
	size_t len = reading_pack(f, u, &body);

	u->sampled_ns = bb_clock_boot_ns();
	bb_topic(topic, sizeof(topic), "reading", u->key, "status");
	bb_pub_send(f->pub, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len,
		u->sampled_ns);
	bb_arena_reset(f->arena);
}

static void on_poll(void *arg)
{
	struct feed *f = arg;

	for (size_t i = 0; i < f->n_ups; i++) {
		if (f->ups[i].is_polled)
			publish(f, &f->ups[i]);
	}
}

static void snapshot(void *arg, const char *prefix, bb_snap_emit emit, void *emit_arg)
{
	struct feed *f = arg;

	for (size_t i = 0; i < f->n_ups; i++) {
		char topic[128];
		uint8_t *body;
		size_t len;

		bb_topic(topic, sizeof(topic), "reading", f->ups[i].key, "status");
		if (!f->ups[i].sampled_ns || strncmp(topic, prefix, strlen(prefix)) != 0)
			continue;
		len = reading_pack(f, &f->ups[i], &body);
		emit(emit_arg, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len,
			f->ups[i].sampled_ns);
	}
}

/* ---- lines ---- */

static void do_device(struct feed *f, char **w, size_t n)
{
	Busbar__V1__ConfigDevice *d = bb_arena_alloc(f->config, sizeof(*d));
	struct ups *u = ups_of(f, strtoull(w[1], NULL, 10));

	busbar__v1__config_device__init(d);
	d->has_device_id = 1;
	d->device_id = strtoull(w[1], NULL, 10);
	d->key = bb_arena_strdup(f->config, w[2]);
	f->device[f->n_devices++] = d;
	if (!u)
		u = &f->ups[f->n_ups++];
	u->id = d->device_id;
	bb_copy(u->key, sizeof(u->key), w[2]);
}

static Busbar__V1__ConfigTarget *target_parse(struct feed *f, char *word)
{
	Busbar__V1__ConfigTarget *t = bb_arena_alloc(f->config, sizeof(*t));
	char *part[5] = { "", "", "", "", "" }, *save = NULL;

	for (int i = 0; i < 5 && (part[i] = strtok_r(i ? NULL : word, i < 4 ? ":" : "", &save));
		i++)
		;
	busbar__v1__config_target__init(t);
	t->has_id = t->has_port = 1;
	t->id = strtoull(part[0], NULL, 10);
	t->name = bb_arena_printf(f->config, "srv%s", part[0]);
	t->address = bb_arena_strdup(f->config, part[1]);
	t->port = (uint32_t)strtoul(part[2], NULL, 10);
	t->method = "rccmd-udp";
	t->template_name = bb_arena_strdup(f->config, part[3]);
	t->text = copy(f->config, part[4]);
	return t;
}

static void devices_parse(struct feed *f, Busbar__V1__ConfigPlan *p, char *list)
{
	char *save = NULL;

	p->device_id = bb_arena_alloc(f->config, DEVICES_MAX * sizeof(*p->device_id));
	for (char *id = strtok_r(list, ",", &save); id; id = strtok_r(NULL, ",", &save))
		p->device_id[p->n_device_id++] = strtoull(id, NULL, 10);
}

static void do_plan(struct feed *f, char **w, size_t n)
{
	Busbar__V1__ConfigPlan *p = bb_arena_alloc(f->config, sizeof(*p));

	busbar__v1__config_plan__init(p);
	p->has_id = p->has_version = p->has_need = p->has_hold_s = p->has_restore_hold_s =
		p->has_validity_s = 1;
	p->id = strtoull(w[1], NULL, 10);
	p->key = bb_arena_strdup(f->config, w[2]);
	p->version = strtoull(w[3], NULL, 10);
	p->mode = bb_arena_strdup(f->config, w[4]);
	p->need = (uint32_t)strtoul(w[5], NULL, 10);
	p->hold_s = (uint32_t)strtoul(w[6], NULL, 10);
	p->restore_hold_s = (uint32_t)strtoul(w[7], NULL, 10);
	p->validity_s = (uint32_t)strtoul(w[8], NULL, 10);
	devices_parse(f, p, w[9]);
	p->target = bb_arena_alloc(f->config, WORDS_MAX * sizeof(*p->target));
	for (size_t i = 10; i < n; i++)
		p->target[p->n_target++] = target_parse(f, w[i]);
	f->plan[f->n_plans++] = p;
}

static void do_config(struct feed *f, char **w, size_t n)
{
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;
	uint8_t *body;
	size_t len;

	c.device = f->device;
	c.n_device = f->n_devices;
	c.plan = f->plan;
	c.n_plan = f->n_plans;
	body = bb_pack(f->arena, &c, &len);
	bb_genconf_server_put(f->conf, "shutdownd", ++f->generation, body, len);
	f->n_devices = f->n_plans = 0;
	bb_arena_reset(f->config);
}

static void do_status(struct feed *f, char **w, size_t n)
{
	struct ups *u = ups_of(f, strtoull(w[1], NULL, 10));

	u->is_polled = strcmp(w[2], "-") != 0;
	u->missed = 0;
	if (!u->is_polled)
		return;
	bb_copy(u->status, sizeof(u->status), copy(f->arena, w[2]));
	publish(f, u);
}

static void do_missed(struct feed *f, char **w, size_t n)
{
	ups_of(f, strtoull(w[1], NULL, 10))->missed = (unsigned)strtoul(w[2], NULL, 10);
}

static void do_alarm(struct feed *f, char **w, size_t n)
{
	Busbar__V1__Transition t = BUSBAR__V1__TRANSITION__INIT;
	Busbar__V1__Alarm alarm = BUSBAR__V1__ALARM__INIT;
	bool is_on = !strcmp(w[2], "on");
	struct ups *u = ups_of(f, strtoull(w[1], NULL, 10));
	uint8_t *body;
	size_t len;

	alarm.id = "test-1";
	alarm.has_device_id = alarm.has_severity = alarm.has_state = 1;
	alarm.device_id = u->id;
	alarm.key = u->key;
	alarm.rule = "on_battery";
	alarm.subject = "ups.status";
	alarm.severity = BUSBAR__V1__SEVERITY__SEVERITY_MAJOR;
	alarm.state = is_on ? BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK
			    : BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
	t.has_from = t.has_to = 1;
	t.from = is_on ? BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL
		       : BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK;
	t.to = alarm.state;
	t.kind = is_on ? "raise" : "clear";
	t.alarm = &alarm;
	body = bb_pack(f->arena, &t, &len);
	bb_journal_append(f->journal, 1, body, len, NULL, NULL);
}

static void do_log(struct feed *f, char **w, size_t n)
{
	struct bb_err err;

	bb_pull_server_free(f->log);
	f->log = !strcmp(w[1], "on") ? bb_pull_server_new(f->bus, "alarmd.log", f->journal, &err)
				     : NULL;
}

static void on_reply(void *arg, const Busbar__V1__CommandReply *r)
{
	printf("reply %u %s\n", r->code, r->text ? r->text : "");
	if (r->json && *r->json)
		printf("json %s\n", r->json);
	printf("ok\n");
	fflush(stdout);
}

static void do_command(struct feed *f, char **w, size_t n)
{
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;
	char *run = "run";

	rq.verb = w[1];
	rq.user = "tester";
	rq.n_item = n > 2;
	rq.item = &w[2];
	rq.n_arg_name = rq.n_arg = n > 3;
	rq.arg_name = &run;
	rq.arg = &w[3];
	bb_cmd_send(f->client, "shutdownd", &rq, on_reply, f);
}

static const struct word {
	const char *name;
	size_t least;
	void (*run)(struct feed *f, char **w, size_t n);
} words[] = {
	{ "device", 3, do_device },
	{ "plan", 10, do_plan },
	{ "config", 1, do_config },
	{ "status", 3, do_status },
	{ "missed", 3, do_missed },
	{ "alarm", 3, do_alarm },
	{ "log", 2, do_log },
	{ "command", 2, do_command },
};

static void line_run(struct feed *f, char *line)
{
	char *w[WORDS_MAX], *save = NULL;
	size_t n = 0;

	for (char *p = strtok_r(line, " ", &save); p && n < WORDS_MAX;
		p = strtok_r(NULL, " ", &save))
		w[n++] = p;
	for (size_t i = 0; n && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, w[0]) != 0 || n < words[i].least)
			continue;
		words[i].run(f, w, n);
		bb_arena_reset(f->arena);
		if (words[i].run != do_command)
			printf("ok\n");
		fflush(stdout);
		return;
	}
	printf("what?\n");
	fflush(stdout);
}

static void on_stdin(void *arg, int fd, int what)
{
	struct feed *f = arg;
	ssize_t got = read(fd, f->line + f->len, sizeof(f->line) - 1 - f->len);
	char *nl;

	if (got <= 0) {
		bb_loop_stop(f->loop);
		return;
	}
	f->len += (size_t)got;
	while ((nl = memchr(f->line, '\n', f->len))) {
		size_t used = (size_t)(nl - f->line) + 1;

		*nl = '\0';
		line_run(f, f->line);
		f->len -= used;
		memmove(f->line, f->line + used, f->len);
	}
}

static int open_all(struct feed *f, const char *dir, struct bb_err *err)
{
	struct bb_pub_options po = { .connect = BB_PUB_SHUTDOWND, .snapshot = snapshot, .arg = f };
	struct bb_journal_options jo = { .reserve_bytes = 4096 };
	char run[256], journal[256];

	snprintf(run, sizeof(run), "%s/run", dir);
	snprintf(journal, sizeof(journal), "%s/alarmd", dir);
	jo.dir = journal;
	f->bus = bb_bus_new(f->loop, run, "collect-snmp", "collector", bb_clock_real_us(), err);
	if (!f->bus || !(f->pub = bb_pub_new(f->bus, &po, err)) ||
		!(f->journal = bb_journal_open(f->loop, &jo, err)))
		return -1;
	f->log = bb_pull_server_new(f->bus, "alarmd.log", f->journal, err);
	f->conf = bb_genconf_server_new(f->bus, err);
	f->client = bb_cmd_client_new(f->bus, err);
	return f->log && f->conf && f->client ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct feed f = { .generation = (uint64_t)time(NULL) };
	struct bb_err err = { .text = "usage: shutdown-feed DIR INTERVAL_MS" };

	f.loop = bb_loop_new(&err);
	f.arena = bb_arena_new(4096, 0);
	f.config = bb_arena_new(4096, 0);
	if (argc != 3 || bb_parse_u64(argv[2], "interval", 10, 60000, &f.interval_ms, &err) < 0 ||
		open_all(&f, argv[1], &err) < 0) {
		fprintf(stderr, "shutdown-feed: %s\n", err.text);
		return 1;
	}
	bb_loop_every(f.loop, f.interval_ms, on_poll, &f);
	bb_loop_add_fd(f.loop, STDIN_FILENO, BB_READ, on_stdin, &f);
	printf("up\n");
	fflush(stdout);
	bb_loop_run(f.loop);
	bb_cmd_client_free(f.client);
	bb_genconf_server_free(f.conf);
	bb_pull_server_free(f.log);
	bb_journal_close(f.journal);
	bb_pub_free(f.pub);
	bb_bus_free(f.bus);
	bb_arena_free(f.arena);
	bb_arena_free(f.config);
	bb_loop_free(f.loop);
	return 0;
}
