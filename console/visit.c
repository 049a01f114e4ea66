/* SPDX-License-Identifier: ISC */
/* See visit.h. The table at the end says what a visitor may ask for. */
#include "console/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "config/config.h"
#include "console/host.h"
#include "console/resolve.h"
#include "ipc/log.h"

enum { STATE_OPEN = 1 };

static struct visit visits = { .prev = &visits, .next = &visits };
static const struct config *config;
static struct peer_kind visit_kind;

static unsigned rights_on(const struct visit *v, const struct guest *g)
{
	return rules_rights(config, &v->person, g->host, g->name, g->uuid);
}

static void log_console(const struct visit *v, const char *did, const struct console *c)
{
	log_info("%s from %s (connection %llu) %s %s/%s %s", v->user, v->address,
		 (unsigned long long)v->conn, did, c->guest->host, c->guest->name, c->alias);
}

static void answer_no(struct visit *v, uint32_t handle, enum refusal code, const char *text)
{
	struct msg_refused m = { .handle = handle, .code = (uint8_t)code };

	snprintf(m.text, sizeof(m.text), "%s", text);
	peer_send(&v->peer, MSG_REFUSED, &m);
}

static void refuse(struct visit *v, uint32_t handle, enum refusal code, const char *text)
{
	log_info("%s from %s (connection %llu) was refused: %s", v->user, v->address,
		 (unsigned long long)v->conn, text);
	answer_no(v, handle, code, text);
}

static struct viewer *viewer_of(const struct visit *v, uint32_t handle)
{
	for (struct viewer *at = v->viewers; at; at = at->next_of_visit)
		if (at->handle == handle)
			return at;
	return NULL;
}

/* -- the guest list -- */

static void describe(struct msg_guest *m, const struct guest *g)
{
	*m = (struct msg_guest){
		.unique = inventory_is_unique(g),
		.state = (uint8_t)g->state,
		.viewers = g->viewers > UINT16_MAX ? UINT16_MAX : (uint16_t)g->viewers,
	};
	memcpy(m->uuid, g->uuid, UUID_SIZE);
	strcpy(m->host, g->host);
	strcpy(m->name, g->name);
	strcpy(m->holder, g->holder);
	strcpy(m->consoles, g->consoles);
	strcpy(m->displays, g->displays);
}

static void send_gone(struct visit *v, const struct guest *g)
{
	struct msg_guest_gone m;

	memcpy(m.uuid, g->uuid, UUID_SIZE);
	strcpy(m.host, g->host);
	peer_send(&v->peer, MSG_GUEST_GONE, &m);
}

static bool sees_nothing(const struct visit *v)
{
	const struct guest *g = inventory_next(NULL);

	for (; g; g = inventory_next(g))
		if (rights_on(v, g))
			return false;
	return inventory_next(NULL) != NULL;
}

static void send_list_end(struct visit *v)
{
	struct msg_list_end m = { .hidden = sees_nothing(v) };

	host_list_down(m.down, sizeof(m.down));
	v->owes_end = false;
	peer_send(&v->peer, MSG_LIST_END, &m);
}

/* Tells what has changed since v->seen, as far as the socket takes it. */
static void list_flush(struct visit *v)
{
	struct guest *g;

	if (!v->listing || !peer_is_open(&v->peer))
		return;
	for (g = inventory_after(v->seen); g; g = inventory_next(g)) {
		if (wire_is_waiting(&v->peer.wire)) {
			visit_wait_writable(v);
			return;
		}
		if (rights_on(v, g)) {
			struct msg_guest m;

			describe(&m, g);
			peer_send(&v->peer, MSG_GUEST, &m);
		}
		v->seen = g->seq;
	}
	if (v->owes_end)
		send_list_end(v);
	if (!v->watches)
		v->listing = false;
}

void visit_list_changed(bool hosts_too)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next) {
		if (!v->listing)
			continue;
		v->owes_end |= hosts_too;
		list_flush(v);
	}
}

void visit_guest_gone(const struct guest *g)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		if (v->listing && v->seen && rights_on(v, g))
			send_gone(v, g);
}

