/* SPDX-License-Identifier: ISC */
/*
 * What a cell of a terminal looks like: attributes and two colours, as SGR sets them
 * (ECMA-48 8.3.117, xterm's ctlseqs), and the SGR that gives it back. Pure.
 */
#ifndef TERMINAL_SCREEN_STYLE_H
#define TERMINAL_SCREEN_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/buf.h"

enum {
	STYLE_DEFAULT = 0,           /* a colour: none set; else 1 + number in the palette, or */
	STYLE_RGB = 0x1000000,       /* this | 24 bits */
	STYLE_DOUBLE = 10, STYLE_CURLY, STYLE_DOTTED, STYLE_DASHED,    /* underlined so */
	STYLE_OVER,                  /* overlined */
	STYLE_LINES = 1 << 4 | 0xf << STYLE_DOUBLE,                    /* any underline */
};

struct style {
	uint32_t front, back;        /* colours */
	uint16_t flags;              /* bit n: attribute n, 1 to 9; then STYLE_DOUBLE and on */
};

/* Applies the numbers of one SGR; joined: bit i, value i was behind a colon. */
void style_set(struct style *s, const uint32_t *values, unsigned count, uint32_t joined);

bool style_is_same(const struct style *a, const struct style *b);

/* The shortest SGR that turns one into the other; nothing when they are the same. */
void style_change(struct buf *out, const struct style *from, const struct style *to);

/* The SGR that turns any style into this one. */
void style_print(struct buf *out, const struct style *s);

#endif
