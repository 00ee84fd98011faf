/* SPDX-License-Identifier: Apache-2.0 */
/* command_line - the user and password given to curl, and lines of cookies. */
#include <string.h>
#include <strings.h>

#include "redact/secret_value.h"
#include "redact/secrets.h"

#define LIKELY 850
#define MAX_COMMAND 1024
#define MAX_COOKIES 4096
#define MIN_COOKIE 10
#define MIN_TOKEN 12

/* A command ends with its line, unless a backslash carries it on. */
static size_t
command_end(const struct scan *s, size_t at)
{
	size_t limit = s->len - at > MAX_COMMAND ? at + MAX_COMMAND : s->len;

	for (; at < limit && s->text[at] != LAYER_BREAK; at++)
		if (s->text[at] == '\n' && s->text[at - 1] != '\\')
			return at;
	return at;
}

/* The length of an option that names a user, with what stands between it and its value. */
static size_t
option_len(const uint8_t *at)
{
	static const char *const options[] = { "-u", "--user", "-U", "--proxy-user" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strncmp((const char *)at, options[i], strlen(options[i])) == 0)
			n = strlen(options[i]);
	if (n > 2 && at[n] != ' ' && at[n] != '=')
		return 0;
	while (n > 0 && (at[n] == ' ' || at[n] == '=' || at[n] == '"' || at[n] == '\''))
		n++;
	return n;
}

/* "$USER:$PASS", "user:${PASS}"; "P@ssw0rd$1" is a password. */
static bool
has_variable(const struct scan *s, size_t at, size_t end)
{
	for (; at < end; at++)
		if (s->text[at] == '$' &&
		    (s->text[at + 1] == '{' || s->text[at + 1] == '(' || s->text[at + 1] == '_' ||
			is_letter(s->text[at + 1])) &&
		    !is_alnum(s->text[at - 1]))
			return true;
	return false;
}

static void
add_user(struct scan *s, size_t at, size_t limit)
{
	uint8_t quote = s->text[at - 1];
	size_t end = at, colon = 0;

	if (quote != '"' && quote != '\'')
		quote = ' ';
	for (; end < limit && s->text[end] != quote && s->text[end] >= ' '; end++)
		if (s->text[end] == ':' && colon == 0)
			colon = end;
	/* "token:" is a user without a password, and no word. */
	if (colon + 1 == end && colon > at && quote != ' ' && colon - at >= MIN_TOKEN) {
		if (secret_is_random(s->text + at, colon - at))
			scan_add_secret(s, at, colon, LIKELY);
		return;
	}
	if (colon == 0 || end - colon < 3 || has_variable(s, at, end) ||
	    memchr(s->text + at, '<', end - at) != NULL || s->text[colon + 1] == '/' ||
	    secret_is_stop_word(s->text + colon + 1, end - colon - 1))
		return;
	scan_add_secret(s, at, end, LIKELY);
}

void
match_curl(struct scan *s, size_t behind)
{
	size_t end;

	if (behind < s->line_resume)
		return;
	end = command_end(s, behind);
	s->line_resume = end;
	for (size_t at = behind; at < end; at++) {
		size_t n;

		if (s->text[at] != '-' || s->text[at - 1] > ' ')
			continue;
		n = option_len(s->text + at);
		if (n > 0 && at + n < end)
			add_user(s, at + n, end);
	}
}

/* Words such as "Path=/" and "SameSite=Lax" are no secrets, nor are what pages are called. */
static bool
is_cookie_secret(const uint8_t *text, size_t len)
{
	return len >= MIN_COOKIE && memchr(text, ' ', len) == NULL && secret_is_random(text, len);
}

void
match_cookie(struct scan *s, size_t behind)
{
	size_t limit = s->len - behind > MAX_COOKIES ? behind + MAX_COOKIES : s->len;
	size_t at = behind;

	if (behind < s->line_resume)
		return;
	while (at < limit && s->text[at] >= ' ' && s->text[at] != LAYER_BREAK) {
		size_t from = at, end;

		while (from < limit && strchr("=;\"\n", s->text[from]) == NULL)
			from++;
		from += s->text[from] == '=';
		end = from;
		while (end < limit && s->text[end] != 0 &&
		    strchr(";\"'\n ", s->text[end]) == NULL && s->text[end] != LAYER_BREAK)
			end++;
		if (end > from && is_cookie_secret(s->text + from, end - from))
			scan_add_secret(s, from, end, LIKELY);
		if (s->text[end] != ';')
			break;
		at = end + 1;
	}
	s->line_resume = at < limit ? at : limit;
}
