/* SPDX-License-Identifier: Apache-2.0 */
/* number_table - which numbers there are, in order of how sure a match makes us, and the rule that
 * most of them share: a check digit, a way of writing, and words nearby. */
#include <string.h>

#include "redact/number.h"

#define SURE 990
#define LIKELY 900
#define PROBABLE 850
#define BY_CONTEXT 800
#define BELOW_MOBILE 790 /* 11987654321 is a telephone first */
#define POSSIBLE 700
#define TYPING_ERROR 650 /* named so nearby, the check digit wrong: still somebody's number */

/* clang-format off */
const struct number_rule number_rules[] = {
	{ REDACT_IP, 4, 12, CANONICAL_RAW, rule_ipv4, NULL, { 0 } },
	{ REDACT_CARD, 12, 19, CANONICAL_DIGITS, rule_card, NULL, { 0 } },
	{ REDACT_CARD, 4, 6, CANONICAL_DIGITS, rule_card_expiry, NULL, { 0 } },
	{ REDACT_CARD, 3, 6, CANONICAL_DIGITS, rule_card_code, NULL, { 0 } },
	{ REDACT_CNPJ, 14, 14, CANONICAL_DIGITS, rule_form, check_cnpj,
	    { "23342", "../-", "23342 842 8402", SURE, LIKELY, LIKELY, TYPING_ERROR } },
	{ REDACT_NIR, 15, 15, CANONICAL_DIGITS, rule_form, check_nir,
	    { "1222332", NULL, "=2 1222332 122262 72 522332 12 12228", SURE, LIKELY, LIKELY, TYPING_ERROR } },
	{ REDACT_CPF, 11, 11, CANONICAL_DIGITS, rule_form, check_cpf,
	    { "3332", "..-", "3332 92", SURE, LIKELY, LIKELY, TYPING_ERROR } },
	{ REDACT_BE_NRN, 11, 11, CANONICAL_DIGITS, rule_form, check_be_nrn,
	    { "22232", "..-.", "22232 632 65", SURE, LIKELY, PROBABLE, TYPING_ERROR } },
	{ REDACT_STEUER_ID, 11, 11, CANONICAL_DIGITS, rule_form, check_steuer_id,
	    { "2333", "   ", "2333", LIKELY, LIKELY, BELOW_MOBILE, TYPING_ERROR } },
	{ REDACT_PIS, 11, 11, CANONICAL_DIGITS, rule_form, check_pis,
	    { "3521", "..-", "3521 :1", LIKELY, BY_CONTEXT, 0, TYPING_ERROR } },
	{ REDACT_CUIT, 11, 11, CANONICAL_DIGITS, rule_form, check_cuit,
	    { "281", "--", "281", LIKELY, BY_CONTEXT, 0, TYPING_ERROR } },
	{ REDACT_SSN, 9, 9, CANONICAL_DIGITS, rule_form, check_ssn,
	    { "324", "--", "324 36 54", LIKELY, 0, 0, 0 } },
	{ REDACT_ITIN, 9, 9, CANONICAL_DIGITS, rule_form, check_itin,
	    { "324", "--", "324", LIKELY, 0, 0, TYPING_ERROR } },
	{ REDACT_PERSONNUMMER, 10, 10, CANONICAL_DIGITS, rule_form, check_personnummer,
	    { "64", "-", "64", LIKELY, 0, 0, TYPING_ERROR } },
	{ REDACT_PERSONNUMMER, 10, 10, CANONICAL_DIGITS, rule_form, check_personnummer,
	    { "64", "+", "64", LIKELY, 0, 0, 0 } },
	{ REDACT_PERSONNUMMER, 12, 12, CANONICAL_DIGITS, rule_form, check_personnummer12,
	    { "84", "-", "84", SURE, 0, 0, TYPING_ERROR } },
	{ REDACT_TITULO_ELEITOR, 12, 12, CANONICAL_DIGITS, rule_form, check_titulo_eleitor,
	    { "444", "   ", "444 822 822 4422 :2", BY_CONTEXT, BY_CONTEXT, 0, TYPING_ERROR } },
	{ REDACT_CNS, 15, 15, CANONICAL_DIGITS, rule_form, check_cns,
	    { "3444", "   ", "3444", PROBABLE, PROBABLE, 0, TYPING_ERROR } },
	{ REDACT_NHS, 10, 10, CANONICAL_DIGITS, rule_form, check_nhs,
	    { "334", "  ", "334", PROBABLE, POSSIBLE, 0, TYPING_ERROR } },
	{ REDACT_HETU, 10, 10, CANONICAL_UPPER_ALNUM, rule_form, check_hetu,
	    { "64", "-", "64", LIKELY - 1, 0, 0, TYPING_ERROR } },
	{ REDACT_CPR, 10, 10, CANONICAL_DIGITS, rule_form, check_cpr,
	    { "64", "-", "64", POSSIBLE, 0, 0, TYPING_ERROR } },
	{ REDACT_RUT, 8, 9, CANONICAL_UPPER_ALNUM, rule_rut, NULL, { 0 } },
	{ REDACT_RG, 5, 11, CANONICAL_UPPER_ALNUM, rule_rg, NULL, { 0 } },
	{ REDACT_PHONE, 7, 18, CANONICAL_DIGITS, rule_phone, NULL, { 0 } },
	{ REDACT_CNH, 11, 11, CANONICAL_DIGITS, rule_form, check_cnh,
	    { "", NULL, "3332 92", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_PESEL, 11, 11, CANONICAL_DIGITS, rule_form, check_pesel,
	    { "", NULL, "65 632", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_CODICE_FISCALE, 11, 11, CANONICAL_DIGITS, rule_form, check_partita_iva,
	    { "", NULL, "2333 3332 74", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_NIF, 9, 9, CANONICAL_DIGITS, rule_form, check_nif,
	    { "", NULL, "333", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_BSN, 9, 9, CANONICAL_DIGITS, rule_form, check_bsn,
	    { "", NULL, "333 423 432 4212 324", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_EIN, 9, 9, CANONICAL_DIGITS, rule_form, check_ein,
	    { "", NULL, "27", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_IMEI, 15, 15, CANONICAL_DIGITS, rule_form, check_imei,
	    { "", NULL, "2661 861 663 3444 2643", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_BANK_ACCOUNT, 9, 9, CANONICAL_DIGITS, rule_form, check_routing,
	    { "", NULL, "333 441", 0, 0, 0, TYPING_ERROR } },
	{ REDACT_BANK_ACCOUNT, 4, 8, CANONICAL_DIGITS, rule_branch, NULL, { 0 } },
	{ REDACT_BANK_ACCOUNT, 4, 18, CANONICAL_DIGITS, rule_account, NULL, { 0 } },
	{ REDACT_PASSPORT, 6, 10, CANONICAL_UPPER_ALNUM, rule_document, NULL, { 0 } },
	{ REDACT_DRIVER_LICENCE, 5, 13, CANONICAL_UPPER_ALNUM, rule_document, NULL, { 0 } },
	{ REDACT_DNI, 7, 8, CANONICAL_UPPER_ALNUM, rule_document, NULL, { 0 } },
	{ REDACT_TITULO_ELEITOR, 13, 13, CANONICAL_DIGITS, rule_document, NULL, { 0 } },
	{ REDACT_NIR, 13, 13, CANONICAL_DIGITS, rule_document, NULL, { 0 } },
};
/* clang-format on */

static_assert(sizeof(number_rules) / sizeof(number_rules[0]) <= 64, "a bit for each");

const size_t number_n_rules = sizeof(number_rules) / sizeof(number_rules[0]);

static bool
is_named(const struct number *n, const struct number_rule *rule)
{
	return number_is_about(n, UINT64_C(1) << rule->type);
}

/* The official form has hard separators, or the words name it: a stretch beside other groups is
 * no chance. */
static bool
is_apart(const struct number *n, const struct number_rule *rule)
{
	return !n->is_partial || is_named(n, rule) ||
	    (n->n_groups > 1 && number_has_only_seps(n, SEP_HYPHEN | SEP_POINT | SEP_SLASH));
}

/* 000.000.000-00 is a form to fill in. */
static bool
is_blank(const struct number *n)
{
	return check_is_repeated(n->digits, n->n_digits) && n->digits[0] == '0';
}

struct verdict
rule_form(const struct number *n, const struct number_rule *rule)
{
	const struct number_form *f = &rule->form;
	bool is_bare = number_is_bare(n); /* no form is one group */
	bool is_grouped = !is_bare && number_has_sizes_of(n, f->others) &&
	    number_has_only_seps(n, SEP_SPACE | SEP_HYPHEN | SEP_POINT | SEP_SLASH);
	bool is_written = !is_bare && number_has_sizes(n, f->written) &&
	    (f->seps == NULL ? number_has_only_seps(n, SEP_SPACE | SEP_HYPHEN | SEP_POINT)
			     : number_has_seps(n, f->seps));
	struct verdict v = { 0 };

	if (n->has_plus || (!is_written && !is_grouped && !is_bare) || !is_apart(n, rule))
		return v;
	if (rule->check(n->digits)) {
		if (is_written)
			v.score = f->if_written;
		else if (is_grouped)
			v.score = f->if_grouped;
		else
			v.score = n->is_joined ? 0 : f->if_bare;
		if (v.score < BY_CONTEXT && is_named(n, rule))
			v.score = BY_CONTEXT;
	} else if (is_named(n, rule) && !is_blank(n)) {
		v.score = f->if_wrong;
	}
	return v;
}
