/* SPDX-License-Identifier: ISC */
/*
 * The text of `send`: bytes as they are, and \r \n \t \e \xHH \\ for those that one cannot
 * write on a command line. A backslash before anything else is itself. Pure.
 */
#ifndef TERMINAL_SPELL_H
#define TERMINAL_SPELL_H

#include <stddef.h>
#include <stdint.h>

/*
 * text may be out itself; the result is never longer. 0 and *len; -1: \x without two hex
 * digits, and *len is where.
 */
int spell_read(uint8_t *out, size_t *len, const char *text);

#endif
