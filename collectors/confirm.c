// SPDX-License-Identifier: Apache-2.0
/* What leaves the collector, and how: a changed status at once, measurements and repetitions with others
 * after at most BB_PUB_LAZY_MS, and a status that was answered again unchanged as one line of a Confirm
 * (proto/README.md has the rules, and why a receiver cannot be fooled by them). */
#include <string.h>

#include "collectors/collector_priv.h"
#include "common/clock.h"
#include "common/str.h"
#include "common/wire.h"

#define REPEATS                                                                                    \
	3 /* readings from a change on, so that who counts good ones need not know of Confirm */
#define SILENT_MS  30000 /* a reading goes out at least so often */
#define CONFIRM_MS 100
#define TOPIC_MAX  240

/* Words at a time: five thousand states a second are looked at, and bb_hash() takes bytes. */
static uint64_t mix_word(uint64_t h, uint64_t word)
{
	__extension__ unsigned __int128 m =
		(unsigned __int128)(h ^ word ^ 0xa0761d6478bd642f) * 0xe7037ed1a0b428db;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	const unsigned char *at = p;
	uint64_t word = 0;

	h = mix_word(h, n);
	for (; n >= sizeof(word); n -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		h = mix_word(h, word);
	}
	word = 0;
	memcpy(&word, at, n);
	return mix_word(h, word);
}

/* Everything a Reading of the group says, except when it was sampled. */
static uint64_t digest(const struct device *d, unsigned group)
{
	const struct device_group *g = &d->group[group];
	const struct layout *l = d->layout;
	const uint64_t head[4] = { g->missed, g->interval_ms, d->site_id, (uint64_t)(uintptr_t)l };
	uint64_t h = mix(0, head, sizeof(head));

	for (unsigned k = 0; l && k < LAYOUT_KINDS; k++) {
		unsigned first = l->first[group][k], n = l->count[group][k];

		h = mix(h, d->quality + first, n);
		if (k == BB_NUMBER)
			h = mix(h, d->value + first, n * sizeof(*d->value));
		else if (k == BB_FLAG && n)
			h = mix(h, d->flag + first - l->n_values, n);
		for (unsigned i = first; k == BB_TEXT && i < first + n; i++) {
			if (d->value[i].text)
				h = mix(h, d->value[i].text, strlen(d->value[i].text));
		}
	}
	for (unsigned i = 0; d->plausible && i < d->plausible->n; i++) {
		const struct plausible_finding *f = &d->plausible->finding[i];
		const uint64_t open[2] = { f->slot, f->kind };

		if (f->is_open && l->slot[f->slot].group == group)
			h = mix(h, open, sizeof(open));
	}
	return h;
}

static bool is_calm_status(const char *words)
{
	return !strcmp(words, "OL") || !strcmp(words, "OL CHRG");
}

/* On mains, nothing else to say, and no alarm of its own. */
static bool is_calm(const struct device *d)
{
	const struct layout *l = d->layout;
	int status = d->status_slot;

	if (d->group[GROUP_STATUS].missed || status < 0 || d->quality[status] != BB_GOOD ||
		!d->value[status].text || !is_calm_status(d->value[status].text))
		return false;
	unsigned first = l->first[GROUP_STATUS][BB_FLAG];
	for (unsigned i = first; i < first + l->count[GROUP_STATUS][BB_FLAG]; i++) {
		if (device_flag(d, i) && d->quality[i] != DEVICE_ABSENT)
			return false;
	}
	return true;
}

static uint64_t loop_ms(const struct device *d)
{
	return wheel_now_ms(d->host->wheel);
}

static bool may_confirm(const struct device *d)
{
	return d->host->settings->confirm && !d->sent.repeats && d->sent.is_calm &&
	       loop_ms(d) - d->sent.ms < SILENT_MS;
}

