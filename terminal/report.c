/* SPDX-License-Identifier: ISC */
/* See report.h. Pure. */
#include "terminal/report.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "ipc/date.h"
#include "ipc/text.h"
#include "ipc/uuid.h"
#include "terminal/roster.h"

enum { CELL_SIZE = 4 * GUESTS_LABEL_SIZE, HOLDER_COLUMNS_MAX = 24,
       STATE_COLUMNS = sizeof("shutting down") - 1 };

bool report_fits(const struct guest *g, const char *pattern)
{
	char label[GUESTS_LABEL_SIZE];

	if (!pattern)
		return true;
	guest_label(label, g);
	if (strpbrk(pattern, "*?["))
		return fnmatch(pattern, label, 0) == 0;
	return strstr(label, pattern) != NULL;
}

static const char *escape(char *out, size_t size, const char *text, bool is_utf8)
{
	if (is_utf8)
		text_escape(out, size, text, strlen(text));
	else
		text_escape_ascii(out, size, text, strlen(text));
	return out;
}

static void pad(struct buf *out, const char *text, size_t width)
{
	size_t columns = text_columns(text);

	buf_append_str(out, text);
	for (; columns < width; columns++)
		buf_append(out, " ", 1);
}

static void label_cell(char *out, size_t size, const struct guest *g, bool is_utf8)
{
	char label[GUESTS_LABEL_SIZE];

	guest_label(label, g);
	escape(out, size, label, is_utf8);
}

/* "2 (alice)": viewers, and who has the keyboard. */
static void viewers_cell(char *out, size_t size, const struct guest *g, bool is_utf8)
{
	char holder[CELL_SIZE];

	if (*g->holder)
		snprintf(out, size, "%u (%s)", g->viewers,
			 escape(holder, sizeof(holder), g->holder, is_utf8));
	else
		snprintf(out, size, "%u", g->viewers);
}

static void text_begin(struct report *r, struct buf *out)
{
	char cell[CELL_SIZE], who[CELL_SIZE + 16];
	bool is_empty = true;

	r->name_columns = strlen("NAME");
	r->viewer_columns = strlen("VIEWERS");
	for (size_t i = 0; i < r->guests->count; i++) {
		size_t width;

		if (!report_fits(r->guests->by_name[i], r->pattern))
			continue;
		is_empty = false;
		label_cell(cell, sizeof(cell), r->guests->by_name[i], r->is_utf8);
		width = text_columns(cell);
		if (width > r->name_columns)
			r->name_columns = width;
		viewers_cell(who, sizeof(who), r->guests->by_name[i], r->is_utf8);
		width = text_columns(who);
		if (width > r->viewer_columns && width <= HOLDER_COLUMNS_MAX)
			r->viewer_columns = width;
	}
	if (is_empty)
		return;
	pad(out, "NAME", r->name_columns + 2);
	pad(out, "STATE", STATE_COLUMNS + 2);
	pad(out, "VIEWERS", r->viewer_columns + 2);
	buf_append_str(out, "CONSOLES\n");
}

static void text_guest(struct report *r, struct buf *out, const struct guest *g)
{
	char cell[CELL_SIZE], who[CELL_SIZE + 16];

	label_cell(cell, sizeof(cell), g, r->is_utf8);
	pad(out, cell, r->name_columns + 2);
	pad(out, guest_state_word(g->state), STATE_COLUMNS + 2);
	viewers_cell(who, sizeof(who), g, r->is_utf8);
	pad(out, who, r->viewer_columns);
	buf_printf(out, "  %s\n",
		   *g->consoles ? escape(cell, sizeof(cell), g->consoles, r->is_utf8) : "-");
}

/* The fields that list and info share; g->is_unique decides the label. */
static void put_fields(struct json *j, const struct guest *g)
{
	char label[GUESTS_LABEL_SIZE];

	guest_label(label, g);
	json_string(j, "name", g->name);
	json_string(j, "host", g->host);
	json_string(j, "label", label);
	json_uuid(j, "uuid", g->uuid);
	json_string(j, "state", guest_state_word(g->state));
	json_number(j, "viewers", g->viewers);
	json_string(j, "keyboard", g->holder);
	json_words(j, "consoles", g->consoles);
	json_words(j, "displays", g->displays);
}

static void json_begin(struct report *r, struct buf *out)
{
	json_init(&r->json, out);
	json_open(&r->json, NULL, '[');
}

static void json_guest(struct report *r, struct buf *out, const struct guest *g)
{
	(void)out;
	json_line(&r->json);
	json_open(&r->json, NULL, '{');
	put_fields(&r->json, g);
	json_close(&r->json, '}');
}

static void json_end(struct report *r, struct buf *out)
{
	buf_append_str(out, r->count ? "\n" : "");
	json_close(&r->json, ']');
	buf_append_str(out, "\n");
}

/* Points into m. */
static void view_guest(struct guest *g, const struct msg_guest *m)
{
	*g = (struct guest){
		.host = m->host, .name = m->name, .holder = m->holder, .consoles = m->consoles,
		.displays = m->displays, .viewers = m->viewers, .state = m->state,
		.is_unique = m->unique,
	};
	memcpy(g->uuid, m->uuid, UUID_SIZE);
}