void visit_guest_renames(const struct guest *g, const char *name)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		if (v->listing && rights_on(v, g) &&
		    !rules_rights(config, &v->person, g->host, name, g->uuid))
			send_gone(v, g);
}

static int take_list(void *owner, struct message *m)
{
	struct visit *v = owner;

	v->watches = m->u.list.watch;
	v->listing = true;
	v->owes_end = true;
	v->seen = 0;
	list_flush(v);
	return 0;
}

/* -- attaching -- */

static int take_attach(void *owner, struct message *m)
{
	struct visit *v = owner;
	const struct msg_attach *a = &m->u.attach;
	char alias[ALIAS_MAX + 1];
	struct msg_attached answer = { .handle = a->handle };
	struct resolved r;
	struct console *c;
	struct viewer *viewer;

	if (viewer_of(v, a->handle))
		return -1;
	if (v->nviewers == VISIT_VIEWERS_MAX) {
		refuse(v, a->handle, REFUSED_FAILED, "too many consoles on one connection");
		return 0;
	}
	resolve_guest(&r, config, &v->person, a->guest, a->flags & ATTACH_PREFIX);
	if (!r.guest || resolve_console(&r, a->device[0] ? a->device : r.alias, alias) < 0) {
		refuse(v, a->handle, r.code, r.text);
		return 0;
	}
	c = hub_console(r.guest, alias);
	viewer = c ? viewer_new(v, c, a->handle, a->flags & ATTACH_READ_ONLY) : NULL;
	if (!viewer) {
		refuse(v, a->handle, REFUSED_FAILED, "the gateway is out of memory");
		if (c)
			hub_viewers_changed(c);
		return 0;
	}
	viewer->may_type = (r.rights & CONFIG_MAY_TYPE) && !viewer->read_only;
	memcpy(answer.uuid, r.guest->uuid, UUID_SIZE);
	strcpy(answer.host, r.guest->host);
	strcpy(answer.name, r.guest->name);
	answer.unique = inventory_is_unique(r.guest);
	strcpy(answer.alias, c->alias);
	answer.epoch = c->epoch;
	answer.offset = viewer->cursor;
	answer.may_type = viewer->may_type;
	for (struct viewer *at = c->viewers; at; at = at->next)
		answer.viewers++;
	answer.output_seen = !c->knows_boot || c->ring.head > c->boot;
	peer_send(&v->peer, MSG_ATTACHED, &answer);
	log_console(v, "attached to", c);
	keyboard_arrive(viewer, a->flags & ATTACH_TAKE);
	hub_viewers_changed(c);
	line_update(c);
	viewer_flush(viewer);
	return 0;
}

static int take_detach(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = viewer_of(v, m->u.handle.handle);

	/* Not there: console let go of it (the guest was undefined) at the same moment. */
	if (viewer)
		log_console(v, "detached from", viewer->console);
	viewer_free(viewer);
	peer_send(&v->peer, MSG_DETACHED, &m->u.handle);
	return 0;
}

static int take_input(void *owner, struct message *m)
{
	struct viewer *viewer = viewer_of(owner, m->u.data.handle);

	return viewer ? viewer_input(viewer, m->u.data.data) : 0;
}

static int take_take(void *owner, struct message *m)
{
	struct viewer *viewer = viewer_of(owner, m->u.handle.handle);

	if (viewer)
		keyboard_take(viewer);
	return 0;
}

static int take_give(void *owner, struct message *m)
{
	struct viewer *viewer = viewer_of(owner, m->u.handle.handle);

	if (viewer)
		keyboard_give(viewer);
	return 0;
}

static int take_force(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = viewer_of(v, m->u.handle.handle);

	if (!viewer)
		return 0;
	if (!viewer->may_type) {
		refuse(v, viewer->handle, REFUSED_NOT_ALLOWED, "you may only watch this guest");
		return 0;
	}
	log_console(v, "takes from outside", viewer->console);
	line_force(viewer->console);
	return 0;
}

/* -- who is there -- */

