// SPDX-License-Identifier: Apache-2.0
/* Plays alarmd for one collector: serves its configuration, hears its readings. Driven line by line:
 *   collector-probe DIR DAEMON
 *   config FILE                 serve a new generation; lines id,key,address,port,version,community (with version 3:
 *                               user:auth:priv:context:engine id:password:password),
 *                               interval_ms,status_interval_ms,profile
 *   command VERB [ITEM]...      through busd, which must run; prints {"reply", "text", "json"}
 *   quit
 * Each reading is one JSON line: {"key", "group", "missed", "reason", "interval_ms", "profile", "age_ms",
 * "sampled_ms" (BOOTTIME), "snapshot", "topic_seq", "points"}; a line of a Confirm is {"confirmed": DEVICE_ID, "topic_seq",
 * "before_ms"}; a topic that ended is {"gone": TOPIC}; what is said in the heartbeat is {"trouble":
 * [CODE ...], "text": [TEXT ...]} whenever the codes change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cmd.h"
#include "common/genconf.h"
#include "common/point.h"
#include "common/seal.h"
#include "common/snmpv3.h"
#include "common/service.h"
#include "common/str.h"

struct probe {
	const char *daemon;
	struct bb_loop *loop;
	struct bb_bus *bus;
	struct bb_sub *sub;
	struct bb_genconf_server *conf;
	struct bb_cmd_client *client;
	struct bb_sealer *sealer;
	struct bb_arena *arena;
	struct bb_buf line, out;
	char trouble[400];
	uint64_t generation;
};

static int add_point(void *arg, const struct bb_value *v)
{
	struct bb_json *j = arg;

	bb_json_obj(j, NULL);
	bb_json_str(j, "name", v->name);
	bb_json_str(j, "index", v->index);
	if (v->kind == BB_NUMBER)
		bb_json_num(j, "value", v->number);
	else if (v->kind == BB_TEXT)
		bb_json_str(j, "value", v->text);
	else
		bb_json_bool(j, "value", v->flag);
	bb_json_str(j, "unit", bb_point_find(v->name) ? bb_point_find(v->name)->unit : "?");
	bb_json_str(j, "quality", bb_quality_name(v->quality));
	bb_json_end_obj(j);
	return 1;
}

static void print_line(struct probe *p)
{
	puts(p->out.data);
	fflush(stdout);
	bb_buf_reset(&p->out);
}

static void print_reading(struct probe *p, const struct bb_msg *m, const Busbar__V1__Reading *r)
{
	struct bb_json j = { .out = &p->out };

	bb_json_obj(&j, NULL);
	bb_json_str(&j, "key", r->key);
	bb_json_str(&j, "group", r->group);
	bb_json_int(&j, "missed", r->missed);
	bb_json_str(&j, "reason", r->lost_reason);
	bb_json_int(&j, "interval_ms", r->interval_ms);
	bb_json_str(&j, "profile", r->profile);
	bb_json_int(&j, "age_ms", (int64_t)m->age_ms);
	bb_json_int(&j, "sampled_ms", (int64_t)(m->sampled_own_ns / 1000000));
	bb_json_bool(&j, "snapshot", m->from_snapshot);
	bb_json_int(&j, "topic_seq", (int64_t)m->topic_seq);
	bb_json_arr(&j, "points");
	bb_reading_each(r, add_point, &j);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	print_line(p);
}

static void note_trouble(struct probe *p, const Busbar__V1__Heartbeat *h)
{
	struct bb_json j = { .out = &p->out };
	char all[400] = "";

	for (size_t i = 0; i < h->n_trouble; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " %.60s",
			h->trouble[i]->code);
	if (!strcmp(all, p->trouble))
		return;
	memcpy(p->trouble, all, sizeof(all));
	bb_json_obj(&j, NULL);
	bb_json_arr(&j, "trouble");
	for (size_t i = 0; i < h->n_trouble; i++)
		bb_json_str(&j, NULL, h->trouble[i]->code);
	bb_json_end_arr(&j);
	bb_json_arr(&j, "text");
	for (size_t i = 0; i < h->n_trouble; i++)
		bb_json_str(&j, NULL, h->trouble[i]->text);
	bb_json_end_arr(&j);
	bb_json_end_obj(&j);
	print_line(p);
}

static void on_message(void *arg, const struct bb_msg *m)
{
	struct probe *p = arg;
	struct bb_err err = { { 0 } };

	bb_arena_reset(p->arena);
	if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_READING) {
		const Busbar__V1__Reading *r =
			bb_unpack_reading(p->arena, m->body, m->body_len, &err);

		if (r)
			print_reading(p, m, r);
		else
			printf("{\"broken\": \"%s\"}\n", err.text);
	} else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_GONE) {
		printf("{\"gone\": \"%s\"}\n", m->topic);
	} else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM) {
		const Busbar__V1__Confirm *c =
			bb_unpack_confirm(p->arena, m->body, m->body_len, &err);

		for (size_t i = 0; c && i < c->n_device_id; i++)
			printf("{\"confirmed\": %llu, \"topic_seq\": %llu, \"before_ms\": %llu}\n",
				(unsigned long long)c->device_id[i],
				(unsigned long long)c->topic_seq[i],
				(unsigned long long)c->before_ns[i] / 1000000);
	} else if (m->kind == BUSBAR__V1__ENVELOPE__KIND__KIND_HEARTBEAT) {
		const Busbar__V1__Heartbeat *h =
			bb_unpack_heartbeat(p->arena, m->body, m->body_len, &err);

		if (h)
			note_trouble(p, h);
	}
	fflush(stdout);
}

static bool seal(struct probe *p, const void *plain, size_t n, ProtobufCBinaryData *out)
{
	struct bb_err err;

	out->len = bb_seal_size(n);
	out->data = bb_arena_alloc(p->arena, out->len);
	return !bb_seal(p->sealer, plain, n, out->data, &err);
}

/* user:auth:priv:context:engine id:authentication password:privacy password */
static bool secure(struct probe *p, char *text, Busbar__V1__ConfigDevice *d)
{
	char *field[7], *rest = text;

	for (int i = 0; i < 7; i++) {
		field[i] = strsep(&rest, ":");
		if (!field[i])
			return false;
	}
	d->v3_user = bb_arena_strdup(p->arena, field[0]);
	d->v3_auth = bb_arena_strdup(p->arena, field[1]);
	d->v3_priv = bb_arena_strdup(p->arena, field[2]);
	d->v3_context = bb_arena_strdup(p->arena, field[3]);
	d->has_engine_id = *field[4] != '\0';
	d->engine_id.data = bb_arena_alloc(p->arena, BB_V3_ENGINE_MAX);
	d->engine_id.len = *field[4] ? (size_t)bb_unhex(d->engine_id.data, BB_V3_ENGINE_MAX, field[4])
				     : 0;
	d->has_v3_sealed = 1;
	/* The passwords stand side by side, with a NUL in between, as they have to. */
	return seal(p, field[5], strlen(field[5]) + 1 + strlen(field[6]), &d->v3_sealed);
}

