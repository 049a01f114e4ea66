/* SPDX-License-Identifier: ISC */
/*
 * What a client asks of one channel before it starts: a terminal, a few environment
 * variables, a shell or a command. Values come from a stranger and are bounded here.
 * Pure.
 */
#ifndef SSHD_REQUEST_H
#define SSHD_REQUEST_H

#include <stdbool.h>

enum {
	REQUEST_TEXT_MAX = 63,      /* bytes of TERM and of a locale's name */
	REQUEST_SIZE_MAX = 1000,    /* rows and columns */
};

struct request {
	bool has_terminal;
	bool is_complete;           /* a shell or a command was asked for */
	char term[REQUEST_TEXT_MAX + 1];
	unsigned rows, cols;        /* 0: the client does not know */
	char lang[REQUEST_TEXT_MAX + 1];
	char lc_ctype[REQUEST_TEXT_MAX + 1];
	char lc_all[REQUEST_TEXT_MAX + 1];
	char *command;              /* owned; NULL: a shell */
};

/*
 * All return 0, or -1 when the client is to be told no: too long, not printable, a
 * variable we do not take, a second terminal or command, or no memory.
 */
int request_set_terminal(struct request *r, const char *term, int cols, int rows);
int request_set_env(struct request *r, const char *name, const char *value);
int request_set_shell(struct request *r);
int request_set_command(struct request *r, const char *command);

/* The window's size, clamped to REQUEST_SIZE_MAX; negative is unknown. */
void request_set_size(struct request *r, int cols, int rows);

/* The locale's name by the order of setlocale(3); "" when none was sent. */
const char *request_lang(const struct request *r);

/* Frees what it holds; r is empty and usable again. */
void request_free(struct request *r);

#endif
