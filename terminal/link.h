/* SPDX-License-Identifier: ISC */
/*
 * The measure of a link to a visitor: what is on its way, for how long it will be, and how
 * much more may be handed on so that what is on its way is bounded in time. Its owner
 * counts the bytes it hands on and puts marks among them; the far end's answers to marks
 * (an SSH request that wants a reply, a page's acknowledgement) say what has arrived,
 * whatever lies in between. Pure: times are passed in, in microseconds.
 *
 * How fast the link is follows from the answers: the bytes ahead of a mark took what it was
 * late by, compared with a mark that had next to nothing ahead. What may be on its way grows
 * fourfold at most with each answer, so that a figure taken from few bytes misleads nobody.
 */
#ifndef TERMINAL_LINK_H
#define TERMINAL_LINK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LINK_MARKS = 16,             /* not answered yet */
	LINK_SAMPLES = 4,
	LINK_FLIGHT_US = 500000,     /* what is on its way takes no longer, beyond the round trip */
	LINK_FIRST = 1024,           /* bytes on their way before anything is known */
	LINK_GROWTH = 4,             /* times what was on its way and arrived */
	LINK_LEAST = 256,            /* and always */
	LINK_IDLE = 512,             /* so few bytes ahead of a mark are none */
	LINK_MARK_BYTES = 16384,     /* a mark is due after so many bytes at the latest, */
	LINK_MARK_US = 1000000,      /* or after this time, if there was any byte */
	LINK_MARK_LEAST_US = 2000,
	LINK_MARK_QUICK_US = 50000,  /* on a link that is known to carry so many bytes a second: */
	LINK_QUICK = 200000,
	LINK_MEMORY_US = 60000000,   /* older figures are no figures */
	LINK_STOPPED_US = 1000000,   /* nothing has arrived for so long beyond the round trip, */
	LINK_STOPPED_TIMES = 4,      /* and so many times what was to be expected */
};

struct link_mark {
	uint64_t sent;               /* bytes handed on before it */
	uint64_t ahead;              /* of them not known to have arrived */
	int64_t at;
};

struct link_sample {
	uint64_t ahead;              /* bytes, */
	int64_t late;                /* and how long they took; 0: no sample */
	int64_t at;
};

struct link {
	uint64_t sent, arrived;
	struct link_mark marks[LINK_MARKS];       /* oldest first */
	unsigned count;
	uint64_t marked;             /* bytes before the newest mark */
	int64_t marked_at;
	int64_t drained_at;          /* when the link will have taken all, by its rate */
	int64_t moved_at;            /* when something arrived */
	int64_t trip;                /* round trip with nothing on its way; -1: not known */
	struct link_sample samples[LINK_SAMPLES];
	unsigned next_sample;
	bool is_answered;            /* link_answer() was called */
	bool is_quick;               /* as the last answer has it, with room for more than a mark's */
};

void link_init(struct link *l);

/* So many bytes were handed on. */
void link_sent(struct link *l, uint64_t count, int64_t now);

/* Is it time for a mark? After it was put among the bytes: link_mark(). */
bool link_wants_mark(const struct link *l, int64_t now);
void link_mark(struct link *l, int64_t now);

/* The answer to the oldest mark came; or: so many bytes have arrived. */
void link_answer(struct link *l, int64_t now);
void link_arrived(struct link *l, uint64_t bytes, int64_t now);

/* Bytes on their way, and bytes a second; 0: not known, and no reason to think it slow. */
uint64_t link_flight(const struct link *l);
uint64_t link_rate(const struct link *l, int64_t now);

/* It is not slow but takes nothing at all: nobody reads at its end, or it is cut. */
bool link_is_stopped(const struct link *l, int64_t now);

/* How many bytes more may be handed on now. */
uint64_t link_room(const struct link *l, int64_t now);

/* How long these bytes, behind those that the link has not taken yet, will take; microseconds. */
int64_t link_time(const struct link *l, uint64_t bytes, int64_t now);

/* When link_wants_mark() or link_room() may change without an answer; -1: never. */
int64_t link_due(const struct link *l);

#endif
