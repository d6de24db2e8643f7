// SPDX-License-Identifier: Apache-2.0
/* Bytes of a journal: CRC32C (Castagnoli), chain hash, head row. */
#include <sodium.h>
#include <string.h>

#include "common/journal_file.h"

static void put_le(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* Four bits at a time: 16 words instead of 256, still 300 MB/s, and the largest record is 64
 * KiB. */
uint32_t journal_crc(uint32_t crc, const void *p, size_t n)
{
	static const uint32_t nibble[16] = {
		0x00000000,
		0x105ec76f,
		0x20bd8ede,
		0x30e349b1,
		0x417b1dbc,
		0x5125dad3,
		0x61c69362,
		0x7198540d,
		0x82f63b78,
		0x92a8fc17,
		0xa24bb5a6,
		0xb21572c9,
		0xc38d26c4,
		0xd3d3e1ab,
		0xe330a81a,
		0xf36e6f75,
	};
	const uint8_t *b = p;

	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc ^= b[i];
		crc = (crc >> 4) ^ nibble[crc & 15];
		crc = (crc >> 4) ^ nibble[crc & 15];
	}
	return ~crc;
}

uint32_t journal_record_crc(const struct bb_record *r)
{
	uint8_t front[12];
	uint32_t crc;

	put_le(front, r->jseq, 8);
	put_le(front + 8, r->type, 4);
	crc = journal_crc(0, front, sizeof(front));
	crc = journal_crc(crc, r->data, r->len);
	return journal_crc(crc, r->chain, sizeof(r->chain));
}

void journal_record_chain(struct bb_record *r, const uint8_t prev[32])
{
	crypto_generichash_state st;
	uint8_t front[44];

	memcpy(front, prev, 32);
	put_le(front + 32, r->jseq, 8);
	put_le(front + 40, r->type, 4);
	crypto_generichash_init(&st, NULL, 0, sizeof(r->chain));
	crypto_generichash_update(&st, front, sizeof(front));
	crypto_generichash_update(&st, r->data, r->len);
	crypto_generichash_final(&st, r->chain, sizeof(r->chain));
}

void journal_head_encode(const struct journal_head *h, uint8_t out[JOURNAL_HEAD_BYTES])
{
	memcpy(out, "BBJ1", 4);
	memcpy(out + 4, h->id, 16);
	put_le(out + 20, h->first, 8);
	memcpy(out + 28, h->prev, 32);
	put_le(out + 60, h->created_us, 8);
	put_le(out + 68, journal_crc(0, out, 68), 4);
}

int journal_head_decode(struct journal_head *h, const uint8_t *p, size_t n)
{
	if (n != JOURNAL_HEAD_BYTES || memcmp(p, "BBJ1", 4) != 0)
		return -1;
	if (get_le(p + 68, 4) != journal_crc(0, p, 68))
		return -1;
	memcpy(h->id, p + 4, 16);
	h->first = get_le(p + 20, 8);
	memcpy(h->prev, p + 28, 32);
	h->created_us = get_le(p + 60, 8);
	return h->first == 0 || h->first > INT64_MAX / 2 ? -1 : 0;
}
