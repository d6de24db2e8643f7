// SPDX-License-Identifier: Apache-2.0
#include "webd/event_filter.h"

#include <string.h>

#include "common/clock.h"
#include "common/point.h"
#include "common/wire.h"

const char *const event_filters[] = { "since", "until", "site", "device", "group", "kind", "rule",
	"severity", "state", "to", "user", "source", "alarm", "test", "text", NULL };

typedef int (*write_fn)(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err);

static int write_texts(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err)
{
	bb_json_arr(j, as);
	for (size_t i = 0; i < t->n_values; i++)
		bb_json_str(j, NULL, t->value[i]);
	bb_json_end_arr(j);
	return 0;
}

static int write_numbers(struct bb_json *j, const struct list_term *t, const char *as,
	int (*parse)(const char *), struct bb_err *err)
{
	bb_json_arr(j, as);
	for (size_t i = 0; i < t->n_values; i++) {
		int n = parse(t->value[i]);

		if (n < 0)
			return bb_err_set(err, "filter \"%s\" does not know \"%s\"", t->name,
				t->value[i]);
		bb_json_int(j, NULL, n);
	}
	bb_json_end_arr(j);
	return 0;
}

static int write_severities(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err)
{
	return write_numbers(j, t, as, bb_severity_parse, err);
}

static int write_states(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err)
{
	return write_numbers(j, t, as, bb_alarm_state_parse, err);
}

static int write_time(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err)
{
	uint64_t us;

	if (t->n_values != 1 || bb_clock_parse_rfc3339(t->value[0], &us) != 0)
		return bb_err_set(err, "filter \"%s\" takes one time such as 2026-11-21T07:40:00Z",
			t->name);
	bb_json_str(j, as, t->value[0]);
	return 0;
}

static int write_test(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err)
{
	bool is_yes = strcmp(t->value[0], "yes") == 0;

	if (t->n_values != 1 || (!is_yes && strcmp(t->value[0], "no") != 0))
		return bb_err_set(err, "filter \"%s\" is \"yes\" or \"no\"", t->name);
	bb_json_bool(j, as, is_yes);
	return 0;
}

/* ---- words ---- */

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t");
}

/* One word or quoted phrase at *p, which moves behind it. */
static int write_word(struct bb_json *j, const char **p, struct bb_err *err)
{
	bool is_not = **p == '-';
	const char *start = *p + (is_not ? 1 : 0), *end;
	bool is_quoted = *start == '"';
	struct bb_buf word = { 0 };

	start += is_quoted ? 1 : 0;
	end = is_quoted ? strchr(start, '"') : start + strcspn(start, " \t\"");
	if (!end)
		return bb_err_set(err, "filter \"text\" has a quote without its end");
	if (end == start)
		return bb_err_set(err, "filter \"text\" has an empty word");
	bb_buf_add(&word, start, (size_t)(end - start));
	bb_json_obj(j, NULL);
	bb_json_str(j, "t", word.data);
	bb_json_bool(j, "exact", is_quoted);
	bb_json_bool(j, "not", is_not);
	bb_json_end_obj(j);
	bb_buf_fini(&word);
	*p = skip_space(end + (is_quoted ? 1 : 0));
	return 0;
}

static int write_words(struct bb_json *j, const struct list_term *t, const char *as,
	struct bb_err *err)
{
	struct bb_buf text = { 0 };
	int rc = 0, n = 0;

	/* a comma is part of the text here */
	for (size_t i = 0; i < t->n_values; i++)
		bb_buf_printf(&text, "%s%s", i ? "," : "", t->value[i]);
	bb_json_arr(j, as);
	for (const char *p = skip_space(text.data); rc == 0 && *p; n++)
		rc = n < EVENT_WORDS ? write_word(j, &p, err)
				     : bb_err_set(err, "filter \"text\" has more than %d words",
					       EVENT_WORDS);
	bb_json_end_arr(j);
	if (rc == 0 && n == 0)
		rc = bb_err_set(err, "filter \"text\" is empty");
	bb_buf_fini(&text);
	return rc;
}

static const struct {
	const char *name, *as;
	write_fn write;
} writers[] = {
	{ "since", "since", write_time },
	{ "until", "until", write_time },
	{ "site", "site", write_texts },
	{ "device", "device", write_texts },
	{ "group", "group", write_texts },
	{ "kind", "kind", write_texts },
	{ "rule", "rule", write_texts },
	{ "severity", "severity", write_severities },
	{ "state", "state", write_states },
	{ "to", "state", write_states }, /* its name before there were more */
	{ "user", "user", write_texts },
	{ "source", "source", write_texts },
	{ "alarm", "alarm", write_texts },
	{ "test", "test", write_test },
	{ "text", "words", write_words },
};

int event_filter_write(const struct list *l, struct bb_buf *out, struct bb_err *err)
{
	struct bb_json j = { .out = out };

	if (list_term(l, "state") && list_term(l, "to"))
		return bb_err_set(err, "filter \"to\" is \"state\": give one of them");
	bb_json_obj(&j, NULL);
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		const struct list_term *t = list_term(l, writers[i].name);

		if (t && writers[i].write(&j, t, writers[i].as, err) != 0)
			return -1;
	}
	bb_json_end_obj(&j);
	return 0;
}
