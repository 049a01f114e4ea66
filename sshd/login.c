/* SPDX-License-Identifier: ISC */
/*
 * See login.h. The only file that uses libssh's older message calls: keyboard-interactive
 * has no other in 0.10, and with them all methods take one way.
 */
#include "sshd/login.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#include <libssh/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ipc/base64.h"
#include "sshd/round.h"

enum {
	/* auth counts failures; this bounds what never reaches it, like methods unknown. */
	REQUESTS_MAX = 100,
	KEY_BLOB_MAX = 8192,
	ANSWERS_MAX = 20000,
};

static void end(struct login *l, const char *reason, const char *farewell)
{
	l->state = LOGIN_ENDED;
	l->reason = reason;
	l->farewell = farewell;
}

/* 0, or -1: the login is over. */
static int ask(struct login *l, enum message_type type, const void *fields, struct message *m)
{
	if (ask_door(&l->ask, type, fields, m) == 0)
		return 0;
	end(l, l->ask.reason, l->ask.farewell);
	return -1;
}

static void unexpected(struct login *l, struct message *m)
{
	log_warn("door: %s is not expected here", message_name(m->type));
	wire_discard(m);
	end(l, "the door broke the protocol", NULL);
}

/* Takes the methods that may come next; an empty list leaves those before. */
static void set_methods(struct login *l, const char *names)
{
	int bits = round_methods(names);

	if (bits)
		l->methods = bits;
	ssh_set_auth_methods(l->ssh, l->methods);
}

/* What PAM says to somebody who is not in (yet): a banner is all that is left for it. */
static void show_text(struct login *l, struct bytes text)
{
	ssh_string banner;

	if (text.len == 0)
		return;
	banner = ssh_string_new(text.len);
	if (!banner)
		return;
	ssh_string_fill(banner, text.data, text.len);
	ssh_send_issue_banner(l->ssh, banner);
	ssh_string_free(banner);
}

static void let_in(struct login *l, const struct msg_auth_result *r, ssh_message msg)
{
	l->notice = strndup((const char *)r->text.data, r->text.len);
	if (!l->notice) {
		end(l, "out of memory", NULL);
		return;
	}
	memcpy(l->user, r->user, sizeof(l->user));
	ssh_message_auth_reply_success(msg, 0);
	l->state = LOGIN_DONE;
}

/* Replies with the door's verdict. Returns what the message callback is to return. */
static int reply(struct login *l, const struct msg_auth_result *r, ssh_message msg)
{
	if (r->result == AUTH_OK) {
		let_in(l, r, msg);
		return 0;
	}
	set_methods(l, r->methods);
	show_text(l, r->text);
	if (r->result == AUTH_PARTIAL) {
		ssh_message_auth_reply_success(msg, 1);
		return 0;
	}
	if (r->result == AUTH_OVER) {
		end(l, "too many tries", "Too many authentication failures.");
		return 0;
	}
	return 1;
}

/* -- none -- */

static int on_none(struct login *l, ssh_message msg)
{
	struct msg_ask_methods q = { 0 };
	struct message m;

	(void)msg;
	memcpy(q.user, l->asked, sizeof(q.user));
	if (ask(l, MSG_ASK_METHODS, &q, &m) < 0)
		return 0;
	if (m.type != MSG_METHODS) {
		unexpected(l, &m);
		return 0;
	}
	set_methods(l, m.u.methods.methods);
	return 1;
}

/* -- publickey -- */

/* Certificates are not among them: libssh checks neither who signed one nor for whom. */
static bool is_plain_key(enum ssh_keytypes_e type)
{
	static const enum ssh_keytypes_e plain[] = {
		SSH_KEYTYPE_ED25519, SSH_KEYTYPE_ECDSA_P256, SSH_KEYTYPE_ECDSA_P384,
		SSH_KEYTYPE_ECDSA_P521, SSH_KEYTYPE_RSA, SSH_KEYTYPE_SK_ED25519,
		SSH_KEYTYPE_SK_ECDSA,
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (plain[i] == type)
			return true;
	return false;
}

static long export_blob(ssh_key key, uint8_t *blob, size_t size)
{
	char *text = NULL;
	long len;

	if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK)
		return -1;
	len = base64_decode(blob, size, text);
	ssh_string_free_char(text);
	return len;
}

