// SPDX-License-Identifier: Apache-2.0
/* busbarctl: the command line of Busbar. A table of commands; each lives for one call and keeps
 * nothing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

// clang-format off
static const struct ctl_option device_options[] = {
	{ "address", "ADDRESS", "numeric IPv4 or IPv6 address" },
	{ "port", "N", "UDP port (161)" },
	{ "collector", "NAME", "collector that polls it (collect-snmp)" },
	{ "version", "1|2c|3", "SNMP version (2c)" },
	{ "community", "TEXT", "SNMP community; - reads it from standard input, out of sight of ps" },
	{ "interval", "S", "seconds between measurements (10)" },
	{ "status-interval", "S", "seconds between looks at the status (0: the collector's own)" },
	{ "profile", "NAME", "device family (auto: detect)" },
	{ "v3-user", "NAME", "SNMPv3 user; without --version it means --version 3" },
	{ "v3-auth", "NAME", "SHA, SHA-224, SHA-256, SHA-384, SHA-512, or MD5 (weak)" },
	{ "v3-priv", "NAME", "AES-128, AES-192, AES-256, AES-192-C, AES-256-C (Cisco), or DES (weak)" },
	{ "v3-auth-password", "TEXT", "at least 8 characters; - reads a line of standard input" },
	{ "v3-priv-password", "TEXT", "the same, together with the other" },
	{ "v3-context", "NAME", "context (empty)" },
	{ "v3-engine-id", "HEX", "engine id (asked for)" },
	{ NULL },
};
static const struct ctl_option expect_options[] = {
	{ "minutes", "N", "how long it may take (10)" },
	{ "days", "LIST", "mon,tue,wed,thu,fri,sat,sun (all)" },
	{ "tz", "ZONE", "time zone of the time, such as Europe/Berlin (UTC)" },
	{ "name", "TEXT", "for people" },
	{ NULL },
};
static const struct ctl_option credential_options[] = {
	{ "port", "N", "UDP port (161)" },
	{ "version", "1|2c|3", "SNMP version (2c)" },
	{ "community", "TEXT", "SNMP community; - reads it from standard input, out of sight of ps" },
	{ "v3-user", "NAME", "SNMPv3 user; without --version it means --version 3" },
	{ "v3-auth", "NAME", "SHA, SHA-224, SHA-256, SHA-384, SHA-512, or MD5 (weak)" },
	{ "v3-priv", "NAME", "AES-128, AES-192, AES-256, AES-192-C, AES-256-C (Cisco), or DES (weak)" },
	{ "v3-auth-password", "TEXT", "at least 8 characters; - reads a line of standard input" },
	{ "v3-priv-password", "TEXT", "the same, together with the other" },
	{ "v3-context", "NAME", "context (empty)" },
	{ NULL },
};
static const struct ctl_option test_options[] = {
	{ "address", "ADDRESS", "ask here in place of the device's address" },
	{ "credential", "NAME", "ask with this credential (credential list)" },
	{ "port", "N", "UDP port (161)" },
	{ "version", "1|2c|3", "SNMP version (2c)" },
	{ "community", "TEXT", "SNMP community; - reads it from standard input, out of sight of ps" },
	{ "v3-user", "NAME", "SNMPv3 user; without --version it means --version 3" },
	{ "v3-auth", "NAME", "SHA, SHA-224, SHA-256, SHA-384, SHA-512, or MD5 (weak)" },
	{ "v3-priv", "NAME", "AES-128, AES-192, AES-256, AES-192-C, AES-256-C (Cisco), or DES (weak)" },
	{ "v3-auth-password", "TEXT", "at least 8 characters; - reads a line of standard input" },
	{ "v3-priv-password", "TEXT", "the same, together with the other" },
	{ "v3-context", "NAME", "context (empty)" },
	{ NULL },
};
static const struct ctl_option discover_options[] = {
	{ "credential", "NAME,...", "what to ask with, tried one after the other (credential list)" },
	{ "port", "N", "UDP port, in place of the credentials' own" },
	{ NULL },
};
static const struct ctl_option import_options[] = {
	{ "dry-run", NULL, "only say what would be added, changed, left" },
	{ "prune", NULL, "remove devices the file does not list; refused when a line is bad" },
	{ NULL },
};
static const struct ctl_option group_options[] = { { "name", "TEXT", "for people" }, { NULL } };
static const struct ctl_option redundancy_options[] = {
	{ "name", "TEXT", "for people" },
	{ "site", "PATH", "where its alarms belong (what its devices have in common)" },
	{ "hold", "S", "a change has to last so long (0)" },
	{ "severity", "NAME", "of the loss (critical)" },
	{ "fails-on", "WORD,rule,...", "status words and alarm rules that make a device fail (OFF,BYPASS,TEST,... ,ups_fault,...)" },
	{ NULL },
};
static const struct ctl_option show_options[] = { { "sources", NULL, "with the OID of each point" }, { NULL } };
static const struct ctl_option command_options[] = { { "yes", NULL, "do not ask" }, { NULL } };
static const struct ctl_option record_options[] = { { "as-is", NULL, "replace nothing: not for others' eyes" }, { NULL } };
static const struct ctl_option ack_options[] = {
	{ "comment", "TEXT", "remark for the log" },
	{ "all", NULL, "all open alarms that nobody acknowledged" },
	{ NULL },
};
static const struct ctl_option comment_options[] = {
	{ "comment", "TEXT", "remark for the log" },
	{ NULL },
};
static const struct ctl_option shelve_options[] = {
	{ "reason", "TEXT", "why (needed)" },
	{ "for", "TIME", "so long: 15m 8h 2d, at most 7d" },
	{ "until-clear", NULL, "until it clears" },
	{ NULL },
};
static const struct ctl_option maintenance_options[] = {
	{ "reason", "TEXT", "why (needed)" },
	{ "device", "KEY", "only this device; without a scope: everything" },
	{ "site", "PATH", "only this site and everything below" },
	{ "profile", "NAME", "only devices of this family" },
	{ "group", "KEY", "only devices of this group" },
	{ "for", "TIME", "once, so long: 15m 8h 2d" },
	{ "from", "T", "once, from then on (now): 2026-11-21T07:40:00Z" },
	{ "until", "T", "once, until then" },
	{ "at", "HH:MM", "every week, at this time of the day" },
	{ "minutes", "N", "every week, so long" },
	{ "days", "LIST", "every week, on mon,tue,wed,thu,fri,sat,sun (all)" },
	{ "tz", "ZONE", "time zone of --at, such as Europe/Berlin (UTC)" },
	{ NULL },
};
static const struct ctl_option alarm_test_options[] = {
	{ "site", NULL, "the name is a site's, not a device's" },
	{ "severity", "NAME", "how bad it shall look (major)" },
	{ "text", "TEXT", "what it shall say" },
	{ "for", "TIME", "so long: 30s 5m, at most 1h (60s)" },
	{ NULL },
};
#define EVENT_OPTIONS \
	{ "since", "T", "from this time on: 2026-11-21T07:40:00Z, or 90s 15m 6h 2d ago" }, \
	{ "until", "T", "before this time" }, \
	{ "site", "PATH,...", "with everything below" }, \
	{ "device", "KEY,...", "of these devices" }, \
	{ "group", "KEY,...", "of the devices in these groups" }, \
	{ "kind", "NAME,...", "raise, clear, ack, trap ..." }, \
	{ "rule", "NAME,...", "on_battery ..." }, \
	{ "severity", "NAME,...", "critical, major, unknown, minor, info" }, \
	{ "state", "NAME,...", "after it: normal, active_unack, active_ack, cleared_unack" }, \
	{ "user", "NAME,...", "who did it" }, \
	{ "source", "ADDRESS,...", "who said it" }, \
	{ "alarm", "ID,...", "the life of an alarm" }, \
	{ "test", "yes|no", "test alarms and test traps" }, \
	{ "text", "WORDS", "words, \"a phrase\", -without" }
static const struct ctl_option event_options[] = { EVENT_OPTIONS, { "limit", "N", "the newest N, newest first" }, { NULL } };
static const struct ctl_option export_options[] = { EVENT_OPTIONS, { "format", "csv|json", "else by the name of the file" }, { NULL } };
static const struct ctl_option kpi_options[] = {
	{ "site", "PATH", "with everything below (all)" },
	{ "from", "DAY", "first day: 2026-11-01 (29 days before the last)" },
	{ "to", "DAY", "last day (today)" },
	{ "tz", "ZONE", "time zone of the days (UTC)" },
	{ NULL },
};
static const struct ctl_option verify_options[] = { { "since", "T", "only records from this time on" }, { NULL } };
static const struct ctl_option tail_options[] = { { "count", "N", "end after N messages" }, { NULL } };
static const struct ctl_option token_options[] = {
	{ "name", "NAME", "what it is for (busbarctl)" },
	{ "role", "ROLE", "viewer, operator, engineer or admin (viewer)" },
	{ NULL },
};
static const struct ctl_option recipient_options[] = {
	{ "min-severity", "NAME", "mail alarms at least this bad (info)" },
	{ NULL },
};

static const struct ctl_option rule_list_options[] = {
	{ "device", "KEY", "what is in force for this device" },
	{ NULL },
};
static const struct ctl_option rule_preview_options[] = {
	{ "days", "N", "over the last N days (7), at most 31" },
	{ NULL },
};
static const struct ctl_option rule_import_options[] = {
	{ "dry-run", NULL, "say what would change, change nothing" },
	{ "state", "STATE", "only if the rules are still those the text was exported from (its first lines say it)" },
	{ NULL },
};
static const struct ctl_option rule_version_options[] = {
	{ "version", "N", "only if the entry is still at this version (rule show says it)" },
	{ NULL },
};

static const struct ctl_command commands[] = {
	{ "device add", "KEY", "add a device", 1, 1, device_options, cmd_device_add },
	{ "device set", "KEY", "change settings of a device", 1, 1, device_options, cmd_device_set },
	{ "device rename", "KEY NEW-KEY", "rename or move a device; history and alarms stay with it", 2, 2, NULL, cmd_device_rename },
	{ "device import", "FILE.csv", "add and change devices: key,collector,address,port,version,community,interval_s,profile", 1, 1, import_options, cmd_device_import },
	{ "device export", "[FILE.csv]", "all devices in the form of import, without communities and passwords", 0, 1, NULL, cmd_device_export },
	{ "device list", "", "all devices", 0, 0, NULL, cmd_device_list },
	{ "device show", "KEY", "a device with all its values", 1, 1, show_options, cmd_device_show },
	{ "device remove", "KEY", "remove a device; its alarms close, its history stays", 1, 1, NULL, cmd_device_remove },
	{ "device test", "KEY|ADDRESS", "ask a card who it is and show its raw answer", 1, 1, test_options, cmd_device_test },
	{ "device accept", "KEY", "what answers at the device's address now is the device from now on", 1, 1, NULL, cmd_device_accept },
	{ "device out-of-service", "KEY WORK-ORDER", "its alarms are quiet until it is in service again", 2, 2, NULL, cmd_device_out_of_service },
	{ "device in-service", "KEY", "its alarms count and are told again", 1, 1, NULL, cmd_device_in_service },
	{ "device parent", "KEY PARENT|-", "the gateway or switch it is reached through", 2, 2, NULL, cmd_device_parent },
	{ "site link", "SITE KEY|-", "the device that connects a site", 2, 2, NULL, cmd_site_link },
	{ "topology", "", "what is reached through what, and what is out of service", 0, 0, NULL, cmd_topology },
	{ "maintenance add", "NAME", "alarms are quiet while it runs", 1, 1, maintenance_options, cmd_maintenance_add },
	{ "maintenance list", "", "maintenance windows", 0, 0, NULL, cmd_maintenance_list },
	{ "maintenance remove", "ID", "remove a window; one that runs ends", 1, 1, NULL, cmd_maintenance_remove },
	{ "credential add", "NAME", "keep a credential for discovery", 1, 1, credential_options, cmd_credential_add },
	{ "credential list", "", "credentials, without their secrets", 0, 0, NULL, cmd_credential_list },
	{ "credential remove", "NAME", "forget one; devices keep their own copy", 1, 1, NULL, cmd_credential_remove },
	{ "discover", "RANGE...", "find cards: 10.1.0.0/22, 10.1.0.5-10.1.1.9 or single addresses", 1, 256, discover_options, cmd_discover },
	{ "device command", "KEY [COMMAND]", "have a device do something: self-test, beeper, single outlets; without COMMAND: what it can", 1, 2, command_options, cmd_device_command },
	{ "device record", "KEY", "what the device holds, as a recording with names, serials and addresses replaced", 1, 1, record_options, cmd_device_record },
	{ "device draft", "FILE.snmprec", "the beginning of a profile, from a recording", 1, 1, NULL, cmd_device_draft },
	{ "poll", "KEY...", "ask devices now", 1, 500, NULL, cmd_poll },
	{ "tail", "[PREFIX]", "print what runs over the bus, such as reading/hh/", 0, 1, tail_options, cmd_tail },
	{ "alarm list", "", "open alarms", 0, 0, NULL, cmd_alarm_list },
	{ "alarm ack", "[ID...]", "acknowledge alarms", 0, 500, ack_options, cmd_alarm_ack },
	{ "alarm unack", "ID...", "take an acknowledgement back: the alarm sounds again", 1, 500, comment_options, cmd_alarm_unack },
	{ "alarm take", "ID...", "look after acknowledged alarms from now on", 1, 500, comment_options, cmd_alarm_take },
	{ "alarm comment", "ID...", "remark on alarms; needs --comment", 1, 500, comment_options, cmd_alarm_comment },
	{ "alarm shelve", "ID...", "keep alarms quiet for a reason and a time", 1, 500, shelve_options, cmd_alarm_shelve },
	{ "alarm unshelve", "ID...", "take alarms back from the shelf", 1, 500, comment_options, cmd_alarm_unshelve },
	{ "alarm shelved", "", "what is shelved, also what does not stand at present", 0, 0, NULL, cmd_alarm_shelved },
	{ "alarm test", "KEY|SITE", "an alarm that is none goes the whole way, marked TEST", 1, 1, alarm_test_options, cmd_alarm_test },
	{ "event list", "", "the event log, oldest first", 0, 0, event_options, cmd_event_list },
	{ "event export", "FILE", "the event log as CSV or JSON, newest first; - is standard output", 1, 1, export_options, cmd_event_export },
	{ "kpi", "", "figures of alarm management per day", 0, 0, kpi_options, cmd_kpi },
	{ "verify-log", "", "is every record of the event log there, as it was written", 0, 0, verify_options, cmd_verify_log },
	{ "token create", "[NAME]", "make a token for a program; it is shown this once", 0, 1, token_options, cmd_token_create },
	{ "password reset", "USER", "make a one-time password, good for an hour", 1, 1, NULL, cmd_password_reset },
	{ "setting list", "", "settings of the daemons", 0, 0, NULL, cmd_setting_list },
	{ "setting set", "NAME VALUE", "set one (smtp.host ...); VALUE - reads standard input, an empty one removes", 2, 2, NULL, cmd_setting_set },
	{ "recipient add", "NAME ADDRESS", "mail alarms to this address", 2, 2, recipient_options, cmd_recipient_add },
	{ "recipient list", "", "who gets mails", 0, 0, NULL, cmd_recipient_list },
	{ "recipient remove", "NAME", "no more mails to this one", 1, 1, NULL, cmd_recipient_remove },
	{ "trap status", "", "what the receiver of traps counts", 0, 0, NULL, cmd_trap_status },
	{ "trap unknown", "", "senders whose traps were not taken, and why", 0, 0, NULL, cmd_trap_unknown },
	{ "trap expect", "KEY HH:MM", "a device sends a test trap at this time; none is an alarm", 2, 2, expect_options, cmd_trap_expect },
	{ "trap windows", "", "expected test traps and how the last went", 0, 0, NULL, cmd_trap_windows },
	{ "trap unexpect", "ID", "no test is expected any more", 1, 1, NULL, cmd_trap_unexpect },
	{ "rule list", "", "what raises alarms: built-in rules and entries", 0, 0, rule_list_options, cmd_rule_list },
	{ "rule show", "ID|ENTRY", "the entries of a rule, as text that can be set again", 1, 1, NULL, cmd_rule_show },
	{ "rule set", "FILE", "add or change the rules of a file (rules = ( { id = ...; } );)", 1, 1, rule_version_options, cmd_rule_set },
	{ "rule remove", "ID|ENTRY", "remove an entry; its open alarms end", 1, 1, rule_version_options, cmd_rule_remove },
	{ "rule export", "[FILE]", "all entries as text", 0, 1, NULL, cmd_rule_export },
	{ "rule preview", "FILE", "what the rules of a file would have done", 1, 1, rule_preview_options, cmd_rule_preview },
	{ "rule import", "FILE", "afterwards exactly the rules of the file are there", 1, 1, rule_import_options, cmd_rule_import },
	{ "group list", "", "device groups and their worst member", 0, 0, NULL, cmd_group_list },
	{ "group show", "KEY", "what a device group holds and who uses it", 1, 1, NULL, cmd_group_show },
	{ "group set", "KEY [DEVICE|site:PATH|group:KEY ...]", "make or change a device group: these are its members", 1, CTL_ARGS, group_options, cmd_group_set },
	{ "group remove", "KEY", "remove a device group that nothing uses", 1, 1, NULL, cmd_group_remove },
	{ "redundancy list", "", "redundancy groups: enough members work, or not, or nobody can tell", 0, 0, NULL, cmd_redundancy_list },
	{ "redundancy show", "KEY", "what each member is at present, and why", 1, 1, NULL, cmd_redundancy_show },
	{ "redundancy set", "KEY NEED DEVICE|group:KEY|redundancy:KEY|DEVICE:POINT:OP:VALUE ...", "make or change a redundancy group", 3, CTL_ARGS, redundancy_options, cmd_redundancy_set },
	{ "redundancy remove", "KEY", "remove a redundancy group; its open alarms end", 1, 1, NULL, cmd_redundancy_remove },
	{ "redundancy what-if", "KEY DEVICE...", "as if these devices failed now; changes nothing", 2, CTL_ARGS, NULL, cmd_redundancy_what_if },
	{ "finding list", "", "values that seem implausible and that nobody has judged yet", 0, 0, NULL, cmd_finding_list },
	{ "finding confirm", "ID", "apply the correction the finding proposes; without one: the value is right", 1, 1, NULL, cmd_finding_confirm },
	{ "finding dismiss", "ID", "the value is right as it is", 1, 1, NULL, cmd_finding_dismiss },
	{ "correction list", "", "what was decided about implausible values", 0, 0, NULL, cmd_correction_list },
	{ "correction remove", "ID", "take such a decision back", 1, 1, NULL, cmd_correction_remove },
	{ "plan put", "FILE.json", "make or change a shutdown plan", 1, 1, NULL, cmd_plan_put },
	{ "plan list", "", "shutdown plans and their state", 0, 0, NULL, cmd_plan_list },
	{ "plan show", "KEY", "one plan as JSON", 1, 1, NULL, cmd_plan_show },
	{ "plan remove", "KEY", "remove a plan", 1, 1, NULL, cmd_plan_remove },
	{ "plan simulate", "KEY", "play a plan without sending anything", 1, 1, NULL, cmd_plan_simulate },
	{ "plan mode", "KEY simulate|confirm|auto", "how a plan acts; confirm and auto need a simulation before", 2, 2, NULL, cmd_plan_mode },
	{ "plan confirm", "KEY RUN", "let a waiting run of a plan in mode confirm go", 2, 2, NULL, cmd_plan_confirm },
	{ "backup", "FILE", "save the configuration (no users, no keys, secrets sealed)", 1, 1, NULL, cmd_backup },
	{ "restore", "FILE", "put a saved configuration back", 1, 1, NULL, cmd_restore },
	{ "migrate", "", "make the database, or bring its schema up to date", 0, 0, NULL, cmd_migrate },
	{ "doctor", "", "look whether everything is as it should be", 0, 0, NULL, cmd_doctor },
};
// clang-format on
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int ctl_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("busbarctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}

int ctl_print_json(json_t *v)
{
	json_dumpf(v, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
	json_decref(v);
	return 0;
}

const char *ctl_option(const struct ctl *c, const char *name)
{
	for (int i = 0; i < c->n_options; i++)
		if (strcmp(c->option_name[i], name) == 0)
			return c->option_value[i];
	return NULL;
}

/* ---- help ---- */

