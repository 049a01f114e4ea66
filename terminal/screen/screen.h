/* SPDX-License-Identifier: ISC */
/*
 * The screen of a terminal that is fed with what the guest prints: libvterm understands the
 * bytes, the picture is ours. It has the size of the visitor's window. Bytes of a long run
 * of plain lines that would scroll away anyway are only looked at, to the same effect as
 * if each had been fed. It answers no query and writes nothing.
 */
#ifndef TERMINAL_SCREEN_SCREEN_H
#define TERMINAL_SCREEN_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "terminal/screen/picture.h"
#include "terminal/screen/track.h"

struct screen;

/* NULL: too large a window (PICTURE_GLYPHS_MAX), or no memory. */
struct screen *screen_new(unsigned rows, unsigned cols);
void screen_free(struct screen *s);

void screen_feed(struct screen *s, const uint8_t *in, size_t len);

/*
 * The same for who holds bytes back: how many it took. The last screenful of plain lines is
 * left, as more of them may push it away; it comes again in front of what follows.
 */
size_t screen_skim(struct screen *s, const uint8_t *in, size_t len);

/* 0, or -1 as screen_new(): then it is of no use any more. */
int screen_resize(struct screen *s, unsigned rows, unsigned cols);

/* Not inside a sequence or a character. */
bool screen_is_between(const struct screen *s);

/* What it shows now: the screen's own. */
const struct picture *screen_picture(const struct screen *s);

#endif
