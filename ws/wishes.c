/* SPDX-License-Identifier: ISC */
/* See wishes.h. */
#include "ws/wishes.h"

#include "ws/attachment.h"
#include "ws/session.h"

static int take_about(struct attachment *a, enum message_type type)
{
	struct msg_handle m = { a->handle };

	if (a->peer.state == ATTACHMENT_OPEN)
		peer_send(&a->peer, type, &m);
	return 0;
}

static int take_detach(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	if (a->peer.state == ATTACHMENT_OPEN) {
		take_about(a, MSG_DETACH);
		a->peer.state = ATTACHMENT_LEAVING;
		attachment_flow(a);
	} else if (a->peer.state != ATTACHMENT_LEAVING) {
		session_tell_away(a->session, a->handle, true);
		session_drop(a->session, a);
	}
	return 0;
}

static int take_resize(struct attachment *a, const struct ask *ask)
{
	outlet_resize(&a->outlet, ask->rows, ask->cols);
	attachment_flow(a);
	return 0;
}

static int take_take(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_TAKE);
}

static int take_give(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_GIVE);
}

static int take_who(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_WHO);
}

static int take_force(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_FORCE);
}

static int take_replay(struct attachment *a, const struct ask *ask)
{
	struct msg_replay m = { .handle = a->handle, .from = ask->from };

	if (a->peer.state == ATTACHMENT_OPEN)
		peer_send(&a->peer, MSG_REPLAY, &m);
	return 0;
}

static int take_ack(struct attachment *a, const struct ask *ask)
{
	return attachment_shown(a, ask->count);
}

static const struct taker {
	enum ask_kind kind;
	int (*take)(struct attachment *a, const struct ask *ask);
} takers[] = {
	{ ASK_DETACH, take_detach }, { ASK_RESIZE, take_resize }, { ASK_TAKE, take_take },
	{ ASK_GIVE, take_give }, { ASK_WHO, take_who }, { ASK_FORCE, take_force },
	{ ASK_REPLAY, take_replay }, { ASK_ACK, take_ack },
};

int wishes_take(struct attachment *a, const struct ask *ask)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (takers[i].kind == ask->kind)
			return takers[i].take(a, ask);
	return -1;
}

int wishes_input(struct attachment *a, struct bytes data)
{
	struct msg_data m = { .handle = a->handle, .data = data };

	/* What was typed while it was leaving is nobody's. */
	if (a->peer.state == ATTACHMENT_LEAVING)
		return 0;
	if (data.len > a->credit)
		return -1;
	a->credit -= (uint32_t)data.len;
	peer_send(&a->peer, MSG_INPUT, &m);
	return 0;
}
