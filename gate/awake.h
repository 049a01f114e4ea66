/* SPDX-License-Identifier: ISC */
/* What console needs to keep processors awake, which root alone may open: see console/awake.h. */
#ifndef GATE_AWAKE_H
#define GATE_AWAKE_H

struct config;
struct peer;

/*
 * Opens it anew and sends it, if the configuration wants that. Where it cannot be opened
 * (not started by root, a container, another kernel) console goes without; root's log says so
 * once.
 */
void awake_send(struct peer *to, const struct config *config);

#endif
