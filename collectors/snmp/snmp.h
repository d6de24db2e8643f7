// SPDX-License-Identifier: Apache-2.0
/* One SNMP device inside collect-snmp, and the process around it. A device does one job at a time,
 * in the order of enum job: commands of people, then the status group, go before everything else as soon as the request
 * that is out has ended. */
#pragma once
#include "collectors/snmp/engine.h"
#include "collectors/snmp/plan.h"
#include "collectors/snmp/requests.h"
#include "common/table.h"

struct snmp_settings {
	struct collector_settings host;         /* first: the host reads it */
	int64_t timeout1_ms, timeout2_ms, timeout3_ms;
	int64_t receive_buffer_bytes;
	int64_t max_varbinds;
	int64_t alarm_walk_ms, alarm_idle_walk_ms;
	int64_t backoff_max_ms, stretch_max_ms;
	int64_t relearn_ms;
	int64_t fallback_ms;
	int64_t discover_rate, discover_timeout_ms;
};

struct snmp {
	struct collector *host;
	const struct snmp_settings *set;
	struct engine *engine;
	struct usm_kus *kus;
	uint64_t clones_at_ms;          /* not looked for before, see clones.c */
	struct profile_set *profiles;
	struct plan_cache *plans;
	struct discover *discover;
	struct bb_table *requests;      /* shared ones, see requests.h */
	unsigned n_learning;            /* past the first answer, see learn.c */
	struct snmp_device *first_waiting, *last_waiting;
	uint64_t learnt, bad_answers, alarm_walks;
};

enum job { JOB_COMMAND, JOB_STATUS, JOB_ALARMS, JOB_MEASURE, JOB_LEARN, JOB_IDENT, JOB_CELLS, JOB_RECORD, JOB_COUNT };

/* Requests of one poll group, in pieces the card can answer. */
struct packet_set {
	struct requests *requests;      /* NULL: not made yet */
	struct packet **p;              /* its packets */
	uint16_t n;
	uint16_t next;                  /* piece to ask for */
	bool begun;                     /* a pass runs */
	uint32_t pass;                  /* counts passes, from 1 */
	bool odd;                       /* it found something missing */
	uint8_t general_errors;         /* objects this pass lost to genErr */
};

struct discover;
struct learn;
struct walk;
struct command;
struct record;

struct snmp_device {
	struct peer peer;               /* first: engine and wheel hand it back */
	struct snmp *snmp;
	struct plan *plan;              /* NULL until recognised */
	struct learn *learn;            /* while recognising */
	struct walk *walk;              /* while the alarm table is read */
	struct command *command;        /* while one runs, see command.c */
	struct record *record;          /* while its tree is read, see record.c */
	struct packet_set set[GROUP_COUNT];
	uint8_t *skip;                  /* per object: the card refuses requests that hold it. NULL: none */
	uint8_t *sticky;                /* per check of the plan, see quirk.h */
	uint32_t *flag_pass;            /* per shared flag of the plan: pass of its group that last told it */
	uint64_t pass_ns;               /* when the first piece of the pass was answered */
	uint64_t relearn_at_ms;         /* wheel time */
	uint64_t next_try_ms;           /* down: not before */
	uint64_t walked_at_ms;          /* last complete walk */
	uint64_t walk_due_ms;           /* the next one, if the table's count does not change; 0: ask */
	double walked_count;            /* number of alarms it belongs to; -1: none yet */
	uint32_t uptime_cs;
	uint32_t pass_words, words;     /* status words of the pass that runs; of the last one */
	uint32_t alarm_words;           /* of the last complete walk */
	uint8_t wanted;                 /* bits 1 << enum job */
	uint8_t job;                    /* enum job; JOB_COUNT: none */
	uint8_t fails;                  /* status passes in a row */
	uint8_t measure_fails;
	uint8_t max_varbinds;
	uint8_t mismatches;             /* walks in a row with fewer rows than the count says */
	bool is_discharging;            /* the battery blocks are asked more often */
	uint8_t bulk_most;              /* rows a GETBULK asks for, learnt; 0: not tried yet */
	bool no_bulk, relearn_keeps, kept_once;
	bool is_touched;                /* the status has other values than the last pass published */
	bool waits;                     /* for its turn to be recognised */
	struct snmp_device *next_waiting;
};

