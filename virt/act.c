/* SPDX-License-Identifier: ISC */
/* See act.h. */
#include "virt/act.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ipc/log.h"
#include "ipc/sandbox.h"
#include "virt/events.h"
#include "virt/keys.h"
#include "virt/outcome.h"
#include "virt/power.h"
#include "virt/report.h"
#include "virt/serial.h"

enum { CONNECT_SECONDS = 15, ACT_SECONDS = 45 };

static const struct {
	const char *name;
	void (*perform)(struct act *a);
} acts[ACT_COUNT] = {
	[ACT_START] = { "start", power_start },
	[ACT_SHUTDOWN] = { "shutdown", power_shutdown },
	[ACT_REBOOT] = { "reboot", power_reboot },
	[ACT_RESET] = { "reset", power_reset },
	[ACT_POWEROFF] = { "poweroff", power_off },
	[ACT_NMI] = { "NMI", keys_nmi },
	[ACT_BREAK] = { "BREAK", keys_break },
	[ACT_SYSRQ] = { "SysRq", keys_sysrq },
	[ACT_RESUME] = { "resume", power_resume },
	[ACT_SHOW_SERIAL] = { "show serial", serial_show },
	[ACT_ADD_SERIAL] = { "add serial", serial_add },
};

/* Until then nothing was asked of it. */
static void set_connect_deadline(void)
{
	struct msg_act_result late = { .code = REFUSED_TIMEOUT };

	snprintf(late.text, sizeof(late.text), "libvirt did not answer within %d s: nothing was done",
		 CONNECT_SECONDS);
	report_deadline(CONNECT_SECONDS, MSG_ACT_RESULT, &late);
}

static void set_act_deadline(const char *name)
{
	struct msg_act_result late = { .code = REFUSED_TIMEOUT };

	snprintf(late.text, sizeof(late.text), "libvirt did not answer within %d s: whether the %s was "
		 "done is not known; look at the guest's state before you try again", ACT_SECONDS,
		 name);
	report_deadline(ACT_SECONDS, MSG_ACT_RESULT, &late);
}

/* The order is one of console's, the guest may have gone since. */
static void perform(struct act *a, const char *uri)
{
	set_connect_deadline();
	a->conn = virConnectOpen(uri);
	if (!a->conn) {
		outcome_fail(a, "reach libvirt on its host");
		return;
	}
	a->driver = virConnectGetType(a->conn);
	a->dom = a->driver ? virDomainLookupByUUID(a->conn, a->order->uuid) : NULL;
	if (!a->dom) {
		outcome_fail(a, "find the guest");
		return;
	}
	set_act_deadline(acts[a->order->act].name);
	acts[a->order->act].perform(a);
}

void act_run(const char *uri, const struct msg_do_act *order, int fd)
{
	static struct act a;
	bool known = order->act < ACT_COUNT && acts[order->act].perform;

	a.order = order;
	report_open(fd);
	watchdog_arm(WATCHDOG_SECONDS);
	if (!known)
		outcome_refuse(&a, REFUSED_USAGE, "the gateway knows no such act");
	else if (events_start() < 0)
		outcome_refuse(&a, REFUSED_FAILED, "cannot wait for libvirt: %s", strerror(errno));
	else
		perform(&a, uri);
	report_deadline_off();
	log_info("%s: %s", known ? acts[order->act].name : "?", a.result.text);
	report_send(MSG_ACT_RESULT, &a.result);
	report_end(0);
}