static void print_help(void)
{
	puts("usage: busbarctl [--dir DIR] [--json] COMMAND ...\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		printf("  %-16s %-24s %s\n", commands[i].name, commands[i].arguments,
			commands[i].help);
	puts("\n  --dir DIR        the stack below DIR instead of the installed suite\n"
	     "  --json           answers as JSON, one line\n"
	     "  COMMAND --help   more about one command");
}

static void print_command_help(const struct ctl_command *cmd)
{
	printf("usage: busbarctl [--dir DIR] [--json] %s %s\n%s\n", cmd->name, cmd->arguments,
		cmd->help);
	for (const struct ctl_option *o = cmd->options; o && o->name; o++)
		printf("  --%s%s%s\t%s\n", o->name, o->value ? " " : "", o->value ? o->value : "",
			o->help);
}

static int usage(const struct ctl_command *cmd, const char *why, const char *what)
{
	ctl_fail("%s \"%s\"; usage: busbarctl %s %s (--help tells more)", why, what, cmd->name,
		cmd->arguments);
	return 2;
}

/* ---- arguments ---- */

/* Length of the command's name in words when argv begins with it, else 0. */
static int words_of(const struct ctl_command *cmd, int argc, char **argv)
{
	const char *space = strchr(cmd->name, ' ');
	size_t first = space ? (size_t)(space - cmd->name) : strlen(cmd->name);

	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], cmd->name, first) != 0)
		return 0;
	if (!space)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static const struct ctl_option *find_option(const struct ctl_command *cmd, const char *name,
	size_t len)
{
	for (const struct ctl_option *o = cmd->options; o && o->name; o++)
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

/* --name VALUE, --name=VALUE or a switch. Returns how many arguments were used, 0 when it does
 * not fit. */
static int take_option(struct ctl *c, const struct ctl_command *cmd, int argc, char **argv)
{
	const char *name = argv[0] + 2, *eq = strchr(name, '=');
	const struct ctl_option *o =
		find_option(cmd, name, eq ? (size_t)(eq - name) : strlen(name));
	int used = 1;

	if (!o || c->n_options == CTL_OPTIONS || (!o->value && eq) || (o->value && !eq && argc < 2))
		return 0;
	c->option_name[c->n_options] = o->name;
	if (!o->value)
		c->option_value[c->n_options] = "";
	else if (eq)
		c->option_value[c->n_options] = eq + 1;
	else
		c->option_value[c->n_options] = argv[used++];
	c->n_options++;
	return used;
}

static int run(struct ctl *c, const struct ctl_command *cmd, int argc, char **argv)
{
	for (int i = 0; i < argc;) {
		if (strcmp(argv[i], "--help") == 0) {
			print_command_help(cmd);
			return 0;
		}
		if (strcmp(argv[i], "--json") == 0) {
			c->is_json = true;
			i++;
		} else if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
			int used = take_option(c, cmd, argc - i, argv + i);

			if (used == 0)
				return usage(cmd,
					"there is no such option, or its value is missing:",
					argv[i]);
			i += used;
		} else {
			if (c->n_args == CTL_ARGS)
				return usage(cmd, "too many arguments at", argv[i]);
			c->arg[c->n_args++] = argv[i++];
		}
	}
	if (c->n_args < cmd->min_args || c->n_args > cmd->max_args)
		return usage(cmd,
			c->n_args < cmd->min_args ? "something is missing after"
						  : "there is too much after",
			cmd->name);
	return cmd->run(c);
}

