/* SPDX-License-Identifier: ISC */
/* Who is on which console, as a table for people and as JSON for programs. Pure. */
#ifndef TERMINAL_ROSTER_H
#define TERMINAL_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "ipc/message.h"

/* How a viewer came: "ssh", "web". */
const char *roster_endpoint(uint8_t endpoint);

void roster_print(struct buf *out, const struct msg_peer *peers, size_t count, bool is_utf8);
void roster_json(struct buf *out, const struct msg_peer *peers, size_t count);

#endif
