/* SPDX-License-Identifier: ISC */
/* See position.h. One function a kind. */
#include "console/position.h"

struct question {
	const struct ring *ring;
	uint64_t epoch;
	const struct position *asked;
	uint64_t left;
};

static struct place place_at(const struct ring *r, uint64_t offset, enum position_kind kind)
{
	uint64_t kept = ring_kept_from(r, offset);

	return (struct place){ kept, kept > offset ? kept - offset : 0, kind };
}

static struct place find_now(const struct question *q)
{
	return place_at(q->ring, q->ring->head, POSITION_NOW);
}

static struct place find_oldest(const struct question *q)
{
	return place_at(q->ring, ring_oldest(q->ring), POSITION_OLDEST);
}

static struct place find_lines(const struct question *q)
{
	return place_at(q->ring, ring_lines(q->ring, q->asked->value, UINT64_MAX),
			POSITION_LINES);
}

static struct place find_offset(const struct question *q)
{
	struct place p;

	if (q->asked->epoch == q->epoch)
		return place_at(q->ring, q->asked->value, POSITION_OFFSET);
	p = find_oldest(q);
	p.missed = POSITION_UNKNOWN;
	return p;
}

static struct place find_left(const struct question *q)
{
	if (q->left == POSITION_NEVER)
		return find_oldest(q);
	return place_at(q->ring, q->left, POSITION_LEFT);
}

/* Who was away for longer than is kept has a screenful, and is told how much that leaves out. */
static struct place find_default(const struct question *q)
{
	struct place p;

	if (q->left != POSITION_NEVER && q->left >= ring_oldest(q->ring))
		return find_left(q);
	p = place_at(q->ring, ring_lines(q->ring, POSITION_SCREEN_LINES, POSITION_SCREEN_BYTES),
		     POSITION_LINES);
	if (q->left < p.offset)
		p.missed = p.offset - q->left;
	return p;
}

static struct place find_boot(const struct question *q)
{
	const struct ring_boot *b = ring_boot_back(q->ring, q->asked->value);

	return b ? place_at(q->ring, b->offset, POSITION_BOOT) : find_oldest(q);
}

static struct place find_time(const struct question *q)
{
	uint64_t seconds = q->asked->value < UINT64_MAX / 1000 ? q->asked->value : UINT64_MAX / 1000;
	const struct mark *m = marks_since(&q->ring->marks, seconds * 1000);

	return place_at(q->ring, m ? m->offset : q->ring->head, POSITION_TIME);
}

static struct place (*const finders[POSITION_KIND_COUNT])(const struct question *q) = {
	[POSITION_NOW] = find_now, [POSITION_DEFAULT] = find_default,
	[POSITION_LINES] = find_lines, [POSITION_OFFSET] = find_offset,
	[POSITION_LEFT] = find_left, [POSITION_BOOT] = find_boot,
	[POSITION_TIME] = find_time, [POSITION_OLDEST] = find_oldest,
};

struct place position_find(const struct ring *r, uint64_t epoch, const struct position *p,
			   uint64_t left)
{
	const struct question q = { r, epoch, p, left };

	return finders[p->kind < POSITION_KIND_COUNT ? p->kind : POSITION_NOW](&q);
}
