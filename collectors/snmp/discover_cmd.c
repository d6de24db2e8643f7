// SPDX-License-Identifier: Apache-2.0
/* Discovery's verbs. Arguments come as name and value in order; those of a credential follow its `credential`.
 *
 *   discover        range TEXT ..., then for each credential: credential ID and its ARGS -> {job, total}
 *   discovery       without arguments all jobs; job NAME: its state and the hits numbered by seq N ..., or those behind
 *                   after N, at most 200
 *   discovery_stop  job NAME
 *   probe           item KEY of a device, or address TEXT; ARGS -> the card
 *
 * ARGS: version 1|2c|3, port N, sealed HEX; with version 3: v3_user, v3_auth, v3_priv, v3_context, v3_sealed HEX
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmp/discover.h"
#include "common/arena.h"
#include "common/seal.h"

#define HITS_A_REPLY  200
#define COMMUNITY_MAX 255
#define SEALED_MAX    1024
#define RANGES_TEXT   2000

#define CODE_OK      BUSBAR__V1__COMMAND_REPLY__CODE__CODE_OK
#define CODE_REFUSED BUSBAR__V1__COMMAND_REPLY__CODE__CODE_REFUSED
#define CODE_UNKNOWN BUSBAR__V1__COMMAND_REPLY__CODE__CODE_UNKNOWN

static void reply_json(struct bb_cmd_call *call, struct bb_buf *json)
{
	Busbar__V1__CommandReply reply = BUSBAR__V1__COMMAND_REPLY__INIT;

	reply.has_code = 1;
	reply.code = CODE_OK;
	reply.json = json->data;
	bb_cmd_reply(call, &reply);
	bb_buf_fini(json);
}

/* ---- arguments ---- */

static int read_version(const char *text, struct discover_credential *c, struct bb_err *err)
{
	c->is_v3 = !strcmp(text, "3");
	c->version = !strcmp(text, "1") ? CODEC_V1 : CODEC_V2C;
	if (!c->is_v3 && strcmp(text, "1") && strcmp(text, "2c"))
		return bb_err_set(err, "SNMP version \"%.20s\" is not supported: 1, 2c or 3", text);
	return 0;
}

static int read_port(const char *text, uint16_t *port, struct bb_err *err)
{
	uint64_t v;

	if (bb_parse_u64(text, "port", 1, 65535, &v, err))
		return -1;
	*port = (uint16_t)v;
	return 0;
}

static int read_v3_sealed(struct discover *d, const char *hex, char **secret, struct bb_err *err)
{
	uint8_t box[SEALED_MAX];
	char *plain;
	int n = bb_unhex(box, sizeof(box), hex);

	if (n <= 0)
		return bb_err_set(err, "the sealed passwords are not hexadecimal");
	plain = bb_calloc(1, BB_V3_SECRETS_MAX + 2);
	if (collector_unseal(discover_host(d), box, (size_t)n, plain, BB_V3_SECRETS_MAX + 1, err)) {
		free(plain);
		return bb_err_prefix(err,
			"the SNMPv3 passwords cannot be opened; enter them again");
	}
	if (*secret)
		bb_wipe(*secret, BB_V3_SECRETS_MAX + 2);
	free(*secret);
	*secret = plain;
	return 0;
}

static int read_sealed(struct discover *d, const char *hex, char **community, struct bb_err *err)
{
	uint8_t box[SEALED_MAX];
	char plain[COMMUNITY_MAX + 1];
	int n = bb_unhex(box, sizeof(box), hex);

	if (n <= 0)
		return bb_err_set(err, "the sealed community is not hexadecimal");
	if (collector_unseal(discover_host(d), box, (size_t)n, plain, sizeof(plain), err))
		return bb_err_prefix(err, "the community cannot be opened; enter it again");
	if (*community)
		bb_wipe(*community, strlen(*community));
	free(*community);
	*community = bb_strdup(plain);
	bb_wipe(plain, sizeof(plain));
	return 0;
}

/* One argument of a credential. 1: it is none. */
static int credential_arg(struct discover *d, struct discover_credential *c, const char *name,
	const char *value, struct bb_err *err)
{
	char **const texts[] = { &c->v3_user, &c->v3_auth, &c->v3_priv, &c->v3_context };
	static const char *const names[] = { "v3_user", "v3_auth", "v3_priv", "v3_context" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]))
			continue;
		free(*texts[i]);
		*texts[i] = bb_strdup(value);
		return 0;
	}
	if (!strcmp(name, "version"))
		return read_version(value, c, err);
	if (!strcmp(name, "port"))
		return read_port(value, &c->port, err);
	if (!strcmp(name, "sealed"))
		return read_sealed(d, value, &c->community, err);
	if (!strcmp(name, "v3_sealed"))
		return read_v3_sealed(d, value, &c->v3_secret, err);
	return 1;
}

