/* SPDX-License-Identifier: ISC */
/* See visit.h. The table at the end says what a visitor may ask for. */
#include "console/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "config/config.h"
#include "console/acts.h"
#include "console/attaching.h"
#include "console/audit.h"
#include "console/company.h"
#include "console/host.h"
#include "console/listing.h"
#include "console/logging.h"
#include "console/sharing.h"
#include "ipc/log.h"
#include "ipc/role.h"

enum { STATE_OPEN = 1 };

static struct visit visits = { .prev = &visits, .next = &visits };
static const struct config *config;
static struct peer_kind visit_kind;

unsigned visit_rights(const struct visit *v, const struct guest *g)
{
	return rules_rights(config, &v->person, g->host, g->name, g->uuid);
}

const char *visit_tells_name(const struct visit *v, const char *name)
{
	return v->ticket[0] && *name ? "somebody" : name;
}

const char *visit_tells_address(const struct visit *v, const char *address)
{
	return v->ticket[0] ? "" : address;
}

const struct config *visit_config(void)
{
	return config;
}

struct visit *visit_next(const struct visit *v)
{
	struct visit *next = v ? v->next : visits.next;

	return next == &visits ? NULL : next;
}

void visit_log(const struct visit *v, const char *did, const struct console *c)
{
	log_info("%s from %s (connection %llu) %s %s/%s %s", v->name, v->address,
		 (unsigned long long)v->conn, did, c->guest->host, c->guest->name, c->alias);
}

void visit_answer_no(struct visit *v, uint32_t handle, enum refusal code, const char *text)
{
	struct msg_refused m = { .handle = handle, .code = (uint8_t)code };

	snprintf(m.text, sizeof(m.text), "%s", text);
	peer_send(&v->peer, MSG_REFUSED, &m);
}

void visit_refuse(struct visit *v, uint32_t handle, enum refusal code, const char *text)
{
	log_info("%s from %s (connection %llu) was refused: %s", v->name, v->address,
		 (unsigned long long)v->conn, text);
	visit_answer_no(v, handle, code, text);
}

struct viewer *visit_viewer(const struct visit *v, uint32_t handle)
{
	for (struct viewer *at = v->viewers; at; at = at->next_of_visit)
		if (at->handle == handle)
			return at;
	return NULL;
}

/* -- how much they may ask for -- */

static void set_pause(struct visit *v)
{
	/* What is not known yet must not look as if it did not exist. */
	peer_pause(&v->peer, v->is_over || loop_timer_is_set(&v->hold) || !host_all_known());
}

static void hold_due(void *owner)
{
	set_pause(owner);
}

/* All visits of a connection have one account: that of the oldest. */
static struct visit *payer(const struct visit *v)
{
	struct visit *first = visits.next;

	while (first->conn != v->conn)
		first = first->next;
	return first;
}

static uint64_t time_to_hold(struct visit *account)
{
	uint64_t earned = (loop_now() - account->spent_at) * VISIT_RATE / 1000;

	account->spent_at += earned * 1000 / VISIT_RATE;
	account->spent -= earned < account->spent ? (unsigned)earned : account->spent;
	if (++account->spent > VISIT_BURST)
		return (account->spent - VISIT_BURST) * 1000u / VISIT_RATE;
	return role_gate()->wire.queued > VISIT_RECORDS ? VISIT_RECORDS_MS : 0;
}

void visit_charge(struct visit *v)
{
	uint64_t ms = time_to_hold(payer(v));

	if (!ms)
		return;
	loop_timer_set(&v->hold, ms, hold_due, v);
	set_pause(v);
}

/* -- coming and going -- */

void visit_wait_writable(struct visit *v)
{
	peer_want_writable(&v->peer, true);
}

/* From there on they come first. */
static void put_behind(struct visit *v, struct viewer *last)
{
	struct viewer *end = last;

	while (end->next_of_visit)
		end = end->next_of_visit;
	end->next_of_visit = v->viewers;
	v->viewers = last->next_of_visit;
	last->next_of_visit = NULL;
}

