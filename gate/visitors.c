/* SPDX-License-Identifier: ISC */
/* See visitors.h. */
#include "gate/visitors.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/audit.h"
#include "gate/limits.h"
#include "gate/roles.h"
#include "gate/tally.h"
#include "ipc/log.h"
#include "ipc/peer.h"

/*
 * Why nobody is let in. For the log, a line for each reason and second: "refused N connections,
 * last from S: ..."; and what an SSH client is told before it is closed (RFC 4253, 4.2), and
 * ssh -v shows.
 */
static const struct { const char *log, *client; } reasons[LIMITS_VERDICTS] = {
	[LIMITS_AWAY] = { "auth, or sshd or ws, is not there at the moment",
			  "Not ready: try again\r\n" },
	[LIMITS_PENALTY] = { "too many failed logins (penalty)",
			     "Not allowed at this time: too many failed logins\r\n" },
	[LIMITS_VISITORS] = { "max-visitors is reached", "Too many connections\r\n" },
	[LIMITS_SOURCE] = { "max-per-source is reached",
			    "Too many connections from your address\r\n" },
	[LIMITS_UNAUTHENTICATED] = { "max-unauthenticated is reached",
				     "Too many connections that have not logged in\r\n" },
};

/* Whose connections they are. */
static const struct { enum endpoint endpoint; enum role_id role; } endpoints[] = {
	{ ENDPOINT_SSH, ROLE_SSHD },
	{ ENDPOINT_WEB, ROLE_WS },
};

static void removed(uint64_t conn);

static struct limits limits = { .removed = removed };
static const char *end_cause;        /* of connections that are removed now; NULL: their own end */
static struct tally tally;
static struct source last_refused[LIMITS_VERDICTS];
static struct loop_timer log_timer;
static uint64_t last_conn;

int visitors_configure(const struct config *config)
{
	const struct limits_settings settings = {
		.max_visitors = (size_t)config->gate.max_visitors,
		.max_per_source = (size_t)config->gate.max_per_source,
		.max_unauthenticated = (size_t)config->gate.max_unauthenticated,
		.penalty = (uint64_t)config->gate.penalty,
		.penalty_max = (uint64_t)config->gate.penalty_max,
	};

	return limits_configure(&limits, &settings);
}

static void log_refused(void *owner)
{
	char text[SOURCE_TEXT_SIZE];

	(void)owner;
	for (int why = 0; why < LIMITS_VERDICTS; why++) {
		unsigned n = tally_take(&tally, (enum limits_verdict)why, loop_now());

		if (n == 0)
			continue;
		source_show(&last_refused[why], text);
		log_warn("refused %u connection%s, %s %s: %s", n, n == 1 ? "" : "s",
			 n == 1 ? "from" : "the last from", text, reasons[why].log);
	}
	if (tally_is_waiting(&tally))
		loop_timer_set(&log_timer, TALLY_MS, log_refused, NULL);
}

