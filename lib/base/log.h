/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - structured lines on standard error, one event each.
 *
 *   log_warn("upstream_refused", LOG_INT("status", 503), LOG_STR("host", host));
 *   2026-11-24T03:30:00.123Z warn collector[812] upstream_refused status=503 host="api.example"
 *
 * The event is a fixed word; what varies is a field.  Control bytes and quotes in values are
 * escaped, values are cut at LOG_VALUE_BYTES, so a line can neither be forged nor flood.  Only
 * processes log; libraries return errors.  Never pass conversation text, keys or URIs: secrets
 * have types (struct secret) that no field takes.  The supervisor collects the lines.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define LOG_VALUE_BYTES 400
#define LOG_LINE_BYTES 2048

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name; /* NULL ends the list */

	enum { LOG_FIELD_INT, LOG_FIELD_STR } kind;

	int64_t number;
	struct str text;
};

#define LOG_INT(n, v) ((struct log_field){ .name = (n), .kind = LOG_FIELD_INT, .number = (v) })
#define LOG_STR(n, v) \
	((struct log_field){ .name = (n), .kind = LOG_FIELD_STR, .text = str_from(v) })
#define LOG_VIEW(n, v) ((struct log_field){ .name = (n), .kind = LOG_FIELD_STR, .text = (v) })
#define LOG_ERR(e) LOG_STR("error", err_text(e))
#define LOG_END ((struct log_field){ .name = NULL })

/* The process's name in each line; call once in main.  Level from RENDFLY_LOG (debug, info, …). */
void log_open(const char *process);

void log_event(enum log_level level, const char *event, const struct log_field *fields);

/* The whole line without its line end, for who writes lines elsewhere; returns the length. */
size_t log_format_line(enum log_level level, const char *event, const struct log_field *fields,
    char *out, size_t out_bytes);

/* The fields alone. */
size_t log_format_fields(const struct log_field *fields, char *out, size_t out_bytes);

#define LOG_AT(level, event, ...) log_event(level, event, (const struct log_field[]){ __VA_ARGS__ })
#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__, LOG_END)
#define log_info(...) LOG_AT(LOG_INFO, __VA_ARGS__, LOG_END)
#define log_warn(...) LOG_AT(LOG_WARN, __VA_ARGS__, LOG_END)
#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__, LOG_END)
