/* SPDX-License-Identifier: ISC */
/* See pace.h. Pure. */
#include "terminal/pace.h"

void pace_begin(struct pace *p)
{
	*p = (struct pace){.is_on = true, .has_echo = true, .due = -1};
}

static bool is_waiting(const struct pace *p)
{
	return p->due >= 0;
}

static bool ends_line(uint8_t c)
{
	return c == '\r' || c == '\n';
}

size_t pace_next(const struct pace *p, const uint8_t *typed, size_t len)
{
	size_t n = 0;

	if (is_waiting(p))
		return 0;
	while (n < len && n < PACE_PIECE_MAX)
		if (ends_line(typed[n++]))
			break;
	return n;
}

/* Of the echo only what every echo has: the characters, and that a new line begins. */
void pace_sent(struct pace *p, const uint8_t *data, size_t len, int64_t now)
{
	p->len = p->got = 0;
	for (size_t i = 0; i < len; i++) {
		if (ends_line(data[i]))
			p->wanted[p->len++] = '\n';
		else if (data[i] >= 0x20 && data[i] != 0x7f)
			p->wanted[p->len++] = data[i];
		p->lines += ends_line(data[i]);
	}
	p->bytes += len;
	p->due = now + (p->has_echo && p->len ? PACE_ECHO_MS : PACE_SILENT_MS);
}

bool pace_output(struct pace *p, const uint8_t *data, size_t len)
{
	if (!is_waiting(p) || p->len == 0)
		return false;
	for (size_t i = 0; i < len && p->got < p->len; i++)
		p->got += data[i] == p->wanted[p->got] ||
			  (data[i] == '\r' && p->wanted[p->got] == '\n');
	if (p->got < p->len)
		return false;
	p->has_echo = true;
	p->due = -1;
	return true;
}

bool pace_tick(struct pace *p, int64_t now)
{
	if (!is_waiting(p) || now < p->due)
		return false;
	if (p->len)
		p->has_echo = false;
	p->due = -1;
	return true;
}
