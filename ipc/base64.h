/* SPDX-License-Identifier: ISC */
/* Base64 to bytes: how libssh exports a public key, and HTTP a user and password. Pure. */
#ifndef IPC_BASE64_H
#define IPC_BASE64_H

#include <stddef.h>
#include <stdint.h>

/*
 * Decodes text (RFC 4648 4, with its padding, nothing else) into out.
 * The number of bytes, or -1: not base64, or more than size.
 */
long base64_decode(uint8_t *out, size_t size, const char *text);

#endif
