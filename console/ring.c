/* SPDX-License-Identifier: ISC */
/* See ring.h. */
#include "console/ring.h"

#include <stdlib.h>
#include <string.h>

enum { ESC = 0x1b };

int ring_init(struct ring *r, size_t size, unsigned keep)
{
	/* calloc maps large buffers afresh: untouched pages cost nothing. */
	*r = (struct ring){ .data = calloc(1, size), .size = size, .keep = keep };
	return r->data ? 0 : -1;
}

static void forget_part(struct ring_boot *b)
{
	free(b->saved);
	b->saved = NULL;
	b->nsaved = 0;
	b->end = b->start;
}

void ring_free(struct ring *r)
{
	for (unsigned i = 0; i < r->nboots; i++)
		forget_part(&r->boots[i]);
	marks_free(&r->marks);
	free(r->data);
	*r = (struct ring){ 0 };
}

uint64_t ring_tail(const struct ring *r)
{
	return r->head > r->size ? r->head - r->size : 0;
}

/* Copies out of the buffer, around its end. */
static void copy_out(const struct ring *r, uint8_t *to, uint64_t offset, size_t len)
{
	size_t at = (size_t)(offset % r->size);
	size_t first = len < r->size - at ? len : r->size - at;

	memcpy(to, r->data + at, first);
	memcpy(to + first, r->data, len - first);
}

/* Everything before `until` is about to be overwritten. */
static void save_part(const struct ring *r, struct ring_boot *b, uint64_t until)
{
	uint64_t from = b->start + b->nsaved;
	uint64_t to = until < b->end ? until : b->end;

	if (from >= to)
		return;
	if (!b->saved)
		b->saved = malloc((size_t)(b->end - b->start));
	if (!b->saved) {
		forget_part(b);
		return;
	}
	copy_out(r, b->saved + b->nsaved, from, (size_t)(to - from));
	b->nsaved += (size_t)(to - from);
}

/* No more bytes than the buffer holds. */
static void write_piece(struct ring *r, const uint8_t *from, size_t len)
{
	size_t at = (size_t)(r->head % r->size);
	size_t first = len < r->size - at ? len : r->size - at;

	if (r->head + len > r->size)
		for (unsigned i = 0; i < r->nboots; i++)
			save_part(r, &r->boots[i], r->head + len - r->size);
	memcpy(r->data + at, from, first);
	memcpy(r->data, from + first, len - first);
	r->head += len;
}

void ring_write(struct ring *r, const void *data, size_t len, uint64_t now)
{
	const uint8_t *from = data;

	if (len)
		marks_note(&r->marks, r->head, now, ring_oldest(r));
	while (len) {
		size_t n = len < r->size ? len : r->size;

		write_piece(r, from, n);
		from += n;
		len -= n;
	}
}

static struct ring_boot *add_boot(struct ring *r)
{
	if (r->nboots == RING_BOOTS) {
		forget_part(&r->boots[0]);
		memmove(r->boots, r->boots + 1, (RING_BOOTS - 1) * sizeof(r->boots[0]));
		r->nboots--;
	}
	return &r->boots[r->nboots++];
}

void ring_boot(struct ring *r, uint64_t offset, uint64_t time)
{
	struct ring_boot *last = r->nboots ? &r->boots[r->nboots - 1] : NULL;
	uint64_t start = offset > RING_BEFORE ? offset - RING_BEFORE : 0;
	struct ring_boot *b;

	if (start < ring_tail(r))
		start = ring_tail(r);
	/* Parts do not overlap: a short boot ends where the next one's begins. */
	if (last && start < last->start)
		start = last->start;
	if (last && last->end > start)
		last->end = start;
	b = add_boot(r);
	*b = (struct ring_boot){ .offset = offset, .time = time, .start = start, .end = start };
	if (r->keep)
		b->end = start + RING_PART;
	if (r->nboots > r->keep)
		forget_part(&r->boots[r->nboots - 1 - r->keep]);
}

