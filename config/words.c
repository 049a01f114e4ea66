/* SPDX-License-Identifier: ISC */
/*
 * The splitter of word lists. value.c calls it; the words it gives have had
 * their quotes removed and nothing else done to them.
 */
#include "config/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

struct word {
	char text[CONFIG_STRING_MAX + 1];
	size_t length;
	bool quoted;
	bool overlong;
};

static void add_bytes(struct word *word, const char *bytes, size_t count)
{
	if (count > CONFIG_STRING_MAX - word->length) {
		word->overlong = true;
		return;
	}
	memcpy(word->text + word->length, bytes, count);
	word->length += count;
}

/* Reads the word at *text and moves on behind it. Returns -1 where a quote stays open. */
static int read_word(const char **text, struct word *word)
{
	const char *at = *text;

	word->length = 0;
	word->quoted = word->overlong = false;
	while (*at && !strchr(BLANKS, *at)) {
		size_t run = strcspn(at, BLANKS "'\"");

		if (run == 0) {
			const char *end = strchr(at + 1, *at);

			if (!end)
				return -1;
			add_bytes(word, at + 1, (size_t)(end - at - 1));
			word->quoted = true;
			at = end + 1;
			continue;
		}
		add_bytes(word, at, run);
		at += run;
	}
	word->text[word->length] = '\0';
	*text = at;
	return 0;
}

/* Says what is wrong with a word that was read; NULL where nothing is. */
static const char *complain(const struct word *word)
{
	if (word->overlong)
		return "a word is too long; expected at most 1023 bytes";
	if (word->length == 0)
		return "an empty word; expected a name between the quotes";
	if (word->quoted)
		return NULL;
	if (word->text[0] == '#')
		return "a word begins with '#'; a comment behind a value begins with ';', "
		       "and a word that is meant so stands in quotes";
	if (word->text[word->length - 1] == ',')
		return "a word ends with ','; expected blanks between words, "
		       "and quotes around a word that is meant so";
	return NULL;
}

static int add_word(struct config_list *list, const char *text)
{
	char **items = reallocarray(list->items, list->count + 1, sizeof(*items));

	if (!items)
		return -1;
	list->items = items;
	items[list->count] = strdup(text);
	if (!items[list->count])
		return -1;
	list->count++;
	return 0;
}

int words_split(const char *text, struct config_list *list, char *why, size_t whysize)
{
	const char *wrong = NULL;
	struct word word;

	list->items = NULL;
	list->count = 0;
	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		if (list->count == CONFIG_LIST_MAX)
			wrong = "too many words; expected at most 64";
		else if (read_word(&text, &word) != 0)
			wrong = "a quote is not closed; expected its other end, with no ' ;' "
				"before it, which begins a comment";
		else
			wrong = complain(&word);
		if (!wrong && add_word(list, word.text) != 0)
			wrong = "out of memory";
		if (wrong)
			goto fail;
	}
	return 0;
fail:
	snprintf(why, whysize, "%s", wrong);
	words_free(list);
	return -1;
}

int words_join(struct config_list *list, struct config_list *more)
{
	char **items;

	if (more->count == 0)
		return 0;
	items = reallocarray(list->items, list->count + more->count, sizeof(*items));
	if (!items)
		return -1;
	memcpy(items + list->count, more->items, more->count * sizeof(*items));
	list->items = items;
	list->count += more->count;
	free(more->items);
	more->items = NULL;
	more->count = 0;
	return 0;
}

void words_free(struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}
