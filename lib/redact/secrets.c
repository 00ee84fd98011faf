/* SPDX-License-Identifier: Apache-2.0 */
/* secrets - what begins at a word: keys with fixed prefixes, signed tokens, key blocks, "Bearer …",
 * and IBANs, which begin with letters too. */
#include <string.h>
#include <strings.h>

#include "redact/checks.h"
#include "redact/prefix.h"
#include "redact/scan.h"
#include "redact/words.h"

#define SURE 980
#define LIKELY 850
#define TYPING_ERROR 650
#define COMPOSITION_BYTES 96 /* a key that has no digit in these is a name with hyphens */
#define MIN_BEARER 16
#define MAX_IBAN 34
#define MIN_TOKEN_PART 8
#define MAX_LABEL 64 /* of a key block: "-----BEGIN RSA PRIVATE KEY-----" */

void
scan_add_secret(struct scan *s, size_t start, size_t end, uint16_t score)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_SECRET,
		.score = score,
		.how = CANONICAL_RAW,
	    });
	if (end > s->word_resume)
		s->word_resume = end;
}

static size_t
run_of(const struct scan *s, size_t at, enum prefix_alphabet alphabet)
{
	size_t end = at;

	while (end < s->len && prefix_has_byte(alphabet, s->text[end]))
		end++;
	return end - at;
}

static bool
has_digit(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len && i < COMPOSITION_BYTES; i++)
		if (is_digit(at[i]))
			return true;
	return false;
}

static bool
match_prefix(struct scan *s, size_t start)
{
	const struct prefix *p = prefix_find(s->prefixes, s->text + start, s->len - start);
	size_t tail, n;

	if (p == NULL)
		return false;
	tail = start + strlen(p->text);
	if (p->needs_digit && !has_digit(s->text + tail, s->len - tail))
		return false;
	n = run_of(s, tail, p->alphabet);
	while (n > 0 && (s->text[tail + n - 1] == '.' || s->text[tail + n - 1] == '-'))
		n--;
	if (n < p->min_tail || (p->max_tail != 0 && n > p->max_tail))
		return false;
	if (p->needs_digit && !has_digit(s->text + tail, n))
		return false;
	if (p->max_tail != 0 && is_alnum(s->text[tail + n]))
		return false;
	scan_add_secret(s, start, tail + n, SURE);
	return true;
}

/* Three parts of base64url; the first begins with '{"', so with "eyJ". */
static bool
match_json_web_token(struct scan *s, size_t start)
{
	size_t at = start;

	if (memcmp(s->text + start, "eyJ", 3) != 0)
		return false;
	for (int part = 0; part < 3; part++) {
		size_t n = run_of(s, at, PREFIX_URL);

		at += n;
		if ((part < 2 && (n < MIN_TOKEN_PART || s->text[at] != '.'))) {
			/* Nothing in the part that was read begins a token. */
			if (at > s->word_resume)
				s->word_resume = part == 0 ? s->word_resume : at;
			return false;
		}
		at += part < 2;
	}
	scan_add_secret(s, start, at, SURE);
	return true;
}

/* Where the block ends: behind its END line, or, cut short, with the string. */
static size_t
block_end(const struct scan *s, size_t at)
{
	for (; at < s->len && s->text[at] != LAYER_BREAK; at++) {
		if (s->text[at] != '-' || memcmp(s->text + at, "-----END ", 9) != 0)
			continue;
		for (at += 9; at < s->len && s->text[at] != '-' && s->text[at] != LAYER_BREAK;)
			at++;
		while (at < s->len && s->text[at] == '-')
			at++;
		return at;
	}
	return at;
}