static void refuse(int fd, enum limits_verdict why, const struct source *source, uint8_t endpoint)
{
	const char *farewell = reasons[why].client;

	/* Whether it takes that or not: nobody waits for it. */
	if (endpoint == ENDPOINT_SSH)
		(void)send(fd, farewell, strlen(farewell), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
	last_refused[why] = *source;
	tally_add(&tally, why);
	if (!loop_timer_is_set(&log_timer))
		log_refused(NULL);
}

/* The address as numbers; IPv4 behind an IPv6 socket as IPv4. */
static void describe(struct msg_conn *conn, const struct sockaddr_storage *from, socklen_t length)
{
	struct sockaddr_in6 in6 = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	char port[16] = "";

	memcpy(&in6, from, length < sizeof(in6) ? length : sizeof(in6));
	if (in6.sin6_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
		memcpy(&in.sin_addr, in6.sin6_addr.s6_addr + 12, 4);
		in.sin_port = in6.sin6_port;
		from = (const void *)&in;
		length = sizeof(in);
	}
	if (getnameinfo((const void *)from, length, conn->peer, sizeof(conn->peer), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(conn->peer, sizeof(conn->peer), "unknown");
	for (const char *p = port; *p >= '0' && *p <= '9'; p++)
		conn->port = (uint16_t)(conn->port * 10 + (*p - '0'));
}

/* The TCP connection is the role's from here on, or closed. */
static void hand_over(int fd, const struct msg_conn *conn, struct peer *auth, struct peer *role)
{
	int door[2];

	if (wire_pair(door) < 0) {
		log_error("cannot make a door: %s", strerror(errno));
		limits_remove(&limits, conn->conn);
		close(fd);
		return;
	}
	if (peer_send_fds(auth, MSG_DOOR, conn, &door[0], 1) < 0) {
		close(fd);
		close(door[1]);
		limits_remove(&limits, conn->conn);
		return;
	}
	if (peer_send_fds(role, MSG_CONN, conn, (const int[]){ fd, door[1] }, 2) < 0)
		limits_remove(&limits, conn->conn);
}

static struct peer *role_of(uint8_t endpoint)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (endpoints[i].endpoint == endpoint)
			return roles_peer(endpoints[i].role);
	return NULL;
}

void visitors_arrive(int fd, const struct sockaddr_storage *from, socklen_t length,
		     const struct listen_at *at)
{
	struct peer *auth = roles_peer(ROLE_AUTH), *role = role_of(at->endpoint);
	struct source source = source_of((const void *)from);
	struct msg_conn conn = { .conn = ++last_conn, .endpoint = at->endpoint,
				 .plain = at->plain };
	enum limits_verdict verdict = LIMITS_AWAY;

	if (auth && role)
		verdict = limits_admit(&limits, conn.conn, &source, at->endpoint, loop_now());
	if (verdict != LIMITS_ADMITTED) {
		refuse(fd, verdict, &source, at->endpoint);
		return;
	}
	describe(&conn, from, length);
	hand_over(fd, &conn, auth, role);
}

static void removed(uint64_t conn)
{
	audit_conn_ended(conn, end_cause);
}

void visitors_reaped(pid_t pid)
{
	limits_remove_pid(&limits, pid);
}

/* An orphaned session is our child (PR_SET_CHILD_SUBREAPER), whether it has ended or not. */
static bool is_our_child(pid_t pid)
{
	siginfo_t info;

	return pid > 0 &&
	       waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void visitors_recount(enum role_id who)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (endpoints[i].role == who) {
			end_cause = "its parent died";
			limits_remove_lost(&limits, endpoints[i].endpoint, is_our_child);
			end_cause = NULL;
		}
}

/* sshd may not end what is ws's, nor the other way round. One that is over is no matter. */
static bool is_of(const void *ctx, uint64_t conn)
{
	uint8_t endpoint = limits_endpoint(&limits, conn);

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (endpoints[i].endpoint == endpoint)
			return endpoints[i].role == roles_who(ctx);
	return false;
}

int visitors_take_pid(void *ctx, struct message *m)
{
	if (m->u.conn_pid.pid == 0 || m->u.conn_pid.pid > INT32_MAX)
		return -1;
	if (is_of(ctx, m->u.conn_pid.conn))
		limits_set_pid(&limits, m->u.conn_pid.conn, (pid_t)m->u.conn_pid.pid);
	return 0;
}

int visitors_take_end(void *ctx, struct message *m)
{
	if (is_of(ctx, m->u.conn_end.conn))
		limits_remove(&limits, m->u.conn_end.conn);
	return 0;
}

int visitors_take_login(void *ctx, struct message *m)
{
	(void)ctx;
	audit_login(&m->u.login, limits_has(&limits, m->u.login.conn));
	if (m->u.login.ok)
		limits_logged_in(&limits, m->u.login.conn);
	else
		limits_login_failed(&limits, m->u.login.conn, loop_now());
	return 0;
}
