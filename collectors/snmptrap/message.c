// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmptrap/message.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/scapi.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define USM_MODEL   3
#define ENGINE_MAX  32
#define USER_MAX    32
#define AUTH_MAX    48
#define V1_SPECIFIC 6

void message_init(void)
{
	netsnmp_session s;

	/* These two are read before any option can be set. */
	setenv("MIBS", "", 1);
	setenv("SNMP_PERSISTENT_DIR", "/nonexistent", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	/* A log target that leads nowhere, or the library falls back to stderr. */
	snmp_enable_calllog();
	snmp_sess_init(&s);
	sc_init();
}

static int refuse(const char **why, const char *text)
{
	*why = text;
	return -1;
}

/* ---- what stands around the PDU ---- */

static int peek_usm(const uint8_t *data, struct message *m, struct ber params, const char **why)
{
	struct ber s;

	if (!ber_enter(&params, BER_SEQUENCE, &s) || !ber_enter(&s, BER_STRING, &m->engine_id) ||
		!ber_int_in(&s, 0, INT32_MAX, &m->boots) ||
		!ber_int_in(&s, 0, INT32_MAX, &m->time) || !ber_enter(&s, BER_STRING, &m->user) ||
		!ber_enter(&s, BER_STRING, &m->auth) || !ber_enter(&s, BER_STRING, &m->salt))
		return refuse(why, "security parameters are malformed");
	if (ber_left(&m->engine_id) > ENGINE_MAX || ber_left(&m->user) > USER_MAX ||
		ber_left(&m->auth) > AUTH_MAX)
		return refuse(why, "security parameters are too long");
	m->auth_at = (size_t)(m->auth.at - data);
	return 0;
}

static int peek_v3(const uint8_t *data, struct message *m, struct ber body, const char **why)
{
	struct ber global, flags, params;
	int64_t max_size, model;
	uint8_t tag;

	if (!ber_enter(&body, BER_SEQUENCE, &global) ||
		!ber_int_in(&global, 0, INT32_MAX, &m->msg_id) ||
		!ber_int_in(&global, 484, INT32_MAX, &max_size) ||
		!ber_enter(&global, BER_STRING, &flags) || ber_left(&flags) != 1 ||
		!ber_int_in(&global, 0, INT32_MAX, &model))
		return refuse(why, "header of SNMPv3 is malformed");
	if (model != USM_MODEL)
		return refuse(why, "security model is not the user-based one");
	m->flags = flags.at[0];
	if ((m->flags & 3) == 2)
		return refuse(why, "encrypted but not authenticated");
	if (!ber_enter(&body, BER_STRING, &params) || peek_usm(data, m, params, why))
		return *why ? -1 : refuse(why, "security parameters are malformed");
	m->scoped = body;
	struct ber inside;
	if (!ber_next(&body, &tag, &inside) || tag != (m->flags & 2 ? BER_STRING : BER_SEQUENCE))
		return refuse(why, "scoped PDU is malformed");
	if (m->flags & 2)
		m->scoped = inside;
	return 0;
}

int message_peek(const uint8_t *data, size_t len, struct message *m, const char **why)
{
	struct ber all = { data, data + len }, body, community, pdu;
	int64_t version;
	uint8_t tag;

	*why = NULL;
	*m = (struct message){ 0 };
	if (!ber_enter(&all, BER_SEQUENCE, &body) || !ber_int(&body, &version))
		return refuse(why, "not an SNMP message");
	m->version = (uint8_t)version;
	if (version == 3)
		return peek_v3(data, m, body, why);
	if (version != 0 && version != 1)
		return refuse(why, "unknown version of SNMP");
	if (!ber_enter(&body, BER_STRING, &community))
		return refuse(why, "not an SNMP message");
	m->pdu = body;
	m->pdu_at = (size_t)(body.at - data);
	if (!ber_next(&body, &tag, &pdu))
		return refuse(why, "PDU is malformed");
	m->pdu.end = body.at;
	if (version == 0 ? tag != BER_TRAP1 : tag != BER_TRAP2 && tag != BER_INFORM)
		return refuse(why, "neither a trap nor an inform");
	return 0;
}

/* ---- what it says ---- */

char *message_oid_print(const uint32_t *id, size_t n, char *out, size_t cap)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n && at < cap; i++)
		at += (size_t)snprintf(out + at, cap - at, i ? ".%u" : "%u", id[i]);
	return out;
}

