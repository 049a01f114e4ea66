/* SPDX-License-Identifier: ISC */
/*
 * Pages of ours on a console, which a key leads on: behind one another like the guest's own
 * lines; over a full-screen program instead of its screen, which is painted again afterwards;
 * where nobody can paint it, in single lines on its bottom row. Part of the attach stage.
 */
#ifndef TERMINAL_PAGING_H
#define TERMINAL_PAGING_H

#include "terminal/stage.h"

/* Lines with LF, escaped. The keys after the escape key: */
void paging_help(struct session *s, const char *text, size_t len);

/* Anything, over a full-screen program; false: there is none, or it could not be painted again. */
bool paging_cover(struct session *s, const char *text, size_t len);

/* One key is for the page, what is typed behind it for whoever is next: how many bytes it took. */
bool paging_is_on(const struct session *s);
size_t paging_key(struct session *s, const uint8_t *data, size_t len);

void paging_end(struct session *s);

#endif
