/* SPDX-License-Identifier: Apache-2.0 */
/* findings - grows to what a text needs, is used again, and is wiped in between. */
#include <string.h>

#include "redact/findings.h"
#include "redact/layer.h"

enum err
redact_findings_new(struct redact_findings **ret_findings)
{
	struct redact_findings *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return ERR_NOMEM;
	*ret_findings = f;
	return ERR_OK;
}

void
redact_findings_free(struct redact_findings *f)
{
	if (f == NULL)
		return;
	findings_clear(f);
	free(f->spans);
	free(f->more);
	free(f->canonical);
	free(f);
}

void
findings_clear(struct redact_findings *f)
{
	if (f->canonical_len > 0)
		explicit_bzero(f->canonical, f->canonical_len);
	f->canonical_len = 0;
	f->n = 0;
}

enum err
findings_add(struct redact_findings *f, struct redact_span span, uint8_t quote_levels, size_t len,
    uint8_t **ret_value)
{
	void *spans = f->spans, *more = f->more, *canonical = f->canonical;
	enum err e;

	if (f->n == REDACT_MAX_SPANS)
		return ERR_TOO_LARGE;
	e = grow(&spans, &f->cap_spans, f->n + 1, sizeof(*f->spans));
	f->spans = spans;
	if (e == ERR_OK)
		e = grow(&more, &f->cap_more, f->n + 1, sizeof(*f->more));
	f->more = more;
	if (e == ERR_OK)
		e = grow(&canonical, &f->cap_canonical, f->canonical_len + len, 1);
	f->canonical = canonical;
	if (e != ERR_OK)
		return e;
	f->spans[f->n] = span;
	f->more[f->n] = (struct finding){ (uint32_t)f->canonical_len, 0, quote_levels, NULL };
	f->n++;
	*ret_value = f->canonical + f->canonical_len;
	return ERR_OK;
}

void
findings_set_len(struct redact_findings *f, size_t len)
{
	f->canonical_len += len;
	f->more[f->n - 1].canonical_len = (uint32_t)len;
}

void
findings_take_back(struct redact_findings *f)
{
	const struct finding *last = &f->more[--f->n];

	explicit_bzero(f->canonical + last->canonical_at, last->canonical_len);
	f->canonical_len = last->canonical_at;
}

size_t
redact_count(const struct redact_findings *f)
{
	return f->n;
}

const struct redact_span *
redact_spans(const struct redact_findings *f)
{
	return f->spans;
}

struct redact_value
redact_value(const struct redact_findings *f, size_t i)
{
	const struct finding *more = &f->more[i];

	return (struct redact_value){
		.type = (enum redact_type)f->spans[i].type,
		.label = more->label != NULL ? more->label
					     : redact_type_name((enum redact_type)f->spans[i].type),
		.canonical = { (const char *)f->canonical + more->canonical_at,
		    more->canonical_len },
	};
}
