/* SPDX-License-Identifier: ISC */
/* See disk_name.h. */
#include "console/disk_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipc/uuid.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

enum { DIGITS = 10 };            /* of a number */

static char *put_plain(char *at, const char *text)
{
	for (; *text; text++) {
		if (strchr(PLAIN, *text))
			*at++ = *text;
		else
			at += sprintf(at, "%%%02X", (unsigned char)*text);
	}
	return at;
}

void disk_name_folder(char out[static DISK_FOLDER_SIZE], const uint8_t uuid[UUID_SIZE],
		      const char *alias, const char *host)
{
	char *at = out + UUID_TEXT_SIZE - 1;

	uuid_write(out, uuid);
	*at++ = '/';
	at = put_plain(at, alias);
	*at++ = '@';
	at = put_plain(at, host);
	*at = '\0';
}

void disk_name_file(char out[static DISK_FILE_SIZE], uint64_t number, uint64_t seconds)
{
	time_t t = (time_t)seconds;
	char stamp[32] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(out, DISK_FILE_SIZE, "%0*llu-%s.log", DIGITS, (unsigned long long)number, stamp);
}

void disk_name_index(char out[static DISK_FILE_SIZE], const char *file)
{
	snprintf(out, DISK_FILE_SIZE, "%.*s.index",
		 (int)(strlen(file) < 4 ? 0 : strlen(file) - 4), file);
}

uint64_t disk_name_number(const char *file)
{
	size_t len = strlen(file);
	uint64_t number = 0;

	if (len < DIGITS + 5 || len >= DISK_FILE_SIZE || file[DIGITS] != '-' ||
	    strcmp(file + len - 4, ".log") != 0)
		return 0;
	for (int i = 0; i < DIGITS; i++) {
		if (file[i] < '0' || file[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(file[i] - '0');
	}
	return number;
}