static bool
match_key_block(struct scan *s, size_t start)
{
	static const char kind[] = "PRIVATE KEY";
	size_t label = start + 6, end = label;

	if (memcmp(s->text + start, "BEGIN ", 6) != 0 || start < 5 ||
	    memcmp(s->text + start - 5, "-----", 5) != 0)
		return false;
	while (end < s->len && end - label < MAX_LABEL && s->text[end] != '-')
		end++;
	if (memmem(s->text + label, end - label, kind, sizeof(kind) - 1) == NULL)
		return false;
	end = block_end(s, end);
	while (end > start && (s->text[end - 1] == '\n' || s->text[end - 1] == ' '))
		end--;
	scan_add_secret(s, start - 5, end, SURE);
	return true;
}

/* "Bearer TOKEN", "Basic BASE64" */
static bool
match_bearer(struct scan *s, size_t start)
{
	static const char *const schemes[] = { "bearer ", "basic " };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]), from = start + n, end;

		if (s->len - start < n ||
		    strncasecmp((const char *)s->text + start, schemes[i], n) != 0)
			continue;
		if (!has_digit(s->text + from, s->len - from))
			return false;
		end = from + run_of(s, from, PREFIX_DOTTED);
		while (end < s->len && strchr("+/=~", s->text[end]) != NULL && s->text[end] != 0)
			end += 1 + run_of(s, end + 1, PREFIX_DOTTED);
		while (end > from && s->text[end - 1] == '.')
			end--;
		if (end - from < MIN_BEARER || !has_digit(s->text + from, end - from))
			return false;
		scan_add_secret(s, from, end, LIKELY);
		return true;
	}
	return false;
}

/* Letters and digits with single separators; where n of them end, or 0. */
static size_t
gather_iban(const struct scan *s, size_t start, size_t n, uint8_t ret_text[static MAX_IBAN])
{
	size_t at = start;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (s->text[at] == ' ' || s->text[at] == '-' || s->text[at] == '.'))
			at++;
		if (at >= s->len || !is_alnum(s->text[at]))
			return 0;
		ret_text[i] = s->text[at++];
	}
	return is_alnum(s->text[at]) ? 0 : at;
}

static bool
match_iban(struct scan *s, size_t start)
{
	uint8_t iban[MAX_IBAN];
	size_t n, end;
	bool is_right;

	if (!is_letter(s->text[start + 1]) || !is_digit(s->text[start + 2]) ||
	    !is_digit(s->text[start + 3]))
		return false;
	n = check_iban_len(s->text + start);
	if (n == 0 || (end = gather_iban(s, start, n, iban)) == 0)
		return false;
	is_right = check_iban(iban, n);
	if (!is_right && (scan_context(s, start) & WORD_TYPE(IBAN)) == 0)
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_IBAN,
		.score = is_right ? SURE : TYPING_ERROR,
		.how = CANONICAL_UPPER_ALNUM,
	    });
	return true;
}

void
token_wish(struct wishes *w)
{
	wish_for(w, "ey", WISH_TOKEN);
	wish_for(w, "BE", WISH_TOKEN);
	wish_for_any_case(w, "be", WISH_TOKEN);
	wish_for_any_case(w, "ba", WISH_TOKEN);
}

void
iban_wish(struct wishes *w)
{
	for (char a = 'A'; a <= 'Z'; a++)
		for (char b = 'A'; b <= 'Z'; b++) {
			const char country[2] = { a, b };

			if (check_iban_len((const uint8_t *)country) != 0)
				wish_for_any_case(w, country, WISH_IBAN);
		}
}

void
match_word(struct scan *s, size_t start, unsigned int wishes)
{
	if (start < s->word_resume)
		return;
	if ((wishes & WISH_IBAN) != 0 && match_iban(s, start))
		return;
	if ((wishes & WISH_PREFIX) != 0 && match_prefix(s, start))
		return;
	if ((wishes & WISH_TOKEN) == 0 || s->len - start < 8)
		return;
	if (s->text[start] == 'e')
		(void)match_json_web_token(s, start);
	else if (!match_key_block(s, start))
		(void)match_bearer(s, start);
}
