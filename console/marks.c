/* SPDX-License-Identifier: ISC */
/* See marks.h. */
#include "console/marks.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 16 };

void marks_free(struct marks *m)
{
	free(m->at);
	*m = (struct marks){ 0 };
}

static void drop_before(struct marks *m, uint64_t oldest)
{
	size_t gone = 0;

	while (gone + 1 < m->count && m->at[gone + 1].offset <= oldest)
		gone++;
	m->count -= gone;
	memmove(m->at, m->at + gone, m->count * sizeof(*m->at));
}

/* Two become one in the older half: what is long ago need not be known to the second. */
static void thin_out(struct marks *m)
{
	size_t half = m->count / 2 & ~(size_t)1, to = 0;

	for (size_t from = 0; from < half; from += 2) {
		m->at[to] = m->at[from];
		m->at[to++].last = m->at[from + 1].last;
	}
	memmove(m->at + to, m->at + half, (m->count - half) * sizeof(*m->at));
	m->count -= half - to;
}

/* Room for one more. 0, or -1 without memory. */
static int make_room(struct marks *m, uint64_t oldest)
{
	size_t room = m->room ? m->room * 2 : ROOM_FIRST;
	struct mark *at;

	if (m->at && m->count < m->room)
		return 0;
	if (m->at && m->room == MARKS_MAX) {
		drop_before(m, oldest);
		if (m->count == MARKS_MAX)
			thin_out(m);
		return 0;
	}
	at = realloc(m->at, room * sizeof(*at));
	if (!at)
		return -1;
	m->at = at;
	m->room = room;
	return 0;
}

/* No byte was printed later than now. */
static void set_back(struct marks *m, uint64_t now)
{
	for (size_t i = m->count; i-- > 0 && m->at[i].last > now;) {
		m->at[i].last = now;
		if (m->at[i].first > now)
			m->at[i].first = now;
	}
}

void marks_note(struct marks *m, uint64_t offset, uint64_t now, uint64_t oldest)
{
	struct mark *last = m->count ? &m->at[m->count - 1] : NULL;

	if (last && now < last->last)
		set_back(m, now);
	if (last && now - last->first < MARK_MS) {
		last->last = now;
		return;
	}
	if (make_room(m, oldest) < 0) {
		if (last)
			last->last = now;
		return;
	}
	m->at[m->count++] = (struct mark){ offset, now, now };
}

const struct mark *marks_find(const struct marks *m, uint64_t offset)
{
	size_t low = 0, high = m->count;

	/* Those below low are at or before it, those from high on behind it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->at[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &m->at[low - 1] : NULL;
}

uint64_t marks_end(const struct marks *m, const struct mark *mark)
{
	return mark + 1 < m->at + m->count ? mark[1].offset : UINT64_MAX;
}

const struct mark *marks_since(const struct marks *m, uint64_t time)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->at[middle].last < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count ? &m->at[low] : NULL;
}
