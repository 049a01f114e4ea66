/* SPDX-License-Identifier: ISC */
/* See watch.h. */
#include "virt/watch.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/backoff.h"
#include "ipc/log.h"
#include "ipc/sandbox.h"
#include "virt/domain.h"
#include "virt/events.h"
#include "virt/report.h"

enum {
	CALL_SECONDS = 20,          /* for one call of libvirt */
	KEEPALIVE_SECONDS = 2,
	KEEPALIVE_COUNT = 3,
	RETRY_MS = 250, RETRY_MAX_MS = 2500,
	PENDING_MAX = 1024,
};

/* A domain to be read anew. */
struct pending {
	uint8_t uuid[UUID_SIZE];
	bool reset;
};

static const char *uri;
static virConnectPtr conn;
static const char *lost;            /* why the connection is no more; NULL: it is there */
static struct pending pending[PENDING_MAX];
static size_t npending;
static bool overrun;                /* more than fit: list all */
static struct msg_host told;        /* what console believes */

static void tell_host(bool up, const char *text)
{
	struct msg_host m = { .up = up };

	snprintf(m.text, sizeof(m.text), "%s", text);
	if (!up && !told.up && strcmp(m.text, told.text) == 0)
		return;
	told = m;
	report_send(MSG_HOST, &m);
	if (up)
		log_info("connected");
	else
		log_warn("%s", m.text);
}

/* Before each call that may block. Never while console is waited for. */
static void deadline(void)
{
	struct msg_host m = { .up = 0 };

	snprintf(m.text, sizeof(m.text), "libvirt did not answer within %d s", CALL_SECONDS);
	report_deadline(CALL_SECONDS, MSG_HOST, &m);
}

static void add_pending(const uint8_t *uuid, bool reset)
{
	for (size_t i = 0; i < npending; i++)
		if (memcmp(pending[i].uuid, uuid, UUID_SIZE) == 0) {
			pending[i].reset |= reset;
			return;
		}
	if (npending == PENDING_MAX) {
		overrun = true;
		return;
	}
	memcpy(pending[npending].uuid, uuid, UUID_SIZE);
	pending[npending++].reset = reset;
}

static void add_domain(virDomainPtr dom, bool reset)
{
	uint8_t uuid[UUID_SIZE];

	if (virDomainGetUUID(dom, uuid) == 0)
		add_pending(uuid, reset);
}

static int on_lifecycle(virConnectPtr c, virDomainPtr dom, int event, int detail, void *arg)
{
	(void)c;
	(void)event;
	(void)detail;
	(void)arg;
	add_domain(dom, false);
	return 0;
}

static void on_reboot(virConnectPtr c, virDomainPtr dom, void *arg)
{
	(void)c;
	(void)arg;
	add_domain(dom, true);
}

static void on_device(virConnectPtr c, virDomainPtr dom, const char *alias, void *arg)
{
	(void)c;
	(void)alias;
	(void)arg;
	add_domain(dom, false);
}

/* Drivers without the last two still make a good host. */
static const struct event {
	int id;
	virConnectDomainEventGenericCallback call;
	bool needed;
} events[] = {
	{ VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), true },
	{ VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(on_reboot), false },
	{ VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device), false },
	{ VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device), false },
};
enum { EVENTS = sizeof(events) / sizeof(events[0]) };
static int registered[EVENTS];

