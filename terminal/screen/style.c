/* SPDX-License-Identifier: ISC */
/* See style.h. Pure. */
#include "terminal/screen/style.h"

static const struct {
	uint32_t off;
	uint16_t flags;
} ends[] = {
	{22, 1 << 1 | 1 << 2}, {23, 1 << 3}, {24, STYLE_LINES}, {25, 1 << 5 | 1 << 6},
	{27, 1 << 7},	       {28, 1 << 8}, {29, 1 << 9},
	{55, 1 << STYLE_OVER},
};

/* 38 or 48 and what belongs to it: how many values that is. */
static unsigned set_colour(uint32_t *colour, const uint32_t *v, unsigned count, uint32_t joined)
{
	unsigned at = 2;

	if (count >= 3 && v[1] == 5) {
		*colour = 1 + (v[2] & 0xff);
		return 3;
	}
	if (count < 5 || v[1] != 2)
		return count;
	/* 38:2:SPACE:R:G:B has the number of a colour space; 38;2;R;G;B and 38:2:R:G:B have not. */
	if (count >= 6 && joined >> 5 & 1)
		at = 3;
	*colour = STYLE_RGB | (v[at] & 0xff) << 16 | (v[at + 1] & 0xff) << 8 | (v[at + 2] & 0xff);
	return at + 3;
}

/* As 4:N numbers them, and 21 is 4:2. */
static void underline(struct style *s, uint32_t n)
{
	s->flags &= (uint16_t)~STYLE_LINES;
	if (n == 1)
		s->flags |= 1 << 4;
	else if (n >= 2 && n <= 5)
		s->flags |= (uint16_t)(1 << (STYLE_DOUBLE + n - 2));
}

static void set_one(struct style *s, uint32_t v)
{
	if (v == 0)
		*s = (struct style){0};
	else if (v == 4 || v == 21)
		underline(s, v == 4 ? 1 : 2);
	else if (v == 53)
		s->flags |= 1 << STYLE_OVER;
	else if (v <= 9)
		s->flags |= (uint16_t)(1 << v);
	else if (v >= 30 && v <= 37)
		s->front = 1 + v - 30;
	else if (v >= 40 && v <= 47)
		s->back = 1 + v - 40;
	else if (v >= 90 && v <= 97)
		s->front = 9 + v - 90;
	else if (v >= 100 && v <= 107)
		s->back = 9 + v - 100;
	else if (v == 39)
		s->front = STYLE_DEFAULT;
	else if (v == 49)
		s->back = STYLE_DEFAULT;
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i].off == v)
			s->flags &= (uint16_t)~ends[i].flags;
}

void style_set(struct style *s, const uint32_t *values, unsigned count, uint32_t joined)
{
	for (unsigned i = 0; i < count;) {
		uint32_t unused = 0;

		if (values[i] == 38 || values[i] == 48 || values[i] == 58) {
			i += set_colour(values[i] == 38	  ? &s->front
					: values[i] == 48 ? &s->back
							  : &unused,
					values + i, count - i, joined >> i);
			continue;
		}
		if (values[i] == 4 && i + 1 < count && joined >> (i + 1) & 1)
			underline(s, values[i + 1]);
		else
			set_one(s, values[i]);
		do
			i++;
		while (i < count && joined >> i & 1);
	}
}

bool style_is_same(const struct style *a, const struct style *b)
{
	return a->front == b->front && a->back == b->back && a->flags == b->flags;
}

static void print_colour(struct buf *out, uint32_t colour, unsigned base)
{
	if (colour == STYLE_DEFAULT)
		return;
	if (colour & STYLE_RGB)
		buf_printf(out, ";%u;2;%u;%u;%u", base + 8, colour >> 16 & 0xff, colour >> 8 & 0xff,
			   colour & 0xff);
	else if (colour <= 8)
		buf_printf(out, ";%u", base + colour - 1);
	else if (colour <= 16)
		buf_printf(out, ";%u", base + 60 + colour - 9);
	else
		buf_printf(out, ";%u;5;%u", base + 8, colour - 1);
}

static void print_flags(struct buf *out, unsigned flags)
{
	static const char *const names[] = { "21", "4:3", "4:4", "4:5", "53" };

	for (unsigned i = 1; i <= 9; i++)
		if (flags >> i & 1)
			buf_printf(out, ";%u", i);
	for (unsigned i = STYLE_DOUBLE; i <= STYLE_OVER; i++)
		if (flags >> i & 1)
			buf_printf(out, ";%s", names[i - STYLE_DOUBLE]);
}

void style_print(struct buf *out, const struct style *s)
{
	buf_append_str(out, "\033[0");
	print_flags(out, s->flags);
	print_colour(out, s->front, 30);
	print_colour(out, s->back, 40);
	buf_append_str(out, "m");
}

static void print_change(struct buf *out, const struct style *from, const struct style *to)
{
	print_flags(out, to->flags & ~from->flags);
	if (from->front != to->front && to->front == STYLE_DEFAULT)
		buf_append_str(out, ";39");
	else if (from->front != to->front)
		print_colour(out, to->front, 30);
	if (from->back != to->back && to->back == STYLE_DEFAULT)
		buf_append_str(out, ";49");
	else if (from->back != to->back)
		print_colour(out, to->back, 40);
}

void style_change(struct buf *out, const struct style *from, const struct style *to)
{
	static const struct style none;
	struct buf text;

	if (style_is_same(from, to))
		return;
	if (style_is_same(to, &none)) {
		buf_append_str(out, "\033[m");
		return;
	}
	/* Not all terminals can switch attributes off one by one. */
	if (from->flags & ~to->flags) {
		style_print(out, to);
		return;
	}
	buf_init(&text, 128);
	print_change(&text, from, to);
	buf_append_str(out, "\033[");
	if (text.len)
		buf_append(out, text.data + 1, text.len - 1);
	buf_append_str(out, "m");
	buf_free(&text);
}
