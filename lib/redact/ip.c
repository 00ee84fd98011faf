/* SPDX-License-Identifier: Apache-2.0 */
/* ip - IPv6 and MAC addresses around a colon. */
#include <arpa/inet.h>
#include <string.h>

#include "redact/scan.h"

#define MAX_ADDRESS 45
#define MIN_HEX_DIGITS 5 /* "a::b" is a name of C++ */
#define MAC_LEN 17
#define MIN_COLONS 5 /* of a MAC address; one of the net has more, or two together */
#define DUMP_LEN 23
#define MAX_ZONE 16
#define SCORE_IP 950
#define SCORE_MAC 950

static bool
is_address_byte(uint8_t c)
{
	return is_hex(c) || c == ':' || c == '.';
}

static size_t
address_start(const struct scan *s, size_t colon)
{
	size_t i = colon;

	while (i > 0 && colon - i < 4 && is_hex(s->text[i - 1]))
		i--;
	return i;
}

/* A group of hex digits and a colon before it: what begins here is the rest of something longer. */
static bool
goes_on(const struct scan *s, size_t start)
{
	size_t i = start - 1;

	if (start < 2 || s->text[i] != ':')
		return false;
	while (i > 0 && start - i < 6 && is_hex(s->text[i - 1]))
		i--;
	if (i == start - 1)
		return s->text[i - 1] == ':';
	return i == 0 || !is_alnum(s->text[i - 1]);
}

static bool
is_mac(const uint8_t *at, size_t len)
{
	bool is_all_zero = true, is_all_ones = true;

	if (len != MAC_LEN)
		return false;
	for (size_t i = 0; i < MAC_LEN; i++) {
		if (i % 3 == 2) {
			if (at[i] != ':')
				return false;
			continue;
		}
		if (!is_hex(at[i]))
			return false;
		is_all_zero = is_all_zero && at[i] == '0';
		is_all_ones = is_all_ones && lower(at[i]) == 'f';
	}
	return !is_all_zero && !is_all_ones;
}

/* Eight pairs are a dump of bytes. */
static bool
is_dump(const uint8_t *at, size_t len)
{
	if (len != DUMP_LEN)
		return false;
	for (size_t i = 2; i < len; i += 3)
		if (at[i] != ':')
			return false;
	return true;
}

/* "%eth0" behind an address of one link; the length of the zone or 0. */
static size_t
zone_len(const struct scan *s, size_t at)
{
	size_t n = 1;

	if (s->text[at] != '%' || !is_letter(s->text[at + 1]))
		return 0;
	while (n < MAX_ZONE && is_alnum(s->text[at + n]))
		n++;
	return n;
}

/* A real address, neither unspecified nor loopback nor a name of C++ in hex letters. */
static bool
is_ipv6(const uint8_t *at, size_t len)
{
	char text[MAX_ADDRESS + 1];
	uint8_t address[16], zeros[15] = { 0 };
	size_t n_hex = 0, n_digits = 0;

	if (len > MAX_ADDRESS || is_dump(at, len))
		return false;
	memcpy(text, at, len);
	text[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		n_hex += is_hex(at[i]);
		n_digits += is_digit(at[i]);
	}
	if (n_hex < MIN_HEX_DIGITS || n_digits == 0 || inet_pton(AF_INET6, text, address) != 1)
		return false;
	return memcmp(address, zeros, sizeof(zeros)) != 0;
}

void
match_colon_address(struct scan *s, size_t colon)
{
	size_t start, end, n_colons = 0;
	bool is_short = false;
	struct candidate c = { .how = CANONICAL_LOWER };

	if (colon < s->colon_resume || (!is_hex(s->text[colon + 1]) && s->text[colon + 1] != ':'))
		return;
	start = address_start(s, colon);
	if ((start > 0 && is_alnum(s->text[start - 1])) || goes_on(s, start))
		return;
	end = colon;
	while (end < s->len && end - start <= MAX_ADDRESS && is_address_byte(s->text[end])) {
		n_colons += s->text[end] == ':';
		is_short = is_short || (s->text[end] == ':' && s->text[end + 1] == ':');
		end++;
	}
	/* "10:36:08" */
	if (end - start > MAX_ADDRESS || is_alnum(s->text[end]) ||
	    (n_colons < MIN_COLONS && !is_short))
		return;
	/* A sentence or a clause may end behind it. */
	while (end > start &&
	    (s->text[end - 1] == '.' || (s->text[end - 1] == ':' && s->text[end - 2] != ':')))
		end--;
	c.start = (uint32_t)start;
	c.end = (uint32_t)end;
	if (is_mac(s->text + start, end - start)) {
		c.type = REDACT_MAC;
		c.score = SCORE_MAC;
		c.how = CANONICAL_UPPER_ALNUM;
	} else if (is_ipv6(s->text + start, end - start)) {
		c.type = REDACT_IP;
		c.score = SCORE_IP;
		end += zone_len(s, end);
		c.end = (uint32_t)end;
	} else {
		return;
	}
	s->colon_resume = end;
	scan_add(s, c);
}
