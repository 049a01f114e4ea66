/* SPDX-License-Identifier: ISC */
/*
 * The hub: one console for each device that somebody watched or that is captured; its line
 * to libvirt, its ring, its viewers, its keyboard. The files of this folder share these
 * structs: hub.c carries news of guests and hosts to consoles, keep.c makes and ends them,
 * line.c is our end of a line, viewer.c one attachment, output.c what is sent to it,
 * keyboard.c who may type.
 */
#ifndef CONSOLE_HUB_H
#define CONSOLE_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "console/inventory.h"
#include "console/left.h"
#include "console/ring.h"
#include "ipc/buf.h"
#include "ipc/peer.h"

struct visit;
struct config;

enum {
	CREDIT_PIECE = INPUT_WINDOW / 4,  /* credit is told in pieces no smaller than this */
	LINE_SEGMENTS = 64,          /* stretches of unacknowledged input by different viewers */
	LINE_STUCK_MS = 5000,        /* input unread for so long: the line is opened anew, */
	LINE_STUCK_EVERY_MS = 30000, /* at most so often */
	LINE_ASK_MS = 2000,          /* a line that ended waits so long for news of its guest */
	LINE_RETRY_MS = 250,         /* back-off: first pause, */
	LINE_RETRY_MAX_MS = 30000,   /* and the longest */
	BUSY_TRIES = 3,              /* a console that is busy so often in a row is said to be */
	LINE_LET_GO_MS = 5000,       /* unless it was ours: libvirt lets go of it within that time */
	SETTLE_MS = 300,             /* a reset, or why a line does not open, waits for the news that */
	SETTLE_END_MS = 2000,        /* goes with it; a line's end, and lines of so new a run, so long, */
	SETTLE_MAX_MS = 8000,        /* and while libvirt does not answer no longer than that */
	MERGE_MS = 1,                /* output that follows other output so soon goes out with */
	MERGE_BYTES = 4096,          /* what comes next, until it is so much; with many viewers */
	MERGE_COST = 10,             /* until so many times as long as passing it on takes, */
	MERGE_MAX_MS = 20,           /* but no longer */
	SAME_BOOT_BYTES = 256,       /* a reset after no more output than that, */
	SAME_BOOT_SECONDS = 5,       /* and so soon, is of the same boot: firmware resets, too */
	CONSOLES_KEPT_MAX = 4096,    /* beyond, the longest unwatched goes */
};

/* Pending news of a viewer: one value a kind, fetched when it is sent, never a queue. */
enum { NEWS_STATE = 1, NEWS_KEYBOARD = 2 };

struct viewer {
	struct viewer *next;         /* of the console */
	struct viewer *next_of_visit;
	struct console *console;
	struct visit *visit;
	uint32_t handle;
	bool may_type;               /* the right, and not read-only */
	bool read_only;              /* asked for at attach */
	bool is_reader;              /* reads what is kept; for all others it is not there */
	bool has_stamps;             /* wants to know when what was printed */
	bool wants_credit;           /* for every byte at once */
	uint64_t cursor;             /* offset of the next byte to be sent */
	uint64_t until;              /* no byte from there on is sent */
	uint64_t live;               /* bytes before are a replay, */
	uint64_t boot_from;          /* and boots from there on have not been told */
	uint64_t stamp_from;         /* bytes from there on have no stamp yet */
	uint64_t seen;               /* no byte from there on was ever sent */
	uint64_t number;             /* of the attachment, for the audit */
	uint64_t bytes_in, bytes_out;/* to the guest, from the guest */
	uint64_t typed_at;           /* ms of loop_now(): its last key, or when it got the keyboard */
	uint64_t since;              /* seconds since the epoch */
	unsigned news;
	uint32_t outstanding;        /* input bytes received and not yet credited */
	uint32_t credit;             /* to be credited with the next message */
	uint32_t lost[3];            /* by enum input_loss, to be told */
	struct buf input;            /* waits for room in the line's window */
};

struct line {
	struct peer peer;
	enum line_state state, told; /* as it is; as viewers know it while it settles */
	char text[TEXT_MAX + 1];     /* libvirt's words for a failure */
	bool force_next;             /* the next opening takes the console from whoever has it */
	bool asked;                  /* it ended, and the guest's state was asked for */
	unsigned failures;           /* in a row */
	uint64_t opened_at, ended_at;
	uint64_t cut_at;             /* when it ended without being closed in order, 0 never */
	uint64_t stuck_at;           /* when it was last opened anew for that, 0 never */
	struct loop_timer retry, stuck;
	uint32_t unacked;            /* input bytes at the line */
	struct { struct viewer *viewer; uint32_t count; } sent[LINE_SEGMENTS];
	unsigned first, nsent;       /* a queue in sent[] */
};

