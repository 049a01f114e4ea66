/* SPDX-License-Identifier: ISC */
/*
 * A visit: one logged-in person's socket. Who it is came from auth with the socket; what
 * they ask for is checked against the access rules at every request.
 */
#ifndef CONSOLE_VISIT_H
#define CONSOLE_VISIT_H

#include "console/hub.h"
#include "console/rules.h"

enum {
	VISIT_VIEWERS_MAX = 16,
	VISIT_PER_CONN_MAX = 20,     /* visits of one connection: its channels, and some that end */
	VISIT_SOCKET_BYTES = 131072,
};

struct visit {
	struct visit *prev, *next;
	struct peer peer;
	uint64_t conn;
	uint8_t endpoint;
	char user[USER_MAX + 1];
	char address[PEER_MAX + 1];
	struct rules_person person;  /* groups owned */
	struct viewer *viewers;
	unsigned nviewers;
	bool watches;                /* wants to hear of changes of the guest list */
	bool listing;                /* a listing is under way */
	bool owes_end;               /* a LIST_END is due when it has caught up */
	uint64_t seen;               /* the last change of the inventory it was told of */
};

/* The configuration in force. Rights are checked anew for all that is open. Not owned. */
void visit_configure(const struct config *config);

/* Takes over the socket of the message. A visit that cannot be made is closed and logged. */
void visit_open(struct message *identity);

/* Reads from visits that came before the hosts were known. */
void visit_open_waiting(void);

/* The guest list changed, or a host went or came: tell those who watch it. */
void visit_list_changed(bool hosts_too);

/* A guest that was listed is no more, or gets a name under which some may not see it. */
void visit_guest_gone(const struct guest *g);
void visit_guest_renames(const struct guest *g, const char *name);

/* Its socket is full: viewer_flush() comes again when it is not. */
void visit_wait_writable(struct visit *v);

#endif