struct order {
	struct range_list ranges;
	struct bb_buf text;
	struct discover_credential credential[DISCOVER_CREDENTIALS];
	unsigned n;
};

static int order_credential(struct order *o, const char *id, struct bb_err *err)
{
	if (o->n == DISCOVER_CREDENTIALS)
		return bb_err_set(err, "more than %d credentials in one discovery",
			DISCOVER_CREDENTIALS);
	o->credential[o->n] = (struct discover_credential){ .version = CODEC_V2C, .port = 161 };
	bb_copy(o->credential[o->n].id, sizeof(o->credential[0].id), id);
	o->n++;
	return 0;
}

static int order_arg(struct discover *d, struct order *o, const char *name, const char *value,
	struct bb_err *err)
{
	int rc;

	if (!strcmp(name, "range")) {
		if (o->text.len < RANGES_TEXT)
			bb_buf_printf(&o->text, "%s%.60s", o->text.len ? " " : "", value);
		return range_list_add(&o->ranges, value, err);
	}
	if (!strcmp(name, "credential"))
		return order_credential(o, value, err);
	rc = o->n ? credential_arg(d, &o->credential[o->n - 1], name, value, err) : 1;
	if (rc <= 0)
		return rc;
	return bb_err_set(err, "unknown argument \"%.40s\"", name);
}

static int order_read(struct discover *d, const Busbar__V1__CommandRequest *rq, struct order *o,
	struct bb_err *err)
{
	for (size_t i = 0; i < rq->n_arg && i < rq->n_arg_name; i++)
		if (order_arg(d, o, rq->arg_name[i], rq->arg[i], err))
			return -1;
	if (!o->ranges.count)
		return bb_err_set(err, "name at least one range");
	if (!o->n)
		return bb_err_set(err, "name at least one credential");
	for (unsigned i = 0; i < o->n; i++)
		if (discover_credential_check(&o->credential[i], err))
			return bb_err_prefix(err, "credential %s", o->credential[i].id);
	return 0;
}

static void order_fini(struct order *o)
{
	range_list_fini(&o->ranges);
	for (unsigned i = 0; i < o->n; i++)
		discover_credential_fini(&o->credential[i]);
}

/* ---- writing ---- */

static void write_card(struct bb_json *j, const struct card *c)
{
	bb_json_int(j, "ms", c->ms);
	bb_json_str(j, "mfr", c->mfr);
	bb_json_str(j, "model", c->model);
	bb_json_str(j, "serial", c->serial);
	bb_json_str(j, "mac", c->mac);
	bb_json_str(j, "engine_id", c->engine_id);
	bb_json_str(j, "sysdescr", c->sysdescr);
	bb_json_str(j, "sysname", c->sysname);
	bb_json_str(j, "sysobjectid", c->sysobjectid);
	if (c->uptime_s >= 0)
		bb_json_num(j, "uptime_s", c->uptime_s);
	else
		bb_json_null(j, "uptime_s");
	bb_json_str(j, "profile", c->profile ? c->profile->name : NULL);
	bb_json_str(j, "profile_title", c->profile ? c->profile->title : NULL);
}

static void write_job(struct bb_json *j, const struct discover_job *job)
{
	bb_json_str(j, "job", job->name);
	bb_json_str(j, "user", job->user);
	bb_json_str(j, "ranges", job->text);
	bb_json_time(j, "started_at", job->started_us);
	bb_json_time(j, "ended_at", job->ended_us);
	bb_json_bool(j, "done", job->is_done);
	bb_json_bool(j, "cancelled", job->is_cancelled);
	bb_json_int(j, "addresses", job->ranges.count);
	bb_json_int(j, "sent", (int64_t)job->sent);
	bb_json_int(j, "total", (int64_t)discover_total(job));
	bb_json_int(j, "answered", job->n_hits + job->n_dropped);
	bb_json_int(j, "not_kept", job->n_dropped);
}

static void write_hit(struct bb_json *j, const struct discover_job *job, unsigned i)
{
	const struct discover_hit *h = &job->hit[i];
	char address[INET6_ADDRSTRLEN];

	bb_json_obj(j, NULL);
	bb_json_int(j, "seq", i + 1);
	bb_json_str(j, "address", range_list_address(&job->ranges, h->address, address));
	bb_json_int(j, "port", job->credential[h->credential].port);
	bb_json_str(j, "credential_id", job->credential[h->credential].id);
	write_card(j, &h->card);
	bb_json_end_obj(j);
}

