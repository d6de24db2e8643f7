// SPDX-License-Identifier: Apache-2.0
/* A publisher, command client and log consumer that a test drives line by line:
 *   bus-probe RUN NAME ROLE
 *   reading ID KEY GROUP MISSED INTERVAL_MS [NAME=VALUE[@QUALITY]]...   VALUE: number, true,
 *     false, or a text with _ for blanks
 *   burst FROM COUNT WORDS      status readings of COUNT devices with keys f/<id>
 *   trouble CODE SEVERITY TEXT...        severity 0 ends it
 *   command DAEMON VERB USER CMD_KEY_HEX COMMENT|-|@NAME=VALUE;... [ITEM]...    prints: reply CODE TEXT, item
 *     ID CODE TEXT ..., json ..., end
 *   pull CONSUMER               prints: record JSEQ DURABLE KIND FROM TO RULE KEY ID
 *   spool LIB                   serves the event log of a collector
 *   event DEVICE_ID CODE        prints: stored CODE when it is on disk; the code is the event's key
 *   sync                        prints: synced */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collectors/events.h"
#include "common/clock.h"
#include "common/cmd.h"
#include "common/pull.h"
#include "common/seal.h"
#include "common/str.h"
#include "common/table.h"

enum { ARGS_MAX = 8 };

#define WORDS_MAX 1100

struct probe {
	const char *name;
	struct bb_loop *loop;
	struct bb_bus *bus;
	struct bb_pub *pub;
	struct bb_cmd_client *client;
	struct bb_pull_client *pull;
	struct events *events;
	struct bb_arena *arena;
	struct bb_table *last; /* topic -> struct row */
	struct bb_buf line;
};

struct row {
	size_t len;
	uint64_t sampled_ns;
	uint8_t body[];
};

static void publish(struct probe *p, const Busbar__V1__Reading *r)
{
	char topic[300];
	size_t len;
	const uint8_t *body = bb_pack(p->arena, r, &len);
	struct row *row = bb_malloc(sizeof(*row) + len);

	bb_topic(topic, sizeof(topic), "reading", r->key, r->group);
	row->len = len;
	row->sampled_ns = bb_clock_boot_ns();
	memcpy(row->body, body, len);
	bb_pub_send(p->pub, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len,
		row->sampled_ns);
	free(bb_table_put(p->last, topic, row));
}

static void add_value(Busbar__V1__Reading *r, char *word)
{
	char *value = strchr(word, '='), *quality = value ? strchr(value, '@') : NULL;
	double number;
	uint32_t q = quality ? (uint32_t)atoi(quality + 1) : 0;

	if (!value)
		return;
	*value++ = '\0';
	if (quality)
		*quality = '\0';
	if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0) {
		r->flag_name[r->n_flag_name++] = word;
		r->flag_quality[r->n_flag_quality++] = q;
		r->flag[r->n_flag++] = value[0] == 't';
	} else if (bb_parse_double(value, &number) == 0) {
		r->number_name[r->n_number_name++] = word;
		r->number_quality[r->n_number_quality++] = q;
		r->number[r->n_number++] = number;
	} else {
		for (char *c = value; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		r->text_name[r->n_text_name++] = word;
		r->text_quality[r->n_text_quality++] = q;
		r->text[r->n_text++] = value;
	}
}

static void do_reading(struct probe *p, char **w, size_t n)
{
	Busbar__V1__Reading r = BUSBAR__V1__READING__INIT;

	if (n < 6)
		return;
	r.has_device_id = r.has_missed = r.has_interval_ms = 1;
	r.device_id = strtoull(w[1], NULL, 10);
	r.key = w[2];
	r.group = w[3];
	r.missed = (uint32_t)atoi(w[4]);
	r.interval_ms = (uint32_t)atoi(w[5]);
	r.flag_name = bb_arena_alloc(p->arena, n * sizeof(char *));
	r.flag = bb_arena_alloc(p->arena, n * sizeof(*r.flag));
	r.flag_quality = bb_arena_alloc(p->arena, n * sizeof(*r.flag_quality));
	r.number_name = bb_arena_alloc(p->arena, n * sizeof(char *));
	r.number = bb_arena_alloc(p->arena, n * sizeof(*r.number));
	r.number_quality = bb_arena_alloc(p->arena, n * sizeof(*r.number_quality));
	r.text_name = bb_arena_alloc(p->arena, n * sizeof(char *));
	r.text = bb_arena_alloc(p->arena, n * sizeof(char *));
	r.text_quality = bb_arena_alloc(p->arena, n * sizeof(*r.text_quality));
	for (size_t i = 6; i < n; i++)
		add_value(&r, w[i]);
	publish(p, &r);
}

