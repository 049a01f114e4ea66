/* SPDX-License-Identifier: ISC */
/* See tls.h. */
#include "ws/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>

enum { WARM_UP_TURNS = 20 };

/* A certificate as it was read; parts are owned. */
struct pair {
	X509 *leaf;
	STACK_OF(X509) *chain;
	EVP_PKEY *key;
};

static void pair_free(struct pair *p)
{
	X509_free(p->leaf);
	sk_X509_pop_free(p->chain, X509_free);
	EVP_PKEY_free(p->key);
	*p = (struct pair){ 0 };
}

/* What new connections are shown. */
static struct pair current;

static int fail(char *err, size_t errsize, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(err, errsize, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
	ERR_clear_error();
	return -1;
}

/* An encrypted key would have it ask on the terminal. */
static int no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int read_chain(struct pair *p, struct bytes text)
{
	BIO *in = BIO_new_mem_buf(text.data, (int)text.len);
	X509 *next;

	p->chain = sk_X509_new_null();
	if (in && p->chain)
		p->leaf = PEM_read_bio_X509_AUX(in, NULL, no_passphrase, NULL);
	while (p->leaf && (next = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)))
		if (!sk_X509_push(p->chain, next))
			X509_free(next);
	/* What ends it is that there is no more. */
	if (p->leaf)
		ERR_clear_error();
	BIO_free(in);
	return p->leaf ? 0 : -1;
}

static int read_key(struct pair *p, struct bytes text)
{
	BIO *in = BIO_new_mem_buf(text.data, (int)text.len);

	p->key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
	BIO_free(in);
	return p->key ? 0 : -1;
}

static int use(SSL_CTX *ctx, const struct pair *p)
{
	if (SSL_CTX_use_certificate(ctx, p->leaf) != 1 || SSL_CTX_clear_chain_certs(ctx) != 1)
		return -1;
	for (int i = 0; i < sk_X509_num(p->chain); i++)
		if (SSL_CTX_add1_chain_cert(ctx, sk_X509_value(p->chain, i)) != 1)
			return -1;
	return SSL_CTX_use_PrivateKey(ctx, p->key) == 1 && SSL_CTX_check_private_key(ctx) == 1
		       ? 0 : -1;
}

/* A context keeps a certificate for each kind of key, and an old one of another kind would go
 * on being shown: each connection gets the current one, and no other. */
static int show(SSL *ssl, void *arg)
{
	const struct pair *p = arg;

	SSL_certs_clear(ssl);
	return SSL_use_certificate(ssl, p->leaf) == 1 && SSL_set1_chain(ssl, p->chain) == 1 &&
	       SSL_use_PrivateKey(ssl, p->key) == 1;
}

void tls_set_up(SSL_CTX *ctx)
{
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
}

int tls_load(SSL_CTX *ctx, struct bytes chain, struct bytes key, char *err, size_t errsize)
{
	SSL_CTX *scratch = SSL_CTX_new(TLS_server_method());
	struct pair p = { 0 };
	int r = -1;

	if (!scratch)
		fail(err, errsize, "out of memory");
	else if (read_chain(&p, chain) < 0)
		fail(err, errsize, "tls-certificate is not a certificate in PEM form");
	else if (read_key(&p, key) < 0)
		fail(err, errsize, "tls-key is not a private key in PEM form without a passphrase");
	else if (use(scratch, &p) < 0)
		fail(err, errsize, "tls-certificate and tls-key do not belong together");
	else
		r = 0;
	if (r == 0) {
		struct pair old = current;

		current = p;
		p = old;
		SSL_CTX_set_cert_cb(ctx, show, &current);
	}
	pair_free(&p);
	SSL_CTX_free(scratch);
	return r;
}

/* -- warm-up -- */

static int make_pair(struct pair *p)
{
	X509_NAME *name;

	p->key = EVP_EC_gen("P-256");
	p->leaf = X509_new();
	p->chain = sk_X509_new_null();
	if (!p->key || !p->leaf || !p->chain)
		return -1;
	ASN1_INTEGER_set(X509_get_serialNumber(p->leaf), 1);
	X509_gmtime_adj(X509_getm_notBefore(p->leaf), 0);
	X509_gmtime_adj(X509_getm_notAfter(p->leaf), 3600);
	X509_set_pubkey(p->leaf, p->key);
	name = X509_get_subject_name(p->leaf);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"warm-up",
				   -1, -1, 0);
	X509_set_issuer_name(p->leaf, name);
	return X509_sign(p->leaf, p->key, EVP_sha256()) ? 0 : -1;
}

/* Both ends in turn, until both have read what the other wrote. */
static int shake_hands(SSL *server, SSL *client)
{
	char in;

	for (int i = 0; i < WARM_UP_TURNS; i++) {
		int c = SSL_do_handshake(client);
		int s = SSL_do_handshake(server);

		if (c == 1 && s == 1)
			return SSL_write(client, "x", 1) == 1 && SSL_read(server, &in, 1) == 1 &&
			       SSL_write(server, "x", 1) == 1 && SSL_read(client, &in, 1) == 1
				       ? 0 : -1;
	}
	return -1;
}

static int warm_up_version(SSL_CTX *ctx, SSL_CTX *other, int version)
{
	SSL *server = SSL_new(ctx), *client = SSL_new(other);
	BIO *a = NULL, *b = NULL;
	int r = -1;

	if (server && client && BIO_new_bio_pair(&a, 0, &b, 0) == 1) {
		SSL_set_bio(server, a, a);
		SSL_set_bio(client, b, b);
		SSL_set_max_proto_version(client, version);
		SSL_set_accept_state(server);
		SSL_set_connect_state(client);
		r = shake_hands(server, client);
	}
	SSL_free(server);
	SSL_free(client);
	return r;
}

int tls_warm_up(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX *other = SSL_CTX_new(TLS_client_method());
	struct pair p = { 0 };
	int r = -1;

	if (ctx && other && make_pair(&p) == 0 && use(ctx, &p) == 0) {
		tls_set_up(ctx);
		SSL_CTX_set_verify(other, SSL_VERIFY_NONE, NULL);
		r = warm_up_version(ctx, other, TLS1_3_VERSION);
		if (r == 0)
			r = warm_up_version(ctx, other, TLS1_2_VERSION);
	}
	pair_free(&p);
	SSL_CTX_free(ctx);
	SSL_CTX_free(other);
	return r;
}
