/* SPDX-License-Identifier: ISC */
/*
 * Tells the service manager what gate does (sd_notify(3)): one datagram to the socket
 * that NOTIFY_SOCKET names. Nothing happens where there is none.
 */
#ifndef GATE_NOTIFY_H
#define GATE_NOTIFY_H

/* state: "READY=1", "STOPPING=1"; several lines are separated by LF. */
void notify_send(const char *state);

#endif
