/* SPDX-License-Identifier: ISC */
/*
 * What a console printed: a fixed buffer addressed by absolute byte offset. Writing
 * never fails and never waits; the oldest bytes make room. A reader is an offset of its
 * own that the ring knows nothing of; one that was overtaken learns by how much.
 *
 * Beside the newest bytes the ring keeps the first part of each of the last boots, from
 * a little before the boot was known of (libvirt tells late) and until the next one. A
 * byte is copied there only when it is about to be overwritten, so each is held once.
 * Pure: times come from the caller.
 */
#ifndef CONSOLE_RING_H
#define CONSOLE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "console/marks.h"

enum {
	RING_PART = 262144,          /* bytes kept of a boot, those before it included */
	RING_BEFORE = 4096,          /* of them before the news of it */
	RING_KEEP_MAX = 16,          /* boots whose first part can be kept */
	RING_BOOTS = 64,             /* boots whose offset and time are known */
};

struct ring_boot {
	uint64_t offset;             /* of its first byte */
	uint64_t time;               /* seconds since the epoch */
	uint64_t start, end;         /* its first part; empty: none is kept */
	uint8_t *saved;              /* what of it has left the buffer, */
	size_t nsaved;               /* from start on */
};

struct ring {
	uint8_t *data;
	size_t size;                 /* bytes kept */
	uint64_t head;               /* offset of the next byte to be written */
	unsigned keep;               /* of so many boots the first part */
	struct ring_boot boots[RING_BOOTS];   /* oldest first */
	unsigned nboots;
	struct marks marks;
};

/* 0, or -1 without memory. size > 0, keep <= RING_KEEP_MAX. Pages are touched as written. */
int ring_init(struct ring *r, size_t size, unsigned keep);
void ring_free(struct ring *r);

/* now: milliseconds since the epoch. */
void ring_write(struct ring *r, const void *data, size_t len, uint64_t now);

/*
 * A boot began at offset, not beyond the head nor before the last one; time in seconds since
 * the epoch. Without memory nothing is kept of it when that time comes.
 */
void ring_boot(struct ring *r, uint64_t offset, uint64_t time);

/* The newest boot (0), the one before (1)...; NULL: not known. */
const struct ring_boot *ring_boot_back(const struct ring *r, uint64_t back);

/* The first boot at or after offset; NULL: none. */
const struct ring_boot *ring_boot_from(const struct ring *r, uint64_t offset);

/* Offset of the oldest byte of the buffer; of the oldest that is kept at all. */
uint64_t ring_tail(const struct ring *r);
uint64_t ring_oldest(const struct ring *r);

/* The first byte at or after offset that is kept; the head: none. */
uint64_t ring_kept_from(const struct ring *r, uint64_t offset);

/* Bytes of memory in use. */
size_t ring_held(const struct ring *r);

/*
 * The bytes from *cursor on that lie together: their number (0: none yet), *data where
 * they are until the next write. A cursor at a byte that is not kept is moved to the next
 * one that is, and *gap is what it missed, else 0; one beyond the head is moved to the head.
 */
size_t ring_peek(const struct ring *r, uint64_t *cursor, uint64_t *gap, const uint8_t **data);

/*
 * Where the last `lines` lines of the buffer begin, but not more than `most` bytes: those
 * end at the beginning of a line then, else at that of an escape sequence, if there is one.
 */
uint64_t ring_lines(const struct ring *r, uint64_t lines, uint64_t most);

/*
 * How many ends of lines are still to be found before the buffer to have the last `lines`
 * lines; 0: they begin in it. The end of what was printed ends no line more.
 */
uint64_t ring_lines_before(const struct ring *r, uint64_t lines);

#endif
