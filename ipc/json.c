/* SPDX-License-Identifier: ISC */
/* See json.h. Pure. */
#include "ipc/json.h"

#include <inttypes.h>
#include <string.h>

#include "ipc/text.h"

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out, .is_first = true };
}

static bool is_plain(uint32_t p)
{
	return p >= 0x20 && p != '"' && p != '\\' && !(p >= 0x7f && p <= 0x9f) && p != 0x61c &&
	       !(p >= 0x200b && p <= 0x200f) && !(p >= 0x2028 && p <= 0x202e) &&
	       !(p >= 0x2060 && p <= 0x206f) && p != 0xfeff;
}

static void quote(struct buf *out, const char *s, size_t len)
{
	const uint8_t *at = (const uint8_t *)s;

	buf_append_str(out, "\"");
	while (len) {
		uint32_t point;
		size_t n = text_decode(&point, at, len);

		if (n == 0) {
			buf_append_str(out, "\xef\xbf\xbd");
			n = 1;
		} else if (is_plain(point)) {
			buf_append(out, at, n);
		} else if (point == '"' || point == '\\') {
			buf_printf(out, "\\%c", (char)point);
		} else {
			buf_printf(out, "\\u%04" PRIx32, point);
		}
		at += n;
		len -= n;
	}
	buf_append_str(out, "\"");
}

static void begin(struct json *j, const char *key)
{
	if (!j->is_first)
		buf_append_str(j->out, ",");
	j->is_first = false;
	if (key) {
		quote(j->out, key, strlen(key));
		buf_append_str(j->out, ":");
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	buf_append(j->out, &bracket, 1);
	j->is_first = true;
}

void json_close(struct json *j, char bracket)
{
	buf_append(j->out, &bracket, 1);
	j->is_first = false;
}

void json_line(struct json *j)
{
	buf_append_str(j->out, j->is_first ? "\n" : ",\n");
	j->is_first = true;
}

void json_bytes(struct json *j, const char *key, const void *value, size_t len)
{
	begin(j, key);
	quote(j->out, value, len);
}

void json_string(struct json *j, const char *key, const char *value)
{
	json_bytes(j, key, value, strlen(value));
}

void json_uuid(struct json *j, const char *key, const uint8_t uuid[UUID_SIZE])
{
	char text[UUID_TEXT_SIZE];

	uuid_write(text, uuid);
	json_string(j, key, text);
}

void json_null(struct json *j, const char *key)
{
	begin(j, key);
	buf_append_str(j->out, "null");
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	begin(j, key);
	buf_printf(j->out, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	buf_append_str(j->out, value ? "true" : "false");
}

void json_words(struct json *j, const char *key, const char *words)
{
	json_open(j, key, '[');
	while (*words) {
		size_t n = strcspn(words, " ");

		if (n) {
			begin(j, NULL);
			quote(j->out, words, n);
		}
		words += n;
		words += strspn(words, " ");
	}
	json_close(j, ']');
}
