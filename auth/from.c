/* SPDX-License-Identifier: ISC */
/* See from.h. */
#include "auth/from.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct address {
	uint8_t bytes[16];
	unsigned bits;       /* 32 or 128 */
};

enum { PATTERN_MAX = 127 };

static void unmap_v4(struct address *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a->bits != 128 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return;
	memmove(a->bytes, a->bytes + 12, 4);
	a->bits = 32;
}

/* A zone (fe80::1%eth0) is not part of the address that a block is compared with. */
static int read_address(struct address *a, const char *text)
{
	char plain[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "%");

	if (len >= sizeof(plain))
		return -1;
	memcpy(plain, text, len);
	plain[len] = '\0';
	*a = (struct address){ .bits = 32 };
	if (inet_pton(AF_INET, plain, a->bytes) == 1)
		return 0;
	a->bits = 128;
	return inet_pton(AF_INET6, plain, a->bytes) == 1 ? 0 : -1;
}

static bool has_bit(const struct address *a, unsigned bit)
{
	return a->bytes[bit / 8] & (0x80u >> (bit % 8));
}

static bool is_in_block(const struct address *a, const struct address *block, unsigned mask)
{
	if (a->bits != block->bits)
		return false;
	for (unsigned i = 0; i < mask; i++)
		if (has_bit(a, i) != has_bit(block, i))
			return false;
	return true;
}

/* -1: not of the form ADDRESS[/MASK]. */
static int read_block(struct address *block, unsigned *mask, char *text)
{
	char *slash = strchr(text, '/');
	char *end = NULL;
	int r;

	if (slash)
		*slash = '\0';
	*block = (struct address){ 0 };
	r = strchr(text, '%') ? -1 : read_address(block, text);
	*mask = block->bits;
	if (slash) {
		*slash = '/';
		*mask = (unsigned)strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || *mask > block->bits)
			r = -1;
	}
	return r;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool fits_wildcard(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			retry = text;
		} else if (*pattern == '?' || (*pattern && lower(*pattern) == lower(*text))) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static enum from_result match_one(char *pattern, const struct address *peer, const char *text)
{
	struct address block;
	unsigned mask;

	if (read_block(&block, &mask, pattern) < 0)
		return fits_wildcard(pattern, text) ? FROM_YES : FROM_NO;
	for (unsigned i = mask; i < block.bits; i++)
		if (has_bit(&block, i))
			return FROM_BROKEN;
	return is_in_block(peer, &block, mask) ? FROM_YES : FROM_NO;
}

enum from_result from_match(const char *patterns, const char *peer)
{
	struct address address;
	char plain[INET6_ADDRSTRLEN];
	bool yes = false, no = false;

	if (read_address(&address, peer) < 0)
		return FROM_BROKEN;
	unmap_v4(&address);
	if (address.bits == 32)
		peer = inet_ntop(AF_INET, address.bytes, plain, sizeof(plain));
	for (const char *at = patterns; *at; at += *at == ',') {
		size_t len = strcspn(at, ",");
		char one[PATTERN_MAX + 1];
		bool negated = *at == '!';
		enum from_result r;

		if (len - negated > PATTERN_MAX || len == negated)
			return FROM_BROKEN;
		memcpy(one, at + negated, len - negated);
		one[len - negated] = '\0';
		r = match_one(one, &address, peer);
		if (r == FROM_BROKEN)
			return r;
		yes |= r == FROM_YES && !negated;
		no |= r == FROM_YES && negated;
		at += len;
	}
	return yes && !no ? FROM_YES : FROM_NO;
}
