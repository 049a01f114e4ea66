/* SPDX-License-Identifier: ISC */
/*
 * Whether one screen becomes another with fewer bytes when it is scrolled up first: for
 * paint.c. Pure.
 */
#ifndef TERMINAL_SCREEN_SCROLL_H
#define TERMINAL_SCREEN_SCROLL_H

#include "terminal/screen/picture.h"

/* By how many rows, of two pictures of the same size; 0: not at all. */
unsigned scroll_best(const struct picture *shown, const struct picture *now);

#endif
