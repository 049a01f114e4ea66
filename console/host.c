/* SPDX-License-Identifier: ISC */
/* See host.h. */
#include "console/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "console/hub.h"
#include "console/listing.h"
#include "console/visit.h"
#include "ipc/backoff.h"
#include "ipc/log.h"

enum { STATE_WATCH = 1, STATE_LISTING = 2, STATE_ANY = 3 };
enum {
	RETRY_MS = 200, RETRY_MAX_MS = 5000,   /* pauses before a watch is asked for again */
	SILENT_MS = 3000,                      /* a watch that died has so long to come back unnoticed */
};

struct host {
	char name[HOST_MAX + 1];
	struct peer watch;
	bool up, known;
	bool wanted;                 /* by the configuration being applied */
	char text[TEXT_MAX + 1];
	unsigned failures;           /* in a row */
	struct loop_timer retry, silent;
};

static struct host *hosts[CONFIG_HOSTS_MAX];
static size_t nhosts;
static struct peer virt = PEER_CLOSED;   /* the sibling */

static void start_watch(struct host *h);

static struct host *find(const char *name)
{
	for (size_t i = 0; i < nhosts; i++)
		if (strcmp(hosts[i]->name, name) == 0)
			return hosts[i];
	return NULL;
}

bool host_is_up(const char *name)
{
	const struct host *h = find(name);

	return h && h->up;
}

const char *host_failure(const char *name)
{
	const struct host *h = find(name);

	return h ? h->text : "";
}

bool host_all_known(void)
{
	for (size_t i = 0; i < nhosts; i++)
		if (!hosts[i]->known)
			return false;
	return true;
}

void host_list_down(char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < nhosts && used < size; i++)
		if (hosts[i]->known && !hosts[i]->up)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "",
						 hosts[i]->name);
}

static void set_known(struct host *h)
{
	h->known = true;
	if (host_all_known())
		visit_open_waiting();
}

static void set_down(struct host *h, const char *text)
{
	bool news = h->up || !h->known;

	h->up = false;
	snprintf(h->text, sizeof(h->text), "%s", text);
	loop_timer_clear(&h->silent);
	if (news)
		log_warn("host %s does not answer: %s", h->name, text);
	set_known(h);
	if (news)
		hub_host_changed(h->name);
}

/* -- what a watch tells -- */

static int take_host(void *owner, struct message *m)
{
	struct host *h = owner;

	if (!m->u.host.up) {
		h->watch.state = STATE_WATCH;
		set_down(h, m->u.host.text);
		return 0;
	}
	h->watch.state = STATE_LISTING;
	inventory_begin(h->name);
	return 0;
}

static int take_domain(void *owner, struct message *m)
{
	struct host *h = owner;
	unsigned changed;
	struct guest *g = inventory_find(h->name, m->u.domain.uuid);

	if (g && strcmp(g->name, m->u.domain.name) != 0)
		listing_guest_renames(g, m->u.domain.name);
	g = inventory_set(h->name, &m->u.domain, &changed);
	if (!g) {
		log_error("too many guests, or no memory: guest %s is left out", m->u.domain.name);
		return 0;
	}
	hub_guest_changed(g, changed);
	return 0;
}

static int take_domain_gone(void *owner, struct message *m)
{
	struct host *h = owner;
	struct guest *g = inventory_find(h->name, m->u.uuid.uuid);

	if (g)
		hub_guest_left(g);
	return 0;
}

static int take_domains_end(void *owner, struct message *m)
{
	struct host *h = owner;
	bool news = !h->up;

	(void)m;
	h->watch.state = STATE_WATCH;
	h->failures = 0;
	loop_timer_clear(&h->silent);
	inventory_end(h->name, hub_guest_lost);
	h->text[0] = '\0';
	h->up = true;
	if (news && h->known)
		log_info("host %s answers again", h->name);
	set_known(h);
	if (news)
		hub_host_changed(h->name);
	return 0;
}

static void retry_due(void *owner)
{
	start_watch(owner);
}

static void retry_later(struct host *h)
{
	loop_timer_set(&h->retry, backoff_pause(h->failures, RETRY_MS, RETRY_MAX_MS), retry_due, h);
	h->failures++;
}

