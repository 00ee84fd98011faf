/* SPDX-License-Identifier: Apache-2.0 */
/* pix - Brazil's instant payments: the random key (a UUID that the words nearby call so) and the
 * code to copy and paste, which carries a CRC. */
#include <string.h>
#include <strings.h>

#include "redact/token.h"
#include "redact/words.h"

#define SURE 990
#define BY_CONTEXT 800
#define TYPING_ERROR 650
#define UUID_LEN 36
#define MAX_CODE 512
#define MAX_BEFORE_NAME 90

static const char version[] = "000201", domain[] = "br.gov.bcb.pix", check_field[] = "6304";

static bool
is_random_uuid(const uint8_t *at)
{
	for (size_t i = 0; i < UUID_LEN; i++) {
		bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_hyphen ? at[i] != '-' : !is_hex(at[i]))
			return false;
	}
	return at[14] == '4' && strchr("89abAB", at[19]) != NULL && !is_alnum(at[UUID_LEN]) &&
	    at[UUID_LEN] != '-';
}

static void
add(struct scan *s, size_t start, size_t end, uint16_t score, uint8_t how)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_PIX_KEY,
		.score = score,
		.how = how,
	    });
	s->number_resume = end;
	s->word_resume = end;
}

bool
match_pix_uuid(struct scan *s, size_t start)
{
	size_t end = start + UUID_LEN;

	if (end > s->len || !is_random_uuid(s->text + start))
		return false;
	if (((scan_context(s, start) | words_after(s->text, end, s->len)) & WORD_TYPE(PIX_KEY)) ==
	    0)
		return false;
	add(s, start, end, BY_CONTEXT, CANONICAL_LOWER);
	return true;
}

/* CRC-16/CCITT-FALSE */
static unsigned int
crc16(const uint8_t *at, size_t n)
{
	unsigned int crc = 0xFFFF;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned int)at[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000) != 0 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1;
	}
	return crc;
}

static bool
has_crc(const uint8_t *hex, unsigned int crc)
{
	char wanted[5];

	(void)snprintf(wanted, sizeof(wanted), "%04X", crc);
	return strncasecmp((const char *)hex, wanted, 4) == 0;
}

/* Behind "6304" and its four digits, or 0. */
static size_t
code_end(const struct scan *s, size_t start, size_t limit)
{
	for (size_t at = start; at + 8 <= limit && s->text[at] != '\n' && s->text[at] != 0xFF; at++)
		if (s->text[at] == '6' && memcmp(s->text + at, check_field, 4) == 0 &&
		    is_hex(s->text[at + 4]) && is_hex(s->text[at + 5]) && is_hex(s->text[at + 6]) &&
		    is_hex(s->text[at + 7]) && !is_alnum(s->text[at + 8]))
			return at + 8;
	return 0;
}

bool
match_br_code(struct scan *s, size_t start)
{
	size_t limit = s->len - start > MAX_CODE ? start + MAX_CODE : s->len, end, name;

	if (limit - start < 60 || start < s->code_resume ||
	    memcmp(s->text + start, version, sizeof(version) - 1) != 0)
		return false;
	for (name = start; name < start + MAX_BEFORE_NAME && name + sizeof(domain) < limit; name++)
		if ((s->text[name] | 0x20) == 'b' &&
		    strncasecmp((const char *)s->text + name, domain, sizeof(domain) - 1) == 0)
			break;
	if (name == start + MAX_BEFORE_NAME || name + sizeof(domain) >= limit)
		return false;
	end = code_end(s, name, limit);
	s->code_resume = limit;
	if (end == 0)
		return false;
	s->code_resume = end;
	add(s, start, end,
	    has_crc(s->text + end - 4, crc16(s->text + start, end - 4 - start)) ? SURE
										: TYPING_ERROR,
	    CANONICAL_RAW);
	return true;
}
