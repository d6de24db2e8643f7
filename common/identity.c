// SPDX-License-Identifier: Apache-2.0
#include "common/identity.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/str.h"

#define BIT(f)     (1U << (f))
#define SERIAL_MIN 4 /* shorter ones are numbers of slots and the like */

const char *const bb_identity_names[BB_ID_FIELDS] = {
	[BB_ID_SERIAL] = "serial",
	[BB_ID_MAC] = "mac",
	[BB_ID_ENGINE] = "engine_id",
	[BB_ID_MFR] = "mfr",
	[BB_ID_MODEL] = "model",
	[BB_ID_PROFILE] = "profile",
	[BB_ID_SYSOBJECTID] = "sysobjectid",
};

/* Two unlike characters at least, and none of the words people and cards write into empty fields. */
static bool is_serial(const char *s)
{
	static const char *const empty[] = { "none", "null", "unknown", "not available", "n/a",
		"not set", "undefined", "serial number", "serialnumber", "default", "0123456789",
		"1234567890", "123456789", "12345678" };

	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (strcasecmp(s, empty[i]) == 0)
			return false;
	return strlen(s) >= SERIAL_MIN && strspn(s, (const char[]){ s[0], '\0' }) < strlen(s);
}

void bb_identity_set(struct bb_identity *i, enum bb_identity_field f, const char *text)
{
	char *out = i->text[f];

	while (isspace((unsigned char)*text))
		text++;
	bb_text_clean(out, BB_ID_TEXT, text, strlen(text));
	for (size_t n = strlen(out); n && isspace((unsigned char)out[n - 1]); n--)
		out[n - 1] = '\0';
	if (f == BB_ID_SERIAL && !is_serial(out))
		*out = '\0';
}

static bool both_know(const struct bb_identity *a, const struct bb_identity *b,
	enum bb_identity_field f)
{
	return *a->text[f] && *b->text[f];
}

static bool agrees(const struct bb_identity *a, const struct bb_identity *b,
	enum bb_identity_field f)
{
	return both_know(a, b, f) && strcasecmp(a->text[f], b->text[f]) == 0;
}

unsigned bb_identity_differs(const struct bb_identity *a, const struct bb_identity *b)
{
	unsigned bits = 0;

	for (unsigned f = 0; f < BB_ID_FIELDS; f++)
		if (both_know(a, b, f) && !agrees(a, b, f))
			bits |= BIT(f);
	return bits;
}

enum bb_identity_field bb_identity_proof(const struct bb_identity *a, const struct bb_identity *b)
{
	if (both_know(a, b, BB_ID_SERIAL))
		/* Numbers are given out by makers: another make, another number. */
		return agrees(a, b, BB_ID_SERIAL) &&
				       !(both_know(a, b, BB_ID_MFR) && !agrees(a, b, BB_ID_MFR) &&
					       !agrees(a, b, BB_ID_MAC))
			       ? BB_ID_SERIAL
			       : BB_ID_FIELDS;
	if (both_know(a, b, BB_ID_MAC))
		return agrees(a, b, BB_ID_MAC) ? BB_ID_MAC : BB_ID_FIELDS;
	return agrees(a, b, BB_ID_ENGINE) ? BB_ID_ENGINE : BB_ID_FIELDS;
}

unsigned bb_identity_alarming(const struct bb_identity *accepted, const struct bb_identity *seen)
{
	unsigned d = bb_identity_differs(accepted, seen);
	bool is_proven = bb_identity_proof(accepted, seen) != BB_ID_FIELDS;
	unsigned heavy = BIT(BB_ID_SERIAL) | BIT(BB_ID_MAC);

	/* With the same profile a model is read from the same place: if it says something else, it is something else. */
	if (!(d & BIT(BB_ID_PROFILE)))
		heavy |= BIT(BB_ID_MFR) | BIT(BB_ID_MODEL);
	return is_proven && !(d & heavy) ? 0 : d;
}

bool bb_identity_merge(struct bb_identity *accepted, const struct bb_identity *seen)
{
	bool is_changed = false;

	for (unsigned f = 0; f < BB_ID_FIELDS; f++) {
		if (!*seen->text[f] || !strcmp(accepted->text[f], seen->text[f]))
			continue;
		memcpy(accepted->text[f], seen->text[f], BB_ID_TEXT);
		is_changed = true;
	}
	return is_changed;
}