/* Readable texts as they are, anything else as hexadecimal. */
static bool print_text(const u_char *s, size_t n, char *out, size_t cap)
{
	bool plain = bb_utf8_valid((const char *)s, n);

	while (n && s[n - 1] == '\0')
		n--;
	for (size_t i = 0; plain && i < n; i++)
		plain = s[i] >= 0x20 ? s[i] != 0x7f : s[i] == '\n' || s[i] == '\r' || s[i] == '\t';
	if (!plain) {
		size_t fits = (cap - 1) / 2 < n ? (cap - 1) / 2 : n;

		bb_hex(out, s, fits);
		return false;
	}
	n = n < cap - 1 ? n : cap - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = s[i] < 0x20 ? ' ' : (char)s[i];
	out[n] = '\0';
	return true;
}

static void print_oid(const oid *id, size_t n, char *out, size_t cap)
{
	uint32_t narrow[MESSAGE_OID_MAX];
	size_t k = 0;

	for (; k < n && k < MESSAGE_OID_MAX; k++)
		narrow[k] = (uint32_t)id[k];
	message_oid_print(narrow, k, out, cap);
}

static bool say_value(const netsnmp_variable_list *v, struct trap_value *out)
{
	char *at = out->value;
	size_t cap = sizeof(out->value);

	switch (v->type) {
	case ASN_INTEGER:
		out->type = "integer";
		snprintf(at, cap, "%ld", *v->val.integer);
		return false;
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
		out->type = v->type == ASN_COUNTER ? "counter"
			    : v->type == ASN_GAUGE ? "gauge"
						   : "timeticks";
		snprintf(at, cap, "%lu", (unsigned long)*v->val.integer & 0xffffffffUL);
		return false;
	case ASN_COUNTER64:
		out->type = "counter64";
		snprintf(at, cap, "%llu",
			(unsigned long long)v->val.counter64->high << 32 |
				(unsigned long long)(v->val.counter64->low & 0xffffffffUL));
		return false;
	case ASN_OBJECT_ID:
		out->type = "oid";
		print_oid(v->val.objid, v->val_len / sizeof(oid), at, cap);
		return false;
	case ASN_IPADDRESS:
		out->type = "ip";
		if (v->val_len == 4)
			snprintf(at, cap, "%u.%u.%u.%u", v->val.string[0], v->val.string[1],
				v->val.string[2], v->val.string[3]);
		return false;
	case ASN_OCTET_STR:
		out->type = "string";
		return print_text(v->val.string, v->val_len, at, cap);
	case ASN_NULL: out->type = "null"; return false;
	default:
		out->type = "opaque";
		if (v->type == ASN_OPAQUE)
			print_text(v->val.string, v->val_len, at, cap);
		return false;
	}
}

static void add_value(struct trap *t, const netsnmp_variable_list *v)
{
	if (t->n_value == MESSAGE_VARBINDS)
		return;
	struct trap_value *out = &t->value[t->n_value++];

	out->type = "";
	out->value[0] = '\0';
	print_oid(v->name, v->name_length, out->oid, sizeof(out->oid));
	if (!say_value(v, out) || t->first_text)
		return;
	for (const char *c = out->value; *c; c++) {
		if (isalpha((unsigned char)*c)) {
			t->first_text = out->value;
			return;
		}
	}
}

static bool is_name(const netsnmp_variable_list *v, const oid *name, size_t n)
{
	return snmp_oid_compare(v->name, v->name_length, name, n) == 0;
}

static void take_trap_oid(struct trap *t, const oid *id, size_t n)
{
	t->n_id = n < MESSAGE_OID_MAX ? n : MESSAGE_OID_MAX;
	for (size_t i = 0; i < t->n_id; i++)
		t->id[i] = (uint32_t)id[i];
}

/* RFC 3584 3.1: the enterprise of a specific trap is its prefix, a generic one has a name of its own. */
static int read_v1(struct trap *t, const netsnmp_pdu *p, const char **why)
{
	static const uint32_t generic[] = { 1, 3, 6, 1, 6, 3, 1, 1, 5 };

	t->uptime_cs = (uint32_t)p->time;
	t->has_agent = memcmp(p->agent_addr, (u_char[4]){ 0 }, 4) != 0;
	memcpy(t->agent, p->agent_addr, 4);
	if (p->trap_type >= 0 && p->trap_type < V1_SPECIFIC) {
		memcpy(t->id, generic, sizeof(generic));
		t->n_id = sizeof(generic) / sizeof(generic[0]);
		t->id[t->n_id++] = (uint32_t)p->trap_type + 1;
		return 0;
	}
	if (p->trap_type != V1_SPECIFIC || p->enterprise_length + 2 > MESSAGE_OID_MAX)
		return refuse(why, "trap of SNMPv1 has no usable name");
	take_trap_oid(t, p->enterprise, p->enterprise_length);
	t->id[t->n_id++] = 0;
	t->id[t->n_id++] = (uint32_t)p->specific_type;
	return 0;
}

