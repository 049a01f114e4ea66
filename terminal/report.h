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

enum { REPORT_PEERS_MAX = 512 };

/* A guest fits a pattern with * ? [ ] as a whole, another text as a part of its label. */
bool report_fits(const struct guest *g, const char *pattern);

/* pattern NULL: all. How many there were. */
size_t report_list(struct buf *out, const struct guests *g, const char *pattern, bool is_utf8);
size_t report_list_json(struct buf *out, const struct guests *g, const char *pattern);

void report_info(struct buf *out, const struct msg_guest *g, const struct msg_peer *peers,
		 size_t count, bool is_utf8);
void report_info_json(struct buf *out, const struct msg_guest *g, const struct msg_peer *peers,
		      size_t count);

/* One viewer: "alice from 192.0.2.1 by ssh since ... has the keyboard". */
void report_peer(struct buf *out, const struct msg_peer *p, bool is_utf8);

/* is_verb says which names cannot stand alone as a command. */
void report_ssh_config(struct buf *out, const struct guests *g, const char *user,
		       const char *address, unsigned port, bool (*is_verb)(const char *name));

#endif