static int on_publickey(struct login *l, ssh_message msg)
{
	enum ssh_publickey_state_e state = ssh_message_auth_publickey_state(msg);
	ssh_key key = ssh_message_auth_pubkey(msg);
	struct msg_ask_key q = { .is_signed = state == SSH_PUBLICKEY_STATE_VALID };
	uint8_t blob[KEY_BLOB_MAX];
	struct message m;
	long len;

	if (state != SSH_PUBLICKEY_STATE_VALID && state != SSH_PUBLICKEY_STATE_NONE)
		return 1;
	if (!is_plain_key(ssh_key_type(key)))
		return 1;
	len = export_blob(key, blob, sizeof(blob));
	if (len < 0)
		return 1;
	q.blob = (struct bytes){ blob, (size_t)len };
	memcpy(q.user, l->asked, sizeof(q.user));
	snprintf(q.algorithm, sizeof(q.algorithm), "%s", ssh_key_type_to_char(ssh_key_type(key)));
	if (ask(l, MSG_ASK_KEY, &q, &m) < 0)
		return 0;
	if (m.type != MSG_AUTH_RESULT) {
		unexpected(l, &m);
		return 0;
	}
	/* A key that would do is no login: only a verified signature is. */
	if (!q.is_signed && m.u.auth_result.result == AUTH_OK) {
		ssh_message_auth_reply_pk_ok_simple(msg);
		return 0;
	}
	if (!q.is_signed && m.u.auth_result.result == AUTH_PARTIAL)
		return 1;
	return reply(l, &m.u.auth_result, msg);
}

/* -- PAM: keyboard-interactive and password -- */

static int forward_prompt(struct login *l, const struct msg_prompt *m, ssh_message msg)
{
	struct round p;
	int r;

	if (round_read(&p, m) < 0) {
		end(l, "the door sent a broken prompt", NULL);
		return 0;
	}
	r = ssh_message_auth_interactive_request(msg, "", p.instruction, p.count, p.texts, p.echo);
	round_free(&p);
	l->in_conversation = true;
	if (r != SSH_OK)
		end(l, "the prompt cannot be sent", NULL);
	return 0;
}

static int forward_pam(struct login *l, struct message *m, ssh_message msg)
{
	if (m->type == MSG_PROMPT)
		return forward_prompt(l, &m->u.prompt, msg);
	if (m->type == MSG_AUTH_RESULT)
		return reply(l, &m->u.auth_result, msg);
	unexpected(l, m);
	return 0;
}

static int ask_pam(struct login *l, const char *method, struct message *m)
{
	struct msg_ask_pam q = { 0 };

	memcpy(q.user, l->asked, sizeof(q.user));
	snprintf(q.method, sizeof(q.method), "%s", method);
	return ask(l, MSG_ASK_PAM, &q, m);
}

/* Sends n answers, wipes our copy. */
static int send_answers(struct login *l, const char *const *answers, unsigned n,
			struct message *m)
{
	static uint8_t packed[ANSWERS_MAX];
	struct msg_answers a = { .count = (uint8_t)n };
	long len = round_pack_answers(packed, sizeof(packed), answers, n);
	int r = -1;

	if (len < 0) {
		end(l, "the answers are too long", NULL);
	} else {
		a.answers = (struct bytes){ packed, (size_t)len };
		r = ask(l, MSG_ANSWERS, &a, m);
	}
	explicit_bzero(packed, sizeof(packed));
	return r;
}

static int on_answers(struct login *l, ssh_message msg)
{
	const char *answers[ROUND_MAX];
	int n = ssh_userauth_kbdint_getnanswers(l->ssh);
	struct message m;
	int r;

	if (!l->in_conversation || n < 0 || n > ROUND_MAX) {
		end(l, "answers to no question", NULL);
		return 0;
	}
	l->in_conversation = false;
	for (int i = 0; i < n; i++) {
		answers[i] = ssh_userauth_kbdint_getanswer(l->ssh, (unsigned)i);
		if (!answers[i])
			answers[i] = "";
	}
	r = send_answers(l, answers, (unsigned)n, &m);
	/* libssh keeps them until the next round. */
	for (int i = 0; i < n; i++)
		explicit_bzero((void *)(uintptr_t)answers[i], strlen(answers[i]));
	return r < 0 ? 0 : forward_pam(l, &m, msg);
}

static int on_interactive(struct login *l, ssh_message msg)
{
	struct message m;

	if (ssh_message_auth_kbdint_is_response(msg))
		return on_answers(l, msg);
	l->in_conversation = false;
	if (ask_pam(l, "keyboard-interactive", &m) < 0)
		return 0;
	return forward_pam(l, &m, msg);
}