static bool device_of_line(struct probe *p, char *line, Busbar__V1__ConfigDevice *d)
{
	char *field[9], *rest = line;

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 9; i++) {
		field[i] = strsep(&rest, ",");
		if (!field[i])
			return false;
	}
	busbar__v1__config_device__init(d);
	d->has_device_id = d->has_site_id = d->has_port = d->has_interval_ms =
		d->has_status_interval_ms = 1;
	d->device_id = strtoull(field[0], NULL, 10);
	d->site_id = 1;
	d->key = bb_arena_strdup(p->arena, field[1]);
	d->collector = (char *)p->daemon;
	d->address = bb_arena_strdup(p->arena, field[2]);
	d->port = (uint32_t)strtoul(field[3], NULL, 10);
	d->version = bb_arena_strdup(p->arena, field[4]);
	d->interval_ms = (uint32_t)strtoul(field[6], NULL, 10);
	d->status_interval_ms = (uint32_t)strtoul(field[7], NULL, 10);
	d->profile = bb_arena_strdup(p->arena, field[8]);
	if (!strcmp(field[4], "3"))
		return secure(p, field[5], d);
	d->has_community_sealed = *field[5] != '\0';
	return !*field[5] || seal(p, field[5], strlen(field[5]), &d->community_sealed);
}

