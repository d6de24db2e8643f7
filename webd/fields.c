// SPDX-License-Identifier: Apache-2.0
/* Reading JSON bodies by table, so that no handler trusts a member it did not check. */
#include <math.h>
#include <string.h>

#include "webd/request.h"

static int read_string(const struct field *f, const json_t *v, void *out, struct bb_err *err)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return bb_err_set(err, "it holds a control character");
	if ((double)n < f->min || (double)n > f->max)
		return bb_err_set(err, "its length must be %.0f to %.0f bytes", f->min, f->max);
	*(const char **)out = s;
	return 0;
}

static int read_number(const struct field *f, const json_t *v, void *out, struct bb_err *err)
{
	double d = json_number_value(v);

	if (!(d >= f->min && d <= f->max))
		return bb_err_set(err, "it must be from %g to %g", f->min, f->max);
	if (f->type == FIELD_NUM)
		*(double *)out = d;
	else
		*(int64_t *)out = (int64_t)json_integer_value(v);
	return 0;
}

static int read_array(const struct field *f, const json_t *v, void *out, struct bb_err *err)
{
	size_t n = json_array_size(v);

	if ((double)n < f->min || (double)n > f->max)
		return bb_err_set(err, "it must have %.0f to %.0f elements", f->min, f->max);
	*(const json_t **)out = v;
	return 0;
}

static int read_field(const struct field *f, const json_t *v, void *out, struct bb_err *err)
{
	switch (f->type) {
	case FIELD_STR_OR_NULL:
		if (json_is_null(v)) {
			*(const char **)out = NULL;
			return 0;
		}
		return json_is_string(v) ? read_string(f, v, out, err)
					 : bb_err_set(err, "it must be text or null");
	case FIELD_STR:
		return json_is_string(v) ? read_string(f, v, out, err)
					 : bb_err_set(err, "it must be text");
	case FIELD_INT:
		return json_is_integer(v) ? read_number(f, v, out, err)
					  : bb_err_set(err, "it must be a whole number");
	case FIELD_NUM:
		return json_is_number(v) ? read_number(f, v, out, err)
					 : bb_err_set(err, "it must be a number");
	case FIELD_ARRAY:
		return json_is_array(v) ? read_array(f, v, out, err)
					: bb_err_set(err, "it must be an array");
	case FIELD_BOOL:
		if (!json_is_boolean(v))
			return bb_err_set(err, "it must be true or false");
		*(bool *)out = json_is_true(v);
		return 0;
	}
	return bb_err_set(err, "it cannot be read");
}

static const struct field *field_find(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

int fields_read(const json_t *object, const struct field *fields, void *out, char *where,
	struct bb_err *err)
{
	const char *name;
	json_t *v;

	where[0] = '\0';
	if (!json_is_object(object))
		return bb_err_set(err, "it must be an object");
	json_object_foreach((json_t *)object, name, v)
	{
		const struct field *f = field_find(fields, name);

		bb_text_clean(where, 64, name, strlen(name));
		if (!f)
			return bb_err_set(err, "there is no such field");
		if (read_field(f, v, (char *)out + f->offset, err) != 0)
			return -1;
	}
	for (const struct field *f = fields; f->name; f++)
		if (f->is_required && !json_object_get(object, f->name)) {
			bb_copy(where, 64, f->name);
			return bb_err_set(err, "it is missing");
		}
	return 0;
}
