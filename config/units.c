/* SPDX-License-Identifier: ISC */
/*
 * Numbers with units. value.c reads times and sizes with it, and shows the
 * limits of an option the way a person would write them.
 */
#include "config/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct units units_time[] = {
	{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0},
};

const struct units units_size[] = {
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {NULL, 0},
};

/* No limit of an option is near it, and times the greatest factor it still fits. */
#define NUMBER_MAX INT64_C(1000000000)

int64_t units_read_digits(const char **text)
{
	int64_t number = 0;

	if (!isdigit((unsigned char)**text))
		return -1;
	for (; isdigit((unsigned char)**text); ++*text) {
		number = number * 10 + (**text - '0');
		if (number > NUMBER_MAX)
			return -1;
	}
	return number;
}

static int64_t find_factor(const char *suffix, size_t length, const struct units *units)
{
	for (; units->suffix; units++)
		if (strlen(units->suffix) == length && memcmp(units->suffix, suffix, length) == 0)
			return units->factor;
	return -1;
}

int64_t units_read(const char *text, const struct units *units)
{
	int64_t sum = 0;

	if (strcmp(text, "0") == 0)
		return 0;
	do {
		int64_t number = units_read_digits(&text), factor;
		size_t length = strcspn(text, "0123456789");

		factor = find_factor(text, length, units);
		if (number < 0 || factor < 0 || sum > INT64_MAX - number * factor)
			return -1;
		sum += number * factor;
		text += length;
	} while (*text);
	return sum;
}

void units_show(int64_t number, const struct units *units, char *shown, size_t size)
{
	if (number == 0) {
		snprintf(shown, size, "0");
		return;
	}
	while (number % units->factor)
		units++;
	snprintf(shown, size, "%" PRId64 "%s", number / units->factor, units->suffix);
}