static void silent_due(void *owner)
{
	set_down(owner, "its watch ended and cannot be started again");
}

static void watch_gone(void *owner)
{
	struct host *h = owner;

	if ((h->up || !h->known) && !loop_timer_is_set(&h->silent))
		loop_timer_set(&h->silent, SILENT_MS, silent_due, h);
	retry_later(h);
}

static const struct wire_rule watch_rules[] = {
	{ MSG_HOST, STATE_ANY, take_host },
	{ MSG_DOMAIN, STATE_ANY, take_domain },
	{ MSG_DOMAIN_GONE, STATE_ANY, take_domain_gone },
	{ MSG_DOMAINS_END, STATE_LISTING, take_domains_end },
};
static const struct peer_kind watch_kind = {
	"watch", watch_rules, sizeof(watch_rules) / sizeof(watch_rules[0]), watch_gone, NULL,
};

static void start_watch(struct host *h)
{
	struct msg_watch_host m = { 0 };
	int fds[2];

	loop_timer_clear(&h->retry);
	strcpy(m.host, h->name);
	if (!peer_is_open(&virt) || wire_pair(fds) < 0) {
		watch_gone(h);
		return;
	}
	peer_send_fds(&virt, MSG_WATCH_HOST, &m, &fds[1], 1);
	if (peer_open(&h->watch, fds[0], &watch_kind, STATE_WATCH, h) < 0)
		watch_gone(h);
}

void host_refresh(const char *name, const uint8_t uuid[UUID_SIZE])
{
	struct host *h = find(name);
	struct msg_uuid m;

	memcpy(m.uuid, uuid, UUID_SIZE);
	if (h && peer_is_open(&h->watch))
		peer_send(&h->watch, MSG_REFRESH, &m);
}

/* -- the way to virt -- */

static void virt_gone(void *owner)
{
	/* Watches and lines died with it, and say so themselves. */
	(void)owner;
}

static const struct peer_kind virt_kind = { "virt", NULL, 0, virt_gone, NULL };

static int ask_virt(enum message_type type, const void *m, int fd)
{
	if (!peer_is_open(&virt)) {
		close(fd);
		return -1;
	}
	return peer_send_fds(&virt, type, m, &fd, 1);
}

int host_open_line(const struct msg_open_line *m, int fd)
{
	return ask_virt(MSG_OPEN_LINE, m, fd);
}

int host_do_act(const struct msg_do_act *m, int fd)
{
	return ask_virt(MSG_DO_ACT, m, fd);
}

void host_virt(int fd)
{
	peer_close(&virt);
	if (peer_open(&virt, fd, &virt_kind, STATE_ANY, NULL) < 0)
		log_error("the way to virt cannot be opened");
	for (size_t i = 0; i < nhosts; i++)
		if (!peer_is_open(&hosts[i]->watch)) {
			hosts[i]->failures = 0;
			start_watch(hosts[i]);
		}
}

/* -- configuration -- */

static void add_host(const char *name)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h || nhosts == CONFIG_HOSTS_MAX)
		fatal("out of memory for host %s", name);
	snprintf(h->name, sizeof(h->name), "%s", name);
	h->watch = (struct peer)PEER_CLOSED;
	h->wanted = true;
	hosts[nhosts++] = h;
	if (peer_is_open(&virt))
		start_watch(h);
}

static void remove_host(size_t i)
{
	struct host *h = hosts[i];

	peer_close(&h->watch);
	loop_timer_clear(&h->retry);
	loop_timer_clear(&h->silent);
	inventory_begin(h->name);
	inventory_end(h->name, hub_guest_forgotten);
	hosts[i] = hosts[--nhosts];
	free(h);
}

void host_configure(const struct config *config)
{
	for (size_t i = 0; i < nhosts; i++)
		hosts[i]->wanted = false;
	for (size_t i = 0; i < config->host_count; i++) {
		struct host *h = find(config->hosts[i].name);

		if (h)
			h->wanted = true;
		else
			add_host(config->hosts[i].name);
	}
	for (size_t i = nhosts; i-- > 0;)
		if (!hosts[i]->wanted)
			remove_host(i);
	if (host_all_known())
		visit_open_waiting();
}
