/* SPDX-License-Identifier: ISC */
/* See company.h. */
#include "console/company.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "console/audit.h"
#include "console/auth.h"
#include "console/listing.h"
#include "console/resolve.h"
#include "console/visit.h"

static void send_peer(struct visit *v, uint32_t handle, const struct viewer *at)
{
	const struct console *c = at->console;
	struct msg_peer m = {
		.handle = handle,
		.id = v->ticket[0] ? 0 : at->visit->conn,
		.unique = inventory_is_unique(c->guest),
		.endpoint = at->visit->endpoint,
		.keyboard = c->holder == at,
		.read_only = !at->may_type,
		.you = at->visit == v,
		.since = at->since,
	};

	strcpy(m.host, c->guest->host);
	strcpy(m.guest, c->guest->name);
	strcpy(m.alias, c->alias);
	strcpy(m.user, visit_tells_name(v, at->visit->name));
	strcpy(m.peer, visit_tells_address(v, at->visit->address));
	peer_send(&v->peer, MSG_PEER, &m);
}

static void send_peers(struct visit *v, uint32_t handle, const struct console *c)
{
	for (const struct viewer *at = c->viewers; at; at = at->next)
		if (!at->is_reader)
			send_peer(v, handle, at);
}

static void send_guests_peers(struct visit *v, uint32_t handle, const struct guest *g)
{
	for (const struct console *c = g->open; c; c = c->next)
		send_peers(v, handle, c);
}

int company_who(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = visit_viewer(v, m->u.handle.handle);

	visit_charge(v);
	if (viewer)
		send_peers(v, viewer->handle, viewer->console);
	peer_send(&v->peer, MSG_WHO_END, &m->u.handle);
	return 0;
}

int company_ask_who(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct msg_handle end = { m->u.info.handle };
	struct resolved r;

	visit_charge(v);
	if (m->u.info.guest[0]) {
		resolve_guest(&r, visit_config(), &v->person, m->u.info.guest, m->u.info.prefix);
		if (!r.guest) {
			visit_refuse(v, end.handle, r.code, r.text);
			return 0;
		}
		send_guests_peers(v, end.handle, r.guest);
	} else {
		for (const struct guest *g = inventory_next(NULL); g; g = inventory_next(g))
			if (g->open && visit_rights(v, g))
				send_guests_peers(v, end.handle, g);
	}
	peer_send(&v->peer, MSG_WHO_END, &end);
	return 0;
}

int company_info(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct msg_handle end = { m->u.info.handle };
	struct msg_guest guest;
	struct resolved r;

	visit_charge(v);
	resolve_guest(&r, visit_config(), &v->person, m->u.info.guest, m->u.info.prefix);
	if (!r.guest) {
		(m->u.info.probe ? visit_answer_no : visit_refuse)(v, end.handle, r.code, r.text);
		return 0;
	}
	listing_describe(&guest, v, r.guest);
	peer_send(&v->peer, MSG_GUEST, &guest);
	send_guests_peers(v, end.handle, r.guest);
	peer_send(&v->peer, MSG_INFO_END, &end);
	return 0;
}

/* -- kick -- */

struct kick {
	struct visit *by;
	const char *who;
	bool by_number;
	unsigned long long conn;
	unsigned met;                /* attachments of theirs that the kicker may see */
	unsigned ended;
};

enum { KICK_TEXT = USER_MAX + 32 };

static void say_kicked(char why[static KICK_TEXT], const struct visit *v, const char *by)
{
	snprintf(why, KICK_TEXT, "kicked by %s", visit_tells_name(v, by));
}

static bool is_meant(const struct kick *k, const struct visit *v)
{
	return strcmp(v->user, k->who) == 0 || (k->by_number && v->conn == k->conn);
}

/* How many attachments of v were ended. */
static unsigned kick_from_guests(struct kick *k, struct visit *v)
{
	char why[KICK_TEXT], logged[KICK_TEXT];
	struct viewer *next;
	unsigned ended = 0;

	snprintf(logged, sizeof(logged), "kicked by %s", k->by->name);
	say_kicked(why, v, k->by->name);
	for (struct viewer *at = v->viewers; at; at = next) {
		unsigned rights = visit_rights(k->by, at->console->guest);

		next = at->next_of_visit;
		if (!rights)
			continue;
		k->met++;
		if (!(rights & CONFIG_MAY_KICK))
			continue;
		visit_log(v, logged, at->console);
		viewer_gone(at, REFUSED_FAILED, why);
		ended++;
	}
	k->ended += ended;
	return ended;
}

static void end_login(struct visit *v, const char *by)
{
	struct msg_void_login m = { v->conn };
	char why[KICK_TEXT];

	say_kicked(why, v, by);
	auth_send(MSG_VOID_LOGIN, &m);
	visit_end(v, why);
}

/* The kicker's own visit, should it be meant, is the last. True: it is to end. */
static bool kick_all(struct kick *k)
{
	bool own = false;

	for (struct visit *v = visit_next(NULL); v; v = visit_next(v)) {
		if (!is_meant(k, v) || !kick_from_guests(k, v) || v->viewers)
			continue;
		if (v == k->by)
			own = true;
		else
			end_login(v, k->by->name);
	}
	return own;
}

static void answer_kick(const struct kick *k, uint32_t handle)
{
	struct msg_act_done done = { .handle = handle };

	if (k->ended) {
		snprintf(done.text, sizeof(done.text), "%u attachment%s of '%s' ended", k->ended,
			 k->ended == 1 ? "" : "s", k->who);
		peer_send(&k->by->peer, MSG_ACT_DONE, &done);
	} else if (k->met) {
		visit_refuse(k->by, handle, REFUSED_NOT_ALLOWED,
			     "you may not kick from that guest: it needs the right 'kick'");
	} else {
		visit_refuse(k->by, handle, REFUSED_FAILED,
			     "nobody of that name or number is on a console that you may see: "
			     "'who' shows who is");
	}
}

int company_kick(void *owner, struct message *m)
{
	struct kick k = { .by = owner, .who = m->u.kick.who };
	struct msg_audit record;
	char *end;
	bool own;

	visit_charge(k.by);
	k.conn = strtoull(k.who, &end, 10);
	k.by_number = k.who[0] >= '0' && k.who[0] <= '9' && *end == '\0';
	audit_begin(&record, AUDIT_KICK, k.by, NULL, "");
	snprintf(record.detail, sizeof(record.detail), "%s", k.who);
	own = kick_all(&k);
	audit_end(&record, k.ended > 0);
	answer_kick(&k, m->u.kick.handle);
	if (own)
		end_login(k.by, k.by->name);
	return 0;
}