static void send_peers(struct visit *v, uint32_t handle, const struct console *c)
{
	for (const struct viewer *at = c->viewers; at; at = at->next) {
		struct msg_peer m = {
			.handle = handle,
			.endpoint = at->visit->endpoint,
			.keyboard = c->holder == at,
			.you = at->visit == v,
			.since = at->since,
		};

		strcpy(m.alias, c->alias);
		strcpy(m.user, at->visit->user);
		strcpy(m.peer, at->visit->address);
		peer_send(&v->peer, MSG_PEER, &m);
	}
}

static int take_who(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = viewer_of(v, m->u.handle.handle);

	if (viewer)
		send_peers(v, viewer->handle, viewer->console);
	peer_send(&v->peer, MSG_WHO_END, &m->u.handle);
	return 0;
}

static int take_info(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct msg_handle end = { m->u.info.handle };
	struct msg_guest guest;
	struct resolved r;

	resolve_guest(&r, config, &v->person, m->u.info.guest, m->u.info.prefix);
	if (!r.guest) {
		(m->u.info.probe ? answer_no : refuse)(v, end.handle, r.code, r.text);
		return 0;
	}
	describe(&guest, r.guest);
	peer_send(&v->peer, MSG_GUEST, &guest);
	for (const struct console *c = r.guest->open; c; c = c->next)
		send_peers(v, end.handle, c);
	peer_send(&v->peer, MSG_INFO_END, &end);
	return 0;
}

/* -- coming and going -- */

void visit_wait_writable(struct visit *v)
{
	peer_want_writable(&v->peer, true);
}

static void visit_writable(void *owner)
{
	struct visit *v = owner;

	peer_want_writable(&v->peer, false);
	for (struct viewer *at = v->viewers; at; at = at->next_of_visit)
		viewer_flush(at);
	list_flush(v);
}

static void visit_gone(void *owner)
{
	struct visit *v = owner;

	while (v->viewers) {
		log_console(v, "left", v->viewers->console);
		viewer_free(v->viewers);
	}
	v->prev->next = v->next;
	v->next->prev = v->prev;
	for (size_t i = 0; i < v->person.ngroups; i++)
		free(v->person.groups[i]);
	free(v->person.groups);
	free(v);
}

static const struct wire_rule visit_rules[] = {
	{ MSG_LIST, STATE_OPEN, take_list },
	{ MSG_INFO, STATE_OPEN, take_info },
	{ MSG_ATTACH, STATE_OPEN, take_attach },
	{ MSG_DETACH, STATE_OPEN, take_detach },
	{ MSG_INPUT, STATE_OPEN, take_input },
	{ MSG_TAKE, STATE_OPEN, take_take },
	{ MSG_GIVE, STATE_OPEN, take_give },
	{ MSG_WHO, STATE_OPEN, take_who },
	{ MSG_FORCE, STATE_OPEN, take_force },
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
	strcpy(v->address, id->peer);
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
	/* What a viewer that stops reading can pin in the kernel. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) < 0)
		log_warn("the socket of %s is not bounded: %s", v->user, strerror(errno));
	/* What is not known yet must not look as if it did not exist. */
	peer_pause(&v->peer, !host_all_known());
}

void visit_open_waiting(void)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		peer_pause(&v->peer, false);
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
	viewer_flush(v);
}

static void recheck(struct visit *v)
{
	struct viewer *next;

	for (struct viewer *at = v->viewers; at; at = next) {
		unsigned rights = rights_on(v, at->console->guest);

		next = at->next_of_visit;
		if (!rights) {
			viewer_gone(at, "you may no longer see this guest");
			continue;
		}
		set_may_type(at, (rights & CONFIG_MAY_TYPE) && !at->read_only);
	}
}

/* Of what somebody saw and may not see any more they are told; of nothing else. */
static void take_back(struct visit *v, const struct config *c)
{
	const struct guest *g = inventory_next(NULL);

	for (; v->listing && g; g = inventory_next(g))
		if (rights_on(v, g) &&
		    !rules_rights(c, &v->person, g->host, g->name, g->uuid))
			send_gone(v, g);
}

void visit_configure(const struct config *c)
{
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		take_back(v, c);
	config = c;
	for (struct visit *v = visits.next; v != &visits; v = v->next)
		recheck(v);
	inventory_touch_all();
	visit_list_changed(true);
}
