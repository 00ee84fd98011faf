/* SPDX-License-Identifier: Apache-2.0 */
/* phone - which digit groups are a telephone number: with a country code, Brazil's, North
 * America's, and the national forms of four countries that begin with 0. */
#include <string.h>

#include "redact/number.h"
#include "redact/words.h"

#define SURE 980
#define LIKELY 850
#define BY_CONTEXT 800
#define BRAZIL 55
#define NORTH_AMERICA 1

static const struct verdict nothing;

/* Country codes and how many digits a whole number has, where it is known. */
static const struct country {
	const char *code;
	uint8_t min;
	uint8_t max;
} countries[] = {
	{ "1", 11, 11 },
	{ "20", 11, 12 },
	{ "27", 11, 11 },
	{ "30", 12, 12 },
	{ "31", 11, 11 },
	{ "32", 10, 11 },
	{ "33", 11, 11 },
	{ "34", 11, 11 },
	{ "351", 12, 12 },
	{ "36", 10, 11 },
	{ "39", 8, 13 },
	{ "41", 11, 11 },
	{ "420", 12, 12 },
	{ "44", 11, 12 },
	{ "45", 10, 10 },
	{ "46", 9, 13 },
	{ "47", 10, 10 },
	{ "48", 11, 11 },
	{ "49", 9, 14 },
	{ "51", 10, 11 },
	{ "52", 12, 13 },
	{ "54", 12, 13 },
	{ "55", 12, 13 },
	{ "56", 11, 11 },
	{ "57", 11, 12 },
	{ "61", 11, 11 },
	{ "7", 11, 11 },
	{ "81", 11, 12 },
	{ "82", 10, 12 },
	{ "86", 12, 13 },
	{ "90", 12, 12 },
	{ "91", 12, 12 },
	{ "972", 11, 12 },
};

static bool
is_country_length(const uint8_t *digits, size_t n)
{
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
		if (memcmp(digits, countries[i].code, strlen(countries[i].code)) == 0)
			return n >= countries[i].min && n <= countries[i].max;
	return n >= 8 && n <= 15 && digits[0] != '0';
}

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

/* Area code and number: 11 digits with a 9 first, or 10 digits with 2 to 5 first. */
static bool
is_brazilian(const uint8_t *digits, size_t n)
{
	if (n == 11)
		return is_brazilian_area(digits) && digits[2] == '9';
	return n == 10 && is_brazilian_area(digits) && digits[2] >= '2' && digits[2] <= '5';
}

static bool
is_north_american(const uint8_t *digits)
{
	return digits[0] >= '2' && digits[3] >= '2' && memcmp(digits + 1, "11", 2) != 0 &&
	    memcmp(digits + 4, "11", 2) != 0;
}

static struct verdict
international(const struct number *n, size_t skip)
{
	const uint8_t *digits = n->digits + skip;
	size_t n_digits = n->n_digits - skip;

	if (n_digits < 8 || n_digits > 15 || !is_country_length(digits, n_digits))
		return nothing;
	if (digits[0] == '1' && !is_north_american(digits + 1))
		return nothing;
	if (memcmp(digits, "55", 2) == 0 && !is_brazilian(digits + 2, n_digits - 2))
		return nothing;
	return (struct verdict){ .score = SURE, .n_drop = (uint8_t)skip };
}

/* The last two groups part the number as Brazilians do: 5-4 or 4-4, or 1 4-4. */
static bool
is_brazilian_grouping(const struct number *n, size_t skip_groups)
{
	const char *sizes = n->sizes + skip_groups;
	size_t n_groups = n->n_groups - skip_groups;
	static const char *const shapes[] = { "254", "244", "2144", "29", "28", "74", "64" };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strlen(shapes[i]) == n_groups && memcmp(shapes[i], sizes, n_groups) == 0)
			return true;
	return false;
}

/* Spaces alone part many things: 4-4 behind two digits needs more. */
static bool
is_marked(const struct number *n)
{
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		if (n->seps[i] == '-' || n->seps[i] == ')')
			return true;
	return n->is_bracketed;
}

