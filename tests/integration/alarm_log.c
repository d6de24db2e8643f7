// SPDX-License-Identifier: Apache-2.0
/* What a consumer sees of alarmd, and nothing else: a journal on alarmd.log, generations on
 * alarmd.conf, an ear on readings.alarmd. Commands on stdin, one a line:
 *   recipient ID ADDRESS SEVERITY NAME...   setting NAME VALUE
 *   sealed DAEMON NAME VALUE   commit DAEMON
 *   raise DEVICE KEY RULE SEVERITY EPISODE TEXT...   clear (the same)
 *   other KIND KEY   old DAYS, action TEXT (for what follows)
 *   many PAIRS DEVICES   ask DAEMON VERB [ITEM]
 * Answers on stdout: jseq N TO | durable N | committed N | trouble CODE SEVERITY TEXT | metric
 * NAME VALUE | reply CODE TEXT JSON */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/cmd.h"
#include "common/genconf.h"
#include "common/log.h"
#include "common/point.h"
#include "common/pull.h"
#include "common/service.h"
#include "common/seal.h"
#include "common/str.h"

enum { SETTINGS_MAX = 32, RECIPIENTS_MAX = 200, TROUBLES_MAX = 32 };

struct tool {
	struct bb_loop *loop;
	struct bb_dirs dirs;
	struct bb_bus *bus;
	struct bb_journal *journal;
	struct bb_pull_server *log;
	struct bb_genconf_server *conf;
	struct bb_sub *sub;
	struct bb_cmd_client *client;
	struct bb_arena *arena;
	Busbar__V1__ConfigSetting setting[SETTINGS_MAX];
	Busbar__V1__ConfigRecipient recipient[RECIPIENTS_MAX];
	size_t settings, recipients;
	uint64_t generation;
	uint64_t old_us;
	char action[600];
	char input[65536];
	size_t input_len;
	char trouble[TROUBLES_MAX][64];
	size_t troubles;
	char metrics[2000];
};

static void fatal(const struct bb_err *err)
{
	fprintf(stderr, "alarm-log: %s\n", err->text);
	exit(1);
}

static char *word(char **line)
{
	char *w = strsep(line, " ");

	return w ? w : (char *)"";
}

static char *rest(char **line)
{
	return *line ? *line : (char *)"";
}

/* ---- transitions ---- */

static void on_durable(void *arg, uint64_t jseq, bool durable)
{
	printf("durable %llu %d\n", (unsigned long long)jseq, durable);
}

struct spec {
	uint64_t device;
	const char *key, *rule, *kind, *text;
	unsigned severity, from, to;
	uint64_t episode;
};

static void append(struct tool *t, const struct spec *s)
{
	Busbar__V1__Transition m = BUSBAR__V1__TRANSITION__INIT;
	Busbar__V1__Alarm a = BUSBAR__V1__ALARM__INIT;
	uint64_t now = bb_clock_real_us() - t->old_us;
	char id[80];
	uint8_t *data;
	size_t len;

	snprintf(id, sizeof(id), "j-%llu-%s-%llu", (unsigned long long)s->device, s->rule,
		(unsigned long long)s->episode);
	a.id = id;
	a.key = (char *)s->key;
	a.rule = (char *)s->rule;
	a.subject = (char *)"ups.status";
	a.text = (char *)s->text;
	a.action = t->action;
	a.has_device_id = a.has_episode = a.has_severity = a.has_state = a.has_raised_unix_us = 1;
	a.device_id = s->device;
	a.episode = s->episode;
	a.severity = s->severity;
	a.state = s->to;
	a.raised_unix_us = now;
	m.has_journal_id = m.has_jseq = m.has_at_unix_us = m.has_from = m.has_to = 1;
	m.journal_id = (ProtobufCBinaryData){ 16, (uint8_t *)bb_journal_id(t->journal) };
	m.jseq = bb_journal_next(t->journal);
	m.at_unix_us = now;
	m.from = s->from;
	m.to = s->to;
	m.kind = (char *)s->kind;
	m.alarm = &a;
	data = bb_pack(t->arena, &m, &len);
	printf("jseq %llu %s\n",
		(unsigned long long)bb_journal_append(t->journal, 1, data, len, on_durable, t),
		s->kind);
}

