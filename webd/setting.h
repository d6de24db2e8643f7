// SPDX-License-Identifier: Apache-2.0
/* What settings and recipients may be; shared by the handlers and by restore. */
#pragma once
#include <stdbool.h>

#include "webd/request.h"

struct setting {
	const char *name, *reader, *help;
	bool is_secret; /* sealed to the reader */
};
const struct setting *setting_find(const char *name);

struct recipient_input {
	const char *name, *address, *severity;
};
extern const struct field recipient_fields[];
bool recipient_address_valid(const char *s);
