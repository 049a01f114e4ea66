/* SPDX-License-Identifier: ISC */
/*
 * PAM's rounds between the door and libssh: prompts as libssh wants them, answers as
 * the door wants them, names of methods as libssh's bits. Pure.
 */
#ifndef SSHD_ROUND_H
#define SSHD_ROUND_H

#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum { ROUND_MAX = 32 };   /* PAM_MAX_NUM_MSG */

/* One round; the texts are owned and NUL-terminated. */
struct round {
	char *instruction;
	unsigned count;
	const char *texts[ROUND_MAX];
	char echo[ROUND_MAX];
	char *memory;            /* where the texts are */
};

/* 0, or -1: not what the message promises, or no memory. p needs no free then. */
int round_read(struct round *p, const struct msg_prompt *m);
void round_free(struct round *p);

/*
 * Packs answers into out, for MSG_ANSWERS. The number of bytes, or -1: they do not fit.
 * What is in out is secret.
 */
long round_pack_answers(uint8_t *out, size_t size, const char *const *answers, unsigned n);

/* "publickey,password" as SSH_AUTH_METHOD_ bits; names we do not offer are passed over. */
int round_methods(const char *names);

#endif
