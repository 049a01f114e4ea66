/* SPDX-License-Identifier: ISC */
/* See cells.h. Pure. */
#include "terminal/screen/cells.h"

#include <stdlib.h>
#include <string.h>

void cells_init(struct cells *c, unsigned count)
{
	c->cell = calloc(count, sizeof(*c->cell));
	c->count = c->cell ? count : 0;
}

void cells_free(struct cells *c)
{
	free(c->cell);
	*c = (struct cells){0};
}

static void blank(struct cell *cell)
{
	memcpy(cell->text, " ", 2);
}

void cells_erase(struct cells *c, unsigned from, unsigned to, uint32_t back)
{
	for (unsigned col = from; col <= to && col <= c->count; col++) {
		c->cell[col - 1].style = (struct style){.back = back};
		blank(&c->cell[col - 1]);
	}
}

void cells_put(struct cells *c, unsigned col, const char *text, size_t len, unsigned width,
	       const struct style *style)
{
	struct cell *cell;

	if (col == 0 || col + width - 1 > c->count || len >= CELL_TEXT_SIZE)
		return;
	cell = &c->cell[col - 1];
	/* Half of a wide character cannot stay. */
	if (cell->text[0] == '\0' && col > 1)
		blank(cell - 1);
	*cell = (struct cell){.style = *style};
	memcpy(cell->text, text, len);
	if (width == 2)
		cell[1] = (struct cell){.style = *style};
	if (col + width <= c->count && cell[width].text[0] == '\0')
		blank(&cell[width]);
}

void cells_combine(struct cells *c, unsigned col, const char *text, size_t len)
{
	struct cell *cell;

	if (col == 0 || col > c->count)
		return;
	cell = &c->cell[col - 1];
	if (strlen(cell->text) + len < sizeof(cell->text))
		strncat(cell->text, text, len);
}

void cells_shift_left(struct cells *c, unsigned col, unsigned n, uint32_t back)
{
	unsigned rest = c->count - col + 1;

	if (col == 0 || col > c->count)
		return;
	n = n > rest ? rest : n;
	memmove(&c->cell[col - 1], &c->cell[col - 1 + n], (rest - n) * sizeof(*c->cell));
	cells_erase(c, c->count - n + 1, c->count, back);
}

void cells_shift_right(struct cells *c, unsigned col, unsigned n, uint32_t back)
{
	unsigned rest = c->count - col + 1;

	if (col == 0 || col > c->count)
		return;
	n = n > rest ? rest : n;
	memmove(&c->cell[col - 1 + n], &c->cell[col - 1], (rest - n) * sizeof(*c->cell));
	cells_erase(c, col, col + n - 1, back);
}

void cells_print(const struct cells *c, struct buf *out)
{
	struct style now = {0};

	for (unsigned i = 0; i < c->count; i++) {
		if (!style_is_same(&now, &c->cell[i].style)) {
			now = c->cell[i].style;
			style_print(out, &now);
		}
		buf_append_str(out, c->cell[i].text);
	}
}
