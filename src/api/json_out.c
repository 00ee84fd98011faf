/* SPDX-License-Identifier: Apache-2.0 */
#include "api/json_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define SECONDS_A_DAY 86400
#define US_A_SECOND 1000000

static void
put(struct json_out *j, struct str text)
{
	if (j->error == ERR_OK)
		j->error = buf_append_str(j->to, text);
}

static void
put_escaped(struct json_out *j, unsigned char c)
{
	char text[8];

	if (c == '"' || c == '\\')
		(void)snprintf(text, sizeof(text), "\\%c", c);
	else if (c == '\n')
		(void)snprintf(text, sizeof(text), "\\n");
	else
		(void)snprintf(text, sizeof(text), "\\u%04x", c);
	put(j, str_from(text));
}

static bool
must_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

static void
put_quoted(struct json_out *j, struct str value)
{
	size_t from = 0;

	put(j, STR("\""));
	for (size_t i = 0; i < value.len; i++) {
		if (!must_escape((unsigned char)value.at[i]))
			continue;
		put(j, str_slice(value, from, i));
		put_escaped(j, (unsigned char)value.at[i]);
		from = i + 1;
	}
	put(j, str_slice(value, from, value.len));
	put(j, STR("\""));
}

static void
begin(struct json_out *j, const char *name)
{
	if (j->needs_comma)
		put(j, STR(","));
	j->needs_comma = true;
	if (name == NULL)
		return;
	put_quoted(j, str_from(name));
	put(j, STR(":"));
}

static void
open_with(struct json_out *j, const char *name, struct str sign)
{
	begin(j, name);
	put(j, sign);
	j->needs_comma = false;
}

static void
close_with(struct json_out *j, struct str sign)
{
	put(j, sign);
	j->needs_comma = true;
}

void
json_open_object(struct json_out *j, const char *name)
{
	open_with(j, name, STR("{"));
}

void
json_close_object(struct json_out *j)
{
	close_with(j, STR("}"));
}

void
json_open_array(struct json_out *j, const char *name)
{
	open_with(j, name, STR("["));
}

void
json_close_array(struct json_out *j)
{
	close_with(j, STR("]"));
}

void
json_put_text(struct json_out *j, const char *name, struct str value)
{
	begin(j, name);
	put_quoted(j, value);
}

void
json_put_json(struct json_out *j, const char *name, struct str json)
{
	begin(j, name);
	put(j, json);
}

void
json_put_int(struct json_out *j, const char *name, int64_t value)
{
	begin(j, name);
	if (j->error == ERR_OK)
		j->error = buf_printf(j->to, "%" PRId64, value);
}

void
json_put_bool(struct json_out *j, const char *name, bool value)
{
	begin(j, name);
	put(j, value ? STR("true") : STR("false"));
}

void
json_put_null(struct json_out *j, const char *name)
{
	begin(j, name);
	put(j, STR("null"));
}

void
json_put_ratio(struct json_out *j, const char *name, int64_t part, int64_t whole)
{
	begin(j, name);
	if (whole == 0)
		put(j, STR("null"));
	else if (j->error == ERR_OK)
		j->error = buf_printf(j->to, "%.6f", (double)part / (double)whole);
}

void
json_put_uuid(struct json_out *j, const char *name, const struct uuid *value)
{
	char text[UUID_TEXT_BYTES];

	uuid_format(value, text);
	json_put_text(j, name, str_from(text));
}

void
json_put_time(struct json_out *j, const char *name, int64_t unix_us)
{
	time_t seconds = (time_t)(unix_us / US_A_SECOND);
	int64_t ms = unix_us % US_A_SECOND / 1000;
	struct tm tm;
	char text[64];
	size_t len;

	if (gmtime_r(&seconds, &tm) == NULL) {
		json_put_null(j, name);
		return;
	}
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + len, sizeof(text) - len, ".%03" PRId64 "Z", ms < 0 ? 0 : ms);
	json_put_text(j, name, str_from(text));
}

void
day_format(int64_t days, char ret_text[static DAY_TEXT_BYTES])
{
	time_t seconds = (time_t)(days * SECONDS_A_DAY);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(ret_text, DAY_TEXT_BYTES, "%Y-%m-%d", &tm) == 0)
		(void)snprintf(ret_text, DAY_TEXT_BYTES, "1970-01-01");
}

static bool
is_day_shaped(struct str text)
{
	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (i != 4 && i != 7 && (text.at[i] < '0' || text.at[i] > '9'))
			return false;
	return true;
}

static int
digits(struct str text, size_t from, size_t to)
{
	int n = 0;

	for (size_t i = from; i < to; i++)
		n = n * 10 + (text.at[i] - '0');
	return n;
}

bool
day_parse(struct str text, int64_t *ret_days)
{
	struct tm tm = { 0 };
	char back[DAY_TEXT_BYTES];
	int64_t days;

	if (!is_day_shaped(text))
		return false;
	tm.tm_year = digits(text, 0, 4) - 1900;
	tm.tm_mon = digits(text, 5, 7) - 1;
	tm.tm_mday = digits(text, 8, 10);
	days = (int64_t)timegm(&tm) / SECONDS_A_DAY;
	/* 31 February becomes 3 March on the way: what does not come back was no day. */
	day_format(days, back);
	if (!str_equals(text, str_from(back)))
		return false;
	*ret_days = days;
	return true;
}

void
json_put_day(struct json_out *j, const char *name, int64_t days)
{
	char text[DAY_TEXT_BYTES];

	day_format(days, text);
	json_put_text(j, name, str_from(text));
}

enum err
json_out_end(struct json_out *j)
{
	return j->error;
}
