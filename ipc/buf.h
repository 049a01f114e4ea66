/* SPDX-License-Identifier: ISC */
/*
 * A byte buffer that grows up to a bound stated when it is made. Everything that
 * collects bytes before it writes them uses it; nobody grows an array by hand.
 */
#ifndef IPC_BUF_H
#define IPC_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data; /* owned; NULL while empty and never used */
	size_t len;    /* bytes in use */
	size_t cap;    /* bytes allocated */
	size_t max;    /* bytes it may hold at most */
	bool full;     /* something did not fit: sticky until buf_clear() */
};

/* An empty buffer for at most max bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t max);

/* Frees the bytes; the buffer is empty and usable again. */
void buf_free(struct buf *b);

/* Forgets the contents and the full mark, keeps the memory. */
void buf_clear(struct buf *b);

/*
 * Appends len bytes, all or none. 0, or -1 when they do not fit (or there is no
 * memory): then `full` is set, so a run of appends can be checked once at its end.
 */
int buf_append(struct buf *b, const void *data, size_t len);
int buf_append_str(struct buf *b, const char *s);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first n bytes (n <= len). */
void buf_consume(struct buf *b, size_t n);

#endif