static void do_raise(struct tool *t, char *line, bool is_raise)
{
	struct spec s = { .device = strtoull(word(&line), NULL, 10) };

	s.key = word(&line);
	s.rule = word(&line);
	s.severity = (unsigned)bb_severity_parse(word(&line));
	s.episode = strtoull(word(&line), NULL, 10);
	s.text = rest(&line);
	s.kind = is_raise ? "raise" : "clear";
	s.from = is_raise ? BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL
			  : BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK;
	s.to = is_raise ? BUSBAR__V1__ALARM_STATE__ALARM_STATE_ACTIVE_UNACK
			: BUSBAR__V1__ALARM_STATE__ALARM_STATE_NORMAL;
	append(t, &s);
}

static void do_many(struct tool *t, char *line)
{
	unsigned pairs = (unsigned)atoi(word(&line)), devices = (unsigned)atoi(word(&line));
	char key[40];

	for (unsigned i = 0; i < pairs; i++) {
		struct spec s = { .device = 1 + i % devices,
			.key = key,
			.rule = "on_battery",
			.kind = "raise",
			.text = "the load runs on battery",
			.severity = 2,
			.from = 1,
			.to = 2,
			.episode = 1 + i / devices };

		snprintf(key, sizeof(key), "hh/ups-%u", 1 + i % devices);
		append(t, &s);
		s.kind = "clear";
		s.from = 2;
		s.to = 1;
		append(t, &s);
	}
}

static void do_other(struct tool *t, char *line)
{
	struct spec s = { .device = 1,
		.rule = "on_battery",
		.text = "",
		.severity = 2,
		.from = 2,
		.to = 3,
		.episode = 1 };

	s.kind = word(&line);
	s.key = word(&line);
	append(t, &s);
}

/* ---- configuration ---- */

static Busbar__V1__ConfigSetting *setting_new(struct tool *t, const char *name)
{
	Busbar__V1__ConfigSetting *s = NULL;

	for (size_t i = 0; i < t->settings; i++)
		if (strcmp(t->setting[i].name, name) == 0)
			s = &t->setting[i];
	if (!s && t->settings == SETTINGS_MAX)
		exit(1);
	if (!s)
		s = &t->setting[t->settings++];
	busbar__v1__config_setting__init(s);
	s->name = strdup(name);
	return s;
}

static void do_sealed(struct tool *t, char *line)
{
	struct bb_err err;
	struct bb_sealer *sealer;
	Busbar__V1__ConfigSetting *s;
	const char *daemon = word(&line), *value;

	if (bb_seal_make_keys(t->dirs.etc, daemon, &err) != 0 ||
		!(sealer = bb_sealer_load(t->dirs.etc, daemon, &err)))
		fatal(&err);
	s = setting_new(t, word(&line));
	value = rest(&line);
	s->has_value_sealed = 1;
	s->value_sealed.len = bb_seal_size(strlen(value));
	s->value_sealed.data = malloc(s->value_sealed.len);
	if (bb_seal(sealer, value, strlen(value), s->value_sealed.data, &err) < 0)
		fatal(&err);
	bb_sealer_free(sealer);
}

static void do_recipient(struct tool *t, char *line)
{
	Busbar__V1__ConfigRecipient *r = &t->recipient[t->recipients++ % RECIPIENTS_MAX];

	busbar__v1__config_recipient__init(r);
	r->has_id = r->has_min_severity = 1;
	r->id = strtoull(word(&line), NULL, 10);
	r->address = strdup(word(&line));
	r->min_severity = (unsigned)bb_severity_parse(word(&line));
	r->name = strdup(rest(&line));
}

