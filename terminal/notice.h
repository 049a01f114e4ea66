/* SPDX-License-Identifier: ISC */
/*
 * The sentences of our own lines on a console: what became of the guest, of its console,
 * of the keyboard, what was lost, what the escape key does. Tables of before, now and
 * text; whoever shows them puts them into `[gate: ...]`. Pure.
 */
#ifndef TERMINAL_NOTICE_H
#define TERMINAL_NOTICE_H

#include <stdbool.h>

#include "ipc/buf.h"
#include "ipc/message.h"

/* What the sentences speak of. Names and texts are already escaped. */
struct notice_about {
	const char *name;            /* the guest's label */
	const char *host;
	const char *text;            /* libvirt's words, "" none */
	const char *escape;          /* "^]", "" there is none: what it could do is left out */
	const char *holder;          /* who has the keyboard */
	const char *by;              /* who caused it */
	uint64_t count;
	uint8_t may;                 /* enum may: what this person may do about it */
	bool is_waiting;             /* for the guest or its console, rather than about to end */
};

/* Each appends whole sentences, an LF after each, or nothing when there is nothing to say. */
void notice_state(struct buf *out, const struct msg_state *before, const struct msg_state *now,
		  const struct notice_about *about);           /* before NULL: the first */
void notice_keyboard(struct buf *out, const struct msg_keyboard *before,
		     const struct msg_keyboard *now, const struct notice_about *about);
void notice_lost(struct buf *out, uint8_t cause, const struct notice_about *about);

/* Single sentences that need no table of changes. */
enum notice_kind {
	NOTICE_GAP,
	NOTICE_GAP_LOGGED,           /* a log on disk has it */
	NOTICE_PAINTED,
	NOTICE_SKIPPED,
	NOTICE_LINEAR,               /* text lines only, from now on; and no longer */
	NOTICE_NOT_LINEAR,
	NOTICE_OTHERS,               /* count others are on this console */
	NOTICE_ONE_OTHER,
	NOTICE_SILENT,               /* nothing came for a second */
	NOTICE_SILENT_NEW,           /* and nothing is kept that could be shown */
	NOTICE_SILENT_WATCHING,      /* the same to one who cannot type now */
	NOTICE_SILENT_WATCHING_NEW,
	NOTICE_SILENT_EVER,          /* and nothing since the guest started */
	NOTICE_NOT_YOURS,            /* typed without the keyboard */
	NOTICE_READING_ONLY,
	NOTICE_MAY_NOT_TYPE,
	NOTICE_NOT_RUNNING,          /* typed to a guest that is off */
	NOTICE_DEAF,                 /* input has waited, and there is no room for more */
	NOTICE_WATCH_ONLY,           /* the access rules have changed */
	NOTICE_TYPE_TOO,
	NOTICE_GONE,                 /* the guest is undefined, or may not be seen any more */
	NOTICE_CONSOLE_LOST,         /* our hub went away */
	NOTICE_CONSOLE_BACK,
	NOTICE_NO_TERMINAL,          /* a guest's name and no terminal */
	NOTICE_RENAMED,              /* by: what it was called */
	NOTICE_MOVED,                /* to another host; by: the same */
	NOTICE_ATTACHING,            /* it takes longer than one would think */
	NOTICE_KINDS
};
void notice_say(struct buf *out, enum notice_kind kind, const struct notice_about *about);

/* The two lines scripts know from virsh console. label is as the guest is called, escaped. */
void notice_banner(struct buf *out, const char *label, int escape);

/* One line of the keys that matter most; and a page of all. What may lacks is left out. */
void notice_reminder(struct buf *out, const char *escape, uint8_t may);
void notice_help(struct buf *out, const char *escape, uint8_t may);

#endif
