// SPDX-License-Identifier: Apache-2.0
#include "notifyd/template.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/point.h"
#include "common/rulewords.h"
#include "notifyd/mime.h"

enum { SUBJECT_BYTES = 240, BODY_TEXT_BYTES = 2000, LABEL_WIDTH = 14, LINE_WIDTH = 78 };

/* ---- parts ---- */

static void message_id(const struct letter *l, const uint8_t key[16], char out[160])
{
	char hex[33];

	bb_hex(hex, key, 16);
	snprintf(out, 160, "<%s@%.64s.busbar>", hex, l->install_id);
}

static void head(const struct letter *l, uint64_t at_us, const char *subject, struct bb_buf *out)
{
	char id[160];

	mime_date(out, at_us);
	mime_mailbox(out, "From", "Busbar", l->from);
	mime_mailbox(out, "To", l->to_name, l->to);
	mime_header(out, "Subject", subject);
	message_id(l, l->key, id);
	bb_buf_printf(out, "Message-ID: %s\r\n", id);
	if (l->attempt > 1)
		bb_buf_printf(out, "X-Busbar-Attempt: %u\r\n", l->attempt);
}

static void tail(struct bb_buf *out, const char *body)
{
	bb_buf_str(out, "Auto-Submitted: auto-generated\r\n"
			"MIME-Version: 1.0\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: quoted-printable\r\n"
			"\r\n");
	mime_body(out, body);
}

/* A line of the body; absent values make no line. One line stays one line whatever the value
 * holds. */
static void line(struct bb_buf *b, const char *label, const char *value)
{
	char clean[BODY_TEXT_BYTES];

	if (!value || !*value)
		return;
	bb_text_clean(clean, sizeof(clean), value, strlen(value));
	bb_buf_printf(b, "%-*s%s\n", LABEL_WIDTH, label, clean);
}

/* Sentences are broken between words, so that every mail program shows them whole. */
static void line_wrapped(struct bb_buf *b, const char *label, const char *value)
{
	char clean[BODY_TEXT_BYTES];
	const char *p = clean;

	if (!value || !*value)
		return;
	bb_text_clean(clean, sizeof(clean), value, strlen(value));
	do {
		size_t n = strlen(p), room = LINE_WIDTH - LABEL_WIDTH;

		if (n > room) {
			for (n = room; n > 0 && p[n] != ' ';)
				n--;
			n = n ? n : strcspn(p, " ");
		}
		bb_buf_printf(b, "%-*s%.*s\n", LABEL_WIDTH, label, (int)n, p);
		label = "";
		p += n + strspn(p + n, " ");
	} while (*p);
}

static void line_time(struct bb_buf *b, const char *label, uint64_t unix_us)
{
	char text[25];

	if (unix_us)
		line(b, label, bb_clock_rfc3339(unix_us, text));
}

static void line_value(struct bb_buf *b, const Busbar__V1__Alarm *a)
{
	char text[160], limit[60] = "";

	if (!a->has_value)
		return;
	if (a->has_limit)
		snprintf(limit, sizeof(limit), " (limit %g)", a->limit);
	snprintf(text, sizeof(text), "%g %.40s%s", a->value, a->unit, limit);
	line(b, "Value", text);
}

/* ---- alarms ---- */

static void subject_of(const struct letter *l, char out[SUBJECT_BYTES])
{
	const Busbar__V1__Alarm *a = l->transition->alarm;
	const char *what = bb_severity_name(a->severity);
	char upper[16] = "";

	for (size_t i = 0; what[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)what[i]);
	snprintf(out, SUBJECT_BYTES, "%s[%s] %s: %s", a->test ? "[TEST] " : "",
		l->kind == ROUTE_RAISE ? upper : "cleared", *a->key ? a->key : "busbar",
		*a->text ? a->text : a->rule);
}

/* What the record says besides the state. */
static const struct {
	const char *kind;
	enum route_kind kind_of_letter; /* 0: any */
	const char *text;
} notes[] = {
	{ "unshelve", 0, "this alarm was shelved; it still stands" },
	{ "maintenance_end", 0, "the maintenance is over; this alarm still stands" },
	{ "in_service", 0, "the device is in service again; this alarm still stands" },
	{ "unsuppress", 0, "what it was a consequence of is repaired; this alarm still stands" },
	{ "severity", 0, "this alarm has become worse" },
	{ "chatter", 0,
		"this alarm comes and goes often: there will be no further messages until it has been "
		"quiet for 10 minutes" },
	{ "chatter_end", ROUTE_RAISE, "it came and went often, now it stands for 10 minutes" },
	{ "chatter_end", ROUTE_CLEAR, "it came and went often, now it is over for 10 minutes" },
};

