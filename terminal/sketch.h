/* SPDX-License-Identifier: ISC */
/*
 * Draws the menu into rows of text for a screen of any size: names cut to their column,
 * states in words and, where the terminal has them, colours. Pure.
 */
#ifndef TERMINAL_SKETCH_H
#define TERMINAL_SKETCH_H

#include <stdbool.h>

#include "ipc/buf.h"
#include "terminal/menu.h"
#include "terminal/rows.h"

struct sketch {
	bool is_utf8;
	bool has_colour;
};

/* Paints what changed since the last time. */
void sketch_menu(const struct sketch *s, struct menu *m, struct rows *r, struct buf *out);

/* The help page's text into out. */
void sketch_help(struct buf *out);

#endif