static struct verdict
brazilian(const struct number *n)
{
	struct verdict v = { .country = BRAZIL };
	const uint8_t *digits = n->digits;
	size_t n_digits = n->n_digits, skip_groups = 0;

	if (n_digits >= 12 && memcmp(digits, "55", 2) == 0) {
		v.n_drop = 2;
		skip_groups = n->sizes[0] == '2';
	} else if (n_digits >= 11 && digits[0] == '0' && digits[1] != '0') {
		v.n_drop = 1;
		skip_groups = n->sizes[0] == '1';
	}
	digits += v.n_drop;
	n_digits -= v.n_drop;
	if (!is_brazilian(digits, n_digits))
		return nothing;
	if (number_is_bare(n)) {
		bool is_mobile = n_digits == 11 && !number_is_about(n, WORD_OTHER_NUMBER);

		v.score = number_is_about(n, WORD_TYPE(PHONE)) ? LIKELY : BY_CONTEXT;
		return is_mobile || number_is_about(n, WORD_TYPE(PHONE)) ? v : nothing;
	}
	if (!is_brazilian_grouping(n, skip_groups) && !number_has_sizes(n, "354") &&
	    !number_has_sizes(n, "344"))
		return nothing;
	v.score = LIKELY;
	return n_digits == 11 || is_marked(n) || number_is_about(n, WORD_TYPE(PHONE)) ? v : nothing;
}

static struct verdict
north_american(const struct number *n)
{
	struct verdict v = { .score = LIKELY, .country = NORTH_AMERICA };
	bool has_trunk = n->n_digits == 11 && n->digits[0] == '1';

	v.n_drop = has_trunk;
	if (n->n_digits != 10 && !has_trunk)
		return nothing;
	if (!is_north_american(n->digits + v.n_drop))
		return nothing;
	if (number_has_sizes(n, "334") || number_has_sizes(n, "1334") || number_has_sizes(n, "37"))
		return v;
	return number_is_about(n, WORD_TYPE(PHONE)) ? v : nothing;
}

/* National numbers of Europe that begin with one 0: sizes of the groups and the country. */
static struct verdict
with_trunk_zero(const struct number *n)
{
	static const struct {
		const char *sizes;
		uint8_t country;
	} shapes[] = {
		{ "22222", 33 }, /* 06 12 34 56 78 */
		{ "56", 44 },    /* 07911 123456 */
		{ "533", 44 },
		{ "344", 44 }, /* 020 7946 0958 */
		{ "434", 44 }, /* 0161 496 0000 */
		{ "37", 49 },  /* 030 1234567 */
		{ "38", 49 },
		{ "47", 49 }, /* 0171 1234567 */
		{ "48", 49 },
	};

	if (n->digits[0] != '0' || n->digits[1] == '0')
		return nothing;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (number_has_sizes(n, shapes[i].sizes))
			return (struct verdict){
				.score = BY_CONTEXT, .n_drop = 1, .country = shapes[i].country
			};
	return nothing;
}

/* Anything of the right length that the words before it call a telephone number. */
static struct verdict
by_context(const struct number *n)
{
	if (!number_is_about(n, WORD_TYPE(PHONE)) || number_is_about(n, WORD_OTHER_NUMBER) ||
	    n->n_digits > 15 || n->n_groups > 6)
		return nothing;
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		if (n->seps[i] == '/')
			return nothing;
	/* Dates and years near a telephone number. */
	if (number_has_sizes(n, "422") || number_has_sizes(n, "224"))
		return nothing;
	return (struct verdict){ .score = BY_CONTEXT };
}

struct verdict
rule_phone(const struct number *n)
{
	struct verdict v;

	if (n->is_joined)
		return nothing;
	if (n->has_plus)
		return international(n, 0);
	if (n->digits[0] == '0' && n->digits[1] == '0')
		return number_is_bare(n) && !number_is_about(n, WORD_TYPE(PHONE))
		    ? nothing
		    : international(n, 2);
	v = brazilian(n);
	if (v.score == 0)
		v = north_american(n);
	if (v.score == 0)
		v = with_trunk_zero(n);
	return v.score == 0 ? by_context(n) : v;
}
