/* SPDX-License-Identifier: ISC */
/* See web.h. */
#include "gate/web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ipc/message.h"

static struct tls_pair pair;            /* owned */
static struct tls_pair before;          /* owned; the last that ws took, while pair is not it */
static bool is_taken;                   /* ws took pair */
static unsigned unanswered;

static bool is_loopback(const struct config_address *at)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memcpy(&in, &at->address, sizeof(in));
	if (in.sin_family == AF_INET)
		return ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	memcpy(&in6, &at->address, sizeof(in6));
	return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

size_t web_addresses(const struct config *config, bool has_certificate, struct listen_at *out)
{
	size_t n = 0;

	for (size_t i = 0; i < config->ssh.listen.count; i++)
		out[n++] = (struct listen_at){ config->ssh.listen.items[i], ENDPOINT_SSH, false };
	for (size_t i = 0; i < config->web.listen.count; i++)
		if (has_certificate || is_loopback(&config->web.listen.items[i]))
			out[n++] = (struct listen_at){ config->web.listen.items[i], ENDPOINT_WEB,
						       !has_certificate };
	return n;
}

bool web_is_on(const struct config *config, bool has_certificate)
{
	for (size_t i = 0; i < config->web.listen.count; i++)
		if (has_certificate || is_loopback(&config->web.listen.items[i]))
			return true;
	return false;
}

void web_log(const struct config *config)
{
	const char *path = config->web.tls_certificate;

	if (tls_is_there(&pair) || config->web.listen.count == 0)
		return;
	if (!web_is_on(config, false))
		log_info("the web endpoint is off: there is no certificate%s%s",
			 path[0] ? " " : "", path);
	else
		log_info("the web endpoint is plain http, on addresses of this machine alone: "
			 "there is no certificate%s%s", path[0] ? " " : "", path);
}

void web_take(struct tls_pair *fresh)
{
	if (is_taken) {
		tls_clear(&before);
		before = pair;
		is_taken = false;
	} else {
		tls_clear(&pair);
	}
	pair = *fresh;
	*fresh = (struct tls_pair){ 0 };
}

void web_forget(void)
{
	tls_clear(&pair);
	tls_clear(&before);
}

const struct tls_pair *web_pair(void)
{
	return &pair;
}

void web_sent(void)
{
	unanswered++;
}

static bool go_back(void)
{
	if (is_taken)
		return false;
	tls_clear(&pair);
	pair = before;
	before = (struct tls_pair){ 0 };
	is_taken = true;
	return true;
}

bool web_answered(bool ok)
{
	/* The last answer is the one to the pair in force. */
	if (unanswered == 0 || --unanswered > 0)
		return false;
	if (!ok)
		return go_back();
	is_taken = true;
	tls_clear(&before);
	return false;
}

bool web_ended(void)
{
	bool owes = unanswered > 0;

	unanswered = 0;
	return owes && go_back();
}
