/* SPDX-License-Identifier: ISC */
/* See roster.h. Pure. */
#include "terminal/roster.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ipc/date.h"
#include "ipc/json.h"
#include "ipc/text.h"
#include "terminal/guests.h"

enum { COLUMNS = 7, CELL_SIZE = 4 * GUESTS_LABEL_SIZE, WIDTH_MAX = 40 };

static const char *const heads[COLUMNS] = {
	"ID", "USER", "FROM", "BY", "SINCE", "CONSOLE", "KEYBOARD",
};

const char *roster_endpoint(uint8_t endpoint)
{
	return endpoint == ENDPOINT_SSH ? "ssh" : endpoint == ENDPOINT_WEB ? "web" : "unknown";
}

static void label_text(char out[GUESTS_LABEL_SIZE], const struct msg_peer *p)
{
	if (p->unique)
		snprintf(out, GUESTS_LABEL_SIZE, "%s", p->guest);
	else
		snprintf(out, GUESTS_LABEL_SIZE, "%s/%s", p->host, p->guest);
}

static void cell(char out[CELL_SIZE], const struct msg_peer *p, unsigned column, bool is_utf8)
{
	char text[GUESTS_LABEL_SIZE + ALIAS_MAX + 2] = "", label[GUESTS_LABEL_SIZE];

	switch (column) {
	case 0: snprintf(text, sizeof(text), "%" PRIu64, p->id); break;
	case 1: snprintf(text, sizeof(text), "%s%s", p->user, p->you ? " (you)" : ""); break;
	case 2: snprintf(text, sizeof(text), "%s", p->peer); break;
	case 3: snprintf(text, sizeof(text), "%s", roster_endpoint(p->endpoint)); break;
	case 4: date_write(text, p->since); break;
	case 5:
		label_text(label, p);
		snprintf(text, sizeof(text), "%s:%s", label, p->alias);
		break;
	case 6:
		snprintf(text, sizeof(text), "%s",
			 p->keyboard ? "yes" : p->read_only ? "watches" : "no");
		break;
	}
	if (is_utf8)
		text_escape(out, CELL_SIZE, text, strlen(text));
	else
		text_escape_ascii(out, CELL_SIZE, text, strlen(text));
}

static void put(struct buf *out, const char *text, size_t width, bool is_last)
{
	size_t columns = text_columns(text);

	buf_append_str(out, text);
	for (; !is_last && columns < width + 2; columns++)
		buf_append(out, " ", 1);
	if (is_last)
		buf_append(out, "\n", 1);
}

static void measure(size_t width[COLUMNS], const struct msg_peer *peers, size_t count, bool is_utf8)
{
	char text[CELL_SIZE];

	for (unsigned c = 0; c < COLUMNS; c++) {
		width[c] = strlen(heads[c]);
		for (size_t i = 0; i < count; i++) {
			size_t n;

			cell(text, &peers[i], c, is_utf8);
			n = text_columns(text);
			if (n > width[c] && n <= WIDTH_MAX)
				width[c] = n;
		}
	}
}

void roster_print(struct buf *out, const struct msg_peer *peers, size_t count, bool is_utf8)
{
	size_t width[COLUMNS];
	char text[CELL_SIZE];

	if (count == 0)
		return;
	measure(width, peers, count, is_utf8);
	for (unsigned c = 0; c < COLUMNS; c++)
		put(out, heads[c], width[c], c == COLUMNS - 1);
	for (size_t i = 0; i < count; i++) {
		for (unsigned c = 0; c < COLUMNS; c++) {
			cell(text, &peers[i], c, is_utf8);
			put(out, text, width[c], c == COLUMNS - 1);
		}
	}
}

void roster_json(struct buf *out, const struct msg_peer *peers, size_t count)
{
	char since[DATE_SIZE];
	struct json j;

	json_init(&j, out);
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		date_write(since, peers[i].since);
		json_line(&j);
		json_open(&j, NULL, '{');
		json_number(&j, "id", peers[i].id);
		json_string(&j, "user", peers[i].user);
		json_string(&j, "address", peers[i].peer);
		json_string(&j, "endpoint", roster_endpoint(peers[i].endpoint));
		json_string(&j, "guest", peers[i].guest);
		json_string(&j, "host", peers[i].host);
		json_string(&j, "console", peers[i].alias);
		json_bool(&j, "keyboard", peers[i].keyboard);
		json_bool(&j, "read_only", peers[i].read_only);
		json_bool(&j, "you", peers[i].you);
		json_string(&j, "since", since);
		json_close(&j, '}');
	}
	buf_append_str(out, count ? "\n" : "");
	json_close(&j, ']');
	buf_append_str(out, "\n");
}
