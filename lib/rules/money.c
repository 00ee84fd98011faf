/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts of money in a text; see money.h. */
#include "rules/money.h"

#include <ctype.h>

#define AROUND 120 /* bytes on either side */

/* clang-format off */

/* Touch the number, before or after it. */
static const char *const signs[] = {
	"US$", "CA$", "AU$", "NZ$", "HK$", "C$", "A$", "R$", "$", "＄", "€", "£", "¥", "￥", "₹", "₽", "₩", "₺", "₴", "฿",
	"₫", "₱", "₦", "₪", "¢", "円", "元", "원", NULL };

/* Behind a number. */
static const char *const units[] = {
	"dollar", "dollars", "bucks", "cents", "euro", "euros", "quid", "yen", "yuan", "won", "reais", "dólares", "dolares",
	"dólar", "pesos", "rupees", "dirhams", "dollaro", "dollari", "francs", "franken", "fr", "sfr", "livres", "sterling",
	"kr", "kronor", "kroner", "zł", "zloty", "złotych", "kč", "ft", "pence", "centavos", "centimes", "rubles", "lira",
	NULL };

/* On either side. */
static const char *const codes[] = {
	"usd", "eur", "gbp", "cad", "aud", "nzd", "brl", "jpy", "cny", "chf", "inr", "mxn", "sek", "nok", "dkk", "pln", "czk",
	"huf", "aed", "sgd", "hkd", "zar", "ars", "clp", "cop", "try", "ils", "krw", NULL };

/* Also weights: only where the sentence speaks of money. */
static const char *const doubtful_units[] = { "pound", "pounds", "real", NULL };

static const char *const multipliers[] = {
	"k", "m", "thousand", "million", "hundred", "mil", "mille", "millones", "milhões", "mio", "tausend", NULL };

/* Numbers as words; the last stands right before the unit. */
static const char *const numerals[] = {
	"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty",
	"thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "million", "um", "dois",
	"três", "cinco", "dez", "vinte", "trinta", "quarenta", "cinquenta", "cem", "cento", "duzentos", "quinhentos", "mil",
	"dos", "tres", "diez", "veinte", "treinta", "cuarenta", "cincuenta", "cien", "doscientos", "quinientos", "zwei",
	"drei", "fünf", "zehn", "zwanzig", "dreißig", "vierzig", "fünfzig", "hundert", "tausend", "deux", "trois", "cinq",
	"dix", "vingt", "trente", "quarante", "cinquante", "cent", "mille", NULL };

/* A number behind one of these is a price. */
static const char *const costs[] = {
	"costs", "cost", "price is", "price of", "prices are", "priced at", "charge", "custa", "custam", "preço é",
	"preço de", "cuesta", "cuestan", "precio es", "precio de", "kostet", "kosten", "preis ist", "preis beträgt", "coûte",
	"coûtent", "prix est", NULL };

static const char *const money_words[] = {
	"cost", "costs", "price", "prices", "priced", "pay", "paid", "charge", "fee", "refund", "total", "buy", "sell", NULL };

static const char *const hedges[] = {
	"only", "just", "about", "around", "roughly", "is", "you", "apenas", "só", "cerca de", "solo", "sólo", "nur", "etwa",
	"seulement", "environ", NULL };

/* clang-format on */

