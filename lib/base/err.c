/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

const char *
err_text(enum err e)
{
	static const char *const texts[] = {
		[ERR_OK] = "ok",
		[ERR_NOMEM] = "out of memory",
		[ERR_TOO_LARGE] = "too large",
		[ERR_MALFORMED] = "malformed",
		[ERR_DENIED] = "denied",
		[ERR_NOT_FOUND] = "not found",
		[ERR_CONFLICT] = "conflict",
		[ERR_BUSY] = "busy",
		[ERR_IO] = "input/output error",
		[ERR_BUG] = "internal error",
		[ERR_GONE] = "gone",
	};

	if ((size_t)e >= sizeof(texts) / sizeof(texts[0]))
		return "unknown error";
	return texts[e];
}

enum err
err_set(struct err_detail *reterr, enum err e, const char *format, ...)
{
	va_list args;

	if (reterr == NULL)
		return e;
	va_start(args, format);
	(void)vsnprintf(reterr->text, sizeof(reterr->text), format, args);
	va_end(args);
	return e;
}
