/* SPDX-License-Identifier: Apache-2.0 */
/* odd_key - keys that have no beginning of their own but a sign inside that gives them away:
 * "abc8Q~…" of Entra ID (Azure AD), "123456789012345|…" of Meta's apps. */
#include "redact/keys.h"
#include "redact/secrets.h"
#include "redact/token.h"

#define SCORE 950
#define ALPHABET 64
#define MIN_ENTROPY 60
#define AZURE_HEAD 5 /* three signs, a digit, "Q" */
#define AZURE_MIN 31
#define AZURE_MAX 34
#define META_MIN 27
#define META_MAX 40
#define META_ID_MIN 15
#define META_ID_MAX 16

static bool
is_azure_sign(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '~' || c == '.';
}

/* Where the run of letters, digits, hyphens, low lines and `others` ends, one byte past `most` at
 * most; a full stop at its end belongs to the sentence. */
static size_t
run_end(const struct scan *s, size_t at, size_t most, bool (*is_other)(uint8_t c))
{
	size_t end = at;

	while (end < s->len && end - at <= most && (s->text[end] == '-' || is_other(s->text[end])))
		end++;
	while (end > at && s->text[end - 1] == '.')
		end--;
	return end;
}

static bool
is_meta_sign(uint8_t c)
{
	return is_alnum(c) || c == '_';
}

static bool
add_if_random(struct scan *s, size_t start, size_t tail, size_t end)
{
	if (key_entropy(s->text + tail, end - tail, ALPHABET) < MIN_ENTROPY)
		return false;
	scan_add_secret(s, start, end, SCORE);
	if (end > s->number_resume)
		s->number_resume = end;
	return true;
}

/* The token of letters and digits ends with a digit and "Q"; what stands before the digit may be of
 * another token. */
static bool
match_azure(struct scan *s, size_t sign)
{
	size_t start = sign - AZURE_HEAD, end;

	if (sign < AZURE_HEAD || s->text[sign - 1] != 'Q' || !is_digit(s->text[sign - 2]) ||
	    (start > 0 && (is_azure_sign(s->text[start - 1]) || s->text[start - 1] == '-')))
		return false;
	for (size_t i = start; i < sign - 2; i++)
		if (!is_azure_sign(s->text[i]))
			return false;
	end = run_end(s, sign + 1, AZURE_MAX, is_azure_sign);
	return end - sign - 1 >= AZURE_MIN && end - sign - 1 <= AZURE_MAX &&
	    add_if_random(s, start, sign + 1, end);
}

static bool
match_meta(struct scan *s, size_t start, size_t bar)
{
	size_t end = run_end(s, bar + 1, META_MAX, is_meta_sign);

	return bar - start >= META_ID_MIN && bar - start <= META_ID_MAX &&
	    end - bar - 1 >= META_MIN && end - bar - 1 <= META_MAX &&
	    add_if_random(s, start, bar + 1, end);
}

bool
match_odd_key(struct scan *s, size_t start, size_t len, bool is_number)
{
	size_t sign = start + len;

	if (sign < s->word_resume)
		return false;
	if (s->text[sign] == '~')
		return match_azure(s, sign);
	return s->text[sign] == '|' && is_number && match_meta(s, start, sign);
}
