/* SPDX-License-Identifier: ISC */
/*
 * One run of the PAM stack: authentication where it is wanted, the account phase always,
 * the change of an expired password where the conversation allows it. Sessions and
 * credentials (pam_open_session(3), pam_setcred(3)) are left out: nobody gets a shell or
 * a process here, and modules for them would act on the door's child. Called in a
 * door's child: modules may block, crash or never come back.
 */
#ifndef AUTH_PAM_H
#define AUTH_PAM_H

#include <stdbool.h>

#include "auth/conversation.h"
#include "config/config.h"
#include "ipc/message.h"

struct pam_request {
	const struct config *config;
	const char *user;          /* NULL: PAM asks for it */
	const char *peer;          /* numeric address */
	bool authenticate;         /* false: the account phase alone */
};

enum pam_outcome {
	PAM_OUTCOME_YES,
	PAM_OUTCOME_NO,
	PAM_OUTCOME_MUST_CHANGE,   /* all is well but for an expired password, which could
	                              not be changed in this conversation */
};

struct pam_verdict {
	enum pam_outcome outcome;
	char user[USER_MAX + 1];   /* as PAM left it; "" where it never knew or it is too long */
	char reason[128];          /* for the log: which phase said no, and PAM's word for it */
};

/* Runs it; leftover texts stay in c->text. */
void pam_run_stack(const struct pam_request *request, struct conversation *c,
		   struct pam_verdict *verdict);

#endif
