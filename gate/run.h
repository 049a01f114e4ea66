/* SPDX-License-Identifier: ISC */
/*
 * The running gate: start, signals, reload, end. main.c calls it when the configuration
 * is good and all addresses are bound.
 */
#ifndef GATE_RUN_H
#define GATE_RUN_H

#include <stddef.h>

struct needs;

/*
 * Runs until SIGTERM or SIGINT; returns the exit status. `path` is read again at SIGHUP
 * (absolute). `needs` is run's from now on. ready() is called when connections are taken.
 */
int run_gate(const char *path, struct needs *needs, void (*ready)(void));

/*
 * Listens where it says, and where a program is there to serve. 0, or -1 with err, and then
 * it listens where it did before.
 */
int run_listen(const struct needs *needs, char *err, size_t errsize);

/* Makes the host keys that do not exist yet. 0, or -1, and the log has why. */
int run_make_keys(const struct needs *needs);

#endif
