/* SPDX-License-Identifier: ISC */
/*
 * What time it is, for whoever has no loop_now() or wants it more exactly. Never for a pure file:
 * that is given the time.
 */
#ifndef IPC_CLOCK_H
#define IPC_CLOCK_H

#include <stdint.h>

/* Monotonic: for durations and deadlines (CLOCK_MONOTONIC, which loop_now() is of, too). */
int64_t clock_ms(void);
int64_t clock_us(void);

/* Milliseconds since 1970, which an administrator may set back: for what people read. */
int64_t clock_date_ms(void);

#endif