static inline struct device *device_of(struct snmp_device *s)
{
	return DEVICE_OF(s);
}

/* ---- job.c: what to do next ---- */
void job_want(struct snmp_device *s, enum job j);
void job_done(struct snmp_device *s, enum job j);       /* finished or given up; the next one starts from job_next() */
void job_next(struct snmp_device *s);
bool job_poll(struct device *d, unsigned group);
bool job_explain(struct device *d, char *buf, size_t cap);
void job_answered(struct peer *p, const struct codec_answer *a, uint64_t sampled_boot_ns);
void job_silent(struct peer *p);
/* The status pass, or recognising, failed: nothing more is tried until the next poll. */
void job_failed(struct snmp_device *s, const char *reason);
void job_succeeded(struct snmp_device *s);              /* a status pass */
void job_reason_silent(struct snmp_device *s, char *buf, size_t cap);

/* ---- clones.c: devices that share an SNMPv3 engine id ---- */
void clones_report(struct snmp *t);                     /* when any was learnt, at most once a second */

/* ---- learn.c: which profile, which instances ---- */
void learn_begin(struct snmp_device *s);
void learn_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns);
void learn_silent(struct snmp_device *s);
void learn_free(struct snmp_device *s);
/* Let as many waiting devices go on as may be recognised at the same time. */
void learn_grant_turns(struct snmp *t);
/* Recognise again, at the latest then. `keep`: what is in the plan stays, even if it is not found. */
void learn_later(struct snmp_device *s, uint64_t ms, bool keep);
void learn_vanished(struct snmp_device *s);             /* an object of the plan is gone */

/* ---- value.c: one answered object ---- */
/* Put it into the device, or find out that it is gone. */
void value_put(struct snmp_device *s, unsigned object, const struct codec_varbind *v);
/* The flags that follow from the object are not known. */
void value_flags_unknown(struct snmp_device *s, const struct plan_object *o);
bool value_is_uptime(const struct plan_object *o);
/* What an object of format "time" means (snmp/clock.h), against the clock of this host. */
bool value_drift(const struct codec_varbind *v, double *drift_s);

/* ---- pass.c: one pass over a poll group ---- */
void pass_begin(struct snmp_device *s, unsigned group);
/* The answer is the one the packet knows, and taking it again would change nothing but its time. */
bool pass_echoes(const struct peer *p, const uint8_t *data);
/* `a` NULL: that echo. */
void pass_answered(struct snmp_device *s, unsigned group, const struct codec_answer *a, uint64_t sampled_boot_ns);
void pass_silent(struct snmp_device *s, unsigned group);
void pass_forget_packets(struct snmp_device *s);
/* While the card does not hear its UPS, what it goes on saying may be old. */
void pass_mark_stale(struct snmp_device *s, unsigned group);

/* ---- alarms.c: the device's own alarm table, and ups.status ---- */
void alarms_consider(struct snmp_device *s);            /* after a status pass: is a walk due? */
void alarms_consider_echo(struct snmp_device *s);       /* the same after an echo */
void alarms_begin(struct snmp_device *s);
void alarms_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns);
void alarms_silent(struct snmp_device *s);
void alarms_free(struct snmp_device *s);
void alarms_set_status(struct snmp_device *s);          /* ups.status from the words known now */

/* Rows to ask for in a GETBULK; 0: this card gets GETNEXT. */
unsigned job_bulk(const struct snmp_device *s);
/* It was too many: tooBig, genErr, silence. */
void job_bulk_less(struct snmp_device *s);

/* ---- record.c: what a card holds, object by object ---- */
/* The verb device_walk. False: another verb. */
bool record_verb(struct snmp *t, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
void record_begin(struct snmp_device *s);
void record_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns);
void record_silent(struct snmp_device *s);
void record_lost(struct snmp_device *s);                /* the device is closed */

/* ---- command.c: what people have the card do ---- */
/* The verbs device_commands and device_command. False: another verb. */
bool command_verb(struct snmp *t, struct bb_cmd_call *call, const Busbar__V1__CommandRequest *rq);
void command_begin(struct snmp_device *s);
void command_answered(struct snmp_device *s, const struct codec_answer *a, uint64_t sampled_boot_ns);
void command_silent(struct snmp_device *s);
/* The device is lost or closed: what runs ends unconfirmed. */
void command_lost(struct snmp_device *s, const char *reason);
