/* SPDX-License-Identifier: ISC */
/* See doors.h. */
#include "auth/doors.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/bearer.h"
#include "auth/door.h"
#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/peer.h"
#include "ipc/role.h"

/* The visitor's own deadline comes first: it can tell its person. */
enum { LATE_MS = 1000 };

struct entry {
	struct entry *next;
	struct msg_conn conn;
	pid_t pid;                /* 0: reaped */
	struct peer link;
	struct loop_timer deadline;
	int64_t grace;            /* ms that the login may take */
	bool ended;               /* by us: too late, or not wanted any more */
	struct bearer_login login;
};

static struct entry *entries;
static struct peer console = { .wire.fd = -1 };
static const struct config *config;

static int take_login(void *ctx, struct message *m);
static int take_identity(void *ctx, struct message *m);
static int take_ask_token(void *ctx, struct message *m);
static int take_resume(void *ctx, struct message *m);
static int take_use_ticket(void *ctx, struct message *m);
static int take_logout(void *ctx, struct message *m);
static int take_void_login(void *ctx, struct message *m);
static void link_gone(void *owner);
static void end_child(struct entry *e);

static const struct wire_rule link_rules[] = {
	{ MSG_LOG, 1, child_take_log },
	{ MSG_LOGIN, 1, take_login },
	{ MSG_IDENTITY, 1, take_identity },
	{ MSG_ASK_TOKEN, 1, take_ask_token },
	{ MSG_RESUME, 1, take_resume },
	{ MSG_USE_TICKET, 1, take_use_ticket },
	{ MSG_LOGOUT, 1, take_logout },
};
static const struct peer_kind link_kind = {
	"door's child", link_rules, sizeof(link_rules) / sizeof(link_rules[0]), link_gone, NULL,
};

/* While what console is told waits, nobody says more: a queue that is full would end it. */
static void wait_for_console(bool on)
{
	if (peer_is_open(&console))
		peer_want_writable(&console, on);
	for (struct entry *e = entries; e; e = e->next)
		if (peer_is_open(&e->link))
			peer_pause(&e->link, on);
}

static void console_writable(void *owner)
{
	(void)owner;
	wait_for_console(false);
}

static void console_gone(void *owner)
{
	(void)owner;
	wait_for_console(false);
}

static const struct wire_rule console_rules[] = {
	{ MSG_TICKET_MAKE, 1, bearer_take_make },
	{ MSG_TICKET_FIND, 1, bearer_take_find },
	{ MSG_TICKET_DROP, 1, bearer_take_drop },
	{ MSG_VOID_LOGIN, 1, take_void_login },
	{ MSG_TICKETS_MOVED, 1, bearer_take_moved },
};
static const struct peer_kind console_kind = {
	"console", console_rules, sizeof(console_rules) / sizeof(console_rules[0]), console_gone,
	console_writable,
};

void doors_configure(const struct config *fresh)
{
	config = fresh;
}

void doors_set_console(int fd)
{
	peer_close(&console);
	if (peer_open(&console, fd, &console_kind, 1, &console) < 0)
		log_warn("the socket to console cannot be used: %s", strerror(errno));
	wait_for_console(false);
}

static void drop(struct entry *e)
{
	struct entry **at = &entries;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	bearer_leave(&e->login);
	loop_timer_clear(&e->deadline);
	peer_close(&e->link);
	free(e);
}

static int take_login(void *ctx, struct message *m)
{
	struct entry *e = ctx;

	m->u.login.conn = e->conn.conn;
	m->u.login.endpoint = e->conn.endpoint;
	memcpy(m->u.login.peer, e->conn.peer, sizeof(m->u.login.peer));
	if (m->u.login.ok)
		loop_timer_clear(&e->deadline);
	/* A token or a ticket was good, and the account is not: nobody is in by it. */
	if (!m->u.login.ok) {
		bearer_leave(&e->login);
		e->login = (struct bearer_login){ 0 };
	}
	/* Whoever came with a token belongs to the login that it stands for. */
	if (m->u.login.ok && !e->login.since)
		bearer_log_in(&e->login, e->conn.conn, m->u.login.user);
	peer_send(role_gate(), MSG_LOGIN, &m->u.login);
	return 0;
}

/* Without console the descriptor is closed by the dispatcher: the visitor sees the end. */
static int take_identity(void *ctx, struct message *m)
{
	struct entry *e = ctx;
	int fd = m->fds[0];

	if (!bearer_is_good(&e->login, &m->u.identity)) {
		end_child(e);
		return 0;
	}
	if (!peer_is_open(&console))
		return 0;
	m->fds[0] = -1;
	m->u.identity.conn = e->conn.conn;
	peer_send_fds(&console, MSG_IDENTITY, &m->u.identity, &fd, 1);
	if (wire_is_waiting(&console.wire))
		wait_for_console(true);
	return 0;
}

