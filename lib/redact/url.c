/* SPDX-License-Identifier: Apache-2.0 */
/* url - the credentials in "scheme://user:password@host"; the host stays. */
#include <string.h>

#include "redact/scan.h"

#define MAX_AUTHORITY 320
#define MIN_BARE_TOKEN 16 /* "https://TOKEN@host", without a colon */
#define LIKELY 930

static bool
ends_authority(uint8_t c)
{
	return c <= ' ' || c == LAYER_BREAK || strchr("\"'<>`?#", c) != NULL;
}

/* "${USER}:${PASSWORD}" and "<user>:<pass>" are to be filled in. */
static bool
is_template(const uint8_t *at, size_t len)
{
	return len == 0 || memchr(at, '$', len) != NULL || memchr(at, '{', len) != NULL;
}

static bool
is_token(const uint8_t *at, size_t len)
{
	size_t n_digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (placeholder_len(at + i, len - i) > 0)
			return false; /* what was there was replaced */
		n_digits += is_digit(at[i]);
	}
	return len >= MIN_BARE_TOKEN && n_digits > 0;
}

void
match_url_credentials(struct scan *s, size_t colon)
{
	size_t start = colon + 3, end = start, at = 0, password = 0, slash = 0;
	bool is_port;

	if (s->text[colon + 1] != '/' || s->text[colon + 2] != '/' || colon == 0 ||
	    !is_alnum(s->text[colon - 1]))
		return;
	for (; end < s->len && end - start < MAX_AUTHORITY && !ends_authority(s->text[end]);
	     end++) {
		/* The colon of a placeholder parts no password from a name. */
		size_t placeholder = placeholder_len(s->text + end, s->len - end);

		if (placeholder > 0) {
			end += placeholder - 1;
			continue;
		}
		if (s->text[end] == '/' && slash == 0)
			slash = end;
		if (s->text[end] == '/' && s->text[end + 1] == '/')
			break;
		if (s->text[end] == ':' && password == 0)
			password = end + 1;
		/* Behind a slash, only where the password holds it: the port would be a number. */
		is_port = password > 0 && is_digit(s->text[password]);
		if (s->text[end] == '@' &&
		    (slash == 0 || (password > 0 && password < slash && !is_port)))
			at = end;
	}
	if (at <= start || is_template(s->text + start, at - start))
		return;
	if (password > at || password == 0 ? !is_token(s->text + start, at - start)
					   : password == at)
		return;
	s->at_resume = at + 1;
	scan_add_secret(s, start, at, LIKELY);
}
