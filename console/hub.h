/* SPDX-License-Identifier: ISC */
/*
 * The hub: one console for each device that somebody watches; its line to libvirt, its
 * ring, its viewers, its keyboard. The files of this folder share these structs: hub.c
 * makes and ends consoles and carries news of guests and hosts to them, line.c is our end of a
 * line, viewer.c one attachment, keyboard.c who may type.
 */
#ifndef CONSOLE_HUB_H
#define CONSOLE_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "console/inventory.h"
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
	LINE_RETRY_MS = 250,         /* back-off: first pause, */
	LINE_RETRY_MAX_MS = 30000,   /* and the longest */
	BUSY_TRIES = 3,              /* a console that is busy so often in a row is said to be */
	SETTLE_MS = 300,             /* a line's end, or a reset, waits for the news that goes with it */
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
	uint64_t cursor;             /* offset of the next byte to be sent */
	uint64_t since;              /* seconds since the epoch */
	unsigned news;
	uint32_t outstanding;        /* input bytes received and not yet credited */
	uint32_t credit;             /* to be credited with the next message */
	uint32_t lost[3];            /* by enum input_loss, to be told */
	struct buf input;            /* waits for room in the line's window */
};

struct line {
	struct peer peer;
	enum line_state state;
	char text[TEXT_MAX + 1];     /* libvirt's words for a failure */
	bool force_next;             /* the next opening takes the console from whoever has it */
	unsigned failures;           /* in a row */
	uint64_t opened_at;
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
	uint64_t state_at;           /* offset at which the state last changed */
	struct line line;
	struct viewer *viewers;
	struct viewer *holder;       /* of the keyboard */
	uint8_t holder_cause;        /* enum keyboard_cause of the last change */
	char holder_by[USER_MAX + 1];
	struct loop_timer linger, settle;
};

/* -- hub.c -- */
/* The configuration in force; consoles made later have its ring size. Not owned. */
void hub_configure(const struct config *config);

/* The console of a device, made when there is none yet. NULL without memory. */
struct console *hub_console(struct guest *g, const char *alias);

/* News of a guest (enum of inventory_set) and of a host, to all whom they concern. */
void hub_guest_changed(struct guest *g, unsigned changed);
void hub_guest_lost(struct guest *g);        /* undefined: viewers are told and let go; g is freed */
void hub_guest_forgotten(struct guest *g);   /* the same, as its host is not configured any more */
void hub_host_changed(const char *host);

/* The state of c changed: tell its viewers now, or after a moment in which it may settle. */
void hub_tell(struct console *c);
void hub_tell_soon(struct console *c);

/* Its viewers changed: linger, the guest's place in lists. */
void hub_viewers_changed(struct console *c);

/* Is it wanted: has it viewers, or does it linger? */
bool hub_is_wanted(const struct console *c);

/* -- line.c -- */
/* Opens, closes or waits, as the console's present state asks for. */
void line_update(struct console *c);
void line_force(struct console *c);          /* take it from somebody outside */
void line_close(struct console *c, enum line_state state);
/* Moves input of the keyboard's holder to the line as far as its window allows. */
void line_pump(struct console *c);
void line_forget_viewer(struct console *c, const struct viewer *v);

/* -- viewer.c -- */
/* NULL without memory. Starts at the newest byte. */
struct viewer *viewer_new(struct visit *visit, struct console *c, uint32_t handle, bool read_only);
void viewer_free(struct viewer *v);          /* takes it out of console and visit; NULL is fine */
/* Sends what is due as far as the visit's socket takes it. */
void viewer_flush(struct viewer *v);
/* Input from its visitor. 0, or -1: more than its window. */
int viewer_input(struct viewer *v, struct bytes data);
void viewer_credit(struct viewer *v, uint32_t count);
void viewer_drop_input(struct viewer *v, enum input_loss why);
void viewer_gone(struct viewer *v, const char *why);   /* tells it that it is detached, frees it */

/* -- keyboard.c -- */
void keyboard_arrive(struct viewer *v, bool take);
void keyboard_leave(struct viewer *v);
void keyboard_take(struct viewer *v);
void keyboard_give(struct viewer *v);
/* May it type now? Gives it a free keyboard. */
bool keyboard_claim(struct viewer *v);

#endif
