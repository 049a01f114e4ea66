/* SPDX-License-Identifier: ISC */
/*
 * See run.h. log: what a console printed. First what is kept: files on disk, then the ring,
 * without opening the console; then, with --follow, what it prints from just there on.
 * What was read is shown piece by piece as the client takes it; nothing more is read meanwhile.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/date.h"
#include "terminal/ask.h"
#include "terminal/log_file.h"
#include "terminal/position.h"
#include "terminal/readable.h"
#include "terminal/reading.h"
#include "terminal/run.h"

enum {
	FILES_MAX = 32,          /* descriptors for files on disk; a session has not many */
	FILE_PIECE = 32768,
	SHOWN_PIECE = 1024,      /* bytes shown before looking whether the client takes more */
};

struct log {
	bool is_raw, has_times, follows;
	bool is_live;            /* the second half of --follow */
	uint64_t end;            /* offset at which this half is over */
	bool ends_at_head;       /* which is what was kept then: --follow goes on live */
	struct position until;   /* as it was asked for */
	bool is_filling;         /* asked on disk for what lacks in memory */
	struct readable readable;
	uint64_t time;           /* of what comes now, ms; 0 unknown */
	uint64_t line_time;      /* of the line's first byte */
	bool in_line;

	struct buf waiting;      /* read and not shown */
	size_t shown;            /* of it */
	uint64_t total;          /* bytes read */
	struct log_file files[FILES_MAX];
	unsigned nfiles, file;
	uint64_t left_out;       /* bytes of older ones */
};

static const struct stage log_stage;

void run_log_free(struct session *s)
{
	struct log *l = s->log;

	if (!l)
		return;
	for (unsigned i = l->file; i < l->nfiles; i++)
		log_file_close(&l->files[i]);
	buf_free(&l->waiting);
	free(l);
	s->log = NULL;
}

/* -- showing -- */

static void put_time(struct session *s, uint64_t ms)
{
	char text[DATE_SIZE] = "-";

	if (ms)
		date_write_ms(text, ms);
	session_print(s, text, strlen(text));
	session_print(s, " ", 1);
}

static void put_line(struct session *s, bool is_whole)
{
	struct log *l = s->log;
	struct buf text;

	buf_init(&text, READABLE_TEXT_MAX);
	readable_text(&l->readable, &text);
	if (l->has_times && l->in_line)
		put_time(s, l->line_time);
	l->in_line = false;
	session_print(s, (const char *)text.data, text.len);
	if (is_whole)
		session_print(s, "\n", 1);
	buf_free(&text);
}

static void show_readable(struct session *s, const uint8_t *data, size_t len)
{
	struct log *l = s->log;
	size_t used = 0;

	while (used < len) {
		enum readable_event event;

		if (l->readable.is_over || (l->readable.len == 0 && l->readable.col == 0)) {
			l->line_time = l->time;
			l->in_line = true;
		}
		used += readable_feed(&l->readable, data + used, len - used, &event);
		if (event == READABLE_LINE || event == READABLE_CUT)
			put_line(s, event == READABLE_LINE);
	}
}

/* The line that has no end yet is shown when nothing more of it can come. */
static void break_line(struct session *s)
{
	struct log *l = s->log;

	if (!l->is_raw && !l->readable.is_over && l->readable.len)
		put_line(s, true);
	readable_break(&l->readable);
}

/* As much as the client takes. The visit is not read while anything waits. */
static void show(struct session *s)
{
	struct log *l = s->log;

	while (l->shown < l->waiting.len && s->out.len < SESSION_OUT_LOW) {
		size_t n = l->waiting.len - l->shown;

		if (n > SHOWN_PIECE)
			n = SHOWN_PIECE;
		if (l->is_raw)
			buf_append(&s->out, l->waiting.data + l->shown, n);
		else
			show_readable(s, l->waiting.data + l->shown, n);
		l->shown += n;
	}
	if (l->shown == l->waiting.len) {
		buf_clear(&l->waiting);
		l->shown = 0;
	}
	/* Files are shown when all of them are known: ATTACHED comes behind them. */
	s->holds_visit = l->waiting.len > 0 ||
			 (l->file < l->nfiles && s->reading.at.state == ATTACHMENT_ATTACHED);
}

/* -- files on disk -- */

static void hear_log_file(void *who, struct attachment *at, const struct msg_log_file *m,
			  const int fds[2])
{
	struct session *s = who;
	struct log *l = s->log;
	unsigned most = l->has_times ? FILES_MAX / 2 : FILES_MAX;

	(void)at;
	if (l->nfiles == most) {
		/* The newest ones count: they lie next to what the ring has. */
		l->left_out += l->files[0].m.len;
		log_file_close(&l->files[0]);
		memmove(l->files, l->files + 1, (most - 1) * sizeof(l->files[0]));
		l->nfiles--;
	}
	log_file_open(&l->files[l->nfiles++], m, fds, l->has_times);
}

static void say_left_out(struct session *s)
{
	char text[128];

	if (!s->log->left_out)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " bytes of older files on disk are left out: name "
		 "a part of it with --from and --until", s->log->left_out);
	reading_say(s, text);
	s->log->left_out = 0;
}

