/* SPDX-License-Identifier: ISC */
/*
 * The acts that start and end a guest's run. Each is done once, by libvirt, and says what
 * was done; whether a guest heeds a request to shut down or reboot is up to its system.
 */
#ifndef VIRT_POWER_H
#define VIRT_POWER_H

#include "virt/outcome.h"

void power_start(struct act *a);       /* also resumes and wakes up */
void power_resume(struct act *a);      /* what power_start() left paused */
void power_shutdown(struct act *a);
void power_reboot(struct act *a);
void power_reset(struct act *a);
void power_off(struct act *a);

#endif
