/* SPDX-License-Identifier: ISC */
/*
 * ws/sieve.c and ws/outlet.c: which offsets of the console stand on the frames of an
 * attachment, whatever was filtered, painted, skipped or is missing; and how much of them
 * is under way to a client that acknowledges at the rate of a slow link.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/screen/screen.h"
#include "tests/suite.h"
#include "ws/outlet.h"
#include "ws/sieve.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum { MS = 1000, PIECE = 1000, LINES = 24, COLUMNS = 80, TRIP_MS = 200 };

/* -- sieve: what passes, and the position behind it -- */

static const struct sieve_row {
	const char *name, *in;
	unsigned head;               /* of a replay; 0: none */
	unsigned cut;                /* comes in two messages, the second from here on */
	bool is_strict;
	const char *out;             /* pieces: bytes, `@` position, `=` where it is even, a blank */
} sieve_rows[] = {
	{ "live output", "ab\033[c", 0, 0, false, "ab\033[c@5= " },
	{ "a replay of text", "abcd", 2, 0, false, "ab@2= cd@4= " },
	{ "a query in a replay", "a\033[cb\033[c", 5, 0, false, "ab@5 \033[c@8= " },
	{ "nothing of a replay passes", "\033[cx", 3, 0, false, "@3 x@4= " },
	{ "colours are put back", "\033[1mx", 5, 0, false, "\033[1mx\033[m@5 " },
	{ "a sequence in two messages", "ab\033[1mcd", 0, 4, true, "ab@2 \033[1mcd@8 " },
	{ "a clipboard write", "a\033]52;c;QQ==\007b", 0, 0, true, "a\030b@14 " },
	{ "strict, and nothing in it", "ab", 0, 0, true, "ab@2= " },
	{ "a replay that goes on", "abcdef", 6, 3, false, "abc@3= def@6= " },
};

static void write_piece(void *who, const struct sieved *s)
{
	struct buf *b = who;

	buf_append(b, s->data, s->len);
	buf_printf(b, "@%" PRIu64 "%s ", s->position, s->is_even ? "=" : "");
}

START_TEST(sieved)
{
	const struct sieve_row *row = &sieve_rows[_i];
	const uint8_t *in = (const uint8_t *)row->in;
	size_t len = strlen(row->in);
	struct sieve s;
	struct buf out;

	buf_init(&out, 1000);
	sieve_init(&s, row->is_strict);
	sieve_begin(&s, 0, row->head);
	if (row->cut)
		ck_assert_int_eq(sieve_feed(&s, in, row->cut, row->cut, write_piece, &out), 0);
	ck_assert_int_eq(sieve_feed(&s, in + row->cut, len - row->cut, len, write_piece, &out), 0);
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, row->out) == 0, "%s: %s", row->name, out.data);
	sieve_free(&s);
	buf_free(&out);
}
END_TEST

/* -- a client behind a link -- */

struct stage {
	struct outlet outlet;
	int64_t now;
	uint64_t offset;             /* of the guest's next byte */
	double rate, budget;         /* bytes a millisecond */
	struct buf way;              /* on the link */
	uint64_t arrived;
	struct { uint64_t count; int64_t at; } acks[4096];
	unsigned first, last;
	uint64_t position, most;     /* of the last frame; bytes under way */
	uint64_t gaps, skipped;
	unsigned on, off;
	bool is_even;                /* all frames fit their offsets, but for what is missing */
	struct buf all;
	struct screen *shown;
};

static void hear_frame(void *who, const uint8_t *data, size_t len, uint64_t position)
{
	struct stage *s = who;

	ck_assert_uint_le(len, PIECE);
	ck_assert_uint_ge(position, s->position);
	s->is_even &= position - len == s->position;
	s->position = position;
	buf_append(&s->way, data, len);
	buf_append(&s->all, data, len);
}

static uint64_t number_in(const struct buf *text, const char *key)
{
	char copy[200] = "";

	memcpy(copy, text->data, text->len < sizeof(copy) - 1 ? text->len : sizeof(copy) - 1);
	return strstr(copy, key) ? strtoull(strstr(copy, key) + strlen(key), NULL, 10) : 0;
}

