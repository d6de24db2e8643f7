// SPDX-License-Identifier: Apache-2.0
/* busbarctl: what its commands share. All talk to webd over <run>/api.sock; only migrate, doctor
 * and tail go elsewhere. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "common/service.h"

#define CTL_ARGS    520
#define CTL_OPTIONS 16

/* One option of a command; `value` NULL: a switch. */
struct ctl_option {
	const char *name, *value, *help;
};

struct ctl {
	struct bb_dirs dirs;
	bool is_json;
	const char *arg[CTL_ARGS]; /* positional */
	int n_args;
	const char *option_name[CTL_OPTIONS], *option_value[CTL_OPTIONS];
	int n_options;
	const char *if_match; /* what a change was made from; NULL: whatever it is now */
	int wait_s; /* how long to wait for a database that is not there yet */
};

/* Commands return an exit code: 0 done, 1 failed (they said why), 2 wrong usage. */
struct ctl_command {
	const char *name, *arguments, *help;
	int min_args, max_args;
	const struct ctl_option *options; /* ends with name NULL; may be NULL */
	int (*run)(struct ctl *c);
};

const char *ctl_option(const struct ctl *c,
	const char *name); /* NULL: not given; "" for a switch */
/* Print "busbarctl: <text>" to stderr; returns 1. */
int ctl_fail(const char *fmt, ...) BB_PRINTF(1, 2);
int ctl_print_json(json_t *v); /* one line, takes the reference; returns 0 */

/* ---- calling webd ---- */

struct ctl_answer {
	long status;
	json_t *json; /* NULL when there is no body */
	char *text;   /* the body; malloc'ed */
};
void ctl_answer_free(struct ctl_answer *a);
/* Call and report: returns 0 with a good answer, 1 after saying what went wrong. `body` may be
 * NULL; the reference is taken. */
int ctl_call(struct ctl *c, const char *method, const char *path, json_t *body,
	struct ctl_answer *a);
/* The same with bytes as body, waiting up to c->wait_s while a part of the suite is not there
 * yet (503). */
int ctl_call_raw(struct ctl *c, const char *method, const char *path, const char *body,
	struct ctl_answer *a);
/* All pages of a list as one array; NULL after saying why. */
json_t *ctl_list(struct ctl *c, const char *path);
char *ctl_escape(const char *text); /* for a path or query; malloc'ed */
/* The options of a device that were given, as JSON; NULL after saying what is wrong. */
json_t *ctl_device_config(struct ctl *c);
/* id of the device with this key; NULL after saying so. malloc'ed. */
char *ctl_device_id(struct ctl *c, const char *key);
char *ctl_read_file(const char *file, size_t max,
	size_t *len); /* malloc'ed; NULL after saying why; "-": standard input */

/* "90s", "15m", "6h", "2d" in seconds. */
bool ctl_parse_span(const char *text, uint64_t *seconds);

const char *ctl_text(const json_t *o,
	const char *name); /* "" when null or not there; numbers are printed into a static ring */

/* A span ago, or RFC 3339; UTC text in out. 0, or 1 after naming the option. */
int ctl_since(const char *option, const char *text, char out[32]);
/* An answer of any length into a file ("-": standard output); a part is never left behind. */
int ctl_download(struct ctl *c, const char *path, const char *file);

/* ---- commands, by file ---- */
int cmd_device_add(struct ctl *c);
int cmd_device_set(struct ctl *c);
int cmd_device_rename(struct ctl *c);
int cmd_device_import(struct ctl *c);
int cmd_device_export(struct ctl *c);
int cmd_device_list(struct ctl *c);
int cmd_device_show(struct ctl *c);
int cmd_device_remove(struct ctl *c);
int cmd_device_test(struct ctl *c);
int cmd_device_accept(struct ctl *c);
int cmd_credential_add(struct ctl *c);
int cmd_credential_list(struct ctl *c);
int cmd_credential_remove(struct ctl *c);
int cmd_discover(struct ctl *c);
int cmd_device_command(struct ctl *c);
int cmd_device_record(struct ctl *c);
int cmd_device_draft(struct ctl *c);
int cmd_poll(struct ctl *c);
int cmd_tail(struct ctl *c);
int cmd_alarm_list(struct ctl *c);
int cmd_alarm_ack(struct ctl *c);
int cmd_alarm_unack(struct ctl *c);
int cmd_alarm_take(struct ctl *c);
int cmd_alarm_comment(struct ctl *c);
int cmd_alarm_shelve(struct ctl *c);
int cmd_alarm_unshelve(struct ctl *c);
int cmd_alarm_shelved(struct ctl *c);
int cmd_alarm_test(struct ctl *c);
int cmd_maintenance_add(struct ctl *c);
int cmd_maintenance_list(struct ctl *c);
int cmd_maintenance_remove(struct ctl *c);
int cmd_device_out_of_service(struct ctl *c);
int cmd_device_in_service(struct ctl *c);
int cmd_device_parent(struct ctl *c);
int cmd_site_link(struct ctl *c);
int cmd_topology(struct ctl *c);
int cmd_event_list(struct ctl *c);
int cmd_event_export(struct ctl *c);
int cmd_kpi(struct ctl *c);
int cmd_verify_log(struct ctl *c);
int cmd_token_create(struct ctl *c);
int cmd_password_reset(struct ctl *c);
int cmd_setting_set(struct ctl *c);
int cmd_setting_list(struct ctl *c);
int cmd_recipient_add(struct ctl *c);
int cmd_recipient_list(struct ctl *c);
int cmd_recipient_remove(struct ctl *c);
int cmd_trap_status(struct ctl *c);
int cmd_trap_unknown(struct ctl *c);
int cmd_trap_expect(struct ctl *c);
int cmd_trap_windows(struct ctl *c);
int cmd_trap_unexpect(struct ctl *c);
int cmd_rule_list(struct ctl *c);
int cmd_rule_show(struct ctl *c);
int cmd_rule_set(struct ctl *c);
int cmd_rule_remove(struct ctl *c);
int cmd_rule_export(struct ctl *c);
int cmd_rule_import(struct ctl *c);
int cmd_rule_preview(struct ctl *c);
int cmd_group_list(struct ctl *c);
int cmd_group_show(struct ctl *c);
int cmd_group_set(struct ctl *c);
int cmd_group_remove(struct ctl *c);
int cmd_redundancy_list(struct ctl *c);
int cmd_redundancy_show(struct ctl *c);
int cmd_redundancy_set(struct ctl *c);
int cmd_redundancy_remove(struct ctl *c);
int cmd_redundancy_what_if(struct ctl *c);
int cmd_finding_list(struct ctl *c);
int cmd_finding_confirm(struct ctl *c);
int cmd_finding_dismiss(struct ctl *c);
int cmd_correction_list(struct ctl *c);
int cmd_correction_remove(struct ctl *c);
int cmd_plan_put(struct ctl *c);
int cmd_plan_list(struct ctl *c);
int cmd_plan_show(struct ctl *c);
int cmd_plan_remove(struct ctl *c);
int cmd_plan_simulate(struct ctl *c);
int cmd_plan_mode(struct ctl *c);
int cmd_plan_confirm(struct ctl *c);
int cmd_backup(struct ctl *c);
int cmd_restore(struct ctl *c);
int cmd_migrate(struct ctl *c);
int cmd_doctor(struct ctl *c);
