/* SPDX-License-Identifier: ISC */
/*
 * Who may come in: the table of connections, counted in all, by source and before login,
 * and the penalties of sources. visitors.c asks it for every connection. Pure: time is
 * passed in, nothing is closed or logged here.
 */
#ifndef GATE_LIMITS_H
#define GATE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "gate/penalty.h"
#include "gate/source.h"

enum { LIMITS_ENDED_MAX = 256 };

enum limits_verdict {
	LIMITS_ADMITTED,
	LIMITS_AWAY,             /* a process that is needed is not there (the caller's) */
	LIMITS_PENALTY,
	LIMITS_VISITORS,
	LIMITS_SOURCE,
	LIMITS_UNAUTHENTICATED,
	LIMITS_VERDICTS,
};

/* As the configuration has them; times in ms, penalty 0: off. */
struct limits_settings {
	size_t max_visitors;
	size_t max_per_source;
	size_t max_unauthenticated;
	uint64_t penalty;
	uint64_t penalty_max;
};

struct limits_conn {
	uint64_t id;
	struct source source;
	pid_t pid;               /* 0: not told yet */
	uint8_t endpoint;        /* enum endpoint: whose process it is */
	bool authenticated;
};

struct limits_ended {
	uint64_t id;             /* 0: unused */
	struct source source;
};

struct limits {
	struct limits_settings settings;
	struct limits_conn *conns;   /* owned */
	size_t count, cap;
	size_t unauthenticated;
	/* The word of a failed login and that of its connection's end come by two ways. */
	struct limits_ended ended[LIMITS_ENDED_MAX];
	size_t ended_at;
	struct penalty_table penalties;
	void (*removed)(uint64_t id);   /* a connection is no longer counted; may be NULL */
};

/* Zeroed memory is an empty table that admits nobody until this. -1: no memory, as before. */
int limits_configure(struct limits *l, const struct limits_settings *settings);
void limits_free(struct limits *l);

/* Admits a connection and counts it, or says why not. id is not 0 and never used twice. */
enum limits_verdict limits_admit(struct limits *l, uint64_t id, const struct source *s,
				 uint8_t endpoint, uint64_t now);

/* Whether it is known; whose process it is, 0: not known. */
bool limits_has(const struct limits *l, uint64_t id);
uint8_t limits_endpoint(const struct limits *l, uint64_t id);

/* These do nothing where the connection is not known (any more). */
void limits_set_pid(struct limits *l, uint64_t id, pid_t pid);
void limits_logged_in(struct limits *l, uint64_t id);
void limits_login_failed(struct limits *l, uint64_t id, uint64_t now);
void limits_remove(struct limits *l, uint64_t id);
void limits_remove_pid(struct limits *l, pid_t pid);

/*
 * Removes the connections of the endpoint for which keep(pid) is false; pid is 0 where it
 * was not told.
 */
void limits_remove_lost(struct limits *l, uint8_t endpoint, bool (*keep)(pid_t pid));

#endif