static void next_file(struct log *l)
{
	log_file_close(&l->files[l->file++]);
	if (l->file < l->nfiles)
		return;
	l->file = l->nfiles = 0;
	l->time = 0;
}

/* What lies between two files, or the last one and the ring, was written nowhere. */
static void say_hole(struct session *s, uint64_t epoch, uint64_t from, uint64_t epoch_to,
		     uint64_t to)
{
	if (epoch != epoch_to) {
		break_line(s);
		reading_say(s, "here the gateway's service was started anew: what was printed "
			       "meanwhile was not captured");
	} else if (to > from) {
		break_line(s);
		reading_gap(s, to - from);
	}
}

static void say_unread(struct session *s, uint64_t count)
{
	char text[96];

	break_line(s);
	snprintf(text, sizeof(text), "%" PRIu64 " bytes of a file on disk cannot be read", count);
	reading_say(s, text);
}

/* -- the ring, and live -- */

static uint32_t flags_of(const struct log *l)
{
	return (l->is_live ? ATTACH_READ_ONLY : ATTACH_HISTORY) |
	       (l->has_times ? (uint32_t)ATTACH_STAMPS : 0);
}

static void ask_from(struct session *s, uint64_t offset)
{
	struct position from = { POSITION_OFFSET, s->reading.at.epoch, offset };

	reading_ask_again(s, flags_of(s->log), &from);
}

/* What is not kept in memory any more may be on disk: it is asked for from there on. */
static void fill(struct session *s, uint64_t offset)
{
	struct log *l = s->log;

	l->is_filling = true;
	ask_detach(&s->visit, &s->reading.at);
	s->reading.wish.until = (struct position){ POSITION_OFFSET, s->reading.at.epoch, l->end };
	ask_from(s, offset);
}

/*
 * The ring went on while the files were looked for: what left it meanwhile is asked for on
 * disk, too. True: that is under way.
 */
static bool fill_seam(struct session *s, const struct msg_attached *m, uint64_t end, uint64_t epoch)
{
	if (epoch != m->epoch || m->offset <= end || end >= s->log->end || !m->logged)
		return false;
	fill(s, end);
	return true;
}

static void end_file(struct session *s)
{
	struct log *l = s->log;
	const struct log_file *f = &l->files[l->file];
	uint64_t end = f->m.end, epoch = f->m.epoch, begins = s->reading.info.offset;
	const struct log_file *next = l->file + 1 < l->nfiles ? f + 1 : NULL;

	if (next)
		say_hole(s, epoch, end, next->m.epoch, next->m.offset + next->m.skip);
	next_file(l);
	if (!next && !fill_seam(s, &s->reading.info, end, epoch))
		say_hole(s, epoch, end, s->reading.info.epoch, begins < l->end ? begins : l->end);
}

/* Reads on in the file that is open. Disks may be slow: this process is nobody else's. */
static void read_file(struct session *s)
{
	struct log *l = s->log;
	struct log_file *f = &l->files[l->file];
	uint8_t piece[FILE_PIECE];
	ssize_t n = log_file_read(f, piece, sizeof(piece), &l->time);

	if (n <= 0) {
		if (log_file_left(f))
			say_unread(s, log_file_left(f));
		end_file(s);
		return;
	}
	l->total += (uint64_t)n;
	buf_append(&l->waiting, piece, (size_t)n);
}

static void hear_filled(struct session *s, const struct msg_attached *m)
{
	struct log *l = s->log;

	l->is_filling = false;
	s->reading.info = *m;
	s->holds_visit = l->nfiles > 0;
	say_left_out(s);
	if (l->nfiles == 0 && m->missed && m->missed != UINT64_MAX) {
		break_line(s);
		reading_gap(s, m->missed);
	}
}

/* Also the middle of a ring may lack something: what came behind the first part of a boot. */
static bool lacks(const struct log *l, const struct msg_attached *m)
{
	return m->logged && m->missed && m->missed != UINT64_MAX && l->nfiles == 0;
}

static void hear_attached(void *who, struct attachment *at, const struct msg_attached *m)
{
	struct session *s = who;
	struct log *l = s->log;

	(void)at;
	if (l->is_filling) {
		hear_filled(s, m);
		return;
	}
	reading_attached(s, m, l->nfiles > 0 || lacks(l, m));
	say_left_out(s);
	if (s->command.options.boot && m->from == POSITION_OLDEST && l->nfiles == 0) {
		run_fail(s, REFUSED_FAILED, "that boot is not kept any more, or nobody saw "
			 "it begin");
		return;
	}
	l->end = m->until;
	l->ends_at_head = !l->is_live && m->head <= l->end;
	if (l->ends_at_head)
		l->end = m->head;
	s->holds_visit = l->nfiles > 0;
	if (lacks(l, m))
		fill(s, m->offset - m->missed);
}

static void hear_output(void *who, struct attachment *at, const struct msg_output *m)
{
	struct session *s = who;
	struct log *l = s->log;

	(void)at;
	l->total += m->data.len;
	buf_append(&l->waiting, m->data.data, m->data.len);
	show(s);
}

