// SPDX-License-Identifier: Apache-2.0
/* A datagram at the port of traps: what stands around the PDU, the digest and the cipher under known
 * keys, the PDU itself, and the answer of an inform. The first byte picks the user's protocols. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/snmptrap/meaning.h"
#include "collectors/snmptrap/usm.h"
#include "common/arena.h"

static struct usm_user users[3];
static struct meanings *meanings;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct bb_err err;

	message_init();
	bb_assert(!usm_user_make(BB_V3_NOAUTH, "", BB_V3_NOPRIV, "", &users[0], &err));
	bb_assert(!usm_user_make(BB_V3_SHA256, "authentic-1", BB_V3_AES256, "confidential-2",
		&users[1], &err));
	bb_assert(!usm_user_make(BB_V3_MD5, "authentic-1", BB_V3_DES, "confidential-2", &users[2],
		&err));
	meanings = meanings_new();
	bb_assert(!meanings_add(meanings, "t",
		"traps = ( { root = \".1.3.6.1.4.1.318\"; list = ( { id = 5; code = \"x\"; } ); } );",
		&err));
	return 0;
}

static void read_pdu(struct message *m)
{
	static struct trap t;
	const char *why;

	if (message_read(&m->pdu, &t, &why))
		return;
	(void)meanings_find(meanings, t.id, t.n_id);
	size_t n = ber_left(&m->pdu);
	uint8_t *copy = bb_malloc(n ? n : 1);
	memcpy(copy, m->pdu.at, n);
	(void)message_make_response(copy, n);
	free(copy);
}

static void open_v3(const struct usm_user *user, const uint8_t *data, size_t len, struct message *m)
{
	static uint8_t plain[MESSAGE_MAX], out[4096];
	struct usm_keys keys;
	uint8_t report[64];

	if (usm_localise(user, &m->engine_id, &keys))
		return;
	enum usm_result r = usm_open(&keys, data, len, m, plain, sizeof(plain));
	/* What only a good password opens is read as if it had been good. */
	if (r == USM_WRONG_DIGEST && !(m->flags & 2)) {
		m->flags &= (uint8_t)~3;
		struct usm_keys none = { 0 };
		r = usm_open(&none, data, len, m, plain, sizeof(plain));
	}
	if (r != USM_OK)
		return;
	read_pdu(m);
	size_t n = usm_report(4, 1, m->msg_id, report, sizeof(report));
	const struct usm_reply reply = { .engine_id = m->engine_id,
		.user = m->user,
		.msg_id = m->msg_id,
		.keys = &keys,
		.encrypt = keys.priv,
		.context = m->context,
		.context_engine = m->context_engine,
		.pdu = report,
		.pdu_len = n };
	(void)usm_seal(&reply, out, sizeof(out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message m;
	const char *why;

	if (size < 1)
		return 0;
	/* Exactly as long as it is, so that a byte too far is noticed. */
	size_t len = size - 1;
	uint8_t *copy = bb_malloc(len ? len : 1);
	memcpy(copy, data + 1, len);
	if (!message_peek(copy, len, &m, &why)) {
		if (m.version == 3)
			open_v3(&users[data[0] % 3], copy, len, &m);
		else
			read_pdu(&m);
	}
	free(copy);
	return 0;
}
