/* SPDX-License-Identifier: ISC */
/*
 * Logging in: every authentication request of the client becomes a question at the
 * door, and the door's answer a reply. Nothing is decided here: user, methods done,
 * failures and time are kept by auth.
 *
 * libssh hands in requests by callback and frees each when the callback returns, so a
 * callback waits for the door's answer. That is allowed before login: nothing else
 * happens on this connection, and the wait watches the client and the deadline.
 */
#ifndef SSHD_LOGIN_H
#define SSHD_LOGIN_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

#include "sshd/ask.h"
#include "terminal/command.h"

struct config;

enum login_state {
	LOGIN_GOES_ON,
	LOGIN_DONE,
	LOGIN_ENDED,          /* the connection is to be closed: see `reason` */
};

struct login {
	enum login_state state;
	const char *reason;   /* why it ended, for the log */
	const char *farewell; /* what the client is told then; NULL nothing */

	ssh_session ssh;      /* not owned */
	const struct config *config;
	struct ask ask;

	unsigned requests;
	int methods;          /* what may come next: SSH_AUTH_METHOD_ bits */
	bool in_conversation; /* a round of prompts is with the client */
	char raw[1024];       /* user name as the client sent it last: alice+web1+read-only */
	char asked[USER_MAX + 1];          /* its parts */
	char guest[GUEST_PHRASE_MAX + 1];
	char options[COMMAND_OPTIONS_SIZE];

	/* Once it is done: */
	char user[USER_MAX + 1];   /* as PAM left it */
	char *notice;              /* owned: what PAM wanted said, "" nothing */
};

/*
 * Prepares l and sets libssh's message callback: before the key exchange. deadline: the
 * end of login-grace, ms of clock_ms().
 */
void login_init(struct login *l, ssh_session ssh, struct wire *door,
		const struct config *config, uint64_t deadline);

#endif
