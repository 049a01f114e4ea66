/* SPDX-License-Identifier: ISC */
/* See claim.h. */
#include "auth/claim.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "auth/identity.h"
#include "auth/keyfile.h"
#include "auth/pam.h"
#include "ipc/clock.h"
#include "ipc/log.h"

enum {
	GROUPS_BYTES = 32768,     /* what MSG_IDENTITY takes */
	PAM_BEAT = 2000,          /* ms: a failed PAM login is answered on a multiple of it, */
	KEY_BEAT = 10,            /* a failed key on one of this */
	WHY_MAX = KEYFILE_WHERE + 128,
};

/* A failure: what the log, gate and the visitor are told of it. */
struct failure {
	const char *method;
	const char *user;
	const char *why;
	struct bytes text;        /* PAM's words */
	bool tell_gate;
	uint64_t since;           /* ms: what the answer's time is counted from */
	unsigned beat;
	unsigned least;           /* ms after `since`, at least */
};

void claim_init(struct claim *claim, const struct config *config, const struct msg_conn *conn,
		struct wire *door, struct wire *link)
{
	*claim = (struct claim){ .config = config, .conn = conn, .door = door, .link = link };
	buf_init(&claim->groups, GROUPS_BYTES);
}

static bool is_shared(const struct claim *claim, const char *name)
{
	return name[0] && strcmp(name, claim->config->auth.shared_login) == 0;
}

/* Whether somebody may be logged in under this name. */
static bool is_somebody(const struct claim *claim, const char *user)
{
	return identity_name_is_good(user) && !is_shared(claim, user);
}

/* Another name starts from zero; failures stay. */
static void begin(struct claim *claim, const char *asked)
{
	if (claim->begun && strcmp(claim->asked, asked) == 0)
		return;
	claim->begun = true;
	strcpy(claim->asked, asked);
	strcpy(claim->user, is_shared(claim, asked) ? "" : asked);
	claim->done.count = 0;
	claim->must_change = false;
}

static bool is_over(const struct claim *claim)
{
	return claim->failures >= (unsigned)claim->config->auth.max_tries;
}

static bool may_use(const struct claim *claim, enum config_method method)
{
	if (claim->must_change)
		return method == CONFIG_KEYBOARD_INTERACTIVE;
	return methods_allows(&claim->config->auth.methods, &claim->done, method);
}

static void list_next(const struct claim *claim, char out[static METHODS_TEXT])
{
	if (claim->must_change)
		strcpy(out, methods_name(CONFIG_KEYBOARD_INTERACTIVE));
	else
		methods_list_next(&claim->config->auth.methods, &claim->done, out);
}

/* -- answers -- */

static int reply(struct claim *claim, enum auth_result result, struct bytes text)
{
	struct msg_auth_result m = { .result = (uint8_t)result, .text = text };
	int r;

	_Static_assert(sizeof(m.methods) >= METHODS_TEXT, "the list fits");
	if (result == AUTH_FAILED || result == AUTH_PARTIAL)
		list_next(claim, m.methods);
	if (result == AUTH_OK)
		strcpy(m.user, claim->user);
	r = wire_send(claim->door, MSG_AUTH_RESULT, &m);
	if (r < 0)
		errno = 0;
	return r;
}

/* Peer first: what a visitor chose comes after it and cannot pretend to be another's. */
static void say(const struct claim *claim, const char *what, const char *method,
		const char *user, const char *detail)
{
	log_info("%s port %u: %s %s for %s: %s", claim->conn->peer, claim->conn->port, what,
		 method, user, detail);
}

static void tell_gate(struct claim *claim, bool ok, const char *user, const char *method)
{
	struct msg_login m = { .conn = claim->conn->conn, .ok = ok };

	strcpy(m.user, user);
	snprintf(m.method, sizeof(m.method), "%s", method);
	wire_send(claim->link, MSG_LOGIN, &m);
}

/*
 * Waits for the next beat after f->since that is late enough, so that the time an answer
 * takes does not tell what was looked up and computed for it. -1: the visitor left.
 */
