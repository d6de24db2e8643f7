// SPDX-License-Identifier: Apache-2.0
/* What settings and recipients may be; shared by the handlers and by restore. */
#pragma once
#include <stdbool.h>

#include "webd/request.h"

struct setting {
	const char *name, *reader, *help;
	bool is_secret; /* sealed to the reader */
	uint64_t min, max; /* a whole number in these limits; both 0: any text */
};
const struct setting *setting_find(const char *name);
/* -1: *err says what is wrong with it. */
int setting_check(const struct setting *s, const char *value, struct bb_err *err);

struct recipient_input {
	const char *name, *address, *severity;
};
extern const struct field recipient_fields[];
bool recipient_address_valid(const char *s);
