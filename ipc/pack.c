/* SPDX-License-Identifier: ISC */
/* See pack.h. Pure. */
#include "ipc/pack.h"

#include <string.h>

#include "ipc/buf.h"

void pack_open(struct pack_reader *r, struct bytes from)
{
	r->at = from.data;
	r->left = from.len;
}

uint64_t pack_load(const uint8_t *in, size_t size)
{
	uint64_t v = 0;

	for (size_t i = 0; i < size; i++)
		v = v << 8 | in[i];
	return v;
}

static int get_int(struct pack_reader *r, uint64_t *v, size_t size)
{
	if (r->left < size)
		return -1;
	*v = pack_load(r->at, size);
	r->at += size;
	r->left -= size;
	return 0;
}

int pack_get_int(struct pack_reader *r, void *at, size_t size)
{
	uint64_t v;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;

	if (get_int(r, &v, size) < 0)
		return -1;
	u8 = (uint8_t)v;
	u16 = (uint16_t)v;
	u32 = (uint32_t)v;
	memcpy(at, size == 1 ? (void *)&u8 : size == 2 ? (void *)&u16 :
		   size == 4 ? (void *)&u32 : (void *)&v, size);
	return 0;
}

int pack_get_u8(struct pack_reader *r, uint8_t *v)
{
	return pack_get_int(r, v, sizeof(*v));
}

int pack_get_u32(struct pack_reader *r, uint32_t *v)
{
	return pack_get_int(r, v, sizeof(*v));
}

int pack_get_bytes(struct pack_reader *r, struct bytes *v)
{
	uint64_t len;

	if (get_int(r, &len, 2) < 0 || r->left < len)
		return -1;
	v->data = r->at;
	v->len = len;
	r->at += len;
	r->left -= len;
	return 0;
}

void pack_store(uint8_t *out, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(v >> (8 * (size - 1 - i)));
}

static int put_int(struct buf *b, uint64_t v, size_t size)
{
	uint8_t raw[8];

	pack_store(raw, v, size);
	return buf_append(b, raw, size);
}

int pack_put_u8(struct buf *b, uint8_t v)
{
	return put_int(b, v, 1);
}

int pack_put_u32(struct buf *b, uint32_t v)
{
	return put_int(b, v, 4);
}

int pack_put_bytes(struct buf *b, const void *data, size_t len)
{
	if (len > UINT16_MAX || put_int(b, len, 2) < 0) {
		b->full = true;
		return -1;
	}
	return buf_append(b, data, len);
}
