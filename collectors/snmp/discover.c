// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/seal.h"
#include "common/str.h"

#define TALKING      32 /* interviews beyond the first answer, at the same time */
#define TESTS        16 /* single cards at the same time */
#define BURST_MS     50 /* of datagrams that a late tick may make up for */
#define BUFFER_BYTES 1048576

/* One host of a job from its datagram to its hit. */
struct discover_probe {
	struct interview v; /* first */
	struct discover_probe *prev, *next, *next_waiting;
	struct discover_job *job;
	uint32_t address;
	uint8_t credential;
	bool is_waiting, is_talking;
	bool is_second; /* the host answered another credential as well */
};

struct discover_test {
	struct interview v; /* first */
	struct discover_test *next;
	struct discover *all;
	struct discover_credential c;
	struct bb_buf answer;
	discover_tested done;
	void *arg;
};

struct discover {
	struct snmp *t;
	struct engine *engine;                   /* NULL until somebody wants something */
	struct discover_job *job[DISCOVER_JOBS]; /* newest first */
	unsigned n_jobs;
	struct discover_test *tests;
	unsigned n_tests;
	struct discover_probe *first_waiting, *last_waiting;
	unsigned n_talking;
	double tokens;
	uint64_t last_ms, datagrams, answers;
};

static bool never_echoes(const struct peer *p, const uint8_t *data)
{
	return false;
}

struct discover *discover_new(struct snmp *t)
{
	struct discover *d = bb_calloc(1, sizeof(*d));

	d->t = t;
	return d;
}

struct collector *discover_host(const struct discover *d)
{
	return d->t->host;
}

static int open_engine(struct discover *d, struct bb_err *err)
{
	uint64_t ms = (uint64_t)d->t->set->discover_timeout_ms;
	const struct engine_options o = { .timeout_ms = { ms, ms, ms },
		.receive_buffer_bytes = BUFFER_BYTES,
		.kus = d->t->kus };

	if (!d->engine)
		d->engine = engine_new(d->t->host, &o, interview_answered, never_echoes,
			interview_silent, err);
	return d->engine ? 0 : -1;
}

/* ---- secrets ---- */

