/* SPDX-License-Identifier: ISC */
/* See tls.h. */
#include "gate/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gate/secretfile.h"
#include "ipc/message.h"

static const struct secretfile_kind chain_kind = {
	"certificate", 022, "0644", TLS_CHAIN_MAX,
};
static const struct secretfile_kind key_kind = { "key", 077, "0600", TLS_KEY_MAX };

/* Its bytes; NULL with *len 0: there is none; NULL with *len 1: err says what is wrong. */
static uint8_t *read_file(const struct secretfile_kind *kind, const char *path, size_t *len,
			  char *err, size_t errsize)
{
	uint8_t *bytes;
	ssize_t n;

	*len = 0;
	if (path[0] == '\0')
		return NULL;
	bytes = malloc(kind->max);
	n = bytes ? secretfile_read(kind, path, bytes, err, errsize) : -1;
	if (n > 0) {
		*len = (size_t)n;
		return bytes;
	}
	if (!bytes)
		snprintf(err, errsize, "out of memory");
	*len = !bytes || errno != ENOENT;
	free(bytes);
	return NULL;
}

int tls_read(struct tls_pair *p, const struct config *config, const char **option, char *err,
	     size_t errsize)
{
	const char *chain = config->web.tls_certificate, *key = config->web.tls_key;

	*option = "tls-certificate";
	*p = (struct tls_pair){ 0 };
	p->chain = read_file(&chain_kind, chain, &p->chain_len, err, errsize);
	if (!p->chain && p->chain_len)
		goto fail;
	*option = "tls-key";
	p->key = read_file(&key_kind, key, &p->key_len, err, errsize);
	if (!p->key && p->key_len)
		goto fail;
	if (!p->chain == !p->key)
		return 0;
	if (!p->chain)
		*option = "tls-certificate";
	snprintf(err, errsize, "%s: %.300s is not there, and %s %.300s is; expected both or "
		 "neither", *option, p->chain ? key : chain, p->chain ? "tls-certificate" : "tls-key",
		 p->chain ? chain : key);
fail:
	tls_clear(p);
	return -1;
}

void tls_clear(struct tls_pair *p)
{
	if (p->key)
		explicit_bzero(p->key, p->key_len);
	free(p->key);
	free(p->chain);
	*p = (struct tls_pair){ 0 };
}