static const char *own_or(const char *own, const char *built_in)
{
	return own && *own ? own : built_in;
}

/* As it was when the alarm was raised: what its rule said itself, and the built-in words for the rest. */
static void words_of(const Busbar__V1__Alarm *a, struct bb_buf *b)
{
	static const struct bb_rule_words none = { .title = "" };
	const struct bb_rule_words *w = bb_alarm_words(a->rule);

	size_t before = b->len;

	w = w ? w : &none;
	line_wrapped(b, "What to do", own_or(a->action, w->action));
	line_wrapped(b, "Cause", own_or(a->cause, w->cause));
	line_wrapped(b, "Consequence", own_or(a->consequence, w->consequence));
	if (b->len > before)
		bb_buf_str(b, "\n");
}

static void body_of(const struct letter *l, struct bb_buf *b)
{
	const Busbar__V1__Transition *t = l->transition;
	const Busbar__V1__Alarm *a = t->alarm;
	char text[BODY_TEXT_BYTES];

	bb_text_clean(text, sizeof(text), a->text, strlen(a->text));
	bb_buf_printf(b, "%s%s\n\n", l->kind == ROUTE_CLEAR ? "Over: " : "",
		*text ? text : a->rule);
	if (a->test)
		bb_buf_str(b, "This is a test. Nothing is wrong.\n\n");
	else if (l->kind == ROUTE_RAISE)
		words_of(a, b);
	line(b, "Device", a->key);
	line(b, "Alarm", a->rule);
	line(b, "Point", a->subject);
	line(b, "Severity", bb_severity_name(a->severity));
	line_value(b, a);
	line_time(b, "Raised", a->raised_unix_us);
	if (l->kind == ROUTE_CLEAR)
		line_time(b, "Cleared", a->cleared_unix_us ? a->cleared_unix_us : t->at_unix_us);
	if (a->acked_unix_us) {
		line(b, "Acknowledged", a->user);
		line(b, "Comment", a->comment);
	}
	if (strcmp(t->kind, "removed") == 0)
		line(b, "Note", "the device was removed from the configuration");
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (strcmp(t->kind, notes[i].kind) == 0 &&
			(!notes[i].kind_of_letter || notes[i].kind_of_letter == l->kind))
			line(b, "Note", notes[i].text);
	if (a->stale)
		line(b, "Note", "the values behind this alarm are old");
	line(b, "Number", a->id);
}

void template_render(const struct letter *l, struct bb_buf *out)
{
	const Busbar__V1__Transition *t = l->transition;
	struct bb_buf body = { 0 };
	char subject[SUBJECT_BYTES], id[160];
	uint8_t raise_key[16];

	subject_of(l, subject);
	head(l, t->at_unix_us, subject, out);
	if (l->kind == ROUTE_CLEAR) {
		/* Mail programs show the end under the beginning. */
		route_key(t, ROUTE_RAISE, l->recipient_id, "email", raise_key);
		message_id(l, raise_key, id);
		bb_buf_printf(out, "In-Reply-To: %s\r\nReferences: %s\r\n", id, id);
	}
	mime_header(out, "X-Busbar-Alarm", t->alarm->id);
	mime_header(out, "X-Busbar-Kind", l->kind == ROUTE_RAISE ? "raise" : "clear");
	body_of(l, &body);
	tail(out, body.data);
	bb_buf_fini(&body);
}

void template_render_test(const struct letter *l, const char *user, uint64_t now_us,
	struct bb_buf *out)
{
	struct bb_buf body = { 0 };

	head(l, now_us, "[TEST] Busbar can reach you", out);
	bb_buf_str(&body, "This is a test message. Nothing is wrong.\n\n");
	line(&body, "Asked by", user);
	line_time(&body, "At", now_us);
	tail(out, body.data);
	bb_buf_fini(&body);
}
