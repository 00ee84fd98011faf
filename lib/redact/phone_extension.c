/* SPDX-License-Identifier: Apache-2.0 */
/* phone_extension - what one dials after a telephone number: "ext. 12", ", ramal 4321", "x12". */
#include <string.h>
#include <strings.h>

#include "redact/number.h"

#define MAX_GAP 3
#define MAX_EXTENSION 6

static const char *const words[] = { "ext", "extension", "extensión", "extensao", "extensão",
	"extn", "x", "ramal", "r", "poste", "durchwahl", "dw", "interno", "int", "anexo", "toestel",
	"tst", "nebenstelle", "apparat", "app", "#" };

static size_t
skip(const struct scan *s, size_t at, const char *signs)
{
	size_t from = at;

	while (at < s->len && at - from < MAX_GAP && s->text[at] != 0 &&
	    strchr(signs, s->text[at]) != NULL)
		at++;
	return at;
}

size_t
phone_extension_end(const struct scan *s, size_t end)
{
	size_t at = skip(s, end, " ,;(-\n"), len, digits;

	if (s->text[at] != '#' && !is_letter(s->text[at]))
		return end;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i]);
		if (lower(s->text[at]) != (uint8_t)words[i][0] || s->len - at <= len ||
		    strncasecmp((const char *)s->text + at, words[i], len) != 0 ||
		    is_letter(s->text[at + len]) || s->text[at + len] >= 0x80)
			continue;
		digits = skip(s, at + len, " .:#");
		len = 0;
		while (len <= MAX_EXTENSION && is_digit(s->text[digits + len]))
			len++;
		if (len == 0 || len > MAX_EXTENSION || is_alnum(s->text[digits + len]))
			return end;
		return digits + len;
	}
	return end;
}
