/* SPDX-License-Identifier: ISC */
/* See date.h. Pure. */
#include "ipc/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void date_write(char out[static DATE_SIZE], uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(out, DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

void date_write_ms(char out[static DATE_SIZE], uint64_t ms)
{
	size_t n;

	date_write(out, ms / 1000);
	n = strlen(out);
	if (n)
		snprintf(out + n - 1, DATE_SIZE - n + 1, ".%03uZ", (unsigned)(ms % 1000));
}
