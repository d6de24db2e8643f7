// SPDX-License-Identifier: Apache-2.0
/* The commands of a profile. Their names are a closed list of NUT's: what takes power away from a load as a whole is not on it. */
#include <string.h>

#include "collectors/profile_fields.h"

static const char *const names[] = { "test.battery.start.quick", "test.battery.start.deep",
	"test.battery.stop", "test.system.start", "beeper.disable", "beeper.enable", "beeper.mute",
	"outlet.{n}.load.on", "outlet.{n}.load.off", "outlet.{n}.load.cycle" };

static bool is_name(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static int read_writes(struct profile_reader *r, const config_setting_t *g,
	struct profile_command *c)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "oid", F_OID, AT(profile_write, oid), .needed = true },
		{ "value", F_INT, AT(profile_write, value), .max = INT32_MAX },
		{ "object", F_OID, AT(profile_write, object) },
		{ NULL },
	};
	// clang-format on
	int n;
	const struct profile_write *w =
		profile_read_groups(r, g, "set", fields, sizeof(*w), PROFILE_MAX_WRITES, &n);

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		const config_setting_t *e =
			config_setting_get_elem(config_setting_get_member(g, "set"), (unsigned)i);

		if (!config_setting_get_member(e, "value") == !w[i].object.n)
			return profile_fail(r, e,
				"say either \"value\" (a number) or \"object\" (an OID)");
		c->write[i] = w[i];
	}
	c->n_writes = (unsigned)n;
	return n ? 0 : profile_fail(r, g, "\"set\" writes nothing");
}

static int check(struct profile_reader *r, const config_setting_t *g,
	const struct profile_command *c)
{
	bool has_n = strstr(c->name, "{n}");

	if (!is_name(c->name))
		return profile_fail(r, g,
			"\"%.60s\" is no command offered here: tests, beeper and single outlets only",
			c->name);
	if (has_n != (c->rows != NULL))
		return profile_fail(r, g,
			has_n ? "\"%.60s\" needs \"rows\": the point whose rows are the outlets"
			      : "\"%.60s\" is one for the whole device: no \"rows\"",
			c->name);
	if (c->readback.n ? !c->n_is : c->n_is || c->n_failed)
		return profile_fail(r, g,
			"\"readback\" and \"is\" (the values that mean done) belong together");
	return 0;
}

int profile_read_commands(struct profile_reader *r, const config_setting_t *root)
{
	// clang-format off
	static const struct profile_field fields[] = {
		{ "command", F_STR, AT(profile_command, name), .needed = true },
		{ "title", F_STR, AT(profile_command, title), .needed = true },
		{ "needs", F_STR, AT(profile_command, needs) },
		{ "rows", F_STR, AT(profile_command, rows) },
		{ "set", F_NESTED, .needed = true },
		{ "spinlock", F_OID, AT(profile_command, spinlock) },
		{ "readback", F_OID, AT(profile_command, readback) },
		{ "is", F_INTS, AT(profile_command, is), AT(profile_command, n_is), 8 },
		{ "failed", F_INTS, AT(profile_command, failed), AT(profile_command, n_failed), 8 },
		{ "danger", F_BOOL, AT(profile_command, danger) },
		{ NULL },
	};
	// clang-format on
	int n;
	struct profile_command *c =
		profile_read_groups(r, root, "commands", fields, sizeof(*c), 40, &n);

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		const config_setting_t *g =
			config_setting_get_elem(config_setting_get_member(root, "commands"),
				(unsigned)i);

		if (check(r, g, &c[i]) || read_writes(r, g, &c[i]))
			return -1;
	}
	r->box->own_command = c;
	r->box->n_own_commands = (unsigned)n;
	return 0;
}
