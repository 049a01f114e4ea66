/* SPDX-License-Identifier: ISC */
/*
 * The index beside a log on disk, which console writes and whoever reads the log has: lines
 * "KIND VALUE POSITION OFFSET", where in the file the byte with that offset is (position), and
 * what is known of it. It is text that anybody may have changed: lines that are none are
 * passed over. Pure.
 */
#ifndef IPC_DISK_INDEX_H
#define IPC_DISK_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_index_kind {
	DISK_INDEX_FILE = 'e',       /* the first line; value: the epoch, position 0 */
	DISK_INDEX_TIME = 't',       /* value: ms since the epoch at which it was printed */
	DISK_INDEX_BOOT = 'b',       /* value: seconds since the epoch; a boot began with it */
	DISK_INDEX_HOLE = 'h',       /* value: bytes before it that were not written */
};

enum { DISK_INDEX_LINE_SIZE = 80 };

struct disk_index_line {
	char kind;
	uint64_t value, position, offset;
};

/* With its LF; the length. */
size_t disk_index_write(char out[static DISK_INDEX_LINE_SIZE], const struct disk_index_line *l);

/* The next line of the text from *at on. False: there is none. */
bool disk_index_next(const char *text, size_t len, size_t *at, struct disk_index_line *l);

/* What the first line says; false: this is no index. */
bool disk_index_head(const char *text, size_t len, uint64_t *epoch, uint64_t *offset);

/* The position of the first byte at or after offset, were the file long enough. */
uint64_t disk_index_find_offset(const char *text, size_t len, uint64_t offset);

/* The offset of the byte at that position, as find_offset() the other way round. */
uint64_t disk_index_offset_at(const char *text, size_t len, uint64_t position);

/* The position of what was printed from that second on; UINT64_MAX: all was before. */
uint64_t disk_index_find_time(const char *text, size_t len, uint64_t seconds);

/* How many boots begin before that position; where the last of these (0), the one before... */
size_t disk_index_boots(const char *text, size_t len, uint64_t end);
uint64_t disk_index_find_boot(const char *text, size_t len, uint64_t end, uint64_t back);

#endif
