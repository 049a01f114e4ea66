/* SPDX-License-Identifier: ISC */
/*
 * What the files of commands share: run.c has their table, run_*.c a family of them each.
 * A command says what is data on standard output and all else on standard error, and ends
 * the session with its status.
 */
#ifndef TERMINAL_RUN_H
#define TERMINAL_RUN_H

#include "terminal/expression.h"
#include "terminal/stage.h"

/* The commands: each is entered with s->command parsed. */
void run_list(struct session *s);
void run_info(struct session *s);
void run_ssh_config(struct session *s);
void run_log(struct session *s);
void run_wait(struct session *s);
void run_send(struct session *s);
void run_watch(struct session *s);
void run_who(struct session *s);
void run_act(struct session *s);          /* any of the table of acts, by its name */
void run_sysrq(struct session *s);
void run_kick(struct session *s);
void run_add_serial(struct session *s);
void run_ticket(struct session *s);

/* Frees what they keep; safe at any time. run_free() is all of them. */
void run_log_free(struct session *s);
void run_hunt_free(struct session *s);
void run_watch_free(struct session *s);

bool run_is_verb(const char *name);

/* A sentence of ours with foreign text in the middle, escaped. */
void run_say_foreign(struct session *s, const char *before, const char *foreign, const char *after);

/* Says why, and ends with that status. */
void run_fail(struct session *s, int status, const char *text);

/* A refusal is the end. */
void run_hear_refused(void *who, struct attachment *at, const struct msg_refused *m);

/* Compiles it, or says what is wrong with it and ends. */
int run_compile(struct session *s, struct expression *e, const char *text);

/* Reads --from and such, or says what is wrong and ends. */
int run_position(struct session *s, struct position *p, const char *option, const char *text);

/* For stages that want no input: on a terminal ^C, and the escape key, ends them. */
size_t run_input(struct session *s, const uint8_t *data, size_t len);

/* --timeout, kept in s->run_due; true: it has passed, and that is said. */
void run_timer(struct session *s);
bool run_is_late(struct session *s);

#endif
