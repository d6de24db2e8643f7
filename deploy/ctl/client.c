// SPDX-License-Identifier: Apache-2.0
/* HTTP to webd over its local socket. */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/str.h"
#include "deploy/ctl/ctl.h"

#define ANSWER_MAX (256u << 20)
#define TIMEOUT_S  60L

void ctl_answer_free(struct ctl_answer *a)
{
	json_decref(a->json);
	free(a->text);
	*a = (struct ctl_answer){ 0 };
}

static size_t take_bytes(char *data, size_t size, size_t n, void *arg)
{
	struct bb_buf *b = arg;

	if (b->len + n > ANSWER_MAX)
		return 0;
	bb_buf_add(b, data, n);
	return n;
}

static struct curl_slist *headers(const struct ctl *c, const char *method)
{
	char match[80] = "If-Match: *";
	struct curl_slist *h = curl_slist_append(NULL, "Content-Type: application/json");

	h = curl_slist_append(h, "Expect:");
	if (c->if_match)
		snprintf(match, sizeof(match), "If-Match: \"%.40s\"", c->if_match);
	return c->if_match || method[0] == 'P' ? curl_slist_append(h, match) : h;
}

/* One exchange. Returns 0 with a status, or -1. */
static int exchange(struct ctl *c, const char *method, const char *path, const char *body,
	struct ctl_answer *a, struct bb_err *err)
{
	char sock[160], error[CURL_ERROR_SIZE] = "";
	struct bb_buf url = { 0 }, in = { 0 };
	struct curl_slist *h = headers(c, method);
	CURL *curl = curl_easy_init();
	CURLcode rc;

	snprintf(sock, sizeof(sock), "%s/api.sock", c->dirs.run);
	bb_buf_printf(&url, "http://localhost/api/v1%s", path);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, sock);
	curl_easy_setopt(curl, CURLOPT_URL, url.data);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, h);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &in);
	if (body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	}
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK) {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
		a->text = in.data;
		a->json = in.len ? json_loadb(in.data, in.len, JSON_DECODE_ANY, NULL) : NULL;
	} else {
		bb_err_set(err, "webd does not answer at \"%s\" (%s); is the suite running", sock,
			*error ? error : curl_easy_strerror(rc));
		bb_buf_fini(&in);
	}
	bb_buf_fini(&url);
	curl_slist_free_all(h);
	curl_easy_cleanup(curl);
	return rc == CURLE_OK ? 0 : -1;
}

const char *ctl_text(const json_t *o, const char *name)
{
	static char ring[8][40];
	static unsigned next;
	const json_t *v = json_object_get(o, name);
	char *out;

	if (json_is_string(v))
		return json_string_value(v);
	if (!json_is_number(v))
		return json_is_true(v) ? "true" : json_is_false(v) ? "false" : "";
	out = ring[next++ % 8];
	snprintf(out, sizeof(ring[0]), "%.10g", json_number_value(v));
	return out;
}

static void report(const struct ctl_answer *a)
{
	const char *detail = ctl_text(a->json, "detail"), *title = ctl_text(a->json, "title");

	if (*detail)
		ctl_fail("%s", detail);
	else
		ctl_fail("webd answered with status %ld%s%s", a->status, *title ? ": " : "", title);
}

static bool may_wait(const struct ctl_answer *a)
{
	/* only what was surely not done: a change whose outcome is unknown is not sent twice */
	return a->status == 503 &&
	       strstr(ctl_text(a->json, "detail"), "PostgreSQL does not answer");
}

int ctl_call_raw(struct ctl *c, const char *method, const char *path, const char *body,
	struct ctl_answer *a)
{
	uint64_t deadline_ms = bb_clock_mono_ms() + (uint64_t)c->wait_s * 1000;
	struct bb_err err;

	for (;;) {
		*a = (struct ctl_answer){ 0 };
		if (exchange(c, method, path, body, a, &err) != 0)
			return ctl_fail("%s", err.text);
		if (a->status < 400)
			return 0;
		if (!may_wait(a) || bb_clock_mono_ms() >= deadline_ms)
			break;
		ctl_answer_free(a);
		usleep(200000);
	}
	report(a);
	ctl_answer_free(a);
	return 1;
}

int ctl_call(struct ctl *c, const char *method, const char *path, json_t *body,
	struct ctl_answer *a)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	int rc = ctl_call_raw(c, method, path, text, a);

	json_decref(body);
	free(text);
	return rc;
}

char *ctl_escape(const char *text)
{
	struct bb_buf b = { 0 };

	bb_buf_str(&b, "");
	for (; *text; text++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~",
			    *text))
			bb_buf_add(&b, text, 1);
		else
			bb_buf_printf(&b, "%%%02X", (unsigned)(unsigned char)*text);
	}
	return b.data;
}

