/* SPDX-License-Identifier: ISC */
/* See prompt.h. Pure. */
#include "terminal/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/text.h"

void prompt_init(struct prompt *p, const struct guests *guests, bool is_utf8)
{
	*p = (struct prompt){ .guests = guests, .is_utf8 = is_utf8 };
}

void prompt_free(struct prompt *p)
{
	free(p->listed);
	p->listed = NULL;
	p->count = 0;
}

static void put_foreign(const struct prompt *p, struct buf *out, const char *text)
{
	char shown[GUESTS_LABEL_SIZE * 2];

	if (p->is_utf8)
		text_escape(shown, sizeof(shown), text, strlen(text));
	else
		text_escape_ascii(shown, sizeof(shown), text, strlen(text));
	buf_append_str(out, shown);
}

void prompt_again(struct prompt *p, struct buf *out)
{
	buf_append_str(out, "Guest (number or name, ? help, q leaves): ");
	put_foreign(p, out, p->line);
}

static void put_guest(struct prompt *p, struct buf *out, const struct guest *g)
{
	struct prompt_entry *e = &p->listed[p->count++];
	char label[GUESTS_LABEL_SIZE];

	memcpy(e->uuid, g->uuid, UUID_SIZE);
	snprintf(e->host, sizeof(e->host), "%s", g->host);
	guest_label(label, g);
	buf_printf(out, "%3zu  ", p->count);
	put_foreign(p, out, label);
	buf_printf(out, ", %s", guest_state_word(g->state));
	if (g->viewers)
		buf_printf(out, ", %u here", g->viewers);
	if (*g->holder) {
		buf_append_str(out, ", keyboard: ");
		put_foreign(p, out, g->holder);
	}
	buf_append_str(out, "\r\n");
}

static bool fits(const struct guest *g, const char *filter)
{
	char label[GUESTS_LABEL_SIZE];

	guest_label(label, g);
	return !*filter || strcasestr(label, filter);
}

void prompt_list(struct prompt *p, struct buf *out, const char *filter)
{
	size_t more = 0;

	free(p->listed);
	p->count = 0;
	p->listed = calloc(PROMPT_LIST_MAX, sizeof(*p->listed));
	if (!p->listed)
		return;
	buf_append_str(out, "\r\n");
	for (size_t i = 0; i < p->guests->count; i++) {
		const struct guest *g = p->guests->by_name[i];

		if (!fits(g, filter))
			continue;
		if (p->count < PROMPT_LIST_MAX)
			put_guest(p, out, g);
		else
			more++;
	}
	if (more)
		buf_printf(out, "     and %zu more: type a part of a name\r\n", more);
	prompt_again(p, out);
}

static void choose(struct prompt *p, const struct guest *g)
{
	memcpy(p->chosen.uuid, g->uuid, UUID_SIZE);
	snprintf(p->chosen.host, sizeof(p->chosen.host), "%s", g->host);
}

/* The guest whose name it is, or the only one whose name has it in it. */
static const struct guest *find(const struct prompt *p, const char *text, size_t *matches)
{
	const struct guest *found = NULL;
	long exact = guests_find_label(p->guests, text);

	*matches = 1;
	if (exact >= 0)
		return p->guests->by_name[exact];
	*matches = 0;
	for (size_t i = 0; i < p->guests->count; i++) {
		if (fits(p->guests->by_name[i], text)) {
			found = p->guests->by_name[i];
			++*matches;
		}
	}
	return *matches == 1 ? found : NULL;
}

static bool is_number(const char *text, size_t *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*number = strtoul(text, &end, 10);
	return *end == '\0';
}

static enum prompt_action answer(struct prompt *p, struct buf *out)
{
	char text[PROMPT_LINE_SIZE];
	const struct guest *g;
	size_t number, matches;

	memcpy(text, p->line, sizeof(text));
	p->line[0] = '\0';
	if (strcmp(text, "q") == 0)
		return PROMPT_LEAVE;
	if (strcmp(text, "?") == 0)
		return PROMPT_HELP;
	if (*text == '\0') {
		prompt_list(p, out, "");
		return PROMPT_NOTHING;
	}
	if (guests_find_label(p->guests, text) < 0 && is_number(text, &number) && number >= 1 &&
	    number <= p->count) {
		p->chosen = p->listed[number - 1];
		return PROMPT_ATTACH;
	}
	g = find(p, text, &matches);
	if (g) {
		choose(p, g);
		return PROMPT_ATTACH;
	}
	if (matches) {
		prompt_list(p, out, text);
		return PROMPT_NOTHING;
	}
	buf_append_str(out, "No guest has that number or name. Enter alone lists all.\r\n");
	prompt_again(p, out);
	return PROMPT_NOTHING;
}

static void erase_one(struct prompt *p, struct buf *out)
{
	char last[8];
	size_t len = strlen(p->line), at = len;

	while (at && ((uint8_t)p->line[--at] & 0xc0) == 0x80)
		;
	if (len == 0)
		return;
	snprintf(last, sizeof(last), "%.*s", (int)(len - at < 7 ? len - at : 7), p->line + at);
	for (size_t n = text_columns(last); n; n--)
		buf_append_str(out, "\b \b");
	p->line[at] = '\0';
}

enum prompt_action prompt_key(struct prompt *p, const struct key *key, struct buf *out)
{
	size_t len = strlen(p->line);

	if (key->event == KEY_RELEASE)
		return PROMPT_NOTHING;
	if (key->code == '\r' || key->code == '\n') {
		buf_append_str(out, "\r\n");
		return answer(p, out);
	}
	if ((key->code == 0x04 && len == 0) || key->code == 0x03) {
		buf_append_str(out, "\r\n");
		return PROMPT_LEAVE;
	}
	if (key->code == 0x7f || key->code == 0x08) {
		erase_one(p, out);
	} else if (key->code == 0x15) {                    /* ^U */
		while (*p->line)
			erase_one(p, out);
	} else if (key->text >= 0x20 && key->text < KEY_NONE && len + key->len < sizeof(p->line)) {
		char shown[16], typed[8];

		snprintf(typed, sizeof(typed), "%.*s", (int)(key->len < 7 ? key->len : 7),
			 (const char *)key->raw);
		/* What would be escaped is not taken: echo and line stay the same. */
		text_escape(shown, sizeof(shown), typed, strlen(typed));
		if (strcmp(shown, typed) != 0 || (!p->is_utf8 && key->text > 0x7e))
			return PROMPT_NOTHING;
		memcpy(p->line + len, typed, strlen(typed) + 1);
		buf_append_str(out, typed);
	}
	return PROMPT_NOTHING;
}
