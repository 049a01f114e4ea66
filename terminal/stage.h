/* SPDX-License-Identifier: ISC */
/*
 * What session.c and the stages of a session share: the struct behind session.h, and how
 * a stage is entered. A stage is what the person has in front of them: the menu (browse.c),
 * a console (attach.c), a command (run.c). Only these files include it.
 */
#ifndef TERMINAL_STAGE_H
#define TERMINAL_STAGE_H

#include "terminal/command.h"
#include "terminal/escape.h"
#include "terminal/filter.h"
#include "terminal/guests.h"
#include "terminal/keys.h"
#include "terminal/linear.h"
#include "terminal/menu.h"
#include "terminal/pace.h"
#include "terminal/past.h"
#include "terminal/prompt.h"
#include "terminal/report.h"
#include "terminal/rows.h"
#include "terminal/session.h"
#include "terminal/sketch.h"
#include "terminal/talk.h"
#include "terminal/view.h"
#include "terminal/visit.h"

enum {
	SHOWN_NAME_SIZE = 4 * GUEST_LABEL_MAX, /* a label, escaped; longer ones are cut */
	TYPED_MAX = 65536,      /* input that waits for credit; more is not taken */
	DETACH_KEEP = 1024,     /* more output than this is dropped when the person leaves */
	RETRY_MS = 1000,        /* between attempts to attach again */
	RETRIES = 60,
};

/* The functions may be NULL. */
struct stage {
	const struct visit_ears *ears;             /* never NULL */
	/* How many bytes it took. The stage may have changed when it returns. */
	size_t (*input)(struct session *s, const uint8_t *data, size_t len);
	void (*input_end)(struct session *s);
	void (*resized)(struct session *s);
	void (*turn)(struct session *s);           /* after every poll */
	int64_t (*due)(struct session *s);         /* when turn is wanted, in ms; -1 never */
	void (*away)(struct session *s);           /* console is gone, or (is_away) not back yet */
	void (*back)(struct session *s);           /* there is a new visit */
	void (*leave)(struct session *s);          /* the terminal is to be put back */
};

/* The peers and the guest that an info brings together. */
struct dossier {
	bool has_guest;
	struct msg_guest guest;
	struct msg_peer *peers;
	size_t count;
};

struct browse {
	bool is_chosen; /* the person asked for the menu: a single guest is no reason to skip it */
	bool is_dirty;
	bool is_listed;            /* dumb terminals: the list was printed */
	struct menu menu;
	struct sketch sketch;
	struct rows rows;
	struct prompt prompt;
	struct keys keys;
	int64_t held_at;           /* ms; -1 nothing is held */
	struct dossier *about;     /* of the info asked for */
};

enum attach_timer {
	TIMER_HELD, TIMER_REMIND, TIMER_WAITING, TIMER_BOTTOM, TIMER_SILENT, TIMER_END, TIMER_SLOW,
	TIMER_RETRY, TIMER_FULL, TIMER_PACE, TIMER_PROGRESS,
	TIMER_ANSWER, TIMER_LATE, TIMER_LINEAR, TIMER_COUNT
};

struct replay {
	bool is_on;                /* what comes is old */
	uint8_t asked;             /* enum position_kind, by a key */
	struct past past;
	struct filter filter, strict;      /* of what is old; of what is live */
	struct buf tail;           /* filtered, not shown yet */
	int64_t recent;            /* ms: until then answers of the terminal count as late ones */
};

/* What a person is asked before something is done to the guest. */
struct acting {
	uint8_t asks;              /* enum acting_asks in acting.c; 0 nothing */
	uint8_t act;               /* enum guest_act; 0: the size of the window */
	uint8_t key;
};

struct attach {
	char phrase[GUEST_PHRASE_MAX + 1];
	char device[ALIAS_MAX + 1];
	uint32_t flags;            /* enum attach_flag */
	struct position from;
	struct attachment at;
	struct command_options options;
	bool is_from_menu;         /* detaching leads back there */
	bool is_bare;

	bool is_attached;
	bool is_returning;         /* console went away; this is not the first time */
	unsigned retries;
	struct msg_attached info;
	char name[SHOWN_NAME_SIZE];        /* escaped label */
	char host[SHOWN_NAME_SIZE];
	bool has_state, has_keyboard;
	struct msg_state state;
	struct msg_state late;     /* told at TIMER_LATE, unless another comes */
	struct msg_keyboard keyboard;

