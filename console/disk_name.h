/* SPDX-License-Identifier: ISC */
/*
 * What the logs of consoles are called on disk: DIR/UUID/ALIAS@HOST/NUMBER-TIME.log, with
 * an index beside each. No byte of a path comes from a guest's name. Pure.
 */
#ifndef CONSOLE_DISK_NAME_H
#define CONSOLE_DISK_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	/* A UUID, and an alias and a host each of whose bytes may take three. */
	DISK_FOLDER_SIZE = 36 + 1 + 3 * ALIAS_MAX + 1 + 3 * HOST_MAX + 1,
	DISK_FILE_SIZE = 64,
};

/* UUID/ALIAS@HOST; what is no letter, digit, - or _ in the last two is %XX. */
void disk_name_folder(char out[static DISK_FOLDER_SIZE], const uint8_t uuid[UUID_SIZE],
		      const char *alias, const char *host);

/* NUMBER-TIME with .log or .index: the names of one console sort as they were made. */
void disk_name_file(char out[static DISK_FILE_SIZE], uint64_t number, uint64_t seconds);
void disk_name_index(char out[static DISK_FILE_SIZE], const char *file);

/* The number of a .log file's name; 0: it is none of ours. */
uint64_t disk_name_number(const char *file);

#endif
