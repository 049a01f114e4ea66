/* SPDX-License-Identifier: ISC */
/*
 * A PAM module that misbehaves as told by its arguments, for check_door.c and the tests
 * of whole logins: it hangs, crashes, spins, exits, talks to standard output, asks for a
 * code, denies the account, or says that the password has expired until a file is there.
 * Never to be used outside tests.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <security/pam_modules.h>
#include <security/pam_appl.h>
#include <security/pam_ext.h>

static const char *option(int argc, const char **argv, const char *name)
{
	size_t len = strlen(name);

	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], name, len) == 0 && (argv[i][len] == '=' || !argv[i][len]))
			return argv[i] + len + (argv[i][len] == '=');
	return NULL;
}

static int converse(pam_handle_t *h, int n, const struct pam_message *messages,
		    struct pam_response **responses)
{
	const struct pam_message *list[8];
	const void *item;
	const struct pam_conv *conv;

	for (int i = 0; i < n; i++)
		list[i] = &messages[i];
	if (pam_get_item(h, PAM_CONV, &item) != PAM_SUCCESS || !item)
		return PAM_CONV_ERR;
	conv = item;
	return conv->conv(n, list, responses, conv->appdata_ptr);
}

static void say(pam_handle_t *h, int style, const char *text)
{
	const struct pam_message m = { style, text };
	struct pam_response *r = NULL;

	converse(h, 1, &m, &r);
	free(r);
}

/* Two prompts and two texts in one call; the hidden one must be "9", the other "yes". */
static int ask_code(pam_handle_t *h)
{
	const struct pam_message m[] = {
		{ PAM_TEXT_INFO, "Your token:\ntwo lines\t\033[31m" },
		{ PAM_PROMPT_ECHO_OFF, "Code: " },
		{ PAM_ERROR_MSG, "and say so" },
		{ PAM_PROMPT_ECHO_ON, "Sure? " },
	};
	struct pam_response *r = NULL;
	int result = converse(h, 4, m, &r);

	if (result != PAM_SUCCESS)
		return result;
	result = r[1].resp && r[3].resp && !r[0].resp && !r[2].resp &&
		 strcmp(r[1].resp, "9") == 0 && strcmp(r[3].resp, "yes") == 0 ?
		 PAM_SUCCESS : PAM_AUTH_ERR;
	for (int i = 0; i < 4; i++)
		free(r[i].resp);
	free(r);
	return result;
}

static void on_signal(int sig)
{
	(void)sig;
}

/* What careless modules leave behind in a process. */
static void litter(void)
{
	signal(SIGTERM, on_signal);
	signal(SIGALRM, on_signal);
	alarm(1);
	if (dup(0) < 0 || pipe((int[2]){ 0 }) < 0)
		return;
	printf("module: hello on standard output\n");
	fflush(stdout);
	fprintf(stderr, "module: hello on standard error\n");
}

static void misbehave(int argc, const char **argv)
{
	const char *seconds = option(argc, argv, "hang-with-child");

	if (option(argc, argv, "hang"))
		for (;;)
			pause();
	if (seconds) {
		if (fork() == 0)
			execl("/bin/sleep", "sleep", seconds, (char *)NULL);
		for (;;)
			pause();
	}
	if (option(argc, argv, "spin"))
		for (volatile int i = 0; ; i++)
			;
	if (option(argc, argv, "crash"))
		raise(SIGSEGV);
	if (option(argc, argv, "exit"))
		exit(0);
	if (option(argc, argv, "litter"))
		litter();
}

int pam_sm_authenticate(pam_handle_t *h, int flags, int argc, const char **argv)
{
	const char *user = option(argc, argv, "set-user");

	(void)flags;
	misbehave(argc, argv);
	if (user)
		pam_set_item(h, PAM_USER, user);
	if (option(argc, argv, "ask-user"))
		return pam_get_user(h, &user, NULL);
	if (option(argc, argv, "code"))
		return ask_code(h);
	return option(argc, argv, "fail") ? PAM_AUTH_ERR : PAM_SUCCESS;
}

int pam_sm_setcred(pam_handle_t *h, int flags, int argc, const char **argv)
{
	(void)h;
	(void)flags;
	(void)argc;
	(void)argv;
	/* Nobody calls it: no sessions here. */
	abort();
}

int pam_sm_acct_mgmt(pam_handle_t *h, int flags, int argc, const char **argv)
{
	const char *changed = option(argc, argv, "expired");

	(void)flags;
	if (option(argc, argv, "deny")) {
		say(h, PAM_ERROR_MSG, "You may not log in on Sundays.");
		return PAM_PERM_DENIED;
	}
	if (changed && access(changed, F_OK) < 0) {
		say(h, PAM_TEXT_INFO, "Your password has expired.");
		return PAM_NEW_AUTHTOK_REQD;
	}
	return PAM_SUCCESS;
}

/* Asks twice for the new password and leaves it in the file that expired= names. */
int pam_sm_chauthtok(pam_handle_t *h, int flags, int argc, const char **argv)
{
	const char *changed = option(argc, argv, "expired");
	const char *token = NULL;
	FILE *f;

	if (flags & PAM_PRELIM_CHECK)
		return PAM_SUCCESS;
	if (!changed || !(flags & PAM_CHANGE_EXPIRED_AUTHTOK))
		return PAM_AUTHTOK_ERR;
	if (pam_get_authtok(h, PAM_AUTHTOK, &token, NULL) != PAM_SUCCESS)
		return PAM_AUTHTOK_ERR;
	f = fopen(changed, "w");
	if (!f)
		return PAM_AUTHTOK_ERR;
	fputs(token, f);
	fclose(f);
	say(h, PAM_TEXT_INFO, "Password changed.");
	return PAM_SUCCESS;
}
