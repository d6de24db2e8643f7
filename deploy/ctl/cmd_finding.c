// SPDX-License-Identifier: Apache-2.0
/* What seems implausible, and what people decided about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "deploy/ctl/ctl.h"

static json_t *items_of(struct ctl *c, const char *path)
{
	struct ctl_answer a;
	json_t *items;

	if (ctl_call(c, "GET", path, NULL, &a) != 0)
		return NULL;
	items = json_incref(json_object_get(a.json, "items"));
	ctl_answer_free(&a);
	return items;
}

int cmd_finding_list(struct ctl *c)
{
	json_t *items = items_of(c, "/findings"), *f;
	size_t i;

	if (!items)
		return 1;
	if (c->is_json)
		return ctl_print_json(items);
	json_array_foreach(items, i, f) printf("%s\n    %s %s: %s\n", ctl_text(f, "id"),
		ctl_text(f, "key"), ctl_text(f, "point"), ctl_text(f, "text"));
	json_decref(items);
	return 0;
}

static int judge(struct ctl *c, bool accept)
{
	char *escaped = ctl_escape(c->arg[0]);
	struct ctl_answer a;
	char path[400];
	int rc;

	snprintf(path, sizeof(path), "/findings/%s:confirm", escaped);
	free(escaped);
	rc = ctl_call(c, "POST", path, json_pack("{s:b}", "accept", accept), &a);
	if (rc != 0)
		return rc;
	ctl_answer_free(&a);
	if (c->is_json)
		return ctl_print_json(json_pack("{s:s,s:b}", "id", c->arg[0], "accepted", accept));
	printf("%s %s\n", accept ? "the correction is applied to" : "the value is taken as it is:",
		c->arg[0]);
	return 0;
}

int cmd_finding_confirm(struct ctl *c)
{
	return judge(c, true);
}

int cmd_finding_dismiss(struct ctl *c)
{
	return judge(c, false);
}

int cmd_correction_list(struct ctl *c)
{
	json_t *items = items_of(c, "/corrections"), *f;
	size_t i;

	if (!items)
		return 1;
	if (c->is_json)
		return ctl_print_json(items);
	json_array_foreach(items, i, f) printf("%-5s %s %s: %s, factor %s, by %s at %s\n",
		ctl_text(f, "id"), ctl_text(f, "key"), ctl_text(f, "point"), ctl_text(f, "kind"),
		ctl_text(f, "factor"), ctl_text(f, "user"), ctl_text(f, "at"));
	json_decref(items);
	return 0;
}

int cmd_correction_remove(struct ctl *c)
{
	struct ctl_answer a;
	uint64_t id;
	char path[64];

	if (bb_parse_u64(c->arg[0], "id", 1, INT64_MAX, &id, NULL) < 0)
		return ctl_fail("\"%s\" is no id; busbarctl correction list shows them", c->arg[0]);
	snprintf(path, sizeof(path), "/corrections/%llu", (unsigned long long)id);
	if (ctl_call(c, "DELETE", path, NULL, &a) != 0)
		return 1;
	ctl_answer_free(&a);
	if (c->is_json)
		return ctl_print_json(json_pack("{s:s}", "removed", c->arg[0]));
	printf("removed %s\n", c->arg[0]);
	return 0;
}
