/* SPDX-License-Identifier: ISC */
/*
 * The one type for passwords and answers: bounded, wiped when done, never printed.
 * It has no formatter on purpose. Pure.
 */
#ifndef IPC_SECRET_H
#define IPC_SECRET_H

#include <stddef.h>

enum { SECRET_MAX = 511 };   /* bytes; PAM_MAX_RESP_SIZE is 512 with the NUL */

struct secret {
	size_t len;
	char text[SECRET_MAX + 1];   /* NUL-terminated */
};

/* Copies; -1 when it is too long or holds a NUL. */
int secret_set(struct secret *s, const void *data, size_t len);
void secret_wipe(struct secret *s);

#endif
