/* SPDX-License-Identifier: ISC */
/* See credentials.h. */
#include "auth/credentials.h"

#include <stdlib.h>
#include <string.h>

static void destroy(struct credential *one)
{
	explicit_bzero(one, sizeof(*one));
	free(one);
}

static void take_out(struct credential **list, struct credential *one)
{
	while (*list != one)
		list = &(*list)->next;
	*list = one->next;
	destroy(one);
}

void credentials_clear(struct credentials *c)
{
	while (c->tokens)
		take_out(&c->tokens, c->tokens);
	while (c->tickets)
		take_out(&c->tickets, c->tickets);
}

/* RFC 4648, section 5, without padding. */
static void spell(char *out, const uint8_t *chance, size_t len)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | chance[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = alphabet[held >> (bits - 6) & 63];
	}
	if (bits)
		*out++ = alphabet[held << (6 - bits) & 63];
	*out = '\0';
}

/* A ticket's name: short, so that it can be typed, and no part of its secret. */
static void name_ticket(char out[TICKET_ID_MAX + 1], const uint8_t *chance)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 4; i++) {
		out[2 * i] = digits[chance[i] >> 4];
		out[2 * i + 1] = digits[chance[i] & 15];
	}
	out[8] = '\0';
}

/* The time it takes tells nothing about how much of it was right. */
static bool is_same(const char *a, const char *b)
{
	size_t len = strlen(a);
	unsigned char differs = 0;

	if (len == 0 || strlen(b) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return differs == 0;
}

static struct credential *find_token(struct credential *list, const char *token)
{
	struct credential *found = NULL;

	for (; list; list = list->next)
		if (is_same(list->token, token))
			found = list;
	return found;
}

static size_t count_all(const struct credential *list, const char *user)
{
	size_t n = 0;

	for (; list; list = list->next)
		n += !user || strcmp(list->user, user) == 0;
	return n;
}

static void forget_old(struct credential **list, uint64_t now)
{
	for (struct credential *one = *list, *next; one; one = next) {
		next = one->next;
		if (one->until <= now)
			take_out(list, one);
	}
}

/* -- tokens -- */

static struct credential *token_of(struct credentials *c, uint64_t login)
{
	struct credential *one = c->tokens;

	while (one && one->login != login)
		one = one->next;
	return one;
}

static bool is_older(const struct credential *a, const struct credential *b)
{
	if ((a->users == 0) != (b->users == 0))
		return a->users == 0;
	return a->users == 0 && a->unused_since < b->unused_since;
}

static void make_room(struct credentials *c)
{
	struct credential *oldest = c->tokens;

	for (struct credential *one = c->tokens; one; one = one->next)
		if (is_older(one, oldest))
			oldest = one;
	take_out(&c->tokens, oldest);
}

struct credential *credentials_token(struct credentials *c, uint64_t login, const char *user,
				     const char *ticket, uint64_t until, uint64_t now,
				     const uint8_t chance[CREDENTIALS_CHANCE])
{
	struct credential *one = token_of(c, login);
	const struct credential *from = *ticket ? credentials_find(c, NULL, ticket, now) : NULL;

	if (*ticket && !from)
		return NULL;
	if (one)
		return one->until > now ? one : NULL;
	forget_old(&c->tokens, now);
	if (count_all(c->tokens, NULL) >= CREDENTIALS_TOKENS_MAX)
		make_room(c);
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	spell(one->token, chance, CREDENTIALS_CHANCE);
	strcpy(one->user, user);
	strcpy(one->ticket, ticket);
	one->login = login;
	one->users = 1;
	one->until = from && from->until < until ? from->until : until;
	one->next = c->tokens;
	c->tokens = one;
	return one;
}

struct credential *credentials_resume(struct credentials *c, const char *token, uint64_t now,
				      uint64_t idle)
{
	struct credential *one = find_token(c->tokens, token);

	if (!one)
		return NULL;
	/* A clock that was set back since: as if it were just now. */
	if (one->until > now && (one->users || now <= one->unused_since + idle))
		return one;
	take_out(&c->tokens, one);
	return NULL;
}

void credentials_count(struct credentials *c, uint64_t login, int change, uint64_t now)
{
	struct credential *one = token_of(c, login);

	if (!one)
		return;
	if (change > 0)
		one->users++;
	else if (one->users)
		one->users--;
	one->unused_since = now;
}

void credentials_void_login(struct credentials *c, uint64_t login)
{
	struct credential *one = token_of(c, login);

	if (one)
		take_out(&c->tokens, one);
}

/* -- tickets -- */

struct credential *credentials_ticket(struct credentials *c, const struct msg_ticket_make *make,
				      uint64_t now, const uint8_t chance[CREDENTIALS_CHANCE],
				      const char **why)
{
	struct credential *one;

	forget_old(&c->tickets, now);
	*why = "a ticket is good for at least a second and at most seven days";
	if (make->valid == 0 || make->valid > CREDENTIALS_VALID_MAX)
		return NULL;
	*why = "you have as many tickets as one may have; revoke one first";
	if (count_all(c->tickets, make->user) >= CREDENTIALS_PER_USER_MAX)
		return NULL;
	*why = "there are as many tickets as there may be; try again later";
	if (count_all(c->tickets, NULL) >= CREDENTIALS_TICKETS_MAX)
		return NULL;
	*why = "the gateway is out of memory";
	one = calloc(1, sizeof(*one));
	if (!one)
		return NULL;
	/* What names it and what is secret about it have no bit in common. */
	name_ticket(one->ticket, chance);
	spell(one->token, chance + 4, CREDENTIALS_CHANCE - 4);
	strcpy(one->user, make->user);
	strcpy(one->host, make->host);
	strcpy(one->guest, make->guest);
	memcpy(one->uuid, make->uuid, UUID_SIZE);
	one->type = make->type;
	one->once = make->once;
	one->until = now + make->valid;
	one->next = c->tickets;
	c->tickets = one;
	return one;
}

struct credential *credentials_use(struct credentials *c, const char *token, uint64_t now)
{
	struct credential *one;

	forget_old(&c->tickets, now);
	one = find_token(c->tickets, token);
	if (!one || (one->once && one->uses))
		return NULL;
	one->uses++;
	return one;
}

void credentials_move(struct credentials *c, const struct msg_tickets_moved *m)
{
	for (struct credential *one = c->tickets; one; one = one->next)
		if (strcmp(one->host, m->from) == 0 && memcmp(one->uuid, m->uuid, UUID_SIZE) == 0)
			strcpy(one->host, m->to);
}

struct credential *credentials_find(struct credentials *c, const char *user, const char *id,
				    uint64_t now)
{
	struct credential *one;

	forget_old(&c->tickets, now);
	for (one = c->tickets; one; one = one->next)
		if (strcmp(one->ticket, id) == 0 && (!user || strcmp(one->user, user) == 0))
			return one;
	return NULL;
}

void credentials_revoke(struct credentials *c, struct credential *ticket)
{
	for (struct credential *one = c->tokens, *next; one; one = next) {
		next = one->next;
		if (strcmp(one->ticket, ticket->ticket) == 0)
			take_out(&c->tokens, one);
	}
	take_out(&c->tickets, ticket);
}
