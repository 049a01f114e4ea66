/* SPDX-License-Identifier: ISC */
/* Which of several words a person probably meant who typed another one. Pure. */
#ifndef TERMINAL_NEAR_H
#define TERMINAL_NEAR_H

#include <stdbool.h>

enum { NEAR_MAX = 24 };      /* words of so many bytes and more are near to nothing */

/* meant is nearer than what *best stands for; then *best is its distance. Begin with NEAR_MAX. */
bool near_is(const char *typed, const char *meant, unsigned *best);

#endif
