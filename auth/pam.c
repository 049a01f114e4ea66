/* SPDX-License-Identifier: ISC */
/* See pam.h. */
#include "auth/pam.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* An empty password is not a login, whatever the modules' own options say. */
enum { FLAGS = PAM_DISALLOW_NULL_AUTHTOK };

static int set_items(pam_handle_t *h, const struct pam_request *request)
{
	const struct { int item; const void *value; } items[] = {
		{ PAM_RHOST, request->peer },
		{ PAM_TTY, "ssh" },
		{ PAM_RUSER, "" },
		{ PAM_USER_PROMPT, "login: " },
		{ PAM_FAIL_DELAY, (const void *)(uintptr_t)conversation_delay },
	};

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		int r = pam_set_item(h, items[i].item, items[i].value);

		if (r != PAM_SUCCESS)
			return r;
	}
	return PAM_SUCCESS;
}

static int start(pam_handle_t **h, const struct pam_request *request, const struct pam_conv *conv)
{
	const char *service = request->config->auth.pam_service;
	const char *directory = request->config->auth.pam_directory;
	int r = directory[0] ? pam_start_confdir(service, request->user, conv, directory, h) :
			       pam_start(service, request->user, conv, h);

	return r == PAM_SUCCESS ? set_items(*h, request) : r;
}

/* The phases in order; the name of the one that r comes from is in *phase. */
static int run_phases(pam_handle_t *h, const struct pam_request *request,
		      const struct conversation *c, const char **phase)
{
	int r = PAM_SUCCESS;

	*phase = "authentication";
	if (request->authenticate)
		r = pam_authenticate(h, FLAGS);
	if (r != PAM_SUCCESS)
		return r;
	*phase = "account";
	r = pam_acct_mgmt(h, FLAGS);
	if (r != PAM_NEW_AUTHTOK_REQD || c->way != CONVERSATION_FULL)
		return r;
	*phase = "change of the password";
	return pam_chauthtok(h, PAM_CHANGE_EXPIRED_AUTHTOK);
}

static void take_user(pam_handle_t *h, char user[static USER_MAX + 1])
{
	const void *name = NULL;

	user[0] = '\0';
	if (pam_get_item(h, PAM_USER, &name) == PAM_SUCCESS && name &&
	    strlen(name) <= USER_MAX)
		strcpy(user, name);
}

void pam_run_stack(const struct pam_request *request, struct conversation *c,
		   struct pam_verdict *verdict)
{
	const struct pam_conv conv = { conversation_speak, c };
	const char *phase = "start";
	pam_handle_t *h = NULL;
	int r = start(&h, request, &conv);

	*verdict = (struct pam_verdict){ .outcome = PAM_OUTCOME_NO };
	if (r == PAM_SUCCESS)
		r = run_phases(h, request, c, &phase);
	/* A module may say so elsewhere, too; only the account phase is asked it. */
	if (r == PAM_SUCCESS)
		verdict->outcome = PAM_OUTCOME_YES;
	else if (r == PAM_NEW_AUTHTOK_REQD && strcmp(phase, "account") == 0)
		verdict->outcome = PAM_OUTCOME_MUST_CHANGE;
	snprintf(verdict->reason, sizeof(verdict->reason), "%s: %s", phase, pam_strerror(h, r));
	if (!h)
		return;
	take_user(h, verdict->user);
	pam_end(h, r);
}
