/* SPDX-License-Identifier: ISC */
/*
 * Files with keys and certificates: gate alone opens them, and never looks into one. What
 * is not a regular file of its owner's with the right mode and size is refused.
 */
#ifndef GATE_SECRETFILE_H
#define GATE_SECRETFILE_H

#include <stddef.h>
#include <sys/types.h>

struct secretfile_kind {
	const char *what;        /* for messages: "host key" */
	mode_t forbidden;        /* bits of the mode that may not be set */
	const char *expected;    /* the mode that is wanted instead: "0600" */
	size_t max;              /* bytes */
};

/*
 * The open file, or -1 with err, and with errno ENOENT where there is none (EINVAL where
 * it is not as it has to be).
 */
int secretfile_open(const struct secretfile_kind *kind, const char *path, char *err,
		    size_t errsize);

/* Reads it whole into out (kind->max bytes). Its length, or -1 as above. */
ssize_t secretfile_read(const struct secretfile_kind *kind, const char *path, void *out,
			char *err, size_t errsize);

#endif
