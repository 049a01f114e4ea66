/* SPDX-License-Identifier: ISC */
/* See log.h. */
#include "ipc/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/text.h"
#include "ipc/wire.h"

static char prefix[32] = "serialgate";
static struct wire *parent;
static void (*sink)(int, const char *);
static unsigned long dropped;

void log_prefix(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
}

void log_to(struct wire *w)
{
	parent = w;
	sink = NULL;
}

void log_to_sink(void (*fn)(int, const char *))
{
	sink = fn;
}

static int deliver(int priority, const char *line)
{
	struct msg_log m = { .priority = (uint8_t)priority };

	if (sink) {
		sink(priority, line);
		return 0;
	}
	if (!parent) {
		dprintf(STDERR_FILENO, "%s\n", line);
		return 0;
	}
	snprintf(m.text, sizeof(m.text), "%s", line);
	return wire_try_send(parent, MSG_LOG, &m) == 1 ? 0 : -1;
}

void log_forward(int priority, const char *line)
{
	char note[96];

	if (dropped) {
		snprintf(note, sizeof(note), "%s: %lu log lines dropped: the log was full",
			 prefix, dropped);
		if (deliver(LOG_WARNING, note) == 0)
			dropped = 0;
	}
	if (dropped || deliver(priority, line) < 0)
		dropped++;
}

static void log_va(int priority, const char *fmt, va_list ap)
{
	char raw[TEXT_MAX + 1];
	char line[TEXT_MAX + 1];
	int n = snprintf(line, sizeof(line), "%s: ", prefix);

	vsnprintf(raw, sizeof(raw), fmt, ap);
	text_escape(line + n, sizeof(line) - (size_t)n, raw, strlen(raw));
	log_forward(priority, line);
}

void log_line(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(priority, fmt, ap);
	va_end(ap);
}

void fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(LOG_CRIT, fmt, ap);
	va_end(ap);
	exit(1);
}
