// SPDX-License-Identifier: Apache-2.0
#include "webd/password.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/str.h"

#define THREADS     2
#define WAITING_MAX 32
#define OPS         3
#define MEMORY      (64u << 20)

struct job {
	struct job *next;
	char password[PASSWORD_MAX + 1];
	char hash[PASSWORD_HASH_MAX];
	bool is_verify, result;
	password_verified verified;
	password_hashed hashed;
	void *arg;
};

struct queue {
	struct job *first, **last;
	size_t n;
};

/* Invariant: `todo`, `done` and `stopping` are touched with the lock held only. */
struct password_pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct queue todo, done;
	bool stopping;
	pthread_t thread[THREADS];
	unsigned n_threads;
	int event_fd;
	struct bb_watch *watch;
	char nobody[PASSWORD_HASH_MAX]; /* hash of something nobody knows */
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
	q->n = 0;
}

static void queue_add(struct queue *q, struct job *j)
{
	j->next = NULL;
	*q->last = j;
	q->last = &j->next;
	q->n++;
}

static struct job *queue_take(struct queue *q)
{
	struct job *j = q->first;

	if (!j)
		return NULL;
	q->first = j->next;
	if (!q->first)
		q->last = &q->first;
	q->n--;
	return j;
}

static void job_free(struct job *j)
{
	sodium_memzero(j, sizeof(*j));
	free(j);
}

