/* SPDX-License-Identifier: ISC */
/*
 * The stage of a session that is at the menu: feeds menu.h or, where the terminal can do
 * no more than print lines, prompt.h; and acts on what was chosen.
 */
#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/uuid.h"
#include "terminal/ask.h"
#include "terminal/stage.h"

static const struct stage browse_stage;

enum { HELP_MAX = 8192, NOTICE_MAX = 32768 };

/* A numbered list and a prompt instead of a screen. */
static bool is_list(const struct session *s)
{
	return s->is_dumb || s->is_linear;
}

static void prompt_help(struct session *s)
{
	static const char text[] =
		"A number or a name attaches to that guest;\n"
		"a part of a name lists those that have it.\n"
		"Enter alone lists all again. q or ^D leaves.\n"
		"On a console the escape key (^] unless\n"
		"configured otherwise) and then a full stop\n"
		"comes back here; ^] ? shows more.\n";

	session_print(s, text, sizeof(text) - 1);
	prompt_again(&s->browse.prompt, &s->out);
}

/* The sentence for an empty list is the menu's in both forms. */
static void show_prompt(struct session *s)
{
	struct browse *b = &s->browse;

	b->is_listed = true;
	if (s->guests.count == 0) {
		const char *why = menu_why_empty(&b->menu);

		session_print(s, why, strlen(why));
		session_print(s, "\n", 1);
	}
	prompt_list(&b->prompt, &s->out, "");
}

/* What PAM wanted said stands alone on the screen until a key. */
static void show_notice(struct session *s)
{
	struct buf text;

	buf_init(&text, NOTICE_MAX);
	session_tell_notice(s, &text);
	if (is_list(s))
		session_print(s, (const char *)text.data, text.len);
	else if (text.len)
		menu_show(&s->browse.menu, (const char *)text.data, text.len);
	buf_free(&text);
}

void browse_start(struct session *s, bool is_chosen, const char *message)
{
	bool comes_from_console = s->attach.is_attached;
	struct browse *b = &s->browse;

	session_enter(s, &browse_stage);
	b->is_chosen = is_chosen;
	b->held_at = -1;
	b->keys = (struct keys){ 0 };
	if (!b->menu.user && menu_init(&b->menu, &s->guests, s->user_shown, s->rows, s->cols) < 0) {
		session_end(s, REFUSED_FAILED);
		return;
	}
	menu_resize(&b->menu, s->rows, s->cols);
	if (comes_from_console)
		menu_select(&b->menu, s->attach.info.uuid, s->attach.info.host);
	menu_changed(&b->menu);
	b->is_dirty = true;
	b->is_listed = false;
	snprintf(b->menu.message, sizeof(b->menu.message), "%s", message);
	if (is_list(s)) {
		prompt_init(&b->prompt, &s->guests, s->is_utf8);
		if (*message)
			session_say(s, message);
	} else {
		b->sketch = (struct sketch){ s->is_utf8, s->has_colour };
		rows_resize(&b->rows, s->rows);
	}
	if (s->is_watching && !s->is_listing) {
		if (is_list(s))
			show_prompt(s);
	} else {
		b->menu.is_loaded = false;
		session_list(s, true);
	}
}

void browse_free(struct session *s)
{
	menu_free(&s->browse.menu);
	rows_free(&s->browse.rows);
	prompt_free(&s->browse.prompt);
}

/* The screen is entered with the first painting: a single guest never sees a menu. */
static bool has_screen(const struct session *s)
{
	return s->browse.rows.is_entered;
}

static void leave(struct session *s)
{
	if (has_screen(s))
		rows_leave(&s->browse.rows, &s->out);
	s->browse.prompt.line[0] = '\0';
	prompt_free(&s->browse.prompt);
}

/* -- what console says -- */

static void changed(struct session *s)
{
	menu_changed(&s->browse.menu);
	s->browse.is_dirty = true;
}

static void attach_to(struct session *s, const uint8_t *uuid, bool is_from_menu)
{
	struct command_options none = { .escape = ESCAPE_KEY_NONE };
	char phrase[UUID_TEXT_SIZE];

	if (!visit_is_open(&s->visit))
		return;
	uuid_write(phrase, uuid);
	attach_start(s, phrase, &none, 0, is_from_menu);
}

static void hear_guest(void *who, const struct msg_guest *m)
{
	struct session *s = who;
	struct dossier *d = &s->dossier;

	session_hear_guest(who, m);
	if (visit_pending(&s->visit, VISIT_INFO)) {    /* the answer to it is just this and peers */
		dossier_clear(d);
		d->has_guest = true;
		d->guest = *m;
	}
	changed(s);
}

static void hear_guest_gone(void *who, const struct msg_guest_gone *m)
{
	session_hear_guest_gone(who, m);
	changed(who);
}

static void hear_list_end(void *who, const struct msg_list_end *m)
{
	struct session *s = who;
	struct menu *menu = &s->browse.menu;

	session_hear_list_end(who, m);
	menu->is_loaded = true;
	menu->is_hidden = m->hidden;
	snprintf(menu->down, sizeof(menu->down), "%s", m->down);
	changed(s);
	if (!s->browse.is_chosen && s->guests.count == 1 && !*m->down) {
		attach_to(s, s->guests.by_id[0]->uuid, false);
		return;
	}
	s->browse.is_chosen = true;
	show_notice(s);
	if (is_list(s) && !s->browse.is_listed)
		show_prompt(s);
}

