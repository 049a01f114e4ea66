/* SPDX-License-Identifier: ISC */
/* See expression.h. Pure. */
#include "terminal/expression.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/text.h"

enum {
	SHOWN_SIZE = 256,
	/* glibc keeps every state it ever was in: begun anew after so many bytes. */
	WORK_MAX = 8 * 1024 * 1024,
	/* Atoms, after repetitions have been written out: + writes its own twice. */
	SIZE_MOST = 20000,
};

/* -- the parts of an expression, as far as they matter here -- */

/* Behind the bracket expression that begins at s: [^]x[:alpha:]]. */
static const char *skip_bracket(const char *s)
{
	s++;
	if (*s == '^')
		s++;
	if (*s == ']')
		s++;
	while (*s && *s != ']') {
		if (s[0] == '[' && s[1] && strchr(":.=", s[1])) {
			const char end[] = { s[1], ']', '\0' };
			const char *at = strstr(s + 2, end);

			s = at ? at + 2 : s + 1;
		} else {
			s++;
		}
	}
	return *s ? s + 1 : s;
}

/* The larger bound of {m,n} at s, at least 1. */
static unsigned long bound_of(const char *s)
{
	unsigned long first = strtoul(s + 1, NULL, 10), second = 0;
	const char *comma = strpbrk(s, ",}");

	if (comma && *comma == ',')
		second = strtoul(comma + 1, NULL, 10);
	if (second > first)
		first = second;
	return first ? first : 1;
}

static int wrong(char *why, const char *text, size_t at, const char *what)
{
	char before[SHOWN_SIZE], after[SHOWN_SIZE];

	text_escape(before, SHOWN_SIZE / 2, text, at);
	text_escape(after, SHOWN_SIZE / 2, text + at, strlen(text + at));
	snprintf(why, EXPRESSION_WHY_SIZE, "bad expression: %s, at character %zu: %s<here>%s", what,
		 at + 1, before, after);
	return -1;
}

/* How large glibc's tree of an expression becomes, read from the left. */
struct size {
	unsigned long before[EXPRESSION_DEPTH_MAX + 1];    /* of each group that is open */
	unsigned long last;          /* what a repetition would repeat */
	unsigned depth;
};

static void size_add(struct size *z, unsigned long atom)
{
	z->before[z->depth] += z->last;
	z->last = atom;
}

/* What begins at s, not deeper than EXPRESSION_DEPTH_MAX; behind it. */
static const char *size_next(struct size *z, const char *s)
{
	const char *end = s + 1;

	if (*s == '(') {
		size_add(z, 0);
		z->before[++z->depth] = 0;
	} else if (*s == ')' && z->depth) {
		z->last += z->before[z->depth--] + 1;
	} else if (*s == '+') {
		z->last *= 2;
	} else if (*s == '{') {
		z->last *= bound_of(s) < SIZE_MOST ? bound_of(s) : SIZE_MOST;
		end += strspn(end, "0123456789,");
		end += *end == '}';
	} else if (*s == '[') {
		size_add(z, 1);
		end = skip_bracket(s);
	} else if (!strchr("*?|", *s)) {
		size_add(z, 1);
		end = s + (*s == '\\' && s[1] ? 2 : 1);
	}
	return end;
}

static int check_size(const char *text, char why[EXPRESSION_WHY_SIZE])
{
	struct size z = { .depth = 0 };

	for (const char *s = text; *s;) {
		const char *end = size_next(&z, s);

		if (z.before[z.depth] + z.last > SIZE_MOST)
			return wrong(why, text, (size_t)(s - text), "too many repetitions");
		s = end;
	}
	return 0;
}

static int check_bounds(const char *text, char why[EXPRESSION_WHY_SIZE])
{
	unsigned long repeats = 1;
	unsigned depth = 0;

	for (const char *s = text; *s;) {
		if (*s == '[') {
			s = skip_bracket(s);
			continue;
		}
		if (*s == '\\' && s[1] >= '1' && s[1] <= '9')
			return wrong(why, text, (size_t)(s - text),
				     "back-references are not taken");
		if (*s == '(' && ++depth > EXPRESSION_DEPTH_MAX)
			return wrong(why, text, (size_t)(s - text), "too deep");
		if (*s == ')' && depth)
			depth--;
		if (*s == '{')
			repeats *= bound_of(s) < EXPRESSION_REPEATS_MAX ? bound_of(s)
								: EXPRESSION_REPEATS_MAX + 1;
		if (repeats > EXPRESSION_REPEATS_MAX)
			return wrong(why, text, (size_t)(s - text), "too many repetitions");
		s += *s == '\\' && s[1] ? 2 : 1;
	}
	return 0;
}