static void work(struct job *j)
{
	if (j->is_verify)
		j->result =
			crypto_pwhash_str_verify(j->hash, j->password, strlen(j->password)) == 0;
	else
		j->result = crypto_pwhash_str_alg(j->hash, j->password, strlen(j->password), OPS,
				    MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
	sodium_memzero(j->password, sizeof(j->password));
}

static void *worker(void *arg)
{
	struct password_pool *p = arg;
	uint64_t one = 1;

	pthread_mutex_lock(&p->lock);
	while (!p->stopping) {
		struct job *j = queue_take(&p->todo);

		if (!j) {
			pthread_cond_wait(&p->wake, &p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		work(j);
		pthread_mutex_lock(&p->lock);
		queue_add(&p->done, j);
		/* an eventfd write of 1 cannot fail before 2^64 of them */
		if (write(p->event_fd, &one, sizeof(one)) < 0)
			abort();
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void on_done(void *arg, int fd, int what)
{
	struct password_pool *p = arg;
	uint64_t count;
	struct job *j;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	for (;;) {
		pthread_mutex_lock(&p->lock);
		j = queue_take(&p->done);
		pthread_mutex_unlock(&p->lock);
		if (!j)
			return;
		if (j->is_verify)
			j->verified(j->arg, j->result);
		else
			j->hashed(j->arg, j->result ? j->hash : NULL);
		job_free(j);
	}
}

struct password_pool *password_pool_new(struct bb_loop *loop, struct bb_err *err)
{
	struct password_pool *p;
	char secret[32];

	if (sodium_init() < 0)
		return bb_err_null(err, "cannot start libsodium");
	p = bb_calloc(1, sizeof(*p));
	queue_init(&p->todo);
	queue_init(&p->done);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	bb_assert(p->event_fd >= 0);
	p->watch = bb_loop_add_fd(loop, p->event_fd, BB_READ, on_done, p);
	randombytes_buf(secret, sizeof(secret));
	if (crypto_pwhash_str_alg(p->nobody, secret, sizeof(secret), OPS, MEMORY,
		    crypto_pwhash_ALG_ARGON2ID13) != 0) {
		password_pool_free(p);
		return bb_err_null(err, "no 64 MiB of memory for hashing passwords");
	}
	for (; p->n_threads < THREADS; p->n_threads++)
		bb_assert(pthread_create(&p->thread[p->n_threads], NULL, worker, p) == 0);
	return p;
}

void password_pool_free(struct password_pool *p)
{
	struct job *j;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n_threads; i++)
		pthread_join(p->thread[i], NULL);
	while ((j = queue_take(&p->todo)) || (j = queue_take(&p->done)))
		job_free(j);
	bb_loop_cancel(p->watch);
	close(p->event_fd);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static int submit(struct password_pool *p, struct job *j)
{
	bool is_full;

	pthread_mutex_lock(&p->lock);
	is_full = p->todo.n >= WAITING_MAX;
	if (!is_full) {
		queue_add(&p->todo, j);
		pthread_cond_signal(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	if (is_full)
		job_free(j);
	return is_full ? -1 : 0;
}

int password_verify(struct password_pool *p, const char *hash, const char *password,
	password_verified cb, void *arg)
{
	struct job *j = bb_calloc(1, sizeof(*j));
	bool fits = bb_copy(j->password, sizeof(j->password), password);

	j->is_verify = true;
	j->verified = cb;
	j->arg = arg;
	/* a password that was cut must not pass for its beginning */
	if (!hash || !fits || !bb_copy(j->hash, sizeof(j->hash), hash))
		bb_copy(j->hash, sizeof(j->hash), p->nobody);
	return submit(p, j);
}

int password_hash(struct password_pool *p, const char *password, password_hashed cb, void *arg)
{
	struct job *j = bb_calloc(1, sizeof(*j));

	bb_assert(bb_copy(j->password, sizeof(j->password), password));
	j->hashed = cb;
	j->arg = arg;
	return submit(p, j);
}

/* ---- policy ---- */

/* Words a password may not merely repeat; what is left of it must still have substance. */
static const char *const weak_words[] = {
	"busbar",
	"password",
	"passwort",
	"kennwort",
	"administrator",
	"admin",
	"welcome",
	"willkommen",
	"letmein",
	"qwertzuiop",
	"qwertyuiop",
	"asdfghjkl",
	"1q2w3e4r5t6z",
	"1q2w3e4r5t6y",
	"1234567890",
	"123456789",
	"12345678",
	"1234567",
	"123456",
	"abcdefgh",
	"generex",
	"changeme",
	"iloveyou",
	"sunshine",
	"princess",
	"football",
	"monkey",
	"dragon",
	"master",
	"secret",
	"geheim",
};
#define REST_MIN 6

static void drop_word(char *text, const char *word)
{
	char *at;
	size_t n = strlen(word);

	if (n < 3)
		return;
	while ((at = strcasestr(text, word)))
		memmove(at, at + n, strlen(at + n) + 1);
}

static unsigned distinct_bytes(const char *s)
{
	bool seen[256] = { false };
	unsigned n = 0;

	for (; *s; s++) {
		n += !seen[(unsigned char)*s];
		seen[(unsigned char)*s] = true;
	}
	return n;
}

int password_policy(const char *password, const char *user, struct bb_err *err)
{
	char rest[PASSWORD_MAX + 1];
	size_t n = strlen(password);

	if (n < PASSWORD_MIN || n > PASSWORD_MAX)
		return bb_err_set(err, "the password must have %d to %d characters", PASSWORD_MIN,
			PASSWORD_MAX);
	bb_copy(rest, sizeof(rest), password);
	drop_word(rest, user);
	for (size_t i = 0; i < sizeof(weak_words) / sizeof(weak_words[0]); i++)
		drop_word(rest, weak_words[i]);
	bool is_weak = strlen(rest) < REST_MIN || distinct_bytes(password) < 6;
	sodium_memzero(rest, sizeof(rest));
	return is_weak ? bb_err_set(err,
				 "the password is too easy to guess; a few words that do not belong together are better")
		       : 0;
}

void password_one_time(char out[PASSWORD_ONE_TIME_MAX])
{
	static const char letters[] =
		"abcdefghijkmnpqrstuvwxyz23456789"; /* 32, nothing that looks alike */
	char *p = out;

	for (unsigned i = 0; i < 16; i++) {
		if (i > 0 && i % 4 == 0)
			*p++ = '-';
		*p++ = letters[randombytes_uniform(32)];
	}
	*p = '\0';
}
