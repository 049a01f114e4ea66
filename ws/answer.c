/* SPDX-License-Identifier: ISC */
/* See answer.h. Pure. */
#include "ws/answer.h"

#include <string.h>

static const struct status {
	unsigned number;
	const char *words;
} statuses[] = {
	{ 200, "OK" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

/* Of every answer: nothing of it is kept, framed, guessed at or told to others. */
static const struct header {
	const char *name;
	const char *value;
} headers[] = {
	{ "Connection", "close" },
	{ "Server", "serialgate" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

static const char *words_of(unsigned status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].number == status)
			return statuses[i].words;
	return "Error";
}

void answer_header(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s: %s\r\n", name, value);
}

void answer_begin(struct buf *out, unsigned status, const char *type, long length)
{
	buf_printf(out, "HTTP/1.1 %u %s\r\n", status, words_of(status));
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		answer_header(out, headers[i].name, headers[i].value);
	if (type)
		answer_header(out, "Content-Type", type);
	if (length >= 0)
		buf_printf(out, "Content-Length: %ld\r\n", length);
}

void answer_end(struct buf *out)
{
	buf_append_str(out, "\r\n");
}

static void put_text(struct buf *out, unsigned status, const char *text, const char *name,
		     const char *value)
{
	const char *words = text ? text : words_of(status);

	answer_begin(out, status, "text/plain; charset=utf-8", (long)strlen(words) + 1);
	answer_header(out, "Cache-Control", "no-store");
	if (name)
		answer_header(out, name, value);
	answer_end(out);
	buf_printf(out, "%s\n", words);
}

void answer_status(struct buf *out, unsigned status, const char *text)
{
	put_text(out, status, text, NULL, NULL);
}

void answer_unauthorized(struct buf *out, bool is_browser)
{
	put_text(out, 401, NULL, is_browser ? NULL : "WWW-Authenticate",
		 "Basic realm=\"serialgate\", charset=\"UTF-8\"");
}

void answer_policy(struct buf *out, const char *hashes, const struct config_list *embed_from)
{
	/* xterm.js makes style elements of its own and has no way to mark them. */
	buf_printf(out, "default-src 'none'; script-src %s; style-src 'unsafe-inline'; "
		   "img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; "
		   "form-action 'none'; frame-ancestors", hashes[0] ? hashes : "'none'");
	for (size_t i = 0; i < embed_from->count; i++)
		buf_printf(out, " %s", embed_from->items[i]);
	if (embed_from->count == 0)
		buf_append_str(out, " 'none'");
}
