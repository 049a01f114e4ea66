/* SPDX-License-Identifier: ISC */
/* See door.h. */
#include "auth/door.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "auth/claim.h"
#include "ipc/child.h"
#include "ipc/clock.h"
#include "ipc/log.h"

enum { STATE_LOGIN = 1, STATE_IN = 2 };
enum {
	VISITS_AT_ONCE = 64,      /* of one login, */
	VISIT_EVERY_MS = 20,      /* and after these one in so long */
};

struct door {
	struct wire visitor;
	struct wire *link;
	struct claim claim;
	uint64_t visits_due;      /* ms: when the visits that were made are paid for */
};

static int on_ask_methods(void *ctx, struct message *m);
static int on_ask_pam(void *ctx, struct message *m);
static int on_ask_key(void *ctx, struct message *m);
static int on_resume(void *ctx, struct message *m);
static int on_use_ticket(void *ctx, struct message *m);
static int on_ask_visit(void *ctx, struct message *m);
static int on_ask_token(void *ctx, struct message *m);
static int on_logout(void *ctx, struct message *m);

static const struct wire_rule rules[] = {
	{ MSG_ASK_METHODS, STATE_LOGIN, on_ask_methods },
	{ MSG_ASK_PAM, STATE_LOGIN, on_ask_pam },
	{ MSG_ASK_KEY, STATE_LOGIN, on_ask_key },
	{ MSG_RESUME, STATE_LOGIN, on_resume },
	{ MSG_USE_TICKET, STATE_LOGIN, on_use_ticket },
	{ MSG_ASK_VISIT, STATE_IN, on_ask_visit },
	{ MSG_ASK_TOKEN, STATE_IN, on_ask_token },
	{ MSG_LOGOUT, STATE_IN, on_logout },
};

static int on_ask_methods(void *ctx, struct message *m)
{
	struct door *d = ctx;

	return claim_answer_methods(&d->claim, &m->u.ask_methods);
}

static int on_ask_pam(void *ctx, struct message *m)
{
	struct door *d = ctx;

	return claim_answer_pam(&d->claim, &m->u.ask_pam);
}

static int on_ask_key(void *ctx, struct message *m)
{
	struct door *d = ctx;

	return claim_answer_key(&d->claim, &m->u.ask_key);
}

/* The parent reads at any time; a moment is enough. */
static int flush_link(struct wire *link)
{
	struct pollfd p = { .fd = link->fd, .events = POLLOUT };

	while (wire_is_waiting(link)) {
		poll(&p, link->is_held ? 0 : 1, link->is_held ? WIRE_HELD_MS : 1000);
		if (wire_flush(link) < 0)
			return -1;
	}
	return 0;
}

/* Who asks for one visit after the other waits here, and console is spared. */
static void pace_visits(struct door *d)
{
	struct timespec pause;
	uint64_t ms = (uint64_t)clock_ms(), ahead;

	d->visits_due = (d->visits_due > ms ? d->visits_due : ms) + VISIT_EVERY_MS;
	ahead = d->visits_due - ms;
	if (ahead <= VISITS_AT_ONCE * VISIT_EVERY_MS)
		return;
	ahead -= VISITS_AT_ONCE * VISIT_EVERY_MS;
	pause = (struct timespec){ (time_t)(ahead / 1000), (long)(ahead % 1000) * 1000000 };
	nanosleep(&pause, NULL);
}

static int on_ask_visit(void *ctx, struct message *m)
{
	struct door *d = ctx;
	struct msg_visit_refused refused = { "out of descriptors; try again later" };
	struct msg_identity identity;
	int pair[2];

	(void)m;
	/* A visitor that asks and does not read has to make do with what it has. */
	if (wire_is_waiting(&d->visitor)) {
		errno = EPROTO;
		return -1;
	}
	pace_visits(d);
	if (wire_pair(pair) < 0)
		return wire_send(&d->visitor, MSG_VISIT_REFUSED, &refused);
	claim_fill_identity(&d->claim, &identity);
	if (wire_send_fds(d->link, MSG_IDENTITY, &identity, &pair[0], 1) < 0 ||
	    flush_link(d->link) < 0) {
		close(pair[1]);
		strcpy(refused.text, "the gateway is being restarted; log in again");
		return wire_send(&d->visitor, MSG_VISIT_REFUSED, &refused);
	}
	return wire_send_fds(&d->visitor, MSG_VISIT, NULL, &pair[1], 1);
}

/* -- tokens and tickets: the parent has them -- */

enum { PARENT_MS = 5000 };   /* it never blocks */

