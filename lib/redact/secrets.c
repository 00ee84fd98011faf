/* SPDX-License-Identifier: Apache-2.0 */
/* secrets - what begins at a word: keys of every kind, and IBANs, which begin with letters too. */
#include "redact/secrets.h"
#include "redact/checks.h"
#include "redact/keys.h"
#include "redact/scan.h"
#include "redact/words.h"

#define SURE 980
#define TYPING_ERROR 650
#define MAX_IBAN 34

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
key_wish(struct wishes *w)
{
	for (size_t i = 0; i < key_n_pairs(); i++)
		wish_for(w, (const char *)key_pair(i), WISH_KEY);
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

static void
take_key(struct scan *s, size_t start)
{
	struct key_match m;

	if (!key_find(s->text, s->len, start, &m))
		return;
	switch (m.kind->role) {
	case KEY_ROLE_KEY:
		scan_add_secret(s, m.start, m.end, m.score);
		break;
	case KEY_ROLE_NAMED:
		match_named_key(s, &m);
		break;
	case KEY_ROLE_TOKEN:
		match_web_token(s, start);
		break;
	case KEY_ROLE_BLOCK:
		match_key_block(s, start, m.end);
		break;
	case KEY_ROLE_SCHEME:
		match_scheme(s, start, m.end);
		break;
	case KEY_ROLE_CURL:
		match_curl(s, m.end);
		break;
	case KEY_ROLE_COOKIE:
		match_cookie(s, m.end);
		break;
	case KEY_ROLE_PHRASE:
	case KEY_ROLE_MAYBE:
	case KEY_ROLE_TAIL:
		match_secret_phrase(s, start, &m);
		break;
	default:
		break;
	}
}

/* Kinds that would have every word with their first letter looked at, or begin with a digit. */
void
match_key_behind_sign(struct scan *s, size_t sign)
{
	bool may_be = s->text[sign] == ':'
	    ? (s->text[sign + 1] | 0x20) == 'a' && sign > 0 && is_digit(s->text[sign - 1])
	    : s->text[sign + 1] == '0' && sign >= 2 && s->text[sign - 1] == '/';

	if (may_be && sign >= s->word_resume)
		take_key(s, sign + 1);
}

void
match_word(struct scan *s, size_t start, unsigned int wishes)
{
	if (start < s->word_resume)
		return;
	if ((wishes & WISH_IBAN) != 0 && match_iban(s, start))
		return;
	if ((wishes & WISH_KEY) != 0 && key_may_begin(s->text + start))
		take_key(s, start);
}
