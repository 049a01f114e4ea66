/* SPDX-License-Identifier: ISC */
/* See door.h. */
#include "ws/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/log.h"

enum { STATE_LOGIN = 1, STATE_IN = 2 };

static void ask_next(struct door *d);

static int hear_answer(void *ctx, struct message *m)
{
	struct door *d = ctx;

	if (!d->is_asked)
		return -1;
	d->is_asked = false;
	if (m->type == MSG_AUTH_RESULT && m->u.auth_result.result == AUTH_OK) {
		d->is_in = true;
		d->peer.state = STATE_IN;
	}
	d->ears->said(d->who, m);
	wire_wipe();
	return 0;
}

static int give_first(struct door *d, int fd, const char *why)
{
	struct want *w = STAILQ_FIRST(&d->wants);

	if (!w || (fd < 0 && !why))
		return -1;
	STAILQ_REMOVE_HEAD(&d->wants, entry);
	/* One that was forgotten while it was asked for has nobody to get it. */
	w->is_waiting = false;
	w->got(w->owner, fd, why);
	return 0;
}

static int hear_visit(void *ctx, struct message *m)
{
	struct door *d = ctx;
	int fd = m->fds[0];

	if (STAILQ_EMPTY(&d->wants))
		return -1;
	m->fds[0] = -1;
	give_first(d, fd, NULL);
	ask_next(d);
	return 0;
}

static int hear_visit_refused(void *ctx, struct message *m)
{
	struct door *d = ctx;
	char why[TEXT_MAX + 1];

	memcpy(why, m->u.visit_refused.text, sizeof(why));
	if (give_first(d, -1, why) < 0)
		return -1;
	ask_next(d);
	return 0;
}

static const struct wire_rule rules[] = {
	{ MSG_METHODS, STATE_LOGIN, hear_answer },
	{ MSG_PROMPT, STATE_LOGIN, hear_answer },
	{ MSG_AUTH_RESULT, STATE_LOGIN, hear_answer },
	{ MSG_TOKEN, STATE_IN, hear_answer },
	{ MSG_VISIT, STATE_IN, hear_visit },
	{ MSG_VISIT_REFUSED, STATE_IN, hear_visit_refused },
};

static void door_gone(void *owner)
{
	struct door *d = owner;
	bool is_wanted = !STAILQ_EMPTY(&d->wants);

	while (give_first(d, -1, "the login service was restarted: log in again") == 0)
		;
	d->ears->gone(d->who, is_wanted);
}

static const struct peer_kind kind = {
	"door", rules, sizeof(rules) / sizeof(rules[0]), door_gone, NULL,
};

int door_open(struct door *d, int fd, const struct door_ears *ears, void *who)
{
	*d = (struct door){ .ears = ears, .who = who };
	STAILQ_INIT(&d->wants);
	return peer_open(&d->peer, fd, &kind, STATE_LOGIN, d);
}

/* -- the login -- */

static int ask(struct door *d, enum message_type type, const void *fields)
{
	if (d->is_asked || !peer_is_open(&d->peer) || peer_send(&d->peer, type, fields) < 0)
		return -1;
	d->is_asked = true;
	return 0;
}

int door_ask_methods(struct door *d, const char *user)
{
	struct msg_ask_methods m = { 0 };

	snprintf(m.user, sizeof(m.user), "%s", user);
	return ask(d, MSG_ASK_METHODS, &m);
}

int door_login(struct door *d, const char *user, const char *method)
{
	struct msg_ask_pam m = { 0 };

	snprintf(m.user, sizeof(m.user), "%s", user);
	snprintf(m.method, sizeof(m.method), "%s", method);
	return ask(d, MSG_ASK_PAM, &m);
}

int door_answer(struct door *d, uint8_t count, struct bytes packed)
{
	struct msg_answers m = { .count = count, .answers = packed };

	return ask(d, MSG_ANSWERS, &m);
}

int door_answer_one(struct door *d, const struct secret *answer)
{
	uint8_t packed[2 + SECRET_MAX];
	int r;

	pack_store(packed, answer->len, 2);
	memcpy(packed + 2, answer->text, answer->len);
	r = door_answer(d, 1, (struct bytes){ packed, 2 + answer->len });
	explicit_bzero(packed, sizeof(packed));
	return r;
}

static int ask_secret(struct door *d, enum message_type type, const char *token)
{
	struct msg_secret m = { 0 };
	int r;

	snprintf(m.token, sizeof(m.token), "%s", token);
	r = ask(d, type, &m);
	explicit_bzero(&m, sizeof(m));
	return r;
}

int door_resume(struct door *d, const char *token)
{
	return ask_secret(d, MSG_RESUME, token);
}

int door_use_ticket(struct door *d, const char *token)
{
	return ask_secret(d, MSG_USE_TICKET, token);
}

int door_ask_token(struct door *d)
{
	return ask(d, MSG_ASK_TOKEN, NULL);
}

void door_logout(struct door *d)
{
	if (peer_is_open(&d->peer))
		peer_send(&d->peer, MSG_LOGOUT, NULL);
}

/* -- visits -- */

static void ask_next(struct door *d)
{
	if (!STAILQ_EMPTY(&d->wants))
		peer_send(&d->peer, MSG_ASK_VISIT, NULL);
}

void door_want(struct door *d, struct want *w, void (*got)(void *, int, const char *), void *owner)
{
	bool is_first = STAILQ_EMPTY(&d->wants);

	*w = (struct want){ .is_waiting = true, .got = got, .owner = owner };
	STAILQ_INSERT_TAIL(&d->wants, w, entry);
	if (!peer_is_open(&d->peer))
		loop_timer_set(&d->refusal, 0, door_gone, d);
	else if (is_first)
		ask_next(d);
}

static void take_for_nobody(void *owner, int fd, const char *why)
{
	(void)why;
	if (fd >= 0)
		close(fd);
	free(owner);
}

void door_forget(struct door *d, struct want *w)
{
	struct want *stand_in;

	if (!w->is_waiting)
		return;
	w->is_waiting = false;
	if (STAILQ_FIRST(&d->wants) != w) {
		STAILQ_REMOVE(&d->wants, w, want, entry);
		return;
	}
	/* It is asked for already, and will come: to somebody who closes it. */
	stand_in = calloc(1, sizeof(*stand_in));
	if (!stand_in)
		fatal("out of memory");
	*stand_in = (struct want){ .is_waiting = true, .got = take_for_nobody, .owner = stand_in };
	STAILQ_REMOVE_HEAD(&d->wants, entry);
	STAILQ_INSERT_HEAD(&d->wants, stand_in, entry);
}
