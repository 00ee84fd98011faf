/* SPDX-License-Identifier: Apache-2.0 */
/* place - pairs of latitude and longitude, in decimals or in degrees, minutes and seconds. */
#include "redact/layer.h"
#include "redact/value.h"
#include "redact/words.h"

#define MIN_DECIMALS 4
#define MAX_DECIMALS 15
#define SCORE 860

/* "-23.5505" with MIN_DECIMALS at least; where it ends, or 0. */
static size_t
decimal_end(const struct scan *s, size_t at, unsigned int most)
{
	size_t i = at + (s->text[at] == '-' || s->text[at] == '+'), point;
	unsigned int whole = 0;

	for (point = i; is_digit(s->text[point]) && point - i < 4; point++)
		whole = whole * 10 + (unsigned int)(s->text[point] - '0');
	if (point == i || point - i > 3 || whole > most || s->text[point] != '.')
		return 0;
	for (i = point + 1; is_digit(s->text[i]) && i - point <= MAX_DECIMALS + 1;)
		i++;
	return i - point > MIN_DECIMALS && i - point <= MAX_DECIMALS + 1 &&
		!is_letter(s->text[i]) && !(s->text[i] == '.' && is_digit(s->text[i + 1]))
	    ? i
	    : 0;
}

/* A third number beside the pair: a vector, no place. */
static bool
is_in_list(const struct scan *s, size_t start, size_t end)
{
	size_t i = start, j = end;

	while (i > 0 && start - i < 3 && (s->text[i - 1] == ' ' || s->text[i - 1] == ','))
		i--;
	if (i > 0 && i < start && is_digit(s->text[i - 1]) &&
	    memchr(s->text + i, ',', start - i) != NULL)
		return true;
	while (j < s->len && j - end < 3 && (s->text[j] == ' ' || s->text[j] == ','))
		j++;
	/* "@lat,lng,17z" is a map's. */
	if (j == end || memchr(s->text + end, ',', j - end) == NULL)
		return false;
	if (!is_digit(s->text[j]) && s->text[j] != '-')
		return false;
	while (is_digit(s->text[j]) || s->text[j] == '.')
		j++;
	return s->text[j] != 'z' && s->text[j] != 'm';
}

static size_t
pair_end(const struct scan *s, size_t start)
{
	size_t end = decimal_end(s, start, 90), next;

	if (end == 0)
		return 0;
	if (s->text[end] == 0xC2 && s->text[end + 1] == 0xB0)
		end += 2;
	next = cue_skip(s, end, " ,/NSEWns");
	if (next == end || next - end > 5)
		return 0;
	return decimal_end(s, next, 180);
}

/* 40°26'46"N, or 46.5"; where it ends, or 0. */
static size_t
degrees_end(const struct scan *s, size_t at)
{
	size_t i = at, n_marks = 0;

	while (is_digit(s->text[i]) && i - at < 4)
		i++;
	if (i == at || s->text[i] != 0xC2 || s->text[i + 1] != 0xB0)
		return 0;
	i += 2;
	for (int n = 0; n < 24; n++) {
		uint8_t c = s->text[i];

		if (c == 'N' || c == 'S' || c == 'E' || c == 'W' || c == 'O' || c == 'L')
			return n_marks > 0 ? i + 1 : 0;
		n_marks += c == '\'' || c == '"';
		/* The prime and double prime are E2 80 B2 and B3. */
		if (c == 0xE2 && s->text[i + 1] == 0x80 && (s->text[i + 2] & 0xFE) == 0xB2) {
			n_marks++;
			i += 2;
		} else if (!is_digit(c) && c != '\'' && c != '"' && c != ' ' && c != '.') {
			return 0;
		}
		i++;
	}
	return 0;
}

/* Two small numbers, or two that only a space parts, need words beside them. */
static bool
is_place(struct scan *s, size_t start, size_t end)
{
	size_t space = start;
	bool is_small;

	while (space < end && s->text[space] != ' ' && s->text[space] != ',' &&
	    s->text[space] != '/')
		space++;
	is_small =
	    s->text[start] == '0' || (s->text[start + 1] == '0' && s->text[start + 2] == '.');
	if (s->text[space] != ' ' && !is_small)
		return true;
	return (scan_context(s, start) & WORD_TYPE(GEO)) != 0;
}

void
match_place(struct scan *s, size_t at)
{
	size_t start = at, end;

	if (at < s->place_resume)
		return;
	if (at > 0 && (s->text[at - 1] == '-' || s->text[at - 1] == '+'))
		start--;
	if (start > 0 && (is_alnum(s->text[start - 1]) || s->text[start - 1] == '.'))
		return;
	end = degrees_end(s, at);
	if (end != 0) {
		size_t next = cue_skip(s, end, " ,");
		size_t second = is_digit(s->text[next]) ? degrees_end(s, next) : 0;

		end = second != 0 ? second : end;
	} else {
		end = pair_end(s, start);
		if (end == 0 || is_in_list(s, start, end) || !is_place(s, start, end))
			return;
	}
	s->place_resume = end;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_GEO,
		.score = SCORE,
		.how = CANONICAL_LOWER,
	    });
}
