/* SPDX-License-Identifier: ISC */
/*
 * The configuration as gate needs it: the file read and parsed, and what it names found:
 * users, host keys, the web's certificate, the PAM service. Done before anything is bound,
 * at a reload before anything is changed, and alone by `serialgate -t`.
 */
#ifndef GATE_NEEDS_H
#define GATE_NEEDS_H

#include <stdbool.h>

#include "config/config.h"
#include "gate/tls.h"
#include "gate/users.h"

struct needs {
	struct config config;
	struct tls_pair tls;     /* of the web endpoint; web_take() empties it */
	struct user users[CONFIG_USERS];
	bool has_users;          /* started by root: roles become users */
};

/*
 * Reads and checks the file; every error goes to fn, as config_parse() has it. The
 * result is the caller's; NULL after one error or more.
 */
struct needs *needs_read(const char *path, config_error_fn fn, void *arg);

/* Frees it; takes NULL. */
void needs_free(struct needs *n);

#endif
