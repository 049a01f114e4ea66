/* SPDX-License-Identifier: ISC */
/*
 * What a person types for a long time, at random: text, keys, a terminal's answers, things
 * that look like the escape key, and among it the escape key itself in all its encodings,
 * cut anywhere. No leave is seen that was not typed, none is missed, every other byte
 * passes. STREAMS in the environment runs so many, and tells.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/buf.h"
#include "terminal/escape.h"
#include "tests/suite.h"

enum { STREAMS = 10000, TOKENS = 200, PIECE = 40 };

static const char *const harmless[] = {
	"ls -l /tmp\r", "a", "]", ".", "93;5u", "\xe2\x9b\x94", "\xc3\xbc", "\033[A", "\033OA", "\033[1;5C",
	"\033[3~", "\033x", "\033[93;1u", "\033[94;5u", "\033[93;7u", "\033[27;5;94~", "\033[27;2;93~",
	"\033[5;10R", "\033[?62;4c", "\033]11;rgb:1d1d/00/00\033\\", "\033P1$r0m\033\\", "\033[<0;93;5M",
	"\033[M !!", "\033[I", "\033[200~paste ].\033[201~", "\x1c", "\x1e", "\x7f", "\x03", "\033[[A",
};
static const char *const escapes[] = {
	"\x1d", "\033[93;5u", "\033[93;69u", "\033[93;5:1u", "\033[27;5;93~", "\033[53;5u",
};
static const char *const leaves[] = {".", "q", "d", "\033[46u", "\033[46;1u", "\033[27;1;46~"};
/* Taken by us and by nobody else, and the person goes on. */
static const char *const others[] = {"?", "w", "t", "\033[119u", "\xc3\xbc", "X", "\033[A"};

#define PICK(table) table[(unsigned)rand() % (sizeof(table) / sizeof(table[0]))]

struct seen {
	unsigned leaves, armed;
	struct buf bytes;
};

static void note(struct seen *seen, const struct escape_event *ev)
{
	seen->leaves += ev->action == ESCAPE_DETACH;
	seen->armed += ev->action == ESCAPE_ARMED;
	if (ev->action == ESCAPE_BYTES || ev->action == ESCAPE_REPORT)
		buf_append(&seen->bytes, ev->data, ev->len);
}

static void feed(struct seen *seen, const struct buf *stream)
{
	size_t used = 0;
	struct escape e;

	escape_init(&e, 0x1d);
	while (used < stream->len) {
		size_t left = stream->len - used, piece = (size_t)rand() % PIECE + 1;
		struct escape_event ev;

		piece = piece < left ? piece : left;
		while (piece) {
			size_t n = escape_feed(&e, stream->data + used, piece, &ev);

			note(seen, &ev);
			used += n;
			piece -= n;
		}
	}
	ck_assert(!escape_is_holding(&e));
}

static void one_stream(struct buf *stream, struct buf *wanted, struct seen *seen)
{
	unsigned leaving = 0, armed = 0;

	buf_clear(stream);
	buf_clear(wanted);
	buf_clear(&seen->bytes);
	seen->leaves = seen->armed = 0;
	for (int i = 0; i < TOKENS; i++) {
		const char *text = PICK(harmless);
		int kind = rand() % 40;

		if (kind > 1) {
			buf_append_str(stream, text);
			buf_append_str(wanted, text);
			continue;
		}
		buf_append_str(stream, PICK(escapes));
		buf_append_str(stream, kind ? PICK(leaves) : PICK(others));
		leaving += kind == 1;
		armed++;
	}
	feed(seen, stream);
	ck_assert_uint_eq(seen->leaves, leaving);
	ck_assert_uint_eq(seen->armed, armed);
	ck_assert_uint_eq(seen->bytes.len, wanted->len);
	ck_assert_int_eq(memcmp(seen->bytes.data, wanted->data, wanted->len), 0);
}

START_TEST(random_streams)
{
	const char *count = getenv("STREAMS");
	struct buf stream, wanted;
	struct seen seen = {0};
	unsigned total = 0, n = count ? (unsigned)strtoul(count, NULL, 10) : STREAMS;

	srand(1);
	buf_init(&stream, 1 << 20);
	buf_init(&wanted, 1 << 20);
	buf_init(&seen.bytes, 1 << 20);
	for (unsigned i = 0; i < n; i++) {
		one_stream(&stream, &wanted, &seen);
		total += seen.leaves;
	}
	if (count)
		printf("%u streams, %u leaves\n", n, total);
	fflush(stdout);
	buf_free(&stream);
	buf_free(&wanted);
	buf_free(&seen.bytes);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("streams");
	TCase *t = tcase_create("streams");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, random_streams);
	suite_add_tcase(s, t);
	return suite_run(s);
}
