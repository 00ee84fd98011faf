/* SPDX-License-Identifier: Apache-2.0 */
/* secrets - what begins at a word: keys of every kind. */
#include "redact/secrets.h"
#include "redact/keys.h"
#include "redact/scan.h"
#include "redact/words.h"

#define SURE 980

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
match_key_word(struct scan *s, size_t start)
{
	if (start >= s->word_resume)
		take_key(s, start);
}
