/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* The two values of a whole process that are set once in main: its name and its level. */
static const char *process_name = "rendfly";
static enum log_level least = LOG_INFO;

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void
log_open(const char *process)
{
	const char *wanted = getenv("RENDFLY_LOG");

	process_name = process;
	/* The C library reads the zone's file with the first time that it formats, which a sandbox
	 * would forbid. */
	tzset();
	/* gmtime_r reads the zone's file once, and after a sandbox it could not. */
	tzset();
	for (size_t i = 0; wanted != NULL && i < 4; i++)
		if (strcmp(wanted, level_names[i]) == 0)
			least = (enum log_level)i;
}

static size_t
put_byte(char *out, size_t at, size_t out_bytes, char c)
{
	if (at + 1 < out_bytes)
		out[at] = c;
	return at + 1 < out_bytes ? at + 1 : at;
}

static size_t
put_escaped(char *out, size_t at, size_t out_bytes, struct str text)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = text.len > LOG_VALUE_BYTES ? LOG_VALUE_BYTES : text.len;

	at = put_byte(out, at, out_bytes, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\') {
			at = put_byte(out, at, out_bytes, (char)c);
			continue;
		}
		at = put_byte(out, at, out_bytes, '\\');
		at = put_byte(out, at, out_bytes, 'x');
		at = put_byte(out, at, out_bytes, digits[c >> 4]);
		at = put_byte(out, at, out_bytes, digits[c & 15]);
	}
	return put_byte(out, at, out_bytes, '"');
}

size_t
log_format_fields(const struct log_field *fields, char *out, size_t out_bytes)
{
	size_t at = 0;

	for (; fields->name != NULL; fields++) {
		char number[24];
		const char *c;

		at = put_byte(out, at, out_bytes, ' ');
		for (c = fields->name; *c != '\0'; c++)
			at = put_byte(out, at, out_bytes, *c);
		at = put_byte(out, at, out_bytes, '=');
		if (fields->kind == LOG_FIELD_STR) {
			at = put_escaped(out, at, out_bytes, fields->text);
			continue;
		}
		(void)snprintf(number, sizeof(number), "%" PRId64, fields->number);
		for (c = number; *c != '\0'; c++)
			at = put_byte(out, at, out_bytes, *c);
	}
	if (out_bytes > 0)
		out[at] = '\0';
	return at;
}

size_t
log_format_line(enum log_level level, const char *event, const struct log_field *fields, char *out,
    size_t out_bytes)
{
	char stamp[32];
	int64_t now_ms = clock_wall_ms();
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm utc = { 0 };
	int len;

	(void)gmtime_r(&seconds, &utc);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	len = snprintf(out, out_bytes, "%s.%03dZ %s %s[%d] %s", stamp, (int)(now_ms % 1000),
	    level_names[level], process_name, (int)getpid(), event);
	if (len < 0 || (size_t)len + 1 > out_bytes)
		return 0;
	return (size_t)len + log_format_fields(fields, out + len, out_bytes - (size_t)len);
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields)
{
	char line[LOG_LINE_BYTES];
	size_t len;

	if (level < least)
		return;
	len = log_format_line(level, event, fields, line, sizeof(line) - 1);
	line[len] = '\n';
	/* One write a line, so that lines of several processes never mix. */
	if (write(STDERR_FILENO, line, len + 1) < 0)
		return;
}
