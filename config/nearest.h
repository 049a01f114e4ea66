/* SPDX-License-Identifier: ISC */
/*
 * The nearest of some words to a mistyped one, for "did you mean". Pure.
 */
#ifndef CONFIG_NEAREST_H
#define CONFIG_NEAREST_H

#include <stddef.h>

/*
 * Returns the word that takes the fewest insertions, deletions and changes of a
 * character and swaps of two, the first of several; NULL if none is near enough
 * to be meant (more than a third of the longer one), or if word is over 64 bytes.
 */
const char *nearest_find(const char *word, const char *const *words, size_t count);

#endif
