/* SPDX-License-Identifier: ISC */
/*
 * Our lines about what a console printed before now: how much there is of it, where it
 * begins, what of it is lost, and the boots in it. Pure.
 */
#ifndef TERMINAL_PAST_H
#define TERMINAL_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/buf.h"

struct past {
	uint8_t from;                /* enum position_kind that it was asked by */
	uint64_t epoch;
	uint64_t offset;             /* where it begins */
	uint64_t head;               /* and ends */
	uint64_t missed;             /* bytes before offset that are not kept; UINT64_MAX: who knows */
	bool is_asked;               /* by a key or an option: an answer is wanted in any case */
	const char *log;             /* the guest as the command log takes it, where a log on disk has
	                              * what is missed; NULL: nothing has. Escaped */
};

/* Each appends whole sentences, an LF after each, or nothing. */
void past_begin(struct buf *out, const struct past *past);
void past_end(struct buf *out, const struct past *past);
/* seconds since the epoch; name is escaped. */
void past_boot(struct buf *out, const char *name, uint64_t time);

/* "1 byte", "900 bytes", "12 KiB", "3.4 MiB" */
enum { PAST_SIZE_SIZE = 32 };
void past_size(char out[PAST_SIZE_SIZE], uint64_t bytes);

#endif
