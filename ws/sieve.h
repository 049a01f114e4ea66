/* SPDX-License-Identifier: ISC */
/*
 * What must not reach a browser's terminal is taken out of an attachment's output by
 * terminal/filter.h: of a replay always, of live output where the configuration asks for
 * it. It keeps to the console's offsets: with each piece goes where the console is behind
 * it, whatever was left out. Pure: memory only.
 */
#ifndef WS_SIEVE_H
#define WS_SIEVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/filter.h"

struct sieve {
	struct filter replay, strict;
	bool is_strict;              /* live output is filtered, too */
	bool is_on;                  /* a replay is being filtered, */
	uint64_t head;               /* up to here */
	struct buf passed;
};

/* What passed, possibly nothing; is_even: as many bytes as offsets, so it may be cut anywhere. */
struct sieved {
	const uint8_t *data;
	size_t len;
	uint64_t position;           /* the console's behind them */
	bool is_even;
};
typedef void (*sieve_fn)(void *who, const struct sieved *s);

void sieve_init(struct sieve *s, bool is_strict);
void sieve_free(struct sieve *s);

/* Output goes on at offset: what is before head is a replay, and is filtered as one. */
void sieve_begin(struct sieve *s, uint64_t offset, uint64_t head);

/* Bytes that end at position, at most MESSAGE_DATA_MAX: one or two pieces. -1: no memory. */
int sieve_feed(struct sieve *s, const uint8_t *data, size_t len, uint64_t position,
	       sieve_fn pass, void *who);

#endif
