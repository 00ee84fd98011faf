/* SPDX-License-Identifier: Apache-2.0 */
/* Where a given text stands in a message, as a reader sees it; see text.h. */
#include "rules/text.h"

static bool
is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x202f || c == 0x3000;
}

/* Is not seen, or only as emphasis. */
static bool
is_unseen(uint32_t c)
{
	return c == '*' || c == '`' || c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0x2060 ||
	    c == 0xfeff;
}

/* Scripts that do not part words with blanks. */
static bool
is_unparted(uint32_t c)
{
	return (c >= 0x0e00 && c <= 0x0eff) || (c >= 0x2e80 && c <= 0xd7af) ||
	    (c >= 0xf900 && c <= 0xfaff) || c >= 0x20000;
}

static size_t
skip_blanks(struct str s, size_t at)
{
	while (at < s.len) {
		uint32_t c;
		size_t len = text_read_char(s, at, &c);

		if (!is_blank(c))
			break;
		at += len;
	}
	return at;
}

/* Where the match that begins at the given place ends; 0 when there is none. */
static size_t
match_at(struct str message, size_t at, struct str wanted)
{
	size_t w = 0;

	while (w < wanted.len) {
		uint32_t has, wants;
		size_t has_len, wants_len = text_read_char(wanted, w, &wants);

		if (at >= message.len)
			return 0;
		has_len = text_read_char(message, at, &has);
		if (is_blank(wants)) {
			if (!is_blank(has))
				return 0;
			at = skip_blanks(message, at);
			w = skip_blanks(wanted, w);
		} else if (text_fold(has) == text_fold(wants)) {
			at += has_len;
			w += wants_len;
		} else if (is_unseen(has) && w > 0) {
			at += has_len;
		} else {
			return 0;
		}
	}
	return at;
}

/* A word could go on across this place. */
static bool
joins(uint32_t before, uint32_t behind)
{
	return text_is_word_char(before) && text_is_word_char(behind) && !is_unparted(before) &&
	    !is_unparted(behind);
}

static bool
stands_alone(struct str message, size_t from, size_t to, uint32_t before)
{
	uint32_t first, last = 0, behind;

	(void)text_read_char(message, from, &first);
	if (from > 0 && joins(before, first))
		return false;
	if (to >= message.len)
		return true;
	for (size_t at = from; at < to;)
		at += text_read_char(message, at, &last);
	(void)text_read_char(message, to, &behind);
	return !joins(last, behind);
}

bool
text_find_literal(struct str message, struct str wanted, struct str *ret_found)
{
	uint32_t first, before = 0, c;

	wanted = str_trim(wanted);
	if (wanted.len == 0)
		return false;
	(void)text_read_char(wanted, 0, &first);
	for (size_t at = 0; at < message.len; before = c) {
		size_t len = text_read_char(message, at, &c), end = 0;

		/* The first letter decides nearly always. */
		if (text_fold(c) == text_fold(first))
			end = match_at(message, at, wanted);
		if (end > 0 && stands_alone(message, at, end, before)) {
			*ret_found = str_slice(message, at, end);
			return true;
		}
		at += len;
	}
	return false;
}
