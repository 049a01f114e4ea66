/* SPDX-License-Identifier: ISC */
/* See sieve.h. Pure. */
#include "ws/sieve.h"

#include <string.h>

#include "ipc/message.h"

void sieve_init(struct sieve *s, bool is_strict)
{
	*s = (struct sieve){ .is_strict = is_strict };
	filter_init(&s->replay, FILTER_REPLAY);
	filter_init(&s->strict, FILTER_STRICT);
	buf_init(&s->passed, 2 * MESSAGE_DATA_MAX);
}

void sieve_free(struct sieve *s)
{
	buf_free(&s->passed);
}

void sieve_begin(struct sieve *s, uint64_t offset, uint64_t head)
{
	filter_init(&s->replay, FILTER_REPLAY);
	s->is_on = head > offset;
	s->head = head;
}

/* Bytes that the filter holds back are not behind the reader yet. */
static int hand_on(struct sieve *s, const struct filter *f, struct sieved p, sieve_fn pass,
		   void *who)
{
	struct buf *b = &s->passed;
	bool is_same = f->len == 0 && b->len == p.len &&
		       (p.len == 0 || memcmp(b->data, p.data, p.len) == 0);
	struct sieved out = { b->data, b->len, p.position - f->len, is_same };
	int r = b->full ? -1 : 0;

	if (r == 0)
		pass(who, &out);
	buf_clear(b);
	return r;
}

static int feed_replay(struct sieve *s, struct sieved p, sieve_fn pass, void *who)
{
	if (p.len)
		filter_feed(&s->replay, p.data, p.len, &s->passed);
	if (p.position >= s->head) {
		filter_end(&s->replay, &s->passed);
		s->is_on = false;
	}
	return hand_on(s, &s->replay, p, pass, who);
}

static int feed_live(struct sieve *s, struct sieved p, sieve_fn pass, void *who)
{
	if (!s->is_strict) {
		pass(who, &p);
		return 0;
	}
	filter_feed(&s->strict, p.data, p.len, &s->passed);
	return hand_on(s, &s->strict, p, pass, who);
}

int sieve_feed(struct sieve *s, const uint8_t *data, size_t len, uint64_t position,
	       sieve_fn pass, void *who)
{
	uint64_t offset = position - len;
	uint64_t before = s->is_on && offset < s->head ? s->head - offset : 0;
	size_t n = before < len ? (size_t)before : len;

	if (s->is_on && feed_replay(s, (struct sieved){ data, n, offset + n, true }, pass, who) < 0)
		return -1;
	if (n == len)
		return 0;
	return feed_live(s, (struct sieved){ data + n, len - n, position, true }, pass, who);
}
