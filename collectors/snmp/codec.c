// SPDX-License-Identifier: Apache-2.0
#include "collectors/snmp/codec.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/ber.h"
#include "common/arena.h"
#include "common/str.h"

void codec_init(void)
{
	netsnmp_session s;

	/* These two are read before any option can be set. */
	setenv("MIBS", "", 1);
	setenv("SNMP_PERSISTENT_DIR", "/nonexistent", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	/* Without any log target the library falls back to stderr; this one leads to callbacks of
	 * which there are none. */
	snmp_enable_calllog();
	/* Sets the library's defaults, such as the direction in which it encodes; reads and opens
	 * nothing. */
	snmp_sess_init(&s);
}

/* ---- building ---- */

static void session_init(netsnmp_session *s, enum codec_version version)
{
	memset(s, 0, sizeof(*s));
	s->version = version == CODEC_V1 ? SNMP_VERSION_1 : SNMP_VERSION_2c;
	s->rcvMsgMaxSize = s->sndMsgMaxSize = CODEC_MAX_PACKET;
}

static netsnmp_pdu *pdu_make(enum codec_op op, enum codec_version version, const char *community,
	unsigned repetitions)
{
	static const int command[] = { [CODEC_GET] = SNMP_MSG_GET,
		[CODEC_NEXT] = SNMP_MSG_GETNEXT,
		[CODEC_BULK] = SNMP_MSG_GETBULK,
		[CODEC_SET] = SNMP_MSG_SET };
	netsnmp_pdu *pdu = snmp_pdu_create(command[op]);

	bb_assert(pdu);
	pdu->version = version == CODEC_V1 ? SNMP_VERSION_1 : SNMP_VERSION_2c;
	pdu->community = (u_char *)bb_strdup(community);
	pdu->community_len = strlen(community);
	pdu->reqid = CODEC_ID_BIT;
	pdu->errstat = 0;
	pdu->errindex = 0;
	if (op == CODEC_BULK) {
		pdu->non_repeaters = 0;
		pdu->max_repetitions = (long)repetitions;
	}
	return pdu;
}

static oid *oid_of(const struct profile_oid *from, oid out[PROFILE_OID_MAX])
{
	for (unsigned k = 0; k < from->n; k++)
		out[k] = from->id[k];
	return out;
}

/* Takes the pdu. net-snmp builds from the end of the buffer to its front. */
static struct packet *pack(netsnmp_pdu *pdu, enum codec_version version, size_t n)
{
	u_char *buf = malloc(CODEC_MAX_PACKET);
	size_t cap = CODEC_MAX_PACKET, used = 0;
	struct packet *p = NULL;
	struct codec_head head;
	netsnmp_session s;

	bb_assert(buf);
	session_init(&s, version);
	if (!snmp_build(&buf, &cap, &used, &s, pdu) && used <= CODEC_MAX_PACKET &&
		!codec_peek(buf + cap - used, used, &head)) {
		p = bb_malloc(sizeof(*p) + used);
		*p = (struct packet){ .len = (uint16_t)used,
			.id_at = head.id_at,
			.pdu_at = head.pdu_at,
			.n = (uint16_t)n };
		memcpy(p->data, buf + cap - used, used);
	}
	free(buf);
	snmp_free_pdu(pdu);
	return p;
}

struct packet *codec_build(enum codec_op op, enum codec_version version, const char *community,
	const struct profile_oid *ask, size_t n, unsigned repetitions)
{
	netsnmp_pdu *pdu = pdu_make(op, version, community, repetitions);
	oid name[PROFILE_OID_MAX];

	for (size_t i = 0; i < n; i++)
		snmp_add_null_var(pdu, oid_of(&ask[i], name), ask[i].n);
	return pack(pdu, version, n);
}

struct packet *codec_build_set(enum codec_version version, const char *community,
	const struct codec_set *set, size_t n)
{
	netsnmp_pdu *pdu = pdu_make(CODEC_SET, version, community, 0);
	oid name[PROFILE_OID_MAX], object[PROFILE_OID_MAX];

	for (size_t i = 0; i < n; i++) {
		long number = set[i].number;

		oid_of(&set[i].oid, name);
		if (set[i].object.n)
			snmp_pdu_add_variable(pdu, name, set[i].oid.n, ASN_OBJECT_ID,
				oid_of(&set[i].object, object), set[i].object.n * sizeof(oid));
		else
			snmp_pdu_add_variable(pdu, name, set[i].oid.n, ASN_INTEGER, &number,
				sizeof(number));
	}
	return pack(pdu, version, n);
}

const char *codec_error_name(int error)
{
	static const char *const names[] = { "noError", "tooBig", "noSuchName", "badValue",
		"readOnly", "genErr", "noAccess", "wrongType", "wrongLength", "wrongEncoding",
		"wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable",
		"commitFailed", "undoFailed", "authorizationError", "notWritable",
		"inconsistentName" };

	return error >= 0 && (size_t)error < sizeof(names) / sizeof(names[0]) ? names[error]
									      : "an unknown error";
}

void codec_id(uint32_t id, uint8_t out[CODEC_ID_BYTES])
{
	for (int i = 0; i < CODEC_ID_BYTES; i++)
		out[i] = (uint8_t)(id >> (24 - 8 * i));
}

/* ---- looking ---- */

int codec_peek(const uint8_t *data, size_t len, struct codec_head *h)
{
	struct ber c = { .data = data, .len = len };
	uint32_t version;
	size_t at;
	long n = ber_expect(&c, BER_SEQUENCE);

	if (n < 0)
		return -1;
	c.len = c.at + (size_t)n;
	if (ber_integer(&c, &version, &at) || version > 1)
		return -1;
	n = ber_bytes(&c, BER_OCTETS, &h->community);
	if (n < 0)
		return -1;
	h->community_len = (size_t)n;
	h->pdu_at = (uint16_t)c.at;
	if (ber_enter(&c, &h->pdu) < 0 || ber_integer(&c, &h->id, &at) || at > UINT16_MAX)
		return -1;
	h->id_at = (uint16_t)at;
	h->version = (uint8_t)version;
	return 0;
}

int codec_place(const uint8_t *data, size_t len, unsigned varbind, struct codec_place *out)
{
	const uint8_t *skipped;
	struct codec_head h;
	uint8_t tag;

	if (codec_peek(data, len, &h))
		return -1;
	/* From the request id on: itself, error status and index, the list of varbinds. */
	struct ber c = { .data = data, .at = h.id_at - 2U, .len = len };
	if (ber_bytes(&c, BER_INTEGER, &skipped) < 0 || ber_bytes(&c, BER_INTEGER, &skipped) < 0 ||
		ber_bytes(&c, BER_INTEGER, &skipped) < 0 || ber_expect(&c, BER_SEQUENCE) < 0)
		return -1;
	for (; varbind; varbind--) {
		if (ber_bytes(&c, BER_SEQUENCE, &skipped) < 0)
			return -1;
	}
	if (ber_expect(&c, BER_SEQUENCE) < 0 || ber_bytes(&c, BER_OID, &skipped) < 0)
		return -1;
	long n = ber_enter(&c, &tag);
	if (n < 0 || c.at + (size_t)n > UINT16_MAX)
		return -1;
	*out = (struct codec_place){ .at = (uint16_t)c.at, .n = (uint16_t)n };
	return 0;
}

/* ---- decoding ---- */

static bool copy_oid(struct profile_oid *to, const oid *from, size_t n)
{
	to->n = 0;
	if (n > PROFILE_OID_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		to->id[i] = (uint32_t)from[i];
	to->n = (uint8_t)n;
	return true;
}

static void set_number(struct codec_varbind *v, double number, int64_t whole)
{
	v->type = CODEC_NUMBER;
	v->number = number;
	v->whole = whole;
}

static void take_value(struct codec_varbind *v, const netsnmp_variable_list *from)
{
	v->type = CODEC_OTHER;
	switch (from->type) {
	case ASN_INTEGER: set_number(v, (double)*from->val.integer, *from->val.integer); break;
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
		set_number(v, (double)(uint32_t)*from->val.integer, (uint32_t)*from->val.integer);
		break;
	case ASN_COUNTER64: {
		uint64_t n = (uint64_t)from->val.counter64->high << 32 |
			     (from->val.counter64->low & UINT32_MAX);

		set_number(v, (double)n, n > INT64_MAX ? INT64_MAX : (int64_t)n);
		break;
	}
	case ASN_OPAQUE_FLOAT: set_number(v, *from->val.floatVal, (int64_t)0); break;
	case ASN_OPAQUE_DOUBLE: set_number(v, *from->val.doubleVal, (int64_t)0); break;
	case ASN_OCTET_STR:
		v->type = CODEC_TEXT;
		v->text = from->val.string;
		v->text_len = from->val_len;
		break;
	case ASN_OBJECT_ID:
		v->type = copy_oid(&v->value, from->val.objid, from->val_len / sizeof(oid))
				  ? CODEC_OID
				  : CODEC_OTHER;
		break;
	case ASN_NULL: v->type = CODEC_NULL; break;
	case SNMP_NOSUCHOBJECT:
	case SNMP_NOSUCHINSTANCE: v->type = CODEC_MISSING; break;
	case SNMP_ENDOFMIBVIEW: v->type = CODEC_END; break;
	default: break;
	}
}

int codec_decode(uint8_t *data, size_t len, enum codec_version version, struct codec_answer *a)
{
	netsnmp_session s;
	netsnmp_pdu *pdu = bb_calloc(1, sizeof(*pdu));
	const netsnmp_variable_list *v;

	session_init(&s, version);
	a->n = 0;
	a->pdu = NULL;
	a->by_place = false;
	if (snmp_parse(NULL, &s, pdu, data, len) || pdu->command != SNMP_MSG_RESPONSE)
		goto bad;
	for (v = pdu->variables; v; v = v->next_variable) {
		if (a->n == CODEC_MAX_VARBINDS)
			goto bad;
		struct codec_varbind *to = &a->v[a->n++];
		to->text = NULL;
		to->text_len = 0;
		to->oid_too_long = !copy_oid(&to->oid, v->name, v->name_length);
		take_value(to, v);
	}
	a->error = (int)pdu->errstat;
	a->index = pdu->errindex > 0 && pdu->errindex <= CODEC_MAX_VARBINDS
			   ? (unsigned)pdu->errindex
			   : 0;
	a->pdu = pdu;
	a->raw = data;
	a->raw_len = len;
	return 0;
bad:
	snmp_free_pdu(pdu);
	return -1;
}

void codec_answer_free(struct codec_answer *a)
{
	if (a->pdu)
		snmp_free_pdu(a->pdu);
	a->pdu = NULL;
	a->n = 0;
}

/* ---- meaning ---- */

static bool is_padding(uint8_t c)
{
	return c == '\0' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const uint8_t *codec_trim(const uint8_t *text, size_t *n)
{
	while (*n && is_padding(text[0])) {
		text++;
		(*n)--;
	}
	while (*n && is_padding(text[*n - 1]))
		(*n)--;
	return text;
}

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9'                     ? c - '0'
	       : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
							: -1;
}

bool codec_mac(const uint8_t *text, size_t n, char out[CODEC_MAC_TEXT])
{
	static const uint8_t zero[6], ones[6] = { 255, 255, 255, 255, 255, 255 };
	uint8_t bytes[6];
	unsigned digits = 0;

	if (n == sizeof(bytes)) {
		memcpy(bytes, text, n);
	} else {
		for (size_t i = 0; i < n && n <= CODEC_MAC_TEXT; i++) {
			int d = hex_digit(text[i]);

			if (d < 0 && !memchr(":- .", text[i], 4) && text[i])
				return false;
			if (d < 0)
				continue;
			if (digits == 12)
				return false;
			bytes[digits / 2] = (uint8_t)(digits % 2 ? bytes[digits / 2] << 4 | d : d);
			digits++;
		}
		if (digits != 12)
			return false;
	}
	if (!memcmp(bytes, zero, 6) || !memcmp(bytes, ones, 6))
		return false;
	snprintf(out, CODEC_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
		bytes[3], bytes[4], bytes[5]);
	return true;
}

bool codec_number(const struct codec_varbind *v, bool in_text, double *out)
{
	char buf[48];
	size_t n = v->text_len;

	if (v->type == CODEC_NUMBER) {
		*out = v->number;
		return true;
	}
	if (v->type != CODEC_TEXT)
		return false;
	const uint8_t *text = codec_trim(v->text, &n);
	if (in_text) {
		size_t digits = 0;

		while (digits < n && strchr("+-.0123456789", text[digits]) && text[digits])
			digits++;
		n = digits;
	}
	if (!n || n >= sizeof(buf) || memchr(text, '\0', n))
		return false;
	memcpy(buf, text, n);
	buf[n] = '\0';
	/* Hexadecimal, "nan" and "inf" are no readings. */
	if (strspn(buf, "+-.0123456789eE") != n)
		return false;
	return !bb_parse_double(buf, out);
}

bool codec_oid(const struct codec_varbind *v, struct profile_oid *out)
{
	char buf[PROFILE_OID_TEXT];
	size_t n = v->text_len;

	if (v->type == CODEC_OID) {
		*out = v->value;
		return true;
	}
	if (v->type != CODEC_TEXT)
		return false;
	const uint8_t *text = codec_trim(v->text, &n);
	if (!n || n >= sizeof(buf) || memchr(text, '\0', n))
		return false;
	memcpy(buf, text, n);
	buf[n] = '\0';
	return !profile_oid_parse(buf, out);
}

/* ---- recordings ---- */

static void rec_bytes(struct bb_buf *out, unsigned tag, const uint8_t *p, size_t n)
{
	bool is_plain = true;
	char hex[2 * CODEC_MAX_PACKET + 1];

	for (size_t i = 0; i < n; i++)
		is_plain &= p[i] >= ' ' && p[i] < 0x7f && p[i] != '|';
	if (n > CODEC_MAX_PACKET)
		n = 0;
	bb_hex(hex, p, n);
	if (is_plain)
		bb_buf_printf(out, "|%u|%.*s", tag, (int)n, (const char *)p);
	else
		bb_buf_printf(out, "|%ux|%s", tag, hex);
}

bool codec_snmprec(const struct codec_answer *a, unsigned i, struct bb_buf *out)
{
	const netsnmp_pdu *pdu = a->pdu;
	const netsnmp_variable_list *v = pdu ? pdu->variables : NULL;
	const struct codec_varbind *c = &a->v[i];
	char name[PROFILE_OID_TEXT], value[PROFILE_OID_TEXT];

	while (v && i--)
		v = v->next_variable;
	if (!v || c->oid_too_long)
		return false;
	profile_oid_print(&c->oid, name, sizeof(name));
	const char *start = name[0] == '.' ? name + 1 : name;
	switch (v->type) {
	case ASN_INTEGER:
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
	case ASN_COUNTER64:
		bb_buf_printf(out, "%s|%u|%lld", start, v->type, (long long)c->whole);
		return true;
	case ASN_OCTET_STR:
	case ASN_IPADDRESS:
		bb_buf_str(out, start);
		if (v->type == ASN_IPADDRESS && v->val_len == 4)
			bb_buf_printf(out, "|64|%u.%u.%u.%u", v->val.string[0], v->val.string[1],
				v->val.string[2], v->val.string[3]);
		else
			rec_bytes(out, ASN_OCTET_STR, v->val.string, v->val_len);
		return true;
	case ASN_OBJECT_ID:
		profile_oid_print(&c->value, value, sizeof(value));
		bb_buf_printf(out, "%s|6|%s", start, value[0] == '.' ? value + 1 : value);
		return c->type == CODEC_OID;
	case ASN_NULL: bb_buf_printf(out, "%s|5|", start); return true;
	default: return false;
	}
}
