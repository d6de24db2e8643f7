// SPDX-License-Identifier: Apache-2.0
#include "alarmd/host_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/wire.h"

#define CHECK_MS   10000
#define NOT_SET_MS 60000

struct host_clock {
	struct bb_watch *timer;
	uint64_t hold_ms;
	host_clock_trouble trouble;
	void *arg;
	struct host_clock_state state;
};

/* ---- judging ---- */

static bool lasts(uint64_t *since_ms, bool is_wrong, uint64_t hold_ms, uint64_t now_ms)
{
	if (!is_wrong)
		*since_ms = 0;
	else if (!*since_ms)
		*since_ms = now_ms ? now_ms : 1;
	return is_wrong && now_ms - *since_ms >= hold_ms;
}

static void unsynced_text(const struct host_clock_reading *r, char *out, size_t cap)
{
	if (!r->is_readable)
		snprintf(out, cap, "the kernel does not tell whether a time service keeps the clock of this host; see the unit of alarmd");
	else if (r->service)
		snprintf(out, cap, "the clock of this host is not synchronised although %s is there; see its log and its servers", r->service);
	else
		snprintf(out, cap, "no time service keeps the clock of this host; install chrony or systemd-timesyncd");
}

void host_clock_judge(struct host_clock_state *s, const struct host_clock_reading *r, uint64_t build_us, uint64_t hold_ms, uint64_t now_ms,
	struct host_clock_verdict *out)
{
	char when[32];

	memset(out, 0, sizeof(*out));
	if (lasts(&s->unsynced_ms, !r->is_readable || !r->is_synced, hold_ms, now_ms)) {
		out->unsynced = r->is_readable ? BUSBAR__V1__SEVERITY__SEVERITY_MINOR : BUSBAR__V1__SEVERITY__SEVERITY_INFO;
		unsynced_text(r, out->unsynced_text, sizeof(out->unsynced_text));
	}
	if (lasts(&s->not_set_ms, r->real_us < build_us, hold_ms < NOT_SET_MS ? hold_ms : NOT_SET_MS, now_ms)) {
		out->not_set = BUSBAR__V1__SEVERITY__SEVERITY_MAJOR;
		snprintf(out->not_set_text, sizeof(out->not_set_text),
			"the clock is not set: it says %.10s, before this program was built; alarms go on, their times are wrong", bb_clock_rfc3339(r->real_us, when));
	}
}

/* ---- reading ---- */

/* Their run-time folders are there while they run. */
static const char *service_name(void)
{
	static const struct {
		const char *path, *name;
	} known[] = {
		{ "/run/chrony", "chrony" },
		{ "/run/systemd/timesync", "systemd-timesyncd" },
		{ "/run/ntpd.pid", "ntpd" },
		{ "/run/ntpsec", "ntpsec" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (access(known[i].path, F_OK) == 0)
			return known[i].name;
	return NULL;
}

static void read_kernel(struct host_clock_reading *r)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	r->is_readable = state >= 0;
	r->is_synced = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
}

#ifdef BB_TEST_CLOCK
static bool read_injected(struct host_clock_reading *r)
{
	const char *path = getenv("BUSBAR_TEST_TIMEX");
	char word[16] = "";
	FILE *f = path ? fopen(path, "re") : NULL;

	if (!f)
		return false;
	r->is_readable = fscanf(f, "%15s", word) == 1 && strcmp(word, "refused") != 0;
	r->is_synced = strcmp(word, "synced") == 0;
	fclose(f);
	return true;
}
#else
static bool read_injected(struct host_clock_reading *r)
{
	return false;
}
#endif

static void on_check(void *arg)
{
	struct host_clock *h = arg;
	struct host_clock_reading r = { .service = service_name(), .real_us = bb_clock_real_us() };
	struct host_clock_verdict v;

	if (!read_injected(&r))
		read_kernel(&r);
	host_clock_judge(&h->state, &r, BUSBAR_BUILD_EPOCH * UINT64_C(1000000), h->hold_ms, bb_clock_boot_ms(), &v);
	h->trouble(h->arg, "clock_unsynced", v.unsynced, v.unsynced_text);
	h->trouble(h->arg, "clock_not_set", v.not_set, v.not_set_text);
}

struct host_clock *host_clock_new(struct bb_loop *loop, uint64_t hold_ms, host_clock_trouble trouble, void *arg)
{
	struct host_clock *h = bb_calloc(1, sizeof(*h));

	h->hold_ms = hold_ms;
	h->trouble = trouble;
	h->arg = arg;
	/* a hold of seconds must not wait ten of them */
	h->timer = bb_loop_every(loop, hold_ms < CHECK_MS ? hold_ms / 2 + 10 : CHECK_MS, on_check, h);
	return h;
}

void host_clock_free(struct host_clock *h)
{
	if (!h)
		return;
	bb_loop_cancel(h->timer);
	free(h);
}
