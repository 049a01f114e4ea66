/* SPDX-License-Identifier: ISC */
/* A guest's UUID as people and libvirt write it. Pure. */
#ifndef IPC_UUID_H
#define IPC_UUID_H

#include <stdint.h>

#include "ipc/message.h"

enum { UUID_TEXT_SIZE = 37 };

/* 36 characters, lower case, with a NUL. */
void uuid_write(char out[static UUID_TEXT_SIZE], const uint8_t uuid[UUID_SIZE]);

#endif
