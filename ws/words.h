/* SPDX-License-Identifier: ISC */
/* The words of serialgate.v1 for the numbers of ipc/message.h. Pure. */
#ifndef WS_WORDS_H
#define WS_WORDS_H

#include <stdint.h>

/* -1: there is none of that name. */
int words_find_act(const char *word);
int words_find_position(const char *word);

/* "unknown" for a number without a word. */
const char *words_position(uint8_t kind);
const char *words_line(uint8_t line);
const char *words_keyboard(uint8_t cause);
const char *words_loss(uint8_t cause);
const char *words_guest_cause(uint8_t cause);   /* "" for none */
const char *words_result(uint8_t result);
const char *words_endpoint(uint8_t endpoint);

/* The rights of a mask (enum config_right), blanks between; valid until the next call. */
const char *words_rights(uint8_t may);

#endif
