/* SPDX-License-Identifier: ISC */
/* See reading.h. */
#include "terminal/reading.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ipc/uuid.h"
#include "terminal/ask.h"
#include "terminal/notice.h"

enum { SENTENCES_MAX = 8192 };

void reading_say(struct session *s, const char *text)
{
	if (!(s->command.options.given & OPTION_QUIET))
		session_say(s, text);
}

void reading_ask(struct session *s, const char *guest, uint32_t flags, const struct position *from,
		 const struct position *until)
{
	struct reading *r = &s->reading;

	*r = (struct reading){ .wish = { .flags = flags, .from = *from } };
	if (until)
		r->wish.until = *until;
	snprintf(r->wish.guest, sizeof(r->wish.guest), "%s", guest);
	if (s->command.options.given & OPTION_DEVICE)
		snprintf(r->wish.device, sizeof(r->wish.device), "%s", s->command.options.device);
	ask_attach(&s->visit, &r->at, &r->wish);
}

void reading_ask_again(struct session *s, uint32_t flags, const struct position *from)
{
	struct reading *r = &s->reading;

	r->wish.flags = flags;
	r->wish.from = *from;
	if (r->is_known) {
		uuid_write(r->wish.guest, r->info.uuid);
		snprintf(r->wish.device, sizeof(r->wish.device), "%s", r->info.alias);
	}
	ask_attach(&s->visit, &r->at, &r->wish);
}

static void say_missed(struct session *s, const struct msg_attached *m)
{
	uint8_t asked = s->reading.wish.from.kind;
	char text[128];

	if (m->missed == UINT64_MAX)
		reading_say(s, "that position is of another time: what lies between is not kept; "
			       "this begins with the oldest byte there is");
	else if (asked == POSITION_BOOT && m->from == POSITION_OLDEST &&
		 !s->command.options.boot)
		reading_say(s, "that boot is not kept any more, or nobody has seen it begin; this "
			       "begins with the oldest byte there is");
	else if (m->missed) {
		snprintf(text, sizeof(text), "%" PRIu64 " bytes before this are not kept any more",
			 m->missed);
		reading_say(s, text);
	}
}

void reading_attached(struct session *s, const struct msg_attached *m, bool has_older)
{
	struct reading *r = &s->reading;
	char label[GUESTS_LABEL_SIZE];

	r->info = *m;
	r->is_known = true;
	if (m->unique)
		snprintf(label, sizeof(label), "%s", m->name);
	else
		snprintf(label, sizeof(label), "%s/%s", m->host, m->name);
	session_escape(s, r->name, sizeof(r->name), label);
	session_escape(s, r->host, sizeof(r->host), m->host);
	if (!has_older)
		say_missed(s, m);
}

static struct notice_about about(const struct session *s)
{
	return (struct notice_about){
		.name = *s->reading.name ? s->reading.name : "the guest",
		.host = *s->reading.host ? s->reading.host : "the host",
		.escape = "", .text = "", .holder = "", .by = "",
	};
}

static void say_lines(struct session *s, const struct buf *text)
{
	const char *at = (const char *)text->data;
	size_t left = text->len;
	char line[SHOWN_NAME_SIZE + TEXT_MAX];

	while (left) {
		const char *end = memchr(at, '\n', left);
		size_t n = end ? (size_t)(end - at) : left;

		snprintf(line, sizeof(line), "%.*s", (int)n, at);
		reading_say(s, line);
		n += end != NULL;
		at += n;
		left -= n;
	}
}

void reading_gap(struct session *s, uint64_t count)
{
	struct notice_about a = about(s);
	struct buf text;

	a.count = count;
	buf_init(&text, SENTENCES_MAX);
	notice_say(&text, NOTICE_GAP, &a);
	say_lines(s, &text);
	buf_free(&text);
}

void reading_away(struct session *s)
{
	if (!s->is_away)
		reading_say(s, "the console service is away; this goes on when it is back");
}

int reading_end(const struct msg_state *m)
{
	static const int by_line[LINE_STATE_COUNT] = {
		[LINE_NO_CONSOLE] = REFUSED_NO_GUEST, [LINE_BUSY] = REFUSED_FAILED,
		[LINE_FAILED] = REFUSED_FAILED, [LINE_STOLEN] = REFUSED_GONE,
	};

	if (m->gone)
		return m->gone;
	if (!m->host_up || m->guest == GUEST_OFF || m->guest == GUEST_CRASHED)
		return REFUSED_GONE;
	return m->line < LINE_STATE_COUNT ? by_line[m->line] : 0;
}

int reading_state(struct session *s, const struct msg_state *m, bool is_waiting)
{
	struct reading *r = &s->reading;
	struct notice_about a = about(s);
	char words[TEXT_MAX * 2];
	int end = reading_end(m);
	struct buf text;

	session_escape(s, words, sizeof(words), m->text);
	a.text = words;
	a.is_waiting = is_waiting || !end;
	buf_init(&text, SENTENCES_MAX);
	if (m->gone && *words)
		buf_printf(&text, "%s\n", words);
	else if (m->gone)
		notice_say(&text, NOTICE_GONE, &a);
	else
		notice_state(&text, r->has_state ? &r->state : NULL, m, &a);
	r->has_state = true;
	r->state = *m;
	say_lines(s, &text);
	buf_free(&text);
	return end;
}

void reading_expected(struct session *s, const struct msg_state *m)
{
	struct reading *r = &s->reading;

	if (m->gone || !m->host_up || m->line > LINE_OPEN) {
		reading_state(s, m, true);
		return;
	}
	r->has_state = true;
	r->state = *m;
}
