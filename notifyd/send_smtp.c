// SPDX-License-Identifier: Apache-2.0
#include "notifyd/send_smtp.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "common/arena.h"

enum {
	CONNECT_S = 10,
	ANSWER_BYTES = 300,
};

/* How far the dialogue went, from what libcurl sends. It decides whom a 5xx concerns: before
 * RCPT the whole server, from there on this message. */
enum stage { STAGE_CONNECT, STAGE_MAIL, STAGE_RCPT, STAGE_DATA };

/* The loop's, then a thread's, then the loop's again. */
struct letter_out {
	TAILQ_ENTRY(letter_out) link;
	struct smtp *smtp;
	struct smtp_settings set;
	unsigned timeout_ms;
	char to[260];
	struct bb_buf message;
	size_t read;
	enum stage stage;
	char answer[ANSWER_BYTES]; /* last line the server said before QUIT */
	bool is_quitting;
	char error[CURL_ERROR_SIZE];
	enum smtp_result result;
	char text[ANSWER_BYTES + CURL_ERROR_SIZE + 16];
	smtp_done cb;
	void *arg;
};

TAILQ_HEAD(letter_list, letter_out);

struct smtp {
	struct bb_loop *loop;
	struct bb_watch *watch;
	int event_fd;
	pthread_t thread[SMTP_MAX];
	size_t threads;
	struct smtp_settings set; /* the loop's */
	unsigned timeout_ms;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t wake;
	struct letter_list waiting, done;
	bool stop;
};

/* ---- one letter, in a thread ---- */

static size_t on_read(char *out, size_t size, size_t n, void *arg)
{
	struct letter_out *l = arg;
	size_t left = l->message.len - l->read, want = size * n;

	if (want > left)
		want = left;
	memcpy(out, l->message.data + l->read, want);
	l->read += want;
	return want;
}

static size_t on_answer(char *data, size_t size, size_t n, void *arg)
{
	return size * n;
}

/* libcurl asks about once a second, also while it waits for an answer. */
static int on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
	curl_off_t ulnow)
{
	struct smtp *s = ((struct letter_out *)arg)->smtp;
	bool stop;

	pthread_mutex_lock(&s->lock);
	stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

/* Commands tell the stage; answers are kept for people. Passwords pass here too and are not
 * looked at. */
static int on_debug(CURL *easy, curl_infotype type, char *data, size_t n, void *arg)
{
	static const struct {
		const char *verb;
		enum stage stage;
	} verbs[] = {
		{ "MAIL FROM", STAGE_MAIL },
		{ "RCPT TO", STAGE_RCPT },
		{ "DATA", STAGE_DATA },
	};
	struct letter_out *l = arg;

	while (n > 0 && (data[n - 1] == '\n' || data[n - 1] == '\r'))
		n--;
	if (type == CURLINFO_HEADER_IN && !l->is_quitting)
		bb_text_clean(l->answer, sizeof(l->answer), data, n);
	if (type == CURLINFO_HEADER_OUT && n == 4 && memcmp(data, "QUIT", 4) == 0)
		l->is_quitting = true;
	for (size_t i = 0; type == CURLINFO_HEADER_OUT && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (n >= strlen(verbs[i].verb) &&
			memcmp(data, verbs[i].verb, strlen(verbs[i].verb)) == 0)
			l->stage = verbs[i].stage;
	return 0;
}

static void set_server(CURL *easy, const struct letter_out *l)
{
	const struct smtp_settings *set = &l->set;
	bool is_v6 = strchr(set->host, ':') != NULL;
	char url[300], from[260];

	snprintf(url, sizeof(url), "%s://%s%s%s:%u", set->tls == SMTP_TLS_TLS ? "smtps" : "smtp",
		is_v6 ? "[" : "", set->host, is_v6 ? "]" : "", set->port);
	snprintf(from, sizeof(from), "<%s>", set->from);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(easy, CURLOPT_USE_SSL,
		set->tls == SMTP_TLS_STARTTLS ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
	if (*set->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, set->ca_file);
	if (*set->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, set->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, set->password);
	}
}

static void set_letter(CURL *easy, struct letter_out *l)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)l->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(l->timeout_ms / 1000 + 1));
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(easy, CURLOPT_READDATA, l);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, l);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, l->error);
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, l);
}

/* libcurl gives several errors for one refusal; the server's words and the stage are what
 * counts. */
static enum smtp_result judge(const struct letter_out *l, CURLcode rc)
{
	if (rc == CURLE_OK)
		return SMTP_TAKEN;
	if (l->stage < STAGE_RCPT || strncmp(l->answer, "421", 3) == 0)
		return SMTP_NO_SERVER;
	return l->answer[0] == '5' ? SMTP_REFUSED : SMTP_LATER;
}

