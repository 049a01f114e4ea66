/* SPDX-License-Identifier: ISC */
/*
 * One session as its person sees it: a menu or a command, the guest's console, the
 * escape key, and our own lines. It talks to console over the visit and knows nothing
 * of SSH or of browsers: its owner (sshd, a channel each) feeds it what the client sends,
 * polls its socket for it, and carries its two outputs to the client.
 *
 * The owner's turn: poll(session_poll's descriptor, session_timeout's time, its own),
 * then session_ready(), then take from session_out() and session_err() what the client's
 * window and link_room() allow, with session_sent() and buf_consume(); when
 * session_is_over() and both are empty, end the channel with that status. A session never
 * blocks.
 */
#ifndef TERMINAL_SESSION_H
#define TERMINAL_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"

struct link;
struct session;

enum {
	/* The hub's output is not read from the visit while more than this waits to go out,
	 * so the memory of a client that stops reading is bounded by these and the socket. */
	SESSION_OUT_LOW = 32768,
	SESSION_OUT_MAX = 262144,
};

/* All strings are copied. */
struct session_start {
	int visit;                   /* the visit's socket: the session's from now on */
	const char *user;            /* as PAM left it: for texts */
	const char *guest;           /* from the user name alice+web1: "" none */
	const char *options;         /* from the user name: "read-only+replay-lines=50", "" none */
	char separator;              /* between them */
	int escape;                  /* configured escape byte, or -1: none */
	bool is_strict;              /* filter = strict: no clipboard writes, no title reports */
	const char *notice;          /* what PAM wanted said at login (UTF-8, LF), "" nothing */

	bool has_terminal;           /* the client asked for a pty */
	const char *term;            /* TERM, "" unknown */
	const char *lang;            /* LANG or LC_ALL from the client, "" unknown */
	unsigned rows, cols;         /* 0: unknown, taken as 24x80; clamped to 1..1000 */

	const char *command;         /* the exec string, NUL-terminated; NULL: a shell was asked for */

	const char *public_url;      /* of the web endpoint, without a slash at its end; "" unknown */
	/* The link to the client, kept by the owner, who outlives the session; NULL: it is fast. */
	const struct link *link;
	int slow_link;               /* enum config_slow_link, or enum view_policy, which is the same */

	const char *address;         /* our address and port as the client reached it: ssh-config */
	unsigned port;
};

/* NULL without memory (start->visit is closed then). */
struct session *session_new(const struct session_start *start);
void session_free(struct session *s);

/*
 * From the client. How many bytes were taken: less than len when the guest's input window
 * is used up; offer the rest again after the next session_ready().
 */
size_t session_input(struct session *s, const uint8_t *data, size_t len);
void session_input_end(struct session *s);
void session_resize(struct session *s, unsigned rows, unsigned cols);

/*
 * What to wait for: fills in fd (-1: nothing) and events; ms until session_ready() is due
 * (-1: no time).
 */
void session_poll(struct session *s, struct pollfd *p);
int session_timeout(struct session *s);

/* After every poll, with the revents for the session's descriptor (0 when only time passed). */
void session_ready(struct session *s, short revents);

struct buf *session_out(struct session *s);   /* to the client's standard output */
void session_sent(struct session *s, size_t len);   /* so many bytes of it are the client's now */
struct buf *session_err(struct session *s);   /* to its standard error; unused with a terminal */

/* Over: *status is the exit status of conventions (0 to 6). */
bool session_is_over(const struct session *s, int *status);

/*
 * Console went away: the owner asks its door for a new visit and hands it in; -1: there is
 * none to be had, and the session ends with 1. While this is true the session shows that it waits.
 */
bool session_wants_visit(const struct session *s);
void session_new_visit(struct session *s, int visit);

#endif
