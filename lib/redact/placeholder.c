/* SPDX-License-Identifier: Apache-2.0 */
/*
 * placeholder - "[EMAIL:k7f3qa]" that already stands in the text is left alone, and so are its
 * other forms: "[EMAIL:k7f3qa:gmail.com]", "[CARD:k7f3qa:1111]", "[CUSTOM_ORDER:k7f3qa]" and
 * "[removed]".
 */
#include <string.h>

#include "redact/policy_parts.h"
#include "redact/scan.h"

#define MAX_TAIL 64

/* The length of the name behind the bracket, when it is one of ours. */
static size_t
name_len(const uint8_t *text, size_t len)
{
	size_t n = 0;

	while (n < len && n < POLICY_LABEL_BYTES &&
	    ((text[n] >= 'A' && text[n] <= 'Z') || text[n] == '_'))
		n++;
	if (n == 0 || n == len || text[n] != ':')
		return 0;
	if (n > sizeof(POLICY_LABEL_PREFIX) - 1 && n < POLICY_LABEL_BYTES &&
	    memcmp(text, POLICY_LABEL_PREFIX, sizeof(POLICY_LABEL_PREFIX) - 1) == 0)
		return n;
	for (int type = 0; type < REDACT_N_TYPES; type++) {
		const char *known = redact_type_name((enum redact_type)type);

		if (strlen(known) == n && memcmp(known, text, n) == 0)
			return n;
	}
	return 0;
}

/* The length of ":k7f3qa]" or ":k7f3qa:tail]". */
static size_t
token_len(const uint8_t *text, size_t len, bool is_email)
{
	size_t n = 1 + REDACT_TOKEN_CHARS;
	const uint8_t *end;
	struct str tail;

	if (len < n + 1 || text[0] != ':')
		return 0;
	for (size_t i = 1; i < n; i++)
		if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '2' && text[i] <= '7'))
			return 0;
	if (text[n] == ']')
		return n + 1;
	if (text[n] != ':')
		return 0;
	len = len - n < MAX_TAIL + 2 ? len - n : MAX_TAIL + 2;
	end = memchr(text + n, ']', len);
	if (end == NULL)
		return 0;
	tail = (struct str){ (const char *)text + n + 1, (size_t)(end - text) - n - 1 };
	return mask_is_tail(tail, is_email) ? (size_t)(end - text) + 1 : 0;
}

size_t
placeholder_len(const uint8_t *text, size_t len)
{
	static const char removed[] = PLACEHOLDER_REMOVED;
	size_t name, token;

	if (len < 1 || text[0] != '[')
		return 0;
	if (len >= sizeof(removed) - 1 && memcmp(text, removed, sizeof(removed) - 1) == 0)
		return sizeof(removed) - 1;
	name = name_len(text + 1, len - 1);
	if (name == 0)
		return 0;
	token = token_len(text + 1 + name, len - 1 - name,
	    name == sizeof("EMAIL") - 1 && memcmp(text + 1, "EMAIL", name) == 0);
	return token > 0 ? 1 + name + token : 0;
}

void
match_placeholder(struct scan *s, size_t bracket)
{
	size_t n = placeholder_len(s->text + bracket, s->len - bracket);

	if (n > 0 && bracket + n > s->block_resume)
		s->block_resume = bracket + n;
}