static const char *const close_reasons[] = {
	[VIR_CONNECT_CLOSE_REASON_ERROR] = "the connection to libvirt failed",
	[VIR_CONNECT_CLOSE_REASON_EOF] = "libvirt closed the connection",
	[VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "libvirt does not answer",
	[VIR_CONNECT_CLOSE_REASON_CLIENT] = "the connection to libvirt was closed",
};

static void on_close(virConnectPtr c, int reason, void *arg)
{
	size_t known = sizeof(close_reasons) / sizeof(close_reasons[0]);

	(void)c;
	(void)arg;
	lost = close_reasons[reason >= 0 && (size_t)reason < known ? reason : 0];
}

/* After a call that failed: the close callback may come only in the next turn. */
static bool is_lost(void)
{
	if (!lost && virConnectIsAlive(conn) != 1)
		lost = close_reasons[VIR_CONNECT_CLOSE_REASON_ERROR];
	return lost;
}

static void close_host(void)
{
	if (!conn)
		return;
	deadline();
	for (size_t i = 0; i < EVENTS; i++)
		if (registered[i] >= 0)
			virConnectDomainEventDeregisterAny(conn, registered[i]);
	virConnectUnregisterCloseCallback(conn, on_close);
	virConnectClose(conn);
	report_deadline_off();
	conn = NULL;
}

/* 0, or -1 with libvirt's error. */
static int open_host(void)
{
	lost = NULL;
	for (size_t i = 0; i < EVENTS; i++)
		registered[i] = -1;
	deadline();
	conn = virConnectOpen(uri);
	if (!conn)
		return -1;
	/* Drivers that work inside this process know neither. */
	virConnectSetKeepAlive(conn, KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
	virConnectRegisterCloseCallback(conn, on_close, NULL, NULL);
	for (size_t i = 0; i < EVENTS; i++) {
		registered[i] = virConnectDomainEventRegisterAny(conn, NULL, events[i].id,
								 events[i].call, NULL, NULL);
		if (registered[i] < 0 && events[i].needed)
			return -1;
	}
	report_deadline_off();
	return 0;
}

static void tell_domain(const struct msg_domain *m, enum domain_result result)
{
	struct msg_uuid gone;

	if (result == DOMAIN_READ) {
		report_send(MSG_DOMAIN, m);
	} else if (result == DOMAIN_GONE) {
		memcpy(gone.uuid, m->uuid, UUID_SIZE);
		report_send(MSG_DOMAIN_GONE, &gone);
	} else if (result == DOMAIN_UNNAMED) {
		log_warn("a guest is left out: its name is longer than %d bytes", GUEST_MAX);
	} else if (!is_lost()) {
		log_warn("a guest cannot be read: %s", virGetLastErrorMessage());
	}
}

static void list_some(virDomainPtr *doms, int n)
{
	for (int i = 0; i < n; i++) {
		struct msg_domain m = { 0 };
		enum domain_result result = DOMAIN_FAILED;

		watchdog_arm(WATCHDOG_SECONDS);
		if (!lost) {
			deadline();
			result = domain_read(doms[i], &m);
			report_deadline_off();
		}
		/* One that ended meanwhile was never told of. */
		if (result != DOMAIN_GONE && !lost)
			tell_domain(&m, result);
		virDomainFree(doms[i]);
	}
}

static void list_all(void)
{
	virDomainPtr *doms;
	int n;

	npending = 0;
	overrun = false;
	deadline();
	n = virConnectListAllDomains(conn, &doms, 0);
	report_deadline_off();
	if (n < 0) {
		lost = "libvirt refused to list its domains";
		return;
	}
	tell_host(true, "");
	list_some(doms, n);
	free(doms);
	if (!lost)
		report_send(MSG_DOMAINS_END, NULL);
}

/* New ones come only with a turn of the event loop, not from the calls made here. */
static void read_pending(void)
{
	for (size_t i = 0; i < npending && !lost; i++) {
		struct msg_domain m = { .reset = pending[i].reset };
		enum domain_result result;

		memcpy(m.uuid, pending[i].uuid, UUID_SIZE);
		deadline();
		result = domain_read_uuid(conn, &m);
		report_deadline_off();
		tell_domain(&m, result);
	}
	npending = 0;
}

static int refresh(void *ctx, struct message *m)
{
	(void)ctx;
	add_pending(m->u.uuid.uuid, false);
	return 0;
}

static void take_message(struct message *m)
{
	static const struct wire_rule rules[] = { { MSG_REFRESH, 1, refresh } };

	if (wire_dispatch(rules, 1, 1, m, NULL) == 0)
		return;
	log_warn("console sent %s, which is not for a watch", message_name(m->type));
	report_end(1);
}

static void on_console(int watch, int fd, int what, void *arg)
{
	struct message m;
	int r;

	(void)watch;
	(void)fd;
	(void)what;
	(void)arg;
	while ((r = report_receive(&m)) > 0)
		take_message(&m);
	if (r < 0)
		report_end(0);
}

static void serve(void)
{
	list_all();
	while (!lost) {
		watchdog_arm(WATCHDOG_SECONDS);
		if (events_turn(true) < 0)
			lost = "the event loop failed";
		else if (overrun)
			list_all();
		else
			read_pending();
	}
}

static void on_retry(int timer, void *arg)
{
	bool *due = arg;

	*due = true;
	virEventUpdateTimeout(timer, -1);
}

/*
 * In the event loop, which also frees what a closed connection left. A REFRESH while the
 * host is away means: look again now.
 */
static void wait_before_retry(unsigned failures)
{
	bool due = false;
	int ms = (int)backoff_pause(failures, RETRY_MS, RETRY_MAX_MS);
	int timer = virEventAddTimeout(ms, on_retry, &due, NULL);

	while (!due && npending == 0) {
		watchdog_arm(WATCHDOG_SECONDS);
		if (timer < 0 || events_turn(true) < 0)
			report_end(1);
	}
	virEventRemoveTimeout(timer);
}

void watch_run(const char *host_uri, int fd)
{
	unsigned failures = 0;

	uri = host_uri;
	told.up = 1;
	report_open(fd);
	if (events_start() < 0 ||
	    virEventAddHandle(fd, VIR_EVENT_HANDLE_READABLE, on_console, NULL, NULL) < 0)
		report_end(1);
	for (;;) {
		watchdog_arm(WATCHDOG_SECONDS);
		if (open_host() == 0) {
			failures = 0;
			serve();
			tell_host(false, lost);
		} else {
			report_deadline_off();
			tell_host(false, virGetLastErrorMessage());
		}
		close_host();
		npending = 0;
		wait_before_retry(failures++);
	}
}
