/* SPDX-License-Identifier: Apache-2.0 */
/* iban - account numbers that begin with their country: IBAN and, where words name it, BIC. */
#include <string.h>
#include <strings.h>

#include "redact/checks.h"
#include "redact/number.h"
#include "redact/token.h"

#define SURE 990
#define BY_CONTEXT 750
#define TYPING_ERROR 650
#define MAX_IBAN 34

/* Letters and digits with single separators; where n of them end, or 0. */
static size_t
gather_iban(const struct scan *s, size_t start, size_t n, uint8_t ret_text[static MAX_IBAN])
{
	size_t at = start;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && s->text[at] != 0 && strchr(" -./\n", s->text[at]) != NULL)
			at++;
		if (at >= s->len || !is_alnum(s->text[at]))
			return 0;
		ret_text[i] = s->text[at++];
	}
	return is_alnum(s->text[at]) ? 0 : at;
}

bool
match_iban(struct scan *s, size_t start)
{
	uint8_t iban[MAX_IBAN];
	size_t n = check_iban_len(s->text + start), end;
	bool is_right;

	if (n == 0 || (end = gather_iban(s, start, n, iban)) == 0)
		return false;
	is_right = check_iban(iban, n);
	if (!is_right && (scan_context(s, start) & WORD_TYPE(IBAN)) == 0)
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_IBAN,
		.score = is_right ? SURE : TYPING_ERROR,
		.how = CANONICAL_UPPER_ALNUM,
	    });
	s->number_resume = end;
	s->word_resume = end;
	return true;
}

static const char countries[] =
    "ADAEAFAGALAMAOARATAUAZBABBBDBEBGBHBIBJBMBNBOBRBSBWBYBZCACDCGCHCICLCMCNCOCRCUCVCYCZDEDJDKDMDODZ"
    "ECEEEGESETFIFJFRGAGBGDGEGGGHGIGLGMGNGRGTGYHKHNHRHTHUIDIEILIMINIQIRISITJEJMJOJPKEKGKHKRKWKYKZLA"
    "LBLCLILKLRLSLTLULVLYMAMCMDMEMGMKMLMMMNMOMRMTMUMVMWMXMYMZNANENGNINLNONPNZOMPAPEPGPHPKPLPSPTPYQA"
    "RORSRURWSASCSDSESGSISKSLSMSNSOSRSVSYSZTDTGTHTJTMTNTRTTTWTZUAUGUSUYUZVAVEVNYEZAZMZW";

static bool
is_country(const uint8_t *letters)
{
	for (size_t i = 0; i + 1 < sizeof(countries); i += 2)
		if (countries[i] == (char)(letters[0] & 0xDF) &&
		    countries[i + 1] == (char)(letters[1] & 0xDF))
			return true;
	return false;
}

static bool
is_small_word(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] < 'a' || at[i] > 'z')
			return false;
	return true;
}

/* "bic deutdeff", "swift: deutdeff", "the bic is deutdeff"; "compared" is a word. */
static bool
is_named_right_before(const struct scan *s, size_t start)
{
	static const char *const ends[] = { "bic", "swift", " is", " code", ":", "=", "\"" };
	size_t at = start;

	if (start > 1 && memcmp(s->text + start - 2, "::", 2) == 0)
		return false;
	while (at > 0 && start - at < 3 && s->text[at - 1] == ' ')
		at--;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (at >= n && strncasecmp((const char *)s->text + at - n, ends[i], n) == 0)
			return true;
	}
	return at == 0 || s->text[at - 1] == LAYER_BREAK;
}

/* Four letters, a country, two or five letters or digits, the letters of one case; the caller saw a
 * label nearby. */
bool
match_bic(struct scan *s, size_t start, size_t len)
{
	uint8_t the_case = s->text[start] & 0x20;

	if ((len != 8 && len != 11) || is_alnum(s->text[start + len]))
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = s->text[start + i];

		if (is_letter(c) ? (c & 0x20) != the_case : i < 6)
			return false;
	}
	if (!is_country(s->text + start + 4) ||
	    (is_small_word(s->text + start, len) && !is_named_right_before(s, start)))
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)(start + len),
		.type = REDACT_BANK_ACCOUNT,
		.score = BY_CONTEXT,
		.how = CANONICAL_UPPER_ALNUM,
	    });
	s->word_resume = start + len;
	return true;
}
