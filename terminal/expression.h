/* SPDX-License-Identifier: ISC */
/*
 * POSIX extended regular expressions of strangers, kept within bounds: no back-references
 * (GNU's, which take exponential time), no repetitions that multiply into the thousands, no
 * deep nesting. ^ and $ fit at the ends of lines, and nothing but [[:space:]] and the like an LF.
 * Whoever runs them is to be a process of its own, with limits on memory and time. Pure.
 */
#ifndef TERMINAL_EXPRESSION_H
#define TERMINAL_EXPRESSION_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	EXPRESSION_MAX = 512,        /* bytes */
	EXPRESSION_REPEATS_MAX = 1000,
	EXPRESSION_DEPTH_MAX = 16,
	EXPRESSION_WHY_SIZE = 512,
};

struct expression {
	char text[EXPRESSION_MAX + 1];
	char literal[EXPRESSION_MAX + 1];    /* what every match contains; "" nothing is known */
	size_t literal_len;
	regex_t regex;
	bool is_compiled;
	bool fits_lf;                /* maybe: a match may go on in the next line */
	size_t worked;               /* bytes since it was compiled */
};

/* 0; -1 and why: what is wrong, and at which character (escaped, no newline). */
int expression_compile(struct expression *e, const char *text, char why[EXPRESSION_WHY_SIZE]);
void expression_free(struct expression *e);

/*
 * The first match in len bytes, which may contain NUL: 1, and its bounds; 0 there is none;
 * -1 no memory for it.
 */
int expression_find(struct expression *e, const char *text, size_t len, size_t *from, size_t *to);

#endif
