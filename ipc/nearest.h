/* SPDX-License-Identifier: ISC */
/*
 * Which of some words was probably meant by a mistyped one, for "did you mean". Pure.
 */
#ifndef IPC_NEAREST_H
#define IPC_NEAREST_H

#include <stdbool.h>

enum { NEAREST_NONE = 64 };   /* words of more bytes are near to nothing */

/*
 * Is meant nearer than the best so far? Then *best becomes its distance: insertions,
 * deletions, changes and swaps of neighbours. Never when that is more than a third of the
 * longer word. *best is NEAREST_NONE at the beginning; so the first of several stays.
 */
bool nearest_is(const char *typed, const char *meant, unsigned *best);

#endif