static bool
is_word_byte(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static size_t
word_end(struct str s, size_t at)
{
	while (at < s.len && is_word_byte(s.at[at]))
		at++;
	return at;
}

/* A word of the table at the given place, whole: its length, or 0. */
static size_t
word_len(struct str s, size_t at, const char *const *table)
{
	struct str word = str_slice(s, at, word_end(s, at));

	for (size_t i = 0; table[i] != NULL && word.len > 0; i++)
		if (str_equals_ignoring_case(word, str_from(table[i])))
			return word.len;
	return 0;
}

/* The same for phrases of several words. */
static size_t
phrase_len(struct str s, size_t at, const char *const *table)
{
	for (size_t i = 0; table[i] != NULL; i++) {
		size_t end = at + strlen(table[i]);

		if (end <= s.len &&
		    str_equals_ignoring_case(str_slice(s, at, end), str_from(table[i])) &&
		    (end == s.len || !is_word_byte(s.at[end])))
			return end - at;
	}
	return 0;
}

static size_t
sign_len(struct str s, size_t at)
{
	for (size_t i = 0; signs[i] != NULL; i++)
		if (str_starts_with(str_slice(s, at, s.len), str_from(signs[i])))
			return strlen(signs[i]);
	return 0;
}

static size_t
number_end(struct str s, size_t at)
{
	while (at < s.len &&
	    (isdigit((unsigned char)s.at[at]) ||
		((s.at[at] == '.' || s.at[at] == ',') && at + 1 < s.len &&
		    isdigit((unsigned char)s.at[at + 1]))))
		at++;
	return at;
}

/* Blanks, emphasis, and what else may stand between number and currency. */
static size_t
skip_gap(struct str s, size_t at, const char *gap)
{
	for (;;) {
		if (at < s.len && s.at[at] != '\0' && strchr(gap, s.at[at]) != NULL)
			at++;
		else if (str_starts_with(str_slice(s, at, s.len), STR("\xc2\xa0")))
			at += 2;
		else
			return at;
	}
}

static bool
speaks_of_money(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((i == 0 || !is_word_byte(s.at[i - 1])) && word_len(s, i, money_words) > 0)
			return true;
	return false;
}

/* "5 pounds" are money where the words around are about money. */
static size_t
doubtful_len(struct str s, size_t at)
{
	size_t len = word_len(s, at, doubtful_units), from = at > AROUND ? at - AROUND : 0;

	return len > 0 && speaks_of_money(str_slice(s, from, at + AROUND)) ? len : 0;
}

/* The currency behind a number that ends at the given place: where it ends, or 0. */
static size_t
currency_behind(struct str s, size_t at)
{
	size_t gap = skip_gap(s, at, " *-("), len = word_len(s, gap, multipliers);

	/* "129.- EUR" */
	if (at + 1 < s.len && (s.at[at] == '.' || s.at[at] == ',') && s.at[at + 1] == '-')
		gap = skip_gap(s, at + 1, " *-(");
	if (len > 0)
		gap = skip_gap(s, gap + len, " *-(");
	len = sign_len(s, gap);
	/* "4 $12" is the next amount's sign. */
	if (len > 0 && number_end(s, skip_gap(s, gap + len, " ")) > skip_gap(s, gap + len, " "))
		return 0;
	if (len == 0)
		len = word_len(s, gap, units);
	if (len == 0)
		len = word_len(s, gap, codes);
	if (len == 0)
		len = doubtful_len(s, gap);
	return len > 0 ? gap + len : 0;
}

/* "$ 12", "USD 12", "kr 12": where it ends, or 0. */
static size_t
end_from_currency(struct str s, size_t at, bool is_word_start)
{
	static const char *const leading[] = { "kr", "rs", "fr", "sfr", NULL };
	size_t len = sign_len(s, at), start, end;

	if (len == 0 && is_word_start)
		len = word_len(s, at, codes);
	if (len == 0 && is_word_start)
		len = word_len(s, at, leading);
	if (len == 0)
		return 0;
	start = skip_gap(s, at + len, " *.");
	end = number_end(s, start);
	return end > start ? end : 0;
}

/* "It costs only 20": where the number ends, or 0; not "costs 20 %" or "20 minutes". */
static size_t
end_from_cost(struct str s, size_t at)
{
	size_t len = phrase_len(s, at, costs), start, end, next;

	if (len == 0)
		return 0;
	start = skip_gap(s, at + len, " *:");
	for (len = phrase_len(s, start, hedges); len > 0; len = phrase_len(s, start, hedges))
		start = skip_gap(s, start + len, " *");
	end = number_end(s, start);
	next = skip_gap(s, end, " *");
	if (end == start || (next < s.len && (s.at[next] == '%' || is_word_byte(s.at[next]))))
		return 0;
	return end;
}

/* Not inside a word, and not inside "1.299". */
static bool
begins_word(struct str s, size_t at)
{
	char before;

	if (at == 0)
		return true;
	before = s.at[at - 1];
	if ((before == '.' || before == ',') && at > 1 && isdigit((unsigned char)s.at[at - 2]))
		return !isdigit((unsigned char)s.at[at]);
	return !isalnum((unsigned char)before) && !is_word_byte(before);
}

/* The amount that begins at the given place: where it ends, or 0. */
static size_t
amount_end(struct str s, size_t at)
{
	bool is_word_start = begins_word(s, at);
	size_t end, len;

	if (!is_word_start && isalnum((unsigned char)s.at[at]) && !isupper((unsigned char)s.at[at]))
		return 0;
	end = end_from_currency(s, at, is_word_start);
	if (end > 0 || !is_word_start)
		return end;
	end = number_end(s, at);
	if (end > at)
		return currency_behind(s, end);
	len = word_len(s, at, numerals);
	if (len > 0 && word_len(s, skip_gap(s, at + len, " -"), units) > 0)
		return currency_behind(s, at + len);
	return end_from_cost(s, at);
}

bool
money_find(struct str text, struct str *ret_amount)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t end = amount_end(text, i);

		if (end == 0)
			continue;
		*ret_amount = str_slice(text, i, end);
		return true;
	}
	return false;
}

/* The digits of the first number, without what groups them and without ".00". */
static size_t
digits_of(struct str s, size_t *at, char *digits, size_t room)
{
	size_t n = 0, end;

	while (*at < s.len && !isdigit((unsigned char)s.at[*at]))
		++*at;
	end = number_end(s, *at);
	for (; *at < end; ++*at)
		if (isdigit((unsigned char)s.at[*at]) && n < room)
			digits[n++] = s.at[*at];
	if (n > 2 && end >= 3 && (s.at[end - 3] == '.' || s.at[end - 3] == ',') &&
	    digits[n - 1] == '0' && digits[n - 2] == '0')
		n -= 2;
	return n;
}

bool
money_repeats(struct str text, struct str amount)
{
	char wanted[24], found[24];
	size_t at = 0, n_wanted = digits_of(amount, &at, wanted, sizeof(wanted));

	at = 0;
	while (n_wanted > 0 && at < text.len) {
		size_t n = digits_of(text, &at, found, sizeof(found));

		if (n == n_wanted && memcmp(found, wanted, n) == 0)
			return true;
	}
	return false;
}