static int hold(const struct claim *claim, const struct failure *f)
{
	uint64_t took = clock_ms() - f->since;
	uint64_t least = took > f->least ? took : f->least;
	uint64_t until = f->since + (least + f->beat - 1) / f->beat * f->beat;
	struct pollfd p = { .fd = claim->door->fd };

	for (uint64_t now = clock_ms(); now < until; now = clock_ms())
		if (poll(&p, 1, (int)(until - now)) > 0) {
			errno = 0;
			return -1;
		}
	return 0;
}

/* Logged and counted before the wait: leaving early saves nobody. */
static void count(struct claim *claim, const struct failure *f)
{
	claim->failures++;
	say(claim, "refused", f->method, f->user, f->why);
	if (f->tell_gate)
		tell_gate(claim, false, f->user, f->method);
}

static int fail(struct claim *claim, const struct failure *f)
{
	count(claim, f);
	if (hold(claim, f) < 0)
		return -1;
	return reply(claim, is_over(claim) ? AUTH_OVER : AUTH_FAILED, f->text);
}

/* by: what gate and console are told. */
static int log_in(struct claim *claim, const char *by, const char *method, const char *detail,
		  struct bytes text)
{
	struct identity id;

	if (identity_find(&id, claim->user) < 0)
		log_warn("groups of %s cannot be looked up: %s", claim->user, strerror(errno));
	if (identity_pack_groups(&id, claim->config, &claim->groups) < 0)
		log_warn("%s is in more groups than can be told; some are left out", claim->user);
	identity_free(&id);
	snprintf(claim->by, sizeof(claim->by), "%s", by);
	say(claim, "accepted", method, claim->user, detail);
	tell_gate(claim, true, claim->user, by);
	claim->complete = true;
	return reply(claim, AUTH_OK, text);
}

/* One step is passed, and with it the account phase where it was the last. */
static int advance(struct claim *claim, enum config_method method, const char *detail,
		   struct bytes text)
{
	char methods[METHODS_TEXT];

	methods_list_done(&claim->done, methods);
	if (!claim->must_change && methods_is_complete(&claim->config->auth.methods, &claim->done))
		return log_in(claim, methods, methods_name(method), detail, text);
	say(claim, claim->must_change ? "password expired after" : "passed", methods_name(method),
	    claim->user, detail);
	return reply(claim, AUTH_PARTIAL, text);
}

int claim_answer_methods(struct claim *claim, const struct msg_ask_methods *ask)
{
	struct msg_methods m = { 0 };
	int r;

	begin(claim, ask->user);
	if (!is_over(claim))
		list_next(claim, m.methods);
	r = wire_send(claim->door, MSG_METHODS, &m);
	if (r < 0)
		errno = 0;
	return r;
}

/* -- PAM -- */

static struct bytes said(const struct conversation *c)
{
	return (struct bytes){ c->text.data, c->text.len };
}

/* What to fail with after PAM; libpam spreads a delay by half of it, so round to a beat. */
static struct failure pam_failure(const struct claim *claim, const char *method,
				  const struct conversation *c, uint64_t since)
{
	unsigned asked = (c->delay / 1000 + PAM_BEAT / 2) / PAM_BEAT * PAM_BEAT;

	return (struct failure){
		.method = method, .user = claim->user[0] ? claim->user : claim->asked,
		.text = said(c), .tell_gate = true, .since = c->last ? c->last : since,
		.beat = PAM_BEAT, .least = asked > PAM_BEAT ? asked : PAM_BEAT,
	};
}

/* The visitor did not stay to the end of its conversation. */
static int give_up(struct claim *claim, const struct conversation *c, struct failure *f)
{
	bool gone = c->end == CONVERSATION_GONE;

	/* Answers that were given are tries; a question left alone is none for gate. */
	f->tell_gate = c->answers > 0;
	f->why = gone ? "left during the conversation" : "began anew during the conversation";
	if (!gone || c->answers)
		count(claim, f);
	claim->interrupted = !gone;
	errno = 0;
	return gone ? -1 : 0;
}

