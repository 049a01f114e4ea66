/* SPDX-License-Identifier: ISC */
/*
 * Typing slowly, by the escape key: what a person pastes waits here and goes to the guest
 * at the pace of its echo (pace.h). Part of the attach stage; typing.c sends.
 */
#ifndef TERMINAL_PASTING_H
#define TERMINAL_PASTING_H

#include "terminal/stage.h"

/* Begins; or stops at once, and what was not sent is dropped. */
void pasting_toggle(struct session *s);

/* Something was sent, or no more is coming: waits on, or it is done. */
void pasting_go_on(struct session *s);
void pasting_end(struct session *s, const char *how);

/* The guest's output, its time, and the time to tell how far it is. */
void pasting_output(struct session *s, const uint8_t *data, size_t len);
void pasting_time(struct session *s);
void pasting_progress(struct session *s);

#endif
