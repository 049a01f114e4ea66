/* SPDX-License-Identifier: ISC */
/*
 * What of the web endpoint can serve: which addresses, with which certificate. ws checks a
 * new certificate and may refuse it; then the one before is in force again.
 */
#ifndef GATE_WEB_H
#define GATE_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "gate/listen.h"
#include "gate/tls.h"

struct config;

/*
 * The addresses of [ssh], and those of [web] that can serve with a certificate or without:
 * into out, which has room for LISTEN_MAX. How many.
 */
size_t web_addresses(const struct config *config, bool has_certificate, struct listen_at *out);

/* Whether ws has anything to do. */
bool web_is_on(const struct config *config, bool has_certificate);

/* Logs what of it is off, and why. */
void web_log(const struct config *config);

/* A new pair (it is ours from now on, empty in the caller's hands), to be sent to ws. */
void web_take(struct tls_pair *fresh);

/* In a forked child, which has no use for keys. */
void web_forget(void);

/* The one in force, for ws. */
const struct tls_pair *web_pair(void);

/* ws got what is in force once more. */
void web_sent(void);

/*
 * ws answered to what it got: true, it is taken. False: the pair before is in force again.
 * Whether the pair changed by that.
 */
bool web_answered(bool ok);

/* ws ended: one that did not take the pair yet is as one that refused it. As above. */
bool web_ended(void);

#endif