static void do_commit(struct tool *t, char *line)
{
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;
	Busbar__V1__ConfigSetting *settings[SETTINGS_MAX];
	Busbar__V1__ConfigRecipient *recipients[RECIPIENTS_MAX];
	uint8_t *data;
	size_t len;

	for (size_t i = 0; i < t->settings; i++)
		settings[i] = &t->setting[i];
	for (size_t i = 0; i < t->recipients; i++)
		recipients[i] = &t->recipient[i];
	c.setting = settings;
	c.n_setting = t->settings;
	c.recipient = recipients;
	c.n_recipient = t->recipients;
	data = bb_pack(t->arena, &c, &len);
	bb_genconf_server_put(t->conf, word(&line), ++t->generation, data, len);
	printf("committed %llu\n", (unsigned long long)t->generation);
	t->recipients = 0;
}

/* ---- heartbeats ---- */

static bool has_trouble(const Busbar__V1__Heartbeat *h, const char *code)
{
	for (size_t i = 0; i < h->n_trouble; i++)
		if (strcmp(h->trouble[i]->code, code) == 0)
			return true;
	return false;
}

static void tell_troubles(struct tool *t, const Busbar__V1__Heartbeat *h)
{
	for (size_t i = 0; i < t->troubles;) {
		if (has_trouble(h, t->trouble[i])) {
			i++;
			continue;
		}
		printf("trouble %s 0\n", t->trouble[i]);
		memmove(t->trouble[i], t->trouble[i + 1],
			(t->troubles - i - 1) * sizeof(t->trouble[0]));
		t->troubles--;
	}
	for (size_t i = 0; i < h->n_trouble; i++) {
		bool known = false;

		for (size_t k = 0; k < t->troubles; k++)
			known |= strcmp(t->trouble[k], h->trouble[i]->code) == 0;
		if (known || t->troubles == TROUBLES_MAX)
			continue;
		bb_copy(t->trouble[t->troubles++], sizeof(t->trouble[0]), h->trouble[i]->code);
		printf("trouble %s %u %s\n", h->trouble[i]->code, h->trouble[i]->severity,
			h->trouble[i]->text);
	}
}

static void tell_metrics(struct tool *t, const Busbar__V1__Heartbeat *h)
{
	char line[2000];
	size_t n = 0;

	for (size_t i = 0; i < h->n_metric && n < sizeof(line); i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " %s=%g", h->metric_name[i],
			h->metric[i]);
	line[n < sizeof(line) ? n : sizeof(line) - 1] = '\0';
	if (strcmp(line, t->metrics) != 0)
		printf("metrics%s\n", line);
	memcpy(t->metrics, line, sizeof(line));
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct tool *t = arg;
	const Busbar__V1__Heartbeat *h;

	if (m->kind != BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT ||
		strcmp(m->publisher, "busd") == 0)
		return;
	bb_arena_reset(t->arena);
	h = bb_unpack_heartbeat(t->arena, m->body, m->body_len, NULL);
	if (!h)
		return;
	tell_troubles(t, h);
	tell_metrics(t, h);
}

static void on_peer(void *arg, const char *publisher, enum bb_peer_state state, bool new_epoch)
{
}

/* ---- commands ---- */

static void on_reply(void *arg, const Busbar__V1__CommandReply *r)
{
	printf("reply %d %s %s\n", r->code, r->text && *r->text ? r->text : "-",
		r->json ? r->json : "");
	for (size_t i = 0; i < r->n_item; i++)
		printf("item %d %s %s\n", r->item[i]->code, r->item[i]->id, r->item[i]->text);
}

static void do_ask(struct tool *t, char *line)
{
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;
	const char *daemon = word(&line);
	char *item;

	rq.verb = word(&line);
	rq.user = (char *)"tester";
	rq.has_timeout_ms = 1;
	rq.timeout_ms = 20000;
	item = rest(&line);
	rq.n_item = *item != '\0';
	rq.item = &item;
	bb_cmd_send(t->client, daemon, &rq, on_reply, t);
}

