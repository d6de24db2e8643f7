// SPDX-License-Identifier: Apache-2.0
/* busbar-keys: makes the key pairs that secrets are sealed to, where they are missing. For
 * administrators and packages: run once as root after an installation. It never replaces a key. */
#include <stdio.h>
#include <string.h>

#include "common/seal.h"
#include "common/service.h"

/* Daemons that keep secrets. */
static const char *const holders[] = { "collect-snmp", "collect-snmptrap", "notifyd", "webd" };

int main(int argc, char **argv)
{
	const char *dir = argc == 3 && strcmp(argv[1], "--dir") == 0 ? argv[2] : NULL;
	struct bb_dirs dirs;
	struct bb_err err;

	if (argc != 1 && !dir) {
		fprintf(stderr, "usage: busbar-keys [--dir DIR]\n");
		return 2;
	}
	if (bb_dirs_find(dir, "keys", &dirs, &err) < 0) {
		fprintf(stderr, "busbar-keys: %s\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++) {
		if (bb_seal_make_keys(dirs.etc, holders[i], &err) < 0) {
			fprintf(stderr, "busbar-keys: %s\n", err.text);
			return 1;
		}
	}
	return 0;
}
