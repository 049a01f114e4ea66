/* SPDX-License-Identifier: ISC */
/*
 * The parsers of the option types, as rows of value_types[] (at the end). A
 * type more is a row there and an enumerator in options.h. A parser knows its
 * option by the row alone, and leaves nothing behind when it fails.
 */
#include "config/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/lists.h"
#include "config/units.h"
#include "config/words.h"

int value_expected(char *why, size_t whysize, const char *what)
{
	snprintf(why, whysize, "expected %s", what);
	return -1;
}

int value_out_of_memory(char *why, size_t whysize)
{
	snprintf(why, whysize, "out of memory");
	return -1;
}

bool value_is_within(const struct config_option *option, int64_t number)
{
	return number >= option->min && number <= option->max;
}

static int parse_integer(const struct config_option *option, const char *text, union value *value,
			 char *why, size_t whysize)
{
	int64_t number = units_read_digits(&text);

	if (*text || !value_is_within(option, number)) {
		snprintf(why, whysize, "expected a number from %" PRId64 " to %" PRId64,
			 option->min, option->max);
		return -1;
	}
	value->integer = (int)number;
	return 0;
}

/* Reads what parse_duration and parse_size have in common; -1 with why. */
static int64_t read_units(const struct config_option *option, const char *text,
			  const struct units *units, const char *what, char *why, size_t whysize)
{
	int64_t number = units_read(text, units);
	char least[32], most[32];

	if (value_is_within(option, number))
		return number;
	units_show(option->min, units, least, sizeof(least));
	units_show(option->max, units, most, sizeof(most));
	snprintf(why, whysize, "expected %s, from %s to %s", what, least, most);
	return -1;
}

static int parse_duration(const struct config_option *option, const char *text, union value *value,
			  char *why, size_t whysize)
{
	value->duration = read_units(option, text, units_time, "a time such as 30s, 2m or 1h30m",
				     why, whysize);
	return value->duration < 0 ? -1 : 0;
}

static int parse_size(const struct config_option *option, const char *text, union value *value,
		      char *why, size_t whysize)
{
	int64_t size =
		read_units(option, text, units_size, "a size such as 256KiB or 1MiB", why, whysize);

	value->size = (size_t)size;
	return size < 0 ? -1 : 0;
}

/* Only a string that begins with a quote has quotes: a path may hold any byte. */
static char *unquote(const char *text, char *why, size_t whysize)
{
	struct config_list words;
	char *string = NULL;

	if (text[0] != '"' && text[0] != '\'') {
		string = strdup(text);
		if (!string)
			value_out_of_memory(why, whysize);
		return string;
	}
	if (words_split(text, &words, why, whysize) != 0)
		return NULL;
	if (words.count == 1) {
		string = words.items[0];
		words.count = 0;
	} else {
		value_expected(why, whysize, "one word in quotes");
	}
	words_free(&words);
	return string;
}

static int parse_string(const struct config_option *option, const char *text, union value *value,
			char *why, size_t whysize)
{
	char *string = unquote(text, why, whysize);
	const char *wrong = NULL;
	size_t length;

	if (!string)
		return -1;
	length = strlen(string);
	if (length > 0 || option->min > 0)
		wrong = option->check(string);
	value->string = string;
	if (!wrong && value_is_within(option, (int64_t)length))
		return 0;
	if (wrong)
		value_expected(why, whysize, wrong);
	else
		snprintf(why, whysize, "expected at most %" PRId64 " bytes", option->max);
	free(string);
	value->string = NULL;
	return -1;
}

static void release_string(void *field)
{
	char **string = field;

	free(*string);
	*string = NULL;
}

/*
 * "^]", "^a" or "none". Esc begins every arrow key, and ^M and ^J are Enter: none can be
 * told from the escape.
 */
static int read_escape(const char *text, int *escape)
{
	int key;

	if (strcmp(text, "none") == 0) {
		*escape = CONFIG_ESCAPE_NONE;
		return 0;
	}
	if (text[0] != '^' || text[1] == '\0' || text[2] != '\0')
		return -1;
	key = toupper((unsigned char)text[1]);
	if (key != '?' && (key < '@' || key > '_' || strchr("[MJ", key)))
		return -1;
	*escape = key ^ 0x40;
	return 0;
}

static int parse_escape(const struct config_option *option, const char *text, union value *value,
			char *why, size_t whysize)
{
	(void)option;
	if (read_escape(text, &value->integer) == 0)
		return 0;
	return value_expected(
		why, whysize,
		"^ and a key, such as ^] or ^A (not ^[, ^M or ^J, which Esc and Enter send), "
		"or none");
}

static int parse_separator(const struct config_option *option, const char *text, union value *value,
			   char *why, size_t whysize)
{
	(void)option;
	if (text[0] == '\0')
		return 0;
	if (text[1] != '\0' || !ispunct((unsigned char)text[0]) || strchr("-._\"'", text[0]))
		return value_expected(why, whysize,
				      "one punctuation character other than - . _ or a "
				      "quote, or nothing");
	value->separator = text[0];
	return 0;
}

/* What options of one word may have, in the order of their values; and the same as a sentence. */
static const struct words {
	const char *names[4];     /* NULL at the end */
	const char *expected;
} words[OPTION_TYPES] = {
	[OPTION_CAPTURE] = {{"on-demand", "always"}, "on-demand or always"},
	[OPTION_FILTER] = {{"off", "strict"}, "off or strict"},
	[OPTION_SLOW_LINK] = {{"paint", "skip", "raw"}, "paint, skip or raw"},
	[OPTION_AWAKE] = {{"keys", "never"}, "keys or never"},
};

static int parse_word(const struct config_option *option, const char *text, union value *value,
		      char *why, size_t whysize)
{
	const struct words *w = &words[option->type];

	for (int i = 0; w->names[i]; i++) {
		if (strcmp(text, w->names[i]) == 0) {
			value->integer = i;
			return 0;
		}
	}
	return value_expected(why, whysize, w->expected);
}

const struct value_type value_types[OPTION_TYPES] = {
	[OPTION_INTEGER] = {sizeof(int), parse_integer, NULL, NULL},
	[OPTION_DURATION] = {sizeof(int64_t), parse_duration, NULL, NULL},
	[OPTION_SIZE] = {sizeof(size_t), parse_size, NULL, NULL},
	[OPTION_STRING] = {sizeof(char *), parse_string, NULL, release_string},
	[OPTION_LIST] = {sizeof(struct config_list), lists_parse_list, lists_join_list,
			 lists_release_list},
	[OPTION_ADDRESSES] = {sizeof(struct config_addresses), lists_parse_addresses,
			      lists_join_addresses, lists_release_addresses},
	[OPTION_METHODS] = {sizeof(struct config_methods), lists_parse_methods, lists_join_methods,
			    NULL},
	[OPTION_RIGHTS] = {sizeof(unsigned), lists_parse_rights, lists_join_rights, NULL},
	[OPTION_ESCAPE] = {sizeof(int), parse_escape, NULL, NULL},
	[OPTION_SEPARATOR] = {sizeof(char), parse_separator, NULL, NULL},
	[OPTION_CAPTURE] = {sizeof(int), parse_word, NULL, NULL},
	[OPTION_FILTER] = {sizeof(int), parse_word, NULL, NULL},
	[OPTION_SLOW_LINK] = {sizeof(int), parse_word, NULL, NULL},
	[OPTION_AWAKE] = {sizeof(int), parse_word, NULL, NULL},
};
