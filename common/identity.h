// SPDX-License-Identifier: Apache-2.0
/* Is the card that answers the one we know? Compared are what it says of itself; never its name or address. Pure.
 *
 * Proof of sameness is the serial number, or the MAC address where no serial speaks against it, or the engine id where neither is
 * told. A card that is proven the same may show another profile or model text: then our knowledge of it changed, not the card. */
#pragma once
#include <stdbool.h>

enum bb_identity_field { BB_ID_SERIAL, BB_ID_MAC, BB_ID_ENGINE, BB_ID_MFR, BB_ID_MODEL, BB_ID_PROFILE, BB_ID_SYSOBJECTID, BB_ID_FIELDS };

#define BB_ID_TEXT 97
/* Empty texts: not known. */
struct bb_identity {
	char text[BB_ID_FIELDS][BB_ID_TEXT];
};
extern const char *const bb_identity_names[BB_ID_FIELDS];       /* "serial" ... */

/* Set a field: blanks around it dropped, and what cards say in place of a serial number ("0", "n/a", "unknown") counts as nothing. */
void bb_identity_set(struct bb_identity *i, enum bb_identity_field f, const char *text);
/* Fields both know and that differ, as bits 1 << field. */
unsigned bb_identity_differs(const struct bb_identity *a, const struct bb_identity *b);
/* The same, if a person must look at it: another card, or another device behind it. 0: it is the card that was accepted. */
unsigned bb_identity_alarming(const struct bb_identity *accepted, const struct bb_identity *seen);
/* Take over what is new or told otherwise; what is not told any more stays. True: something changed. */
bool bb_identity_merge(struct bb_identity *accepted, const struct bb_identity *seen);
/* By which field it is proven that they are the same; BB_ID_FIELDS: it is not. */
enum bb_identity_field bb_identity_proof(const struct bb_identity *a, const struct bb_identity *b);