/* -- tokens and tickets -- */

static int take_ask_token(void *ctx, struct message *m)
{
	struct entry *e = ctx;
	struct msg_token token;

	(void)m;
	bearer_token(config, &e->login, &token);
	peer_send(&e->link, MSG_TOKEN, &token);
	explicit_bzero(&token, sizeof(token));
	return 0;
}

static int take_resume(void *ctx, struct message *m)
{
	struct entry *e = ctx;
	struct msg_credential answer;

	bearer_leave(&e->login);
	bearer_resume(config, m->u.secret.token, &e->login, &answer);
	wire_wipe();
	peer_send(&e->link, MSG_CREDENTIAL, &answer);
	return 0;
}

static int take_use_ticket(void *ctx, struct message *m)
{
	struct entry *e = ctx;
	struct msg_credential answer;

	bearer_leave(&e->login);
	bearer_use_ticket(m->u.secret.token, e->conn.conn, &e->login, &answer);
	wire_wipe();
	peer_send(&e->link, MSG_CREDENTIAL, &answer);
	return 0;
}

static int take_logout(void *ctx, struct message *m)
{
	struct entry *e = ctx;

	(void)m;
	bearer_log_out(&e->login);
	return 0;
}

static void end_child(struct entry *e)
{
	e->ended = true;
	/* Its group where it has made one yet, with all that a module has started. */
	if (e->pid) {
		kill(-e->pid, SIGKILL);
		kill(e->pid, SIGKILL);
	}
}

/* Every connection of that login loses its door; the visits are console's to end. */
static int take_void_login(void *ctx, struct message *m)
{
	uint64_t conn = m->u.void_login.conn;
	const struct entry *found = entries;

	(void)ctx;
	while (found && found->conn.conn != conn)
		found = found->next;
	if (!found || !found->login.since)
		return 0;
	conn = found->login.conn;
	bearer_log_out(&found->login);
	for (struct entry *e = entries; e; e = e->next)
		if (e->login.since && e->login.conn == conn)
			end_child(e);
	return 0;
}

/* All that the child had sent is read; the entry goes when the child is reaped, too. */
static void link_gone(void *owner)
{
	struct entry *e = owner;

	if (e->pid == 0)
		drop(e);
}

static void end_overdue(void *owner)
{
	struct entry *e = owner;
	bool minutes = e->grace % 60000 == 0;

	log_warn("login of conn %" PRIu64 " from %s took longer than %" PRId64 "%s: ended",
		 e->conn.conn, e->conn.peer, e->grace / (minutes ? 60000 : 1000),
		 minutes ? "m" : "s");
	end_child(e);
}

static void log_end(const struct entry *e, int status)
{
	char how[96];

	if (WIFEXITED(status) && WEXITSTATUS(status) == DOOR_LEFT)
		return;
	if (WIFSIGNALED(status) && e->ended)
		return;
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));
	log_error("the process for the login of conn %" PRIu64 " from %s port %u %s: "
		  "probably a PAM module's doing", e->conn.conn, e->conn.peer, e->conn.port, how);
}

void doors_child_ended(pid_t pid, int status)
{
	struct entry *e = entries;

	while (e && e->pid != pid)
		e = e->next;
	if (!e)
		return;
	loop_timer_clear(&e->deadline);
	log_end(e, status);
	e->pid = 0;
	if (!peer_is_open(&e->link)) {
		drop(e);
		return;
	}
	/* Even if a module left a process behind that holds the link, its end comes now. */
	shutdown(e->link.wire.fd, SHUT_RDWR);
}

void doors_open(const struct msg_conn *conn, int fd, const struct sandbox *walls)
{
	struct entry *e = calloc(1, sizeof(*e));
	struct child child;
	struct wire link;
	pid_t pid = e ? child_fork(&child, &link, &fd, 1, true) : -1;

	if (pid == 0)
		door_serve(config, conn, fd, &link, walls);
	close(fd);
	if (pid < 0) {
		log_error("conn %" PRIu64 " from %s cannot log in: %s", conn->conn, conn->peer,
			  strerror(errno));
		free(e);
		return;
	}
	*e = (struct entry){ .next = entries, .conn = *conn, .pid = pid,
			     .grace = config->gate.login_grace, .link.wire.fd = -1 };
	entries = e;
	loop_timer_set(&e->deadline, (uint64_t)e->grace + LATE_MS, end_overdue, e);
	if (peer_open(&e->link, child.link.fd, &link_kind, 1, e) < 0) {
		log_error("conn %" PRIu64 " cannot log in: %s", conn->conn, strerror(errno));
		kill(pid, SIGKILL);
	}
}
