/* SPDX-License-Identifier: ISC */
/* See source.h. */
#include "gate/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct source source_of(const struct sockaddr *address)
{
	struct source s = { { 0 } };
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		memcpy(s.bytes, mapped, sizeof(mapped));
		memcpy(s.bytes + sizeof(mapped), &in.sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		memcpy(s.bytes, &in6.sin6_addr, IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) ? 16 : 8);
	}
	return s;
}

bool source_is_equal(const struct source *a, const struct source *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void source_show(const struct source *s, char out[static SOURCE_TEXT_SIZE])
{
	char text[INET6_ADDRSTRLEN];

	if (memcmp(s->bytes, mapped, sizeof(mapped)) == 0) {
		inet_ntop(AF_INET, s->bytes + sizeof(mapped), out, SOURCE_TEXT_SIZE);
		return;
	}
	inet_ntop(AF_INET6, s->bytes, text, sizeof(text));
	snprintf(out, SOURCE_TEXT_SIZE, "%s/64", text);
}
