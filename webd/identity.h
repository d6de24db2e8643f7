// SPDX-License-Identifier: Apache-2.0
/* Who each device is: what was accepted, and who answers now where that is somebody else. Learnt from the bus (topics identity/),
 * judged by common/identity.h, kept in PostgreSQL. A device that answers as another is never silently taken for the old one: an
 * own-alarm `identity_changed` stands until a person accepts. While PostgreSQL is away what was heard waits here. Loop thread only. */
#pragma once
#include "common/bus.h"
#include "common/identity.h"
#include "common/str.h"

struct webd;
struct identities;
struct identities *identities_new(struct webd *w);
void identities_free(struct identities *ids);
void identities_message(struct identities *ids, const struct bb_msg *m);
/* PostgreSQL is there (again), or the table changed under us: read it. */
void identities_reload(struct identities *ids);
void identities_trouble(struct identities *ids, struct bb_pub *p);      /* before each heartbeat */

struct bb_table;
/* For identities_match(); good until the loop turns. Caller frees with bb_table_free(t, NULL). */
struct bb_table *identities_index(struct identities *ids);
/* The configured device that is this card; 0: none, or more than one could be. *by: what proves it. */
uint64_t identities_match(const struct bb_table *index, const struct bb_identity *card, enum bb_identity_field *by);
/* False: nothing is known of the device. */
bool identities_get(struct identities *ids, uint64_t device_id, struct bb_identity *accepted);
/* {field: [old, new], ...}, or null where nobody has to look. */
void identity_write_changed(struct bb_json *j, const struct bb_identity *accepted, const struct bb_identity *seen);
/* Somebody accepts: what was shown, as JSON text for identity_accept() (caller frees), and nothing else is written of the device until
 * identities_accepted() tells how that went. NULL: there is nothing to accept. */
char *identities_accept(struct identities *ids, uint64_t device_id);
void identities_accepted(struct identities *ids, uint64_t device_id, bool is_done);
/* The answer of /devices/{id}/identity. */
void identities_write(struct identities *ids, uint64_t device_id, struct bb_json *j);