static int read_values(struct trap *t, const netsnmp_pdu *p, const char **why)
{
	static const oid uptime[] = { 1, 3, 6, 1, 2, 1, 1, 3, 0 };
	static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 };
	static const oid trap_address[] = { 1, 3, 6, 1, 6, 3, 18, 1, 3, 0 };

	for (const netsnmp_variable_list *v = p->variables; v; v = v->next_variable) {
		if (is_name(v, uptime, OID_LENGTH(uptime)) && v->type == ASN_TIMETICKS) {
			t->uptime_cs = (uint32_t)*v->val.integer;
		} else if (is_name(v, trap_oid, OID_LENGTH(trap_oid)) && v->type == ASN_OBJECT_ID) {
			take_trap_oid(t, v->val.objid, v->val_len / sizeof(oid));
		} else {
			if (is_name(v, trap_address, OID_LENGTH(trap_address)) &&
				v->type == ASN_IPADDRESS && v->val_len == 4) {
				memcpy(t->agent, v->val.string, 4);
				t->has_agent = true;
			}
			add_value(t, v);
		}
	}
	return t->n_id ? 0 : refuse(why, "no snmpTrapOID");
}

/* What makes two traps the same: everything in the list but the time. */
static int hash_varbinds(const struct ber *pdu, struct trap *t, const char **why)
{
	static const uint8_t uptime[] = { 0x2b, 6, 1, 2, 1, 1, 3, 0 };
	struct ber b = *pdu, body, list, vb, name;
	uint8_t tag;

	if (!ber_next(&b, &t->pdu_tag, &body))
		return refuse(why, "PDU is malformed");
	if (t->pdu_tag != BER_TRAP1 && (!ber_int_in(&body, INT32_MIN, INT32_MAX, &t->request_id)))
		return refuse(why, "PDU is malformed");
	/* The list is the last element, in every kind of PDU. */
	do {
		if (!ber_next(&body, &tag, &list))
			return refuse(why, "PDU is malformed");
	} while (ber_left(&body));
	if (tag != BER_SEQUENCE)
		return refuse(why, "PDU is malformed");
	t->hash = 0;
	while (ber_left(&list)) {
		const uint8_t *start = list.at;

		if (!ber_enter(&list, BER_SEQUENCE, &vb) || !ber_enter(&vb, BER_OID, &name))
			return refuse(why, "a varbind is malformed");
		if (ber_left(&name) == sizeof(uptime) && !memcmp(name.at, uptime, sizeof(uptime)))
			continue;
		t->hash = t->hash * 1099511628211U ^ bb_hash(start, (size_t)(list.at - start));
	}
	return 0;
}

int message_read(const struct ber *pdu, struct trap *t, const char **why)
{
	*why = NULL;
	t->has_agent = false;
	t->n_id = t->n_value = 0;
	t->uptime_cs = 0;
	t->request_id = 0;
	t->first_text = NULL;
	if (hash_varbinds(pdu, t, why))
		return -1;
	size_t len = ber_left(pdu);
	netsnmp_pdu *p = snmp_pdu_create(0);
	int rc = -1;

	if (!p || snmp_pdu_parse(p, (u_char *)(uintptr_t)pdu->at, &len))
		*why = "PDU is malformed";
	else if (t->pdu_tag != BER_TRAP1 || !read_v1(t, p, why))
		rc = read_values(t, p, why);
	snmp_free_pdu(p);
	return rc;
}

bool message_make_response(uint8_t *pdu, size_t len)
{
	struct ber b = { pdu, pdu + len }, body, number;
	uint8_t tag;
	int64_t id;

	if (!ber_next(&b, &tag, &body) || tag != BER_INFORM || !ber_int(&body, &id))
		return false;
	for (int i = 0; i < 2; i++) {
		if (!ber_enter(&body, BER_INT, &number))
			return false;
		memset((uint8_t *)(uintptr_t)number.at, 0, ber_left(&number));
	}
	pdu[0] = BER_RESPONSE;
	return true;
}
