/* SPDX-License-Identifier: ISC */
/* See past.h. Pure. */
#include "terminal/past.h"

#include <inttypes.h>
#include <stdio.h>

#include "ipc/date.h"
#include "ipc/message.h"
#include "terminal/position.h"

/* What was asked for, and how it is called with its size in front of it. */
static const struct {
	const char *some, *none;
} words[POSITION_KIND_COUNT] = {
	[POSITION_LINES] = {"from before", "nothing from before is kept"},
	[POSITION_OFFSET] = {"since there", "nothing came since there"},
	[POSITION_LEFT] = {"since you left", "nothing came since you left"},
	[POSITION_BOOT] = {"since that boot", "nothing of that boot is kept"},
	[POSITION_TIME] = {"since then", "nothing came since then"},
	[POSITION_OLDEST] = {"from before", "nothing from before is kept"},
};

void past_size(char out[PAST_SIZE_SIZE], uint64_t bytes)
{
	if (bytes < 2048)
		snprintf(out, PAST_SIZE_SIZE, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
	else if (bytes < 1024 * 1024)
		snprintf(out, PAST_SIZE_SIZE, "%" PRIu64 " KiB", (bytes + 512) / 1024);
	else
		snprintf(out, PAST_SIZE_SIZE, "%" PRIu64 ".%" PRIu64 " MiB", bytes >> 20,
			 (bytes & 0xfffff) * 10 >> 20);
}

static bool is_told_of(const struct past *past)
{
	return past->from < POSITION_KIND_COUNT && words[past->from].some;
}

static void say_missed(struct buf *out, const struct past *past)
{
	char gone[PAST_SIZE_SIZE], place[POSITION_SIZE];

	past_size(gone, past->missed);
	if (!past->log) {
		buf_printf(out, ", %s of them not kept any more", gone);
		return;
	}
	position_print(place, past->epoch, past->offset - past->missed);
	buf_printf(out, ", %s of them not here: 'log %s --from %s' has them", gone, past->log, place);
}

/* All that came is what is kept and what is not. */
void past_begin(struct buf *out, const struct past *past)
{
	uint64_t kept = past->head - past->offset;
	bool is_unknown = past->missed == UINT64_MAX;
	char all[PAST_SIZE_SIZE], place[POSITION_SIZE];

	if (!is_told_of(past))
		return;
	if (is_unknown && past->log)
		buf_printf(out, "the gate was started anew since: 'log %s' has what came before that\n",
			   past->log);
	else if (is_unknown)
		buf_append_str(out, "the gate was started anew since: what came before that is lost\n");
	if (kept == 0 && (is_unknown || past->missed == 0)) {
		if (past->is_asked)
			buf_printf(out, "%s\n", words[past->from].none);
		return;
	}
	past_size(all, kept + (is_unknown ? 0 : past->missed));
	position_print(place, past->epoch, past->offset);
	buf_printf(out, "%s %s", all, words[past->from].some);
	if (!is_unknown && past->missed)
		say_missed(out, past);
	if (kept)
		buf_printf(out, past->log && past->missed && !is_unknown ?
			   "; this is from %s on:" : ", from %s on:", place);
	buf_append_str(out, "\n");
}

void past_end(struct buf *out, const struct past *past)
{
	if (past->head > past->offset && is_told_of(past))
		buf_append_str(out, "live from here on\n");
}

void past_boot(struct buf *out, const char *name, uint64_t time)
{
	char when[DATE_SIZE];

	date_write(when, time);
	buf_printf(out, "%s started here, %s\n", name, when);
}
