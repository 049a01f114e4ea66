/* SPDX-License-Identifier: ISC */
/*
 * The reader of listen addresses. value.c calls it for each word of a list.
 */
#include "config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "config/units.h"

/* Reads a port and nothing behind it; -1 where there is none. */
static int read_port(const char *text)
{
	int64_t port = units_read_digits(&text);

	return *text == '\0' && port >= 1 && port <= 65535 ? (int)port : -1;
}

static int read_four(const char *text, int port, struct config_address *address)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, text, &four.sin_addr) != 1)
		return -1;
	memcpy(&address->address, &four, sizeof(four));
	address->length = sizeof(four);
	return 0;
}

static int read_six(const char *text, int port, struct config_address *address)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET6, text, &six.sin6_addr) != 1)
		return -1;
	memcpy(&address->address, &six, sizeof(six));
	address->length = sizeof(six);
	return 0;
}

int address_read(const char *text, struct config_address *address)
{
	char copy[sizeof(address->text)], *colon;
	int port;

	memset(address, 0, sizeof(*address));
	if (strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	colon = strrchr(copy, ':');
	port = colon ? read_port(colon + 1) : -1;
	if (port < 0 || colon == copy)
		return -1;
	strcpy(address->text, text);
	*colon = '\0';
	if (copy[0] != '[')
		return read_four(copy, port, address);
	if (colon[-1] != ']')
		return -1;
	colon[-1] = '\0';
	return read_six(copy + 1, port, address);
}
