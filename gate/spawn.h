/* SPDX-License-Identifier: ISC */
/*
 * Starts the programs of serialgate: fork and exec with a fresh environment, a session
 * of its own and no descriptor but those named here.
 */
#ifndef GATE_SPAWN_H
#define GATE_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct user;

struct spawn {
	const char *name;          /* of the program: "sshd" */
	const char *argument;      /* or NULL */
	int socket;                /* becomes fd 3; -1: none. Closed by the caller */
	int output;                /* becomes standard output; -1: as gate's, or /dev/null */
	const struct user *user;   /* to become before the exec; NULL: nobody else */
};

/*
 * Finds where the programs are: DIR/../libexec/serialgate, DIR being where this one is.
 * -1 with errno. keep_errors: they share gate's standard output and error; else these
 * are /dev/null (a program without a socket always has gate's standard error).
 */
int spawn_init(bool keep_errors);

/* Whether the program is there to be run. 0, or -1 with err. */
int spawn_check(const char *name, char *err, size_t errsize);

/*
 * The pid, or -1 with errno. A program that cannot be run says so over its socket, as a
 * log line, and exits with 127.
 */
pid_t spawn_program(const struct spawn *s);

#endif
