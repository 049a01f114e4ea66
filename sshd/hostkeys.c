/* SPDX-License-Identifier: ISC */
/* See hostkeys.h. */
#include "sshd/hostkeys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/log.h"
#include "ipc/message.h"

#define CIPHERS \
	"chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com," \
	"aes256-ctr,aes192-ctr,aes128-ctr"
#define MACS "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com"
#define KEY_TYPES \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521," \
	"rsa-sha2-512,rsa-sha2-256"

static const bool off = false;
static const int rsa_min_bits = 2048;

/* No group exchange: it reads /etc/ssh/moduli. Strict key exchange is always offered. */
static const struct setting {
	enum ssh_bind_options_e option;
	const void *value;
} settings[] = {
	{ SSH_BIND_OPTIONS_PROCESS_CONFIG, &off },   /* nor /etc/ssh/libssh_server_config */
	{ SSH_BIND_OPTIONS_BANNER, "serialgate_" SERIALGATE_VERSION },
	{ SSH_BIND_OPTIONS_KEY_EXCHANGE,
	  "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
	  "ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group16-sha512,"
	  "diffie-hellman-group18-sha512" },
	{ SSH_BIND_OPTIONS_CIPHERS_C_S, CIPHERS },
	{ SSH_BIND_OPTIONS_CIPHERS_S_C, CIPHERS },
	{ SSH_BIND_OPTIONS_HMAC_C_S, MACS },
	{ SSH_BIND_OPTIONS_HMAC_S_C, MACS },
	{ SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, KEY_TYPES },
	{ SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES,
	  KEY_TYPES ",sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com" },
	{ SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_min_bits },
};

int hostkeys_add(struct hostkeys *h, const char *text, size_t len)
{
	char copy[KEY_TEXT_MAX + 1];
	int r;

	if (h->count == HOSTKEYS_MAX || len > KEY_TEXT_MAX)
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	r = ssh_pki_import_privkey_base64(copy, NULL, NULL, NULL, &h->keys[h->count]);
	explicit_bzero(copy, sizeof(copy));
	if (r != SSH_OK)
		return -1;
	h->count++;
	return 0;
}

void hostkeys_free(struct hostkeys *h)
{
	while (h->count > 0)
		ssh_key_free(h->keys[--h->count]);
}

static void log_key(const ssh_key key)
{
	unsigned char *hash = NULL;
	char *print = NULL;
	size_t len;

	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) == 0)
		print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
	log_info("host key %s %s", ssh_key_type_to_char(ssh_key_type(key)), print ? print : "?");
	ssh_string_free_char(print);
	ssh_clean_pubkey_hash(&hash);
}

static int import_keys(ssh_bind bind, struct hostkeys *h)
{
	while (h->count > 0) {
		ssh_key key = h->keys[h->count - 1];

		/* The bind owns it from here on; a second one of a type takes its place. */
		if (ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) != SSH_OK)
			return -1;
		log_key(key);
		h->count--;
	}
	return 0;
}

ssh_bind hostkeys_bind(struct hostkeys *h, char *err, size_t errsize)
{
	ssh_bind bind = ssh_bind_new();

	if (!bind) {
		snprintf(err, errsize, "out of memory");
		return NULL;
	}
	if (h->count == 0) {
		snprintf(err, errsize, "there is no host key");
		goto fail;
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (ssh_bind_options_set(bind, settings[i].option, settings[i].value) != SSH_OK)
			goto refused;
	if (import_keys(bind, h) == 0)
		return bind;
refused:
	snprintf(err, errsize, "libssh: %s", ssh_get_error(bind));
fail:
	ssh_bind_free(bind);
	return NULL;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

int hostkeys_generate(int fd)
{
	ssh_key key = NULL;
	char *text = NULL;
	int r = -1;

	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == SSH_OK &&
	    ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &text) == SSH_OK)
		r = write_all(fd, text);
	if (text)
		explicit_bzero(text, strlen(text));
	ssh_string_free_char(text);
	ssh_key_free(key);
	return r;
}
