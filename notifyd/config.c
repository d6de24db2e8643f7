// SPDX-License-Identifier: Apache-2.0
#include "notifyd/config.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/str.h"

enum { RECIPIENTS_MAX = 1000 };

bool config_address_valid(const char *address)
{
	const char *at = strrchr(address, '@');

	if (!at || at == address || !at[1] || strlen(address) > 254)
		return false;
	for (const unsigned char *p = (const unsigned char *)address; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("<>(),;:\\\"[]", *p))
			return false;
	return true;
}

/* ---- settings, one row each ---- */

static int take_host(struct smtp_settings *s, const char *value, struct bb_err *err)
{
	for (const char *p = value; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:",
			    *p))
			return bb_err_set(err, "\"%s\" is not a host name or address", value);
	if (!bb_copy(s->host, sizeof(s->host), value))
		return bb_err_set(err, "longer than %zu bytes", sizeof(s->host) - 1);
	return 0;
}

static int take_port(struct smtp_settings *s, const char *value, struct bb_err *err)
{
	uint64_t port;

	if (bb_parse_u64(value, "the port", 1, 65535, &port, err) != 0)
		return -1;
	s->port = (unsigned)port;
	return 0;
}

static int take_from(struct smtp_settings *s, const char *value, struct bb_err *err)
{
	if (!config_address_valid(value))
		return bb_err_set(err, "\"%s\" is not a mail address", value);
	bb_copy(s->from, sizeof(s->from), value);
	return 0;
}

static int take_tls(struct smtp_settings *s, const char *value, struct bb_err *err)
{
	static const char *const names[] = {
		[SMTP_TLS_NONE] = "none",
		[SMTP_TLS_STARTTLS] = "starttls",
		[SMTP_TLS_TLS] = "tls",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0) {
			s->tls = (enum smtp_tls)i;
			return 0;
		}
	}
	return bb_err_set(err, "\"%s\" is none of none, starttls, tls", value);
}

static int take_user(struct smtp_settings *s, const char *value, struct bb_err *err)
{
	if (!bb_copy(s->user, sizeof(s->user), value))
		return bb_err_set(err, "longer than %zu bytes", sizeof(s->user) - 1);
	return 0;
}

static int take_ca_file(struct smtp_settings *s, const char *value, struct bb_err *err)
{
	if ((*value && *value != '/') || !bb_copy(s->ca_file, sizeof(s->ca_file), value))
		return bb_err_set(err, "\"%s\" is not an absolute path of at most %zu bytes", value,
			sizeof(s->ca_file) - 1);
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct smtp_settings *s, const char *value, struct bb_err *err);
} plain[] = {
	{ "smtp.host", take_host },
	{ "smtp.port", take_port },
	{ "smtp.from", take_from },
	{ "smtp.tls", take_tls },
	{ "smtp.user", take_user },
	{ "smtp.ca_file", take_ca_file },
};

static int take_password(struct smtp_settings *s, const Busbar__V1__ConfigSetting *m,
	const struct bb_opener *opener, struct bb_err *err)
{
	if (*m->value)
		return bb_err_set(err,
			"setting \"smtp.password\" must be sealed, it is plain text");
	if (!m->value_sealed.len)
		return 0;
	if (!opener)
		return bb_err_set(err,
			"setting \"smtp.password\" is sealed, and notifyd has no key to open it");
	if (bb_seal_open(opener, m->value_sealed.data, m->value_sealed.len, s->password,
		    sizeof(s->password), err) < 0)
		return bb_err_prefix(err, "setting \"smtp.password\"");
	return 0;
}

static int take_setting(struct smtp_settings *s, const Busbar__V1__ConfigSetting *m,
	const struct bb_opener *opener, struct bb_err *err)
{
	if (strcmp(m->name, "smtp.password") == 0)
		return take_password(s, m, opener, err);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(m->name, plain[i].name) != 0 || !*m->value)
			continue;
		if (plain[i].take(s, m->value, err) != 0)
			return bb_err_prefix(err, "setting \"%s\"", m->name);
	}
	/* Names we do not know belong to other daemons or to a later version. */
	return 0;
}

static int finish_smtp(struct smtp_settings *s, struct bb_err *err)
{
	static const unsigned ports[] = {
		[SMTP_TLS_NONE] = 25,
		[SMTP_TLS_STARTTLS] = 587,
		[SMTP_TLS_TLS] = 465,
	};

	if (!s->port)
		s->port = ports[s->tls];
	if (!*s->from)
		bb_copy(s->from, sizeof(s->from), "busbar@localhost");
	if (*s->password && s->tls == SMTP_TLS_NONE)
		return bb_err_set(err,
			"setting \"smtp.password\" would travel in clear: set \"smtp.tls\"");
	return 0;
}

static int take_recipient(struct recipient *r, const Busbar__V1__ConfigRecipient *m,
	struct bb_err *err)
{
	if (!config_address_valid(m->address))
		return bb_err_set(err, "recipient \"%s\": \"%s\" is not a mail address", m->name,
			m->address);
	r->id = m->id;
	r->min_severity = m->min_severity;
	bb_copy(r->address, sizeof(r->address), m->address);
	bb_text_clean(r->name, sizeof(r->name), m->name, strlen(m->name));
	return 0;
}

int config_read(struct config *c, const Busbar__V1__Config *m, const struct bb_opener *opener,
	struct bb_err *err)
{
	int rc = 0;

	memset(c, 0, sizeof(*c));
	if (m->n_recipient > RECIPIENTS_MAX)
		return bb_err_set(err, "%zu recipients, at most %d are possible", m->n_recipient,
			RECIPIENTS_MAX);
	for (size_t i = 0; rc == 0 && i < m->n_setting; i++)
		rc = take_setting(&c->smtp, m->setting[i], opener, err);
	if (rc == 0)
		rc = finish_smtp(&c->smtp, err);
	c->recipient = bb_calloc(m->n_recipient + 1, sizeof(*c->recipient));
	for (size_t i = 0; rc == 0 && i < m->n_recipient; i++)
		rc = take_recipient(&c->recipient[c->recipients++], m->recipient[i], err);
	if (rc != 0)
		config_fini(c);
	return rc;
}

void config_fini(struct config *c)
{
	bb_wipe(c->smtp.password, sizeof(c->smtp.password));
	free(c->recipient);
	memset(c, 0, sizeof(*c));
}
