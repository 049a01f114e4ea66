/* SPDX-License-Identifier: ISC */
/*
 * play: what a visitor's terminal gets of a guest's output when the link is slow.
 * tests/e2e/streams.py gives it streams on standard input; it plays each through the view,
 * over a link whose rate follows from the stream's seed, in bursts and pauses that follow
 * from it too, and writes on standard output what arrives. Its clock is its own.
 *
 * Streams come and leave as lines, each followed by the bytes it announces:
 *
 *	stream ROWS COLS SEED
 *	data BYTES
 *	size ROWS COLS
 *	end                     out: end MILLISECONDS, how long the screen was painted
 */
#include <err.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/view.h"

enum { MS = 1000, OUT_MAX = 262144, BURST_MAX = 16384, PATIENCE = 600000 };

struct play {
	struct view view;
	struct link link;
	struct buf out;
	struct buf wire;             /* on its way */
	uint64_t arrived, mark;      /* bytes; those before the mark that is under way */
	double rate, budget;         /* of the link, bytes a second; what it can take just now */
	int64_t now;
	uint64_t random;
	unsigned painted;            /* milliseconds */
};

static uint64_t roll(struct play *p, uint64_t end)
{
	p->random = p->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (p->random >> 33) % end;
}

static void start(struct play *p, unsigned rows, unsigned cols, unsigned seed)
{
	static const double rates[] = { 300, 1200, 7000, 2500 };

	*p = (struct play){ .random = seed, .now = 1000 * MS, .rate = rates[seed % 4] };
	roll(p, 2);
	link_init(&p->link);
	buf_init(&p->out, OUT_MAX);
	buf_init(&p->wire, 1 << 24);
	view_init(&p->view, &p->out, &p->link, VIEW_PAINT, rows, cols);
	/* Some know what stands on the terminal, the others clear it for the first frame. */
	p->view.is_known = roll(p, 2);
	link_mark(&p->link, p->now);
	p->now += 10 * MS;
	link_answer(&p->link, p->now);
}

static void stop(struct play *p)
{
	view_free(&p->view);
	buf_free(&p->out);
	buf_free(&p->wire);
}

/* The first bytes on the wire have arrived. */
static void deliver(struct play *p, size_t n)
{
	if (n) {
		printf("data %zu\n", n);
		fwrite(p->wire.data, 1, n, stdout);
		buf_consume(&p->wire, n);
		p->arrived += n;
	}
	if (p->link.count && p->arrived >= p->mark && p->now - p->link.marks[0].at >= 10 * MS)
		link_answer(&p->link, p->now);
	if (!p->link.count && link_wants_mark(&p->link, p->now)) {
		p->mark = p->link.sent;
		link_mark(&p->link, p->now);
	}
}

static void leave(struct play *p, size_t n)
{
	if (!n)
		return;
	view_sent(&p->view, p->out.data, n);
	buf_append(&p->wire, p->out.data, n);
	buf_consume(&p->out, n);
	link_sent(&p->link, n, p->now);
}

static void turn(struct play *p)
{
	uint64_t room;

	p->now += MS;
	view_drained(&p->view, true, p->now);
	view_turn(&p->view, p->now);
	view_take_skipped(&p->view);
	p->painted += p->view.is_slow;
	room = link_room(&p->link, p->now);
	leave(p, room < p->out.len ? (size_t)room : p->out.len);
	p->budget += p->rate / 1000;
	if (p->budget > p->rate / 1000 + 1)
		p->budget = p->rate / 1000 + 1;
	room = p->wire.len < (size_t)p->budget ? p->wire.len : (size_t)p->budget;
	p->budget -= (double)room;
	deliver(p, (size_t)room);
}

/* In bursts, some of which the link can carry. */
static void print(struct play *p, const uint8_t *data, size_t len)
{
	while (len) {
		size_t n = 1 + (size_t)roll(p, roll(p, 4) ? 3000 : 60);
		uint64_t pause = roll(p, 3) ? roll(p, 20) : roll(p, 1500);

		n = n < len ? n : len;
		if (!view_is_full(&p->view) && p->out.len < OUT_MAX / 4) {
			if (buf_append(view_buffer(&p->view), data, n) < 0)
				errx(1, "no room");
			data += n;
			len -= n;
		}
		for (uint64_t i = 0; i <= pause; i++)
			turn(p);
	}
}

/* All that has left for the terminal is there when its window changes. */
static void resize(struct play *p, unsigned rows, unsigned cols)
{
	view_turn(&p->view, p->now);
	leave(p, p->out.len);
	deliver(p, p->wire.len);
	printf("size %u %u\n", rows, cols);
	view_resize(&p->view, rows, cols);
}

static void finish(struct play *p)
{
	unsigned left = PATIENCE;

	while (p->view.is_slow || p->out.len || p->wire.len || p->view.staged.len) {
		if (!left--)
			errx(1, "the stream does not end");
		turn(p);
	}
	printf("end %u\n", p->painted);
	stop(p);
}

static void read_data(struct play *p, size_t len)
{
	uint8_t data[BURST_MAX];

	while (len) {
		size_t n = fread(data, 1, len < sizeof(data) ? len : sizeof(data), stdin);

		if (!n)
			errx(1, "the stream breaks off");
		print(p, data, n);
		len -= n;
	}
}

int main(void)
{
	struct play p = { 0 };
	unsigned a, b, seed;
	char line[80];
	size_t len;

	setlocale(LC_CTYPE, "C.UTF-8");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "stream %u %u %u", &a, &b, &seed) == 3) {
			fputs(line, stdout);
			start(&p, a, b, seed);
		} else if (sscanf(line, "data %zu", &len) == 1) {
			read_data(&p, len);
		} else if (sscanf(line, "size %u %u", &a, &b) == 2) {
			resize(&p, a, b);
		} else if (strcmp(line, "end\n") == 0) {
			finish(&p);
		} else {
			errx(1, "what is this: %s", line);
		}
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
