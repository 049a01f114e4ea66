/* SPDX-License-Identifier: ISC */
/*
 * The way of an attachment's bytes to the client. Unpaced, all goes out at once, and how
 * much is under way is bounded by the owner. Paced, the link is measured by the client's
 * acknowledgements (terminal/link.h), what is under way is bounded in time, and a link
 * that does not keep up gets the guest's screen painted (terminal/view.h). What waits is
 * a row of spans that know which of the console's offsets they stand for, and of texts
 * that have their place among the bytes.
 * Pure but for memory: times are passed in, in microseconds.
 */
#ifndef WS_OUTLET_H
#define WS_OUTLET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "ipc/buf.h"
#include "terminal/link.h"
#include "terminal/view.h"

enum {
	OUTLET_FULL = 64 * 1024,     /* bytes that wait: give it no more */
	OUTLET_MOST = 512 * 1024,
	OUTLET_LEAST = 128,          /* fewer bytes are not worth a frame while more wait */
	OUTLET_SOON = 20,            /* a frame takes the link a 20th of a second, as it is shown whole, */
	OUTLET_SMALL = 512,          /* unless so few bytes take longer */
	OUTLET_COUNT_US = 500000,    /* acknowledged bytes are counted for so long */
	OUTLET_SLOW_US = 250000,     /* under way while it is slow, beyond the round trip */
};

struct outlet_ears {
	/* A frame of at most `piece` bytes; position: the console's, behind them. */
	void (*frame)(void *who, const uint8_t *data, size_t len, uint64_t position);
	void (*text)(void *who, const struct buf *text);
};

struct span {
	TAILQ_ENTRY(span) entry;
	size_t len;                  /* bytes of `out` */
	uint64_t position;           /* the console's, behind them */
	bool is_even;                /* as many bytes as offsets */
	bool is_text;
	uint64_t gap;                /* so many bytes are missing, as the text says; 0: it does not */
	struct buf text;
};

struct outlet {
	const struct outlet_ears *ears;
	void *who;
	uint32_t handle;             /* for texts of its own */
	size_t piece;
	bool is_paced;
	bool is_strange;             /* in which modes the client's terminal is, nobody knows */
	bool has_view, is_slow;      /* the view is, as far as spans tell of it */
	enum view_policy policy;
	struct link link;
	struct view view;
	struct buf out;
	TAILQ_HEAD(spans, span) spans;  /* of all that is in out */
	size_t covered;              /* bytes of them */
	size_t texts;                /* bytes of theirs */
	uint64_t taken;              /* position of the newest byte */
	uint64_t queued;             /* of the last that waits, */
	uint64_t told;               /* and of the last that was sent */
	uint64_t missed;             /* bytes that were, while it is slow */
	uint64_t sent, shown;        /* bytes of frames, in all */
	uint64_t counted, carried;   /* shown when the count began; bytes a second before that */
	int64_t counted_at;
};

void outlet_init(struct outlet *o, uint32_t handle, size_t piece, const struct outlet_ears *ears,
		 void *who);
void outlet_free(struct outlet *o);

/* Before the first byte. is_strange: the client goes on where it was. */
void outlet_pace(struct outlet *o, enum view_policy policy, bool is_strange);

/* The size of what shows it: known, a paced one can paint. */
void outlet_resize(struct outlet *o, unsigned rows, unsigned cols);

/* Output begins, or goes on, at this offset. */
void outlet_begin(struct outlet *o, uint64_t offset);

/*
 * Bytes behind which the console is at position, possibly none. is_even: position may be
 * counted back by bytes. -1: no memory. Who gave them calls outlet_turn().
 */
int outlet_put(struct outlet *o, const uint8_t *data, size_t len, uint64_t position, bool is_even);

/* A text that comes behind the bytes that were put so far. -1: no memory. */
int outlet_put_text(struct outlet *o, const struct buf *text);

/* So many bytes are missing before the next ones. -1: no memory. */
int outlet_gap(struct outlet *o, uint64_t count);

/* All that the guest has printed was put, or not. */
void outlet_drained(struct outlet *o, bool is_drained, int64_t now);

/* So many bytes of frames were shown in all. -1: never. */
int outlet_ack(struct outlet *o, uint64_t count, int64_t now);

/* Decides, paints, and sends at most `room` bytes. -1: no memory. */
int outlet_turn(struct outlet *o, uint64_t room, int64_t now);

/* Sends whatever waits. Not from inside ears. */
void outlet_flush(struct outlet *o);

/* So much waits that no more should be put. */
bool outlet_is_full(const struct outlet *o);

/* When outlet_turn() is to be called if nothing happens; -1: never. */
int64_t outlet_due(const struct outlet *o, int64_t now);

#endif
