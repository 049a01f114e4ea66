/* SPDX-License-Identifier: ISC */
/*
 * The pause that a line's event loop makes between small reads, so that what comes
 * meanwhile is read and passed on together. The sender's thread cuts it short when
 * somebody types: the echo must not wait. One a process.
 */
#ifndef VIRT_PAUSE_H
#define VIRT_PAUSE_H

#include <stdbool.h>

/* 0, or -1 with errno. */
int pause_prepare(void);

/* Waits so long. true: it was cut short, or would have been since the last one. */
bool pause_make(long microseconds);

/* From any thread. Costs next to nothing while there is no pause. */
void pause_cut(void);

#endif
