/* SPDX-License-Identifier: Apache-2.0 */
/* number_rules - which digit groups are an address, a card or an identity number, and how sure. */
#include <string.h>

#include "redact/checks.h"
#include "redact/number.h"
#include "redact/words.h"

#define SURE 990
#define LIKELY 900
#define TYPING_ERROR                                                                \
	650 /* the context is right, the check digit wrong: still somebody's number \
	     */

static const struct verdict nothing;

static struct verdict
scored(bool is_match, uint16_t score)
{
	return is_match ? (struct verdict){ .score = score } : nothing;
}

static bool
is_card_written(const struct number *n)
{
	if (number_is_bare(n))
		return true;
	if (n->n_groups > 5 || n->sizes[0] != '4')
		return false;
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		if (n->seps[i] != n->seps[0] || n->seps[i] == '/' || n->sizes[i + 1] > '6')
			return false;
	return true;
}

struct verdict
rule_card(const struct number *n)
{
	enum card_range range;
	bool is_about_cards = number_is_about(n, WORD_TYPE(CARD));

	if (n->has_plus || !is_card_written(n))
		return nothing;
	range = check_card_range(n->digits, n->n_digits);
	if (range == CARD_RANGE_NONE)
		return nothing;
	if (!check_luhn(n->digits, n->n_digits))
		return scored(is_about_cards && n->n_digits >= 15, TYPING_ERROR);
	if (range == CARD_RANGE_BRAND)
		return scored(true, SURE);
	return scored(is_about_cards || n->n_groups > 3, LIKELY);
}

struct verdict
rule_cpf(const struct number *n)
{
	bool is_written = number_has_sizes(n, "3332") && number_has_seps(n, "..-");
	bool is_shaped = is_written || number_is_bare(n) || number_has_sizes(n, "92") ||
	    number_has_sizes(n, "3332");

	if (n->has_plus || !is_shaped)
		return nothing;
	if (check_cpf(n->digits))
		return scored(true, is_written ? SURE : LIKELY);
	/* 000.000.000-00 is a form to fill in. */
	return scored(number_is_about(n, WORD_TYPE(CPF)) &&
		strspn((const char *)n->digits, "0") < n->n_digits,
	    TYPING_ERROR);
}

struct verdict
rule_cnpj(const struct number *n)
{
	bool is_written = number_has_sizes(n, "23342");

	if (n->has_plus || (!is_written && !number_is_bare(n) && !number_has_sizes(n, "842")))
		return nothing;
	if (check_cnpj(n->digits))
		return scored(true, is_written ? SURE : LIKELY);
	return scored(number_is_about(n, WORD_TYPE(CNPJ)), TYPING_ERROR);
}

/* "3-2-4" with hyphens, or anything that the context calls so. */
static bool
is_ssn_written(const struct number *n, uint64_t type)
{
	bool is_grouped = number_has_sizes(n, "324");

	if (n->has_plus || n->is_joined || (!is_grouped && !number_is_bare(n)))
		return false;
	return (is_grouped && number_has_seps(n, "--")) || number_is_about(n, type);
}

struct verdict
rule_ssn(const struct number *n)
{
	return scored(is_ssn_written(n, WORD_TYPE(SSN)) && check_ssn(n->digits), LIKELY);
}

struct verdict
rule_itin(const struct number *n)
{
	return scored(is_ssn_written(n, WORD_TYPE(ITIN)) && check_itin(n->digits), LIKELY);
}

struct verdict
rule_ipv4(const struct number *n)
{
	unsigned int octets[4] = { 0 };
	bool is_small = true;

	if (n->n_groups != 4 || !number_has_seps(n, "...") || n->is_joined ||
	    number_is_about(n, WORD_VERSION))
		return nothing;
	for (size_t g = 0; g < 4; g++) {
		const struct number_run *run = n->run;
		size_t from = run->offsets[n->first + g], to = run->offsets[n->first + g + 1];

		if (to - from > 3 || (to - from > 1 && run->digits[from] == '0'))
			return nothing;
		while (from < to)
			octets[g] = octets[g] * 10 + (unsigned int)(run->digits[from++] - '0');
		if (octets[g] > 255)
			return nothing;
		is_small = is_small && octets[g] < 10;
	}
	if (octets[0] == 0 || octets[0] == 127 || (octets[1] | octets[2] | octets[3]) == 0)
		return nothing;
	/* "1.2.3.4" is a version far more often than an address. */
	return scored(!is_small || number_is_about(n, WORD_TYPE(IP)), LIKELY);
}
