/* SPDX-License-Identifier: ISC */
/*
 * Tests that the shipped serialgate.conf and the man page say what the option
 * table says. Runs in the top folder, where those are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/line.h"
#include "config/options.h"
#include "tests/suite.h"

/* All errors of a text, as "LINE: text\n" each. */
static char errors[8192];

static void add_error(void *arg, unsigned line, const char *text)
{
	size_t used = strlen(errors);

	(void)arg;
	snprintf(errors + used, sizeof(errors) - used, "%u: %s\n", line, text);
}

static int parse(struct config *cfg, const char *text)
{
	errors[0] = '\0';
	ck_assert_int_eq(config_init(cfg), 0);
	return config_parse(cfg, text, strlen(text), add_error, NULL);
}

static char *read_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	ck_assert_msg(file != NULL, "%s cannot be read: run this in the top folder", path);
	ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
	fclose(file);
	return text;
}

/* Takes the # off every line where no blank follows it. */
static void uncomment(char *text)
{
	char *out = text;

	for (char *at = text; *at; at++) {
		bool is_default =
			*at == '#' && (at == text || at[-1] == '\n') && !strchr("# \n", at[1]);

		if (!is_default)
			*out++ = *at;
	}
	*out = '\0';
}

START_TEST(the_shipped_file_is_empty)
{
	char *text = read_text("config/serialgate.conf");
	struct config cfg;

	ck_assert_msg(parse(&cfg, text) == 0, "%s", errors);
	ck_assert_uint_eq(cfg.line_count, 0);
	config_free(&cfg);
	free(text);
}
END_TEST

/* The table is all that is compared with: what no line sets is missing in the file. */
START_TEST(the_shipped_file_shows_every_default)
{
	char *text = read_text("config/serialgate.conf"), prose[64];
	struct config cfg;
	uint64_t shown = 0;

	for (size_t i = 0; i < options_count; i++)
		if (!options[i].standard) {
			snprintf(prose, sizeof(prose), "\n#   %s = ", options[i].key);
			ck_assert_msg(strstr(text, prose) != NULL, "no %s", options[i].key);
			shown |= UINT64_C(1) << i;
		}
	uncomment(text);
	ck_assert_msg(parse(&cfg, text) == 0, "%s", errors);
	for (size_t i = 0; i < cfg.line_count; i++) {
		const struct config_option *option = cfg.lines[i].option;

		if (!option)
			continue;
		ck_assert_msg(strcmp(cfg.lines[i].value, option->standard) == 0, "%s = %s",
			      option->key, cfg.lines[i].value);
		shown |= UINT64_C(1) << (option - options);
	}
	for (size_t i = 0; i < options_count; i++)
		ck_assert_msg(shown & UINT64_C(1) << i, "no %s", options[i].key);
	ck_assert_uint_eq(cfg.access_count, 0);
	ck_assert_uint_eq(cfg.host_count, 1);
	ck_assert_str_eq(cfg.hosts[0].name, "local");
	config_free(&cfg);
	free(text);
}
END_TEST

/* The page without the escapes it needs for what roff would change. */
static char *read_page(void)
{
	char *page = read_text("man/serialgate.conf.5"), *out = page;

	for (const char *at = page; *at; at++) {
		if (strncmp(at, "\\(ha", 4) == 0) {
			*out++ = '^';
			at += 3;
		} else {
			*out++ = *at;
		}
	}
	*out = '\0';
	return page;
}

/* Each option has an item in the part of its section, and the item has its default. */
START_TEST(the_man_page_has_every_option)
{
	static const char *const parts[OPTIONS_SECTIONS] = {
		[OPTIONS_GATE] = "\n.Sh THE GATE", [OPTIONS_SSH] = "\n.Sh SSH",
		[OPTIONS_WEB] = "\n.Sh WEB",
		[OPTIONS_AUTH] = "\n.Sh LOGIN",	   [OPTIONS_CONSOLE] = "\n.Sh CONSOLES",
		[OPTIONS_HOST] = "\n.Sh HOSTS",	   [OPTIONS_ACCESS] = "\n.Sh ACCESS RULES",
	};
	const struct config_option *option = &options[_i];
	char *page = read_page(), *part, *item, *end, tag[64], value[128];

	part = strstr(page, parts[option->section]);
	ck_assert_ptr_nonnull(part);
	end = strstr(part + 1, "\n.Sh ");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	snprintf(tag, sizeof(tag), "\n.It Cm %s = ", option->key);
	item = strstr(part, tag);
	ck_assert_msg(item != NULL, "no %s", option->key);
	end = strstr(item + 1, " = Ar ");
	end = strstr(end + 1, " = Ar ");
	if (end)
		*end = '\0';
	if (!option->standard)
		snprintf(value, sizeof(value), "\nThe default is none.\n");
	else if (option->standard[0] == '\0')
		snprintf(value, sizeof(value), "which is the default");
	else if (option->type == OPTION_INTEGER || option->type == OPTION_DURATION)
		snprintf(value, sizeof(value), "\nThe default is %s.\n", option->standard);
	else
		snprintf(value, sizeof(value), "\nThe default is\n.Ql %s", option->standard);
	ck_assert_msg(strstr(item, value) != NULL, "%s: not found: %s", option->key, value);
	free(page);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config files");
	TCase *tcase = tcase_create("config files");

	tcase_add_test(tcase, the_shipped_file_is_empty);
	tcase_add_test(tcase, the_shipped_file_shows_every_default);
	tcase_add_loop_test(tcase, the_man_page_has_every_option, 0, (int)options_count);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
