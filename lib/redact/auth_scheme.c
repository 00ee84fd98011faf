/* SPDX-License-Identifier: Apache-2.0 */
/* auth_scheme - what stands behind "Bearer", "Basic" and, in an Authorization line, behind any
 * other scheme. */
#include <string.h>
#include <strings.h>

#include "redact/secrets.h"
#include "redact/words.h"

#define LIKELY 850
#define MIN_ALONE 16
#define MIN_IN_HEADER 8
#define MIN_BASIC 8
#define LOOK_BACK 32
#define PEEKED 48
#define MIN_ENTROPY 60
#define ALPHABET 64

static bool
is_credential_byte(uint8_t c)
{
	return is_alnum(c) || (c != 0 && c < 0x80 && strchr("._~+/=-:", c) != NULL);
}

/* An Authorization header, as a line or as a key, has this for its value. */
static bool
is_in_header(struct scan *s, size_t start)
{
	static const char word[] = "uthorization";
	size_t from = start > LOOK_BACK ? start - LOOK_BACK : 0;

	return memmem(s->text + from, start - from, word, sizeof(word) - 1) != NULL ||
	    (scan_context(s, start) & (WORD_MAYBE_SECRET | WORD_TYPE(SECRET))) != 0;
}

static bool
has_digit(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_digit(text[i]))
			return true;
	return false;
}

/* "user:password" in base64 */
static bool
is_basic(const uint8_t *text, size_t len)
{
	uint8_t plain[PEEKED];
	size_t n = base64_peek(text, len, plain, sizeof(plain));

	if (len < MIN_BASIC || memchr(plain, ':', n) == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (plain[i] < ' ' || plain[i] == 0x7F)
			return false;
	return true;
}

static size_t
credential_end(const struct scan *s, size_t at)
{
	size_t end = at;

	while (end < s->len && is_credential_byte(s->text[end]))
		end++;
	while (end > at && (s->text[end - 1] == '.' || s->text[end - 1] == ':'))
		end--;
	return end;
}

void
match_scheme(struct scan *s, size_t start, size_t behind)
{
	bool is_bearer = lower(s->text[start]) == 'b' && lower(s->text[start + 1]) == 'e';
	bool is_basic_scheme = lower(s->text[start]) == 'b' && !is_bearer;
	size_t end, n;

	if (start > 0 && (s->text[start - 1] == '_' || s->text[start - 1] == '-'))
		return;
	end = credential_end(s, behind);
	n = end - behind;
	if (is_basic_scheme && is_basic(s->text + behind, n)) {
		scan_add_secret(s, behind, end, LIKELY);
		return;
	}
	if (n < MIN_IN_HEADER || !has_digit(s->text + behind, n) ||
	    key_entropy(s->text + behind, n, ALPHABET) < MIN_ENTROPY)
		return;
	if (is_bearer ? n < MIN_ALONE && !is_in_header(s, start) : !is_in_header(s, start))
		return;
	scan_add_secret(s, behind, end, LIKELY);
}
