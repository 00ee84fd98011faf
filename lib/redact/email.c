/* SPDX-License-Identifier: Apache-2.0 */
/* email - an e-mail address around an "@" (or the "%40" of a URL). */
#include <string.h>

#include "redact/scan.h"

#define MAX_LOCAL 64
#define MAX_DOMAIN 253
#define MAX_LABEL 63
#define MIN_NUMBERED 2 /* digits of a host that has no letter: "qq.com" has, "163.com" not */
#define SCORE 990

static bool
is_local_ascii(uint8_t c)
{
	return is_alnum(c) || (c != 0 && c < 0x80 && strchr("._%+-'&", c) != NULL);
}

/* Letters of two bytes (Latin with accents, Greek, Cyrillic) belong to a word in any case; scripts
 * without spaces (three bytes) only where the address itself is written in them. */
static bool
is_local_lead(uint8_t c, bool is_wide)
{
	if (c >= 0xC3 && c <= 0xDF)
		return true;
	return is_wide && c >= 0xE0 && c <= 0xED && c != 0xE2;
}

static size_t
local_start(const struct scan *s, size_t at)
{
	bool is_wide = at > 0 && s->text[at - 1] >= 0x80;
	size_t i = at, floor = at > MAX_LOCAL ? at - MAX_LOCAL : 0;

	if (floor < s->block_resume)
		floor = s->block_resume < at ? s->block_resume : at;
	while (i > floor) {
		size_t lead = i - 1;

		if (is_local_ascii(s->text[lead])) {
			i--;
			continue;
		}
		while (lead > floor && s->text[lead] >= 0x80 && s->text[lead] < 0xC0)
			lead--;
		if (!is_local_lead(s->text[lead], is_wide))
			break;
		i = lead;
	}
	while (i < at && !is_alnum(s->text[i]) && s->text[i] != '_' && s->text[i] < 0x80)
		i++;
	/* "name%3Ajoe%40x.com": what a URL escaped is no part of the address. */
	for (size_t j = i; j + 2 < at; j++)
		if (s->text[j] == '%' && is_hex(s->text[j + 1]) && is_hex(s->text[j + 2]))
			i = j + 3;
	return i;
}

/* The length of one label of a domain. */
static size_t
label_len(const uint8_t *at, size_t len)
{
	size_t n = 0;

	while (n < len && n < MAX_LABEL &&
	    (is_alnum(at[n]) || (at[n] == '-' && n > 0) ||
		(at[n] >= 0x80 && at[n] != LAYER_BREAK && at[n] != 0xE2)))
		n++;
	return n;
}

static bool
has_letter(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_letter(at[i]) || at[i] >= 0x80)
			return true;
	return false;
}

/* "v1", "1", "sha256:…" are versions of a package, not hosts. */
static bool
is_version(const uint8_t *at, size_t len)
{
	size_t from = len > 1 && lower(at[0]) == 'v' && is_digit(at[1]) ? 1 : 0;

	return !has_letter(at + from, len - from);
}

/* "163.com": a host whose first label is digits; "18.next" is a version, "300.png" a file. */
static bool
is_numbered_host(const uint8_t *at, size_t label, size_t len)
{
	static const char not_hosts[] = " png jpg jpeg gif svg webp ico css js json xml txt pdf md "
					"beta alpha rc next canary latest dev post stable tar zip ";
	char padded[16];
	size_t n = 0;

	if (label < MIN_NUMBERED || len <= label + 2 || at[label] != '.')
		return false;
	for (at += label + 1, len -= label + 1; n < len && n < sizeof(padded) - 3; n++) {
		if (!is_letter(at[n]))
			break;
		padded[n + 1] = (char)lower(at[n]);
	}
	padded[0] = padded[n + 1] = ' ';
	padded[n + 2] = '\0';
	return n >= 2 && !is_digit(at[n]) && at[n] != '-' && strstr(not_hosts, padded) == NULL;
}

/* How many bytes of the label can end a domain; 0 when it cannot. */
static size_t
top_level_len(const uint8_t *at, size_t len)
{
	size_t n = 0;

	if (len > 4 && memcmp(at, "xn--", 4) == 0)
		return len;
	while (n < len && (is_letter(at[n]) || at[n] >= 0x80))
		n++;
	if (n < 2)
		return 0;
	/* Digits glued to the end would be left behind in the clear. */
	return n < len && is_digit(at[n]) ? len : n;
}

/* "x.com.Please": the next sentence begins without a space. */
static bool
is_next_sentence(const uint8_t *at, size_t len)
{
	return len > 1 && at[0] >= 'A' && at[0] <= 'Z' && at[1] >= 'a' && at[1] <= 'z';
}

/* Where the domain that begins at from ends; 0 when there is none. */
static size_t
domain_end(const struct scan *s, size_t from)
{
	size_t i = from, end = 0;
	size_t limit = s->len - from > MAX_DOMAIN ? from + MAX_DOMAIN : s->len;

	while (i < limit) {
		size_t n = label_len(s->text + i, limit - i), top;

		if (n == 0)
			break;
		if (i == from && is_version(s->text + i, n) &&
		    !is_numbered_host(s->text + i, n, limit - i))
			return 0;
		top = i == from ? 0 : top_level_len(s->text + i, n);
		if (top > 0 && !(end > 0 && is_next_sentence(s->text + i, n)))
			end = i + top;
		i += n;
		if (i >= limit || s->text[i] != '.')
			break;
		i++;
	}
	return end;
}

/* "git@github.com:owner/name" is a place, not a person. */
static bool
is_repository(const struct scan *s, size_t start, size_t at, size_t end)
{
	return at - start == 3 && memcmp(s->text + start, "git", 3) == 0 &&
	    (s->text[end] == ':' || s->text[end] == '/');
}

void
match_email(struct scan *s, size_t at, size_t at_len)
{
	size_t start, end;

	if (at < s->at_resume)
		return;
	start = local_start(s, at);
	if (start == at)
		return;
	end = domain_end(s, at + at_len);
	if (end == 0 || is_repository(s, start, at, end))
		return;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_EMAIL,
		.score = SCORE,
		.how = CANONICAL_LOWER,
	    });
}
