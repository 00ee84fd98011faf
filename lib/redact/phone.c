/* SPDX-License-Identifier: Apache-2.0 */
/* phone - which digit groups are a telephone number: with a country's code, Brazil's, North
 * America's, the national forms of other countries, and what the words nearby call so. */
#include <string.h>

#include "redact/phone.h"

#define LIKELY 850
#define BY_CONTEXT 800
#define BY_WORD 745 /* less than any number with a check that passes */
#define BRAZIL 55
#define MAX_NATIONAL 14 /* digits with what is dialled before them */
#define NORTH_AMERICA 1

static const struct verdict nothing;

/* Brazil's 67 area codes: for each tens digit, the units in use as bits. */
static bool
is_brazilian_area(const uint8_t *digits)
{
	static const uint16_t units[10] = {
		[1] = 0x3FE, /* 11 to 19 */
		[2] = 0x196, /* 21 22 24 27 28 */
		[3] = 0x1BE, /* 31 32 33 34 35 37 38 */
		[4] = 0x3FE, /* 41 to 49 */
		[5] = 0x03A, /* 51 53 54 55 */
		[6] = 0x3FE, /* 61 to 69 */
		[7] = 0x2BA, /* 71 73 74 75 77 79 */
		[8] = 0x3FE, /* 81 to 89 */
		[9] = 0x3FE, /* 91 to 99 */
	};

	return (units[digits[0] - '0'] >> (digits[1] - '0') & 1) != 0;
}

bool
phone_is_brazilian(const uint8_t *digits, size_t n)
{
	if (n == 11)
		return is_brazilian_area(digits) && digits[2] == '9';
	return n == 10 && is_brazilian_area(digits) && digits[2] >= '2' && digits[2] <= '5';
}

bool
phone_is_north_american(const uint8_t *digits)
{
	return digits[0] >= '2' && digits[3] >= '2' && memcmp(digits + 1, "11", 2) != 0 &&
	    memcmp(digits + 4, "11", 2) != 0;
}

/* What stands before the area code: the country, 0, or 0 and a carrier's two digits. */
static uint8_t
brazilian_lead(const struct number *n)
{
	const uint8_t *d = n->digits;
	size_t n_digits = n->n_digits;

	if (n_digits >= 12 && memcmp(d, "55", 2) == 0)
		return 2;
	if (d[0] != '0' || n_digits < 11)
		return 0;
	if (n_digits >= 13 && phone_is_brazilian(d + 3, n_digits - 3))
		return 3;
	return 1;
}

const char *const phone_brazilian_sizes[] = { "254 244 2144 29 28 74 64 2234 2333 2342 263",
	"354 344 454 444 554 544 84 94 :4 74 39 38", NULL };
const char phone_north_american_sizes[] = "334 1334 37";

/* The last groups part the number as Brazilians do: 5-4 or 4-4, or 1 4-4. */
static bool
is_brazilian_grouping(const struct number *n, size_t n_lead)
{
	struct number rest = *n;

	while (n_lead > 0 && rest.n_groups > 1 && (size_t)(rest.sizes[0] - '0') <= n_lead) {
		n_lead -= (size_t)(rest.sizes[0] - '0');
		rest.sizes++;
		rest.n_groups--;
	}
	return number_has_sizes_of(&rest, phone_brazilian_sizes[n_lead != 0]);
}

/* Spaces alone part many things: 4-4 behind two digits needs more. */
static bool
is_marked(const struct number *n)
{
	return n->is_bracketed || (n->sep_kinds & (SEP_HYPHEN | SEP_CLOSE)) != 0;
}

struct verdict
phone_brazilian(const struct number *n)
{
	struct verdict v = { .country = BRAZIL, .n_drop = brazilian_lead(n) };
	bool is_named = number_is_about(n, WORD_TYPE(PHONE));
	size_t n_digits = n->n_digits - v.n_drop;

	if (!phone_is_brazilian(n->digits + v.n_drop, n_digits))
		return nothing;
	if (number_is_bare(n)) {
		/* Another check that passes scores higher. */
		bool is_mobile = n_digits == 11 && !number_is_about(n, WORD_OTHER_NUMBER);

		v.score = is_named ? LIKELY : BY_CONTEXT;
		return is_mobile || is_named ? v : nothing;
	}
	if (!is_brazilian_grouping(n, v.n_drop) ||
	    !number_has_only_seps(n, SEP_SPACE | SEP_HYPHEN | SEP_POINT | SEP_OPEN | SEP_CLOSE))
		return nothing;
	v.score = LIKELY;
	if (is_named || (is_marked(n) && !number_is_about(n, WORD_OTHER_NUMBER)))
		return v;
	return n_digits == 11 && !n->is_partial ? v : nothing;
}

