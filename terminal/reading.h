/* SPDX-License-Identifier: ISC */
/*
 * What commands have in common that read one console: asking for it, and saying on standard
 * error what a reader has to know of it. --quiet keeps that back.
 */
#ifndef TERMINAL_READING_H
#define TERMINAL_READING_H

#include "terminal/stage.h"

/* Asks for the guest's console from there on; s->command has --device and --timeout. */
void reading_ask(struct session *s, const char *guest, uint32_t flags, const struct position *from,
		 const struct position *until);

/* The same guest and console again, after console was away or for what comes next. */
void reading_ask_again(struct session *s, uint32_t flags, const struct position *from);

/* For the ears of a stage. has_older: what is not kept here came from disk. */
void reading_attached(struct session *s, const struct msg_attached *m, bool has_older);
void reading_gap(struct session *s, uint64_t count);

/* Says, once, that the console service is away and that this goes on. */
void reading_away(struct session *s);

/* The status with which a state ends who does not wait; 0: it is no end. */
int reading_end(const struct msg_state *m);

/* Says what changed. The status with which a command that does not wait ends; 0 it goes on. */
int reading_state(struct session *s, const struct msg_state *m, bool is_waiting);

/* Takes note of what changed and says nothing, unless it is something that is in the way. */
void reading_expected(struct session *s, const struct msg_state *m);

/* A sentence of ours; nothing with --quiet. */
void reading_say(struct session *s, const char *text);

#endif
