/* SPDX-License-Identifier: ISC */
/*
 * How long to wait before a process that died is started again: not at all, then a
 * second, doubling up to a bound; from the start again after a good long life. Pure.
 */
#ifndef GATE_BACKOFF_H
#define GATE_BACKOFF_H

#include <stdint.h>

enum {
	BACKOFF_FIRST = 1000,        /* ms */
	BACKOFF_MOST = 30000,
	BACKOFF_GOOD_LIFE = 60000,
};

struct backoff {
	uint64_t next;               /* ms; 0 at the beginning */
};

/* The process lived for so many ms: the ms to wait now. */
uint64_t backoff_next(struct backoff *b, uint64_t lived);

#endif
