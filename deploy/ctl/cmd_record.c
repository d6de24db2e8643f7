// SPDX-License-Identifier: Apache-2.0
/* Recording a device, and the beginning of a profile from a recording. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "deploy/ctl/ctl.h"
#include "deploy/ctl/recording.h"

#define RECORD_MAX (8u << 20)

/* All parts into one text. Returns 0 with at least one object. */
static int read_all(struct ctl *c, const char *id, struct bb_buf *out)
{
	char next[400] = "";
	bool more = true;

	while (more && out->len < RECORD_MAX) {
		struct bb_buf path = { 0 };
		struct ctl_answer a;

		bb_buf_printf(&path, "/devices/%s/walk%s%s", id, *next ? "?after=" : "", next);
		int rc = ctl_call(c, "GET", path.data, NULL, &a);
		bb_buf_fini(&path);
		if (rc != 0)
			return 1;
		bb_buf_str(out, ctl_text(a.json, "lines"));
		more = json_is_string(json_object_get(a.json, "next"));
		bb_copy(next, sizeof(next), ctl_text(a.json, "next"));
		if (*ctl_text(a.json, "text"))
			fprintf(stderr, "busbarctl: it ends here: %s\n", ctl_text(a.json, "text"));
		ctl_answer_free(&a);
	}
	return out->len ? 0 : ctl_fail("the device tells nothing");
}

/* Its serial, as the device says it now; malloc'ed or NULL. */
static char *serial_of(struct ctl *c, const char *id)
{
	struct bb_buf path = { 0 };
	struct ctl_answer a;
	char *serial = NULL;

	bb_buf_printf(&path, "/devices/%s", id);
	if (ctl_call(c, "GET", path.data, NULL, &a) == 0) {
		if (*ctl_text(a.json, "serial"))
			serial = strdup(ctl_text(a.json, "serial"));
		ctl_answer_free(&a);
	}
	bb_buf_fini(&path);
	return serial;
}

int cmd_device_record(struct ctl *c)
{
	char *id = ctl_device_id(c, c->arg[0]), *serial;
	struct bb_buf all = { 0 }, clean = { 0 };
	struct recording r;

	if (!id)
		return 1;
	if (read_all(c, id, &all) != 0) {
		free(id);
		bb_buf_fini(&all);
		return 1;
	}
	if (ctl_option(c, "as-is")) {
		fputs(all.data, stdout);
	} else {
		serial = serial_of(c, id);
		recording_read(&r, strdup(all.data));
		recording_sanitise(&r, serial, &clean);
		fputs(clean.data ? clean.data : "", stdout);
		recording_fini(&r);
		free(serial);
		fprintf(stderr,
			"busbarctl: names, serial and addresses are replaced; read it before you give it away\n");
	}
	free(id);
	bb_buf_fini(&all);
	bb_buf_fini(&clean);
	return 0;
}

int cmd_device_draft(struct ctl *c)
{
	size_t len;
	char *text = ctl_read_file(c->arg[0], RECORD_MAX, &len);
	struct bb_buf out = { 0 };
	struct recording r;

	if (!text)
		return 1;
	recording_read(&r, text);
	if (r.n)
		recording_draft(&r, &out);
	fputs(out.data ? out.data : "", stdout);
	bool is_empty = !r.n;
	recording_fini(&r);
	bb_buf_fini(&out);
	return is_empty ? ctl_fail("\"%s\" holds no lines of the form OID|TAG|VALUE", c->arg[0])
			: 0;
}