static void serve(struct probe *p, const char *file)
{
	Busbar__V1__Config c = BUSBAR__V1__CONFIG__INIT;
	FILE *f = fopen(file, "re");
	char line[1000];
	size_t cap = 0, len;

	bb_arena_reset(p->arena);
	while (f && fgets(line, sizeof(line), f)) {
		if (c.n_device == cap)
			c.device = bb_realloc(c.device,
				(cap = cap ? 2 * cap : 16) * sizeof(*c.device));
		c.device[c.n_device] = bb_arena_alloc(p->arena, sizeof(Busbar__V1__ConfigDevice));
		if (device_of_line(p, line, c.device[c.n_device]))
			c.n_device++;
	}
	if (f)
		fclose(f);
	const uint8_t *body = bb_pack(p->arena, &c, &len);
	bb_genconf_server_put(p->conf, p->daemon, ++p->generation, body, len);
	free(c.device);
	printf("{\"served\": %llu}\n", (unsigned long long)p->generation);
	fflush(stdout);
}

static void on_reply(void *arg, const Busbar__V1__CommandReply *r)
{
	struct probe *p = arg;
	struct bb_json j = { .out = &p->out };

	bb_json_obj(&j, NULL);
	bb_json_int(&j, "reply", (int)r->code);
	bb_json_str(&j, "text", r->text);
	bb_json_raw(&j, "json", r->json && *r->json ? r->json : "null");
	bb_json_end_obj(&j);
	print_line(p);
}

static void command(struct probe *p, char *words)
{
	Busbar__V1__CommandRequest rq = BUSBAR__V1__COMMAND_REQUEST__INIT;
	char *item[100];

	rq.verb = strsep(&words, " ");
	rq.user = "test";
	rq.item = item;
	while (words && rq.n_item < 100)
		item[rq.n_item++] = strsep(&words, " ");
	bb_cmd_send(p->client, p->daemon, &rq, on_reply, p);
}

static void on_line(struct probe *p, char *line)
{
	char *rest = line, *verb = strsep(&rest, " ");

	if (!strcmp(verb, "config") && rest)
		serve(p, rest);
	else if (!strcmp(verb, "command") && rest)
		command(p, rest);
	else
		bb_loop_stop(p->loop);
}

static void on_stdin(void *arg, int fd, int what)
{
	struct probe *p = arg;
	char buf[4096], *end;
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0) {
		bb_loop_stop(p->loop);
		return;
	}
	bb_buf_add(&p->line, buf, (size_t)n);
	while ((end = memchr(p->line.data, '\n', p->line.len))) {
		*end = '\0';
		char *line = bb_strdup(p->line.data);
		size_t used = (size_t)(end - p->line.data) + 1;

		memmove(p->line.data, p->line.data + used, p->line.len - used + 1);
		p->line.len -= used;
		on_line(p, line);
		free(line);
	}
}

static int probe_start(struct probe *p, const struct bb_dirs *dirs, struct bb_err *err)
{
	static const char *const prefixes[] = { "", NULL };

	if (bb_seal_make_keys(dirs->etc, p->daemon, err))
		return -1;
	p->sealer = bb_sealer_load(dirs->etc, p->daemon, err);
	p->arena = bb_arena_new(65536, 0);
	p->loop = bb_loop_new(err);
	p->bus = p->loop ? bb_bus_new(p->loop, dirs->run, "alarmd", "alarmd", 1, err) : NULL;
	if (!p->sealer || !p->bus)
		return -1;
	p->sub = bb_sub_new(p->bus,
		&(struct bb_sub_options){
			.bind = "readings.alarmd",
			.prefixes = prefixes,
			.snapshots = true,
			.message = on_message,
			.arg = p,
		},
		err);
	p->conf = bb_genconf_server_new(p->bus, err);
	p->client = bb_cmd_client_new(p->bus, err);
	return p->sub && p->conf && p->client &&
			       bb_loop_add_fd(p->loop, STDIN_FILENO, BB_READ, on_stdin, p)
		       ? 0
		       : -1;
}

int main(int argc, char **argv)
{
	struct probe p = { .daemon = argc == 3 ? argv[2] : NULL };
	struct bb_err err = { { 0 } };
	struct bb_dirs dirs;

	if (argc != 3 || bb_dirs_find(argv[1], argv[2], &dirs, &err) ||
		probe_start(&p, &dirs, &err)) {
		fprintf(stderr, "collector-probe: %s\n",
			argc == 3 ? err.text : "usage: collector-probe DIR DAEMON");
		return 1;
	}
	bb_loop_run(p.loop);
	bb_cmd_client_free(p.client);
	bb_genconf_server_free(p.conf);
	bb_sub_free(p.sub);
	bb_bus_free(p.bus);
	bb_loop_free(p.loop);
	bb_sealer_free(p.sealer);
	bb_arena_free(p.arena);
	bb_buf_fini(&p.line);
	bb_buf_fini(&p.out);
	return 0;
}
