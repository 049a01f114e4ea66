/* SPDX-License-Identifier: ISC */
/*
 * Types keys on a console and tells how long each answer took: at a program on a pty, or over a
 * WebSocket of serialgate.v1. In C, as an interpreter with its TLS costs as much as a
 * third of what is to be measured. For web_figures.py; never installed.
 *
 *   typist pty COMMAND...           COMMAND has a console on its terminal
 *   typist web PORT CA GUEST        the gateway at localhost, as alice; CA "": without TLS
 *
 * Says "ready" when a key was answered; then reads numbers, one a line: types so many keys, 1 to
 * 6 ms apart, and prints for each a line with the microseconds to its answer. It ends with its
 * input. Anything that takes longer than GIVE_UP_SECONDS ends it with an error.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pty.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

enum {
	KEY = 2,                      /* no text has it, and a terminal would echo it as ^B */
	GIVE_UP_SECONDS = 30,
	HEAD_SIZE = 12,               /* of a binary frame to a client: handle and offset */
	TEXT = 1,
	BINARY = 2,
	FINAL = 0x80,
	MASKED = 0x80,
};

/* What a session is to say and hear until it has the keyboard. */
static const struct step {
	const char *says;
	const char *hears;
} steps[] = {
	{ "{\"type\":\"login\",\"user\":\"alice\"}", "\"prompt\"" },
	{ "{\"type\":\"answers\",\"answers\":[\"wonder land\"]}", "\"result\":\"ok\"" },
	{ "{\"type\":\"attach\",\"handle\":1,\"guest\":\"%s\",\"take\":true,\"from\":{\"kind\":\"now\"}}",
	  "\"yours\":true" },
};

static int fd;
static SSL *tls;                      /* NULL: without */
static uint8_t came[1 << 17];         /* frames, as far as they came */
static size_t have;

__attribute__((format(printf, 1, 2))) static void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("typist: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* -- a WebSocket (RFC 6455); the mask is one that changes nothing -- */

static void send_all(const void *data, size_t len)
{
	if ((tls ? SSL_write(tls, data, (int)len) : write(fd, data, len)) != (ssize_t)len)
		give_up("the gateway does not take it");
}

static void send_frame(unsigned kind, const void *data, size_t len)
{
	uint8_t frame[512] = { (uint8_t)(FINAL | kind), (uint8_t)(MASKED | len) };
	size_t head = 6;

	if (len > 125) {
		frame[1] = MASKED | 126;
		frame[2] = (uint8_t)(len >> 8);
		frame[3] = (uint8_t)len;
		head = 8;
	}
	memcpy(frame + head, data, len);
	send_all(frame, head + len);
}

static void receive(void)
{
	size_t space = sizeof(came) - have;
	ssize_t n = tls ? SSL_read(tls, came + have, (int)space) : read(fd, came + have, space);

	if (n <= 0)
		give_up("the gateway closed");
	have += (size_t)n;
}

/* The next frame of the kind, ended with a zero; others are passed over. Valid until the next. */
static const uint8_t *next_frame(unsigned kind, size_t *len)
{
	static uint8_t frame[sizeof(came) + 1];

	for (;;) {
		size_t head = have > 1 && (came[1] & 127) == 126 ? 4 : 2;
		unsigned is;

		if (have > 1 && (came[1] & 127) == 127)
			give_up("a frame of more than 64 KiB");
		*len = have < head ? 0 : head == 4 ? (size_t)came[2] << 8 | came[3] : came[1];
		if (have < head || have < head + *len) {
			receive();
			continue;
		}
		is = came[0] & 15;
		memcpy(frame, came + head, *len);
		frame[*len] = 0;
		have -= head + *len;
		memmove(came, came + head + *len, have);
		if (is == kind)
			return frame;
	}
}

static void begin_tls(const char *ca)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context || !SSL_CTX_load_verify_locations(context, ca, NULL))
		give_up("%s: no certificate", ca);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_read_ahead(context, 1);
	tls = SSL_new(context);
	if (!tls || !SSL_set1_host(tls, "localhost") || !SSL_set_fd(tls, fd) || SSL_connect(tls) != 1)
		give_up("no TLS");
}

static void connect_to(unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const int on = 1;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		give_up("port %u: %s", port, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void upgrade(void)
{
	static const char head[] =
		"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: serialgate.v1\r\n\r\n";
	const uint8_t *end;

	send_all(head, sizeof(head) - 1);
	while (!(end = memmem(came, have, "\r\n\r\n", 4)))
		receive();
	end += 4;
	have -= (size_t)(end - came);
	memmove(came, end, have);
}

static void begin_web(unsigned port, const char *ca, const char *guest)
{
	connect_to(port);
	if (ca[0])
		begin_tls(ca);
	upgrade();
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char text[256];
		size_t len;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), steps[i].says, guest);
#pragma GCC diagnostic pop
		send_frame(TEXT, text, strlen(text));
		while (!strstr((const char *)next_frame(TEXT, &len), steps[i].hears))
			;
	}
}

static void type_web(void)
{
	static const uint8_t key[] = { 0, 0, 0, 1, KEY };

	send_frame(BINARY, key, sizeof(key));
}

static bool hear_web(void)
{
	size_t len;
	const uint8_t *frame = next_frame(BINARY, &len);

	return len > HEAD_SIZE && memchr(frame + HEAD_SIZE, KEY, len - HEAD_SIZE);
}

/* -- a program on a pty -- */

static void begin_pty(char **argv)
{
	struct termios raw;
	int theirs;

	if (openpty(&fd, &theirs, NULL, NULL, NULL) < 0 || tcgetattr(theirs, &raw) < 0)
		give_up("no pty: %s", strerror(errno));
	cfmakeraw(&raw);
	tcsetattr(theirs, TCSANOW, &raw);
	if (fork() == 0) {
		close(fd);
		login_tty(theirs);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(theirs);
}

static void type_pty(void)
{
	const char key = KEY;

	if (write(fd, &key, 1) != 1)
		give_up("the program does not take it: %s", strerror(errno));
}

static bool hear_pty(void)
{
	uint8_t data[4096];
	ssize_t n = read(fd, data, sizeof(data));

	if (n <= 0)
		give_up("the program ended");
	return memchr(data, KEY, (size_t)n);
}

/* -- keys -- */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static double echo(void (*type)(void), bool (*hear)(void))
{
	int64_t start = now_ns();

	type();
	while (!hear())
		;
	return (double)(now_ns() - start) / 1e3;
}

static void answer(void (*type)(void), bool (*hear)(void))
{
	char line[32];

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		alarm(GIVE_UP_SECONDS);
		for (int left = atoi(line); left > 0; left--) {
			usleep(1000 + (useconds_t)(random() % 5000));
			printf("%.1f\n", echo(type, hear));
		}
		fflush(stdout);
		alarm(0);
	}
}

int main(int argc, char **argv)
{
	alarm(GIVE_UP_SECONDS);
	if (argc > 2 && strcmp(argv[1], "pty") == 0) {
		begin_pty(argv + 2);
		/* What comes before the program has made its terminal raw is thrown away. */
		sleep(1);
		echo(type_pty, hear_pty);
		answer(type_pty, hear_pty);
		/* virsh's way out. */
		return write(fd, "\x1d", 1) != 1;
	}
	if (argc == 5 && strcmp(argv[1], "web") == 0) {
		begin_web((unsigned)atoi(argv[2]), argv[3], argv[4]);
		echo(type_web, hear_web);
		answer(type_web, hear_web);
		return 0;
	}
	fputs("usage: typist pty COMMAND... | typist web PORT CA GUEST\n", stderr);
	return 2;
}
