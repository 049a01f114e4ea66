/* SPDX-License-Identifier: ISC */
/* A moment as people and programs read it: RFC 3339, in UTC. Pure. */
#ifndef IPC_DATE_H
#define IPC_DATE_H

#include <stdint.h>

enum { DATE_SIZE = 40 };             /* whatever the year, with a NUL */

/* 2026-11-22T10:00:00Z of seconds since 1970; "" for more of them than a date can show. */
void date_write(char out[static DATE_SIZE], uint64_t seconds);

/* 2026-11-22T10:00:00.123Z of milliseconds. */
void date_write_ms(char out[static DATE_SIZE], uint64_t ms);

#endif