static void hear_text(void *who, const struct buf *text)
{
	struct stage *s = who;

	if (memmem(text->data, text->len, "\"gap\"", 5)) {
		s->gaps += number_in(text, "\"count\":");
		s->position += number_in(text, "\"count\":");
	}
	if (!memmem(text->data, text->len, "\"painting\"", 10))
		return;
	if (memmem(text->data, text->len, "\"on\":true", 9))
		s->on++;
	else
		s->off++;
	s->skipped += number_in(text, "\"skipped\":");
}

static const struct outlet_ears ears = { hear_frame, hear_text };

static void start(struct stage *s, double rate, enum view_policy policy)
{
	*s = (struct stage){ .now = 1000 * MS, .rate = rate / 1000, .is_even = true };
	buf_init(&s->way, 1 << 24);
	buf_init(&s->all, 1 << 24);
	s->shown = screen_new(LINES, COLUMNS);
	outlet_init(&s->outlet, 7, PIECE, &ears, s);
	outlet_pace(&s->outlet, policy, false);
	outlet_resize(&s->outlet, LINES, COLUMNS);
	outlet_begin(&s->outlet, 0);
}

static void end(struct stage *s)
{
	outlet_free(&s->outlet);
	buf_free(&s->way);
	buf_free(&s->all);
	screen_free(s->shown);
}

/* What arrives is shown at once; the client's word of it takes a round trip. */
static void arrive(struct stage *s)
{
	size_t n;

	s->budget = s->way.len ? s->budget + s->rate : 0;
	n = s->budget < (double)s->way.len ? (size_t)s->budget : s->way.len;
	screen_feed(s->shown, s->way.data, n);
	buf_consume(&s->way, n);
	s->budget -= (double)n;
	s->arrived += n;
	if (n && s->last < 4096) {
		s->acks[s->last].count = s->arrived;
		s->acks[s->last++].at = s->now + TRIP_MS * MS;
	}
	for (; s->first < s->last && s->acks[s->first].at <= s->now; s->first++)
		ck_assert_int_eq(outlet_ack(&s->outlet, s->acks[s->first].count, s->now), 0);
}

static void turn(struct stage *s)
{
	ck_assert_int_eq(outlet_turn(&s->outlet, 1 << 18, s->now), 0);
	if (s->outlet.sent - s->outlet.shown > s->most)
		s->most = s->outlet.sent - s->outlet.shown;
}

static void run(struct stage *s, int ms)
{
	while (ms-- > 0) {
		s->now += MS;
		arrive(s);
		if (s->first == s->last)
			s->first = s->last = 0;
		turn(s);
	}
}

static void print(struct stage *s, const char *text, bool is_all)
{
	size_t len = strlen(text);

	s->offset += len;
	ck_assert_int_eq(outlet_put(&s->outlet, (const uint8_t *)text, len, s->offset, true), 0);
	outlet_drained(&s->outlet, is_all, s->now);
	turn(s);
}

/* As the hub does it: a reader that is full is passed by. */
static void flood(struct stage *s, int ms)
{
	char line[64];

	for (int i = 0; i < ms; i++) {
		for (int k = 0; k < 40; k++) {
			snprintf(line, sizeof(line), "%08" PRIu64 " abcdefghijklmnopqrstuvwxyz\r\n", s->offset);
			if (!outlet_is_full(&s->outlet))
				print(s, line, false);
		}
		run(s, 1);
	}
}

static bool has_text(const struct stage *s, const char *text)
{
	const struct picture *p = screen_picture(s->shown);

	for (unsigned row = 0; row < LINES; row++) {
		char shown[COLUMNS + 1] = "";

		for (unsigned col = 0; col < COLUMNS; col++) {
			uint32_t c = picture_row(p, row)[col].chars[0];

			shown[col] = c ? (char)c : ' ';
		}
		if (strstr(shown, text))
			return true;
	}
	return false;
}

START_TEST(unpaced)
{
	static uint8_t data[2500];
	struct stage s;

	start(&s, 0, VIEW_PAINT);
	outlet_free(&s.outlet);
	outlet_init(&s.outlet, 7, PIECE, &ears, &s);
	s.position = 5000;
	outlet_begin(&s.outlet, 5000);
	ck_assert_int_eq(outlet_put(&s.outlet, data, 2500, 7500, true), 0);
	ck_assert_uint_eq(s.position, 7500);
	ck_assert(s.is_even);
	ck_assert_int_eq(outlet_put(&s.outlet, data, 0, 7600, false), 0);
	ck_assert_uint_eq(s.position, 7600);
	ck_assert_int_eq(outlet_ack(&s.outlet, 2501, s.now), -1);
	ck_assert_int_eq(outlet_ack(&s.outlet, 2500, s.now), 0);
	ck_assert_int_eq(outlet_ack(&s.outlet, 2499, s.now), -1);
	end(&s);
}
END_TEST

