/* SPDX-License-Identifier: ISC */
/* The acts that reach a guest's kernel past its console: BREAK, Magic SysRq, NMI. */
#ifndef VIRT_KEYS_H
#define VIRT_KEYS_H

#include "virt/outcome.h"

void keys_break(struct act *a);        /* on order->alias, "" the default console */
void keys_sysrq(struct act *a);        /* order->key: a to z, 0 to 9 */
void keys_nmi(struct act *a);

#endif
