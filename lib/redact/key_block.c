/* SPDX-License-Identifier: Apache-2.0 */
/* key_block - private keys between BEGIN and END lines, to the end of the text when they are cut
 * short. */
#include <string.h>

#include "redact/secrets.h"

#define SURE 980
#define MAX_LABEL 64 /* "RSA PRIVATE KEY" */
#define MAX_BLOCK (64u << 10)
#define MIN_DASHES 4
#define HEADERS 400 /* within these the key itself must begin */
#define MIN_RUN 16

static bool
is_private(const uint8_t *label, size_t len)
{
	static const char *const kinds[] = { "PRIVATE KEY", "OpenVPN Static key" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (memmem(label, len, kinds[i], strlen(kinds[i])) != NULL)
			return true;
	return false;
}

/* Where the block ends: behind its END line, or, cut short, with the string. */
static size_t
block_end(const struct scan *s, size_t at)
{
	size_t limit = s->len - at > MAX_BLOCK ? at + MAX_BLOCK : s->len;
	const uint8_t *cut = memchr(s->text + at, LAYER_BREAK, limit - at);
	const uint8_t *end;

	if (cut != NULL)
		limit = (size_t)(cut - s->text);
	end = memmem(s->text + at, limit - at, "---END ", 7);
	if (end == NULL)
		end = memmem(s->text + at, limit - at, "--- END ", 8);
	if (end == NULL)
		return limit;
	at = (size_t)(end - s->text) + 7;
	while (at < limit && s->text[at] != '-' && s->text[at] != '\n')
		at++;
	while (at < limit && s->text[at] == '-')
		at++;
	return at;
}

/* "-----BEGIN PRIVATE KEY-----" alone stands in programs that look for keys. */
static bool
has_key(const uint8_t *text, size_t len)
{
	size_t run = 0;

	for (size_t i = 0; i < len && i < HEADERS && run < MIN_RUN && text[i] != LAYER_BREAK; i++)
		run = is_alnum(text[i]) || text[i] == '+' || text[i] == '/' ? run + 1 : 0;
	return run >= MIN_RUN;
}

void
match_key_block(struct scan *s, size_t start, size_t behind)
{
	size_t from = start, end = behind, dashes;

	if (from > 0 && s->text[from - 1] == ' ')
		from--;
	dashes = from;
	while (dashes > 0 && from - dashes < MAX_LABEL && s->text[dashes - 1] == '-')
		dashes--;
	if (from - dashes < MIN_DASHES)
		return;
	while (end < s->len && end - behind < MAX_LABEL && s->text[end] != '-' &&
	    s->text[end] != '\n')
		end++;
	if (!is_private(s->text + behind, end - behind))
		return;
	if (!has_key(s->text + end, s->len - end))
		return;
	end = block_end(s, end);
	while (end > start && s->text[end - 1] <= ' ')
		end--;
	scan_add_secret(s, dashes, end, SURE);
	if (end > s->block_resume)
		s->block_resume = end;
}
