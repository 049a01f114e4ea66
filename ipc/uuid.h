/* SPDX-License-Identifier: ISC */
/* A guest's UUID as people and libvirt write it: 8-4-4-4-12 hexadecimal digits. Pure. */
#ifndef IPC_UUID_H
#define IPC_UUID_H

#include <stdint.h>

#include "ipc/message.h"

enum { UUID_TEXT_SIZE = 37 };

/* 36 characters, lower case, with a NUL. */
void uuid_write(char out[static UUID_TEXT_SIZE], const uint8_t uuid[UUID_SIZE]);

/* In either case of letters. 0, or -1: it is not one. */
int uuid_parse(uint8_t uuid[static UUID_SIZE], const char *text);

#endif
