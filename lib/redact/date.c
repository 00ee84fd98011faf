/* SPDX-License-Identifier: Apache-2.0 */
/* date - dates of birth: numbers or names of months, behind or before the words that say so. */
#include <strings.h>

#include "redact/layer.h"
#include "redact/value.h"
#include "redact/words.h"

#define MIN_YEAR 1900
#define MAX_YEAR 2035
#define MAX_AHEAD 44
#define MAX_BACK 40
#define BY_CONTEXT 850

/* A number of at most `most` digits; where it ends, or 0. */
static size_t
read_number(const struct scan *s, size_t at, size_t most, unsigned int *ret_value)
{
	size_t i = at;

	*ret_value = 0;
	while (i - at < most && is_digit(s->text[i]))
		*ret_value = *ret_value * 10 + (unsigned int)(s->text[i++] - '0');
	return i == at || is_digit(s->text[i]) ? 0 : i;
}

static bool
is_day_and_month(unsigned int day, unsigned int month)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* Two digits or four. */
static size_t
year_end(const struct scan *s, size_t at)
{
	unsigned int year;
	size_t end = read_number(s, at, 4, &year);

	if (end == 0 || is_letter(s->text[end]))
		return 0;
	return end - at == 2 || (year >= MIN_YEAR && year <= MAX_YEAR) ? end : 0;
}

/* "05/03/1985", "5.3.85", "1985-03-05", "05 03 1985" */
static size_t
numeric_end(const struct scan *s, size_t at)
{
	unsigned int first, second, third;
	size_t end = read_number(s, at, 4, &first), next;
	uint8_t sep = end == 0 ? 0 : s->text[end];
	bool is_year_first = first >= MIN_YEAR && first <= MAX_YEAR;

	if (end == 0 || (sep != '/' && sep != '-' && sep != '.' && sep != ' '))
		return 0;
	next = cue_skip(s, end + 1, " \n");
	end = read_number(s, next, 2, &second);
	if (end == 0 || s->text[end] != sep || (!is_year_first && first > 31))
		return 0;
	next = cue_skip(s, end + 1, " \n");
	if (is_year_first) {
		end = read_number(s, next, 2, &third);
		return end != 0 &&
			(is_day_and_month(third, second) || is_day_and_month(second, third))
		    ? end
		    : 0;
	}
	if (!is_day_and_month(first, second) && !is_day_and_month(second, first))
		return 0;
	return year_end(s, next);
}

/* "de março de ", ". März ", " avril ": behind the month, or 0. */
static size_t
month_end(const struct scan *s, size_t at)
{
	struct cue month;

	for (int i = 0; i < 2; i++)
		if (strncasecmp((const char *)s->text + at, "de ", 3) == 0 ||
		    strncasecmp((const char *)s->text + at, "of ", 3) == 0)
			at += 3;
	if (at >= s->len || !cue_read(s, at, LEXICON_ROLE(MONTH), &month))
		return 0;
	return month.end;
}

/* "5 March 1985", "5. März 1985", "1er mars 1985", "5th of March, 1985", "5 de março de 1985" */
static size_t
day_first_end(const struct scan *s, size_t at)
{
	static const char *const tails[] = { "st", "nd", "rd", "th", "er", "\xC2\xBA", "\xC2\xB0",
		"." };
	unsigned int day;
	size_t i = read_number(s, at, 2, &day);

	if (i == 0 || day == 0 || day > 31)
		return 0;
	for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
		size_t n = strlen(tails[t]);

		if (strncasecmp((const char *)s->text + i, tails[t], n) == 0) {
			i += n;
			break;
		}
	}
	i = month_end(s, cue_skip(s, i, " -/\n"));
	if (i == 0)
		return 0;
	i = cue_skip(s, i, " .,-/\n");
	if (strncasecmp((const char *)s->text + i, "de ", 3) == 0)
		i += 3;
	else if (strncasecmp((const char *)s->text + i, "del ", 4) == 0)
		i += 4;
	return year_end(s, i);
}

/* "March 5, 1985", "Mar 5th 1985" */
static size_t
month_first_end(const struct scan *s, size_t at)
{
	unsigned int day;
	size_t i = month_end(s, at);

	if (i == 0)
		return 0;
	i = read_number(s, cue_skip(s, i, " .\n"), 2, &day);
	if (i == 0 || day == 0 || day > 31)
		return 0;
	if (is_letter(s->text[i]) && is_letter(s->text[i + 1]) && !is_letter(s->text[i + 2]))
		i += 2;
	return year_end(s, cue_skip(s, i, " ,\n"));
}