static void wipe(char **secret)
{
	if (*secret)
		bb_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

/* The community stands in the packet, too. */
static void wipe_packet(struct packet **p)
{
	if (*p)
		bb_wipe((*p)->data, (*p)->len);
	free(*p);
	*p = NULL;
}

void discover_credential_fini(struct discover_credential *c)
{
	wipe(&c->community);
	wipe_packet(&c->first);
	if (c->v3_secret)
		bb_wipe(c->v3_secret, BB_V3_SECRETS_MAX + 2);
	free(c->v3_secret);
	free(c->v3_user);
	free(c->v3_auth);
	free(c->v3_priv);
	free(c->v3_context);
	*c = (struct discover_credential){ .port = c->port };
}

static struct v3_settings v3_of(const struct discover_credential *c)
{
	return (struct v3_settings){ .user = c->v3_user,
		.auth = c->v3_auth,
		.priv = c->v3_priv,
		.context = c->v3_context,
		.auth_password = c->v3_secret,
		.priv_password = c->v3_secret ? c->v3_secret + strlen(c->v3_secret) + 1 : NULL };
}

int discover_credential_check(const struct discover_credential *c, struct bb_err *err)
{
	struct v3_settings s = v3_of(c);

	if (!c->is_v3)
		return c->community && *c->community
			       ? 0
			       : bb_err_set(err, "there is no community to ask with; give one");
	if (!c->v3_user || !*c->v3_user)
		return bb_err_set(err, "there is no SNMPv3 user to ask as; give one");
	struct v3_peer *v = v3_new(&s, err);
	if (!v)
		return -1;
	v3_free(v);
	return 0;
}

/* Attach the peer of an interview as the credential says. */
static int attach(struct discover *d, struct interview *v, const char *address,
	const struct discover_credential *c, struct bb_err *err)
{
	struct v3_settings s = v3_of(c);

	v->first = c->first;
	v->peer.version = c->version;
	v->peer.community = c->community;
	if (engine_attach(d->engine, &v->peer, address, c->port, err))
		return -1;
	if (!c->is_v3 || !engine_secure(d->engine, &v->peer, &s, err))
		return 0;
	engine_detach(d->engine, &v->peer);
	return -1;
}

static void make_first(struct discover_credential *c)
{
	c->first = interview_first_packet((enum codec_version)c->version,
		c->is_v3 || !c->community ? "" : c->community);
}

/* ---- turns: whoever answered waits until few enough are being interviewed ---- */

static void wait_for_turn(struct discover *d, struct discover_probe *p)
{
	p->is_waiting = true;
	p->next_waiting = NULL;
	if (d->last_waiting)
		d->last_waiting->next_waiting = p;
	else
		d->first_waiting = p;
	d->last_waiting = p;
}

static void leave_turns(struct discover *d, struct discover_probe *p)
{
	struct discover_probe *before = NULL;

	d->n_talking -= p->is_talking;
	p->is_talking = false;
	if (!p->is_waiting)
		return;
	for (struct discover_probe *at = d->first_waiting; at != p; at = at->next_waiting)
		before = at;
	if (before)
		before->next_waiting = p->next_waiting;
	else
		d->first_waiting = p->next_waiting;
	if (d->last_waiting == p)
		d->last_waiting = before;
	p->is_waiting = false;
}

static void grant_turns(struct discover *d)
{
	while (d->first_waiting && d->n_talking < TALKING) {
		struct discover_probe *p = d->first_waiting;

		leave_turns(d, p);
		d->n_talking++;
		p->is_talking = true;
		interview_go_on(&p->v);
	}
}

/* ---- one host ---- */

static void probe_drop(struct discover_probe *p)
{
	struct discover_job *j = p->job;

	leave_turns(j->all, p);
	if (p->prev)
		p->prev->next = p->next;
	else
		j->live = p->next;
	if (p->next)
		p->next->prev = p->prev;
	j->n_live--;
	interview_fini(&p->v);
	free(p);
}

static void on_sends(struct interview *v)
{
	struct discover *d = ((struct discover_probe *)v)->job->all;

	d->datagrams++;
	d->tokens--;
}

static bool on_answered(struct interview *v, const struct codec_answer *a)
{
	struct discover_probe *p = (struct discover_probe *)v;
	uint8_t bit = (uint8_t)(1 << p->address % 8);

	p->job->all->answers++;
	p->is_second = p->job->heard[p->address / 8] & bit;
	p->job->heard[p->address / 8] |= bit;
	wait_for_turn(p->job->all, p);
	return false;
}

static void note_hit(struct discover_probe *p)
{
	struct discover_job *j = p->job;

	if (j->n_hits == DISCOVER_HITS) {
		j->n_dropped++;
		return;
	}
	j->hit = bb_realloc(j->hit, (j->n_hits + 1) * sizeof(*j->hit));
	j->hit[j->n_hits++] = (struct discover_hit){
		.address = p->address,
		.credential = p->credential,
		.card = p->v.card,
	};
}

static void on_finished(struct interview *v, bool answered)
{
	struct discover_probe *p = (struct discover_probe *)v;

	if (answered && !p->is_second)
		note_hit(p);
	probe_drop(p);
}

static void probe_send(struct discover_job *j, uint32_t address, unsigned credential)
{
	struct discover_credential *c = &j->credential[credential];
	struct discover_probe *p = bb_calloc(1, sizeof(*p));
	char text[INET6_ADDRSTRLEN];
	struct bb_err err;

	p->job = j;
	p->address = address;
	p->credential = (uint8_t)credential;
	p->v = (struct interview){ .finished = on_finished,
		.answered = on_answered,
		.sends = on_sends,
		.profiles = j->all->t->profiles };
	j->sent++;
	if (attach(j->all, &p->v, range_list_address(&j->ranges, address, text), c, &err)) {
		free(p); /* no IPv6 here: nobody to ask */
		return;
	}
	p->next = j->live;
	if (j->live)
		j->live->prev = p;
	j->live = p;
	j->n_live++;
	interview_begin(&p->v, 1);
}

/* ---- jobs ---- */

/* Its secrets go; hits still name it and its port. */
static void credential_forget(struct discover_credential *c)
{
	char id[sizeof(c->id)];

	memcpy(id, c->id, sizeof(id));
	discover_credential_fini(c);
	memcpy(c->id, id, sizeof(id));
}

static void job_end(struct discover_job *j, bool is_cancelled)
{
	while (j->live)
		probe_drop(j->live);
	for (unsigned i = 0; i < j->n_credentials; i++)
		credential_forget(&j->credential[i]);
	free(j->heard);
	j->heard = NULL;
	j->is_done = true;
	j->is_cancelled = is_cancelled;
	j->ended_us = bb_clock_real_us();
}

static void job_free(struct discover_job *j)
{
	if (!j->is_done)
		job_end(j, true);
	range_list_fini(&j->ranges);
	free(j->hit);
	free(j->user);
	free(j->text);
	free(j);
}

static void forget(struct discover *d, unsigned at)
{
	job_free(d->job[at]);
	for (unsigned i = at + 1; i < d->n_jobs; i++)
		d->job[i - 1] = d->job[i];
	d->n_jobs--;
}

/* The next datagram of the job. False: all are out. */
static bool job_step(struct discover_job *j)
{
	for (; j->next_credential < j->n_credentials; j->next_credential++, j->next_address = 0) {
		while (j->next_address < j->ranges.count) {
			uint32_t at = j->next_address++;

			if (j->heard[at / 8] & 1 << at % 8) {
				j->skipped++;
				continue;
			}
			probe_send(j, at, j->next_credential);
			return true;
		}
	}
	return false;
}

static void pay_tokens(struct discover *d)
{
	uint64_t now = bb_clock_mono_ms();
	uint64_t ms = d->last_ms && now > d->last_ms ? now - d->last_ms : WHEEL_TICK_MS;
	double rate = (double)d->t->set->discover_rate;

	d->last_ms = now;
	d->tokens += (double)(ms < BURST_MS ? ms : BURST_MS) * rate / 1000;
	if (d->tokens > rate * BURST_MS / 1000 + 1)
		d->tokens = rate * BURST_MS / 1000 + 1;
}

void discover_tick(struct discover *d)
{
	bool is_any = true;

	if (!d->engine)
		return;
	pay_tokens(d);
	grant_turns(d);
	/* The running jobs take turns. */
	while (d->tokens >= 1 && is_any) {
		is_any = false;
		for (unsigned i = d->n_jobs; i-- > 0 && d->tokens >= 1;)
			is_any |= !d->job[i]->is_done && job_step(d->job[i]);
	}
	for (unsigned i = 0; i < d->n_jobs; i++) {
		struct discover_job *j = d->job[i];

		if (!j->is_done && !j->live && j->next_credential == j->n_credentials)
			job_end(j, false);
	}
	engine_flush(d->engine);
}

void discover_receive(struct discover *d)
{
	if (d->engine)
		engine_receive(d->engine);
}

static unsigned running(const struct discover *d)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n_jobs; i++)
		n += !d->job[i]->is_done;
	return n;
}

