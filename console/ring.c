/* SPDX-License-Identifier: ISC */
/* See ring.h. */
#include "console/ring.h"

#include <stdlib.h>
#include <string.h>

int ring_init(struct ring *r, size_t size)
{
	/* calloc maps large buffers afresh: untouched pages cost nothing. */
	*r = (struct ring){ .data = calloc(1, size), .size = size };
	return r->data ? 0 : -1;
}

void ring_free(struct ring *r)
{
	free(r->data);
	*r = (struct ring){ 0 };
}

uint64_t ring_tail(const struct ring *r)
{
	return r->head > r->size ? r->head - r->size : 0;
}

void ring_write(struct ring *r, const void *data, size_t len)
{
	const uint8_t *from = data;
	size_t at, first;

	if (len > r->size) {
		r->head += len - r->size;
		from += len - r->size;
		len = r->size;
	}
	at = (size_t)(r->head % r->size);
	first = len < r->size - at ? len : r->size - at;
	memcpy(r->data + at, from, first);
	memcpy(r->data, from + first, len - first);
	r->head += len;
}

size_t ring_peek(const struct ring *r, uint64_t *cursor, uint64_t *gap, const uint8_t **data)
{
	uint64_t tail = ring_tail(r);
	size_t at, together;

	*gap = 0;
	if (*cursor < tail) {
		*gap = tail - *cursor;
		*cursor = tail;
	}
	if (*cursor >= r->head) {
		*cursor = r->head;
		return 0;
	}
	at = (size_t)(*cursor % r->size);
	together = r->size - at;
	*data = r->data + at;
	return r->head - *cursor < together ? (size_t)(r->head - *cursor) : together;
}
