/* SPDX-License-Identifier: ISC */
/*
 * The answers of the commands, as text for people and as JSON for programs: guests, one
 * guest, who is on a console, blocks for ~/.ssh/config. Lines end with LF. Pure.
 */
#ifndef TERMINAL_REPORT_H
#define TERMINAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "ipc/message.h"
#include "terminal/guests.h"
#include "ipc/json.h"

enum { REPORT_PEERS_MAX = 512 };

/* A guest fits a pattern with * ? [ ] as a whole, another text as a part of its label. */
bool report_fits(const struct guest *g, const char *pattern);

/* A list that is printed in pieces, so that a long one never stands in memory as a whole. */
enum report_form { REPORT_TEXT, REPORT_JSON, REPORT_SSH_CONFIG };

struct report {
	enum report_form form;
	const struct guests *guests;     /* must not change while it is printed */
	const char *pattern;             /* NULL: all */
	bool is_utf8;
	const char *user, *address;      /* for ssh_config(5) */
	unsigned port;
	bool (*is_verb)(const char *name);   /* names that cannot stand alone as a command */

	size_t at;                       /* from here on its own: all 0 at the start */
	size_t count;                    /* guests printed so far */
	size_t name_columns, viewer_columns;
	struct json json;
};

/* Prints on until out holds `enough` bytes or all is printed: then it is true. */
bool report_print(struct report *r, struct buf *out, size_t enough);

void report_info(struct buf *out, const struct msg_guest *g, const struct msg_peer *peers,
		 size_t count, bool is_utf8);
void report_info_json(struct buf *out, const struct msg_guest *g, const struct msg_peer *peers,
		      size_t count);

/* One viewer: "alice from 192.0.2.1 by ssh since ... has the keyboard". */
void report_peer(struct buf *out, const struct msg_peer *p, bool is_utf8);

#endif
