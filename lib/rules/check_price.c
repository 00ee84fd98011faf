/* SPDX-License-Identifier: Apache-2.0 */
/* price - the assistant never quotes an amount of money: a currency beside a number. */
#include "rules/check.h"

#include <ctype.h>

static const char *const keys[] = { NULL };

/* Signs that may touch the number, before or after it. */
static const char *const signs[] = { "US$", "C$", "A$", "R$", "$", "€", "£", "¥", "₹", "₽", "₩",
	NULL };

/* Words after a number ("129 dollars") or codes on either side ("USD 129"). */
static const char *const words[] = { "dollar", "dollars", "bucks", "cents", "euro", "euros",
	"pound", "pounds", "quid", "yen", "reais", "real", "dólares", "dolares", "pesos", "dollars",
	"francs", "franken", "livres", "sterling", "usd", "eur", "gbp", "cad", "aud", "brl", "jpy",
	"chf", "inr", "mxn", "sek", "nok", "dkk", "pln", NULL };

static const char *const codes[] = { "usd", "eur", "gbp", "cad", "aud", "brl", "jpy", "chf", "inr",
	"mxn", "sek", "nok", "dkk", "pln", NULL };

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	(void)a;
	(void)check;
	(void)reterr;
	*ret_params = NULL;
	return ERR_OK;
}

static size_t
number_end(struct str s, size_t at)
{
	size_t i = at;

	while (i < s.len &&
	    (isdigit((unsigned char)s.at[i]) ||
		((s.at[i] == '.' || s.at[i] == ',') && i + 1 < s.len &&
		    isdigit((unsigned char)s.at[i + 1]))))
		i++;
	return i;
}

static size_t
skip_blanks(struct str s, size_t at)
{
	while (at < s.len && (s.at[at] == ' ' || s.at[at] == '*'))
		at++;
	if (str_starts_with(str_slice(s, at, s.len), STR("\xc2\xa0")))
		at += 2;
	return at;
}

/* A sign at the given place: its length, or 0. */
static size_t
sign_len(struct str s, size_t at)
{
	for (size_t i = 0; signs[i] != NULL; i++)
		if (str_starts_with(str_slice(s, at, s.len), str_from(signs[i])))
			return strlen(signs[i]);
	return 0;
}

/* A word of the table at the given place, whole: its length, or 0. */
static size_t
word_len(struct str s, size_t at, const char *const *table)
{
	size_t end = at;

	while (end < s.len &&
	    (isalpha((unsigned char)s.at[end]) || (unsigned char)s.at[end] >= 0x80))
		end++;
	for (size_t i = 0; table[i] != NULL; i++)
		if (str_equals_ignoring_case(str_slice(s, at, end), str_from(table[i])))
			return end - at;
	return 0;
}

/* The amount that begins at the given place: its length, or 0. */
static size_t
amount_len(struct str s, size_t at)
{
	bool is_word_start = at == 0 || !isalnum((unsigned char)s.at[at - 1]);
	size_t sign = sign_len(s, at);
	size_t start, end, after;

	if (sign == 0 && is_word_start)
		sign = word_len(s, at, codes);
	if (sign > 0) {
		start = skip_blanks(s, at + sign);
		end = number_end(s, start);
		return end > start ? end - at : 0;
	}
	end = is_word_start ? number_end(s, at) : at;
	if (end == at)
		return 0;
	after = skip_blanks(s, end);
	sign = sign_len(s, after);
	/* "4 $12" is the next amount's sign. */
	if (sign > 0 && number_end(s, after + sign) > after + sign)
		return 0;
	if (sign == 0)
		sign = word_len(s, after, words);
	return sign > 0 ? after + sign - at : 0;
}

static bool
find_amount(struct str s, struct str *ret_amount)
{
	for (size_t i = 0; i < s.len; i++) {
		size_t len = amount_len(s, i);

		if (len == 0)
			continue;
		*ret_amount = str_slice(s, i, i + len);
		return true;
	}
	return false;
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	size_t n_read = 0, n_found = 0;

	(void)params;
	for (size_t i = 0; i < run->conversation->n_messages; i++) {
		const struct wire_message *m = &run->conversation->messages[i];
		struct str amount;
		enum err e;

		if (m->role != WIRE_ASSISTANT || str_trim(m->content).len == 0)
			continue;
		n_read++;
		if (!find_amount(m->content, &amount))
			continue;
		n_found++;
		e = check_quote(run, i, amount);
		if (e != ERR_OK)
			return e;
	}
	if (n_read == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE, "The assistant said nothing.");
	if (n_found == 0)
		return check_conclude(run, VERDICT_PASS,
		    "The assistant quotes no amount of money.");
	return check_conclude(run, VERDICT_FAIL,
	    "The assistant quotes an amount of money in %zu of "
	    "its %zu messages.",
	    n_found, n_read);
}

const struct check_kind check_price = { "price", keys, parse, run_check };
