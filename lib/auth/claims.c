/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims - what a token says, in the one spelling that we write: the same names in the same order,
 * no white space, no escapes.  What reads back differently is not ours.
 */
#include <inttypes.h>
#include <string.h>

#include "auth/auth.h"

#define CLAIMS_MAX_BYTES 512
#define MAX_TIME_S 99999999999 /* the year 5138; far from any overflow */

static bool
is_role(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.at[i] < 'a' || text.at[i] > 'z') && text.at[i] != '_')
			return false;
	return text.len > 0 && text.len < AUTH_ROLE_BYTES;
}

static bool
is_base64url(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '_';
}

static bool
is_csrf(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_base64url(text.at[i]))
			return false;
	return text.len == AUTH_CSRF_BYTES - 1;
}

static bool
are_sound(const struct auth_claims *c)
{
	return is_role(str_from(c->role)) && is_csrf(str_from(c->csrf)) && c->issued_s >= 0 &&
	    c->issued_s <= MAX_TIME_S && c->expires_s > c->issued_s &&
	    c->expires_s - c->issued_s <= AUTH_TOKEN_LIFE_S && !uuid_is_zero(&c->user) &&
	    !uuid_is_zero(&c->workspace) && !uuid_is_zero(&c->session);
}

enum err
auth_claims_write(const struct auth_claims *c, struct buf *out)
{
	char user[UUID_TEXT_BYTES], workspace[UUID_TEXT_BYTES], session[UUID_TEXT_BYTES];

	if (!are_sound(c))
		return ERR_BUG;
	uuid_format(&c->user, user);
	uuid_format(&c->workspace, workspace);
	uuid_format(&c->session, session);
	return buf_printf(out,
	    "{\"iss\":\"" AUTH_TOKEN_ISSUER "\",\"aud\":\"" AUTH_TOKEN_AUDIENCE "\","
	    "\"sub\":\"%s\",\"wid\":\"%s\",\"sid\":\"%s\",\"role\":\"%s\",\"csrf\":\"%s\","
	    "\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}",
	    user, workspace, session, c->role, c->csrf, c->issued_s, c->expires_s);
}

static bool
take(struct str *left, struct str expected)
{
	if (!str_starts_with(*left, expected))
		return false;
	*left = str_slice(*left, expected.len, left->len);
	return true;
}

/* The text up to the next quote, which is taken too. */
static bool
take_text(struct str *left, struct str *ret_text)
{
	const char *quote = left->len == 0 ? NULL : memchr(left->at, '"', left->len);
	size_t n;

	if (quote == NULL)
		return false;
	n = (size_t)(quote - left->at);
	*ret_text = str_slice(*left, 0, n);
	*left = str_slice(*left, n + 1, left->len);
	return true;
}

static bool
take_uuid(struct str *left, struct uuid *ret_id)
{
	struct str text;

	return take_text(left, &text) && uuid_parse(text, ret_id);
}

static bool
take_short_text(struct str *left, char *ret_text, size_t bytes)
{
	struct str text;

	if (!take_text(left, &text) || text.len >= bytes || memchr(text.at, 0, text.len) != NULL)
		return false;
	memcpy(ret_text, text.at, text.len);
	ret_text[text.len] = '\0';
	return true;
}

static bool
take_time(struct str *left, int64_t *ret_s)
{
	int64_t v = 0;
	size_t n = 0;

	for (; n < left->len && n < 11 && left->at[n] >= '0' && left->at[n] <= '9'; n++)
		v = v * 10 + (left->at[n] - '0');
	*left = str_slice(*left, n, left->len);
	*ret_s = v;
	return n > 0;
}

static bool
parse_fields(struct str json, struct auth_claims *c)
{
	return take(&json,
		   STR("{\"iss\":\"" AUTH_TOKEN_ISSUER "\",\"aud\":\"" AUTH_TOKEN_AUDIENCE
		       "\",\"sub\":\"")) &&
	    take_uuid(&json, &c->user) && take(&json, STR(",\"wid\":\"")) &&
	    take_uuid(&json, &c->workspace) && take(&json, STR(",\"sid\":\"")) &&
	    take_uuid(&json, &c->session) && take(&json, STR(",\"role\":\"")) &&
	    take_short_text(&json, c->role, sizeof(c->role)) && take(&json, STR(",\"csrf\":\"")) &&
	    take_short_text(&json, c->csrf, sizeof(c->csrf)) && take(&json, STR(",\"iat\":")) &&
	    take_time(&json, &c->issued_s) && take(&json, STR(",\"exp\":")) &&
	    take_time(&json, &c->expires_s) && str_equals(json, STR("}")) && are_sound(c);
}

enum err
auth_claims_parse(struct str json, struct auth_claims *ret_claims)
{
	CLEANUP(buf) struct buf *again = NULL;
	struct auth_claims c = { 0 };
	enum err e;

	if (json.len > CLAIMS_MAX_BYTES || !parse_fields(json, &c))
		return ERR_MALFORMED;
	e = buf_new(CLAIMS_MAX_BYTES, &again);
	if (e == ERR_OK)
		e = auth_claims_write(&c, again);
	if (e != ERR_OK)
		return e;
	if (!str_equals(buf_str(again), json))
		return ERR_MALFORMED;
	*ret_claims = c;
	return ERR_OK;
}
