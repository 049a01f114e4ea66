/* SPDX-License-Identifier: ISC */
/* The page, as page/embed made it of the files in page/: one document, compressed. */
#ifndef WS_PAGE_H
#define WS_PAGE_H

#include <stddef.h>

extern const unsigned char page_gzip[];
extern const size_t page_gzip_len;
extern const char page_etag[];       /* quoted */
extern const char page_hashes[];     /* of its scripts, for a Content-Security-Policy */

#endif
