/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err - the one error type.
 *
 * A value exists only when some caller must act differently on it.  Where a person needs more
 * (a parse position, the text of a library) a last parameter `struct err_detail *reterr` carries
 * it; it may be NULL and is written on failure only.
 */
#pragma once

#include "base/cleanup.h"

enum err {
	ERR_OK = 0,
	ERR_NOMEM,     /* allocation failed */
	ERR_TOO_LARGE, /* a cap was reached; nothing was changed */
	ERR_MALFORMED, /* outside bytes that do not parse */
	ERR_DENIED,    /* the caller may not, or a signature or tag did not verify */
	ERR_NOT_FOUND,
	ERR_CONFLICT, /* exists already, or changed meanwhile */
	ERR_BUSY,     /* try again later: time-out, peer away, budget spent */
	ERR_IO,       /* the system or a library failed; errno or the detail says how */
	ERR_BUG,      /* our own mistake */
	ERR_GONE,     /* destroyed for good: no retry and no restore brings it back */
};

#define ERR_LAST ERR_GONE
#define ERR_DETAIL_BYTES 512

struct err_detail {
	char text[ERR_DETAIL_BYTES];
};

/* A fixed lower-case phrase; never NULL. */
const char *err_text(enum err e);

/* Writes the detail (NULL is fine) and returns e, so that a failure is one line. */
enum err err_set(struct err_detail *reterr, enum err e, const char *format, ...) PRINTF_LIKE(3, 4);