/* Who fills the socket has the last turn when it takes something again. */
static void visit_writable(void *owner)
{
	struct visit *v = owner;
	struct viewer *filled = NULL;

	peer_want_writable(&v->peer, false);
	for (struct viewer *at = v->viewers; at; at = at->next_of_visit) {
		output_flush(at);
		if (!filled && v->peer.want_writable)
			filled = at;
	}
	if (filled)
		put_behind(v, filled);
	listing_flush(v);
}

static void leave_all(struct visit *v)
{
	while (v->viewers) {
		visit_log(v, "left", v->viewers->console);
		viewer_free(v->viewers);
	}
	acts_forget(v);
	sharing_forget(v);
	logging_forget_visit(v);
}

static void visit_gone(void *owner)
{
	struct visit *v = owner;

	leave_all(v);
	loop_timer_clear(&v->end);
	loop_timer_clear(&v->hold);
	v->prev->next = v->next;
	v->next->prev = v->prev;
	for (size_t i = 0; i < v->person.ngroups; i++)
		free(v->person.groups[i]);
	free(v->person.groups);
	free(v);
}

static void end_due(void *owner)
{
	struct visit *v = owner;

	peer_close(&v->peer);
	visit_gone(v);
}

void visit_end(struct visit *v, const char *why)
{
	struct msg_visit_end m;

	if (v->is_over)
		return;
	log_info("%s from %s (connection %llu) has to go: %s", v->name, v->address,
		 (unsigned long long)v->conn, why);
	leave_all(v);
	v->is_over = true;
	v->listing = false;
	snprintf(m.text, sizeof(m.text), "%s", why);
	peer_send(&v->peer, MSG_VISIT_END, &m);
	/* A socket closed with something unread in it takes what was said with it (unix(7)). */
	set_pause(v);
	loop_timer_set(&v->end, VISIT_END_MS, end_due, v);
}

static const struct wire_rule visit_rules[] = {
	{ MSG_LIST, STATE_OPEN, listing_list },
	{ MSG_ATTACH, STATE_OPEN, attaching_attach },
	{ MSG_DETACH, STATE_OPEN, attaching_detach },
	{ MSG_INPUT, STATE_OPEN, attaching_input },
	{ MSG_TAKE, STATE_OPEN, attaching_take },
	{ MSG_GIVE, STATE_OPEN, attaching_give },
	{ MSG_FORCE, STATE_OPEN, attaching_force },
	{ MSG_REPLAY, STATE_OPEN, attaching_replay },
	{ MSG_INFO, STATE_OPEN, company_info },
	{ MSG_WHO, STATE_OPEN, company_who },
	{ MSG_ASK_WHO, STATE_OPEN, company_ask_who },
	{ MSG_KICK, STATE_OPEN, company_kick },
	{ MSG_ACT, STATE_OPEN, acts_act },
	{ MSG_ASK_TICKET, STATE_OPEN, sharing_ask_ticket },
	{ MSG_ASK_TICKETS, STATE_OPEN, sharing_ask_tickets },
	{ MSG_REVOKE, STATE_OPEN, sharing_revoke },
};
static struct peer_kind visit_kind = {
	"visit", visit_rules, sizeof(visit_rules) / sizeof(visit_rules[0]), visit_gone,
	visit_writable,
};

static int take_groups(struct visit *v, struct bytes packed)
{
	struct pack_reader r;
	struct bytes name;
	char **groups = calloc(RULES_GROUPS_MAX, sizeof(*groups));

	v->person.user = v->user;
	v->person.groups = groups;
	if (!groups)
		return -1;
	pack_open(&r, packed);
	while (v->person.ngroups < RULES_GROUPS_MAX && pack_get_bytes(&r, &name) == 0) {
		groups[v->person.ngroups] = strndup((const char *)name.data, name.len);
		if (!groups[v->person.ngroups])
			return -1;
		v->person.ngroups++;
	}
	return 0;
}

static void ticket_due(void *owner)
{
	visit_end(owner, "the ticket has run out");
}

void visit_ticket_void(const char *id)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		if (v->ticket[0] && strcmp(v->ticket, id) == 0)
			visit_end(v, "the ticket was revoked");
}

