/* SPDX-License-Identifier: Apache-2.0 */
/* number_rules - the numbers that need a rule of their own: addresses of the net, cards with their
 * code and expiry, documents with a letter for ten, and what only the words nearby tell. */
#include <string.h>

#include "redact/number.h"

#define SURE 990
#define LIKELY 900
#define PROBABLE 850
#define BY_CONTEXT 750
#define POSSIBLE 700
#define TYPING_ERROR 650

static const struct verdict nothing;

static struct verdict
scored(bool is_match, uint16_t score)
{
	return is_match ? (struct verdict){ .score = score } : nothing;
}

/* "4111 1111 1111 1111", "3782-822463-10005", "6304 000000 000 000 00": one separator, and no
 * group so small or large that it were something else. */
static bool
is_card_written(const struct number *n)
{
	if (number_is_bare(n))
		return !n->is_joined;
	if (n->sizes[0] < '4')
		return false;
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		if (n->seps[i] == '/' || n->seps[i] == '(' || n->seps[i] == ')' ||
		    (n->seps[i] != n->seps[0] && n->seps[i] != '\n' && n->seps[0] != '\n') ||
		    (n->sizes[i + 1] < '3' && i + 2 < n->n_groups))
			return false;
	/* One point makes a decimal fraction. */
	return n->seps[0] != '.' || n->n_groups > 2;
}

struct verdict
rule_card(const struct number *n, const struct number_rule *rule)
{
	enum card_range range;
	bool is_named = number_is_about(n, WORD_TYPE(CARD) | WORD_CARD_CODE);

	(void)rule;
	if (n->has_plus || !is_card_written(n))
		return nothing;
	if (!check_luhn(n->digits, n->n_digits))
		return scored(is_named && n->n_digits >= 15 &&
			check_card_range(n->digits, n->n_digits) != CARD_RANGE_NONE,
		    TYPING_ERROR);
	range = check_card_range(n->digits, n->n_digits);
	if (range == CARD_RANGE_BRAND)
		return scored(true, SURE);
	if (range == CARD_RANGE_WIDE)
		return scored(is_named || n->n_groups > 3, LIKELY);
	return scored(is_named && !check_is_repeated(n->digits, n->n_digits), BY_CONTEXT);
}

/* "123" behind "CVV" or right behind a card. */
struct verdict
rule_card_code(const struct number *n, const struct number_rule *rule)
{
	bool is_named = (n->near & WORD_CARD_CODE) != 0;

	(void)rule;
	if (!number_is_bare(n) || n->is_joined || n->has_plus || n->is_partial)
		return nothing;
	if (n->is_behind_card && n->n_digits <= 4)
		return scored(true, POSSIBLE);
	return scored(is_named, BY_CONTEXT);
}

const char number_expiry_sizes[] = "22 24";

/* "12/26", "12/2026" where a card stands before or the words speak of one. */
struct verdict
rule_card_expiry(const struct number *n, const struct number_rule *rule)
{
	unsigned int month = check_number(n->digits, 2);

	(void)rule;
	if (!number_has_sizes_of(n, number_expiry_sizes) ||
	    !number_has_only_seps(n, SEP_SLASH | SEP_HYPHEN) || n->is_joined || month < 1 ||
	    month > 12)
		return nothing;
	if (n->n_digits == 6 && memcmp(n->digits + 2, "20", 2) != 0)
		return nothing;
	if (n->is_behind_card)
		return scored(true, BY_CONTEXT);
	return scored((n->near & WORD_EXPIRY) != 0 &&
		(n->is_near_card || number_is_about(n, WORD_TYPE(CARD) | WORD_CARD_CODE)),
	    POSSIBLE);
}

/* A package, a library or "v" says that four numbers are a version. */
#define VERSION_BEFORE 48

static bool
is_of_package(const struct number *n)
{
	static const char *const words[] = { "upgrad", "package", "release", "firmware", "ersion",
		"ersi\xC3\xB3n", "ers\xC3\xA3o", "pip install", "changelog", "paquete", "pacote",
		"JVM", "JRE", "JDK", "Java ", "SDK" };
	const uint8_t *text = n->run->text;
	size_t start = n->run->starts[n->first];
	size_t from = start > VERSION_BEFORE ? start - VERSION_BEFORE : 0, word;

	for (size_t i = start; i > from; i--)
		if (text[i - 1] == '\n' || text[i - 1] == 0xFF)
			from = i;
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		if (memmem(text + from, start - from, words[w], strlen(words[w])) != NULL)
			return true;
	if (start > 0 && lower(text[start - 1]) == 'v')
		return true;
	/* "libc6 2.39.90.1", "at-spi2-core 2.39.90.1"; a host is "web-1 10.0.0.5". */
	for (word = start > from ? start - 1 : from; word > from && text[word - 1] != ' ';)
		word--;
	return start - word > 4 &&
	    (memcmp(text + word, "lib", 3) == 0 ||
		(n->sizes[0] == '1' && memchr(text + word, '-', start - word) != NULL));
}

