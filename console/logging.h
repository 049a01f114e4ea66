/* SPDX-License-Identifier: ISC */
/*
 * Console's side of the logs on disk: a cursor in each ring, and what lies before a ring
 * found for those who ask for it. The child that writes (disk.h) is never waited for: a
 * cursor that is overtaken leaves a hole, which the child marks.
 */
#ifndef CONSOLE_LOGGING_H
#define CONSOLE_LOGGING_H

#include <stdbool.h>

#include "ipc/message.h"

struct config;
struct console;
struct guest;
struct place;
struct visit;

/* The way to who starts the child (disk_keep.h), once. Takes over fd; -1: there are no logs. */
void logging_open(int fd);
void logging_configure(const struct config *config);

/* A console printed something; is called otherwise now, is elsewhere, or begins anew; goes. */
void logging_output(struct console *c);
void logging_changed(struct console *c);
void logging_forget(struct console *c);

/* Is what c prints written to disk, also what was missed of that place? */
bool logging_has(const struct console *c, const struct place *from);

/*
 * Does this request begin before c's ring, or in a hole of it, and may there be files? Then they are asked
 * for, and sent to the visit as LOG_FILE; go_on is called when that is done or takes too
 * long, but not when the visit has ended. It must look for the console anew.
 */
bool logging_find(struct visit *v, const struct msg_attach *a, const struct console *c,
		  void (*go_on)(struct visit *v, const struct msg_attach *a, bool has_files));

/* Is a request of that number waiting? */
bool logging_is_finding(const struct visit *v, uint32_t handle);
void logging_forget_visit(const struct visit *v);

#endif
