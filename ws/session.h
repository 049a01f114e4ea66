/* SPDX-License-Identifier: ISC */
/*
 * One session of serialgate.v1: the login, round by round; the guests; any number of
 * attachments. What the client says becomes messages to auth and console, what they say
 * becomes text. It decides nothing: it checks that the client keeps to the protocol.
 */
#ifndef WS_SESSION_H
#define WS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "ws/client.h"
#include "ws/door.h"

enum { SESSION_ATTACHMENTS_MAX = 16 };

struct attachment;
struct config;
struct session;

struct session_start {
	struct client *client;
	int door;                    /* owned from here on */
	const struct config *config;
	/* Somebody logged in; then: something was typed. */
	void (*logged_in)(void *who);
	void (*typed)(void *who);
	void *who;
};

/* Says hello. NULL: no memory, or no loop. */
struct session *session_new(const struct session_start *start);

/* From the client. */
void session_text(struct session *s, char *text, size_t len);
void session_binary(struct session *s, const uint8_t *data, size_t len);
void session_room(struct session *s);

/* -- for the parts of a session: its attachments and its control -- */

struct client *session_client(struct session *s);
struct door *session_door(struct session *s);
const struct config *session_config(const struct session *s);
void session_tell(struct session *s, const struct message *m);
void session_pass(struct session *s, const struct buf *text);   /* as it is */
/* Its visit is over: of itself, or (is_left) as the client wanted. */
void session_tell_away(struct session *s, uint32_t handle, bool is_left);
void session_tell_refused(struct session *s, uint32_t handle, enum refusal code, const char *text);
void session_visit_ended(struct session *s, const struct message *m);
void session_drop(struct session *s, struct attachment *a);
void session_end(struct session *s, enum close_code code, const char *reason);

#endif
