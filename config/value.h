/* SPDX-License-Identifier: ISC */
/*
 * Values as they are written: one parser for each type of option. Pure;
 * config.c calls them through value_types[].
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "config/options.h"

/* Big enough for the field of every type; a field's bytes are the union's first. */
union value {
	int integer;
	int64_t duration;
	size_t size;
	char *string;
	struct config_list list;
	struct config_addresses addresses;
	struct config_methods methods;
	unsigned rights;
	char separator;
};

/*
 * `parse` fills a zeroed value and returns 0, or -1 with why it could not
 * (nothing is then left to free). `join` moves what is in value to the end of
 * the field and returns 0, or -1 with why (value is then still the caller's).
 * Types without it can be set once. Types without `release` own nothing;
 * released, a value is zeros again.
 */
struct value_type {
	size_t size;
	int (*parse)(const struct config_option *option, const char *text, union value *value,
		     char *why, size_t whysize);
	int (*join)(const struct config_option *option, void *field, union value *value, char *why,
		    size_t whysize);
	void (*release)(void *field);
};

extern const struct value_type value_types[OPTION_TYPES];

/* For the parsers: write why and return -1. */
int value_expected(char *why, size_t whysize, const char *what);
int value_out_of_memory(char *why, size_t whysize);

/* Whether the number is from the option's min to its max. */
bool value_is_within(const struct config_option *option, int64_t number);

#endif
