/* SPDX-License-Identifier: ISC */
/*
 * Numbers with units, as times and sizes are written. Pure.
 */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* The greatest first, closed by a suffix of NULL. */
struct units {
	const char *suffix;
	int64_t factor;
};

extern const struct units units_time[]; /* d h m s ms, in milliseconds */
extern const struct units units_size[]; /* GiB MiB KiB B, in bytes */

/* Reads decimal digits and moves on behind them; -1 where there are none or too many. */
int64_t units_read_digits(const char **text);

/* Reads numbers with units, summed up, such as "1h30m"; a lone 0 needs none. -1 otherwise. */
int64_t units_read(const char *text, const struct units *units);

/* Writes a number, at least 0, in the greatest unit that leaves no fraction. */
void units_show(int64_t number, const struct units *units, char *shown, size_t size);

#endif
