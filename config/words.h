/* SPDX-License-Identifier: ISC */
/*
 * Lists of words as the configuration writes them. Pure.
 */
#ifndef CONFIG_WORDS_H
#define CONFIG_WORDS_H

#include <stddef.h>

#include "config/config.h"

/*
 * Splits text at blanks into list, which the caller frees. '...' and "..."
 * group, a backslash is a backslash, and a word has 1 to CONFIG_STRING_MAX
 * bytes. What looks like a comment or a comma is refused, not taken for a name.
 * Returns 0, or -1 with why and an empty list.
 */
int words_split(const char *text, struct config_list *list, char *why, size_t whysize);

/* Moves all of `more` to the end of list. Returns 0, or -1 without memory, nothing moved. */
int words_join(struct config_list *list, struct config_list *more);

/* Frees the items and empties the list. */
void words_free(struct config_list *list);

#endif
