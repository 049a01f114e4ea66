/* SPDX-License-Identifier: ISC */
/* See logging.h. */
#include "console/logging.h"

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "console/disk.h"
#include "console/finding.h"
#include "console/hub.h"
#include "console/position.h"
#include "ipc/child.h"
#include "ipc/log.h"

enum { STATE_DISK = 1, LOG_PIECE = 32768, FIRST_MS = 5000 };

static struct peer keeper = PEER_CLOSED;     /* starts the next one behind: */
static struct peer disk = PEER_CLOSED;
static const struct config *config;
static uint32_t under_way;           /* bytes of DATA that are not DONE */
static uint32_t last_log;

/* Consoles that may have something to write; each has its turn. */
static struct console *first;
static struct console **last = &first;

static bool is_on(void)
{
	return peer_is_open(&disk) && config && config->console.log_directory[0];
}

static void enqueue(struct console *c)
{
	if (c->is_to_log)
		return;
	c->is_to_log = true;
	c->next_to_log = NULL;
	*last = c;
	last = &c->next_to_log;
}

static void dequeue(struct console *c)
{
	struct console **at = &first;

	if (!c->is_to_log)
		return;
	while (*at != c)
		at = &(*at)->next_to_log;
	*at = c->next_to_log;
	if (last == &c->next_to_log)
		last = at;
	c->is_to_log = false;
}

static void send_open(const struct console *c)
{
	struct msg_disk_open m = { .log = c->log, .epoch = c->epoch };

	memcpy(m.uuid, c->guest->uuid, UUID_SIZE);
	strcpy(m.host, c->guest->host);
	strcpy(m.name, c->guest->name);
	strcpy(m.alias, c->alias);
	peer_send(&disk, MSG_DISK_OPEN, &m);
}

/* A boot under the cursor is told first. Where the next one is. */
static uint64_t send_boot(struct console *c)
{
	const struct ring_boot *b;

	if (c->log_boot_from < c->logged)
		c->log_boot_from = c->logged;
	b = ring_boot_from(&c->ring, c->log_boot_from);
	if (b && b->offset == c->logged) {
		struct msg_disk_boot m = { c->log, b->offset, b->time };

		peer_send(&disk, MSG_DISK_BOOT, &m);
		c->log_boot_from = c->logged + 1;
		b = ring_boot_from(&c->ring, c->log_boot_from);
	}
	return b ? b->offset : UINT64_MAX;
}

/* False: there is nothing (more) to write of it. */
static bool send_piece(struct console *c)
{
	struct msg_disk_data m = { .log = c->log };
	const struct mark *mark;
	uint64_t gap, end, second;

	m.data.len = ring_peek(&c->ring, &c->logged, &gap, &m.data.data);
	if (!m.data.len)
		return false;
	if (!c->log) {
		m.log = c->log = ++last_log;
		c->log_from = c->logged;
		send_open(c);
	}
	end = send_boot(c);
	mark = marks_find(&c->ring.marks, c->logged);
	second = mark ? marks_end(&c->ring.marks, mark) : UINT64_MAX;
	if (second < end)
		end = second;
	if (m.data.len > LOG_PIECE)
		m.data.len = LOG_PIECE;
	if (m.data.len > end - c->logged)
		m.data.len = (size_t)(end - c->logged);
	m.offset = c->logged;
	m.time = mark ? mark->first : 0;
	if (peer_send(&disk, MSG_DISK_DATA, &m) < 0)
		return false;
	c->logged += m.data.len;
	under_way += (uint32_t)m.data.len;
	return true;
}

static void pump(void)
{
	while (first && is_on() && under_way < DISK_WINDOW && !wire_is_waiting(&disk.wire)) {
		struct console *c = first;

		dequeue(c);
		if (send_piece(c))
			enqueue(c);
	}
	if (first && is_on() && under_way < DISK_WINDOW)
		peer_want_writable(&disk, true);
}

static void disk_writable(void *owner)
{
	(void)owner;
	peer_want_writable(&disk, false);
	pump();
}

static int take_done(void *owner, struct message *m)
{
	(void)owner;
	if (m->u.disk_done.count > under_way)
		return -1;
	under_way -= m->u.disk_done.count;
	pump();
	return 0;
}