/* --dir may stand anywhere; take it out of the arguments. */
static int take_dir(int *argc, char **argv, const char **dir)
{
	int n = 0;

	for (int i = 0; i < *argc; i++) {
		if (strcmp(argv[i], "--dir") == 0) {
			if (i + 1 == *argc)
				return -1;
			*dir = argv[++i];
		} else if (strncmp(argv[i], "--dir=", 6) == 0) {
			*dir = argv[i] + 6;
		} else {
			argv[n++] = argv[i];
		}
	}
	*argc = n;
	return 0;
}

int main(int argc, char **argv)
{
	static struct ctl c = { .wait_s = 3 };
	const char *dir = NULL;
	struct bb_err err;
	char **rest = argv + 1;
	int n = argc - 1;

	bb_log_open("busbarctl", BB_WARN);
	if (take_dir(&n, rest, &dir) != 0) {
		ctl_fail("--dir needs a folder");
		return 2;
	}
	for (; n > 0 && strcmp(rest[0], "--json") == 0; n--, rest++)
		c.is_json = true;
	if (n == 0 || strcmp(rest[0], "--help") == 0 || strcmp(rest[0], "help") == 0) {
		print_help();
		return n == 0 ? 2 : 0;
	}
	if (strcmp(rest[0], "--version") == 0) {
		puts("busbarctl " BUSBAR_VERSION);
		return 0;
	}
	if (bb_dirs_find(dir, "webd", &c.dirs, &err) != 0)
		return ctl_fail("%s", err.text);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		int words = words_of(&commands[i], n, rest);

		if (words > 0)
			return run(&c, &commands[i], n - words, rest + words);
	}
	ctl_fail("there is no command \"%s%s%s\"; busbarctl --help lists all", rest[0],
		n > 1 ? " " : "", n > 1 ? rest[1] : "");
	return 2;
}
