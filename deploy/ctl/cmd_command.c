// SPDX-License-Identifier: Apache-2.0
/* What a device can be told to do, and telling it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/str.h"
#include "deploy/ctl/ctl.h"

static int list(struct ctl *c, const char *path)
{
	struct ctl_answer a;
	json_t *items, *v;
	size_t i;

	if (ctl_call(c, "GET", path, NULL, &a) != 0)
		return 1;
	items = json_object_get(a.json, "items");
	if (c->is_json)
		ctl_print_json(json_incref(items));
	else
		json_array_foreach(items, i, v) printf("%-26s %-8s %s%s%s%s\n",
			ctl_text(v, "command"), ctl_text(v, "instance"), ctl_text(v, "title"),
			json_is_true(json_object_get(v, "danger")) ? " (danger)" : "",
			*ctl_text(v, "why") ? ": not now, " : "", ctl_text(v, "why"));
	ctl_answer_free(&a);
	return 0;
}

/* "outlet.3.load.off" is outlet.{n}.load.off, instance 3. */
static json_t *to_body(const char *command)
{
	unsigned n;
	int end = 0;
	char name[100];

	if (sscanf(command, "outlet.%u.%n", &n, &end) == 1 && end > 0) {
		snprintf(name, sizeof(name), "outlet.{n}.%.60s", command + end);
		return json_pack("{s:s, s:o, s:b}", "command", name, "instance",
			json_sprintf("%u", n), "confirm", 1);
	}
	return json_pack("{s:s, s:b}", "command", command, "confirm", 1);
}

static bool is_confirmed(struct ctl *c)
{
	char answer[8] = "";

	if (ctl_option(c, "yes"))
		return true;
	if (!isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, "Have %s do %s? [y/N] ", c->arg[0], c->arg[1]);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

int cmd_device_command(struct ctl *c)
{
	char *id = ctl_device_id(c, c->arg[0]);
	struct bb_buf path = { 0 };
	struct ctl_answer a;
	int rc = 1;

	if (!id)
		return 1;
	bb_buf_printf(&path, "/devices/%s/commands", id);
	free(id);
	if (c->n_args == 1) {
		rc = list(c, path.data);
	} else if (!is_confirmed(c)) {
		ctl_fail("nothing was sent: confirm with --yes");
	} else if (ctl_call(c, "POST", path.data, to_body(c->arg[1]), &a) == 0) {
		rc = strcmp(ctl_text(a.json, "state"), "done") != 0;
		if (c->is_json)
			ctl_print_json(json_incref(a.json));
		else
			printf("%s: %s\n", ctl_text(a.json, "state"), ctl_text(a.json, "text"));
		ctl_answer_free(&a);
	}
	bb_buf_fini(&path);
	return rc;
}