/* 0 and the answer in m, or -1. */
static int ask_parent(struct door *d, enum message_type type, const void *fields,
		      enum message_type answer, struct message *m)
{
	if (wire_send(d->link, type, fields) < 0 || flush_link(d->link) < 0)
		return -1;
	return wire_wait(d->link, m, PARENT_MS) == 1 && m->type == answer ? 0 : -1;
}

static int answer_bearer(struct door *d, struct message *m, enum message_type type, const char *by)
{
	struct msg_secret secret = m->u.secret;
	struct message found;
	int r;

	explicit_bzero(&m->u.secret, sizeof(m->u.secret));
	wire_wipe();
	r = ask_parent(d, type, &secret, MSG_CREDENTIAL, &found);
	explicit_bzero(&secret, sizeof(secret));
	if (r < 0)
		fatal("the parent does not answer");
	return claim_answer_credential(&d->claim, by, &found.u.credential);
}

static int on_resume(void *ctx, struct message *m)
{
	return answer_bearer(ctx, m, MSG_RESUME, "resume");
}

static int on_use_ticket(void *ctx, struct message *m)
{
	return answer_bearer(ctx, m, MSG_USE_TICKET, "ticket");
}

static int on_ask_token(void *ctx, struct message *m)
{
	struct door *d = ctx;
	struct message token;
	int r;

	(void)m;
	if (wire_is_waiting(&d->visitor)) {
		errno = EPROTO;
		return -1;
	}
	if (ask_parent(d, MSG_ASK_TOKEN, NULL, MSG_TOKEN, &token) < 0)
		fatal("the parent does not answer");
	r = wire_send(&d->visitor, MSG_TOKEN, &token.u.token);
	explicit_bzero(&token, sizeof(token));
	wire_wipe();
	return r;
}

static int on_logout(void *ctx, struct message *m)
{
	struct door *d = ctx;

	(void)m;
	return wire_send(d->link, MSG_LOGOUT, NULL) < 0 ? -1 : flush_link(d->link);
}

/* A module's output must reach neither gate's terminal nor a socket of ours. */
static void silence_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		fatal("/dev/null: %s", strerror(errno));
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(fd, i) < 0)
			fatal("/dev/null in place of descriptor %d: %s", i, strerror(errno));
	if (fd > STDERR_FILENO)
		close(fd);
}

/* PAM and NSS are through: takes back what modules may have left in the process. */
static void tidy_up(struct door *d)
{
	const int keep[] = { d->visitor.fd, d->link->fd };
	const struct itimerval never = { 0 };

	closelog();
	child_close_others(keep, 2);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	setitimer(ITIMER_REAL, &never, NULL);
	malloc_trim(0);
}

/* One message and, where it came in the middle of a conversation, the one after it. */
static int handle(struct door *d, struct message *m)
{
	unsigned state = d->claim.complete ? STATE_IN : STATE_LOGIN;
	int r = wire_dispatch(rules, sizeof(rules) / sizeof(rules[0]), state, m, d);

	while (r == 0 && d->claim.interrupted) {
		struct message next = d->claim.next;

		d->claim.interrupted = false;
		r = wire_dispatch(rules, sizeof(rules) / sizeof(rules[0]), STATE_LOGIN, &next, d);
	}
	if (state == STATE_LOGIN && d->claim.complete)
		tidy_up(d);
	return r;
}

static void set_up(const struct msg_conn *conn, const struct sandbox *walls)
{
	log_prefix("auth[%llu]", (unsigned long long)conn->conn);
	/* A group of its own: what a module starts is ended together with it. */
	setpgid(0, 0);
	/* Modules speak to syslog(3) on their own: under our name, not this program's. */
	openlog("serialgate", LOG_PID, LOG_AUTHPRIV);
	silence_standard_files();
	if (sandbox_enter(walls) < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
}

void door_serve(const struct config *config, const struct msg_conn *conn, int fd,
		struct wire *link, const struct sandbox *walls)
{
	static struct door d;
	struct message m;
	int r = 0;

	set_up(conn, walls);
	wire_init(&d.visitor, fd);
	d.link = link;
	claim_init(&d.claim, config, conn, &d.visitor, link);
	while (r >= 0) {
		watchdog_arm(WATCHDOG_SECONDS);
		r = wire_wait(&d.visitor, &m, -1);
		if (r > 0)
			r = handle(&d, &m);
		if (r < 0 && errno == EPROTO)
			log_warn("%s port %u: the visitor broke the protocol", conn->peer,
				 conn->port);
	}
	_exit(DOOR_LEFT);
}