/* [[:space:]], [[:cntrl:]], GNU's \s and \W, and ranges from a control character on. */
static bool may_fit_lf(const char *s)
{
	if (strstr(s, "[:space:]") || strstr(s, "[:cntrl:]"))
		return true;
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || (*s == '\\' && (s[1] == 's' || s[1] == 'W')))
			return true;
	return false;
}

/* -- what every match contains -- */

struct run {
	char text[EXPRESSION_MAX + 1];
	size_t len;
};

static void end_run(struct expression *e, struct run *r)
{
	if (r->len > e->literal_len) {
		memcpy(e->literal, r->text, r->len);
		e->literal_len = r->len;
	}
	r->len = 0;
}

/* Behind the group that begins at s. */
static const char *skip_group(const char *s)
{
	unsigned depth = 0;

	while (*s) {
		if (*s == '[') {
			s = skip_bracket(s);
			continue;
		}
		depth += *s == '(';
		if (*s == ')' && --depth == 0)
			return s + 1;
		s += *s == '\\' && s[1] ? 2 : 1;
	}
	return s;
}

static bool has_choice(const char *s)
{
	while (*s) {
		if (*s == '|')
			return true;
		if (*s == '[')
			s = skip_bracket(s);
		else
			s += *s == '\\' && s[1] ? 2 : 1;
	}
	return false;
}

/* The longest text that stands outside of groups, sets and repetitions. */
static void find_literal(struct expression *e)
{
	const char *s = e->text;
	struct run r = { .len = 0 };

	e->literal_len = 0;
	if (has_choice(s))
		return;
	while (*s) {
		if (strchr("*?{", *s) && r.len)    /* what is before it may be missing */
			r.len--;
		if (*s == '[' || *s == '(') {
			end_run(e, &r);
			s = *s == '[' ? skip_bracket(s) : skip_group(s);
		} else if (*s == '{') {
			end_run(e, &r);
			s += strcspn(s, "}");
			s += *s == '}';
		} else if (strchr(".^$*?+", *s) || (*s == '\\' && !ispunct((unsigned char)s[1]))) {
			end_run(e, &r);
			s += *s == '\\' && s[1] ? 2 : 1;
		} else if (*s == '\\' && strchr("<>`'", s[1])) {
			end_run(e, &r);
			s += 2;
		} else {
			s += *s == '\\';
			r.text[r.len++] = *s++;
		}
	}
	end_run(e, &r);
}

/* -- */

static int compile(struct expression *e)
{
	int r = regcomp(&e->regex, e->text, REG_EXTENDED | REG_NEWLINE);

	e->is_compiled = r == 0;
	e->worked = 0;
	return r;
}

/* regcomp(3) does not say where: behind the longest beginning that it takes. */
static size_t find_error(const char *text)
{
	size_t len = strlen(text);
	char *part = strdup(text);
	regex_t r;

	while (part && len > 0) {
		part[--len] = '\0';
		if (regcomp(&r, part, REG_EXTENDED) == 0) {
			regfree(&r);
			break;
		}
	}
	free(part);
	return len;
}

int expression_compile(struct expression *e, const char *text, char why[EXPRESSION_WHY_SIZE])
{
	char what[SHOWN_SIZE];
	int r;

	*e = (struct expression){ .is_compiled = false };
	if (strlen(text) > EXPRESSION_MAX) {
		snprintf(why, EXPRESSION_WHY_SIZE, "the expression is longer than %d bytes",
			 EXPRESSION_MAX);
		return -1;
	}
	strcpy(e->text, text);
	if (check_bounds(text, why) < 0 || check_size(text, why) < 0)
		return -1;
	r = compile(e);
	if (r != 0) {
		regerror(r, &e->regex, what, sizeof(what));
		return wrong(why, text, find_error(text), what);
	}
	e->fits_lf = may_fit_lf(text);
	find_literal(e);
	return 0;
}

void expression_free(struct expression *e)
{
	if (e->is_compiled)
		regfree(&e->regex);
	e->is_compiled = false;
}

int expression_find(struct expression *e, const char *text, size_t len, size_t *from, size_t *to)
{
	regmatch_t m = { .rm_so = 0, .rm_eo = (regoff_t)len };
	int r;

	if (e->literal_len && !memmem(text, len, e->literal, e->literal_len))
		return 0;
	if (e->worked > WORK_MAX) {
		expression_free(e);
		if (compile(e) != 0)
			return -1;
	}
	e->worked += len;
	r = regexec(&e->regex, text, 1, &m, REG_STARTEND);
	if (r == REG_NOMATCH)
		return 0;
	if (r != 0)
		return -1;
	*from = (size_t)m.rm_so;
	*to = (size_t)m.rm_eo;
	return 1;
}
