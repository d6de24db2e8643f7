// SPDX-License-Identifier: Apache-2.0
/* Makers of events: a script file with times, a part of the fleet that toggles, an outage now and
 * then. All repeatable from a seed. They act through verb.h, so the truth log knows everything.
 * Loop callbacks; nothing blocks but loading the script. */
#pragma once
#include "common/loop.h"
#include "tests/sim/verb.h"

struct generate;
struct generate *generate_new(struct bb_loop *loop, struct fleet *f, struct truth *t,
	uint64_t seed);
void generate_free(struct generate *g);

/* Lines `+SECONDS ADDR[-ADDR] VERB ...`, times counted from this call, in any order. */
int generate_script(struct generate *g, const char *file, struct bb_err *err);
/* "SEED,fraction=0.2,min_on_ms=1000,max_on_ms=5000,min_off_ms=1000,max_off_ms=5000": each member
 * goes on battery and returns, for ever. */
int generate_toggle(struct generate *g, const char *spec, struct bb_err *err);
/* "60-120": every so many seconds one device on mains goes on battery for 20 to 60 s; every third
 * time its battery becomes low. */
int generate_outages(struct generate *g, const char *spec, struct bb_err *err);
/* The last `dead` agents never answer, the `lossy` ones before them hear only 70 % of what is
 * asked. */
int generate_faults(struct generate *g, uint64_t dead, uint64_t lossy, struct bb_err *err);
/* Make no more events and return to mains what the makers had sent to battery. */
void generate_quiesce(struct generate *g);
