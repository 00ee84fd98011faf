/* SPDX-License-Identifier: Apache-2.0 */
/* postal_form - postal codes that no word names: beside a city or a state, or in a sentence of
 * where somebody lives. */
#include <strings.h>

#include "redact/address.h"
#include "redact/words.h"

#define BY_FORM 780
#define BY_CONTEXT 740
#define MIN_CITY 3
#define MAX_WORD_BACK 24
#define MAX_MARKS 4

static const char us_states[] =
    " AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR ";

/* Of two letters: what begins a British code. */
static const char uk_areas[] =
    " AB AL BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY EC "
    "EH EN EX FK FY GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY LA LD LE LL LN LS LU ME MK "
    "ML NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM SA SE SG SK SL SM SN SO SP SR SS ST SW "
    "SY TA TD TF TN TQ TR TS TW UB WA WC WD WF WN WR WS WV YO ZE ";

/* Two letters behind four digits that are no part of a Dutch code. */
static const char no_dutch_ends[] =
    " AD BC CE AM PM KB MB GB TB HP UK US EU CC IN ON OF TO IS AS KW ";

static bool
is_listed(const char *list, const uint8_t *at)
{
	char word[] = { ' ', (char)at[0], (char)at[1], ' ', '\0' };

	return strstr(list, word) != NULL;
}

