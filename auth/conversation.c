/* SPDX-License-Identifier: ISC */
/* See conversation.h. */
#include "auth/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/secret.h"
#include "ipc/text.h"

/* Longer lines are cut; PAM_MAX_MSG_SIZE is 512, but not all modules keep to it. */
enum { LINE_SHOWN = 2048 };

_Static_assert(SECRET_MAX < PAM_MAX_RESP_SIZE, "an answer is one that PAM takes");

void conversation_init(struct conversation *c, struct wire *door, enum conversation_way way,
		       struct message *next)
{
	*c = (struct conversation){ .door = door, .way = way, .next = next };
	buf_init(&c->text, CONVERSATION_TEXT_MAX);
}

void conversation_free(struct conversation *c)
{
	buf_free(&c->text);
}

void conversation_delay(int result, unsigned microseconds, void *conversation)
{
	struct conversation *c = conversation;

	if (result != PAM_SUCCESS)
		c->delay = microseconds;
}

/* Foreign text line by line, so that its line ends are all that is left of controls. */
static void append_lines(struct buf *b, const char *text)
{
	size_t left = strlen(text);

	while (left && text[left - 1] == '\n')
		left--;
	for (;;) {
		const char *end = memchr(text, '\n', left);
		size_t len = end ? (size_t)(end - text) : left;
		char shown[LINE_SHOWN];

		text_escape(shown, sizeof(shown), text, len);
		buf_append_str(b, shown);
		if (!end)
			return;
		buf_append_str(b, "\n");
		text = end + 1;
		left -= len + 1;
	}
}

static bool is_prompt(const struct pam_message *m)
{
	return m->msg_style == PAM_PROMPT_ECHO_OFF || m->msg_style == PAM_PROMPT_ECHO_ON;
}

/* Texts join what waits to be shown, prompts are packed. How many prompts; -1: no. */
static int collect(struct conversation *c, int n, const struct pam_message **messages,
		   struct buf *prompts)
{
	int count = 0;

	for (int i = 0; i < n; i++) {
		const struct pam_message *m = messages[i];
		struct buf shown;

		if (m->msg_style == PAM_TEXT_INFO || m->msg_style == PAM_ERROR_MSG) {
			if (c->text.len)
				buf_append_str(&c->text, "\n");
			append_lines(&c->text, m->msg ? m->msg : "");
			continue;
		}
		if (!is_prompt(m))
			return -1;
		buf_init(&shown, LINE_SHOWN);
		append_lines(&shown, m->msg ? m->msg : "");
		pack_put_u8(prompts, m->msg_style == PAM_PROMPT_ECHO_ON);
		pack_put_bytes(prompts, shown.data, shown.len);
		buf_free(&shown);
		count++;
	}
	return prompts->full ? -1 : count;
}

static bool may_ask(const struct conversation *c, int n, const struct pam_message **messages)
{
	int prompts = 0, echoed = 0;

	for (int i = 0; i < n; i++) {
		prompts += is_prompt(messages[i]);
		echoed += messages[i]->msg_style == PAM_PROMPT_ECHO_ON;
	}
	return c->way == CONVERSATION_FULL ||
	       (c->way == CONVERSATION_ONE_SECRET && c->answers == 0 && prompts == 1 && !echoed);
}

static bool is_request(const struct message *m)
{
	return m->type == MSG_ASK_METHODS || m->type == MSG_ASK_PAM || m->type == MSG_ASK_KEY;
}

/* Waits for the visitor. Whether m holds answers. */
static bool wait_for_answers(struct conversation *c, struct message *m)
{
	int r;

	do
		r = wire_wait(c->door, m, -1);
	while (r == 0);
	if (r > 0 && m->type == MSG_ANSWERS)
		return true;
	c->end = CONVERSATION_GONE;
	if (r > 0 && is_request(m)) {
		*c->next = *m;
		c->end = CONVERSATION_INTERRUPTED;
	}
	return false;
}

static void free_responses(struct pam_response *responses, int n)
{
	for (int i = 0; i < n; i++) {
		if (responses[i].resp)
			explicit_bzero(responses[i].resp, strlen(responses[i].resp));
		free(responses[i].resp);
	}
	free(responses);
}

/* Gives each prompt its answer. 0; -1: not as many, too long, or out of memory. */
static int fill_responses(struct pam_response *responses, int n,
			  const struct pam_message **messages, const struct msg_answers *answers)
{
	struct pack_reader r;
	struct secret secret = { 0 };
	struct bytes one;
	int bad = 0;

	pack_open(&r, answers->answers);
	for (int i = 0; i < n && !bad; i++) {
		if (!is_prompt(messages[i]))
			continue;
		bad = pack_get_bytes(&r, &one) < 0 || secret_set(&secret, one.data, one.len) < 0;
		if (!bad)
			responses[i].resp = strdup(secret.text);
		bad |= !responses[i].resp;
		secret_wipe(&secret);
	}
	return bad || r.left ? -1 : 0;
}

/* One round: the prompts go out, the answers come back into responses. */
static int ask(struct conversation *c, int n, const struct pam_message **messages,
	       struct pam_response *responses, const struct msg_prompt *prompt)
{
	struct message m;
	int r;

	if (wire_send(c->door, MSG_PROMPT, prompt) < 0) {
		c->end = CONVERSATION_GONE;
		return PAM_CONV_ERR;
	}
	buf_clear(&c->text);
	if (!wait_for_answers(c, &m))
		return PAM_CONV_ERR;
	c->answers++;
	c->last = clock_ms();
	r = m.u.answers.count == prompt->count ?
	    fill_responses(responses, n, messages, &m.u.answers) : -1;
	wire_wipe();
	return r == 0 ? PAM_SUCCESS : PAM_CONV_ERR;
}

int conversation_speak(int n, const struct pam_message **messages,
		       struct pam_response **responses, void *conversation)
{
	struct conversation *c = conversation;
	struct pam_response *filled;
	struct buf prompts;
	int r = PAM_CONV_ERR;
	int count;

	/* Some modules pass none with texts that want no answer. */
	if (responses)
		*responses = NULL;
	if (n <= 0 || n > PAM_MAX_NUM_MSG || c->end != CONVERSATION_GOING)
		return PAM_CONV_ERR;
	filled = calloc((size_t)n, sizeof(*filled));
	if (!filled)
		return PAM_BUF_ERR;
	buf_init(&prompts, CONVERSATION_TEXT_MAX);
	count = collect(c, n, messages, &prompts);
	if (count == 0)
		r = PAM_SUCCESS;
	else if (count > 0 && responses && may_ask(c, n, messages))
		r = ask(c, n, messages, filled,
			&(struct msg_prompt){ { c->text.data, c->text.len }, (uint8_t)count,
					      { prompts.data, prompts.len } });
	buf_free(&prompts);
	if (r == PAM_SUCCESS && responses)
		*responses = filled;
	else
		free_responses(filled, n);
	return r;
}
