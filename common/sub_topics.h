// SPDX-License-Identifier: Apache-2.0
/* What decides whether the next message of a topic is newer; inside sub.c only. Fifty thousand of them in a full installation, in every
 * daemon that hears everything, so they lie side by side. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sub_topic {
	uint64_t key;                   /* hash of the topic */
	uint64_t epoch, seq;
	uint64_t sampled_own_ns;
	uint16_t peer;                  /* its number */
	bool is_gone;                   /* kept a while, against rows that were on their way */
};

struct sub_topics;
struct sub_topics *sub_topics_new(void);
void sub_topics_free(struct sub_topics *t);
size_t sub_topics_count(const struct sub_topics *t);
/* Borrowed until the next removal. NULL: not there. */
struct sub_topic *sub_topics_get(const struct sub_topics *t, uint64_t key);
/* A new one, which must not be there; key is set. */
struct sub_topic *sub_topics_add(struct sub_topics *t, uint64_t key);
/* Row i of sub_topics_count(); the last row takes the place of one that is removed. */
const struct sub_topic *sub_topics_at(const struct sub_topics *t, size_t i);
void sub_topics_remove(struct sub_topics *t, size_t i);