static struct discover_job *job_new(struct discover *d, struct range_list *ranges,
	struct discover_credential *c, unsigned n, const char *user, const char *text)
{
	struct discover_job *j = bb_calloc(1, sizeof(*j));
	uint8_t name[6] = { 0 };

	j->all = d;
	if (getrandom(name, sizeof(name), 0) < 0)
		memcpy(name, &d->datagrams, sizeof(name));
	bb_hex(j->name, name, sizeof(name));
	j->user = bb_strdup(user);
	j->text = bb_strdup(text);
	j->started_us = bb_clock_real_us();
	j->ranges = *ranges;
	j->n_credentials = n;
	memcpy(j->credential, c, n * sizeof(*c));
	j->heard = bb_calloc(ranges->count / 8 + 1, 1);
	for (unsigned i = 0; i < n; i++)
		make_first(&j->credential[i]);
	return j;
}

struct discover_job *discover_start(struct discover *d, struct range_list *ranges,
	struct discover_credential *c, unsigned n, const char *user, const char *text,
	struct bb_err *err)
{
	struct discover_job *j;

	if (running(d) >= DISCOVER_RUNNING) {
		bb_err_set(err, "%d discoveries run already; wait for one to end, or stop it",
			DISCOVER_RUNNING);
		goto fail;
	}
	if (open_engine(d, err))
		goto fail;
	/* Room for one more: the oldest that has ended goes. */
	for (unsigned i = d->n_jobs; d->n_jobs == DISCOVER_JOBS && i-- > 0;)
		if (d->job[i]->is_done)
			forget(d, i);
	j = job_new(d, ranges, c, n, user, text);
	memmove(d->job + 1, d->job, d->n_jobs * sizeof(d->job[0]));
	d->job[0] = j;
	d->n_jobs++;
	return j;
fail:
	range_list_fini(ranges);
	for (unsigned i = 0; i < n; i++)
		discover_credential_fini(&c[i]);
	return NULL;
}

