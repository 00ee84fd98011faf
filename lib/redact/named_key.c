/* SPDX-License-Identifier: Apache-2.0 */
/* named_key - "heroku_api_key = VALUE": keys that have no form of their own, told by the name of
 * who gives them out and by their length and alphabet. */
#include <string.h>

#include "redact/layer.h"
#include "redact/secrets.h"

#define SCORE 800
#define MAX_NAME 40 /* what goes on behind the provider's name */
#define MAX_SIGNS 8
#define MAX_VALUE 120

static bool
is_name_byte(uint8_t c)
{
	return is_alnum(c) || (c != 0 && c < 0x80 && strchr("_-. \"'`)]", c) != NULL);
}

static bool
is_assignment(uint8_t c)
{
	return c != 0 && c < 0x80 && strchr("=:>,|(?", c) != NULL;
}

static bool
is_value_byte(uint8_t c)
{
	return is_alnum(c) || (c != 0 && c < 0x80 && strchr("_-+/=", c) != NULL);
}

void
match_named_key(struct scan *s, const struct key_match *name)
{
	size_t at = name->end, from = at, end;

	while (at < s->len && at - from < MAX_NAME && is_name_byte(s->text[at]))
		at++;
	if (!is_assignment(s->text[at]) && s->text[at] != LAYER_BREAK)
		return;
	/* A key of JSON: its value is the next string. */
	if (s->text[at] == LAYER_BREAK)
		at++;
	from = at;
	while (at < s->len && at - from < MAX_SIGNS && s->text[at] != 0 &&
	    (is_assignment(s->text[at]) || strchr(" \"'`[{", s->text[at]) != NULL ||
		(s->text[at] == '\n' && s->text[at - 1] == '>')))
		at++;
	end = at;
	while (end < s->len && end - at < MAX_VALUE && is_value_byte(s->text[end]))
		end++;
	if (end > at && key_is_of(name, s->text + at, end - at))
		scan_add_secret(s, at, end, SCORE);
}
