/* SPDX-License-Identifier: ISC */
/* See link.h. Pure. */
#include "terminal/link.h"

#include <string.h>

enum {
	LEAST_LATE_US = 1000,       /* what cannot be told from no delay at all */
	REFUTED_US = 100000,        /* so much quicker than the rate says */
	SECOND_US = 1000000,
};

void link_init(struct link *l)
{
	*l = (struct link){ .trip = -1 };
}

uint64_t link_flight(const struct link *l)
{
	return l->sent - l->arrived;
}

/* -- marks -- */

/* A mark costs both ends more than the bytes of a busy console do. */
static int64_t pause_of(const struct link *l)
{
	if (l->sent - l->marked < LINK_IDLE)
		return LINK_MARK_US;
	return l->is_quick && l->sent - l->marked < LINK_MARK_BYTES ? LINK_MARK_QUICK_US
								    : LINK_MARK_LEAST_US;
}

bool link_wants_mark(const struct link *l, int64_t now)
{
	uint64_t unmarked = l->sent - l->marked;
	int64_t since = now - l->marked_at;

	if (l->count == LINK_MARKS)
		return false;
	if (l->trip < 0 && l->count == 0)          /* at first, to know the way */
		return true;
	return unmarked && since >= pause_of(l);
}

void link_mark(struct link *l, int64_t now)
{
	if (l->count == LINK_MARKS)
		return;
	l->marks[l->count++] = (struct link_mark){ l->sent, link_flight(l), now };
	l->marked = l->sent;
	l->marked_at = now;
}

/* -- how fast it is -- */

/* The oldest mark waits for its answer longer than what is ahead of it explains. */
static uint64_t rate_of_waiting(const struct link *l, int64_t now)
{
	uint64_t ahead = l->trip < 0 ? link_flight(l) : l->count ? l->marks[0].ahead : 0;
	int64_t late;

	if (!l->count || !ahead)
		return UINT64_MAX;
	late = now - l->marks[0].at - (l->trip < 0 ? LINK_FLIGHT_US : l->trip);
	if (late < LINK_FLIGHT_US)
		return UINT64_MAX;
	return ahead * SECOND_US / (uint64_t)late + 1;
}

static bool is_good(const struct link_sample *s, int64_t now)
{
	return s->late && now - s->at < LINK_MEMORY_US;
}

/* By the answers alone; 0: there are none. */
static uint64_t rate_of_answers(const struct link *l, int64_t now)
{
	uint64_t bytes = 0;
	int64_t time = 0;

	for (unsigned i = 0; i < LINK_SAMPLES; i++) {
		if (!is_good(&l->samples[i], now))
			continue;
		bytes += l->samples[i].ahead;
		time += l->samples[i].late;
	}
	return time ? bytes * SECOND_US / (uint64_t)time + 1 : 0;
}

uint64_t link_rate(const struct link *l, int64_t now)
{
	uint64_t waiting = rate_of_waiting(l, now), rate = rate_of_answers(l, now);

	if (waiting != UINT64_MAX && (!rate || waiting < rate))
		rate = waiting;
	return rate;
}

static int64_t time_of(const struct link *l, uint64_t bytes, int64_t now)
{
	uint64_t rate = link_rate(l, now);

	if (bytes > UINT32_MAX)
		bytes = UINT32_MAX;
	return rate ? (int64_t)(bytes * SECOND_US / rate) : 0;
}

/* -- answers -- */

/* Marks with nothing ahead measure the way itself, which may become longer, too. */
static void measure_trip(struct link *l, uint64_t ahead, int64_t took)
{
	if (l->trip < 0 || took < l->trip)
		l->trip = took;
	else if (ahead <= LINK_IDLE)
		l->trip += (took - l->trip) / 8;
}