	struct talk talk;
	struct linear *linear;     /* text lines only; NULL: as the guest prints it */
	int64_t linear_since, linear_at;   /* ms: the first output that may not be shown, the last */
	struct view view;          /* with a terminal: the way of talk's bytes to it */
	struct escape escape;
	char escape_name[ESCAPE_NAME_SIZE];
	struct buf typed;
	bool has_seen_output;
	bool is_deaf;              /* the guest takes nothing: what has no room is dropped */
	bool has_complained;       /* about typing without the keyboard, since it last changed */
	struct buf pages;          /* help that waits for a key */
	struct buf who;            /* answers to `who` as they come */
	struct replay replay;
	struct acting acting;
	struct pace pace;
	bool in_answer;            /* the terminal's, and nobody wants it */
	int64_t due[TIMER_COUNT];  /* ms; -1 off */
};

/* One console that a command reads: reading.c. */
struct reading {
	struct attachment at;
	struct msg_attach wish;
	bool is_known;
	struct msg_attached info;
	char name[SHOWN_NAME_SIZE], host[SHOWN_NAME_SIZE];     /* escaped */
	bool has_state;
	struct msg_state state;
};

struct log;                        /* of run_log.c */
struct hunt;                       /* of run_hunt.c */
struct watch;                      /* of run_watch.c */

struct session {
	const struct stage *stage;
	struct visit visit;
	struct buf out, err;
	bool is_over, wants_visit;
	bool is_away;              /* console is, and the person knows */
	int status;

	char *user, *user_shown, *address, *notice, *whole, *public_url;
	unsigned port;
	bool is_linear;            /* the person wants text lines: the menu, too, is a list */
	bool has_terminal, is_dumb, is_utf8, has_colour;
	unsigned rows, cols;
	int escape_key;
	const struct link *link;
	int slow_link;
	bool is_strict;

	struct guests guests;
	bool is_listing;           /* a whole list is on its way */
	bool is_watching;

	struct command command;
	struct browse browse;
	struct attach attach;
	struct dossier dossier;
	struct report report;
	struct reading reading;
	struct log *log;
	struct hunt *hunt;
	struct watch *watch;
	int64_t run_due;           /* of a command's --timeout, ms; -1 none */
	bool input_ended;          /* there is no more from the client */
	bool holds_visit;          /* what was read last is not shown yet: read no more */
};

/* Leaves the present stage and enters another. */
void session_enter(struct session *s, const struct stage *stage);
void session_end(struct session *s, int status);

/* A sentence as a line of ours, outside a console: `[gate: ...]`. text is escaped. */
void session_say(struct session *s, const char *text);

/* Lines with LF to standard output, as the terminal wants them. */
void session_print(struct session *s, const char *text, size_t len);

/* What PAM wanted said at login, once. */
void session_tell_notice(struct session *s, struct buf *lines);

/* Foreign text made safe for this person's terminal. The length of out. */
size_t session_escape(const struct session *s, char *out, size_t size, const char *text);

/* The list, kept up to date from now on; or once. */
void session_list(struct session *s, bool watch);

/* For every stage that keeps the list current. */
void session_hear_guest(void *who, const struct msg_guest *m);
void session_hear_guest_gone(void *who, const struct msg_guest_gone *m);
void session_hear_list_end(void *who, const struct msg_list_end *m);

/* browse.c. message: escaped, for the bottom row, "" none. */
void browse_start(struct session *s, bool is_chosen, const char *message);
void browse_free(struct session *s);

/* attach.c. options apply; flags are added to what they say. */
void attach_start(struct session *s, const char *phrase, const struct command_options *options,
		  uint32_t flags, bool is_from_menu);
void attach_free(struct session *s);

/* run.c: the command of the exec request. */
void run_start(struct session *s, const char *line);
void run_usage(struct session *s);
void run_free(struct session *s);          /* what its commands keep */
/* alice+web1+read-only: a guest and options, and no command beside them. */
void run_named(struct session *s, const struct session_start *start);
/* The command that was probably meant by a guest's name nobody knows; NULL none. */
const char *run_nearest_verb(const char *name);

/* For both that ask for an info. */
void dossier_clear(struct dossier *d);
void dossier_add(struct dossier *d, const struct msg_peer *m);

#endif
