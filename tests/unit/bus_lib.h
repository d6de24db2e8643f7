// SPDX-License-Identifier: Apache-2.0
/* Fixture of the bus tests: a loop with sockets in a temporary folder, and a hand-driven
 * publisher whose every number the test chooses. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "common/bus_int.h"

/* Own boot id when NULL. */
struct raw_msg {
	const char *publisher, *topic, *text;
	unsigned kind; /* 0 = KIND_READING */
	uint64_t epoch, seq, topic_seq;
	const uint8_t *boot_id;
	uint64_t sampled_boot_ns; /* 0 = now */
	uint32_t age_ms;
};

/* Its own bus, so that it can have another name. */
struct raw_pub {
	struct bb_bus *bus;
	struct bb_sock *out, *snap;
	unsigned requests;      /* snapshot requests seen */
	unsigned ignore;        /* so many requests stay without answer */
	unsigned rows_withheld; /* rows the end mark counts but that are not sent */
	struct raw_msg rows[8];
	size_t n_rows;
	char prefix[64]; /* of the newest request */
};

struct bed {
	char dir[64];
	struct bb_loop *loop;
	struct bb_bus *bus; /* named "alarmd", times shortened */
};

int bed_setup(void **state);
int bed_teardown(void **state);
/* Turn the loop until *flag or 10 s passed; returns *flag. */
bool bed_until(struct bed *b, bool (*cond)(void *arg), void *arg);
/* Turn the loop for what is under way: `turns` turns of at most 5 ms. */
void bed_turns(struct bed *b, unsigned turns);
struct bb_bus *bed_bus(struct bed *b, const char *name);

/* `bind_out`: NULL to connect to readings.alarmd, else bind that leaf (as busd does). */
void raw_open(struct raw_pub *r, struct bed *b, const char *name, const char *snap_leaf,
	const char *bind_out);
void raw_close(struct raw_pub *r);
void raw_send(struct raw_pub *r, const struct raw_msg *m);
void raw_heartbeat(struct raw_pub *r, const char *publisher, uint64_t epoch, uint64_t seq);