static void disk_gone(void *owner)
{
	(void)owner;
	log_warn("the process for logs on disk ended: another one is started; a line in each log "
		 "tells what it lacks");
	under_way = 0;
	finding_give_up();
}

static const struct wire_rule disk_rules[] = {
	{ MSG_LOG, STATE_DISK, child_take_log },
	{ MSG_DISK_DONE, STATE_DISK, take_done },
	{ MSG_DISK_FILE, STATE_DISK, finding_file },
	{ MSG_DISK_FOUND, STATE_DISK, finding_found },
};
static const struct peer_kind disk_kind = {
	"disk", disk_rules, sizeof(disk_rules) / sizeof(disk_rules[0]), disk_gone, disk_writable,
};

static void send_setup(void)
{
	struct msg_disk_setup m = { .size = config->console.log_size,
				    .files = (uint32_t)config->console.log_files };

	strcpy(m.directory, config->console.log_directory);
	peer_send(&disk, MSG_DISK_SETUP, &m);
}

/* -- who starts it, and again -- */

/* What the last one had under way is missing; all else is still in the rings. */
static int take_link(void *owner, struct message *m)
{
	int fd = m->fds[0];

	(void)owner;
	m->fds[0] = -1;
	peer_close(&disk);
	under_way = 0;
	if (peer_open(&disk, fd, &disk_kind, STATE_DISK, NULL) < 0) {
		log_error("no process to write logs to disk: %s", strerror(errno));
		return 0;
	}
	if (!config)
		return 0;
	send_setup();
	for (struct guest *g = inventory_next(NULL); g; g = inventory_next(g))
		for (struct console *c = g->open; c; c = c->next) {
			logging_changed(c);
			logging_output(c);
		}
	return 0;
}

static void keeper_gone(void *owner)
{
	(void)owner;
	log_error("the process that starts the one for logs on disk ended: should that one end, "
		  "there are none until a restart");
}

static const struct wire_rule keeper_rules[] = {
	{ MSG_LOG, STATE_DISK, child_take_log },
	{ MSG_DISK_LINK, STATE_DISK, take_link },
};
enum { KEEPER_RULES = sizeof(keeper_rules) / sizeof(keeper_rules[0]) };
static const struct peer_kind keeper_kind = {
	"disk keeper", keeper_rules, KEEPER_RULES, keeper_gone, NULL,
};

void logging_open(int fd)
{
	struct message m;

	if (fd < 0 || peer_open(&keeper, fd, &keeper_kind, STATE_DISK, NULL) < 0)
		log_error("no process to write logs to disk");
	/* Who asks for a log at once is to have it, so the first one is waited for. */
	else if (wire_wait(&keeper.wire, &m, FIRST_MS) == 1)
		wire_dispatch(keeper_rules, KEEPER_RULES, STATE_DISK, &m, NULL);
}

void logging_configure(const struct config *fresh)
{
	config = fresh;
	if (peer_is_open(&disk))
		send_setup();
	for (struct guest *g = inventory_next(NULL); g; g = inventory_next(g))
		for (struct console *c = g->open; c; c = c->next)
			logging_output(c);
}

void logging_output(struct console *c)
{
	if (!is_on())
		return;
	enqueue(c);
	pump();
}

void logging_changed(struct console *c)
{
	if (c->log && peer_is_open(&disk))
		send_open(c);
}

void logging_forget(struct console *c)
{
	struct msg_disk_log m = { c->log };

	dequeue(c);
	if (c->log && peer_is_open(&disk))
		peer_send(&disk, MSG_DISK_CLOSE, &m);
}

/* What was printed before this process knew anything is there if anything is. */
bool logging_has(const struct console *c, const struct place *from)
{
	if (!is_on())
		return false;
	return from->missed == 0 || from->missed == POSITION_UNKNOWN ||
	       (c->log && from->offset - from->missed >= c->log_from);
}

bool logging_find(struct visit *v, const struct msg_attach *a, const struct console *c,
		  void (*go_on)(struct visit *v, const struct msg_attach *a, bool has_files))
{
	return is_on() && finding_ask(&disk, v, a, c, go_on);
}

bool logging_is_finding(const struct visit *v, uint32_t handle)
{
	return finding_has(v, handle);
}

void logging_forget_visit(const struct visit *v)
{
	finding_forget(v);
}
