/* SPDX-License-Identifier: ISC */
/* See listing.h. */
#include "console/listing.h"

#include <string.h>

#include "console/host.h"
#include "console/visit.h"

void listing_describe(struct msg_guest *m, const struct visit *v, const struct guest *g)
{
	*m = (struct msg_guest){
		.unique = inventory_is_unique(g),
		.state = (uint8_t)g->state,
		.viewers = g->viewers > UINT16_MAX ? UINT16_MAX : (uint16_t)g->viewers,
	};
	memcpy(m->uuid, g->uuid, UUID_SIZE);
	strcpy(m->host, g->host);
	strcpy(m->name, g->name);
	strcpy(m->holder, visit_tells_name(v, g->holder));
	strcpy(m->consoles, g->consoles);
	strcpy(m->displays, visit_tells_address(v, g->displays));
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
		if (visit_rights(v, g))
			return false;
	return inventory_next(NULL) != NULL;
}

static void send_list_end(struct visit *v)
{
	struct msg_list_end m = { .hidden = sees_nothing(v) };

	if (!v->ticket[0])
		host_list_down(m.down, sizeof(m.down));
	else if (!host_is_up(v->ticket_host))
		strcpy(m.down, v->ticket_host);
	v->owes_end = false;
	peer_send(&v->peer, MSG_LIST_END, &m);
}

void listing_flush(struct visit *v)
{
	struct guest *g;

	if (!v->listing || !peer_is_open(&v->peer))
		return;
	for (g = inventory_after(v->seen); g; g = inventory_next(g)) {
		if (wire_is_waiting(&v->peer.wire)) {
			visit_wait_writable(v);
			return;
		}
		if (visit_rights(v, g)) {
			struct msg_guest m;

			listing_describe(&m, v, g);
			peer_send(&v->peer, MSG_GUEST, &m);
		}
		v->seen = g->seq;
	}
	if (v->owes_end)
		send_list_end(v);
	if (!v->watches)
		v->listing = false;
}

void listing_changed(bool hosts_too)
{
	for (struct visit *v = visit_next(NULL); v; v = visit_next(v)) {
		if (!v->listing)
			continue;
		v->owes_end |= hosts_too;
		listing_flush(v);
	}
}

void listing_guest_leaves(struct visit *v, const struct guest *g)
{
	if (v->listing && v->seen && visit_rights(v, g))
		send_gone(v, g);
}

void listing_guest_gone(const struct guest *g)
{
	for (struct visit *v = visit_next(NULL); v; v = visit_next(v))
		listing_guest_leaves(v, g);
}

void listing_guest_renames(const struct guest *g, const char *name)
{
	for (struct visit *v = visit_next(NULL); v; v = visit_next(v))
		if (v->listing && visit_rights(v, g) &&
		    !rules_rights(visit_config(), &v->person, g->host, name, g->uuid))
			send_gone(v, g);
}

/* Of what somebody saw and may not see any more they are told; of nothing else. */
void listing_take_back(struct visit *v, const struct config *fresh)
{
	const struct guest *g = inventory_next(NULL);

	for (; v->listing && g; g = inventory_next(g))
		if (visit_rights(v, g) &&
		    !rules_rights(fresh, &v->person, g->host, g->name, g->uuid))
			send_gone(v, g);
}

int listing_list(void *owner, struct message *m)
{
	struct visit *v = owner;

	visit_charge(v);
	v->watches = m->u.list.watch;
	v->listing = true;
	v->owes_end = true;
	v->seen = 0;
	listing_flush(v);
	return 0;
}
