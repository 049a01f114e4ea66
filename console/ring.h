/* SPDX-License-Identifier: ISC */
/*
 * What a console printed: a fixed buffer addressed by absolute byte offset. Writing
 * never fails and never waits; the oldest bytes make room. A reader is an offset of its
 * own that the ring knows nothing of; one that was overtaken learns by how much. Pure.
 */
#ifndef CONSOLE_RING_H
#define CONSOLE_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *data;
	size_t size;       /* bytes kept */
	uint64_t head;     /* offset of the next byte to be written */
};

/* 0, or -1 without memory. size > 0. Pages are touched only as they are written. */
int ring_init(struct ring *r, size_t size);
void ring_free(struct ring *r);

void ring_write(struct ring *r, const void *data, size_t len);

/* Offset of the oldest byte that is still there. */
uint64_t ring_tail(const struct ring *r);

/*
 * The bytes from *cursor on that lie together: their number (0: none yet), *data where
 * they are until the next write. A cursor before the tail is moved there and *gap is
 * what it missed, else 0; one beyond the head is moved back to the head.
 */
size_t ring_peek(const struct ring *r, uint64_t *cursor, uint64_t *gap, const uint8_t **data);

#endif
