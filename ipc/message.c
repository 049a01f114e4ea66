/* SPDX-License-Identifier: ISC */
/*
 * The one encoder and the one decoder of all messages, driven by the table of their fields.
 * Pure. Nothing here trusts a length that it has not checked.
 */
#include "ipc/message.h"

#include <string.h>

#include "ipc/message_rows.h"

static const struct message_row *row_of(unsigned type)
{
	return type < MSG_TYPE_COUNT && message_rows[type].name ? &message_rows[type] : NULL;
}

unsigned message_fds(enum message_type type)
{
	const struct message_row *row = row_of(type);

	return row ? row->nfds : 0;
}

const char *message_name(enum message_type type)
{
	const struct message_row *row = row_of(type);

	return row ? row->name : "unknown";
}

/* -- encoding -- */

struct writer {
	uint8_t *at;
	size_t left;
};

static int put_int(struct writer *w, uint64_t v, size_t size)
{
	if (w->left < size)
		return -1;
	pack_store(w->at, v, size);
	w->at += size;
	w->left -= size;
	return 0;
}

static int put_raw(struct writer *w, const void *data, size_t len)
{
	if (w->left < len)
		return -1;
	if (len)
		memcpy(w->at, data, len);
	w->at += len;
	w->left -= len;
	return 0;
}

static int put_bytes(struct writer *w, const void *data, size_t len, size_t max)
{
	if (len > max || len > UINT16_MAX || put_int(w, len, 2) < 0)
		return -1;
	return put_raw(w, data, len);
}

static int encode_field(struct writer *w, const struct field *f, const void *fields)
{
	const char *at = (const char *)fields + f->offset;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	struct bytes b;

	switch (f->kind) {
	case FIELD_U8:
		memcpy(&u8, at, sizeof(u8));
		return put_int(w, u8, sizeof(u8));
	case FIELD_U16:
		memcpy(&u16, at, sizeof(u16));
		return put_int(w, u16, sizeof(u16));
	case FIELD_U32:
		memcpy(&u32, at, sizeof(u32));
		return put_int(w, u32, sizeof(u32));
	case FIELD_U64:
		memcpy(&u64, at, sizeof(u64));
		return put_int(w, u64, sizeof(u64));
	case FIELD_UUID:
		return put_raw(w, at, UUID_SIZE);
	case FIELD_STR:
		return put_bytes(w, at, strnlen(at, f->max + 1), f->max);
	case FIELD_BYTES:
		memcpy(&b, at, sizeof(b));
		return put_bytes(w, b.data, b.len, f->max);
	}
	return -1;
}

int message_encode(uint8_t *out, size_t size, enum message_type type, const void *fields)
{
	const struct message_row *row = row_of(type);
	struct writer w = { out, size < MESSAGE_MAX ? size : MESSAGE_MAX };

	if (!row || put_int(&w, type, 2) < 0)
		return -1;
	for (size_t i = 0; i < row->nfields; i++)
		if (encode_field(&w, &row->fields[i], fields) < 0)
			return -1;
	return (int)(w.at - out);
}

/* -- decoding -- */

static int get_raw(struct pack_reader *r, void *out, size_t len)
{
	if (r->left < len)
		return -1;
	memcpy(out, r->at, len);
	r->at += len;
	r->left -= len;
	return 0;
}

static int decode_str(struct pack_reader *r, char *at, size_t max)
{
	struct bytes b;

	if (pack_get_bytes(r, &b) < 0 || b.len > max || memchr(b.data, 0, b.len))
		return -1;
	memcpy(at, b.data, b.len);
	at[b.len] = '\0';
	return 0;
}

static int decode_bytes(struct pack_reader *r, void *at, size_t max)
{
	struct bytes b;

	if (pack_get_bytes(r, &b) < 0 || b.len > max)
		return -1;
	memcpy(at, &b, sizeof(b));
	return 0;
}

static int decode_field(struct pack_reader *r, const struct field *f, void *fields)
{
	char *at = (char *)fields + f->offset;

	switch (f->kind) {
	case FIELD_U8:
		return pack_get_int(r, at, 1);
	case FIELD_U16:
		return pack_get_int(r, at, 2);
	case FIELD_U32:
		return pack_get_int(r, at, 4);
	case FIELD_U64:
		return pack_get_int(r, at, 8);
	case FIELD_UUID:
		return get_raw(r, at, UUID_SIZE);
	case FIELD_STR:
		return decode_str(r, at, f->max);
	case FIELD_BYTES:
		return decode_bytes(r, at, f->max);
	}
	return -1;
}

int message_decode(struct message *m, const uint8_t *in, size_t len)
{
	struct pack_reader r = { in, len };
	const struct message_row *row;
	uint16_t type;

	m->type = MSG_NONE;
	if (len > MESSAGE_MAX || pack_get_int(&r, &type, sizeof(type)) < 0)
		return -1;
	row = row_of(type);
	if (!row)
		return -1;
	for (size_t i = 0; i < row->nfields; i++)
		if (decode_field(&r, &row->fields[i], &m->u) < 0)
			return -1;
	if (r.left)
		return -1;
	m->type = type;
	return 0;
}
