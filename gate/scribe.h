/* SPDX-License-Identifier: ISC */
/*
 * The child of gate that writes the audit file and the state file: a disk that is full,
 * gone or hangs stops this process and not the gate. It gets MSG_RECORD, and MSG_CONFIG
 * with the audit file's path, and writes what it gets in that order.
 */
#ifndef GATE_SCRIBE_H
#define GATE_SCRIBE_H

struct wire;

struct scribe {
	struct wire *link;           /* to gate */
	const char *audit_path;      /* "": none */
	const char *state_path;
	int state_fd;                /* open and locked; -1: no state is kept */
};

/* Does not return before gate is gone and all it had said is written. */
void scribe_run(const struct scribe *with) __attribute__((noreturn));

#endif