/* Who came by a ticket sees one guest, and does what its issuer may, but no more than watch or type. */
static void take_ticket(struct visit *v, const struct msg_identity *id)
{
	time_t now = time(NULL);

	if (!id->ticket[0])
		return;
	strcpy(v->ticket, id->ticket);
	strcpy(v->ticket_host, id->ticket_host);
	memcpy(v->ticket_uuid, id->ticket_uuid, UUID_SIZE);
	v->person.only_host = v->ticket_host;
	v->person.only_uuid = v->ticket_uuid;
	v->person.at_most = CONFIG_MAY_VIEW | (id->ticket_type ? CONFIG_MAY_TYPE : 0u);
	loop_timer_set(&v->end, (uint64_t)now < id->ticket_until ?
		       (id->ticket_until - (uint64_t)now) * 1000 : 0, ticket_due, v);
	audit_ticket(v, NULL, "used", v->ticket, true);
}

static void turn_away(struct visit *v)
{
	log_error("no memory or descriptors left: %s is turned away", v->user);
	visit_gone(v);
}

static bool has_too_many(uint64_t conn)
{
	unsigned n = 0;

	for (const struct visit *v = visits.next; v != &visits; v = v->next)
		n += v->conn == conn;
	return n >= VISIT_PER_CONN_MAX;
}

void visit_open(struct message *m)
{
	const struct msg_identity *id = &m->u.identity;
	int fd = m->fds[0];
	int bytes = VISIT_SOCKET_BYTES;
	struct visit *v;

	if (has_too_many(id->conn)) {
		log_warn("connection %llu of %s asks for too many visits: turned away",
			 (unsigned long long)id->conn, id->user);
		return;
	}
	v = calloc(1, sizeof(*v));
	if (!v) {
		log_error("out of memory: %s is turned away", id->user);
		return;
	}
	v->conn = id->conn;
	v->endpoint = id->endpoint;
	strcpy(v->user, id->user);
	snprintf(v->name, sizeof(v->name), id->ticket[0] ? "%s (by ticket %s)" : "%s%s", id->user,
		 id->ticket);
	strcpy(v->address, id->peer);
	strcpy(v->method, id->method);
	v->prev = visits.prev;
	v->next = &visits;
	v->prev->next = v->next->prev = v;
	v->peer = (struct peer)PEER_CLOSED;
	if (take_groups(v, id->groups) < 0) {
		turn_away(v);
		return;
	}
	m->fds[0] = -1;
	if (peer_open(&v->peer, fd, &visit_kind, STATE_OPEN, v) < 0) {
		turn_away(v);
		return;
	}
	take_ticket(v, id);
	/* What a viewer that stops reading can pin in the kernel. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) < 0)
		log_warn("the socket of %s is not bounded: %s", v->user, strerror(errno));
	set_pause(v);
}

void visit_open_waiting(void)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		set_pause(v);
}

/* -- a new configuration -- */

static void set_may_type(struct viewer *v, bool may_type)
{
	if (v->may_type == may_type)
		return;
	v->may_type = may_type;
	if (!may_type)
		keyboard_give(v);
	v->news |= NEWS_KEYBOARD;
	output_flush(v);
}

static void recheck(struct viewer *at)
{
	unsigned rights = visit_rights(at->visit, at->console->guest);

	if (rights)
		set_may_type(at, (rights & CONFIG_MAY_TYPE) && !at->read_only);
	else
		viewer_gone(at, REFUSED_GONE, at->visit->ticket[0] ?
			    "whoever made the ticket may not see this guest any more, or not where it "
			    "is now" : "you may no longer see this guest");
}

void visit_recheck_viewers(struct console *c)
{
	struct viewer *next;

	for (struct viewer *at = c->viewers; at; at = next) {
		next = at->next;
		recheck(at);
	}
}

static void recheck_visit(struct visit *v)
{
	struct viewer *next;

	for (struct viewer *at = v->viewers; at; at = next) {
		next = at->next_of_visit;
		recheck(at);
	}
}

void visit_configure(const struct config *c)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		listing_take_back(v, c);
	config = c;
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		recheck_visit(v);
	inventory_touch_all();
	listing_changed(true);
}