static void hear_refused(void *who, struct attachment *at, const struct msg_refused *m)
{
	struct session *s = who;

	(void)at;
	if (is_list(s))
		return;
	session_escape(s, s->browse.menu.message, sizeof(s->browse.menu.message), m->text);
	s->browse.is_dirty = true;
}

static void hear_peer(void *who, const struct msg_peer *m)
{
	dossier_add(&((struct session *)who)->dossier, m);
}

static void hear_peers_end(void *who, uint32_t handle)
{
	struct session *s = who;
	struct buf text;

	(void)handle;
	if (!s->dossier.has_guest)
		return;
	buf_init(&text, SESSION_OUT_LOW);
	report_info(&text, &s->dossier.guest, s->dossier.peers, s->dossier.count, s->is_utf8);
	menu_show(&s->browse.menu, (const char *)text.data, text.len);
	buf_free(&text);
	dossier_clear(&s->dossier);
	s->browse.is_dirty = true;
}

/* -- keys -- */

static void show_help(struct session *s)
{
	struct buf text;

	buf_init(&text, HELP_MAX);
	sketch_help(&text);
	menu_show(&s->browse.menu, (const char *)text.data, text.len);
	buf_free(&text);
}

static void menu_take(struct session *s, const struct key *key)
{
	struct menu *m = &s->browse.menu;
	const struct guest *g;
	char phrase[UUID_TEXT_SIZE];

	s->browse.is_dirty = true;
	switch (menu_key(m, key)) {
	case MENU_NOTHING:
		break;
	case MENU_ATTACH:
		attach_to(s, menu_selected(m)->uuid, true);
		break;
	case MENU_INFO:
		g = menu_selected(m);
		if (!g || visit_pending(&s->visit, VISIT_INFO))
			break;
		uuid_write(phrase, g->uuid);
		dossier_clear(&s->dossier);
		ask_info(&s->visit, phrase, false);
		break;
	case MENU_HELP:
		show_help(s);
		break;
	case MENU_LEAVE:
		session_end(s, 0);
		break;
	}
}

static void prompt_take(struct session *s, const struct key *key)
{
	struct prompt *p = &s->browse.prompt;

	switch (prompt_key(p, key, &s->out)) {
	case PROMPT_NOTHING:
		break;
	case PROMPT_ATTACH:
		attach_to(s, p->chosen.uuid, true);
		break;
	case PROMPT_HELP:
		prompt_help(s);
		break;
	case PROMPT_LEAVE:
		session_end(s, 0);
		break;
	}
}

static void take_key(struct session *s, const struct key *key)
{
	if (key->code == KEY_NONE || key->code == KEY_REPORT)
		return;
	if (is_list(s))
		prompt_take(s, key);
	else
		menu_take(s, key);
}

static size_t input(struct session *s, const uint8_t *data, size_t len)
{
	size_t used = 0;

	/* Keys typed ahead wait until there is something they can mean. */
	if (!s->browse.menu.is_loaded && data[0] != 'q' && data[0] != 0x03 && data[0] != 0x04)
		return 0;
	while (used < len && s->stage == &browse_stage) {
		struct key key;

		used += keys_feed(&s->browse.keys, data + used, len - used, &key);
		take_key(s, &key);
	}
	s->browse.held_at = keys_is_holding(&s->browse.keys) ? clock_ms() + KEYS_WAIT_MS : -1;
	return used;
}

static void input_end(struct session *s)
{
	session_end(s, 0);
}

static void resized(struct session *s)
{
	menu_resize(&s->browse.menu, s->rows, s->cols);
	if (!is_list(s))
		rows_resize(&s->browse.rows, s->rows);
	s->browse.is_dirty = true;
}

/* -- turns -- */

/* Not more than one picture waits for a slow client. */
static bool is_paintable(const struct session *s)
{
	const struct browse *b = &s->browse;

	return !is_list(s) && b->is_dirty && s->out.len <= DETACH_KEEP &&
	       (b->menu.is_loaded || b->is_chosen);
}

static void turn(struct session *s)
{
	struct browse *b = &s->browse;
	struct key key;

	if (b->held_at >= 0 && b->held_at <= clock_ms()) {
		b->held_at = -1;
		keys_flush(&b->keys, &key);
		take_key(s, &key);
	}
	if (s->stage != &browse_stage || !is_paintable(s))
		return;
	if (!has_screen(s))
		rows_enter(&b->rows, &s->out);
	sketch_menu(&b->sketch, &b->menu, &b->rows, &s->out);
	b->is_dirty = s->out.full;
	s->out.full = false;
}

static int64_t due(struct session *s)
{
	const struct browse *b = &s->browse;

	if (is_paintable(s))
		return 0;
	return b->held_at;
}

static void away(struct session *s)
{
	static const char text[] = "the console service is away; waiting for it";

	if (is_list(s))
		return;
	snprintf(s->browse.menu.message, sizeof(s->browse.menu.message), "%s", text);
	s->browse.is_dirty = true;
}

static void back(struct session *s)
{
	s->browse.menu.message[0] = '\0';
	if (!s->is_listing)
		session_list(s, true);
}

static const struct visit_ears browse_ears = {
	.guest = hear_guest, .guest_gone = hear_guest_gone, .list_end = hear_list_end,
	.refused = hear_refused, .peer = hear_peer, .peers_end = hear_peers_end,
};

static const struct stage browse_stage = {
	.ears = &browse_ears,
	.input = input,
	.input_end = input_end,
	.resized = resized,
	.turn = turn,
	.due = due,
	.away = away,
	.back = back,
	.leave = leave,
};
