/* SPDX-License-Identifier: ISC */
/*
 * What a person does to the guest by keys: power, BREAK, SysRq, the size of the window.
 * Asks which and whether, asks console for it, and shows what became of it. Part of the
 * attach stage.
 */
#ifndef TERMINAL_ACTING_H
#define TERMINAL_ACTING_H

#include "terminal/stage.h"

void acting_power(struct session *s);
void acting_sysrq(struct session *s);
void acting_break(struct session *s);
void acting_size(struct session *s);

/* The key that was asked for; none comes; it does not come for a while. */
void acting_key(struct session *s, uint32_t text);
void acting_cancel(struct session *s);
void acting_remind(struct session *s);

void acting_done(struct session *s, const struct msg_act_done *m);
void acting_refused(struct session *s, const struct msg_refused *m);

#endif
