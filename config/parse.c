/* SPDX-License-Identifier: ISC */
/*
 * The file's text, line by line. gate calls config_parse. Lines are counted,
 * bounded and checked here, and section headers read here, because inih cuts
 * headers at 50 bytes and tells a handler no line number; inih splits what is
 * left into key, value and comment. Every error is reported, none ends the work.
 */
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "config/check.h"
#include "config/config.h"
#include "config/item.h"

#define BLANKS " \t"
#define BOM "\xEF\xBB\xBF"

struct parse {
	struct config *cfg;
	const char *at, *end;
	enum { BEFORE_SECTIONS, IN_SECTION, IN_BAD_SECTION } place;
	char section[CONFIG_LINE_MAX + 1], name[CONFIG_LINE_MAX + 1];
	bool unanswered; /* inih has a line that must hold a key and a value */
	unsigned errors;
	config_error_fn fn;
	void *arg;
};

static void report(void *arg, unsigned line, const char *text)
{
	struct parse *parse = arg;

	parse->errors++;
	if (parse->errors <= CONFIG_ERRORS_SHOWN)
		parse->fn(parse->arg, line, text);
	else if (parse->errors == CONFIG_ERRORS_SHOWN + 1)
		parse->fn(parse->arg, line, "more errors from here on are not shown");
}

static void report_here(struct parse *parse, const char *text)
{
	report(parse, parse->cfg->line, text);
}

/* Copies what is before a byte of `ends` and returns where that is. */
static const char *take(const char *at, const char *ends, char *out)
{
	size_t length = strcspn(at, ends);

	memcpy(out, at, length);
	out[length] = '\0';
	return at + length;
}

/* Reads [SECTION] or [SECTION "NAME"], and a comment behind it. Returns -1 for anything else. */
static int split_header(struct parse *parse, const char *at)
{
	at += 1 + strspn(at + 1, BLANKS);
	at = take(at, BLANKS "\"]", parse->section);
	at += strspn(at, BLANKS);
	parse->name[0] = '\0';
	if (*at == '"') {
		at = take(at + 1, "\"", parse->name);
		if (*at != '"')
			return -1;
		at += 1 + strspn(at + 1, BLANKS);
	}
	if (*at != ']')
		return -1;
	at += 1 + strspn(at + 1, BLANKS);
	return *at == '\0' || strchr(";#", *at) ? 0 : -1;
}

static void read_header(struct parse *parse, const char *line)
{
	char err[CONFIG_ERROR_SIZE];

	parse->place = IN_BAD_SECTION;
	if (split_header(parse, line) != 0)
		report_here(parse, "bad section; expected [SECTION] or [SECTION \"NAME\"]");
	else if (config_set(parse->cfg, parse->section, parse->name, "", "", err, sizeof(err)) != 0)
		report_here(parse, err);
	else
		parse->place = IN_SECTION;
}

/* Takes the next line off the text, without its end, into a buffer of CONFIG_LINE_MAX + 1. */
static const char *take_line(struct parse *parse, char *line)
{
	const char *start = parse->at, *end = memchr(start, '\n', (size_t)(parse->end - start));
	size_t length;

	parse->at = end ? end + 1 : parse->end;
	length = (size_t)((end ? end : parse->end) - start);
	if (length > 0 && start[length - 1] == '\r')
		length--;
	if (length > CONFIG_LINE_MAX)
		return "the line is too long; expected at most 4096 bytes";
	if (memchr(start, '\0', length))
		return "a NUL byte; expected text in UTF-8";
	memcpy(line, start, length);
	line[length] = '\0';
	return item_has_controls(line, true) ? "a control character; expected text in UTF-8" : NULL;
}

/* inih's fgets: what is not for inih becomes an empty line, so that both count alike. */
static char *read_line(char *out, int size, void *stream)
{
	struct parse *parse = stream;
	char line[CONFIG_LINE_MAX + 1];
	const char *wrong, *text;

	if (parse->unanswered)
		report_here(parse, "no '='; expected KEY = VALUE");
	parse->unanswered = false;
	if (parse->at == parse->end || size < CONFIG_LINE_MAX + 2)
		return NULL;
	parse->cfg->line++;
	wrong = take_line(parse, line);
	text = line + (wrong ? 0 : strspn(line, BLANKS));
	strcpy(out, "\n");
	if (wrong)
		report_here(parse, wrong);
	else if (*text == '[')
		read_header(parse, text);
	else if (*text != '\0' && !strchr(";#", *text)) {
		parse->unanswered = true;
		snprintf(out, (size_t)size, "%s\n", text);
	}
	return out;
}

static int handle_option(void *arg, const char *section, const char *key, const char *value)
{
	struct parse *parse = arg;
	char err[CONFIG_ERROR_SIZE];

	(void)section;
	parse->unanswered = false;
	if (key[0] == '\0')
		report_here(parse, "no key before '='; expected KEY = VALUE");
	else if (parse->place == BEFORE_SECTIONS)
		report_here(parse, "a key before the first section; expected [SECTION]");
	else if (parse->place == IN_SECTION && config_set(parse->cfg, parse->section, parse->name,
							  key, value, err, sizeof(err)) != 0)
		report_here(parse, err);
	return 1;
}

_Static_assert(CONFIG_LINE_MAX == 4096, "the text in take_line says so");

int config_parse(struct config *cfg, const char *text, size_t len, config_error_fn fn, void *arg)
{
	struct parse parse = {.cfg = cfg, .at = text, .end = text + len, .fn = fn, .arg = arg};

	if (len > CONFIG_FILE_MAX) {
		fn(arg, 0, "the file is too large; expected at most 1MiB");
		return -1;
	}
	if (len >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0)
		parse.at += strlen(BOM);
	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_allow_multiline = false;
	ini_max_line = ini_initial_alloc = CONFIG_LINE_MAX + 2;
	cfg->line = 0;
	if (ini_parse_stream(read_line, &parse, handle_option, &parse) < 0)
		report(&parse, 0, "out of memory");
	cfg->line = 0;
	check_together(cfg, report, &parse);
	return parse.errors > 0 ? -1 : 0;
}
