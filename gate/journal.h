/* SPDX-License-Identifier: ISC */
/*
 * Where all log lines of serialgate end: syslog, or standard error in the foreground.
 * gate writes them, and must never wait for whoever reads: what is not taken at once is
 * dropped and counted, and the next line that is taken says how many.
 */
#ifndef GATE_JOURNAL_H
#define GATE_JOURNAL_H

enum journal_way {
	JOURNAL_SYSLOG,    /* the datagram socket /dev/log, facility authpriv */
	JOURNAL_STDERR,    /* with time stamps; under systemd (JOURNAL_STREAM) with <level> */
	JOURNAL_START,     /* both, plain: a caller waits for us to become a daemon */
};

/* From now on lines go that way; log.h is told. */
void journal_open(enum journal_way way);

/* One finished line, without a prefix of ours, of any length up to RECORD_LINE_MAX. */
void journal_write(int priority, const char *line);

#endif
