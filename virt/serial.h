/* SPDX-License-Identifier: ISC */
/* The acts that show, and make, a serial console for a guest that has none. */
#ifndef VIRT_SERIAL_H
#define VIRT_SERIAL_H

#include "virt/outcome.h"

void serial_show(struct act *a);       /* changes nothing */
void serial_add(struct act *a);

#endif