static void do_line(struct tool *t, char *line)
{
	const char *verb = word(&line);

	bb_arena_reset(t->arena);
	if (strcmp(verb, "raise") == 0 || strcmp(verb, "clear") == 0)
		do_raise(t, line, *verb == 'r');
	else if (strcmp(verb, "many") == 0)
		do_many(t, line);
	else if (strcmp(verb, "other") == 0)
		do_other(t, line);
	else if (strcmp(verb, "old") == 0)
		t->old_us = strtoull(word(&line), NULL, 10) * 86400000000ULL;
	else if (strcmp(verb, "action") == 0)
		bb_copy(t->action, sizeof(t->action), rest(&line));
	else if (strcmp(verb, "recipient") == 0)
		do_recipient(t, line);
	else if (strcmp(verb, "sealed") == 0)
		do_sealed(t, line);
	else if (strcmp(verb, "commit") == 0)
		do_commit(t, line);
	else if (strcmp(verb, "ask") == 0)
		do_ask(t, line);
	else if (strcmp(verb, "setting") == 0) {
		Busbar__V1__ConfigSetting *s = setting_new(t, word(&line));

		s->value = strdup(rest(&line));
	}
}

static void on_input(void *arg, int fd, int what)
{
	struct tool *t = arg;
	ssize_t n = read(fd, t->input + t->input_len, sizeof(t->input) - 1 - t->input_len);
	char *end;

	if (n <= 0) {
		bb_loop_stop(t->loop);
		return;
	}
	t->input_len += (size_t)n;
	t->input[t->input_len] = '\0';
	while ((end = strchr(t->input, '\n'))) {
		*end = '\0';
		do_line(t, t->input);
		t->input_len -= (size_t)(end + 1 - t->input);
		memmove(t->input, end + 1, t->input_len + 1);
	}
}

int main(int argc, char **argv)
{
	static const char *const all[] = { "", NULL };
	static struct tool t;
	struct bb_err err;
	struct bb_sub_options so = { .bind = "readings.alarmd",
		.prefixes = all,
		.message = on_message,
		.peer = on_peer,
		.arg = &t };
	struct bb_journal_options jo = { .reserve_bytes = 1 << 20 };
	char dir[300];

	if (argc != 2 || bb_dirs_find(argv[1], "alarmd", &t.dirs, &err) != 0) {
		fprintf(stderr, "usage: alarm-log DIR\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	bb_log_open("alarm-log", BB_WARN);
	snprintf(dir, sizeof(dir), "%s/journal", t.dirs.lib);
	jo.dir = dir;
	t.arena = bb_arena_new(65536, 0);
	t.loop = bb_loop_new(&err);
	if (!t.loop ||
		!(t.bus = bb_bus_new(t.loop, t.dirs.run, "alarmd", "alarmd", bb_clock_real_us(),
			  &err)) ||
		!(t.journal = bb_journal_open(t.loop, &jo, &err)) ||
		!(t.log = bb_pull_server_new(t.bus, "alarmd.log", t.journal, &err)) ||
		!(t.conf = bb_genconf_server_new(t.bus, &err)) ||
		!(t.sub = bb_sub_new(t.bus, &so, &err)) ||
		!(t.client = bb_cmd_client_new(t.bus, &err)))
		fatal(&err);
	t.generation = bb_clock_real_us();
	bb_loop_add_fd(t.loop, STDIN_FILENO, BB_READ, on_input, &t);
	printf("up\n");
	bb_loop_run(t.loop);
	bb_cmd_client_free(t.client);
	bb_sub_free(t.sub);
	bb_genconf_server_free(t.conf);
	bb_pull_server_free(t.log);
	bb_journal_close(t.journal);
	bb_bus_free(t.bus);
	bb_loop_free(t.loop);
	return 0;
}
