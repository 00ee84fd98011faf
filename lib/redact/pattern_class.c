/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_class - see pattern_class.h. */
#include "redact/pattern_class.h"

static void
add_range(struct byte_set *s, unsigned int from, unsigned int to)
{
	for (unsigned int b = from; b <= to; b++)
		set_add(s, b);
}

static void
negate(struct character_class *c)
{
	c->ascii.bits[0] = ~c->ascii.bits[0];
	c->ascii.bits[1] = ~c->ascii.bits[1];
	c->has_others = !c->has_others;
}

void
class_any(struct character_class *ret_class)
{
	*ret_class = (struct character_class){ 0 };
	set_add(&ret_class->ascii, '\n');
	negate(ret_class);
}

bool
class_of_escape(uint8_t c, struct character_class *ret_class)
{
	struct byte_set *s = &ret_class->ascii;

	*ret_class = (struct character_class){ 0 };
	switch (c | 0x20) {
	case 'd':
		add_range(s, '0', '9');
		break;
	case 'w':
		add_range(s, '0', '9');
		add_range(s, 'a', 'z');
		add_range(s, 'A', 'Z');
		set_add(s, '_');
		ret_class->has_others = true; /* letters of other alphabets are no gaps */
		break;
	case 's':
		add_range(s, '\t', '\r');
		set_add(s, ' ');
		break;
	case 'n':
		set_add(s, '\n');
		return c == 'n';
	case 't':
		set_add(s, '\t');
		return c == 't';
	default:
		return false;
	}
	if ((c & 0x20) == 0)
		negate(ret_class);
	return true;
}

static void
merge(struct character_class *into, const struct character_class *other)
{
	into->ascii.bits[0] |= other->ascii.bits[0];
	into->ascii.bits[1] |= other->ascii.bits[1];
	into->has_others |= other->has_others;
}

static size_t
refuse(const struct class_fault *fault, const char *what, const char *remedy)
{
	*fault->what = what;
	*fault->remedy = remedy;
	return 0;
}

/* The character at `at`, behind a backslash or not; false for one that cannot stand here. */
static bool
read_character(const uint8_t *text, size_t len, size_t *at, uint8_t *ret_c)
{
	if (*at < len && text[*at] == '\\')
		(*at)++;
	else if (*at < len && text[*at] == '[')
		return false; /* [[:alpha:]] is something else elsewhere */
	if (*at >= len || text[*at] >= 0x80 || (text[*at - 1] == '\\' && is_alnum(text[*at])))
		return false;
	*ret_c = text[(*at)++];
	return true;
}

/* A character, a range or an escape such as \d. */
static bool
read_member(const uint8_t *text, size_t len, size_t *at, struct character_class *c)
{
	struct character_class escaped;
	uint8_t from, to;

	if (*at + 1 < len && text[*at] == '\\' && class_of_escape(text[*at + 1], &escaped)) {
		merge(c, &escaped);
		*at += 2;
		return true;
	}
	if (!read_character(text, len, at, &from))
		return false;
	to = from;
	if (*at + 1 < len && text[*at] == '-' && text[*at + 1] != ']') {
		(*at)++;
		if (!read_character(text, len, at, &to) || to < from)
			return false;
	}
	add_range(&c->ascii, from, to);
	return true;
}

size_t
class_read(const uint8_t *text, size_t len, bool is_case_ignored, struct character_class *ret_class,
    const struct class_fault *ret_fault)
{
	static const char remedy[] =
	    "list ASCII characters, ranges from low to high, \\d \\w \\s; put a "
	    "backslash before [ ] \\ and -; other alphabets: (ä|ö|ü)";
	struct character_class c = { 0 };
	bool is_negated = len > 1 && text[1] == '^';
	size_t at = is_negated ? 2 : 1;

	if (at < len && text[at] == ']')
		return refuse(ret_fault, "the class is empty", remedy);
	while (at < len && text[at] != ']')
		if (!read_member(text, len, &at, &c))
			return refuse(ret_fault, "this cannot stand in a class", remedy);
	if (at >= len)
		return refuse(ret_fault, "the class is not closed", "add the missing ]");
	for (unsigned int b = 'a'; b <= 'z' && is_case_ignored; b++)
		if (set_has(&c.ascii, b) || set_has(&c.ascii, b ^ 0x20u)) {
			set_add(&c.ascii, b);
			set_add(&c.ascii, b ^ 0x20u);
		}
	if (is_negated)
		negate(&c);
	*ret_class = c;
	return at + 1;
}
