/* SPDX-License-Identifier: ISC */
/* See line.h. */
#include "virt/line.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/log.h"
#include "virt/domain.h"
#include "virt/events.h"
#include "virt/pause.h"
#include "virt/report.h"
#include "virt/sender.h"

enum {
	OPEN_SECONDS = 15,          /* until the console is open */
	END_SECONDS = 5,            /* to find out why it closed */
	LEAVE_SECONDS = 1,          /* to close the console in order */
	KEEPALIVE_SECONDS = 5,
	KEEPALIVE_COUNT = 5,
};

/*
 * After output there is a pause, so that what comes in it is passed on together: as many reads
 * as that, or what is there when there is no more. Not while more comes in the time of a
 * pause than fits between the daemon and here: it would have to wait.
 */
enum { MERGED_READS = 256, PAUSE_MICROSECONDS = 3000, FLOOD_BYTES = 24576 };

static virConnectPtr conn;
static virDomainPtr dom;
static virStreamPtr stream;
static const char *lost;            /* why the connection is no more; NULL: it is there */

/* Read and not yet sent. */
static uint8_t output[MESSAGE_DATA_MAX];
static size_t held;
static unsigned reads;              /* it came in so many */

/* Read since then, in microseconds. */
static size_t passed;
static int64_t passed_since;
static bool is_flood;

static void fail(enum line_state state, const char *text) __attribute__((noreturn));
static void fail(enum line_state state, const char *text)
{
	struct msg_line_failed m = { .line = (uint8_t)state };

	report_deadline_off();
	snprintf(m.text, sizeof(m.text), "%s", text);
	report_send(MSG_LINE_FAILED, &m);
	report_end(0);
}

/* libvirt's words may be translated; its codes are not. */
static void fail_by_libvirt(void) __attribute__((noreturn));
static void fail_by_libvirt(void)
{
	bool off = virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID;

	fail(off ? LINE_CLOSED : LINE_FAILED, virGetLastErrorMessage());
}

/*
 * Console closed the line. Were the process just to end, the daemon would take up to a
 * second to notice, and the console were busy for so long. Only a sender that is stuck
 * in the same connection is not worth waiting for.
 */
static void leave(void) __attribute__((noreturn));
static void leave(void)
{
	if (!lost && sender_is_idle()) {
		report_deadline(LEAVE_SECONDS, MSG_NONE, NULL);
		virStreamAbort(stream);
	}
	report_end(0);
}

static void on_close(virConnectPtr c, int reason, void *arg)
{
	(void)c;
	(void)arg;
	lost = reason == VIR_CONNECT_CLOSE_REASON_KEEPALIVE ? "libvirt does not answer"
							    : "libvirt closed the connection";
}