static void do_burst(struct probe *p, char **w, size_t n)
{
	uint64_t from = n > 3 ? strtoull(w[1], NULL, 10) : 0,
		 count = n > 3 ? strtoull(w[2], NULL, 10) : 0;

	for (uint64_t id = from; id < from + count; id++) {
		char key[32], value[64];
		char *words[] = { "reading", NULL, key, "status", "0", "2000", value };
		char number[24];
		snprintf(number, sizeof(number), "%" PRIu64, id);
		snprintf(key, sizeof(key), "f/%" PRIu64, id);
		snprintf(value, sizeof(value), "ups.status=%s", w[3]);
		words[1] = number;
		do_reading(p, words, 7);
		bb_arena_reset(p->arena);
	}
}

static void do_trouble(struct probe *p, char **w, size_t n)
{
	if (n >= 3)
		bb_pub_trouble(p->pub, w[1], (unsigned)atoi(w[2]), n > 3 ? w[3] : "");
}

static void on_reply(void *arg, const Busbar__V1__CommandReply *r)
{
	printf("reply %u %s\n", r->code, r->text ? r->text : "");
	for (size_t i = 0; i < r->n_item; i++)
		printf("item %s %u %s\n", r->item[i]->id, r->item[i]->code,
			r->item[i]->text ? r->item[i]->text : "");
	if (r->json && r->json[0])
		printf("json %s\n", r->json);
	printf("end\n");
}

/* "name=value;name=value" */
static size_t arguments(char *text, char **names, char **values)
{
	size_t n = 0;

	for (char *at = NULL, *one = strtok_r(text, ";", &at); one && n < ARGS_MAX;
		one = strtok_r(NULL, ";", &at)) {
		char *is = strchr(one, '=');
		if (!is)
			continue;
		*is = '\0';
		names[n] = one;
		values[n++] = is + 1;
	}
	return n;
}

static void do_command(struct probe *p, char **w, size_t n)
{
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;
	uint8_t key[16];
	char *name = "comment", *names[ARGS_MAX], *values[ARGS_MAX];
	struct bb_err err;

	if (n < 6)
		return;
	if (!p->client && !(p->client = bb_cmd_client_new(p->bus, &err))) {
		printf("failed %s\n", err.text);
		return;
	}
	if (bb_unhex(key, sizeof(key), w[4]) == 16) {
		rq.has_cmd_key = 1;
		rq.cmd_key = (ProtobufCBinaryData){ .data = key, .len = 16 };
	}
	rq.verb = w[2];
	rq.user = w[3];
	if (w[5][0] == '@') {
		rq.n_arg_name = rq.n_arg = arguments(w[5] + 1, names, values);
		rq.arg_name = names;
		rq.arg = values;
	} else if (strcmp(w[5], "-") != 0) {
		rq.n_arg_name = rq.n_arg = 1;
		rq.arg_name = &name;
		rq.arg = &w[5];
	}
	rq.n_item = n - 6;
	rq.item = w + 6;
	bb_cmd_send(p->client, w[1], &rq, on_reply, p);
}

static void on_record(void *arg, const uint8_t journal_id[16], uint64_t jseq, uint32_t type,
	const void *data, size_t len, bool durable)
{
	struct probe *p = arg;
	struct bb_arena *a = bb_arena_new(4096, 0);
	const Busbar__V1__Transition *t = bb_unpack_transition(a, data, len, NULL);

	if (t)
		printf("record %" PRIu64 " %d %s %u %u %s %s %s\n", jseq, durable, t->kind, t->from,
			t->to, t->alarm->rule, t->alarm->key, t->alarm->id);
	bb_arena_free(a);
	bb_pull_client_durable(p->pull, jseq);
}

static void on_restart(void *arg, const uint8_t journal_id[16], uint64_t first_jseq)
{
	printf("restart %" PRIu64 "\n", first_jseq);
}

static void do_pull(struct probe *p, char **w, size_t n)
{
	struct bb_pull_client_options o = {
		.leaf = "alarmd.log",
		.consumer = n > 1 ? w[1] : "probe",
		.record = on_record,
		.restart = on_restart,
		.arg = p,
	};
	struct bb_err err;

	p->pull = bb_pull_client_new(p->bus, &o, &err);
	if (!p->pull)
		printf("failed %s\n", err.text);
}

static void on_trouble(void *arg, const char *code, unsigned severity, const char *text)
{
	struct probe *p = arg;

	bb_pub_trouble(p->pub, code, severity, text);
}