void report_peer(struct buf *out, const struct msg_peer *p, bool is_utf8)
{
	char user[CELL_SIZE], peer[CELL_SIZE], since[DATE_SIZE];

	date_write(since, p->since);
	buf_printf(out, "%s%s from %s by %s since %s%s%s\n",
		   escape(user, sizeof(user), p->user, is_utf8), p->you ? " (you)" : "",
		   escape(peer, sizeof(peer), p->peer, is_utf8), roster_endpoint(p->endpoint), since,
		   *p->alias ? " on " : "", p->alias);
	if (p->keyboard) {
		out->len--;
		buf_append_str(out, ", has the keyboard\n");
	}
}

static void put_line(struct buf *out, const char *head, const char *text, bool is_utf8)
{
	char cell[CELL_SIZE];

	buf_printf(out, "%-10s %s\n", head,
		   *text ? escape(cell, sizeof(cell), text, is_utf8) : "-");
}

void report_info(struct buf *out, const struct msg_guest *m, const struct msg_peer *peers,
		 size_t count, bool is_utf8)
{
	char uuid[UUID_TEXT_SIZE];

	uuid_write(uuid, m->uuid);
	put_line(out, "Name:", m->name, is_utf8);
	put_line(out, "Host:", m->host, is_utf8);
	put_line(out, "UUID:", uuid, is_utf8);
	put_line(out, "State:", guest_state_word(m->state), is_utf8);
	put_line(out, "Consoles:", m->consoles, is_utf8);
	put_line(out, "Displays:", m->displays, is_utf8);
	put_line(out, "Keyboard:", m->holder, is_utf8);
	buf_printf(out, "%-10s %u\n", "Viewers:", m->viewers);
	for (size_t i = 0; i < count; i++) {
		buf_append_str(out, "  ");
		report_peer(out, &peers[i], is_utf8);
	}
}

void report_info_json(struct buf *out, const struct msg_guest *m, const struct msg_peer *peers,
		      size_t count)
{
	struct guest g;
	struct json j;
	char since[DATE_SIZE];

	view_guest(&g, m);
	json_init(&j, out);
	json_open(&j, NULL, '{');
	put_fields(&j, &g);
	json_open(&j, "peers", '[');
	for (size_t i = 0; i < count; i++) {
		date_write(since, peers[i].since);
		json_open(&j, NULL, '{');
		json_string(&j, "user", peers[i].user);
		json_string(&j, "address", peers[i].peer);
		json_string(&j, "endpoint", roster_endpoint(peers[i].endpoint));
		json_string(&j, "console", peers[i].alias);
		json_bool(&j, "keyboard", peers[i].keyboard);
		json_bool(&j, "you", peers[i].you);
		json_string(&j, "since", since);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buf_append_str(out, "\n");
}

/* Names that mean themselves in ssh_config(5), to the shell and to our own grammar. */
static bool is_simple(const char *name)
{
	static const char safe[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";

	return name[0] != '-' && name[strspn(name, safe)] == '\0';
}

static void put_host(struct buf *out, const char *label)
{
	char name[GUESTS_LABEL_SIZE];
	size_t n = 0;

	for (; label[n]; n++)
		name[n] = is_simple((const char[]){'x', label[n], '\0'}) && label[n] != '/'
				  ? label[n]
				  : '-';
	name[n] = '\0';
	buf_printf(out, "Host %s%s\n", name[0] == '-' ? "guest" : "", name);
}

static void config_begin(struct report *r, struct buf *out)
{
	(void)r;
	buf_append_str(out,
		       "# Consoles: for ~/.ssh/config. Rename a Host where the name is taken.\n");
}

static void config_guest(struct report *r, struct buf *out, const struct guest *g)
{
	char label[GUESTS_LABEL_SIZE], uuid[UUID_TEXT_SIZE];

	guest_label(label, g);
	uuid_write(uuid, g->uuid);
	put_host(out, label);
	buf_printf(out, "    HostName %s\n    Port %u\n    User %s\n    RequestTTY yes\n",
		   r->address, r->port, r->user);
	buf_printf(out, "    RemoteCommand %s%s\n",
		   is_simple(label) && r->is_verb(label) ? "attach " : "",
		   is_simple(label) ? label : uuid);
}

static const struct {
	void (*begin)(struct report *r, struct buf *out);
	void (*guest)(struct report *r, struct buf *out, const struct guest *g);
	void (*end)(struct report *r, struct buf *out);
} forms[] = {
	[REPORT_TEXT] = { text_begin, text_guest, NULL },
	[REPORT_JSON] = { json_begin, json_guest, json_end },
	[REPORT_SSH_CONFIG] = { config_begin, config_guest, NULL },
};

bool report_print(struct report *r, struct buf *out, size_t enough)
{
	if (r->at == 0)
		forms[r->form].begin(r, out);
	for (; r->at < r->guests->count && out->len < enough; r->at++) {
		const struct guest *g = r->guests->by_name[r->at];

		if (!report_fits(g, r->pattern))
			continue;
		forms[r->form].guest(r, out, g);
		r->count++;
	}
	if (r->at < r->guests->count)
		return false;
	if (forms[r->form].end)
		forms[r->form].end(r, out);
	return true;
}
