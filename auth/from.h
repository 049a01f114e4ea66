/* SPDX-License-Identifier: ISC */
/*
 * The address patterns of authorized_keys' from="..." (sshd(8), PATTERNS of
 * ssh_config(5)): a list separated by commas of addresses, CIDR blocks and wildcards,
 * each negated by a leading '!'. Only numeric addresses are known here, so a host name
 * never fits. Pure.
 */
#ifndef AUTH_FROM_H
#define AUTH_FROM_H

#include <stddef.h>

enum from_result {
	FROM_NO,
	FROM_YES,
	FROM_BROKEN,   /* a block with bits behind its mask, or a peer that is no address */
};

/* Whether peer (numeric; an IPv4 address mapped into IPv6 counts as IPv4) fits the list. */
enum from_result from_match(const char *patterns, const char *peer);

#endif
