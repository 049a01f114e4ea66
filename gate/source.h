/* SPDX-License-Identifier: ISC */
/*
 * Whom a connection counts against: an IPv4 address, or the first 64 bits of an IPv6
 * one, since a customer is given at least that many. Pure.
 */
#ifndef GATE_SOURCE_H
#define GATE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

enum { SOURCE_TEXT_SIZE = 64 };

/* IPv4 as ::ffff:a.b.c.d, IPv6 with the last 64 bits zero. */
struct source {
	uint8_t bytes[16];
};

/* IPv4 behind an IPv6 socket (::ffff:a.b.c.d) is IPv4. All zero for other families. */
struct source source_of(const struct sockaddr *address);

bool source_is_equal(const struct source *a, const struct source *b);

/* "192.0.2.1" or "2001:db8::/64". */
void source_show(const struct source *s, char out[static SOURCE_TEXT_SIZE]);

#endif