static void measure_rate(struct link *l, uint64_t ahead, int64_t took, int64_t now)
{
	int64_t late = took - l->trip;

	if (ahead <= LINK_IDLE) {
		/* A far end that had stopped for a while has made the link seem slow. */
		if (time_of(l, ahead, now) > late + REFUTED_US)
			memset(l->samples, 0, sizeof(l->samples));
		return;
	}
	l->samples[l->next_sample] = (struct link_sample){
		ahead, late < LEAST_LATE_US ? LEAST_LATE_US : late, now,
	};
	l->next_sample = (l->next_sample + 1) % LINK_SAMPLES;
}

static void take_answer(struct link *l, int64_t now)
{
	struct link_mark m = l->marks[0];
	int64_t took = now > m.at ? now - m.at : 0;
	bool is_first = l->trip < 0;

	memmove(l->marks, l->marks + 1, --l->count * sizeof(m));
	measure_trip(l, m.ahead, took);
	/* The first may have had bytes ahead, and then says nothing about how fast they were. */
	if (!is_first)
		measure_rate(l, m.ahead, took, now);
	if (m.sent > l->arrived)
		l->arrived = m.sent;
	l->moved_at = now;
	l->is_quick = link_rate(l, now) >= LINK_QUICK && link_room(l, now) >= 2 * LINK_MARK_BYTES;
}

void link_answer(struct link *l, int64_t now)
{
	l->is_answered = true;
	if (l->count)
		take_answer(l, now);
}

void link_arrived(struct link *l, uint64_t bytes, int64_t now)
{
	if (bytes > l->sent)
		bytes = l->sent;
	while (l->count && l->marks[0].sent <= bytes)
		take_answer(l, now);
	if (bytes <= l->arrived)
		return;
	l->arrived = bytes;
	l->moved_at = now;
}

/* -- what follows -- */

/* Four times what was on its way at a time. */
static uint64_t most_tried(const struct link *l, int64_t now)
{
	uint64_t most = LINK_FIRST;

	for (unsigned i = 0; i < LINK_SAMPLES; i++)
		if (is_good(&l->samples[i], now) && LINK_GROWTH * l->samples[i].ahead > most)
			most = LINK_GROWTH * l->samples[i].ahead;
	return most;
}

uint64_t link_room(const struct link *l, int64_t now)
{
	uint64_t rate = link_rate(l, now), flight = link_flight(l), most = most_tried(l, now);
	uint64_t time = LINK_FLIGHT_US + (l->trip < 0 ? 0 : (uint64_t)l->trip);

	if (rate && rate < UINT32_MAX && rate * time / SECOND_US < most)
		most = rate * time / SECOND_US;
	if (most < LINK_LEAST)
		most = LINK_LEAST;
	return flight < most ? most - flight : 0;
}

/* Before the first answer it may be a far end that gives none. */
bool link_is_stopped(const struct link *l, int64_t now)
{
	uint64_t rate = rate_of_answers(l, now), flight = link_flight(l);
	int64_t since, expected;

	if (!l->count || l->trip < 0)
		return false;
	since = l->moved_at > l->marks[0].at ? l->moved_at : l->marks[0].at;
	expected = rate ? (int64_t)(flight * SECOND_US / rate) : 0;
	return now - since > LINK_STOPPED_US + l->trip + LINK_STOPPED_TIMES * expected;
}

void link_sent(struct link *l, uint64_t count, int64_t now)
{
	l->sent += count;
	l->drained_at = (l->drained_at > now ? l->drained_at : now) + time_of(l, count, now);
}

int64_t link_time(const struct link *l, uint64_t bytes, int64_t now)
{
	int64_t waits = l->drained_at > now ? l->drained_at - now : 0;
	int64_t flies = time_of(l, link_flight(l), now);

	return (waits < flies ? waits : flies) + time_of(l, bytes, now);
}

int64_t link_due(const struct link *l)
{
	uint64_t unmarked = l->sent - l->marked;

	if (l->count == LINK_MARKS || !unmarked)
		return -1;
	return l->marked_at + pause_of(l);
}
