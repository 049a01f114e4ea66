/* SPDX-License-Identifier: ISC */
/*
 * The parsers of the option types that are lists. value.c names them in its
 * table. A list that is written again grows: parse reads one line, join adds it.
 */
#include "config/lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/address.h"
#include "config/words.h"

static const char *const methods[CONFIG_METHODS] = {
	[CONFIG_PUBLICKEY] = "publickey",
	[CONFIG_KEYBOARD_INTERACTIVE] = "keyboard-interactive",
	[CONFIG_PASSWORD] = "password",
};

static const struct {
	const char *name;
	enum config_right right;
} rights[] = {
	{"view", CONFIG_MAY_VIEW},   {"type", CONFIG_MAY_TYPE},
	{"power", CONFIG_MAY_POWER}, {"break", CONFIG_MAY_BREAK},
	{"share", CONFIG_MAY_SHARE}, {"add-serial", CONFIG_MAY_ADD_SERIAL},
	{"kick", CONFIG_MAY_KICK},
};

#define RIGHTS (sizeof(rights) / sizeof(rights[0]))

static int check_count(const struct config_option *option, size_t count, char *why, size_t whysize)
{
	if (value_is_within(option, (int64_t)count))
		return 0;
	if (option->min == option->max)
		snprintf(why, whysize, "expected %" PRId64 " words", option->min);
	else
		snprintf(why, whysize,
			 "expected %" PRId64 " to %" PRId64 " words, all lines together",
			 option->min, option->max);
	return -1;
}

/* Splits text into as many words as the option may have. */
static int split(const struct config_option *option, const char *text, struct config_list *list,
		 char *why, size_t whysize)
{
	if (words_split(text, list, why, whysize) != 0)
		return -1;
	if (check_count(option, list->count, why, whysize) == 0)
		return 0;
	words_free(list);
	return -1;
}

int lists_parse_list(const struct config_option *option, const char *text, union value *value,
		     char *why, size_t whysize)
{
	struct config_list *list = &value->list;

	if (split(option, text, list, why, whysize) != 0)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		const char *wrong = option->check(list->items[i]);

		if (wrong) {
			words_free(list);
			return value_expected(why, whysize, wrong);
		}
	}
	return 0;
}

int lists_join_list(const struct config_option *option, void *field, union value *value, char *why,
		    size_t whysize)
{
	struct config_list *list = field;

	if (check_count(option, list->count + value->list.count, why, whysize) != 0)
		return -1;
	return words_join(list, &value->list) == 0 ? 0 : value_out_of_memory(why, whysize);
}

void lists_release_list(void *field)
{
	words_free(field);
}

void lists_release_addresses(void *field)
{
	struct config_addresses *addresses = field;

	free(addresses->items);
	memset(addresses, 0, sizeof(*addresses));
}

int lists_parse_addresses(const struct config_option *option, const char *text, union value *value,
			  char *why, size_t whysize)
{
	struct config_addresses *addresses = &value->addresses;
	struct config_list words;

	if (split(option, text, &words, why, whysize) != 0)
		return -1;
	if (words.count == 0)
		return 0;
	addresses->items = calloc(words.count, sizeof(*addresses->items));
	if (!addresses->items) {
		value_out_of_memory(why, whysize);
		goto fail;
	}
	for (; addresses->count < words.count; addresses->count++)
		if (address_read(words.items[addresses->count],
				 &addresses->items[addresses->count]) != 0) {
			value_expected(why, whysize,
				       "addresses and ports such as 192.0.2.1:2222 or [::]:2222");
			goto fail;
		}
	words_free(&words);
	return 0;
fail:
	words_free(&words);
	lists_release_addresses(addresses);
	return -1;
}

int lists_join_addresses(const struct config_option *option, void *field, union value *value,
			 char *why, size_t whysize)
{
	struct config_addresses *addresses = field, *more = &value->addresses;
	struct config_address *items;

	if (check_count(option, addresses->count + more->count, why, whysize) != 0)
		return -1;
	items = reallocarray(addresses->items, addresses->count + more->count, sizeof(*items));
	if (!items)
		return value_out_of_memory(why, whysize);
	memcpy(items + addresses->count, more->items, more->count * sizeof(*items));
	addresses->items = items;
	addresses->count += more->count;
	lists_release_addresses(more);
	return 0;
}

static int find_method(const char *text, size_t length)
{
	for (int i = 0; i < CONFIG_METHODS; i++)
		if (strlen(methods[i]) == length && memcmp(methods[i], text, length) == 0)
			return i;
	return -1;
}

/* Reads "publickey+keyboard-interactive". -1: an unknown step, or one twice. */
static int read_alternative(const char *word, struct config_alternative *alternative)
{
	for (;;) {
		size_t length = strcspn(word, "+");
		int method = find_method(word, length);

		if (method < 0 || memchr(alternative->steps, method, alternative->count))
			return -1;
		alternative->steps[alternative->count++] = (uint8_t)method;
		if (word[length] == '\0')
			return 0;
		word += length + 1;
	}
}

static bool has_alternative(const struct config_methods *all, const struct config_alternative *one)
{
	for (size_t i = 0; i < all->count; i++)
		if (memcmp(&all->alternatives[i], one, sizeof(*one)) == 0)
			return true;
	return false;
}

int lists_join_methods(const struct config_option *option, void *field, union value *value,
		       char *why, size_t whysize)
{
	struct config_methods *all = field, *more = &value->methods;

	(void)option;
	for (size_t i = 0; i < more->count; i++)
		if (has_alternative(all, &more->alternatives[i]))
			return value_expected(why, whysize, "each alternative once");
	for (size_t i = 0; i < more->count; i++)
		all->alternatives[all->count++] = more->alternatives[i];
	return 0;
}

int lists_parse_methods(const struct config_option *option, const char *text, union value *value,
			char *why, size_t whysize)
{
	struct config_list words;
	int result = 0;

	if (split(option, text, &words, why, whysize) != 0)
		return -1;
	for (size_t i = 0; i < words.count && result == 0; i++) {
		union value one = {.methods.count = 1};

		if (read_alternative(words.items[i], &one.methods.alternatives[0]) != 0)
			result = value_expected(
				why, whysize,
				"publickey, keyboard-interactive or password, or several "
				"different ones of them joined by +");
		else
			result = lists_join_methods(option, &value->methods, &one, why, whysize);
	}
	words_free(&words);
	return result;
}

static unsigned find_right(const char *word)
{
	for (size_t i = 0; i < RIGHTS; i++)
		if (strcmp(rights[i].name, word) == 0)
			return rights[i].right;
	return 0;
}

int lists_parse_rights(const struct config_option *option, const char *text, union value *value,
		       char *why, size_t whysize)
{
	struct config_list words;
	int result = 0;

	if (split(option, text, &words, why, whysize) != 0)
		return -1;
	for (size_t i = 0; i < words.count && result == 0; i++) {
		unsigned right = find_right(words.items[i]);

		value->rights |= right;
		if (!right)
			result = value_expected(
				why, whysize,
				"words out of view type power break share add-serial kick");
	}
	words_free(&words);
	return result;
}

int lists_join_rights(const struct config_option *option, void *field, union value *value,
		      char *why, size_t whysize)
{
	unsigned *all = field;

	(void)option, (void)why, (void)whysize;
	*all |= value->rights;
	return 0;
}