struct console {
	struct console *next;        /* of the guest */
	struct guest *guest;
	char alias[ALIAS_MAX + 1];
	struct ring ring;
	uint64_t epoch;
	uint64_t boot;               /* offset at which this run of the guest began, */
	bool knows_boot;             /* if it began while this console was watched */
	uint64_t run_at;             /* when that was, ms of loop_now(); 0 before the first one */
	uint64_t line_from;          /* offset at which the present line, or the last one, began */
	uint64_t state_at;           /* offset at which the state last changed */
	uint64_t flushed;            /* offset up to which viewers were offered what there is, */
	uint64_t flushed_at;         /* when, ms of loop_now(), */
	uint64_t merge_ms;           /* and for how long what comes then is gathered */
	bool is_awaited;             /* input went to the line since then: an echo is due */
	bool is_watched;
	uint64_t unwatched;          /* ms of loop_now() from which on it was not */
	struct left left;
	uint32_t log;                /* number of its log on disk, 0: none was opened */
	uint64_t log_from;           /* offset of its first byte, */
	uint64_t logged;             /* and of the next one for it */
	uint64_t log_boot_from;      /* boots from there on have not been told it */
	struct console *next_to_log; /* logging's queue */
	bool is_to_log;
	struct line line;
	struct viewer *viewers;
	struct viewer *holder;       /* of the keyboard */
	uint8_t holder_cause;        /* enum keyboard_cause of the last change */
	char holder_by[USER_MAX + 1];
	struct loop_timer linger, settle, merge;
};

/* -- keep.c -- */
/* The configuration in force; consoles made later have its ring. Not owned. */
void keep_configure(const struct config *config);

/* The console of a device. NULL: there is none; for keep_console(), which makes it: no memory. */
struct console *keep_find(const struct guest *g, const char *alias);
struct console *keep_console(struct guest *g, const char *alias);
void keep_free(struct console *c);           /* its viewers must be gone */

/* Opens what is to be captured of a guest. */
void keep_capture(struct guest *g);

/* Is its line wanted: has it viewers, does it linger, is it captured? */
bool keep_is_wanted(const struct console *c);

/* Its viewers changed: linger, the guest's place in lists. */
void keep_viewers_changed(struct console *c);

/* The same for consoles that came to a guest, or left it. */
void keep_describe(struct guest *g);

/* Its ring holds more than it did: others that nobody watches may have to go. */
void keep_grew(struct console *c, size_t held_before);

/* -- hub.c -- */
/* News of a guest (enum of inventory_set) and of a host, to all whom they concern. */
void hub_guest_changed(struct guest *g, unsigned changed);
void hub_guest_left(struct guest *g);        /* its host knows it no more: it moves, or is lost */
void hub_guest_lost(struct guest *g);        /* undefined: viewers are told and let go; g is freed */
void hub_guest_forgotten(struct guest *g);   /* the same, as its host is not configured any more */
void hub_host_changed(const char *host);

/* The state of c changed: tell its viewers now, or after ms in which it may settle. */
void hub_tell(struct console *c);
void hub_tell_within(struct console *c, unsigned ms);
/* What they are told of its line. */
enum line_state hub_line_told(const struct console *c);

/* The guest printed something. */
void hub_output(struct console *c, struct bytes data);

/* -- line.c -- */
/* Opens, closes or waits, as the console's present state asks for. */
void line_update(struct console *c);
void line_force(struct console *c);          /* take it from somebody outside */
void line_news(struct console *c);           /* its guest's state came, changed or not */
void line_close(struct console *c, enum line_state state);
/* It ended, and libvirt has not said yet whether its guest did. */
bool line_is_unclear(const struct console *c);
/* Moves input of the keyboard's holder to the line as far as its window allows. */
void line_pump(struct console *c);
void line_forget_viewer(struct console *c, const struct viewer *v);

/* -- viewer.c -- */
/* What an attachment is; from and until are places in c's ring. */
struct viewer_wish {
	uint32_t handle;
	bool read_only, is_reader, has_stamps, wants_credit;
	uint64_t from, until;
};
/* NULL without memory. */
struct viewer *viewer_new(struct visit *visit, struct console *c, const struct viewer_wish *wish);
void viewer_free(struct viewer *v);          /* takes it out of console and visit; NULL is fine */
/* Where its user left this console, POSITION_NEVER: never, or still here. */
uint64_t viewer_left(const struct visit *visit, const struct console *c);
/* Output goes on from there; what is before the head is a replay. */
void viewer_replay(struct viewer *v, uint64_t from);
/* Input from its visitor. 0, or -1: more than its window. */
int viewer_input(struct viewer *v, struct bytes data);
void viewer_credit(struct viewer *v, uint32_t count);
void viewer_drop_input(struct viewer *v, enum input_loss why);
/* Tells it that it is detached, and frees it. */
void viewer_gone(struct viewer *v, enum refusal how, const char *why);
/* Of a console: those who are not readers. */
unsigned viewer_count(const struct console *c);

/* -- output.c -- */
/* Sends what is due to a viewer as far as the visit's socket takes it. */
void output_flush(struct viewer *v);
/* Its present state, for output_flush and for its farewell. */
void output_fill_state(struct msg_state *m, const struct viewer *v);

/* -- keyboard.c -- */
void keyboard_arrive(struct viewer *v, bool take);
void keyboard_leave(struct viewer *v);
void keyboard_take(struct viewer *v);
void keyboard_give(struct viewer *v);
/* May it type now? Gives it a free keyboard, and one whose holder has been idle for long. */
bool keyboard_claim(struct viewer *v);
/* A new configuration: when a keyboard counts as idle (ms; 0: never). */
void keyboard_configure(uint64_t idle);

#endif
