/* SPDX-License-Identifier: ISC */
/* See disk_index.h. */
#include "ipc/disk_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t disk_index_write(char out[static DISK_INDEX_LINE_SIZE], const struct disk_index_line *l)
{
	return (size_t)snprintf(out, DISK_INDEX_LINE_SIZE, "%c %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
				l->kind, l->value, l->position, l->offset);
}

/* A blank and a number without a sign or a leading blank; false where there is none. */
static bool take_number(const char **at, const char *end, uint64_t *number)
{
	const char *first = *at + 1;

	if (*at == end || **at != ' ')
		return false;
	*number = 0;
	for (*at = first; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *at > first;
}

static bool parse(const char *at, const char *end, struct disk_index_line *l)
{
	if (at == end || !strchr("etbh", *at) || *at == '\0')
		return false;
	l->kind = *at++;
	return take_number(&at, end, &l->value) && take_number(&at, end, &l->position) &&
	       take_number(&at, end, &l->offset) && at == end;
}

bool disk_index_next(const char *text, size_t len, size_t *at, struct disk_index_line *l)
{
	while (*at < len) {
		const char *line = text + *at;
		const char *end = memchr(line, '\n', len - *at);

		/* A line without its end was cut off while it was written. */
		if (!end) {
			*at = len;
			return false;
		}
		*at = (size_t)(end - text) + 1;
		if (parse(line, end, l))
			return true;
	}
	return false;
}

bool disk_index_head(const char *text, size_t len, uint64_t *epoch, uint64_t *offset)
{
	struct disk_index_line l;
	size_t at = 0;

	if (!disk_index_next(text, len, &at, &l) || l.kind != DISK_INDEX_FILE)
		return false;
	*epoch = l.value;
	*offset = l.offset;
	return true;
}

uint64_t disk_index_find_offset(const char *text, size_t len, uint64_t offset)
{
	struct disk_index_line l, before = { 0 };
	size_t at = 0;
	uint64_t position;

	while (disk_index_next(text, len, &at, &l) && l.offset <= offset)
		before = l;
	position = offset > before.offset ? before.position + (offset - before.offset)
					  : before.position;
	if (position < before.position)
		position = UINT64_MAX;
	/* In a hole: what comes after it. */
	return l.offset > offset && position > l.position ? l.position : position;
}

uint64_t disk_index_offset_at(const char *text, size_t len, uint64_t position)
{
	struct disk_index_line l = { 0 }, before = { 0 };
	size_t at = 0;
	uint64_t offset;

	while (disk_index_next(text, len, &at, &l) && l.position <= position)
		before = l;
	offset = before.offset + (position - before.position);
	/* In the words about a hole: where that begins. */
	if (l.kind == DISK_INDEX_HOLE && l.position > position && l.offset - l.value < offset)
		return l.offset - l.value;
	return offset;
}

/* Marks are a second apart: what follows one was printed up to a second later. */
uint64_t disk_index_find_time(const char *text, size_t len, uint64_t seconds)
{
	struct disk_index_line l;
	size_t at = 0;

	while (disk_index_next(text, len, &at, &l))
		if (l.kind == DISK_INDEX_TIME && l.value / 1000 >= seconds - (seconds > 0))
			return l.position;
	return UINT64_MAX;
}

size_t disk_index_boots(const char *text, size_t len, uint64_t end)
{
	struct disk_index_line l;
	size_t at = 0, n = 0;

	while (disk_index_next(text, len, &at, &l))
		n += l.kind == DISK_INDEX_BOOT && l.position < end;
	return n;
}

uint64_t disk_index_find_boot(const char *text, size_t len, uint64_t end, uint64_t back)
{
	size_t n = disk_index_boots(text, len, end), at = 0;
	struct disk_index_line l;

	while (disk_index_next(text, len, &at, &l))
		if (l.kind == DISK_INDEX_BOOT && l.position < end && n-- == back + 1)
			return l.position;
	return UINT64_MAX;
}
