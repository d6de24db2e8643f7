// SPDX-License-Identifier: Apache-2.0
/* Two cards with one SNMPv3 engine id (cloned with their configuration) break whoever keeps time and keys by engine id. We
 * keep them by device, so both are polled; but traps cannot be told apart by it, and other managers will fail: people are told. */
#include <stdio.h>
#include <string.h>

#include "collectors/snmp/snmp.h"
#include "common/str.h"

#define NAMED_MAX 5

struct search {
	struct bb_table *first; /* of each engine id: struct snmp_device */
	struct bb_buf text;
	unsigned found;
};

static bool same_card(const struct peer *a, const struct peer *b)
{
	char x[80], y[80];

	return !strcmp(engine_peer_text(a, x, sizeof(x)), engine_peer_text(b, y, sizeof(y)));
}

static void look(void *arg, struct peer *p)
{
	struct search *s = arg;
	char hex[2 * BB_V3_ENGINE_MAX + 1];

	if (!p->v3 || !p->v3->engine_id_n)
		return;
	const struct peer *other = bb_table_get_n(s->first, p->v3->engine_id, p->v3->engine_id_n);
	if (!other) {
		bb_table_put_n(s->first, p->v3->engine_id, p->v3->engine_id_n, p);
		return;
	}
	if (same_card(p, other) || s->found++ >= NAMED_MAX)
		return;
	bb_hex(hex, p->v3->engine_id, p->v3->engine_id_n);
	bb_buf_printf(&s->text, "%s\"%s\" and \"%s\" (%s)", s->text.len ? ", " : "",
		device_of((struct snmp_device *)(uintptr_t)other)->key,
		device_of((struct snmp_device *)p)->key, hex);
}

void clones_report(struct snmp *t)
{
	uint64_t now = wheel_now_ms(collector_wheel(t->host));
	struct search s = { 0 };

	if (now < t->clones_at_ms || !engine_ids_changed(t->engine))
		return;
	t->clones_at_ms = now + 1000;
	s.first = bb_table_new();
	engine_each(t->engine, look, &s);
	bb_table_free(s.first, NULL);
	if (s.found > NAMED_MAX)
		bb_buf_printf(&s.text, " and %u more", s.found - NAMED_MAX);
	if (s.found)
		bb_buf_str(&s.text,
			" have the same SNMPv3 engine id: give each card its own; until then traps of one may count for the other");
	collector_trouble(t->host, "engine_id_twice",
		s.found ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : 0, s.found ? s.text.data : NULL);
	bb_buf_fini(&s.text);
}
