/* SPDX-License-Identifier: ISC */
/*
 * The init of a container that weighs nothing and floods: the load behind the
 * benchmarks.  It does all its work on the container's console:
 *
 *	any byte	comes back as it is, at once, also during a flood
 *	F NUMBER CR	floods NUMBER MiB of numbered 64-byte lines as fast as the
 *			console takes them, then says "done" (F8<Enter> is 8 MiB)
 *	D NUMBER CR	the same four bytes at a time, a write each
 *	R NUMBER CR	the same at 1 MB a second
 *	Q NUMBER CR	the same at 3 MB a second, as fast as a QEMU console gets
 *	W		says how long the last flood took, and its longest write, in
 *			microseconds: "took N longest M"
 *	^C		ends a flood early: "stopped"
 *	L		a line each second; once more: no longer
 *
 * It ends at SIGTERM, SIGPWR, SIGHUP and SIGINT, and when its console is gone.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LINE_LEN	64
#define BLOCK_LINES	256
#define LINES_PER_MIB	(1024UL * 1024 / LINE_LEN)
#define FLOOD_MAX_MIB	65536UL
#define SMALL_WRITE	4
#define RATE_WRITE	4096
#define RATE_BYTES	1000000UL	/* a second */
#define QUICK_RATE	(3 * RATE_BYTES)

struct guest {
	unsigned long flood_left;	/* lines */
	unsigned long flood_line;
	size_t flood_write;		/* bytes a write */
	unsigned long rate;		/* bytes a second, 0: as fast as it goes */
	unsigned long long began, ended, longest;	/* microseconds */
	unsigned long number;		/* what stands behind an F so far */
	unsigned long tick;
	int in_number;
	int ticking;
	time_t next_tick;
};

static void end(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

static void put(const char *text, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(STDOUT_FILENO, text, len);
		if (n <= 0)
			_exit(1);
		text += n;
		len -= (size_t)n;
	}
}

static void put_text(const char *text)
{
	put(text, strlen(text));
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static unsigned long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000 + (unsigned long long)t.tv_nsec / 1000;
}

static void put_timed(struct guest *g, const char *text, size_t len)
{
	unsigned long long start = now_us(), took;

	put(text, len);
	took = now_us() - start;
	if (took > g->longest)
		g->longest = took;
}

/* Waits until so much may have been sent since the beginning. */
static void keep_rate(const struct guest *g, unsigned long sent)
{
	unsigned long long due = g->began + sent * 1000000ULL / g->rate, at = now_us();

	if (at < due)
		usleep((useconds_t)(due - at));
}

static void flood(struct guest *g)
{
	char block[BLOCK_LINES * LINE_LEN + 1];
	size_t len = 0;

	while (len < sizeof(block) - 1 && g->flood_left > 0) {
		snprintf(block + len, LINE_LEN + 1, "%010lu %-51.51s\r\n", ++g->flood_line,
		    "abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM");
		len += LINE_LEN;
		g->flood_left--;
	}
	for (size_t at = 0; at < len; at += g->flood_write) {
		if (g->rate)
			keep_rate(g, g->flood_line * LINE_LEN - len + at);
		put_timed(g, block + at, len - at < g->flood_write ? len - at : g->flood_write);
	}
	if (g->flood_left == 0) {
		g->ended = now_us();
		put_text("done\r\n");
	}
}

static void take_number(struct guest *g, char c)
{
	if (c >= '0' && c <= '9' && g->number < FLOOD_MAX_MIB) {
		g->number = g->number * 10 + (unsigned long)(c - '0');
		return;
	}
	g->in_number = 0;
	if (c == '\r' || c == '\n') {
		g->flood_left = g->number * LINES_PER_MIB;
		g->flood_line = 0;
		g->longest = 0;
		g->began = now_us();
	}
}

static void tell_times(const struct guest *g)
{
	char line[LINE_LEN];

	snprintf(line, sizeof(line), "took %llu longest %llu\r\n", g->ended - g->began, g->longest);
	put_text(line);
}

static void take_byte(struct guest *g, char c)
{
	if (g->in_number) {
		take_number(g, c);
	} else if (c == 'F' || c == 'D' || c == 'R' || c == 'Q') {
		g->in_number = 1;
		g->flood_write = c == 'F' ? BLOCK_LINES * LINE_LEN : c == 'D' ? SMALL_WRITE : RATE_WRITE;
		g->rate = c == 'R' ? RATE_BYTES : c == 'Q' ? QUICK_RATE : 0;
		g->number = 0;
	} else if (c == 'W') {
		tell_times(g);
	} else if (c == 'L') {
		g->ticking = !g->ticking;
		g->next_tick = now();
	} else if (c == 0x03 && g->flood_left > 0) {
		g->flood_left = 0;
		put_text("\r\nstopped\r\n");
	}
}

static void take_input(struct guest *g)
{
	char input[4096];
	ssize_t i, n;

	n = read(STDIN_FILENO, input, sizeof(input));
	if (n <= 0)
		_exit(1);
	put(input, (size_t)n);
	for (i = 0; i < n; i++)
		take_byte(g, input[i]);
}

static void tick(struct guest *g)
{
	char line[LINE_LEN];

	if (!g->ticking || now() < g->next_tick)
		return;
	g->next_tick = now() + 1;
	snprintf(line, sizeof(line), "tick %lu\r\n", ++g->tick);
	put_text(line);
}

static void make_raw(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t) != 0)
		return;
	cfmakeraw(&t);
	tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

int main(void)
{
	static const int ends[] = { SIGTERM, SIGPWR, SIGHUP, SIGINT };
	struct guest g = { 0 };
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		signal(ends[i], end);
	make_raw();
	put_text("flood: ready\r\n");
	for (;;) {
		if (poll(&in, 1, g.flood_left > 0 ? 0 : g.ticking ? 100 : -1) > 0)
			take_input(&g);
		tick(&g);
		if (g.flood_left > 0)
			flood(&g);
	}
}