static int finish_pam(struct claim *claim, enum config_method method, const struct conversation *c,
		      const struct pam_verdict *v, uint64_t since)
{
	struct failure f = pam_failure(claim, methods_name(method), c, since);

	if (v->user[0])
		f.user = v->user;
	if (c->end != CONVERSATION_GOING)
		return give_up(claim, c, &f);
	f.why = v->reason;
	if (v->outcome == PAM_OUTCOME_NO)
		return fail(claim, &f);
	f.why = "nobody can be logged in under this name";
	if (!is_somebody(claim, v->user))
		return fail(claim, &f);
	strcpy(claim->user, v->user);
	if (!claim->must_change)
		methods_pass(&claim->done, method);
	claim->must_change = v->outcome == PAM_OUTCOME_MUST_CHANGE;
	return advance(claim, method, "by PAM", said(c));
}

int claim_answer_pam(struct claim *claim, const struct msg_ask_pam *ask)
{
	int method = methods_find(ask->method);
	uint64_t since = clock_ms();
	struct conversation c;
	struct pam_request request = { .config = claim->config, .peer = claim->conn->peer };
	struct pam_verdict verdict;
	int r;

	if (method != CONFIG_KEYBOARD_INTERACTIVE && method != CONFIG_PASSWORD) {
		errno = EPROTO;
		return -1;
	}
	begin(claim, ask->user);
	if (is_over(claim))
		return reply(claim, AUTH_OVER, (struct bytes){ 0 });
	conversation_init(&c, claim->door, method == CONFIG_PASSWORD ? CONVERSATION_ONE_SECRET :
			  CONVERSATION_FULL, &claim->next);
	if (may_use(claim, method) && identity_name_is_good(claim->asked)) {
		request.user = claim->user[0] ? claim->user : NULL;
		request.authenticate = !claim->must_change;
		pam_run_stack(&request, &c, &verdict);
		r = finish_pam(claim, method, &c, &verdict, since);
	} else {
		struct failure f = pam_failure(claim, methods_name(method), &c, since);

		f.why = "not a method that may come next, or not a name";
		r = fail(claim, &f);
	}
	conversation_free(&c);
	return r;
}

/* -- keys -- */

/* Whose the key is; false with the reason in why. */
static bool find_owner(struct claim *claim, const struct msg_ask_key *ask,
		       char owner[static USER_MAX + 1], char why[static WHY_MAX])
{
	struct authorized_keys_query query = {
		.algorithm = ask->algorithm, .blob = ask->blob, .peer = claim->conn->peer,
		.shared = is_shared(claim, claim->asked),
	};
	struct keyfile_found found = { .result = KEYS_OTHER };
	struct identity id = { 0 };
	bool match;

	keyfile_set_time(&query);
	snprintf(why, WHY_MAX, "not a key that can be used here");
	if (!authorized_keys_can_match(&query) || !identity_name_is_good(claim->asked))
		return false;
	if (query.shared) {
		match = keyfile_search_shared(claim->config, &query, &found);
		strcpy(owner, found.user);
	} else {
		if (identity_find(&id, claim->user) < 0)
			log_warn("%s cannot be looked up: %s", claim->user, strerror(errno));
		match = keyfile_search_user(claim->config, claim->user, &id, &query, &found);
		strcpy(owner, claim->user);
	}
	identity_free(&id);
	if (found.where[0])
		snprintf(why, WHY_MAX, "%s: %s", found.where,
			 authorized_keys_reason(found.result));
	else
		snprintf(why, WHY_MAX, "no line has this key");
	if (!match)
		return false;
	if (is_somebody(claim, owner) && (!claim->user[0] || strcmp(owner, claim->user) == 0))
		return true;
	snprintf(why, WHY_MAX, "%s: its user is not who logs in", found.where);
	return false;
}

/* The key is the last step: the account phase, where nothing can be asked. */
static int check_account(struct claim *claim, const char *owner, const char *detail, uint64_t since)
{
	struct pam_request request = { claim->config, owner, claim->conn->peer, false };
	struct pam_verdict verdict;
	struct conversation c;
	struct failure f;
	int r;

	conversation_init(&c, claim->door, CONVERSATION_SILENT, &claim->next);
	pam_run_stack(&request, &c, &verdict);
	f = pam_failure(claim, methods_name(CONFIG_PUBLICKEY), &c, since);
	f.user = owner;
	f.why = verdict.reason;
	if (verdict.outcome != PAM_OUTCOME_NO && is_somebody(claim, verdict.user)) {
		strcpy(claim->user, verdict.user);
		methods_pass(&claim->done, CONFIG_PUBLICKEY);
		claim->must_change = verdict.outcome == PAM_OUTCOME_MUST_CHANGE;
		r = advance(claim, CONFIG_PUBLICKEY, detail, said(&c));
	} else {
		r = fail(claim, &f);
	}
	conversation_free(&c);
	return r;
}