struct discover_job *discover_find(struct discover *d, const char *name)
{
	for (unsigned i = 0; i < d->n_jobs; i++)
		if (!strcmp(d->job[i]->name, name))
			return d->job[i];
	return NULL;
}

struct discover_job *discover_at(struct discover *d, unsigned i)
{
	return i < d->n_jobs ? d->job[i] : NULL;
}

void discover_stop(struct discover *d, struct discover_job *j)
{
	if (!j->is_done) {
		job_end(j, true);
		return;
	}
	for (unsigned i = 0; i < d->n_jobs; i++)
		if (d->job[i] == j) {
			forget(d, i);
			return;
		}
}

/* ---- tests of one card ---- */

static void test_drop(struct discover_test *x)
{
	struct discover_test **at = &x->all->tests;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	x->all->n_tests--;
	interview_fini(&x->v);
	discover_credential_fini(&x->c);
	bb_buf_fini(&x->answer);
	free(x);
}

static bool on_test_answered(struct interview *v, const struct codec_answer *a)
{
	struct discover_test *x = (struct discover_test *)v;

	discover_write_answer(&x->answer, a);
	return true;
}

static void on_tested(struct interview *v, bool answered)
{
	struct discover_test *x = (struct discover_test *)v;

	x->done(x->arg, v, answered, x->answer.len ? x->answer.data : NULL);
	test_drop(x);
}

int discover_test(struct discover *d, const char *address, struct discover_credential *c,
	discover_tested done, void *arg, struct bb_err *err)
{
	struct discover_test *x = bb_calloc(1, sizeof(*x));

	x->all = d;
	x->done = done;
	x->arg = arg;
	x->c = *c;
	*c = (struct discover_credential){ 0 };
	x->v = (struct interview){ .finished = on_tested,
		.answered = on_test_answered,
		.profiles = d->t->profiles };
	make_first(&x->c);
	if (d->n_tests == TESTS)
		bb_err_set(err, "%d tests run already; try again in a moment", TESTS);
	if (d->n_tests == TESTS || open_engine(d, err) || attach(d, &x->v, address, &x->c, err)) {
		discover_credential_fini(&x->c);
		free(x);
		return -1;
	}
	x->next = d->tests;
	d->tests = x;
	d->n_tests++;
	interview_begin(&x->v, ENGINE_TRIES);
	return 0;
}

/* ---- end ---- */

void discover_free(struct discover *d)
{
	if (!d)
		return;
	while (d->n_jobs)
		forget(d, d->n_jobs - 1);
	while (d->tests)
		test_drop(d->tests);
	engine_free(d->engine);
	free(d);
}

void discover_metrics(struct discover *d, collector_metric emit, void *arg)
{
	emit(arg, "discovery_running", running(d));
	emit(arg, "discovery_datagrams", (double)d->datagrams);
	emit(arg, "discovery_answers", (double)d->answers);
}
