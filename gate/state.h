/* SPDX-License-Identifier: ISC */
/*
 * The state file at the start of the gate: opened, locked and read. It may be slow or
 * broken or somebody else's: then there is no state, and one warning.
 */
#ifndef GATE_STATE_H
#define GATE_STATE_H

#include <stddef.h>

struct ledger;

/*
 * Opens the file, makes it where there is none, and reads what is in it into l. The locked
 * descriptor, or -1 with err.
 */
int state_open(const char *path, struct ledger *l, char *err, size_t errsize);

#endif
