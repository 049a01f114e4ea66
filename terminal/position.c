/* SPDX-License-Identifier: ISC */
/* See position.h. Pure. */
#include "terminal/position.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Digits up to the first that is none; NULL: there is none, or too many. */
static const char *parse_number(uint64_t *n, const char *at)
{
	if (*at < '0' || *at > '9')
		return NULL;
	for (*n = 0; *at >= '0' && *at <= '9'; at++) {
		if (*n > (UINT64_MAX - 9) / 10)
			return NULL;
		*n = *n * 10 + (uint64_t)(*at - '0');
	}
	return at;
}

static int parse_left(struct position *p, const char *text, int64_t now)
{
	(void)now;
	if (strcmp(text, "left") != 0)
		return -1;
	*p = (struct position){.kind = POSITION_LEFT};
	return 0;
}

static int parse_boot(struct position *p, const char *text, int64_t now)
{
	const char *end;

	(void)now;
	if (strncmp(text, "boot", 4) != 0)
		return -1;
	*p = (struct position){.kind = POSITION_BOOT};
	if (text[4] == '\0')
		return 0;
	if (text[4] != '-')
		return -1;
	end = parse_number(&p->value, text + 5);
	return end && *end == '\0' && p->value <= POSITION_BOOT_MAX ? 0 : -1;
}

static int parse_offset(struct position *p, const char *text, int64_t now)
{
	const char *at;

	(void)now;
	*p = (struct position){.kind = POSITION_OFFSET};
	at = parse_number(&p->epoch, text);
	if (!at || *at != '.')
		return -1;
	at = parse_number(&p->value, at + 1);
	return at && *at == '\0' ? 0 : -1;
}

static int parse_ago(struct position *p, const char *text, int64_t now)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	const char *at;
	uint64_t n;

	at = parse_number(&n, text);
	if (!at || *at == '\0' || at[1] != '\0' || now < 0)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit != *at)
			continue;
		if (n > (uint64_t)now / units[i].seconds)
			return -1;
		*p = (struct position){.kind = POSITION_TIME,
				       .value = (uint64_t)now - n * units[i].seconds};
		return 0;
	}
	return -1;
}

/* A digit where the form has 0, else the same character. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return *text == '\0';
}

static int parse_time(struct position *p, const char *text, int64_t now)
{
	static const char *const forms[] = {"0000-00-00T00:00", "0000-00-00T00:00:00",
					    "0000-00-00T00:00Z", "0000-00-00T00:00:00Z"};
	struct tm tm = {.tm_isdst = -1}, same;
	bool is_time = false;
	time_t t;

	(void)now;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		is_time = is_time || has_form(text, forms[i]);
	if (!is_time || sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
			       &tm.tm_hour, &tm.tm_min, &tm.tm_sec) < 5)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	same = tm;
	t = text[strlen(text) - 1] == 'Z' ? timegm(&same) : mktime(&same);
	/* The 31st of February is a day in March to them. */
	if (t < 0 || same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 59)
		return -1;
	*p = (struct position){.kind = POSITION_TIME, .value = (uint64_t)t};
	return 0;
}

int position_parse(struct position *p, const char *text, int64_t now)
{
	static int (*const forms[])(struct position *p, const char *text, int64_t now) = {
		parse_left, parse_boot, parse_offset, parse_ago, parse_time,
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i](p, text, now) == 0)
			return 0;
	return -1;
}

void position_print(char out[POSITION_SIZE], uint64_t epoch, uint64_t offset)
{
	snprintf(out, POSITION_SIZE, "%" PRIu64 ".%" PRIu64, epoch, offset);
}
