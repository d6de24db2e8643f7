// SPDX-License-Identifier: Apache-2.0
/* Readings from the bus become rows: one per pass over a measurement group, with the newest status numbers of the device appended (not
 * older than three intervals). Numbers that are not good are NULL. Texts are remembered and written when they change; ups.status
 * becomes NULL (unknown) where nobody saw it: the device was silent, the bus or this daemon was away. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "common/wire.h"
#include "historyd/writer.h"

struct ingest;
struct ingest *ingest_new(struct writer *w);
void ingest_free(struct ingest *in);
/* Until when (wall time) the process before this one was at work; once, before the first reading. */
void ingest_alive_before(struct ingest *in, uint64_t at_us);
/* `at_us`: wall time of the sample. `epoch`, `topic_seq`: the message's number on the bus. */
void ingest_reading(struct ingest *in, const Busbar__V1__Reading *r, uint64_t epoch, uint64_t topic_seq, uint64_t at_us);
/* The device gave its status answer of that number again: its numbers stay valid. */
void ingest_confirm(struct ingest *in, uint64_t device_id, uint64_t epoch, uint64_t topic_seq, uint64_t at_us);
size_t ingest_devices(const struct ingest *in);
/* Forget what is remembered of devices that are not in the configuration any more. */
void ingest_keep(struct ingest *in, const Busbar__V1__Config *c);
