/* SPDX-License-Identifier: Apache-2.0 */
/* checks_card - who issues cards that begin with these digits, and how long they are. */
#include "redact/checks.h"

/* First six digits, in order. */
static const struct card_prefix {
	uint32_t first;
	uint32_t last;
	uint32_t lengths; /* bit n: n digits */
	enum card_range range;
} card_prefixes[] = {

#define LEN(n) (1u << (n))
#define LEN_16_19 (LEN(16) | LEN(17) | LEN(18) | LEN(19))
#define LEN_12_19 (LEN(12) | LEN(13) | LEN(14) | LEN(15) | LEN_16_19)
	{ 220000, 220499, LEN_16_19, CARD_RANGE_BRAND },                   /* Mir */
	{ 222100, 272099, LEN(16), CARD_RANGE_BRAND },                     /* Mastercard */
	{ 300000, 305999, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND }, /* Diners */
	{ 309500, 309599, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND },
	{ 340000, 349999, LEN(15), CARD_RANGE_BRAND },   /* American Express */
	{ 352800, 358999, LEN_16_19, CARD_RANGE_BRAND }, /* JCB */
	{ 360000, 369999, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND },
	{ 370000, 379999, LEN(15), CARD_RANGE_BRAND },
	{ 380000, 399999, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND },
	{ 400000, 499999, LEN(16) | LEN(19), CARD_RANGE_BRAND }, /* Visa, Elo */
	{ 400000, 499999, LEN(13), CARD_RANGE_WIDE },
	{ 500000, 509999, LEN(16), CARD_RANGE_BRAND }, /* Elo, Maestro, RuPay */
	{ 500000, 509999, LEN_12_19, CARD_RANGE_WIDE },
	{ 510000, 559999, LEN(16), CARD_RANGE_BRAND },
	{ 560000, 589999, LEN_12_19, CARD_RANGE_WIDE },          /* Maestro */
	{ 601100, 601199, LEN_16_19, CARD_RANGE_BRAND },         /* Discover */
	{ 606282, 606282, LEN(16) | LEN(19), CARD_RANGE_BRAND }, /* Hipercard */
	{ 620000, 629999, LEN_16_19, CARD_RANGE_BRAND },         /* UnionPay, Elo */
	{ 636200, 636399, LEN(16), CARD_RANGE_BRAND },
	{ 637000, 637999, LEN(16), CARD_RANGE_BRAND },
	{ 644000, 659999, LEN_16_19, CARD_RANGE_BRAND },
	{ 600000, 699999, LEN_12_19, CARD_RANGE_WIDE },
	{ 810000, 829999, LEN(16), CARD_RANGE_WIDE },  /* UnionPay, RuPay */
	{ 979200, 979289, LEN(16), CARD_RANGE_BRAND }, /* Troy */
#undef LEN
#undef LEN_16_19
#undef LEN_12_19
};

enum card_range
check_card_range(const uint8_t *digits, size_t n)
{
	uint32_t prefix;

	if (n < 12 || n > 19)
		return CARD_RANGE_NONE;
	prefix = check_number(digits, 6);
	for (size_t i = 0; i < sizeof(card_prefixes) / sizeof(card_prefixes[0]); i++) {
		const struct card_prefix *p = &card_prefixes[i];

		if (prefix >= p->first && prefix <= p->last && (p->lengths >> n & 1) != 0)
			return p->range;
	}
	return CARD_RANGE_NONE;
}
