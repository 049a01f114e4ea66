/* SPDX-License-Identifier: ISC */
/* See report.h. Pure. */
#include "terminal/report.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ipc/text.h"
#include "terminal/json.h"

enum { CELL_SIZE = 4 * GUESTS_LABEL_SIZE, HOLDER_COLUMNS_MAX = 24 };

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
		snprintf(out, size, "%u (%s)", g->viewers, escape(holder, sizeof(holder), g->holder, is_utf8));
	else
		snprintf(out, size, "%u", g->viewers);
}

size_t report_list(struct buf *out, const struct guests *g, const char *pattern, bool is_utf8)
{
	char cell[CELL_SIZE], who[CELL_SIZE + 16];
	size_t name = strlen("NAME"), viewers = strlen("VIEWERS"), count = 0;

	for (size_t i = 0; i < g->count; i++) {
		if (!report_fits(g->by_name[i], pattern))
			continue;
		label_cell(cell, sizeof(cell), g->by_name[i], is_utf8);
		viewers_cell(who, sizeof(who), g->by_name[i], is_utf8);
		if (text_columns(cell) > name)
			name = text_columns(cell);
		if (text_columns(who) > viewers && text_columns(who) <= HOLDER_COLUMNS_MAX)
			viewers = text_columns(who);
		count++;
	}
	if (count == 0)
		return 0;
	pad(out, "NAME", name + 2);
	pad(out, "STATE", strlen("shutting down") + 2);
	pad(out, "VIEWERS", viewers + 2);
	buf_append_str(out, "CONSOLES\n");
	for (size_t i = 0; i < g->count; i++) {
		if (!report_fits(g->by_name[i], pattern))
			continue;
		label_cell(cell, sizeof(cell), g->by_name[i], is_utf8);
		pad(out, cell, name + 2);
		pad(out, guest_state_word(g->by_name[i]->state), strlen("shutting down") + 2);
		viewers_cell(who, sizeof(who), g->by_name[i], is_utf8);
		pad(out, who, viewers);
		buf_printf(out, "  %s\n", *g->by_name[i]->consoles ?
			   escape(cell, sizeof(cell), g->by_name[i]->consoles, is_utf8) : "-");
	}
	return count;
}

/* The fields that list and info share; g->is_unique decides the label. */
static void put_fields(struct json *j, const struct guest *g)
{
	char label[GUESTS_LABEL_SIZE], uuid[UUID_TEXT_SIZE];

	guest_label(label, g);
	guest_uuid_text(uuid, g->uuid);
	json_string(j, "name", g->name);
	json_string(j, "host", g->host);
	json_string(j, "label", label);
	json_string(j, "uuid", uuid);
	json_string(j, "state", guest_state_word(g->state));
	json_number(j, "viewers", g->viewers);
	json_string(j, "keyboard", g->holder);
	json_words(j, "consoles", g->consoles);
	json_words(j, "displays", g->displays);
}

size_t report_list_json(struct buf *out, const struct guests *g, const char *pattern)
{
	struct json j;
	size_t count = 0;

	json_init(&j, out);
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < g->count; i++) {
		if (!report_fits(g->by_name[i], pattern))
			continue;
		count++;
		json_line(&j);
		json_open(&j, NULL, '{');
		put_fields(&j, g->by_name[i]);
		json_close(&j, '}');
	}
	buf_append_str(out, count ? "\n" : "");
	json_close(&j, ']');
	buf_append_str(out, "\n");
	return count;
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

static void since_text(char out[32], uint64_t since)
{
	time_t t = (time_t)since;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

static const char *endpoint_word(uint8_t endpoint)
{
	return endpoint == ENDPOINT_SSH ? "ssh" : "unknown";
}

void report_peer(struct buf *out, const struct msg_peer *p, bool is_utf8)
{
	char user[CELL_SIZE], peer[CELL_SIZE], since[32];

	since_text(since, p->since);
	buf_printf(out, "%s%s from %s by %s since %s%s%s\n", escape(user, sizeof(user), p->user, is_utf8),
		   p->you ? " (you)" : "", escape(peer, sizeof(peer), p->peer, is_utf8),
		   endpoint_word(p->endpoint), since, *p->alias ? " on " : "", p->alias);
	if (p->keyboard) {
		out->len--;
		buf_append_str(out, ", has the keyboard\n");
	}
}

static void put_line(struct buf *out, const char *head, const char *text, bool is_utf8)
{
	char cell[CELL_SIZE];

	buf_printf(out, "%-10s %s\n", head, *text ? escape(cell, sizeof(cell), text, is_utf8) : "-");
}

void report_info(struct buf *out, const struct msg_guest *m, const struct msg_peer *peers,
		 size_t count, bool is_utf8)
{
	char uuid[UUID_TEXT_SIZE];

	guest_uuid_text(uuid, m->uuid);
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
	char since[32];

	view_guest(&g, m);
	json_init(&j, out);
	json_open(&j, NULL, '{');
	put_fields(&j, &g);
	json_open(&j, "peers", '[');
	for (size_t i = 0; i < count; i++) {
		since_text(since, peers[i].since);
		json_open(&j, NULL, '{');
		json_string(&j, "user", peers[i].user);
		json_string(&j, "address", peers[i].peer);
		json_string(&j, "endpoint", endpoint_word(peers[i].endpoint));
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
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";

	return name[0] != '-' && name[strspn(name, safe)] == '\0';
}

static void put_host(struct buf *out, const char *label)
{
	char name[GUESTS_LABEL_SIZE];
	size_t n = 0;

	for (; label[n]; n++)
		name[n] = is_simple((const char[]){ 'x', label[n], '\0' }) && label[n] != '/' ? label[n] : '-';
	name[n] = '\0';
	buf_printf(out, "Host %s%s\n", name[0] == '-' ? "guest" : "", name);
}

void report_ssh_config(struct buf *out, const struct guests *g, const char *user,
		       const char *address, unsigned port, bool (*is_verb)(const char *name))
{
	buf_append_str(out, "# Consoles: for ~/.ssh/config. Rename a Host where the name is taken.\n");
	for (size_t i = 0; i < g->count; i++) {
		char label[GUESTS_LABEL_SIZE], uuid[UUID_TEXT_SIZE];

		guest_label(label, g->by_name[i]);
		guest_uuid_text(uuid, g->by_name[i]->uuid);
		put_host(out, label);
		buf_printf(out, "    HostName %s\n    Port %u\n    User %s\n    RequestTTY yes\n", address,
			   port, user);
		buf_printf(out, "    RemoteCommand %s%s\n", is_simple(label) && is_verb(label) ? "attach " : "",
			   is_simple(label) ? label : uuid);
	}
}
