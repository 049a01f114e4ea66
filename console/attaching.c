/* SPDX-License-Identifier: ISC */
/* See attaching.h. */
#include "console/attaching.h"

#include <string.h>

#include "config/config.h"
#include "console/audit.h"
#include "console/logging.h"
#include "console/position.h"
#include "console/resolve.h"
#include "console/visit.h"

/* Until where: before `from` there is nothing. Also a place that is not kept is one. */
static uint64_t find_end(const struct visit *v, const struct console *c, const struct position *p)
{
	struct place end;

	if (p->kind == POSITION_NOW)
		return UINT64_MAX;
	end = position_find(&c->ring, c->epoch, p, viewer_left(v, c));
	return end.missed == POSITION_UNKNOWN ? end.offset : end.offset - end.missed;
}

static void send_attached(const struct viewer *viewer, const struct place *from, unsigned rights)
{
	const struct console *c = viewer->console;
	const struct guest *g = c->guest;
	struct msg_attached m = {
		.handle = viewer->handle,
		.unique = inventory_is_unique(g),
		.epoch = c->epoch,
		.offset = viewer->cursor,
		.head = c->ring.head,
		.until = viewer->until,
		.missed = from->missed,
		.from = (uint8_t)from->kind,
		.may = (uint8_t)rights,
		.may_type = viewer->may_type,
		.viewers = (uint16_t)viewer_count(c),
		.output_seen = !c->knows_boot || c->ring.head > c->boot,
		.logged = logging_has(c, from),
	};

	memcpy(m.uuid, g->uuid, UUID_SIZE);
	strcpy(m.host, g->host);
	strcpy(m.name, g->name);
	strcpy(m.alias, c->alias);
	peer_send(&viewer->visit->peer, MSG_ATTACHED, &m);
}

/* Its console is there and may be seen. */
static struct viewer *attach(struct visit *v, const struct msg_attach *a, struct console *c,
			     unsigned rights, bool has_files)
{
	struct place from = position_find(&c->ring, c->epoch, &a->from, viewer_left(v, c));
	const struct viewer_wish wish = {
		.handle = a->handle,
		.read_only = a->flags & (ATTACH_READ_ONLY | ATTACH_HISTORY),
		.is_reader = a->flags & ATTACH_HISTORY,
		.has_stamps = a->flags & ATTACH_STAMPS,
		.wants_credit = a->flags & ATTACH_CREDIT,
		.from = from.offset,
		.until = find_end(v, c, &a->until),
	};
	struct viewer *viewer = viewer_new(v, c, &wish);

	if (!viewer)
		return NULL;
	/* The files have it; where they have holes they say so. */
	if (has_files)
		from.missed = 0;
	viewer->may_type = (rights & CONFIG_MAY_TYPE) && !viewer->read_only;
	send_attached(viewer, &from, rights);
	visit_log(v, viewer->is_reader ? "reads" : "attached to", c);
	audit_attached(viewer);
	return viewer;
}

static void begin(struct viewer *viewer, bool take)
{
	if (!viewer->is_reader) {
		keyboard_arrive(viewer, take);
		keep_viewers_changed(viewer->console);
		line_update(viewer->console);
	}
	output_flush(viewer);
}

/* The console that is asked for, NULL: refused. */
static struct console *find_console(struct visit *v, const struct msg_attach *a, unsigned *rights)
{
	char alias[ALIAS_MAX + 1];
	struct resolved r;
	struct console *c;

	resolve_guest(&r, visit_config(), &v->person, a->guest, a->flags & ATTACH_PREFIX);
	if (!r.guest || resolve_console(&r, a->device[0] ? a->device : r.alias, alias) < 0) {
		visit_refuse(v, a->handle, r.code, r.text);
		return NULL;
	}
	*rights = r.rights;
	c = keep_console(r.guest, alias);
	if (!c)
		visit_refuse(v, a->handle, REFUSED_FAILED, "the gateway is out of memory");
	return c;
}

/* Also when the files before the ring were found, or are not waited for any more. */
static void go_on(struct visit *v, const struct msg_attach *a, bool has_files)
{
	unsigned rights;
	struct console *c = find_console(v, a, &rights);
	struct viewer *viewer = c ? attach(v, a, c, rights, has_files) : NULL;

	if (viewer) {
		begin(viewer, a->flags & ATTACH_TAKE);
	} else if (c) {
		visit_refuse(v, a->handle, REFUSED_FAILED, "the gateway is out of memory");
		keep_viewers_changed(c);
	}
}

int attaching_attach(void *owner, struct message *m)
{
	struct visit *v = owner;
	const struct msg_attach *a = &m->u.attach;
	unsigned rights;
	struct console *c;

	visit_charge(v);
	if (visit_viewer(v, a->handle) || logging_is_finding(v, a->handle))
		return -1;
	if (v->nviewers >= VISIT_VIEWERS_MAX) {
		visit_refuse(v, a->handle, REFUSED_FAILED, "too many consoles on one connection");
		return 0;
	}
	if (!(a->flags & ATTACH_HISTORY)) {
		go_on(v, a, false);
		return 0;
	}
	c = find_console(v, a, &rights);
	if (c && !logging_find(v, a, c, go_on))
		go_on(v, a, false);
	return 0;
}

int attaching_detach(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = visit_viewer(v, m->u.handle.handle);

	/* Not there: console let go of it (the guest was undefined) at the same moment. */
	if (viewer)
		visit_log(v, "detached from", viewer->console);
	viewer_free(viewer);
	peer_send(&v->peer, MSG_DETACHED, &m->u.handle);
	return 0;
}

int attaching_input(void *owner, struct message *m)
{
	struct viewer *viewer = visit_viewer(owner, m->u.data.handle);

	return viewer ? viewer_input(viewer, m->u.data.data) : 0;
}

int attaching_take(void *owner, struct message *m)
{
	struct viewer *viewer = visit_viewer(owner, m->u.handle.handle);

	visit_charge(owner);
	if (viewer)
		keyboard_take(viewer);
	return 0;
}

int attaching_give(void *owner, struct message *m)
{
	struct viewer *viewer = visit_viewer(owner, m->u.handle.handle);

	visit_charge(owner);
	if (viewer)
		keyboard_give(viewer);
	return 0;
}

int attaching_force(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = visit_viewer(v, m->u.handle.handle);

	visit_charge(v);
	if (!viewer)
		return 0;
	if (!viewer->may_type) {
		visit_refuse(v, viewer->handle, REFUSED_NOT_ALLOWED,
			     "you may only watch this guest");
		return 0;
	}
	visit_log(v, "takes from outside", viewer->console);
	line_force(viewer->console);
	return 0;
}

int attaching_replay(void *owner, struct message *m)
{
	struct visit *v = owner;
	struct viewer *viewer = visit_viewer(v, m->u.replay.handle);
	struct console *c;
	struct place from;
	struct msg_replaying answer;

	visit_charge(v);
	if (!viewer)
		return 0;
	c = viewer->console;
	from = position_find(&c->ring, c->epoch, &m->u.replay.from, viewer_left(v, c));
	answer = (struct msg_replaying){ viewer->handle, from.offset, c->ring.head, from.missed,
					 logging_has(c, &from) };
	viewer_replay(viewer, from.offset);
	peer_send(&v->peer, MSG_REPLAYING, &answer);
	output_flush(viewer);
	return 0;
}
