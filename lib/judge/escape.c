/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON string in which nothing can look like a tag, hide, or turn around; see escape.h. */
#include "judge/escape.h"

/* Code points that are escaped, by range. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },    /* C0 */
	{ 0x007f, 0x009f },    /* DEL, C1 */
	{ 0x00ad, 0x00ad },    /* soft hyphen */
	{ 0x034f, 0x034f },    /* grapheme joiner */
	{ 0x061c, 0x061c },    /* Arabic letter mark */
	{ 0x115f, 0x1160 },    /* Hangul fillers */
	{ 0x17b4, 0x17b5 },    /* Khmer inherent vowels */
	{ 0x180b, 0x180f },    /* Mongolian selectors */
	{ 0x200b, 0x200f },    /* zero width, marks */
	{ 0x2028, 0x202e },    /* separators, embeddings, overrides */
	{ 0x2060, 0x206f },    /* joiner, invisible operators, isolates */
	{ 0x3164, 0x3164 },    /* Hangul filler */
	{ 0xd800, 0xf8ff },    /* surrogates, private use */
	{ 0xfdd0, 0xfdef },    /* non-characters */
	{ 0xfe00, 0xfe0f },    /* variation selectors */
	{ 0xfeff, 0xfeff },    /* byte order mark */
	{ 0xffa0, 0xffa0 },    /* half-width Hangul filler */
	{ 0xfff0, 0xffff },    /* specials */
	{ 0x1bca0, 0x1bca3 },  /* shorthand controls */
	{ 0x1d173, 0x1d17a },  /* musical controls */
	{ 0xe0000, 0x10ffff }, /* tags, selectors, private use */
};

/* Look-alikes of the angle brackets. */
static const uint32_t bracket_like[] = { '<', '>', '&', 0x2039, 0x203a, 0x2329, 0x232a, 0x27e8,
	0x27e9, 0x3008, 0x3009, 0xfe64, 0xfe65, 0xff1c, 0xff1e };

bool
escape_is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static bool
must_escape(uint32_t c)
{
	if (c >= 0x20 && c < 0x7f && c != '<' && c != '>' && c != '&')
		return false;
	for (size_t i = 0; i < sizeof(bracket_like) / sizeof(bracket_like[0]); i++)
		if (bracket_like[i] == c)
			return true;
	return escape_is_hidden(c);
}

/* The length of the well-formed character at the given place, 0 when it is not one. */
static size_t
read_char(struct str s, size_t at, uint32_t *ret_c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)s.at[at];
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = first;

	if (first < 0x80) {
		*ret_c = c;
		return 1;
	}
	if (first < 0xc2 || first > 0xf4 || at + len > s.len)
		return 0;
	c = first & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)s.at[at + i];

		if ((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_c = c;
	return len;
}

static enum err
append_escaped(struct buf *out, uint32_t c)
{
	if (c == '\n')
		return buf_append_str(out, STR("\\n"));
	if (c == '\t')
		return buf_append_str(out, STR("\\t"));
	if (c < 0x10000)
		return buf_printf(out, "\\u%04x", c);
	c -= 0x10000;
	return buf_printf(out, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

enum err
escape_append(struct buf *out, struct str text)
{
	enum err e = buf_append_byte(out, '"');
	size_t plain = 0; /* where the stretch begins that can be copied as it is */

	for (size_t at = 0; at < text.len && e == ERR_OK;) {
		uint32_t c;
		size_t len = read_char(text, at, &c);
		bool is_quoted = len > 0 && (c == '"' || c == '\\');

		if (len == 0)
			return ERR_MALFORMED;
		if (is_quoted || must_escape(c)) {
			e = buf_append_str(out, str_slice(text, plain, at));
			plain = at + len;
			if (e == ERR_OK)
				e = is_quoted ? buf_printf(out, "\\%c", (int)c)
					      : append_escaped(out, c);
		}
		at += len;
	}
	if (e == ERR_OK)
		e = buf_append_str(out, str_slice(text, plain, text.len));
	return e == ERR_OK ? buf_append_byte(out, '"') : e;
}
