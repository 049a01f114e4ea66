/* SPDX-License-Identifier: ISC */
/*
 * Foreign text made safe to print: names of guests and users, libvirt's and PAM's
 * words, log lines. Control characters of both sets, bidirectional controls, other
 * invisible or line-breaking code points and broken UTF-8 become \xNN or \u{NNNN};
 * nothing that is left moves a cursor, changes a mode or turns text around. Pure.
 */
#ifndef IPC_TEXT_H
#define IPC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Escapes len bytes into out, always NUL-terminated, cut at a whole character where it
 * does not fit (an escape takes at most 10 bytes). The length of out.
 */
size_t text_escape(char *out, size_t size, const char *in, size_t len);

/* The same for terminals without UTF-8: everything beyond ASCII is escaped, too. */
size_t text_escape_ascii(char *out, size_t size, const char *in, size_t len);

/* Columns that escaped text takes (wcwidth(3): wants an UTF-8 LC_CTYPE). */
size_t text_columns(const char *s);

/* How many bytes of s fill at most `columns` columns, never cutting a character. */
size_t text_fit(const char *s, size_t columns);

/*
 * Decodes one code point of UTF-8 (RFC 3629: shortest form, no surrogates). Its length
 * in bytes; 0 when it is broken or cut off.
 */
size_t text_decode(uint32_t *point, const uint8_t *in, size_t len);

#endif
