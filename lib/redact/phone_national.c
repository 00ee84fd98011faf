/* SPDX-License-Identifier: Apache-2.0 */
/* phone_national - telephone numbers as they are written inside Europe, Mexico and Argentina: how
 * the digits are grouped and what they begin with. */
#include <string.h>

#include "redact/phone.h"

#define BY_FORM 800

/* What may part the groups. */
enum {
	SPACE_HYPHEN = SEP_SPACE | SEP_HYPHEN,
	SPACE_HYPHEN_POINT = SPACE_HYPHEN | SEP_POINT,
	SPACE_HYPHEN_SLASH = SPACE_HYPHEN | SEP_SLASH,
	SPACE_HYPHEN_POINT_SLASH = SPACE_HYPHEN_POINT | SEP_SLASH,
	SPACE_HYPHEN_BRACKETS = SPACE_HYPHEN | SEP_OPEN | SEP_CLOSE,
	SPACE_HYPHEN_SLASH_BRACKETS = SPACE_HYPHEN_SLASH | SPACE_HYPHEN_BRACKETS,
};

/* In the first digits, '#' is any but 0. */
static const struct national {
	const char *sizes; /* groupings, parted by spaces */
	const char *first;
	uint8_t seps; /* SEP_ bits */
	uint16_t country;
	uint8_t n_drop;
} forms[] = {
	/* Brazil's numbers of companies begin with 0 too: rule_phone let them go before. */
	{ "28 2224 244", "06", SPACE_HYPHEN, 31, 1 }, /* 06-12345678 */
	{ "22222", "0#", SPACE_HYPHEN_POINT, 33, 1 }, /* 06 12 34 56 78 */
	{ "56 533 344 434 46 47 443 353 5222", "01", SPACE_HYPHEN_BRACKETS, 44,
	    1 },                                                    /* 0161 496 0000 */
	{ "344", "02", SPACE_HYPHEN_BRACKETS, 44, 1 },              /* 020 7946 0958 */
	{ "56 533 5222 4322", "07", SPACE_HYPHEN_BRACKETS, 44, 1 }, /* 07911 123456 */
	{ "344", "011", SPACE_HYPHEN_BRACKETS, 54, 1 },             /* 011 4567-8901 */
	{ "3244", "011", SPACE_HYPHEN_BRACKETS, 54, 1 },            /* 011 15-4567-8901 */
	{ "36 37 38 3222 32222 334 343 353 344 345", "0#", SPACE_HYPHEN_SLASH, 49,
	    1 }, /* 030/1234567 */
	{ "46 47 48 443 444 4322 43222 433 434 4222 4223 42222", "0#", SPACE_HYPHEN_SLASH_BRACKETS,
	    49, 1 },
	{ "55 56 57 533 534", "0#", SPACE_HYPHEN_SLASH, 49, 1 },
	{ "27 28 244 234 343", "02", SPACE_HYPHEN_POINT_SLASH, 39,
	    0 }, /* Italy keeps the 0: 02 1234 5678 */
	{ "27 28 244 234", "06", SPACE_HYPHEN_POINT_SLASH, 39, 0 },
	{ "37", "3", SPACE_HYPHEN_POINT_SLASH, 39, 0 }, /* 333 1234567 */
	{ "333", "91", SPACE_HYPHEN, 351, 0 },          /* Portugal: 912 345 678 */
	{ "333", "92", SPACE_HYPHEN, 351, 0 },
	{ "333", "93", SPACE_HYPHEN, 351, 0 },
	{ "333", "96", SPACE_HYPHEN, 351, 0 },
	{ "333 2322", "2", SPACE_HYPHEN, 351, 0 },
	{ "333 3222", "6", SPACE_HYPHEN, 34, 0 }, /* 612 34 56 78 */
	{ "333 3222", "7", SPACE_HYPHEN, 34, 0 },
	{ "333 3222 2322", "9", SPACE_HYPHEN, 34, 0 }, /* 91 123 45 67 */
	{ "2322", "8", SPACE_HYPHEN, 34, 0 },
	{ "244", "55", SPACE_HYPHEN_BRACKETS, 52, 0 }, /* Mexico: 55 1234 5678 */
	{ "244", "56", SPACE_HYPHEN_BRACKETS, 52, 0 },
	{ "244", "33", SPACE_HYPHEN_BRACKETS, 52, 0 },
	{ "244", "81", SPACE_HYPHEN_BRACKETS, 52, 0 },
};

const char *
phone_national_sizes(size_t i)
{
	return i < sizeof(forms) / sizeof(forms[0]) ? forms[i].sizes : NULL;
}

static bool
begins_with(const uint8_t *digits, const char *first)
{
	for (size_t i = 0; first[i] != '\0'; i++)
		if (first[i] == '#' ? digits[i] == '0' : digits[i] != (uint8_t)first[i])
			return false;
	return true;
}

struct verdict
phone_national(const struct number *n)
{
	/* None begins with 1 or 4. */
	if (number_is_bare(n) || n->is_partial || n->digits[0] == '1' || n->digits[0] == '4')
		return (struct verdict){ 0 };
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct national *f = &forms[i];

		if (!number_has_only_seps(n, f->seps) || !begins_with(n->digits, f->first) ||
		    !number_has_sizes_of(n, f->sizes))
			continue;
		return (struct verdict){
			.score = BY_FORM, .n_drop = f->n_drop, .country = f->country
		};
	}
	return (struct verdict){ 0 };
}
