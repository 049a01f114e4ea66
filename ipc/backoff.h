/* SPDX-License-Identifier: ISC */
/* How long to wait before something that failed is tried again: it doubles, up to a bound. Pure. */
#ifndef IPC_BACKOFF_H
#define IPC_BACKOFF_H

#include <stdint.h>

/* After so many failures in a row before this one: first (over 0), twice that ..., at most most. */
uint64_t backoff_pause(unsigned failures, uint64_t first, uint64_t most);

#endif