static bool is_password_offered(const struct config *config)
{
	const struct config_methods *all = &config->auth.methods;

	for (size_t i = 0; i < all->count; i++)
		for (unsigned s = 0; s < all->alternatives[i].count; s++)
			if (all->alternatives[i].steps[s] == CONFIG_PASSWORD)
				return true;
	return false;
}

/*
 * Every hidden prompt of the first round that has one gets the password; all others get
 * nothing, or an expired password would be its own successor. *used: that round is past.
 */
static int answer_with(struct login *l, const char *password, bool *used, struct message *m)
{
	const char *answers[ROUND_MAX];
	struct round p;
	bool uses = false;
	unsigned n;

	if (round_read(&p, &m->u.prompt) < 0) {
		end(l, "the door sent a broken prompt", NULL);
		return -1;
	}
	n = p.count;
	for (unsigned i = 0; i < n; i++) {
		bool fits = !p.echo[i] && !*used;

		answers[i] = fits ? password : "";
		uses |= fits;
	}
	*used |= uses;
	round_free(&p);
	return send_answers(l, answers, n, m);
}

static int on_password(struct login *l, ssh_message msg)
{
	const char *password = ssh_message_auth_password(msg);
	struct message m;
	bool used = false;
	int r;

	if (!is_password_offered(l->config) || !password)
		return 1;
	r = ask_pam(l, "password", &m);
	while (r == 0 && m.type == MSG_PROMPT)
		r = answer_with(l, password, &used, &m);
	return r < 0 ? 0 : forward_pam(l, &m, msg);
}

/* -- all -- */

static const struct method {
	int bit;
	int (*handle)(struct login *l, ssh_message msg);   /* 0: replied; 1: deny it */
} methods[] = {
	{ SSH_AUTH_METHOD_NONE, on_none },
	{ SSH_AUTH_METHOD_PUBLICKEY, on_publickey },
	{ SSH_AUTH_METHOD_INTERACTIVE, on_interactive },
	{ SSH_AUTH_METHOD_PASSWORD, on_password },
};

/* Takes the user name apart when it changed; answers of a conversation carry none. */
static int take_name(struct login *l, const char *raw)
{
	if (!raw || strcmp(raw, l->raw) == 0)
		return 0;
	if (strlen(raw) >= sizeof(l->raw))
		return -1;
	strcpy(l->raw, raw);
	return command_split_login(raw, l->config->auth.guest_separator, l->asked, l->guest,
				   l->options);
}

static int on_message(ssh_session ssh, ssh_message msg, void *arg)
{
	struct login *l = arg;

	(void)ssh;
	/* The rest (services, forwarding, other channels) libssh refuses as it should. */
	if (ssh_message_type(msg) != SSH_REQUEST_AUTH || l->state == LOGIN_DONE)
		return 1;
	if (l->state == LOGIN_ENDED)
		return 0;
	if (++l->requests > REQUESTS_MAX) {
		end(l, "too many requests", "Too many authentication requests.");
		return 0;
	}
	if (take_name(l, ssh_message_auth_user(msg)) < 0) {
		l->raw[0] = '\0';
		return 1;
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].bit == ssh_message_subtype(msg))
			return methods[i].handle(l, msg);
	return 1;
}

/* What a client may begin with, for those that ask for a method we do not have first. */
static int first_methods(const struct config *config)
{
	static const int bits[CONFIG_METHODS] = {
		[CONFIG_PUBLICKEY] = SSH_AUTH_METHOD_PUBLICKEY,
		[CONFIG_KEYBOARD_INTERACTIVE] = SSH_AUTH_METHOD_INTERACTIVE,
		[CONFIG_PASSWORD] = SSH_AUTH_METHOD_PASSWORD,
	};
	int all = 0;

	for (size_t i = 0; i < config->auth.methods.count; i++)
		all |= bits[config->auth.methods.alternatives[i].steps[0]];
	return all;
}

void login_init(struct login *l, ssh_session ssh, struct wire *door,
		const struct config *config, uint64_t deadline)
{
	*l = (struct login){
		.ssh = ssh, .config = config,
		.ask = { .door = door, .client = ssh_get_fd(ssh), .deadline = deadline },
		.methods = first_methods(config),
	};
	ssh_set_auth_methods(ssh, l->methods);
	ssh_set_message_callback(ssh, on_message, l);
}
