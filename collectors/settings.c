// SPDX-License-Identifier: Apache-2.0
/* Settings of one device as its generation has them: secrets opened, intervals within bounds, corrections. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/collector_priv.h"
#include "common/str.h"

#define COMMUNITY_MAX   255
#define MIN_INTERVAL_MS 50
#define MAX_INTERVAL_MS 86400000U

static void secret_free(char *s)
{
	if (s)
		bb_wipe(s, strlen(s));
	free(s);
}

void settings_free(struct device_settings *s)
{
	secret_free(s->community);
	secret_free(s->v3_auth_password);
	secret_free(s->v3_priv_password);
	for (unsigned i = 0; i < s->n_corrections; i++)
		free(s->correction[i].point);
	free(s->correction);
	free(s->address);
	free(s->version);
	free(s->profile);
	free(s->v3_user);
	free(s->v3_auth);
	free(s->v3_priv);
	free(s->v3_context);
	*s = (struct device_settings){ 0 };
}

static uint32_t interval_of(uint32_t configured, int64_t fallback)
{
	uint64_t ms = configured ? configured : (uint64_t)fallback;

	return (uint32_t)(ms < MIN_INTERVAL_MS   ? MIN_INTERVAL_MS
			  : ms > MAX_INTERVAL_MS ? MAX_INTERVAL_MS
						 : ms);
}

static char *text_or_empty(const char *s)
{
	return bb_strdup(s ? s : "");
}

static int settings_read_v3(struct collector *c, const Busbar__V1__ConfigDevice *m,
	struct device_settings *s, struct bb_err *err)
{
	char plain[BB_V3_SECRETS_MAX + 2] = "";

	if (m->has_v3_sealed && m->v3_sealed.len &&
		collector_unseal(c, m->v3_sealed.data, m->v3_sealed.len, plain, sizeof(plain) - 1,
			err))
		return bb_err_prefix(err,
			"the SNMPv3 passwords cannot be opened; enter them again");
	s->v3_user = text_or_empty(m->v3_user);
	s->v3_auth = text_or_empty(m->v3_auth);
	s->v3_priv = text_or_empty(m->v3_priv);
	s->v3_context = text_or_empty(m->v3_context);
	s->v3_auth_password = bb_strdup(plain);
	s->v3_priv_password = bb_strdup(plain + strlen(plain) + 1);
	bb_wipe(plain, sizeof(plain));
	if (!m->has_engine_id || !m->engine_id.len)
		return 0;
	if (m->engine_id.len < BB_V3_ENGINE_MIN || m->engine_id.len > BB_V3_ENGINE_MAX)
		return bb_err_set(err, "the engine id has %zu bytes; %d to %d are allowed",
			m->engine_id.len, BB_V3_ENGINE_MIN, BB_V3_ENGINE_MAX);
	memcpy(s->engine_id, m->engine_id.data, m->engine_id.len);
	s->engine_id_n = (uint8_t)m->engine_id.len;
	return 0;
}

/* What is not known here was decided for a newer collector; it is left out. */
static void corrections_read(const Busbar__V1__ConfigDevice *m, struct device_settings *s)
{
	size_t n =
		m->n_correction < DEVICE_CORRECTIONS_MAX ? m->n_correction : DEVICE_CORRECTIONS_MAX;

	if (!n)
		return;
	s->correction = bb_calloc(n, sizeof(*s->correction));
	for (size_t i = 0; i < n; i++) {
		const Busbar__V1__ConfigCorrection *from = m->correction[i];
		int kind = plausible_kind_parse(from->kind ? from->kind : "");

		if (kind < 0 || !from->point || !isfinite(from->factor))
			continue;
		s->correction[s->n_corrections++] = (struct device_correction){
			.point = bb_strdup(from->point),
			.kind = (uint8_t)kind,
			.factor = from->factor,
		};
	}
}

int settings_read(struct collector *c, const Busbar__V1__ConfigDevice *m, struct device_settings *s,
	struct bb_err *err)
{
	char plain[COMMUNITY_MAX + 1] = "";

	*s = (struct device_settings){
		.address = text_or_empty(m->address),
		.version = text_or_empty(m->version),
		.profile = bb_strdup(m->profile && *m->profile ? m->profile : "auto"),
		.port = (uint16_t)(m->port ? m->port : c->ops->default_port),
		.interval_ms = interval_of(m->interval_ms, c->settings->interval_ms),
		.status_interval_ms =
			interval_of(m->status_interval_ms, c->settings->status_interval_ms),
	};
	corrections_read(m, s);
	if (m->port > 65535)
		return bb_err_set(err, "port %u is not between 1 and 65535", m->port);
	if (!strcmp(s->version, "3"))
		return settings_read_v3(c, m, s, err);
	if (!m->has_community_sealed || !m->community_sealed.len)
		return 0;
	if (collector_unseal(c, m->community_sealed.data, m->community_sealed.len, plain,
		    sizeof(plain), err))
		return bb_err_prefix(err, "the community cannot be opened; enter it again");
	s->community = bb_strdup(plain);
	bb_wipe(plain, sizeof(plain));
	return 0;
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool same_corrections(const struct device_settings *a, const struct device_settings *b)
{
	if (a->n_corrections != b->n_corrections)
		return false;
	for (unsigned i = 0; i < a->n_corrections; i++) {
		const struct device_correction *x = &a->correction[i], *y = &b->correction[i];

		if (x->kind != y->kind || x->factor != y->factor || strcmp(x->point, y->point))
			return false;
	}
	return true;
}

bool settings_same_peer(const struct device_settings *a, const struct device_settings *b)
{
	return a->port == b->port && same_corrections(a, b) && same_text(a->address, b->address) &&
	       same_text(a->version, b->version) && same_text(a->profile, b->profile) &&
	       same_text(a->community, b->community) && same_text(a->v3_user, b->v3_user) &&
	       same_text(a->v3_auth, b->v3_auth) && same_text(a->v3_priv, b->v3_priv) &&
	       same_text(a->v3_context, b->v3_context) &&
	       same_text(a->v3_auth_password, b->v3_auth_password) &&
	       same_text(a->v3_priv_password, b->v3_priv_password) &&
	       a->engine_id_n == b->engine_id_n &&
	       !memcmp(a->engine_id, b->engine_id, a->engine_id_n);
}
