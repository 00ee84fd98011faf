/* SPDX-License-Identifier: Apache-2.0 */
/* render - the text with what takes the place of each span. */
#include "redact/findings.h"
#include "redact/policy_parts.h"
#include "redact/scan.h"

/* A quotation mark, escaped as often as the strings around it are nested. */
static enum err
append_quote(struct buf *out, uint8_t levels)
{
	size_t n_backslashes = ((size_t)1 << (levels - 1)) - 1;

	for (size_t i = 0; i < n_backslashes; i++) {
		enum err e = buf_append_byte(out, '\\');

		if (e != ERR_OK)
			return e;
	}
	return buf_append_byte(out, '"');
}

/* "[LABEL:token]" or "[LABEL:token:tail]" */
static enum err
append_placeholder(const struct redact_findings *f, size_t i, const struct redact_token *token,
    struct buf *out)
{
	struct redact_value value = redact_value(f, i);
	struct str tail = { NULL, 0 };

	if (f->spans[i].action == REDACT_DROP)
		return buf_append_str(out, STR(PLACEHOLDER_REMOVED));
	if (f->spans[i].action == REDACT_MASK)
		tail = mask_tail(value);
	return buf_printf(out, "[%s:%s%s%.*s]", value.label, token->chars, tail.len > 0 ? ":" : "",
	    STR_ARG(tail));
}

static enum err
append_in_place(const struct redact_findings *f, size_t i, const struct redact_token *token,
    struct buf *out)
{
	uint8_t levels = f->more[i].quote_levels;
	enum err e = levels > 0 ? append_quote(out, levels) : ERR_OK;

	if (e == ERR_OK)
		e = append_placeholder(f, i, token, out);
	if (e == ERR_OK && levels > 0)
		e = append_quote(out, levels);
	return e;
}

enum err
redact_render(struct str text, const struct redact_findings *f, const struct redact_token *tokens,
    struct buf *out)
{
	size_t done = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < f->n && e == ERR_OK; i++) {
		if (f->spans[i].action == REDACT_FLAG)
			continue;
		e = buf_append_str(out, str_slice(text, done, f->spans[i].start));
		if (e == ERR_OK)
			e = append_in_place(f, i, &tokens[i], out);
		done = f->spans[i].end;
	}
	return e == ERR_OK ? buf_append_str(out, str_slice(text, done, text.len)) : e;
}
