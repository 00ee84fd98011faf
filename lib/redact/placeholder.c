/* SPDX-License-Identifier: Apache-2.0 */
/* placeholder - "[EMAIL:k7f3qa]" that already stands in the text is left alone. */
#include <string.h>

#include "redact/scan.h"

#define MAX_NAME 20

size_t
placeholder_len(const uint8_t *text, size_t len)
{
	size_t n = 1, name;

	if (len < 1 || text[0] != '[')
		return 0;
	while (n < len && n <= MAX_NAME && ((text[n] >= 'A' && text[n] <= 'Z') || text[n] == '_'))
		n++;
	name = n - 1;
	if (name < 2 || len - n < REDACT_TOKEN_CHARS + 2 || text[n] != ':')
		return 0;
	for (size_t i = n + 1; i <= n + REDACT_TOKEN_CHARS; i++)
		if (!(text[i] >= 'a' && text[i] <= 'z') && !(text[i] >= '2' && text[i] <= '7'))
			return 0;
	if (text[n + REDACT_TOKEN_CHARS + 1] != ']')
		return 0;
	for (int type = 0; type < REDACT_N_TYPES; type++) {
		const char *known = redact_type_name((enum redact_type)type);

		if (strlen(known) == name && memcmp(known, text + 1, name) == 0)
			return n + REDACT_TOKEN_CHARS + 2;
	}
	return 0;
}

void
match_placeholder(struct scan *s, size_t bracket)
{
	size_t n = placeholder_len(s->text + bracket, s->len - bracket);

	if (n > 0 && bracket + n > s->block_resume)
		s->block_resume = bracket + n;
}
