/* SPDX-License-Identifier: ISC */
/* See spin.h. Pure. */
#include "ws/spin.h"

bool spin_turn(struct spin *s, bool had_event, time_t now)
{
	if (had_event || now != s->second) {
		s->turns = 0;
		s->second = now;
	}
	return ++s->turns > SPIN_MAX;
}
