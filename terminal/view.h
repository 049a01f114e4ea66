/* SPDX-License-Identifier: ISC */
/*
 * The way of a console's bytes to a person's terminal: as they are while the link keeps up
 * with them, else the guest's screen painted at the pace of the link, or the newest bytes
 * only. It follows what the terminal shows, so that either way can go on where the other
 * stopped. Pure but for memory: times are passed in, in microseconds.
 *
 * The owner writes into view_buffer(), hands the bytes of `out` to the link as link_room()
 * lets it, tells of them with view_sent() before it drops them, and calls view_turn().
 */
#ifndef TERMINAL_VIEW_H
#define TERMINAL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/link.h"
#include "terminal/screen/paint.h"
#include "terminal/screen/screen.h"

enum {
	VIEW_LATE_US = 300000,       /* bytes that wait longer, beyond the round trip, are late */
	VIEW_TOO_LATE_US = 1000000,  /* and then it does not matter what the link should take */
	VIEW_BEHIND_US = 500000,     /* so is a reader who did not get to the newest byte for so long, */
	VIEW_BEHIND_RATE = 1000000,  /* unless it reads so many bytes a second */
	VIEW_FRAME_US = 250000,      /* a frame takes the link no longer */
	VIEW_PAUSE_US = 30000,       /* between two frames */
	VIEW_NAP_US = 10000,         /* at least, before anything is decided anew */
	VIEW_CALM_US = 250000,       /* what comes in this time is compared with the link */
	VIEW_STAGED_MAX = 262144,
	VIEW_STAGED_LOW = 16384,     /* so many are looked at together */
	VIEW_LAG_MAX = 32768,        /* held back from the screen: most of a flood need not be fed */
	VIEW_TAIL_MAX = 4096,        /* newest bytes that are kept while bytes are skipped */
};

/* In the order of enum config_slow_link. */
enum view_policy { VIEW_PAINT, VIEW_SKIP, VIEW_RAW };

struct view {
	struct buf *out;             /* the owner's */
	const struct link *link;     /* the owner's; NULL: always raw */
	unsigned rows, cols;
	enum view_policy policy;
	bool is_slow;                /* painting, or skipping */
	bool is_covered;             /* a page of ours stands on the terminal: no frames */
	bool is_stopped;             /* and the link takes nothing at all */
	struct screen *screen;       /* what the terminal shows; while painting, what the guest shows;
				      * NULL while nobody has needed it */
	struct paint paint;
	bool is_known;               /* what stands on the terminal is what the screen has */
	struct buf staged;           /* while it is slow: not looked at yet */
	struct buf lag;              /* bytes that have left, and that the screen is still to be fed */
	size_t done;                 /* bytes at the start of out that the screen need not be fed */

	uint64_t sent;               /* bytes that have left */
	uint64_t asked;              /* until so many have, nothing is late: see view_ask() */
	uint64_t until;              /* when so many have, those waiting at `since` have left */
	int64_t since;
	bool is_drained;             /* the newest byte has been read, */
	int64_t drained_at;          /* or had when the last was read that is all there was */
	uint64_t drained_sent;

	int64_t framed_at;           /* when the last frame was written */
	uint64_t taken;              /* bytes while it is slow, */
	int64_t weighed_at;          /* and up to when they were compared with the link: */
	uint64_t weighed;
	bool is_calm;                /* it could have carried them */
	uint64_t scrolled;           /* rows that had gone when it became slow */
	uint64_t missed;             /* bytes that never came, while it is slow */
	uint64_t skipped;            /* bytes to tell of; 0 none */
	struct buf tail;             /* while bytes are skipped: the newest */
};

void view_init(struct view *v, struct buf *out, const struct link *link, enum view_policy policy,
	       unsigned rows, unsigned cols);
void view_free(struct view *v);

/* Where bytes for the terminal go just now: may be another after each view_turn(). */
struct buf *view_buffer(struct view *v);
/*
 * There is enough to be looked at: call view_turn() before more is written. Or it is of no use to
 * look at anything, until the link takes something again.
 */
bool view_is_full(const struct view *v);

/* The first bytes of out leave; data is where they are. */
void view_sent(struct view *v, const uint8_t *data, size_t len);

/* Something was read: it was all that the guest has printed, or not. */
void view_drained(struct view *v, bool is_drained, int64_t now);

/* So many bytes did not come: the hub has overtaken its reader. */
void view_missed(struct view *v, uint64_t count);

/*
 * What is written from now on was asked for: it goes as it is, at the pace of the link, up to
 * what is the last when it is off. Who types meanwhile wants to see the guest: view_hurry().
 */
void view_ask(struct view *v, bool is_on);
void view_hurry(struct view *v);

/* What stands on the terminal is up to the terminal. */
void view_resize(struct view *v, unsigned rows, unsigned cols);

/*
 * A page of ours instead of the guest's screen; another one instead of that. What was written
 * must end between two sequences. False: nothing here can paint the screen again, so no page
 * is shown. view_uncover() has it painted.
 */
bool view_cover(struct view *v, const void *page, size_t len, int64_t now);
void view_uncover(struct view *v);

/* Decides, and paints. */
void view_turn(struct view *v, int64_t now);

/* After view_turn(): when it is to be called again, if nothing else happens; -1: never. */
int64_t view_due(const struct view *v, int64_t now);

/*
 * Once after it was slow: how many bytes the person has not seen pass by; 0 none. Who then
 * says so calls view_turn() again: the newest bytes come behind that.
 */
uint64_t view_take_skipped(struct view *v);

#endif
