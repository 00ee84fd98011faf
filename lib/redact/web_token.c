/* SPDX-License-Identifier: Apache-2.0 */
/* web_token - JSON web tokens: signed (three parts), encrypted (five), and cut short in the second
 * part.  The header must decode to JSON that names an algorithm. */
#include <string.h>

#include "redact/secrets.h"

#define SURE 980
#define HEADER_BYTES 192 /* of it are looked at */
#define MIN_CUT 10       /* of a second part with nothing behind it */
#define MAX_PARTS 5

static bool
is_url64(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '-';
}

static int
value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

size_t
base64_peek(const uint8_t *text, size_t len, uint8_t *ret_bytes, size_t room)
{
	uint32_t bits = 0;
	unsigned int n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len && n < room; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			break;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			ret_bytes[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	return n;
}

static bool
names_an_algorithm(const uint8_t *text, size_t len)
{
	static const char *const names[] = { "\"alg\"", "\"enc\"", "\"typ\"" };
	uint8_t header[HEADER_BYTES];
	size_t n = base64_peek(text, len, header, sizeof(header));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memmem(header, n, names[i], strlen(names[i])) != NULL)
			return true;
	return false;
}

static size_t
part_end(const struct scan *s, size_t at)
{
	while (at < s->len && is_url64(s->text[at]))
		at++;
	return at;
}

void
match_web_token(struct scan *s, size_t start)
{
	size_t at, second;

	if (start < s->token_resume)
		return;
	at = part_end(s, start);
	s->token_resume = at;
	if (s->text[at] != '.' || !names_an_algorithm(s->text + start, at - start))
		return;
	second = at + 1;
	at = part_end(s, second);
	s->token_resume = at;
	if (s->text[at] != '.' && at - second < MIN_CUT)
		return;
	for (int part = 2; part < MAX_PARTS && s->text[at] == '.'; part++) {
		size_t end = part_end(s, at + 1);

		/* A full stop behind a token that was cut. */
		if (end == at + 1 && s->text[end] != '.')
			break;
		at = end;
	}
	scan_add_secret(s, start, at, SURE);
}
