// SPDX-License-Identifier: Apache-2.0
/* SIGUSR1: the state as commands show it, for a person with nothing but a shell. */
#include <inttypes.h>

#include "common/str.h"
#include "shutdownd/app.h"

void dump_write(void *arg, FILE *f)
{
	struct app *a = arg;
	struct bb_buf out = { 0 };
	struct bb_json j = { .out = &out };
	uint8_t id[16];

	fprintf(f,
		"generation %" PRIu64 "\nalarmd.log cursor %" PRIu64
		", open on_battery alarms %zu\n",
		a->conf ? bb_genconf_generation(a->conf) : 0, ledger_cursor(a->ledger, id),
		ledger_alarms_open(a->ledger));
	command_plans_json(a, &j);
	fprintf(f, "%s\n", out.data);
	bb_buf_fini(&out);
}
