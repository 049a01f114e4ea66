/* SPDX-License-Identifier: ISC */
/* See round.h. */
#include "sshd/round.h"

#include <libssh/libssh.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/buf.h"

static const struct method {
	const char *name;
	int bit;
} methods[] = {
	{ "publickey", SSH_AUTH_METHOD_PUBLICKEY },
	{ "keyboard-interactive", SSH_AUTH_METHOD_INTERACTIVE },
	{ "password", SSH_AUTH_METHOD_PASSWORD },
};

/* Copies bytes to *at as a string and moves *at behind it; a NUL would cut it short. */
static char *put_string(char **at, struct bytes from)
{
	char *start = *at;

	for (size_t i = 0; i < from.len; i++)
		if (from.data[i])
			*(*at)++ = (char)from.data[i];
	*(*at)++ = '\0';
	return start;
}

int round_read(struct round *p, const struct msg_prompt *m)
{
	struct pack_reader r;
	char *at;

	*p = (struct round){ .count = m->count };
	if (m->count > ROUND_MAX)
		return -1;
	/* A packed prompt is three bytes longer than its text, so this is room enough. */
	p->memory = at = malloc(m->instruction.len + 1 + m->prompts.len + 1);
	if (!at)
		return -1;
	p->instruction = put_string(&at, m->instruction);
	pack_open(&r, m->prompts);
	for (unsigned i = 0; i < p->count; i++) {
		struct bytes text;
		uint8_t echo;

		if (pack_get_u8(&r, &echo) < 0 || pack_get_bytes(&r, &text) < 0)
			goto fail;
		p->echo[i] = echo != 0;
		p->texts[i] = put_string(&at, text);
	}
	if (r.left == 0)
		return 0;
fail:
	round_free(p);
	return -1;
}

void round_free(struct round *p)
{
	free(p->memory);
	*p = (struct round){ 0 };
}

long round_pack_answers(uint8_t *out, size_t size, const char *const *answers, unsigned n)
{
	/* All the memory there will be: a growing buffer would leave copies behind. */
	struct buf b = { .data = out, .cap = size, .max = size };

	for (unsigned i = 0; i < n; i++)
		if (pack_put_bytes(&b, answers[i], strlen(answers[i])) < 0)
			return -1;
	return (long)b.len;
}

int round_methods(const char *names)
{
	int bits = 0;

	while (*names) {
		size_t len = strcspn(names, ",");

		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
			if (strlen(methods[i].name) == len &&
			    memcmp(methods[i].name, names, len) == 0)
				bits |= methods[i].bit;
		names += len;
		names += *names == ',';
	}
	return bits;
}
