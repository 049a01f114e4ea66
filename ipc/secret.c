/* SPDX-License-Identifier: ISC */
/* See secret.h. */
#include "ipc/secret.h"

#include <string.h>

int secret_set(struct secret *s, const void *data, size_t len)
{
	secret_wipe(s);
	if (len > SECRET_MAX || memchr(data, 0, len))
		return -1;
	memcpy(s->text, data, len);
	s->len = len;
	return 0;
}

void secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}
