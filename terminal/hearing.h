/* SPDX-License-Identifier: ISC */
/*
 * What console says about the console that a person is on, and what the person gets to
 * see of it. Part of the attach stage.
 */
#ifndef TERMINAL_HEARING_H
#define TERMINAL_HEARING_H

#include "terminal/stage.h"

extern const struct visit_ears hearing_ears;

/* A state that might have passed has not. */
void hearing_late(struct session *s);

#endif
