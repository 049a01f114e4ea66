/* SPDX-License-Identifier: ISC */
/*
 * All guests of all hosts, as the watches last told. A guest is (host, UUID). Each change
 * gives a guest the next number in one sequence and puts it at the end of the list, so
 * a visit that remembers one number can always be told exactly what it has not seen yet,
 * at its own pace, without a queue. Pure.
 */
#ifndef CONSOLE_INVENTORY_H
#define CONSOLE_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

struct console;

enum { INVENTORY_MAX = 65536 };    /* guests: a session lists no more either */

struct guest {
	uint64_t seq;                /* of its last change */
	struct guest *prev, *next;   /* the list, oldest change first */
	struct console *open;        /* its open consoles, the hub's */
	bool listed;                 /* seen since inventory_begin() of its host */

	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	char name[GUEST_MAX + 1];
	enum guest_state state;
	enum guest_cause cause;      /* of the state */
	uint32_t id;                 /* libvirt's id of this run, 0: off */
	unsigned resets;             /* of this run */
	unsigned viewers;
	char holder[USER_MAX + 1];
	char consoles[CONSOLES_MAX + 1];
	char displays[CONSOLES_MAX + 1];
};

/* What inventory_set() found changed. */
enum {
	GUEST_IS_NEW = 1,
	GUEST_STATE_CHANGED = 2,
	GUEST_RUN_CHANGED = 4,       /* another id: started, stopped or both */
	GUEST_RENAMED = 8,
	GUEST_WAS_RESET = 16,
	GUEST_DEVICES_CHANGED = 32,
	GUEST_CAUSE_CHANGED = 64,
};

/* NULL: there are too many, or no memory; else the guest, *changed what differs from before. */
struct guest *inventory_set(const char *host, const struct msg_domain *d, unsigned *changed);

/* Takes it out and frees it; the hub must have let go of it. NULL is fine. */
void inventory_remove(struct guest *g);

struct guest *inventory_find(const char *host, const uint8_t uuid[UUID_SIZE]);

/* It changed in a way that lists show: the next number, the end of the list. */
void inventory_touch(struct guest *g);
void inventory_touch_all(void);

/* The first guest with a number above seq, NULL: none. Quick for the newest few and for 0. */
struct guest *inventory_after(uint64_t seq);

/* The next one in the order of changes, NULL: none. NULL begins. */
struct guest *inventory_next(const struct guest *g);

/* Is it the only one of this name on all hosts? Then its name alone is its label. */
bool inventory_is_unique(const struct guest *g);

/*
 * A listing of a host: guests set between begin and end stay, the others of the host are
 * handed to `lost`, which must inventory_remove() that one and no other. Without memory
 * they stay until the next listing.
 */
void inventory_begin(const char *host);
void inventory_end(const char *host, void (*lost)(struct guest *g));

#endif