static void find_guest(const char *uri, const uint8_t *uuid)
{
	conn = virConnectOpen(uri);
	if (!conn)
		fail(LINE_FAILED, virGetLastErrorMessage());
	virConnectSetKeepAlive(conn, KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
	virConnectRegisterCloseCallback(conn, on_close, NULL, NULL);
	dom = virDomainLookupByUUID(conn, uuid);
	if (!dom)
		fail(LINE_FAILED, virGetLastErrorMessage());
}

static void find_device(const struct msg_open_line *order, struct msg_line_open *opened)
{
	struct domain_xml xml;
	const struct domain_device *dev;
	char text[TEXT_MAX + 1];

	if (domain_read_xml(dom, &xml) < 0)
		fail(LINE_FAILED, virGetLastErrorMessage());
	if (!xml.id)
		fail(LINE_CLOSED, "the guest is off");
	dev = domain_xml_find(&xml, order->alias);
	if (!dev || !dev->openable) {
		domain_xml_explain(&xml, virDomainGetName(dom), order->alias, text);
		fail(LINE_NO_CONSOLE, text);
	}
	memcpy(opened->alias, dev->alias, sizeof(opened->alias));
}

/* A stream that failed is left alone: to free it would forget libvirt's error. */
static int open_stream(const char *alias, unsigned flags)
{
	stream = virStreamNew(conn, VIR_STREAM_NONBLOCK);
	return stream ? virDomainOpenConsole(dom, alias, stream, flags) : -1;
}

static void open_console(const char *alias, bool force)
{
	if (open_stream(alias, force ? VIR_DOMAIN_CONSOLE_FORCE : 0) == 0)
		return;
	/* The LXC driver knows no flags: its consoles are never busy. */
	if (force && virGetLastErrorCode() == VIR_ERR_INVALID_ARG && open_stream(alias, 0) == 0)
		return;
	/* Or a lock file of another program is in the way, against which no force helps. */
	if (!force && virGetLastErrorCode() == VIR_ERR_OPERATION_FAILED)
		fail(LINE_BUSY, virGetLastErrorMessage());
	fail_by_libvirt();
}

/* The guest still runs, on a connection that works: then somebody else has its console. */
static bool is_stolen(void)
{
	uint8_t uuid[UUID_SIZE];
	virDomainPtr now;
	bool same = false;

	if (lost || virConnectIsAlive(conn) != 1 || virDomainGetUUID(dom, uuid) < 0)
		return false;
	now = virDomainLookupByUUID(conn, uuid);
	if (now)
		same = virDomainGetID(now) == virDomainGetID(dom) && virDomainIsActive(now) == 1;
	virDomainFree(now);
	return same;
}

static void send_held(void)
{
	struct msg_line_data m = { { output, held } };

	if (held)
		report_send(MSG_LINE_DATA, &m);
	held = 0;
	reads = 0;
}

static void end(const char *text, bool ask) __attribute__((noreturn));
static void end(const char *text, bool ask)
{
	struct msg_line_end m = { 0 };

	snprintf(m.text, sizeof(m.text), "%s", text);
	report_deadline(END_SECONDS, MSG_LINE_END, &m);
	m.stolen = ask && is_stolen();
	report_deadline_off();
	send_held();
	sender_settle();
	report_send(MSG_LINE_END, &m);
	report_end(0);
}

/*
 * Takes all that is there; sends what fills a message. What libvirt said last: 0 the end,
 * -1 an error, -2 nothing more now.
 */
static int drain(void)
{
	int n;

	reads++;
	while ((n = virStreamRecv(stream, (char *)output + held, sizeof(output) - held)) > 0) {
		held += (size_t)n;
		passed += (size_t)n;
		if (held == sizeof(output))
			send_held();
	}
	return n;
}

static void on_stream(virStreamPtr st, int what, void *arg)
{
	int n = drain();

	(void)st;
	(void)what;
	(void)arg;
	if (n == 0)
		end("", false);
	if (n == -1)
		end(virGetLastErrorMessage(), true);
}

static void on_console_gone(int watch, int fd, int what, void *arg)
{
	(void)watch;
	(void)fd;
	(void)what;
	(void)arg;
	leave();
}

/*
 * READABLE is the only event to ask for: the end and errors come as it, too, and the
 * remote driver calls for WRITABLE without a pause.
 */
static void start_events(void)
{
	if (virEventAddHandle(report_fd(), VIR_EVENT_HANDLE_HANGUP, on_console_gone, NULL,
			      NULL) < 0 ||
	    virStreamEventAddCallback(stream, VIR_STREAM_EVENT_READABLE, on_stream, NULL, NULL) < 0)
		fail_by_libvirt();
}

static bool wants_pause(void)
{
	int64_t now = clock_us();

	if (!passed)
		return false;
	if (now - passed_since >= PAUSE_MICROSECONDS) {
		is_flood = passed >= FLOOD_BYTES;
		passed = 0;
		passed_since = now;
	}
	return !is_flood;
}

/*
 * A guest that prints a few bytes at a time would cost each process on the way a turn for
 * each. What comes after silence, or after a key, goes at once; after that, what comes in
 * a pause goes together. Whether there is more to read together.
 */
static bool merge(bool merging, bool more)
{
	if ((merging || is_flood) && more && reads < MERGED_READS)
		return true;
	send_held();
	if (merging && more)
		return true;
	return wants_pause() && !pause_make(PAUSE_MICROSECONDS);
}

static void serve(void) __attribute__((noreturn));
static void serve(void)
{
	bool merging = false;

	for (;;) {
		int ready;

		watchdog_arm(WATCHDOG_SECONDS);
		ready = events_turn(!merging);
		if (ready < 0)
			end("the event loop failed", false);
		merging = merge(merging, ready > 0);
		/* The daemon's end comes without an event on the stream. */
		if (lost) {
			drain();
			end(lost, false);
		}
	}
}

void line_run(const char *uri, const struct msg_open_line *order, const struct sandbox *walls,
	      int fd)
{
	struct msg_line_failed late = { .line = LINE_FAILED };
	struct msg_line_open opened;

	/* One heap: a second one for the sender is memory for nothing. */
	mallopt(M_ARENA_MAX, 1);
	report_open(fd);
	snprintf(late.text, sizeof(late.text), "libvirt did not answer within %d s", OPEN_SECONDS);
	report_deadline(OPEN_SECONDS, MSG_LINE_FAILED, &late);
	if (events_start() < 0 || pause_prepare() < 0)
		fail(LINE_FAILED, strerror(errno));
	find_guest(uri, order->uuid);
	find_device(order, &opened);
	open_console(opened.alias, order->force);
	start_events();
	report_deadline_off();
	if (sandbox_enter(walls) < 0)
		fail(LINE_FAILED, strerror(errno));
	report_send(MSG_LINE_OPEN, &opened);
	if (sender_start(stream) < 0)
		end(strerror(errno), false);
	serve();
}