struct verdict
rule_ipv4(const struct number *n, const struct number_rule *rule)
{
	unsigned int octets[4] = { 0 };
	bool is_small = true;

	(void)rule;
	if (n->n_groups != 4 || !number_has_seps(n, "...") || n->is_joined ||
	    (!number_is_about(n, WORD_TYPE(IP)) &&
		(number_is_about(n, WORD_VERSION) || is_of_package(n))))
		return nothing;
	for (size_t g = 0; g < 4; g++) {
		const struct number_run *run = n->run;
		size_t from = run->offsets[n->first + g], to = run->offsets[n->first + g + 1];

		/* "5.22..5.26" is a range. */
		if (g < 3 && run->gaps[n->first + g] != 1)
			return nothing;
		if (to - from > 3 || (to - from > 1 && run->digits[from] == '0'))
			return nothing;
		octets[g] = check_number(run->digits + from, to - from);
		if (octets[g] > 255)
			return nothing;
		is_small = is_small && octets[g] < 10;
	}
	if (octets[0] == 0 || octets[0] == 127 || (octets[1] | octets[2] | octets[3]) == 0)
		return nothing;
	/* "1.2.3.4" is a version far more often than an address. */
	return scored(!is_small || number_is_about(n, WORD_TYPE(IP)), LIKELY);
}

const char number_rut_sizes[] = "2331 1331 81 71";

/* Chile: "12.345.678-5"; the shape is Brazil's RG too, the check digit or the words decide. */
struct verdict
rule_rut(const struct number *n, const struct number_rule *rule)
{
	uint8_t id[9] = { '0' };
	bool is_named = number_is_about(n, WORD_TYPE(RUT)), is_right;
	bool is_dotted = number_has_sizes(n, "2331") || number_has_sizes(n, "1331");
	bool is_written = (is_dotted && (number_has_seps(n, "..-"))) ||
	    ((number_has_sizes(n, "81") || number_has_sizes(n, "71")) && number_has_seps(n, "-"));

	(void)rule;
	if (!is_written && !is_named)
		return nothing;
	memcpy(id + 9 - n->n_digits, n->digits, n->n_digits);
	is_right = check_rut(id);
	if (is_named && (is_written || number_is_bare(n)))
		return scored(true, is_right ? LIKELY : TYPING_ERROR);
	return scored(is_right && is_dotted && is_written &&
		!number_is_about(n, WORD_TYPE(RG) | WORD_OTHER_NUMBER),
	    POSSIBLE + 5);
}

const char number_rg_sizes[] = "2331";

/* "12.345.678-9": a digit behind a hyphen, or the words say so. */
struct verdict
rule_rg(const struct number *n, const struct number_rule *rule)
{
	bool is_named = number_is_about(n, WORD_TYPE(RG));
	bool is_written = number_has_sizes(n, number_rg_sizes) && number_has_seps(n, "..-");

	(void)rule;
	if (n->has_plus || n->is_joined)
		return nothing;
	if (is_written)
		return scored(true,
		    is_named || check_rg_sao_paulo(n->digits) ? PROBABLE : POSSIBLE);
	return scored(is_named && n->n_digits >= 6 &&
		number_has_only_seps(n, SEP_POINT | SEP_HYPHEN) && n->n_groups <= 4,
	    BY_CONTEXT);
}

/* "20-05-2024" */
static bool
is_date(const struct number *n)
{
	return number_has_sizes(n, "422") || number_has_sizes(n, "224");
}

/* The number of a bank or its branch: "20-00-00", "1234-5", "100 500 00". */
struct verdict
rule_branch(const struct number *n, const struct number_rule *rule)
{
	const uint8_t *before = n->run->text + n->run->starts[n->first];

	(void)rule;
	/* Italy's codes have five digits; other things are called ABI too. */
	if (n->n_digits != 5 && n->run->starts[n->first] >= 4 &&
	    (memcmp(before - 4, "ABI ", 4) == 0 || memcmp(before - 4, "CAB ", 4) == 0))
		return nothing;
	return scored((n->near & WORD_BANK_CODE) != 0 && !n->has_plus && !n->is_joined &&
		!n->is_partial && !is_date(n) && number_has_only_seps(n, SEP_HYPHEN | SEP_SPACE) &&
		n->n_groups <= 3,
	    BY_CONTEXT);
}

/* An account: the words say so right before it.  Short ones need the hyphen before their last
 * digit, or "the account came to 1200" were one. */
struct verdict
rule_account(const struct number *n, const struct number_rule *rule)
{
	bool has_last_digit =
	    n->n_groups > 1 && n->sizes[n->n_groups - 1] <= '2' && n->seps[n->n_groups - 2] == '-';
	const uint8_t *before = n->run->text + n->run->starts[n->first];
	bool is_for = n->run->starts[n->first] >= 4 && memcmp(before - 4, "for ", 4) == 0;
	bool is_named = ((n->near & WORD_TYPE(BANK_ACCOUNT)) != 0 && !is_for) ||
	    (number_is_about(n, WORD_TYPE(BANK_ACCOUNT)) && n->n_digits >= 8);

	(void)rule;
	if (!is_named || n->has_plus || n->is_joined || n->is_partial || n->n_groups > 5 ||
	    is_date(n) || !number_has_only_seps(n, SEP_HYPHEN | SEP_POINT | SEP_SPACE))
		return nothing;
	return scored(has_last_digit || n->n_digits >= 6, POSSIBLE);
}

/* Numbers without any check: the words right before say so. */
struct verdict
rule_document(const struct number *n, const struct number_rule *rule)
{
	return scored((n->near & UINT64_C(1) << rule->type) != 0 && !n->has_plus && !n->is_joined &&
		!is_date(n) && n->n_groups <= 4 &&
		number_has_only_seps(n, SEP_HYPHEN | SEP_POINT | SEP_SPACE),
	    BY_CONTEXT);
}
