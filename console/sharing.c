/* SPDX-License-Identifier: ISC */
/* See sharing.h. */
#include "console/sharing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/config.h"
#include "console/audit.h"
#include "console/auth.h"
#include "console/listing.h"
#include "console/resolve.h"
#include "console/visit.h"

enum sort { MAKE, FIND, DROP };

struct question {
	struct question *next;
	enum sort sort;
	uint32_t number;             /* of the question to auth */
	struct visit *visit;         /* NULL: left */
	uint32_t handle;             /* of the request */
	struct msg_ticket ticket;    /* MAKE: the answer, as far as it is known */
	struct msg_audit record;
};

static struct question *questions;
static uint32_t last_number;

static struct question **find(uint32_t number)
{
	struct question **at = &questions;

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

static void done(struct question **at)
{
	struct question *q = *at;

	*at = q->next;
	if (q->visit)
		q->visit->nquestions--;
	free(q);
}

/* NULL: refused already. */
static struct question *ask(struct visit *v, uint32_t handle, enum sort sort)
{
	struct question *q = NULL;

	if (v->ticket[0]) {
		visit_refuse(v, handle, REFUSED_NOT_ALLOWED,
			     "who came by a ticket may not make any");
		return NULL;
	}
	if (v->nquestions < SHARING_PER_VISIT)
		q = calloc(1, sizeof(*q));
	if (!q) {
		visit_refuse(v, handle, REFUSED_FAILED, "too much is under way: try again");
		return NULL;
	}
	q->sort = sort;
	q->number = ++last_number;
	q->visit = v;
	q->handle = handle;
	q->next = questions;
	questions = q;
	v->nquestions++;
	return q;
}

static void refuse(struct question *q, const char *text)
{
	if (q->visit)
		visit_refuse(q->visit, q->handle, REFUSED_FAILED, text);
}

static void send_question(struct question *q, enum message_type type, const void *fields)
{
	if (auth_send(type, fields) == 0)
		return;
	refuse(q, "the part of serialgate that makes tickets is starting anew: try again");
	done(find(q->number));
}

int sharing_ask_ticket(void *owner, struct message *m)
{
	struct visit *v = owner;
	const struct msg_ask_ticket *a = &m->u.ask_ticket;
	struct msg_ticket_make make = { .once = a->once, .valid = a->valid };
	struct resolved r;
	struct question *q;

	visit_charge(v);
	resolve_guest(&r, visit_config(), &v->person, a->guest, false);
	if (!r.guest) {
		visit_refuse(v, a->handle, r.code, r.text);
		return 0;
	}
	if (!(r.rights & CONFIG_MAY_SHARE)) {
		visit_refuse(v, a->handle, REFUSED_NOT_ALLOWED,
			     "you may not make tickets for this guest: it needs the right 'share'");
		return 0;
	}
	q = ask(v, a->handle, MAKE);
	if (!q)
		return 0;
	make.type = a->type && (r.rights & CONFIG_MAY_TYPE);
	make.request = q->number;
	strcpy(make.user, v->user);
	strcpy(make.host, r.guest->host);
	strcpy(make.guest, r.guest->name);
	memcpy(make.uuid, r.guest->uuid, UUID_SIZE);
	q->ticket = (struct msg_ticket){ .handle = a->handle, .type = make.type, .once = a->once,
					 .until = (uint64_t)time(NULL) + a->valid };
	strcpy(q->ticket.guest, r.guest->name);
	audit_begin(&q->record, AUDIT_TICKET, v, r.guest, "");
	send_question(q, MSG_TICKET_MAKE, &make);
	return 0;
}

int sharing_ask_tickets(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct question *q = ask(v, m->u.handle.handle, FIND);
	struct msg_ticket_find find_them;

	visit_charge(v);
	if (!q)
		return 0;
	find_them.request = q->number;
	strcpy(find_them.user, v->user);
	send_question(q, MSG_TICKET_FIND, &find_them);
	return 0;
}

int sharing_revoke(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct question *q = ask(v, m->u.revoke.handle, DROP);
	struct msg_ticket_drop drop;

	visit_charge(v);
	if (!q)
		return 0;
	drop.request = q->number;
	strcpy(drop.user, v->user);
	strcpy(drop.id, m->u.revoke.id);
	strcpy(q->ticket.id, m->u.revoke.id);
	audit_begin(&q->record, AUDIT_TICKET, v, NULL, "");
	send_question(q, MSG_TICKET_DROP, &drop);
	return 0;
}

static void end_make(struct question *q, const struct msg_ticket_made *made)
{
	bool ok = made->id[0] != '\0';

	snprintf(q->record.detail, sizeof(q->record.detail), "made %s", made->id);
	audit_end(&q->record, ok);
	if (!ok) {
		refuse(q, made->text);
		return;
	}
	strcpy(q->ticket.id, made->id);
	strcpy(q->ticket.token, made->token);
	if (q->visit)
		peer_send(&q->visit->peer, MSG_TICKET, &q->ticket);
	explicit_bzero(&q->ticket, sizeof(q->ticket));
}

static void end_drop(struct question *q, const struct msg_ticket_made *made)
{
	struct msg_act_done answer = { .handle = q->handle };
	bool ok = made->id[0] != '\0';

	snprintf(q->record.detail, sizeof(q->record.detail), "revoked %s", q->ticket.id);
	audit_end(&q->record, ok);
	if (!ok) {
		refuse(q, made->text[0] ? made->text : "you have no ticket of that number");
		return;
	}
	snprintf(answer.text, sizeof(answer.text), "ticket %s is void", made->id);
	if (q->visit)
		peer_send(&q->visit->peer, MSG_ACT_DONE, &answer);
}

int sharing_made(void *ctx, struct message *m)
{
	struct question **at = find(m->u.ticket_made.request);

	(void)ctx;
	if (!*at || (*at)->sort == FIND)
		return -1;
	((*at)->sort == MAKE ? end_make : end_drop)(*at, &m->u.ticket_made);
	done(at);
	explicit_bzero(m->u.ticket_made.token, sizeof(m->u.ticket_made.token));
	wire_wipe();
	return 0;
}

int sharing_found(void *ctx, struct message *m)
{
	const struct msg_ticket_found *f = &m->u.ticket_found;
	struct question *q = *find(f->request);
	struct msg_ticket t = { .type = f->type, .once = f->once, .uses = f->uses, .until = f->until };

	(void)ctx;
	if (!q || q->sort != FIND)
		return -1;
	t.handle = q->handle;
	strcpy(t.id, f->id);
	strcpy(t.guest, f->guest);
	if (q->visit)
		peer_send(&q->visit->peer, MSG_TICKET, &t);
	return 0;
}

int sharing_end(void *ctx, struct message *m)
{
	struct question **at = find(m->u.request.request);

	(void)ctx;
	if (!*at || (*at)->sort != FIND)
		return -1;
	if ((*at)->visit)
		peer_send(&(*at)->visit->peer, MSG_WHO_END, &(struct msg_handle){ (*at)->handle });
	done(at);
	return 0;
}

/* Whether their issuers may see it there is looked up as ever. */
void sharing_moved(const struct guest *from, struct guest *to)
{
	struct msg_tickets_moved m;
	bool has_moved = false;

	memcpy(m.uuid, from->uuid, UUID_SIZE);
	strcpy(m.from, from->host);
	strcpy(m.to, to->host);
	auth_send(MSG_TICKETS_MOVED, &m);
	for (struct visit *v = visit_next(NULL); v; v = visit_next(v)) {
		if (!v->ticket[0] || strcmp(v->ticket_host, from->host) != 0 ||
		    memcmp(v->ticket_uuid, from->uuid, UUID_SIZE) != 0)
			continue;
		listing_guest_leaves(v, from);
		strcpy(v->ticket_host, to->host);
		has_moved = true;
	}
	if (!has_moved)
		return;
	inventory_touch(to);
	listing_changed(false);
}

void sharing_forget(const struct visit *v)
{
	for (struct question *q = questions; q; q = q->next)
		if (q->visit == v)
			q->visit = NULL;
}

void sharing_auth_gone(void)
{
	while (questions) {
		refuse(questions, "the part of serialgate that makes tickets ended: try again");
		done(&questions);
	}
}