static struct verdict
north_american(const struct number *n)
{
	struct verdict v = { .score = LIKELY, .country = NORTH_AMERICA };
	bool has_trunk = n->n_digits == 11 && n->digits[0] == '1';

	v.n_drop = has_trunk;
	if ((n->n_digits != 10 && !has_trunk) || !phone_is_north_american(n->digits + v.n_drop))
		return nothing;
	if ((n->near & WORD_TYPE(PHONE)) != 0)
		return v;
	if (n->is_partial && !is_marked(n))
		return nothing;
	return number_has_sizes_of(n, "334 1334") || (is_marked(n) && number_has_sizes(n, "37"))
	    ? v
	    : nothing;
}

/* "1.234.567" */
static bool
is_amount(const struct number *n)
{
	for (size_t i = 1; i < n->n_groups; i++)
		if (n->sizes[i] != '3' || n->seps[i - 1] != '.')
			return false;
	return n->n_groups > 2 && n->n_digits < 9;
}

/* Brackets come in pairs, and where there are groups none is a whole number itself. */
static bool
is_dialled(const struct number *n)
{
	int open = n->is_bracketed;

	for (size_t i = 0; i + 1 < n->n_groups; i++) {
		open += n->seps[i] == '(';
		open -= n->seps[i] == ')';
		if (n->sizes[i] > '9' || n->sizes[i + 1] > '9')
			return false;
	}
	return open == 0 || number_is_bare(n);
}

/* Anything of the right length that the words before it call a telephone number. */
static struct verdict
by_context(const struct number *n)
{
	if ((n->near & WORD_TYPE(PHONE)) == 0 || number_is_about(n, WORD_OTHER_NUMBER) ||
	    n->n_digits > 15 || n->n_groups > 6)
		return nothing;
	if (!number_has_only_seps(n, SEP_SPACE | SEP_HYPHEN | SEP_POINT | SEP_OPEN | SEP_CLOSE) ||
	    is_amount(n) || !is_dialled(n) || check_is_repeated(n->digits + 3, n->n_digits - 3))
		return nothing;
	/* Dates and years near a telephone number. */
	if (number_has_sizes_of(n, "422 224"))
		return nothing;
	return (struct verdict){ .score = BY_WORD };
}

/* Numbers that everybody may call: Brazil's 0800, 4004 and their like. */
static bool
is_public(const struct number *n)
{
	static const struct {
		char digits[5];
		uint8_t min;
		uint8_t max;
	} prefixes[] = { { "0800", 10, 11 }, { "0300", 10, 11 }, { "0500", 10, 11 },
		{ "0900", 10, 11 }, { "4004", 8, 8 }, { "4003", 8, 8 }, { "3003", 8, 8 } };

	if (n->digits[2] != '0')
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (n->n_digits >= prefixes[i].min && n->n_digits <= prefixes[i].max &&
		    memcmp(n->digits, prefixes[i].digits, 4) == 0)
			return !n->has_plus && (n->sizes[0] == '4' || number_is_bare(n));
	return false;
}

struct verdict
rule_phone(const struct number *n, const struct number_rule *rule)
{
	struct verdict v;

	(void)rule;
	if (n->is_joined || is_public(n))
		return nothing;
	if (n->has_plus)
		return phone_international(n);
	/* "00 351 ..." and not "0.0256...", which is a number. */
	if (n->digits[0] == '0' && n->digits[1] == '0' && n->sizes[0] > '1')
		return number_is_bare(n) && !number_is_about(n, WORD_TYPE(PHONE))
		    ? nothing
		    : phone_international(n);
	if (n->n_digits > MAX_NATIONAL)
		return by_context(n);
	v = phone_brazilian(n);
	if (v.score == 0)
		v = north_american(n);
	if (v.score == 0)
		v = phone_national(n);
	return v.score == 0 ? by_context(n) : v;
}
