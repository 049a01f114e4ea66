/* SPDX-License-Identifier: ISC */
/* See visits.h. */
#include "sshd/visits.h"

#include <errno.h>
#include <string.h>

#include "ipc/log.h"

void visits_init(struct visits *v, struct wire *door)
{
	*v = (struct visits){ .door = door, .spare = -1 };
}

bool visits_are_over(const struct visits *v)
{
	return v->door->fd < 0 && v->spare < 0;
}

void visits_ask(struct visits *v, uint64_t now)
{
	if (v->door->fd < 0 || v->spare >= 0 || v->asked || now < v->retry_at)
		return;
	if (wire_send(v->door, MSG_ASK_VISIT, NULL) < 0) {
		wire_close(v->door);
		return;
	}
	v->asked = true;
}

static unsigned place_of(const struct visits *v, const void *who)
{
	unsigned i = 0;

	while (i < v->nwaiting && v->waiting[i] != who)
		i++;
	return i;
}

void visits_leave(struct visits *v, const void *who)
{
	unsigned i = place_of(v, who);

	if (i == v->nwaiting)
		return;
	memmove(v->waiting + i, v->waiting + i + 1,
		(v->nwaiting - i - 1) * sizeof(v->waiting[0]));
	v->nwaiting--;
}

bool visits_is_ready(const struct visits *v, const void *who)
{
	return v->spare >= 0 && v->nwaiting && v->waiting[0] == who;
}

int visits_take(struct visits *v, const void *who, uint64_t now)
{
	int fd = v->spare;

	if (place_of(v, who) == v->nwaiting && v->nwaiting < VISITS_WAITING_MAX)
		v->waiting[v->nwaiting++] = who;
	visits_ask(v, now);
	if (!visits_is_ready(v, who))
		return -1;
	v->spare = -1;
	visits_leave(v, who);
	if (v->nwaiting)
		visits_ask(v, now);
	return fd;
}

static int on_visit(void *ctx, struct message *m)
{
	struct visits *v = ctx;

	if (!v->asked)
		return -1;
	v->asked = false;
	v->refusal[0] = '\0';
	v->spare = m->fds[0];
	m->fds[0] = -1;
	return 0;
}

static int on_refused(void *ctx, struct message *m)
{
	struct visits *v = ctx;

	if (!v->asked)
		return -1;
	v->asked = false;
	memcpy(v->refusal, m->u.visit_refused.text, sizeof(v->refusal));
	return 0;
}

void visits_read_door(struct visits *v, uint64_t now)
{
	static const struct wire_rule rules[] = {
		{ MSG_VISIT, 1, on_visit },
		{ MSG_VISIT_REFUSED, 1, on_refused },
	};
	bool asked = v->asked;
	struct message m;
	int r;

	while ((r = wire_receive(v->door, &m)) > 0) {
		r = wire_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1, &m, v);
		if (r < 0) {
			log_warn("door: %s is not allowed here", message_name(m.type));
			break;
		}
	}
	if (asked && !v->asked && v->spare < 0)
		v->retry_at = now + VISITS_RETRY_MS;
	if (r < 0) {
		wire_close(v->door);
		v->asked = false;
	}
}