static void hear_stamp(void *who, struct attachment *at, const struct msg_stamp *m)
{
	(void)at;
	((struct session *)who)->log->time = m->time;
}

static void hear_gap(void *who, struct attachment *at, uint64_t count)
{
	struct session *s = who;

	if (!s->log->is_live && s->reading.info.logged) {
		fill(s, at->next);
		return;
	}
	break_line(s);
	reading_gap(s, count);
}

/* A guest that stops may start again: who follows stays, until it is undefined. */
static void hear_state(void *who, struct attachment *at, const struct msg_state *m)
{
	struct session *s = who;

	(void)at;
	if (s->log->is_live)
		reading_state(s, m, true);
	if (!m->gone)
		return;
	break_line(s);
	session_end(s, m->gone);
}

/* -- turns -- */

static void say_nothing_there(struct session *s)
{
	if (s->reading.info.head == 0)
		reading_say(s, "nothing of this console was captured: nobody had it open (with "
			       "capture = always in the configuration it always is)");
	else
		reading_say(s, "nothing was printed there");
}

static void say_position(struct session *s)
{
	char position[POSITION_SIZE], text[POSITION_SIZE + 64];

	position_print(position, s->reading.at.epoch, s->reading.at.next);
	snprintf(text, sizeof(text), "this ends at %s: go on there with --from", position);
	reading_say(s, text);
}

/* This half is read and shown. */
static void half_done(struct session *s)
{
	struct log *l = s->log;

	if (!l->is_live && l->follows && l->ends_at_head) {
		ask_detach(&s->visit, &s->reading.at);
		l->is_live = true;
		s->reading.wish.until = l->until;
		ask_from(s, s->reading.at.next);
		return;
	}
	break_line(s);
	if (l->total == 0)
		say_nothing_there(s);
	say_position(s);
	session_end(s, 0);
}

static void turn(struct session *s)
{
	struct log *l = s->log;

	if (run_is_late(s))
		return;
	show(s);
	if (s->reading.at.state != ATTACHMENT_ATTACHED)
		return;
	while (l->file < l->nfiles && s->out.len < SESSION_OUT_LOW && l->waiting.len == 0) {
		read_file(s);
		show(s);
	}
	/* It may be asked for anew by now. */
	if (s->reading.at.state == ATTACHMENT_ATTACHED && !s->holds_visit &&
	    s->reading.at.next >= l->end)
		half_done(s);
}

static int64_t due(struct session *s)
{
	return s->holds_visit && s->out.len < SESSION_OUT_LOW ? 0 : s->run_due;
}

static void back(struct session *s)
{
	s->log->is_filling = false;
	if (s->reading.is_known)
		ask_from(s, s->reading.at.next);
	else
		reading_ask_again(s, flags_of(s->log), &s->reading.wish.from);
}

/* -- beginning -- */

/* 0, or -1: it is said what is wrong. */
static int read_range(struct session *s, struct position *from, struct position *until)
{
	const struct command_options *o = &s->command.options;

	*from = (struct position){ .kind = POSITION_OLDEST };
	*until = (struct position){ .kind = POSITION_NOW };
	if (o->given & OPTION_LINES)
		*from = (struct position){ .kind = POSITION_LINES, .value = o->lines };
	if (o->given & OPTION_BOOT)
		*from = (struct position){ .kind = POSITION_BOOT, .value = o->boot };
	if (o->given & OPTION_BOOT && o->boot)
		*until = (struct position){ .kind = POSITION_BOOT, .value = o->boot - 1 };
	if (o->given & OPTION_FROM && run_position(s, from, "from", o->from) < 0)
		return -1;
	if (o->given & OPTION_UNTIL && run_position(s, until, "until", o->until) < 0)
		return -1;
	return 0;
}

void run_log(struct session *s)
{
	const struct command_options *o = &s->command.options;
	struct position from, until;
	struct log *l;

	if (read_range(s, &from, &until) < 0)
		return;
	l = calloc(1, sizeof(*l));
	if (!l) {
		run_fail(s, REFUSED_FAILED, "out of memory");
		return;
	}
	s->log = l;
	l->is_raw = o->given & OPTION_RAW;
	l->has_times = o->given & OPTION_TIMESTAMPS;
	l->follows = o->given & OPTION_FOLLOW;
	l->until = until;
	buf_init(&l->waiting, MESSAGE_DATA_MAX + FILE_PIECE);
	readable_init(&l->readable);
	session_enter(s, &log_stage);
	run_timer(s);
	reading_ask(s, s->command.arg[0], flags_of(l), &from, &until);
}

static const struct visit_ears log_ears = {
	.attached = hear_attached, .refused = run_hear_refused, .output = hear_output,
	.gap = hear_gap, .state = hear_state, .stamp = hear_stamp, .log_file = hear_log_file,
};

static const struct stage log_stage = {
	.ears = &log_ears,
	.input = run_input,
	.turn = turn,
	.due = due,
	.back = back,
};
