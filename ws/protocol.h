/* SPDX-License-Identifier: ISC */
/*
 * What a client of serialgate.v1 says: a text frame to a checked struct, a binary frame
 * to its handle and bytes (docs/websocket.md). One table has every message and its
 * members; whatever is not in it is refused. What is said back is in tell.h. Pure.
 */
#ifndef WS_PROTOCOL_H
#define WS_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	PROTOCOL_INPUT_MAX = INPUT_WINDOW,
	PROTOCOL_HANDLE = 4,           /* bytes of a binary frame before its data... */
	PROTOCOL_HEAD = 12,            /* ...and of one from us: handle, position */
	PROTOCOL_ANSWERS_MAX = 32,
	PROTOCOL_PACKED_MAX = 20000,   /* bytes of all answers */
	PROTOCOL_ANSWER_MAX = 511,
};

enum ask_kind {
	ASK_METHODS, ASK_LOGIN, ASK_ANSWERS, ASK_RESUME, ASK_USE_TICKET, ASK_TOKEN, ASK_LOGOUT,
	ASK_LIST, ASK_INFO, ASK_WHO_ALL, ASK_ATTACH, ASK_DETACH, ASK_RESIZE, ASK_TAKE, ASK_GIVE,
	ASK_WHO, ASK_FORCE, ASK_REPLAY, ASK_ACK, ASK_ACT, ASK_KICK, ASK_TICKET, ASK_TICKETS,
	ASK_REVOKE, ASK_PING, ASK_COUNT,
};

/* What a message may be about, for whoever dispatches them. */
enum ask_when {
	ASK_BEFORE = 1,        /* the login */
	ASK_AFTER = 2,
};

/* Members that a message does not have are zero. */
struct ask {
	enum ask_kind kind;
	uint32_t handle;
	char user[USER_MAX + 1];           /* kick: who */
	char method[32];
	char token[TOKEN_MAX + 1];         /* secret */
	char guest[GUEST_PHRASE_MAX + 1];
	char device[ALIAS_MAX + 1];
	char id[TICKET_ID_MAX + 1];
	bool watch, prefix, probe, read_only, take, history, stamps, exact_credit, paint;
	bool type, once;
	struct position from, until;       /* attach: DEFAULT and NOW if left out */
	uint32_t rows, cols;               /* of an attach, too: 0 if left out */
	uint64_t count;                    /* of an ack; the id of a ping */
	uint32_t valid;
	uint8_t act;                       /* enum guest_act */
	uint8_t key;
	uint8_t answer_count;
	size_t answers_len;
	uint8_t answers[PROTOCOL_PACKED_MAX];   /* secret: as msg_answers wants them */
};

/*
 * Reads a text frame. 0; or -1 with the reason in *why: a short sentence in ASCII for a
 * close frame. Wipe a after use: protocol_wipe().
 */
int protocol_read(struct ask *a, const char *text, size_t len, const char **why);
void protocol_wipe(struct ask *a);

/* When a message may come: enum ask_when bits. */
unsigned protocol_when(enum ask_kind kind);

/* A binary frame of a client. 0, or -1. */
int protocol_read_input(uint32_t *handle, struct bytes *data, const uint8_t *frame, size_t len);

/* The head of one of ours; position: behind the frame's last byte. */
void protocol_put_head(uint8_t out[PROTOCOL_HEAD], uint32_t handle, uint64_t position);

#endif
