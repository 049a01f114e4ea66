/* SPDX-License-Identifier: ISC */
/*
 * The way of a person's keys on a console: through the escape key, past the question who
 * has the keyboard, to the guest as fast as it gives credit. Part of the attach stage.
 */
#ifndef TERMINAL_TYPING_H
#define TERMINAL_TYPING_H

#include "terminal/stage.h"

/* From the client. How many bytes it took. */
size_t typing_input(struct session *s, const uint8_t *data, size_t len);

/* As if it were typed. */
void typing_put(struct session *s, const uint8_t *data, size_t len);

/* Sends what waits, as far as keyboard and credit allow. */
void typing_send(struct session *s);

/* Nothing was sent for a while, and there is no room for more. */
void typing_full(struct session *s);

/* A terminal's answer that was being left out is over, or never ends. */
void typing_answer_ends(struct session *s);

/* The two timers of the escape key: what is held back; the reminder. */
void typing_flush(struct session *s);
void typing_remind(struct session *s);

#endif