const struct ring_boot *ring_boot_back(const struct ring *r, uint64_t back)
{
	return back < r->nboots ? &r->boots[r->nboots - 1 - back] : NULL;
}

const struct ring_boot *ring_boot_from(const struct ring *r, uint64_t offset)
{
	for (unsigned i = 0; i < r->nboots; i++)
		if (r->boots[i].offset >= offset)
			return &r->boots[i];
	return NULL;
}

/* The first saved part that ends behind offset, NULL: none. */
static const struct ring_boot *part_from(const struct ring *r, uint64_t offset)
{
	for (unsigned i = 0; i < r->nboots; i++)
		if (r->boots[i].nsaved && r->boots[i].start + r->boots[i].nsaved > offset)
			return &r->boots[i];
	return NULL;
}

uint64_t ring_oldest(const struct ring *r)
{
	return ring_kept_from(r, 0);
}

uint64_t ring_kept_from(const struct ring *r, uint64_t offset)
{
	uint64_t tail = ring_tail(r);
	const struct ring_boot *b;

	if (offset >= r->head)
		return r->head;
	if (offset >= tail)
		return offset;
	b = part_from(r, offset);
	return !b ? tail : b->start > offset ? b->start : offset;
}

size_t ring_held(const struct ring *r)
{
	size_t held = r->head < r->size ? (size_t)r->head : r->size;

	for (unsigned i = 0; i < r->nboots; i++)
		held += r->boots[i].nsaved;
	return held + r->marks.room * sizeof(struct mark);
}

size_t ring_peek(const struct ring *r, uint64_t *cursor, uint64_t *gap, const uint8_t **data)
{
	uint64_t from = ring_kept_from(r, *cursor);
	const struct ring_boot *b;
	size_t at, together;

	*gap = from > *cursor ? from - *cursor : 0;
	*cursor = from;
	if (from == r->head)
		return 0;
	if (from < ring_tail(r)) {
		b = part_from(r, from);
		*data = b->saved + (from - b->start);
		return b->nsaved - (size_t)(from - b->start);
	}
	at = (size_t)(from % r->size);
	together = r->size - at;
	*data = r->data + at;
	return r->head - from < together ? (size_t)(r->head - from) : together;
}

static uint8_t byte_at(const struct ring *r, uint64_t offset)
{
	return r->data[offset % r->size];
}

/* A good place to begin between from and the head. */
static uint64_t begin_well(const struct ring *r, uint64_t from)
{
	for (uint64_t at = from; at < r->head; at++)
		if (byte_at(r, at) == '\n')
			return at + 1;
	for (uint64_t at = from; at < r->head; at++)
		if (byte_at(r, at) == ESC)
			return at;
	return from;
}

/*
 * Back from the head to where the last *lines lines begin, or to limit; *lines: so many ends of
 * lines were not found.
 */
static uint64_t lines_back(const struct ring *r, uint64_t limit, uint64_t *lines)
{
	uint64_t at = r->head;

	/* The end of the newest line is no beginning of a line. */
	if (at > limit && byte_at(r, at - 1) == '\n')
		at--;
	for (; at > limit; at--)
		if (byte_at(r, at - 1) == '\n' && --*lines == 0)
			return at;
	return limit;
}

uint64_t ring_lines(const struct ring *r, uint64_t lines, uint64_t most)
{
	uint64_t tail = ring_tail(r), at;
	uint64_t limit = r->head - tail > most ? r->head - most : tail;

	if (!lines)
		return r->head;
	at = lines_back(r, limit, &lines);
	return !lines || limit == tail ? at : begin_well(r, limit);
}

uint64_t ring_lines_before(const struct ring *r, uint64_t lines)
{
	if (!r->head)
		return lines < UINT64_MAX ? lines + 1 : lines;
	if (lines)
		lines_back(r, ring_tail(r), &lines);
	return lines;
}
