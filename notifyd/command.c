// SPDX-License-Identifier: Apache-2.0
#include "notifyd/command.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/cmd.h"
#include "common/log.h"
#include "notifyd/template.h"

enum {
	TEST_MAX = 20, /* recipients of one test */
	TESTS_MAX = 4, /* at the same time */
};

/* One test_mail: its recipients are asked one after the other. */
struct test {
	TAILQ_ENTRY(test) link;
	struct command *c;
	struct bb_cmd_call *call;
	char user[100];
	size_t n, at, sent;
	struct recipient to[TEST_MAX];
	bool ok[TEST_MAX];
	char text[TEST_MAX][300];
};

TAILQ_HEAD(test_list, test);

struct command {
	struct command_options o;
	struct bb_cmd_server *server;
	struct test_list tests;
	size_t n_tests;
};

/* ---- test_mail ---- */

static void test_free(struct test *t)
{
	TAILQ_REMOVE(&t->c->tests, t, link);
	t->c->n_tests--;
	free(t);
}

static void test_reply(struct test *t)
{
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	Busbar__V1__ItemResult item[TEST_MAX], *items[TEST_MAX];
	char text[100];

	for (size_t i = 0; i < t->n; i++) {
		busbar__v1__item_result__init(&item[i]);
		item[i].id = t->to[i].address;
		item[i].has_code = 1;
		item[i].code = t->ok[i] ? BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
					: BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED;
		item[i].text = t->text[i];
		items[i] = &item[i];
	}
	snprintf(text, sizeof(text), "%zu of %zu test messages were taken by the server", t->sent,
		t->n);
	r.has_code = 1;
	r.code = t->sent == t->n ? BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
				 : BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED;
	r.text = text;
	r.n_item = t->n;
	r.item = items;
	bb_cmd_reply(t->call, &r);
	test_free(t);
}

static void test_next(struct test *t);

static void on_tested(void *arg, enum smtp_result result, const char *text)
{
	struct test *t = arg;

	t->ok[t->at] = result == SMTP_TAKEN;
	t->sent += result == SMTP_TAKEN;
	bb_copy(t->text[t->at], sizeof(t->text[0]), text);
	bb_log(result == SMTP_TAKEN ? EV_MAIL_SENT : EV_MAIL_FAILED,
		BB_STR("to", t->to[t->at].address), BB_STR("kind", "test"), BB_STR("server", text));
	t->at++;
	test_next(t);
}

static void test_next(struct test *t)
{
	struct bb_buf message = { 0 };
	uint8_t key[16];

	if (t->at == t->n) {
		test_reply(t);
		return;
	}
	randombytes_buf(key, sizeof(key));
	template_render_test(
		&(struct letter){
			.from = t->c->o.config->smtp.from,
			.to = t->to[t->at].address,
			.to_name = t->to[t->at].name,
			.key = key,
			.install_id = t->c->o.install_id,
			.attempt = 1,
		},
		t->user, bb_clock_real_us(), &message);
	smtp_send(t->c->o.smtp, t->to[t->at].address, &message, on_tested, t);
}

/* Only who is configured: a command must not make us write to strangers. */
static bool is_asked(const struct recipient *r, const Busbar__V1__CommandRequest *rq)
{
	for (size_t i = 0; i < rq->n_item; i++)
		if (strcmp(rq->item[i], r->address) == 0 || strcmp(rq->item[i], r->name) == 0)
			return true;
	return rq->n_item == 0;
}

static void do_test_mail(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const struct config *set = c->o.config;
	struct test *t;

	if (!*set->smtp.host) {
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED,
			"no mail server is set (smtp.host)");
		return;
	}
	if (c->n_tests == TESTS_MAX) {
		bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED,
			"too many tests at the same time");
		return;
	}
	t = bb_calloc(1, sizeof(*t));
	t->c = c;
	t->call = call;
	bb_copy(t->user, sizeof(t->user), rq->user);
	for (size_t i = 0; i < set->recipients && t->n < TEST_MAX; i++)
		if (is_asked(&set->recipient[i], rq))
			t->to[t->n++] = set->recipient[i];
	TAILQ_INSERT_TAIL(&c->tests, t, link);
	c->n_tests++;
	if (t->n) {
		test_next(t);
		return;
	}
	bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN, "no such recipient");
	test_free(t);
}

/* ---- status ---- */

static void do_status(struct command *c, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	Busbar__V1__CommandReply r = BUSBAR__V1__COMMAND_REPLY__INIT;
	struct bb_pull_client *pull = *c->o.pull;
	struct outbox_stats s;
	struct bb_buf b = { 0 };
	struct bb_json j = { .out = &b };
	uint8_t id[16];
	uint64_t cursor;

	outbox_stats(c->o.outbox, &s);
	outbox_cursor(c->o.outbox, id, &cursor);
	bb_json_obj(&j, NULL);
	bb_json_bool(&j, "configured", deliver_is_configured(c->o.deliver));
	bb_json_str(&j, "server", c->o.config->smtp.host);
	bb_json_int(&j, "recipients", (int64_t)c->o.config->recipients);
	bb_json_bool(&j, "log_connected", pull && bb_pull_client_connected(pull));
	bb_json_int(&j, "log_cursor", (int64_t)cursor);
	bb_json_int(&j, "log_head", pull ? (int64_t)bb_pull_client_head(pull) : 0);
	bb_json_int(&j, "queue_depth", (int64_t)s.open);
	bb_json_int(&j, "oldest_ms", (int64_t)s.oldest_ms);
	bb_json_int(&j, "sent_total", (int64_t)s.sent);
	bb_json_int(&j, "failed_total", (int64_t)s.failed);
	bb_json_int(&j, "suppressed_total", (int64_t)s.suppressed);
	bb_json_bool(&j, "durable", s.is_durable);
	bb_json_str(&j, "last_answer", deliver_last_answer(c->o.deliver));
	bb_json_end_obj(&j);
	r.has_code = 1;
	r.code = BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK;
	r.json = b.data;
	bb_cmd_reply_look(call, &r);
	bb_buf_fini(&b);
}

static const struct {
	const char *verb;
	void (*act)(struct command *c, struct bb_cmd_call *call,
		const Busbar__V1__CommandRequest *rq);
} verbs[] = {
	{ "status", do_status },
	{ "test_mail", do_test_mail },
};

static void on_command(void *arg, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(rq->verb, verbs[i].verb) == 0) {
			verbs[i].act(arg, call, rq);
			return;
		}
	}
	bb_cmd_reply_text(call, BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN,
		"notifyd knows no command \"%s\"", rq->verb);
}

struct command *command_new(const struct command_options *o, struct bb_err *err)
{
	struct command *c = bb_calloc(1, sizeof(*c));

	c->o = *o;
	TAILQ_INIT(&c->tests);
	c->server = bb_cmd_server_new(o->bus, on_command, c, err);
	if (!c->server) {
		free(c);
		return NULL;
	}
	return c;
}

/* After smtp_free(): nothing answers any more. */
void command_free(struct command *c)
{
	if (!c)
		return;
	while (!TAILQ_EMPTY(&c->tests))
		test_free(TAILQ_FIRST(&c->tests));
	bb_cmd_server_free(c->server);
	free(c);
}