void confirm_flush(struct collector *c)
{
	struct confirm_batch *b = &c->confirm;
	Busbar__V1__Confirm m = BUSBAR__V1__CONFIRM__INIT;
	uint64_t now = bb_clock_boot_ns();
	char topic[TOPIC_MAX];
	size_t len;

	b->since_ms = wheel_now_ms(c->wheel);
	if (!b->n)
		return;
	for (unsigned i = 0; i < b->n; i++)
		b->before_ns[i] = now > b->sampled_ns[i] ? now - b->sampled_ns[i] : 0;
	m.group = (char *)collector_group_name(GROUP_STATUS);
	m.n_device_id = m.n_topic_seq = m.n_before_ns = b->n;
	m.device_id = b->device_id;
	m.topic_seq = b->topic_seq;
	m.before_ns = b->before_ns;
	bb_arena_reset(c->scratch);
	const void *body = bb_pack(c->scratch, &m, &len);
	bb_topic(topic, sizeof(topic), "confirm", c->ops->name, NULL);
	bb_pub_send_lazy(c->pub, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_CONFIRM, body, len, now);
	c->published++;
	b->n = 0;
}

void confirm_tick(struct collector *c)
{
	if (wheel_now_ms(c->wheel) - c->confirm.since_ms >= CONFIRM_MS)
		confirm_flush(c);
}

static void confirm(struct device *d)
{
	struct confirm_batch *b = &d->host->confirm;

	b->device_id[b->n] = d->id;
	b->topic_seq[b->n] = d->sent.topic_seq;
	b->sampled_ns[b->n] = d->group[GROUP_STATUS].sampled_ns;
	d->host->confirmed++;
	if (++b->n == CONFIRM_MAX)
		confirm_flush(d->host);
}

static void send_reading(struct device *d, unsigned group, bool urgent)
{
	struct collector *c = d->host;
	struct device_group *g = &d->group[group];
	char topic[TOPIC_MAX];
	size_t len;

	bb_arena_reset(c->scratch);
	const void *body = device_pack(d, group, c->scratch, &len);
	bb_topic(topic, sizeof(topic), "reading", d->key, collector_group_name(group));
	uint64_t topic_seq = (urgent ? bb_pub_send : bb_pub_send_lazy)(c->pub, topic,
		BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len, device_group_stamp(d, group));
	if (group == GROUP_STATUS) {
		d->sent.topic_seq = topic_seq;
		d->sent.ms = loop_ms(d);
	}
	g->published = true;
	c->published++;
	/* Who the device is, once more on a topic of its own, for those who want nothing else. */
	if (group == GROUP_IDENT && !g->missed) {
		bb_topic(topic, sizeof(topic), "identity", d->key, NULL);
		bb_pub_send_lazy(c->pub, topic, BUSBAR__V1__ENVELOPE__KIND__KIND_READING, body, len,
			device_group_stamp(d, group));
		d->has_identity = true;
	}
}

static void publish_status(struct device *d, bool changed)
{
	struct device_sent *sent = &d->sent;

	if (changed || d->snapshot_mark != d->host->snapshot_mark)
		sent->repeats = REPEATS + 1;
	d->snapshot_mark = d->host->snapshot_mark;
	if (may_confirm(d)) {
		confirm(d);
		return;
	}
	send_reading(d, GROUP_STATUS, changed);
	/* From here on each device goes its own round, so that they do not all go at once. */
	if (sent->repeats && !--sent->repeats)
		sent->ms -= bb_hash(&d->id, sizeof(d->id)) % SILENT_MS;
}

void device_publish(struct device *d, unsigned group)
{
	uint64_t before = d->sent.digest;

	if (group != GROUP_STATUS) {
		send_reading(d, group, false);
		return;
	}
	d->sent.digest = digest(d, group);
	d->sent.is_calm = is_calm(d);
	d->sent.is_digested = true;
	publish_status(d, d->sent.digest != before || !d->group[group].published);
}

void device_publish_again(struct device *d, unsigned group)
{
	if (group == GROUP_STATUS && d->sent.is_digested && d->group[group].published)
		publish_status(d, false);
	else
		device_publish(d, group);
}