void discover_write_answer(struct bb_buf *out, const struct codec_answer *a)
{
	static const char *const types[] = { [CODEC_MISSING] = "missing",
		[CODEC_END] = "end",
		[CODEC_NULL] = "null",
		[CODEC_NUMBER] = "number",
		[CODEC_TEXT] = "text",
		[CODEC_OID] = "oid",
		[CODEC_OTHER] = "other" };
	struct bb_json j = { .out = out };
	bb_autofree char *hex = bb_malloc(2 * a->raw_len + 1);
	char text[PROFILE_OID_TEXT];

	bb_hex(hex, a->raw, a->raw_len);
	bb_json_obj(&j, NULL);
	bb_json_int(&j, "error", a->error);
	bb_json_arr(&j, "varbinds");
	for (unsigned i = 0; i < a->n; i++) {
		const struct codec_varbind *v = &a->v[i];

		bb_json_obj(&j, NULL);
		bb_json_str(&j, "oid", profile_oid_print(&v->oid, text, sizeof(text)));
		bb_json_str(&j, "type", types[v->type]);
		if (v->type == CODEC_TEXT) {
			bb_text_clean(text, sizeof(text), (const char *)v->text, v->text_len);
			bb_json_str(&j, "value", text);
		} else if (v->type == CODEC_OID) {
			bb_json_str(&j, "value", profile_oid_print(&v->value, text, sizeof(text)));
		} else if (v->type == CODEC_NUMBER) {
			bb_json_num(&j, "value", v->number);
		} else {
			bb_json_null(&j, "value");
		}
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	bb_json_str(&j, "raw", hex);
	bb_json_end_obj(&j);
}

/* ---- verbs ---- */

static void cmd_discover(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct order o = { .n = 0 };
	struct discover_job *job = NULL;
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	struct bb_err err;

	if (order_read(d, rq, &o, &err))
		order_fini(&o);
	else
		job = discover_start(d, &o.ranges, o.credential, o.n, rq->user ? rq->user : "",
			o.text.data, &err);
	bb_buf_fini(&o.text);
	if (!job) {
		bb_cmd_reply_text(call, CODE_REFUSED, "%s", err.text);
		return;
	}
	bb_json_obj(&j, NULL);
	bb_json_str(&j, "job", job->name);
	bb_json_int(&j, "total", (int64_t)discover_total(job));
	bb_json_end_obj(&j);
	reply_json(call, &out);
}

static const char *arg_of(const Busbar__V1__CommandRequest *rq, const char *name)
{
	for (size_t i = 0; i < rq->n_arg && i < rq->n_arg_name; i++)
		if (!strcmp(rq->arg_name[i], name))
			return rq->arg[i];
	return NULL;
}

static void list_jobs(struct discover *d, struct bb_cmd_call *call)
{
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	const struct discover_job *job;

	bb_json_arr(&j, NULL);
	for (unsigned i = 0; (job = discover_at(d, i)); i++) {
		bb_json_obj(&j, NULL);
		write_job(&j, job);
		bb_json_end_obj(&j);
	}
	bb_json_end_arr(&j);
	reply_json(call, &out);
}

static struct discover_job *job_of(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	const char *name = arg_of(rq, "job");
	struct discover_job *job = discover_find(d, name ? name : "");

	if (!job)
		bb_cmd_reply_text(call, CODE_UNKNOWN,
			"there is no discovery \"%.40s\" (any more); start a new one",
			name ? name : "");
	return job;
}

static void write_named(struct bb_json *j, const struct discover_job *job,
	const Busbar__V1__CommandRequest *rq)
{
	unsigned told = 0;

	for (size_t i = 0; i < rq->n_arg && i < rq->n_arg_name && told < HITS_A_REPLY; i++) {
		uint64_t seq;

		if (strcmp(rq->arg_name[i], "seq") ||
			bb_parse_u64(rq->arg[i], "seq", 1, job->n_hits, &seq, NULL))
			continue;
		write_hit(j, job, (unsigned)seq - 1);
		told++;
	}
}

static void cmd_discovery(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	const char *text = arg_of(rq, "after");
	const struct discover_job *job;
	uint64_t after = 0;
	struct bb_err err;

	if (!arg_of(rq, "job")) {
		list_jobs(d, call);
		return;
	}
	if (!(job = job_of(d, call, rq)))
		return;
	if (text && bb_parse_u64(text, "after", 0, UINT32_MAX, &after, &err)) {
		bb_cmd_reply_text(call, CODE_REFUSED, "%s", err.text);
		return;
	}
	bb_json_obj(&j, NULL);
	write_job(&j, job);
	bb_json_arr(&j, "hits");
	if (arg_of(rq, "seq"))
		write_named(&j, job, rq);
	for (uint64_t i = after; text && i < job->n_hits && i < after + HITS_A_REPLY; i++)
		write_hit(&j, job, (unsigned)i);
	bb_json_end_arr(&j);
	bb_json_bool(&j, "more", text && job->n_hits > after + HITS_A_REPLY);
	bb_json_end_obj(&j);
	reply_json(call, &out);
}

static void cmd_stop(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct discover_job *job = job_of(d, call, rq);

	if (!job)
		return;
	discover_stop(d, job);
	bb_cmd_reply_text(call, CODE_OK, "stopped");
}

static void on_probed(void *arg, const struct interview *v, bool answered, const char *answer)
{
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	char who[80], reason[300] = "";

	if (!answered)
		bb_copy(reason, sizeof(reason), v->reason);
	else if (!v->card.profile)
		snprintf(reason, sizeof(reason),
			"%s answers, but no profile fits (sysObjectID %.90s): name a profile for the device, or add one",
			engine_peer_text(&v->peer, who, sizeof(who)), v->card.sysobjectid);
	bb_json_obj(&j, NULL);
	bb_json_bool(&j, "ok", answered && v->card.profile);
	bb_json_bool(&j, "answered", answered);
	bb_json_str(&j, "reason", *reason ? reason : NULL);
	write_card(&j, &v->card);
	bb_json_raw(&j, "answer", answer ? answer : "null");
	bb_json_end_obj(&j);
	reply_json(arg, &out);
}

static void take_text(char **to, const char *text)
{
	free(*to);
	*to = bb_strdup(text ? text : "");
}

static int credential_of_device(const struct device_settings *s, struct discover_credential *c,
	struct bb_err *err)
{
	const char *auth = s->v3_auth_password ? s->v3_auth_password : "",
		   *priv = s->v3_priv_password ? s->v3_priv_password : "";

	if (read_version(s->version && *s->version ? s->version : "2c", c, err))
		return -1;
	c->port = s->port;
	take_text(&c->community, s->community);
	take_text(&c->v3_user, s->v3_user);
	take_text(&c->v3_auth, s->v3_auth);
	take_text(&c->v3_priv, s->v3_priv);
	take_text(&c->v3_context, s->v3_context);
	if (strlen(auth) + strlen(priv) + 1 > BB_V3_SECRETS_MAX)
		return bb_err_set(err, "the SNMPv3 passwords are too long");
	c->v3_secret = bb_calloc(1, BB_V3_SECRETS_MAX + 2);
	memcpy(c->v3_secret, auth, strlen(auth));
	memcpy(c->v3_secret + strlen(auth) + 1, priv, strlen(priv));
	return 0;
}

/* A device is asked with its own settings; what is given besides stands in their place. */
static int probe_start(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq, struct discover_credential *c, struct bb_err *err)
{
	const struct device *known =
		rq->n_item ? collector_device(discover_host(d), rq->item[0]) : NULL;
	const char *address = arg_of(rq, "address");

	if (rq->n_item && !known)
		return bb_err_set(err, "no such device here: \"%.200s\"", rq->item[0]);
	if (!address && !known)
		return bb_err_set(err, "name a device or an address");
	if (known && credential_of_device(&known->set, c, err))
		return -1;
	for (size_t i = 0; i < rq->n_arg && i < rq->n_arg_name; i++)
		if (credential_arg(d, c, rq->arg_name[i], rq->arg[i], err) < 0)
			return -1;
	if (discover_credential_check(c, err))
		return -1;
	return discover_test(d, address ? address : known->set.address, c, on_probed, call, err);
}

static void cmd_probe(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	struct discover_credential c = { .version = CODEC_V2C, .port = 161 };
	struct bb_err err;

	if (probe_start(d, call, rq, &c, &err))
		bb_cmd_reply_text(call, CODE_REFUSED, "%s", err.text);
	discover_credential_fini(&c);
}

bool discover_command(struct discover *d, struct bb_cmd_call *call,
	const Busbar__V1__CommandRequest *rq)
{
	static const struct {
		const char *verb;
		void (*run)(struct discover *d, struct bb_cmd_call *call,
			const Busbar__V1__CommandRequest *rq);
	} verbs[] = {
		{ "discover", cmd_discover },
		{ "discovery", cmd_discovery },
		{ "discovery_stop", cmd_stop },
		{ "probe", cmd_probe },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(rq->verb, verbs[i].verb)) {
			verbs[i].run(d, call, rq);
			return true;
		}
	}
	return false;
}