/* "05031985", "19850305": where nothing but a date stands. */
static size_t
digits_end(const struct scan *s, size_t at)
{
	unsigned int value;
	size_t end = read_number(s, at, 8, &value);

	if (end != at + 8)
		return 0;
	if (value % 10000 >= MIN_YEAR && value % 10000 <= MAX_YEAR &&
	    is_day_and_month(value / 1000000, value / 10000 % 100))
		return end;
	return value / 10000 >= MIN_YEAR && value / 10000 <= MAX_YEAR &&
		is_day_and_month(value % 100, value / 100 % 100)
	    ? end
	    : 0;
}

size_t
date_end(const struct scan *s, size_t at)
{
	size_t end;

	if (!is_digit(s->text[at]))
		return month_first_end(s, at);
	end = numeric_end(s, at);
	if (end == 0)
		end = day_first_end(s, at);
	return end != 0 ? end : digits_end(s, at);
}

static void
add_date(struct scan *s, size_t start, size_t end)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_DATE_OF_BIRTH,
		.score = BY_CONTEXT,
		.how = CANONICAL_LOWER,
	    });
}

/* "né" without its accent is the French "not", but for "NE LE 05/03/1985", "ne: …". */
static bool
is_negation(const struct scan *s, const struct cue *cue)
{
	const uint8_t *at = s->text + cue->start;

	return cue->end - cue->start == 2 && lower(at[0]) == 'n' && lower(at[1]) == 'e' &&
	    strncasecmp((const char *)at + 2, " le", 3) != 0 && at[2] != ':';
}

/* Behind a word of so few letters the date stands at once, or it is another word. */
static bool
match_born_shortly(struct scan *s, const struct cue *cue)
{
	bool is_letter_alone = cue->end - cue->start == 1;
	size_t at = cue_skip(s, cue->end, is_letter_alone ? ".: " : ".: =*_|-\t\n\"'`"), end;

	/* "z. B. 1.1.2020" */
	if (at == cue->end ||
	    (is_letter_alone &&
		(s->text[cue->end] == ' ' || s->text[cue->start] != 'b' ||
		    (cue->start > 0 && s->text[cue->start - 1] == '.'))))
		return false;
	end = is_alnum(s->text[at]) ? date_end(s, at) : 0;
	if (end == 0)
		return false;
	add_date(s, at, end);
	s->cue_resume = end;
	return true;
}

/* "b", "DN", "f.n.", "DDN"; "né", "geb" and "nato" are words. */
static bool
is_short(const struct scan *s, const struct cue *cue)
{
	static const char *const cues[] = { "b", "dn", "f.n", "f n", "ddn" };

	return cue_is_one_of(s, cue->start, cue->end, cues, sizeof(cues) / sizeof(cues[0]));
}

/* "05/03/1985 is my date of birth" */
static bool
find_date_before(struct scan *s, const struct cue *cue, size_t floor)
{
	for (size_t at = cue->start; at > floor && s->text[at - 1] != '\n'; at--) {
		size_t end;

		if (!is_digit(s->text[at - 1]) || (at > 1 && is_alnum(s->text[at - 2])))
			continue;
		end = date_end(s, at - 1);
		if (end == 0 || end > cue->start || s->text[at - 1] == 0)
			continue;
		add_date(s, at - 1, end);
		return true;
	}
	return false;
}

bool
match_born(struct scan *s, const struct cue *cue)
{
	size_t limit = s->len - cue->end > MAX_AHEAD ? cue->end + MAX_AHEAD : s->len, end;
	size_t floor = cue->start > MAX_BACK ? cue->start - MAX_BACK : 0;

	size_t read = s->date_resume, from = read > cue->end ? read : cue->end;

	if (is_negation(s, cue))
		return false;
	if (is_short(s, cue))
		return match_born_shortly(s, cue);
	if (read > floor)
		floor = read < cue->start ? read : cue->start;
	if (limit > read)
		s->date_resume = limit;
	for (size_t at = from; at < limit && s->text[at] != LAYER_BREAK; at++) {
		if (s->text[at] == '[' && placeholder_len(s->text + at, s->len - at) > 0)
			return false;
		if (is_alnum(s->text[at - 1]) || !is_alnum(s->text[at]))
			continue;
		end = date_end(s, at);
		if (end == 0)
			continue;
		add_date(s, at, end);
		s->date_resume = end;
		return true;
	}
	return find_date_before(s, cue, floor);
}

void
match_asked_date(struct scan *s, size_t at)
{
	size_t end;

	if ((s->asked & WORD_TYPE(DATE_OF_BIRTH)) == 0)
		return;
	end = date_end(s, at);
	if (end != 0)
		add_date(s, at, end);
}