static bool
is_capital(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

/* What makes a value bold or code, and quotation marks: their bytes before `at`. */
static size_t
behind_marks(const struct scan *s, size_t at)
{
	size_t from = at;

	while (at > 3 && from - at < MAX_MARKS) {
		if (s->text[at - 1] != 0 && strchr("*`\"'", s->text[at - 1]) != NULL)
			at--;
		else if (s->text[at - 3] == 0xE2 && s->text[at - 2] == 0x80)
			at -= 3;
		else
			break;
	}
	return at;
}

static size_t
before_marks(const struct scan *s, size_t at)
{
	size_t from = at;

	while (at - from < MAX_MARKS) {
		if (s->text[at] != 0 && strchr("*`\"'", s->text[at]) != NULL)
			at++;
		else if (s->text[at] == 0xE2 && s->text[at + 1] == 0x80)
			at += 3;
		else
			break;
	}
	return at;
}

/* " Hamburg" */
static bool
has_city_behind(const struct scan *s, size_t end)
{
	struct name_word w;

	end = before_marks(s, end);
	return s->text[end] == ' ' && name_word_read(s, end + 1, &w) && w.how != CASE_SMALL &&
	    w.end - w.start >= MIN_CITY && (w.classes & NAME_STOP) == 0;
}

/* "Curitiba, ", "Leeds ", "Curitiba - PR, " */
static bool
has_city_before(const struct scan *s, size_t at)
{
	size_t end, start;

	at = behind_marks(s, at);
	end = at;

	while (end > 0 && at - end < 3 &&
	    (s->text[end - 1] == ' ' || s->text[end - 1] == ',' || s->text[end - 1] == '-'))
		end--;
	for (start = end;
	     start > 0 && end - start < MAX_WORD_BACK && lexicon_is_letter(s->text[start - 1]);)
		start--;
	return end < at && end - start >= 2 &&
	    (is_capital(s->text[start]) || s->text[start] >= 0x80);
}

/* ", TX " */
static bool
has_state_before(const struct scan *s, size_t at)
{
	at = behind_marks(s, at);
	return at > 4 && s->text[at - 1] == ' ' && is_listed(us_states, s->text + at - 3) &&
	    s->text[at - 4] == ' ' && s->text[at - 5] == ',';
}

/* "in 20095 Hamburg", "Köln, 50667": a word that leads to a place, or a comma. */
static bool
is_led(const struct scan *s, size_t at)
{
	static const char *const words[] = { "in", "en", "a", "\xC3\xA0", "au", "em", "no", "na",
		"nach", "op", "te", "to", "at", "aus", "from", "de", "aan", "naar", "von", "da",
		"para", "pour", "vers", "per", "near", "ins" };
	size_t end, start;

	at = behind_marks(s, at);
	if (at < 3 || s->text[at - 1] != ' ')
		return at > 1 && s->text[at - 1] == '(';
	if (s->text[at - 2] == ',')
		return true;
	end = start = at - 1;
	while (start > 0 && end - start < MAX_WORD_BACK && lexicon_is_letter(s->text[start - 1]))
		start--;
	return cue_is_one_of(s, start, end, words, sizeof(words) / sizeof(words[0]));
}

static bool
tells_of_home(struct scan *s, size_t at)
{
	return (scan_context(s, at) & (WORD_TYPE(ADDRESS) | WORD_TYPE(POSTAL_CODE))) != 0;
}

/* "D-44137 Dortmund", "CH-8001 Zürich" */
static bool
has_country_before(const struct scan *s, size_t at)
{
	static const char *const countries[] = { "D", "F", "I", "E", "A", "B", "CH", "L", "DE",
		"FR", "IT", "ES", "AT", "BE", "LU", "NL" };
	size_t end = at - 1, start = end;

	if (at < 2 || s->text[end] != '-')
		return false;
	while (start > 0 && end - start < 3 && is_capital(s->text[start - 1]))
		start--;
	if (start > 0 && (is_alnum(s->text[start - 1]) || s->text[start - 1] == '-'))
		return false;
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
		if (strlen(countries[i]) == end - start &&
		    memcmp(s->text + start, countries[i], end - start) == 0)
			return true;
	return false;
}

/* Digits from `at` to `end`; they begin a word, or a country's letters stand before them. */
static unsigned int
score_of_digits(struct scan *s, size_t at, size_t end)
{
	size_t len = end - at;

	if (has_country_before(s, at))
		return has_city_behind(s, end) && (len == 4 || len == 5) ? BY_FORM : 0;
	if (at > 0 && (s->text[at - 1] == '-' || s->text[at - 1] == '.' || s->text[at - 1] == '/'))
		return 0;
	if ((len == 5 || len == 10) && has_state_before(s, at))
		return BY_FORM;
	if (len == 9 && has_city_before(s, at) && tells_of_home(s, at)) /* "Curitiba, 80060-000" */
		return BY_FORM;
	if (len == 8 && has_city_behind(s, end)) /* "3000-456 Coimbra" */
		return is_led(s, at) || tells_of_home(s, at) ? BY_FORM : 0;
	if (len >= 8)
		return tells_of_home(s, at) ? BY_CONTEXT : 0;
	if (len != 5 || !is_led(s, at) || !(has_city_behind(s, end) || s->text[end] == ')'))
		return 0;
	return tells_of_home(s, at) ? BY_CONTEXT : 0;
}

/* "1012 AB" */
static unsigned int
score_of_dutch(struct scan *s, size_t at, size_t end)
{
	if (s->text[at] == '0' || s->text[at + 4] != ' ' || !is_capital(s->text[end - 1]) ||
	    !is_capital(s->text[end - 2]) || is_listed(no_dutch_ends, s->text + end - 2))
		return tells_of_home(s, at) && is_led(s, at) && s->text[at] != '0' ? BY_CONTEXT : 0;
	if (tells_of_home(s, at))
		return BY_CONTEXT;
	return has_city_behind(s, end) && is_led(s, at) ? BY_CONTEXT : 0;
}

/* "LS2 7EW", "M5V 3L9": capitals, and a space between the two. */
static unsigned int
score_of_letters(struct scan *s, size_t at, size_t end)
{
	bool is_canadian = is_digit(s->text[end - 1]);

	for (size_t i = at; i < end; i++)
		if (s->text[i] >= 'a')
			return 0;
	if (is_canadian)
		return strpbrk((const char[]){ (char)s->text[at], (char)s->text[at + 2],
				   (char)s->text[end - 2], '\0' },
			   "DFIOQU") == NULL
		    ? BY_FORM
		    : 0;
	/* Behind the space no C, I, K, M, O or V stands; "2GB" is no end of a code either. */
	if (strchr("CIKMOV", s->text[end - 1]) != NULL ||
	    strchr("CIKMOV", s->text[end - 2]) != NULL)
		return 0;
	if (is_capital(s->text[at + 1]))
		return is_listed(uk_areas, s->text + at) ? BY_FORM : 0;
	if (strchr("BEGLMNSW", s->text[at]) == NULL)
		return 0;
	return has_city_before(s, at) || tells_of_home(s, at) ? BY_CONTEXT : 0;
}

static bool
is_gap(uint8_t c)
{
	return c == ' ' || c == '\n';
}

bool
match_postal_form(struct scan *s, size_t at)
{
	bool is_sure;
	size_t end = postal_code_end(s, at, &is_sure);
	unsigned int score;

	if (end == 0 || at < s->street_resume)
		return false;
	if (!is_digit(s->text[at]))
		score = is_gap(s->text[end - 4]) ? score_of_letters(s, at, end) : 0;
	else if (is_letter(s->text[end - 1]))
		score = score_of_dutch(s, at, end);
	else
		score = score_of_digits(s, at, end);
	if (score == 0)
		return false;
	postal_add(s, at, end, (uint16_t)score);
	return true;
}
