/* SPDX-License-Identifier: ISC */
/* See power.h. */
#include "virt/power.h"

#include <libvirt/virterror.h>
#include <string.h>
#include <time.h>

#include "virt/domain.h"

/* How long a container has to end at the first way of asking, before the next is tried. */
enum { HEED_MS = 2000, LOOK_MS = 50 };

/* Whether it runs, in any state; says so where that is not wanted. */
static bool is_off(struct act *a)
{
	return virDomainIsActive(a->dom) == 0;
}

static bool refuse_off(struct act *a)
{
	if (!is_off(a))
		return false;
	outcome_refuse(a, REFUSED_FAILED, "the guest is off: it has to be started first");
	return true;
}

/* -- start -- */

/*
 * Paused, where that is wanted and the driver can (LXC cannot): so its console can be
 * opened before the guest prints its first byte.
 */
static int create(struct act *a)
{
	if (a->order->paused) {
		if (virDomainCreateWithFlags(a->dom, VIR_DOMAIN_START_PAUSED) == 0) {
			a->result.paused = 1;
			return 0;
		}
		if (!outcome_is_unsupported())
			return -1;
	}
	return virDomainCreateWithFlags(a->dom, 0);
}

static void start(struct act *a)
{
	bool saved = virDomainHasManagedSaveImage(a->dom, 0) == 1;

	if (create(a) == 0)
		outcome_done(a, saved ? "the guest is started from where it was saved"
				      : "the guest is started");
	else if (virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID && !is_off(a))
		outcome_refuse(a, REFUSED_FAILED, "the guest is running already");
	else
		outcome_fail(a, "start the guest");
}

static void wake_up(struct act *a)
{
	if (virDomainPMWakeup(a->dom, 0) == 0)
		outcome_done(a, "the guest was suspended: it is woken up");
	else
		outcome_fail(a, "wake the guest up");
}

static void resume(struct act *a, const char *text)
{
	if (virDomainResume(a->dom) == 0)
		outcome_done(a, "%s", text);
	else
		outcome_fail(a, "resume the guest");
}

void power_start(struct act *a)
{
	enum guest_state state = domain_state(a->dom);

	if (is_off(a))
		start(a);
	else if (state == GUEST_PAUSED)
		resume(a, "the guest was paused: it is resumed");
	else if (state == GUEST_SUSPENDED)
		wake_up(a);
	else if (state == GUEST_CRASHED)
		outcome_refuse(a, REFUSED_FAILED, "the guest crashed and is kept as it is: "
			       "reset it, or force it off and start it");
	else
		outcome_refuse(a, REFUSED_FAILED, "the guest is running already");
}

void power_resume(struct act *a)
{
	if (refuse_off(a))
		return;
	if (domain_state(a->dom) == GUEST_PAUSED)
		resume(a, "the guest is resumed");
	else
		outcome_refuse(a, REFUSED_FAILED, "the guest is running already");
}

/* -- shutdown and reboot -- */

/* A way to ask a guest for an end: the flag, and what a person calls it. */
struct way {
	unsigned flag;
	const char *text;
};

/*
 * The LXC driver says yes to an initctl that is not there, and prefers it: a program that
 * is a container's init hears signals alone, an init system wants its initctl.
 */
static const struct way shutdown_ways[] = {
	{ VIR_DOMAIN_SHUTDOWN_SIGNAL, "SIGTERM to its init" },
	{ VIR_DOMAIN_SHUTDOWN_INITCTL, "its init's initctl" },
};
static const struct way reboot_ways[] = {
	{ VIR_DOMAIN_REBOOT_SIGNAL, "SIGHUP to its init" },
	{ VIR_DOMAIN_REBOOT_INITCTL, "its init's initctl" },
};
enum { CONTAINER_WAYS = 2 };

/* Whether the run with that id is over, waiting a little for it. */
static bool is_heeded(struct act *a, unsigned id)
{
	static const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000 };
	virDomainPtr now;
	bool over = false;

	for (int waited = 0; waited < HEED_MS && !over; waited += LOOK_MS) {
		nanosleep(&pause, NULL);
		now = virDomainLookupByUUID(a->conn, a->order->uuid);
		over = !now || virDomainGetID(now) != id;
		virDomainFree(now);
	}
	return over;
}

typedef int (*ask_function)(virDomainPtr dom, unsigned flags);

/* How the container was asked at last, NULL: in no way; *over: it ended. */
static const struct way *ask_container(struct act *a, ask_function ask, const struct way *ways,
				       bool *over)
{
	unsigned id = virDomainGetID(a->dom);
	const struct way *asked = NULL;

	*over = false;
	for (size_t i = 0; i < CONTAINER_WAYS && !*over; i++) {
		if (ask(a->dom, ways[i].flag) < 0)
			continue;
		asked = &ways[i];
		*over = is_heeded(a, id);
	}
	return asked;
}

static bool is_container(const struct act *a)
{
	return strcmp(a->driver, "LXC") == 0;
}

/* What does not run hears nothing. */
static bool refuse_deaf(struct act *a)
{
	if (refuse_off(a))
		return true;
	if (domain_state(a->dom) != GUEST_PAUSED)
		return false;
	outcome_refuse(a, REFUSED_FAILED, "the guest is paused and would not hear of it; "
		       "start resumes it");
	return true;
}

void power_shutdown(struct act *a)
{
	const struct way *way;
	bool over;

	if (refuse_deaf(a))
		return;
	if (!is_container(a)) {
		if (virDomainShutdownFlags(a->dom, 0) == 0)
			outcome_done(a, "the guest was asked to shut down");
		else
			outcome_fail(a, "ask the guest to shut down");
		return;
	}
	way = ask_container(a, virDomainShutdownFlags, shutdown_ways, &over);
	if (way)
		outcome_done(a, "the guest was asked to shut down (%s)%s", way->text,
			     over ? " and did" : "; it has not yet: poweroff forces it off");
	else
		outcome_fail(a, "ask the guest to shut down");
}

/* A container whose init ended at the request is off: a reboot means to run again. */
static void start_again(struct act *a, const struct way *way)
{
	virDomainPtr now = virDomainLookupByUUID(a->conn, a->order->uuid);

	if (now && (virDomainIsActive(now) == 1 || virDomainCreate(now) == 0))
		outcome_done(a, "the guest was rebooted (%s)", way->text);
	else
		outcome_fail(a, "start the guest again, which ended when asked to reboot");
	virDomainFree(now);
}

void power_reboot(struct act *a)
{
	const struct way *way;
	bool over;

	if (refuse_deaf(a))
		return;
	if (!is_container(a)) {
		if (virDomainReboot(a->dom, 0) == 0)
			outcome_done(a, "the guest was asked to reboot");
		else
			outcome_fail(a, "ask the guest to reboot");
		return;
	}
	way = ask_container(a, virDomainReboot, reboot_ways, &over);
	if (way && over)
		start_again(a, way);
	else if (way)
		outcome_done(a, "the guest was asked to reboot (%s); it has not yet", way->text);
	else
		outcome_fail(a, "ask the guest to reboot");
}

/* -- by force -- */

void power_reset(struct act *a)
{
	if (refuse_off(a))
		return;
	if (virDomainReset(a->dom, 0) == 0)
		outcome_done(a, "the guest is reset");
	else
		outcome_fail(a, "reset the guest");
}

void power_off(struct act *a)
{
	if (is_off(a))
		outcome_refuse(a, REFUSED_FAILED, "the guest is off already");
	else if (virDomainDestroyFlags(a->dom, 0) == 0)
		outcome_done(a, "the guest is forced off");
	else
		outcome_fail(a, "force the guest off");
}
