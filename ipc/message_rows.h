/* SPDX-License-Identifier: ISC */
/*
 * The table of all messages: message.c encodes and decodes by it, and is the only one who
 * includes this. Pure.
 */
#ifndef IPC_MESSAGE_ROWS_H
#define IPC_MESSAGE_ROWS_H

#include <stddef.h>

enum field_kind { FIELD_U8, FIELD_U16, FIELD_U32, FIELD_U64, FIELD_UUID, FIELD_STR, FIELD_BYTES };

struct field {
	enum field_kind kind;
	size_t offset;               /* in the message's struct */
	size_t max;                  /* STR: bytes without the NUL; BYTES: bytes */
};

struct message_row {
	const char *name;            /* NULL: there is no such message */
	unsigned nfds;
	const struct field *fields;
	size_t nfields;
};

extern const struct message_row message_rows[];    /* MSG_TYPE_COUNT */

#endif
