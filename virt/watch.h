/* SPDX-License-Identifier: ISC */
/*
 * A watch: the child of virt that knows what guests a host has. One connection to the
 * host's libvirt, on which no console is ever opened. It tells console
 *
 *	HOST up, a DOMAIN for each domain, DOMAINS_END   what there is, on every connect
 *	DOMAIN, DOMAIN_GONE                              on every event, and on REFRESH
 *	HOST down                                        the connection is lost or refused
 *
 * An event only says which domain to read anew, never what became of it. When more
 * events wait than the queue holds, all domains are listed anew.
 *
 * It connects again by itself, for as long as console listens. A daemon that hangs is
 * noticed by libvirt's keepalive (2 s, three times: after 8 s), also in the middle of a
 * call; only virConnectOpen(3) has no keepalive yet. So every call has a deadline, too,
 * and when that passes the process says HOST down and ends: what hangs in libvirt goes
 * with it, and console, which sees the end of file, asks for a new watch.
 */
#ifndef VIRT_WATCH_H
#define VIRT_WATCH_H

/* Takes over fd, the socket to console. Does not return before console is gone. */
void watch_run(const char *uri, int fd) __attribute__((noreturn));

#endif
