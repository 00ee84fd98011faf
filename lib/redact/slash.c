/* SPDX-License-Identifier: Apache-2.0 */
/* slash - a CNPJ with letters, around the slash of "12.ABC.345/01DE-35". */
#include <string.h>

#include "redact/checks.h"
#include "redact/scan.h"
#include "redact/words.h"

#define BEFORE 10 /* "12.ABC.345" */
#define AFTER 8   /* "/01DE-35" */
#define SURE 990
#define TYPING_ERROR 650

static bool
is_written_as_cnpj(const uint8_t *at)
{
	static const char form[] = "XX.XXX.XXX/XXXX-99";

	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'X'
			? !is_alnum(at[i])
			: (form[i] == '9' ? !is_digit(at[i]) : at[i] != (uint8_t)form[i]))
			return false;
	}
	return true;
}

void
match_slash(struct scan *s, size_t slash)
{
	size_t start, end = slash + AFTER, n = 0;
	uint8_t digits[14];
	bool is_right;

	if (slash < BEFORE || end > s->len || s->text[slash + 5] != '-')
		return;
	start = slash - BEFORE;
	if (!is_written_as_cnpj(s->text + start) || (start > 0 && is_alnum(s->text[start - 1])) ||
	    is_alnum(s->text[end]))
		return;
	for (size_t i = start; i < end; i++)
		if (is_alnum(s->text[i]))
			digits[n++] = is_letter(s->text[i]) ? s->text[i] & 0xDFu : s->text[i];
	is_right = check_cnpj(digits);
	if (!is_right && (scan_context(s, start) & WORD_TYPE(CNPJ)) == 0)
		return;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_CNPJ,
		.score = is_right ? SURE : TYPING_ERROR,
		.how = CANONICAL_UPPER_ALNUM,
	    });
}