START_TEST(fast)
{
	struct stage s;

	start(&s, 3e6, VIEW_PAINT);
	for (int i = 0; i < 3000; i++) {
		print(&s, "a line of a guest that prints as much as the link carries\r\n", true);
		run(&s, 1);
	}
	run(&s, 1000);
	ck_assert_uint_eq(s.on, 0);
	ck_assert(s.is_even);
	ck_assert_uint_eq(s.position, s.offset);
	ck_assert_uint_eq(s.all.len, s.offset);
	end(&s);
}
END_TEST

START_TEST(painted)
{
	struct stage s;

	start(&s, 7000, VIEW_PAINT);
	print(&s, "before\r\n", true);
	run(&s, 1000);
	flood(&s, 3000);
	ck_assert_uint_eq(s.on, 1);
	ck_assert_uint_eq(s.off, 0);
	ck_assert_uint_le(s.most, 7000 * (500 + 2 * TRIP_MS) / 1000);
	print(&s, "stopped\r\n", true);
	run(&s, 1200);
	ck_assert(has_text(&s, "stopped"));
	run(&s, 2000);
	ck_assert_uint_eq(s.off, 1);
	ck_assert_uint_gt(s.skipped, 10000);
	ck_assert_uint_eq(s.position, s.offset);
	/* Raw again. */
	s.is_even = true;
	print(&s, "xyzzy", true);
	run(&s, 500);
	ck_assert(s.is_even);
	ck_assert_uint_eq(s.position, s.offset);
	ck_assert_int_eq(memcmp(s.all.data + s.all.len - 5, "xyzzy", 5), 0);
	end(&s);
}
END_TEST

START_TEST(skipped)
{
	struct stage s;

	start(&s, 7000, VIEW_SKIP);
	print(&s, "before\r\n", true);
	run(&s, 1000);
	flood(&s, 3000);
	print(&s, "stopped\r\n", true);
	run(&s, 5000);
	ck_assert(has_text(&s, "stopped"));
	ck_assert_uint_eq(s.on + s.off, 0);
	ck_assert_uint_gt(s.gaps, 10000);
	ck_assert(s.is_even);
	ck_assert_uint_eq(s.position, s.offset);
	ck_assert_uint_eq(s.all.len + s.gaps, s.offset);
	end(&s);
}
END_TEST

START_TEST(gap_in_its_place)
{
	struct stage s;

	start(&s, 7000, VIEW_PAINT);
	for (int i = 0; i < 40; i++)
		print(&s, "so much is more than may be under way at first\r\n", true);
	s.offset += 100;
	ck_assert_int_eq(outlet_gap(&s.outlet, 100), 0);
	ck_assert_uint_eq(s.gaps, 0);
	print(&s, "behind it\r\n", true);
	run(&s, 3000);
	ck_assert_uint_eq(s.gaps, 100);
	ck_assert(s.is_even);
	ck_assert_uint_eq(s.position, s.offset);
	end(&s);
}
END_TEST

START_TEST(gap_while_painted)
{
	struct stage s;

	start(&s, 7000, VIEW_PAINT);
	flood(&s, 2000);
	ck_assert_uint_eq(s.on, 1);
	s.offset += 1000000;
	ck_assert_int_eq(outlet_gap(&s.outlet, 1000000), 0);
	print(&s, "stopped\r\n", true);
	run(&s, 3000);
	ck_assert_uint_eq(s.gaps, 0);
	ck_assert_uint_ge(s.skipped, 1000000);
	ck_assert_uint_eq(s.position, s.offset);
	end(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("outlet");
	TCase *tc = tcase_create("outlet");

	tcase_add_loop_test(tc, sieved, 0, ROWS(sieve_rows));
	tcase_add_test(tc, unpaced);
	tcase_add_test(tc, fast);
	tcase_add_test(tc, painted);
	tcase_add_test(tc, skipped);
	tcase_add_test(tc, gap_in_its_place);
	tcase_add_test(tc, gap_while_painted);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
