/* SPDX-License-Identifier: ISC */
/*
 * What messages are made of: integers big-endian, bytes behind a u16 length. Also for lists
 * of them inside one field: prompts, answers, groups. Pure.
 */
#ifndef IPC_PACK_H
#define IPC_PACK_H

#include <stddef.h>
#include <stdint.h>

/* Points into what was read, or at the caller's bytes (to be encoded). */
struct bytes {
	const uint8_t *data;
	size_t len;
};

struct pack_reader {
	const uint8_t *at;
	size_t left;
};
void pack_open(struct pack_reader *r, struct bytes from);

/* 0, or -1: there is less left. at: an unsigned integer of 1, 2, 4 or 8 bytes. */
int pack_get_int(struct pack_reader *r, void *at, size_t size);
int pack_get_u8(struct pack_reader *r, uint8_t *v);
int pack_get_u32(struct pack_reader *r, uint32_t *v);
int pack_get_bytes(struct pack_reader *r, struct bytes *v);

/* An integer of `size` bytes, which are there. */
uint64_t pack_load(const uint8_t *in, size_t size);
void pack_store(uint8_t *out, uint64_t v, size_t size);

/* 0, or -1: full. */
struct buf;
int pack_put_u8(struct buf *b, uint8_t v);
int pack_put_u32(struct buf *b, uint32_t v);
int pack_put_bytes(struct buf *b, const void *data, size_t len);

#endif