static void do_spool(struct probe *p, char **w, size_t n)
{
	struct events_options o = { .lib = n > 1 ? w[1] : "", .name = p->name, .trouble = on_trouble, .arg = p };
	struct bb_err err;

	p->events = events_open(p->bus, p->loop, &o, &err);
	printf(p->events ? "spooling\n" : "failed %s\n", err.text);
}

static void on_stored(void *arg, bool durable)
{
	printf("%s %s\n", durable ? "stored" : "volatile", (char *)arg);
	free(arg);
}

static void do_event(struct probe *p, char **w, size_t n)
{
	uint8_t key[32];

	if (n < 3 || !p->events)
		return;
	bb_blake2b_256(w[2], strlen(w[2]), key);
	const struct device_event ev = {
		.device_id = strtoull(w[1], NULL, 10),
		.key = "f/1",
		.kind = "trap",
		.code = w[2],
		.text = "something happened",
		.source = "127.1.2.3",
		.user = "trapper",
		.event_key = key,
	};
	events_put(p->events, &ev, on_stored, bb_strdup(w[2]));
}

static void do_sync(struct probe *p, char **w, size_t n)
{
	printf("synced\n");
}

static const struct {
	const char *name;
	void (*run)(struct probe *p, char **w, size_t n);
} verbs[] = {
	{ "reading", do_reading },
	{ "burst", do_burst },
	{ "trouble", do_trouble },
	{ "command", do_command },
	{ "pull", do_pull },
	{ "spool", do_spool },
	{ "event", do_event },
	{ "sync", do_sync },
};

static void run_line(struct probe *p, char *line)
{
	char *words[WORDS_MAX], *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " ", &save); w && n < WORDS_MAX;
		w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	for (size_t i = 0; n && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(words[0], verbs[i].name) == 0)
			verbs[i].run(p, words, n);
	bb_arena_reset(p->arena);
}

static void on_stdin(void *arg, int fd, int what)
{
	struct probe *p = arg;
	char chunk[4096];
	ssize_t got = read(fd, chunk, sizeof(chunk));

	if (got <= 0) {
		bb_loop_stop(p->loop);
		return;
	}
	bb_buf_add(&p->line, chunk, (size_t)got);
	for (char *end; (end = memchr(p->line.data, '\n', p->line.len));) {
		size_t used = (size_t)(end - p->line.data) + 1;
		*end = '\0';
		run_line(p, p->line.data);
		memmove(p->line.data, p->line.data + used, p->line.len - used + 1);
		p->line.len -= used;
	}
}

static void on_snapshot(void *arg, const char *prefix, bb_snap_emit emit, void *emit_arg)
{
	struct probe *p = arg;
	const void *key;
	size_t key_len;
	struct row *row;

	for (struct bb_table_iter i = { 0 }; (row = bb_table_next(p->last, &i, &key, &key_len));) {
		char topic[300];
		snprintf(topic, sizeof(topic), "%.*s", (int)key_len, (const char *)key);
		if (strncmp(topic, prefix, strlen(prefix)) == 0)
			emit(emit_arg, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, row->body,
				row->len, row->sampled_ns);
	}
}

int main(int argc, char **argv)
{
	static struct probe p;
	struct bb_err err;
	struct bb_pub_options po = { .connect = BB_PUB_ALARMD | BB_PUB_BUSD,
		.devices = 10000,
		.snapshot = on_snapshot,
		.arg = &p };

	if (argc != 4) {
		fprintf(stderr, "usage: bus-probe RUN NAME ROLE\n");
		return 2;
	}
	setlinebuf(stdout);
	p.name = argv[2];
	p.loop = bb_loop_new(&err);
	p.arena = bb_arena_new(65536, 0);
	p.last = bb_table_new();
	p.bus = p.loop ? bb_bus_new(p.loop, argv[1], argv[2], argv[3], bb_clock_real_us(), &err)
		       : NULL;
	p.pub = p.bus ? bb_pub_new(p.bus, &po, &err) : NULL;
	if (!p.pub) {
		fprintf(stderr, "bus-probe: %s\n", err.text);
		return 1;
	}
	bb_loop_add_fd(p.loop, 0, BB_READ, on_stdin, &p);
	printf("ready\n");
	bb_loop_run(p.loop);
	events_free(p.events);
	bb_pull_client_free(p.pull);
	bb_cmd_client_free(p.client);
	bb_pub_free(p.pub);
	bb_bus_free(p.bus);
	bb_table_free(p.last, free);
	bb_buf_fini(&p.line);
	bb_arena_free(p.arena);
	bb_loop_free(p.loop);
	return 0;
}