static void letter_send(CURL *easy, struct letter_out *l)
{
	struct curl_slist *to = curl_slist_append(NULL, l->to);
	CURLcode rc;

	curl_easy_reset(easy); /* keeps the connection */
	set_server(easy, l);
	set_letter(easy, l);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	rc = to ? curl_easy_perform(easy) : CURLE_OUT_OF_MEMORY;
	curl_slist_free_all(to);
	l->result = judge(l, rc);
	if (rc == CURLE_OK)
		snprintf(l->text, sizeof(l->text), "%s", l->answer);
	else
		snprintf(l->text, sizeof(l->text), "%s%s%s",
			*l->error ? l->error : curl_easy_strerror(rc),
			*l->answer ? "; server: " : "", l->answer);
}

static void *thread_main(void *arg)
{
	struct smtp *s = arg;
	CURL *easy = curl_easy_init();
	uint64_t one = 1;

	bb_assert(easy);
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		struct letter_out *l = TAILQ_FIRST(&s->waiting);

		if (!l) {
			pthread_cond_wait(&s->wake, &s->lock);
			continue;
		}
		TAILQ_REMOVE(&s->waiting, l, link);
		pthread_mutex_unlock(&s->lock);
		letter_send(easy, l);
		pthread_mutex_lock(&s->lock);
		TAILQ_INSERT_TAIL(&s->done, l, link);
		/* Fails only when the counter is full, and then the loop is awake anyway. */
		if (write(s->event_fd, &one, sizeof(one)) < 0)
			continue;
	}
	pthread_mutex_unlock(&s->lock);
	curl_easy_cleanup(easy);
	return NULL;
}

/* ---- the loop's side ---- */

static void letter_free(struct letter_out *l)
{
	bb_buf_fini(&l->message);
	bb_wipe(l->set.password, sizeof(l->set.password));
	free(l);
}

static void on_done(void *arg, int fd, int what)
{
	struct smtp *s = arg;
	struct letter_list done = TAILQ_HEAD_INITIALIZER(done);
	struct letter_out *l;
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return;
	pthread_mutex_lock(&s->lock);
	TAILQ_CONCAT(&done, &s->done, link);
	pthread_mutex_unlock(&s->lock);
	while ((l = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, l, link);
		l->cb(l->arg, l->result, l->text);
		letter_free(l);
	}
}

static int start_threads(struct smtp *s, struct bb_err *err)
{
	sigset_t all, old;
	int rc = 0;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (rc == 0 && s->threads < SMTP_MAX) {
		rc = pthread_create(&s->thread[s->threads], NULL, thread_main, s);
		s->threads += rc == 0;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = rc;
	return rc == 0 ? 0 : bb_err_errno(err, "cannot start a thread for sending mail");
}

struct smtp *smtp_new(struct bb_loop *loop, struct bb_err *err)
{
	struct smtp *s = bb_calloc(1, sizeof(*s));

	s->loop = loop;
	TAILQ_INIT(&s->waiting);
	TAILQ_INIT(&s->done);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, NULL);
	s->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->event_fd < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		bb_err_set(err, "cannot start libcurl");
	else if (start_threads(s, err) == 0) {
		s->watch = bb_loop_add_fd(loop, s->event_fd, BB_READ, on_done, s);
		return s;
	}
	smtp_free(s);
	return NULL;
}

void smtp_free(struct smtp *s)
{
	struct letter_out *l;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->threads; i++)
		pthread_join(s->thread[i], NULL);
	bb_loop_cancel(s->watch);
	TAILQ_CONCAT(&s->waiting, &s->done, link);
	while ((l = TAILQ_FIRST(&s->waiting))) {
		TAILQ_REMOVE(&s->waiting, l, link);
		letter_free(l);
	}
	if (s->event_fd >= 0)
		close(s->event_fd);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->wake);
	bb_wipe(s->set.password, sizeof(s->set.password));
	free(s);
	curl_global_cleanup();
}

void smtp_configure(struct smtp *s, const struct smtp_settings *set, unsigned timeout_ms)
{
	s->set = *set;
	s->timeout_ms = timeout_ms;
}

void smtp_send(struct smtp *s, const char *to, struct bb_buf *message, smtp_done cb, void *arg)
{
	struct letter_out *l = bb_calloc(1, sizeof(*l));

	l->smtp = s;
	l->set = s->set;
	l->timeout_ms = s->timeout_ms;
	snprintf(l->to, sizeof(l->to), "<%s>", to);
	l->message = *message;
	memset(message, 0, sizeof(*message));
	l->cb = cb;
	l->arg = arg;
	pthread_mutex_lock(&s->lock);
	TAILQ_INSERT_TAIL(&s->waiting, l, link);
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}
