/* SPDX-License-Identifier: ISC */
/*
 * An act under way and what came of it, in a sentence for a person that says what to do
 * next. power.c, keys.c and serial.c do acts, each function one; act.c calls them and sends
 * the outcome. Texts never name the guest: who asked knows it.
 */
#ifndef VIRT_OUTCOME_H
#define VIRT_OUTCOME_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "ipc/message.h"

struct act {
	virConnectPtr conn;
	virDomainPtr dom;
	const char *driver;                /* as libvirt calls it: QEMU, LXC */
	const struct msg_do_act *order;
	struct msg_act_result result;      /* code 0 until something is refused */
	char detail[ACT_DETAIL_MAX];       /* what result.detail points to */
};

__attribute__((format(printf, 2, 3)))
void outcome_done(struct act *a, const char *format, ...);

__attribute__((format(printf, 3, 4)))
void outcome_refuse(struct act *a, enum refusal code, const char *format, ...);

/*
 * A call of libvirt failed: its words, and what helps against it. `what` completes "cannot
 * ...". Call it before any other call of libvirt, which would forget the error.
 */
void outcome_fail(struct act *a, const char *what);

/* Whether libvirt's last error says that the driver knows no such call or flag. */
bool outcome_is_unsupported(void);

#endif
