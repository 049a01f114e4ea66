/* SPDX-License-Identifier: ISC */
/* See piece.h. */
#include "ws/piece.h"

#include <stdlib.h>
#include <string.h>

struct piece *piece_new(enum lws_write_protocol kind, const uint8_t *head, size_t head_len,
			const void *data, size_t len)
{
	struct piece *p = malloc(sizeof(*p) + LWS_PRE + head_len + len);

	if (!p)
		return NULL;
	p->kind = kind;
	p->len = head_len + len;
	if (head_len)
		memcpy(p->data + LWS_PRE, head, head_len);
	memcpy(p->data + LWS_PRE + head_len, data, len);
	return p;
}

int piece_write(struct piece *p, struct lws *wsi)
{
	return lws_write(wsi, p->data + LWS_PRE, p->len, p->kind);
}

void piece_free(struct piece *p)
{
	if (p->kind == LWS_WRITE_TEXT)
		explicit_bzero(p->data + LWS_PRE, p->len);
	free(p);
}
