/* SPDX-License-Identifier: ISC */
/* See words.h. Pure. */
#include "ws/words.h"

#include <stddef.h>
#include <string.h>

#include "config/config.h"
#include "ipc/message.h"

static const char *const acts[ACT_COUNT] = {
	[ACT_START] = "start", [ACT_SHUTDOWN] = "shutdown", [ACT_REBOOT] = "reboot",
	[ACT_RESET] = "reset", [ACT_POWEROFF] = "poweroff", [ACT_NMI] = "nmi",
	[ACT_BREAK] = "break", [ACT_SYSRQ] = "sysrq", [ACT_RESUME] = "resume",
	[ACT_SHOW_SERIAL] = "show-serial", [ACT_ADD_SERIAL] = "add-serial",
};
static const char *const positions[POSITION_KIND_COUNT] = {
	[POSITION_NOW] = "now", [POSITION_DEFAULT] = "default", [POSITION_LINES] = "lines",
	[POSITION_OFFSET] = "offset", [POSITION_LEFT] = "left", [POSITION_BOOT] = "boot",
	[POSITION_TIME] = "time", [POSITION_OLDEST] = "oldest",
};
static const char *const lines[LINE_STATE_COUNT] = {
	[LINE_CLOSED] = "closed", [LINE_OPENING] = "opening", [LINE_OPEN] = "open",
	[LINE_BUSY] = "busy", [LINE_STOLEN] = "stolen", [LINE_NO_CONSOLE] = "no_console",
	[LINE_FAILED] = "failed",
};
static const char *const causes[] = {
	[KEYBOARD_FIRST] = "first", [KEYBOARD_TAKEN] = "taken", [KEYBOARD_GIVEN] = "given",
	[KEYBOARD_LEFT] = "left", [KEYBOARD_SAME_USER] = "same_user", [KEYBOARD_IDLE] = "idle",
};
static const char *const losses[] = {
	[LOSS_LINE] = "line", [LOSS_STUCK] = "stuck", [LOSS_KEYBOARD] = "keyboard",
};
static const char *const guest_causes[CAUSE_COUNT] = {
	[CAUSE_NONE] = "", [CAUSE_MIGRATING] = "migrating", [CAUSE_MIGRATED] = "migrated",
	[CAUSE_SAVED] = "saved", [CAUSE_RESTORED] = "restored", [CAUSE_CRASHED] = "crashed",
	[CAUSE_FAILED] = "failed", [CAUSE_DISK] = "disk", [CAUSE_WATCHDOG] = "watchdog",
	[CAUSE_FORCED] = "forced",
};
static const char *const results[] = {
	[AUTH_FAILED] = "failed", [AUTH_PARTIAL] = "partial", [AUTH_OK] = "ok",
	[AUTH_OVER] = "over",
};
static const char *const endpoints[] = { [ENDPOINT_SSH] = "ssh", [ENDPOINT_WEB] = "web" };

static const struct right {
	uint8_t bit;
	const char *word;
} rights[] = {
	{ CONFIG_MAY_VIEW, "view" }, { CONFIG_MAY_TYPE, "type" }, { CONFIG_MAY_POWER, "power" },
	{ CONFIG_MAY_BREAK, "break" }, { CONFIG_MAY_SHARE, "share" },
	{ CONFIG_MAY_ADD_SERIAL, "add-serial" }, { CONFIG_MAY_KICK, "kick" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WORD(table, n) ((n) < COUNT(table) && (table)[n] ? (table)[n] : "unknown")

static int find(const char *const *table, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (table[i] && strcmp(table[i], word) == 0)
			return (int)i;
	return -1;
}

int words_find_act(const char *word)
{
	return find(acts, COUNT(acts), word);
}

int words_find_position(const char *word)
{
	return find(positions, COUNT(positions), word);
}

const char *words_position(uint8_t kind)
{
	return WORD(positions, kind);
}

const char *words_line(uint8_t line)
{
	return WORD(lines, line);
}

const char *words_keyboard(uint8_t cause)
{
	return WORD(causes, cause);
}

const char *words_loss(uint8_t cause)
{
	return WORD(losses, cause);
}

const char *words_guest_cause(uint8_t cause)
{
	return WORD(guest_causes, cause);
}

const char *words_result(uint8_t result)
{
	return WORD(results, result);
}

const char *words_endpoint(uint8_t endpoint)
{
	return WORD(endpoints, endpoint);
}

const char *words_rights(uint8_t may)
{
	static char text[80];
	char *at = text;

	*at = '\0';
	for (size_t i = 0; i < COUNT(rights); i++) {
		if (!(may & rights[i].bit))
			continue;
		if (at != text)
			*at++ = ' ';
		strcpy(at, rights[i].word);
		at += strlen(at);
	}
	return text;
}
