/* SPDX-License-Identifier: ISC */
/*
 * What a console printed before now, shown on a person's terminal: asked for at the
 * beginning or by a key, filtered, and with a line where it begins and where it ends. Part of
 * the attach stage: all output of the guest goes through here.
 */
#ifndef TERMINAL_REPLAY_H
#define TERMINAL_REPLAY_H

#include "terminal/stage.h"

void replay_init(struct session *s);
void replay_free(struct session *s);

/* Where the attachment shall begin, as the options have it. */
struct position replay_from(const struct session *s);

/* ^] r and ^] R. */
void replay_ask_lines(struct session *s);
void replay_ask_boot(struct session *s);

/* What console says of it. */
void replay_attached(struct session *s, const struct msg_attached *m);
void replay_again(struct session *s, const struct msg_replaying *m);
void replay_boot(struct session *s, const struct msg_boot *m);

/* There was nothing to show, and it is known that nothing else is kept. */
bool replay_is_empty(const struct session *s);

/* Bytes of the guest, old and new. */
void replay_output(struct session *s, const struct msg_output *m);

/* A terminal's answer may be to something that was asked long ago. */
bool replay_is_recent(const struct session *s);

#endif
