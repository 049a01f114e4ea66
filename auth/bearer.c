/* SPDX-License-Identifier: ISC */
/* See bearer.h. */
#include "auth/bearer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "auth/credentials.h"
#include "ipc/clock.h"
#include "ipc/log.h"

static struct credentials table;

/* A ticket's end is told to people and to console: it is a time of the calendar. */
static uint64_t now(void)
{
	return (uint64_t)clock_date_ms() / 1000;
}

/* The pool is there long before us: it never blocks (getrandom(2)). */
static void take_chance(uint8_t chance[CREDENTIALS_CHANCE])
{
	if (getrandom(chance, CREDENTIALS_CHANCE, 0) != CREDENTIALS_CHANCE)
		fatal("no random numbers: %s", strerror(errno));
}

static void fill(struct msg_credential *m, const struct credential *ticket)
{
	strcpy(m->ticket, ticket->ticket);
	strcpy(m->ticket_host, ticket->host);
	memcpy(m->ticket_uuid, ticket->uuid, UUID_SIZE);
	m->ticket_type = ticket->type;
	m->ticket_until = ticket->until;
}

static void begin(struct bearer_login *login, uint64_t conn, const struct credential *from)
{
	*login = (struct bearer_login){ .conn = conn, .since = now() };
	strcpy(login->user, from->user);
	strcpy(login->ticket, from->ticket);
}

void bearer_log_in(struct bearer_login *login, uint64_t conn, const char *user)
{
	*login = (struct bearer_login){ .conn = conn, .since = now() };
	snprintf(login->user, sizeof(login->user), "%s", user);
}

void bearer_resume(const struct config *config, const char *token, struct bearer_login *login,
		   struct msg_credential *answer)
{
	uint64_t idle = (uint64_t)config->web.session_idle / 1000;
	const struct credential *one = credentials_resume(&table, token, now(), idle);
	const struct credential *ticket = NULL;

	*answer = (struct msg_credential){ 0 };
	if (one && one->ticket[0]) {
		ticket = credentials_find(&table, NULL, one->ticket, now());
		if (!ticket)
			return;
		fill(answer, ticket);
	}
	if (!one)
		return;
	answer->ok = 1;
	strcpy(answer->user, one->user);
	begin(login, one->login, one);
	credentials_count(&table, login->conn, 1, now());
}

void bearer_use_ticket(const char *token, uint64_t conn, struct bearer_login *login,
		       struct msg_credential *answer)
{
	const struct credential *ticket = credentials_use(&table, token, now());

	*answer = (struct msg_credential){ 0 };
	if (!ticket)
		return;
	answer->ok = 1;
	strcpy(answer->user, ticket->user);
	fill(answer, ticket);
	begin(login, conn, ticket);
}

bool bearer_is_good(const struct bearer_login *login, struct msg_identity *identity)
{
	const struct credential *ticket;

	if (!login->ticket[0])
		return true;
	ticket = credentials_find(&table, NULL, login->ticket, now());
	if (ticket)
		strcpy(identity->ticket_host, ticket->host);
	return ticket != NULL;
}

int bearer_take_moved(void *ctx, struct message *m)
{
	(void)ctx;
	credentials_move(&table, &m->u.tickets_moved);
	return 0;
}

void bearer_token(const struct config *config, const struct bearer_login *login,
		  struct msg_token *answer)
{
	uint64_t total = (uint64_t)config->web.session_total / 1000;
	uint8_t chance[CREDENTIALS_CHANCE];
	const struct credential *one;

	*answer = (struct msg_token){ 0 };
	if (!login->since)
		return;
	take_chance(chance);
	one = credentials_token(&table, login->conn, login->user, login->ticket,
				login->since + total, now(), chance);
	explicit_bzero(chance, sizeof(chance));
	if (!one)
		return;
	strcpy(answer->token, one->token);
	answer->idle = (uint32_t)(config->web.session_idle / 1000);
	answer->total = (uint32_t)(one->until - now());
}

void bearer_leave(const struct bearer_login *login)
{
	if (login->since)
		credentials_count(&table, login->conn, -1, now());
}

void bearer_log_out(const struct bearer_login *login)
{
	credentials_void_login(&table, login->conn);
}

/* -- console asks -- */

int bearer_take_make(void *ctx, struct message *m)
{
	const struct msg_ticket_make *make = &m->u.ticket_make;
	struct msg_ticket_made made = { .request = make->request };
	uint8_t chance[CREDENTIALS_CHANCE];
	const struct credential *ticket;
	const char *why;

	take_chance(chance);
	ticket = credentials_ticket(&table, make, now(), chance, &why);
	explicit_bzero(chance, sizeof(chance));
	if (ticket) {
		strcpy(made.id, ticket->ticket);
		strcpy(made.token, ticket->token);
		log_info("ticket %s of %s for %s/%s: good for %" PRIu32 " s%s%s", ticket->ticket,
			 make->user, make->host, make->guest, make->valid,
			 make->type ? ", may type" : "", make->once ? ", once" : "");
	} else {
		snprintf(made.text, sizeof(made.text), "%s", why);
	}
	peer_send(ctx, MSG_TICKET_MADE, &made);
	explicit_bzero(&made, sizeof(made));
	return 0;
}

int bearer_take_find(void *ctx, struct message *m)
{
	struct msg_request end = { m->u.ticket_find.request };

	for (const struct credential *one = table.tickets; one; one = one->next) {
		struct msg_ticket_found found = {
			.request = end.request, .type = one->type, .once = one->once,
			.uses = one->uses, .until = one->until,
		};

		if (strcmp(one->user, m->u.ticket_find.user) != 0 || one->until <= now())
			continue;
		strcpy(found.id, one->ticket);
		strcpy(found.guest, one->guest);
		peer_send(ctx, MSG_TICKET_FOUND, &found);
	}
	peer_send(ctx, MSG_TICKETS_END, &end);
	return 0;
}

int bearer_take_drop(void *ctx, struct message *m)
{
	const struct msg_ticket_drop *drop = &m->u.ticket_drop;
	struct msg_ticket_made answer = { .request = drop->request };
	struct msg_void_ticket over;
	struct credential *ticket = credentials_find(&table, drop->user, drop->id, now());

	if (ticket) {
		strcpy(answer.id, ticket->ticket);
		strcpy(over.id, ticket->ticket);
		log_info("ticket %s of %s is revoked", ticket->ticket, drop->user);
		credentials_revoke(&table, ticket);
		peer_send(ctx, MSG_VOID_TICKET, &over);
	} else {
		snprintf(answer.text, sizeof(answer.text), "you have no ticket of that id");
	}
	peer_send(ctx, MSG_TICKET_MADE, &answer);
	return 0;
}