json_t *ctl_list(struct ctl *c, const char *path)
{
	json_t *all = json_array();
	struct bb_buf url = { 0 };
	char *cursor = bb_strdup("");
	struct ctl_answer a;

	do {
		bb_buf_reset(&url);
		bb_buf_printf(&url, "%s%slimit=1000%s%s", path, strchr(path, '?') ? "&" : "?",
			*cursor ? "&cursor=" : "", cursor);
		if (ctl_call(c, "GET", url.data, NULL, &a) != 0) {
			json_decref(all);
			all = NULL;
			break;
		}
		json_array_extend(all, json_object_get(a.json, "items"));
		free(cursor);
		cursor = bb_strdup(ctl_text(a.json, "next"));
		ctl_answer_free(&a);
	} while (*cursor);
	free(cursor);
	bb_buf_fini(&url);
	return all;
}

char *ctl_device_id(struct ctl *c, const char *key)
{
	char *escaped = ctl_escape(key), *id = NULL;
	struct bb_buf url = { 0 };
	json_t *found;

	bb_buf_printf(&url, "/devices?filter=key:%s", escaped);
	found = ctl_list(c, url.data);
	if (found && json_array_size(found) == 0)
		ctl_fail("there is no device \"%s\"", key);
	else if (found)
		id = bb_strdup(ctl_text(json_array_get(found, 0), "id"));
	json_decref(found);
	free(escaped);
	bb_buf_fini(&url);
	return id;
}

char *ctl_read_file(const char *file, size_t max, size_t *len)
{
	bool is_stdin = strcmp(file, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(file, "re");
	struct bb_buf b = { 0 };
	char chunk[65536];
	size_t n;

	if (!f) {
		ctl_fail("cannot open \"%s\": %s", file, strerror(errno));
		return NULL;
	}
	bb_buf_str(&b, "");
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0 && b.len + n <= max)
		bb_buf_add(&b, chunk, n);
	if (ferror(f) || n > 0) {
		if (n > 0)
			ctl_fail("\"%s\" is larger than %zu bytes", file, max);
		else
			ctl_fail("cannot read \"%s\": %s", file, strerror(errno));
		bb_buf_fini(&b);
	}
	if (!is_stdin)
		fclose(f);
	*len = b.len;
	return b.data;
}

/* ---- files ---- */

struct download {
	CURL *curl;
	FILE *out;
	struct bb_buf problem; /* the body of an answer that is no file */
};

static size_t take_file(char *data, size_t size, size_t n, void *arg)
{
	struct download *d = arg;
	long status = 0;

	curl_easy_getinfo(d->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return fwrite(data, 1, n, d->out);
	if (d->problem.len + n > ANSWER_MAX)
		return 0;
	bb_buf_add(&d->problem, data, n);
	return n;
}

static int download_report(const struct download *d, CURLcode rc, const char *error)
{
	struct ctl_answer a = { 0 };

	curl_easy_getinfo(d->curl, CURLINFO_RESPONSE_CODE, &a.status);
	if (rc != CURLE_OK)
		return ctl_fail("the answer of webd was cut off or could not be written: %s",
			*error ? error : curl_easy_strerror(rc));
	if (a.status == 200)
		return 0;
	a.json = d->problem.len ? json_loadb(d->problem.data, d->problem.len, 0, NULL) : NULL;
	report(&a);
	ctl_answer_free(&a);
	return 1;
}

int ctl_download(struct ctl *c, const char *path, const char *file)
{
	bool is_stdout = strcmp(file, "-") == 0;
	char sock[160], error[CURL_ERROR_SIZE] = "";
	struct bb_buf url = { 0 };
	struct download d = { .out = is_stdout ? stdout : fopen(file, "we") };
	int rc;

	if (!d.out)
		return ctl_fail("cannot write \"%s\": %s", file, strerror(errno));
	d.curl = curl_easy_init();
	snprintf(sock, sizeof(sock), "%s/api.sock", c->dirs.run);
	bb_buf_printf(&url, "http://localhost/api/v1%s", path);
	curl_easy_setopt(d.curl, CURLOPT_UNIX_SOCKET_PATH, sock);
	curl_easy_setopt(d.curl, CURLOPT_URL, url.data);
	curl_easy_setopt(d.curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(d.curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(d.curl, CURLOPT_LOW_SPEED_TIME, TIMEOUT_S);
	curl_easy_setopt(d.curl, CURLOPT_PROXY, "");
	curl_easy_setopt(d.curl, CURLOPT_WRITEFUNCTION, take_file);
	curl_easy_setopt(d.curl, CURLOPT_WRITEDATA, &d);
	rc = download_report(&d, curl_easy_perform(d.curl), error);
	if ((is_stdout ? fflush(d.out) : fclose(d.out)) != 0 && rc == 0)
		rc = ctl_fail("cannot write \"%s\": %s", file, strerror(errno));
	if (rc != 0 && !is_stdout)
		unlink(file);
	bb_buf_fini(&d.problem);
	bb_buf_fini(&url);
	curl_easy_cleanup(d.curl);
	return rc;
}