int claim_answer_key(struct claim *claim, const struct msg_ask_key *ask)
{
	uint64_t since = clock_ms();
	struct methods_done after;
	char owner[USER_MAX + 1] = "";
	char why[WHY_MAX] = "not a method that may come next";

	begin(claim, ask->user);
	if (is_over(claim))
		return reply(claim, AUTH_OVER, (struct bytes){ 0 });
	if (!may_use(claim, CONFIG_PUBLICKEY) || !find_owner(claim, ask, owner, why)) {
		struct failure f = {
			.method = methods_name(CONFIG_PUBLICKEY), .user = claim->asked, .why = why,
			/* Asking which key would do is no attempt yet. */
			.tell_gate = ask->is_signed, .since = since, .beat = KEY_BEAT,
			.least = KEY_BEAT,
		};

		return fail(claim, &f);
	}
	if (!ask->is_signed)
		return reply(claim, AUTH_OK, (struct bytes){ 0 });
	after = claim->done;
	methods_pass(&after, CONFIG_PUBLICKEY);
	if (methods_is_complete(&claim->config->auth.methods, &after))
		return check_account(claim, owner, why, since);
	claim->done = after;
	strcpy(claim->user, owner);
	return advance(claim, CONFIG_PUBLICKEY, why, (struct bytes){ 0 });
}

/* -- tokens and tickets -- */

/* Whoever may not log in any more comes by no token either. */
static bool is_account_good(struct claim *claim, const char *user, struct failure *f)
{
	struct pam_request request = { claim->config, user, claim->conn->peer, false };
	struct pam_verdict verdict;
	struct conversation c;

	conversation_init(&c, claim->door, CONVERSATION_SILENT, &claim->next);
	pam_run_stack(&request, &c, &verdict);
	conversation_free(&c);
	f->why = verdict.outcome == PAM_OUTCOME_NO ? "the account is not good any more"
						   : "the account is another one now, or its "
						     "password has expired";
	return verdict.outcome == PAM_OUTCOME_YES && strcmp(verdict.user, user) == 0 &&
	       is_somebody(claim, user);
}

int claim_answer_credential(struct claim *claim, const char *by,
			    const struct msg_credential *found)
{
	struct failure f = {
		.method = by, .user = found->user, .tell_gate = true, .since = clock_ms(),
		.why = "unknown, used up or too old", .beat = KEY_BEAT, .least = KEY_BEAT,
	};

	if (is_over(claim))
		return reply(claim, AUTH_OVER, (struct bytes){ 0 });
	begin(claim, found->user);
	if (!found->ok || !is_account_good(claim, found->user, &f))
		return fail(claim, &f);
	claim->ticket = *found;
	return log_in(claim, by, by, found->ticket[0] ? found->ticket : "of an earlier login",
		      (struct bytes){ 0 });
}

void claim_fill_identity(const struct claim *claim, struct msg_identity *identity)
{
	const struct msg_credential *t = &claim->ticket;

	*identity = (struct msg_identity){
		.conn = claim->conn->conn, .endpoint = claim->conn->endpoint,
	};
	strcpy(identity->user, claim->user);
	strcpy(identity->peer, claim->conn->peer);
	strcpy(identity->method, claim->by);
	strcpy(identity->ticket, t->ticket);
	strcpy(identity->ticket_host, t->ticket_host);
	memcpy(identity->ticket_uuid, t->ticket_uuid, UUID_SIZE);
	identity->ticket_type = t->ticket_type;
	identity->ticket_until = t->ticket_until;
	identity->groups = (struct bytes){ claim->groups.data, claim->groups.len };
}
