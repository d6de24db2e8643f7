// SPDX-License-Identifier: Apache-2.0
/* What notifyd takes from its configuration generation: one mail server, and who wants to be
 * told of what. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/seal.h"
#include "common/wire.h"

enum smtp_tls { SMTP_TLS_NONE, SMTP_TLS_STARTTLS, SMTP_TLS_TLS };

/* Nothing in here holds a control character; addresses are plain ASCII without spaces and
 * brackets. */
struct smtp_settings {
	char host[256]; /* empty: not configured */
	unsigned port;
	char from[255];
	enum smtp_tls tls;
	char user[256], password[256];
	char ca_file[512]; /* empty: the system's certificates */
};

struct recipient {
	uint64_t id;
	char name[101], address[255];
	unsigned min_severity; /* told of this and worse; 0 = of all */
};

struct config {
	struct smtp_settings smtp;
	struct recipient *recipient;
	size_t recipients;
};

/* Check and copy. `opener` opens the sealed password; NULL: notifyd has no key. On -1 nothing is
 * kept. */
int config_read(struct config *c, const Busbar__V1__Config *m, const struct bb_opener *opener,
	struct bb_err *err);
void config_fini(struct config *c); /* wipes the password */
bool config_address_valid(const char *address);
