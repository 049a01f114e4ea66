/* SPDX-License-Identifier: ISC */
/*
 * A place in what a console printed, as a person writes it (POS in man 7 serialgate):
 * EPOCH.OFFSET, left, boot, boot-K, 10m 2h 1d (so long ago), or a time such as
 * 2026-11-22T10:00. Pure.
 */
#ifndef TERMINAL_POSITION_H
#define TERMINAL_POSITION_H

#include <stdint.h>

#include "ipc/message.h"

enum {
	POSITION_SIZE = 42,      /* EPOCH.OFFSET with its NUL */
	POSITION_BOOT_MAX = 1000,
};

/* now: seconds since the epoch. A time without Z is the gate's local one. 0, or -1: it is none. */
int position_parse(struct position *p, const char *text, int64_t now);

/* As position_parse() takes it again. */
void position_print(char out[POSITION_SIZE], uint64_t epoch, uint64_t offset);

#endif
