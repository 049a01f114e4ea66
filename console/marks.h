/* SPDX-License-Identifier: ISC */
/*
 * When which byte of a console was printed: a mark for each second in which there was
 * output. Their number is bounded; when there are too many, the older ones stand for
 * longer stretches. Pure: the time comes from the caller.
 */
#ifndef CONSOLE_MARKS_H
#define CONSOLE_MARKS_H

#include <stddef.h>
#include <stdint.h>

enum { MARKS_MAX = 4096, MARK_MS = 1000 };

/* The bytes from offset to the next mark's were printed between first and last. */
struct mark {
	uint64_t offset;
	uint64_t first, last;        /* milliseconds since the epoch */
};

struct marks {
	struct mark *at;             /* owned; in the order of offsets and of times */
	size_t count, room;
};

void marks_free(struct marks *m);    /* empty and usable again */

/*
 * Bytes are printed at offset, now (ms). When the clock was set back, all that was printed
 * later by the old one was printed now.
 * Those wholly before `oldest` go first when there are too many. Without memory the last
 * mark stands for these bytes too.
 */
void marks_note(struct marks *m, uint64_t offset, uint64_t now, uint64_t oldest);

/* The mark that the byte at offset belongs to, NULL: none. */
const struct mark *marks_find(const struct marks *m, uint64_t offset);

/* Where its stretch ends: the offset of the mark behind it, UINT64_MAX: the last. */
uint64_t marks_end(const struct marks *m, const struct mark *mark);

/* The first mark with a byte printed at that time (ms) or later; NULL: none. */
const struct mark *marks_since(const struct marks *m, uint64_t time);

#endif
