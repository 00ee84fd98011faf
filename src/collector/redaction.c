/* SPDX-License-Identifier: Apache-2.0 */
/* Messages without personal data; see redaction.h. */
#include "collector/redaction.h"

#define MAX_VALUE_BYTES (REDACT_MAX_BYTES + 64)
#define MAX_TEXT_BYTES (2 * (size_t)REDACT_MAX_BYTES)
#define IDLE_FINDINGS 64

/* A text in which something was found. */
struct found {
	struct str *text;
	struct redact_findings *findings;
};

struct redaction {
	struct keyd_client *keys;
	struct redactor *redactor;
	const struct redact_policy *policy; /* of the exchange at hand */
	struct found *found;
	size_t n_found;
	size_t room;
	struct buf *scratch;
};

enum err
redaction_new(struct keyd_client *keys, struct redaction **ret_redaction)
{
	CLEANUP(redaction) struct redaction *r = calloc(1, sizeof(*r));
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	r->keys = keys;
	e = redactor_new(&r->redactor);
	if (e == ERR_OK)
		e = buf_new(MAX_TEXT_BYTES, &r->scratch);
	if (e == ERR_OK)
		*ret_redaction = TAKE(r);
	return e;
}

static void
drop_findings(struct redaction *r, size_t keep)
{
	for (size_t i = keep; i < r->room; i++) {
		redact_findings_free(r->found[i].findings);
		r->found[i].findings = NULL;
	}
}

void
redaction_free(struct redaction *r)
{
	if (r == NULL)
		return;
	drop_findings(r, 0);
	free(r->found);
	redactor_free(r->redactor);
	buf_free(r->scratch);
	free(r);
}

static enum err
make_room(struct redaction *r)
{
	size_t room = r->room == 0 ? IDLE_FINDINGS : r->room * 2;
	struct found *more;

	if (r->n_found < r->room)
		return ERR_OK;
	more = realloc(r->found, room * sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	memset(more + r->room, 0, (room - r->room) * sizeof(*more));
	r->found = more;
	r->room = room;
	return ERR_OK;
}

static enum err
find_in_text(struct redaction *r, struct str *text)
{
	struct found *f;
	enum err e = make_room(r);

	if (e != ERR_OK || text->len == 0)
		return e;
	f = &r->found[r->n_found];
	f->text = text;
	if (f->findings == NULL)
		e = redact_findings_new(&f->findings);
	if (e == ERR_OK)
		e = redact_find_under(r->redactor, r->policy, *text, f->findings);
	if (e == ERR_OK && redact_count(f->findings) > 0)
		r->n_found++;
	return e;
}

/* Number `at` of the conversation's contents; the other texts of a message stand alone. */
static enum err
find_in_message(struct redaction *r, struct wire_message *m, size_t at)
{
	enum err e;

	redactor_at(r->redactor, at);
	e = find_in_text(r, &m->content);
	redactor_at(r->redactor, SIZE_MAX);
	if (e == ERR_OK)
		e = find_in_text(r, &m->name);
	if (e == ERR_OK)
		e = find_in_text(r, &m->tool_call_id);
	for (size_t i = 0; i < m->n_calls && e == ERR_OK; i++) {
		e = find_in_text(r, &m->calls[i].arguments);
		if (e == ERR_OK)
			e = find_in_text(r, &m->calls[i].name);
		if (e == ERR_OK)
			e = find_in_text(r, &m->calls[i].id);
	}
	return e;
}

static enum err
copy_value(struct redaction *r, struct arena *a, struct redact_value value, struct str *ret_copy)
{
	enum err e;

	buf_clear(r->scratch);
	e = redact_value_message(value, r->scratch);
	if (e != ERR_OK)
		return e;
	*ret_copy = arena_copy(a, buf_str(r->scratch));
	return ret_copy->at == NULL ? ERR_NOMEM : ERR_OK;
}

/* Tokens of all values of all texts, in one request. */
static enum err
make_tokens(struct redaction *r, struct arena *a, const struct uuid *workspace,
    struct redact_token **ret_tokens)
{
	struct redact_token *tokens;
	struct str *values;
	uint8_t *macs;
	size_t n = 0;
	size_t at = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < r->n_found; i++)
		n += redact_count(r->found[i].findings);
	tokens = arena_alloc_array(a, n, sizeof(*tokens));
	values = arena_alloc_array(a, n, sizeof(*values));
	macs = arena_alloc_array(a, n, KEYD_MAC_BYTES);
	if (tokens == NULL || values == NULL || macs == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->n_found; i++)
		for (size_t j = 0; j < redact_count(r->found[i].findings) && e == ERR_OK; j++)
			e = copy_value(r, a, redact_value(r->found[i].findings, j), &values[at++]);
	if (e == ERR_OK)
		e = keyd_macs(r->keys, workspace, KEYD_MAC_PLACEHOLDER, values, n, macs);
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		tokens[i] = redact_token_from_mac(macs + i * KEYD_MAC_BYTES);
	*ret_tokens = tokens;
	return e;
}

static enum err
render_all(struct redaction *r, struct arena *a, const struct redact_token *tokens)
{
	for (size_t i = 0; i < r->n_found; i++) {
		struct found *f = &r->found[i];
		struct str copy;
		enum err e;

		buf_clear(r->scratch);
		e = redact_render(*f->text, f->findings, tokens, r->scratch);
		if (e != ERR_OK)
			return e;
		copy = arena_copy(a, buf_str(r->scratch));
		if (copy.at == NULL)
			return ERR_NOMEM;
		*f->text = copy;
		tokens += redact_count(f->findings);
	}
	return ERR_OK;
}

/* One text of the conversation.  One that cannot be read says nothing to the others; when it is to
 * be stored, finding refuses it. */
static enum err
learn_text(struct redaction *r, const struct wire_message *m)
{
	enum err e = redactor_learn(r->redactor, m->content, m->role);

	if (e == ERR_MALFORMED || e == ERR_TOO_LARGE)
		e = redactor_learn(r->redactor, STR(""), m->role);
	return e;
}

/* All contents of the conversation, in their order: content i of the messages is text
 * n_earlier + i. */
static enum err
learn(struct redaction *r, const struct redaction_work *work)
{
	enum err e = ERR_OK;

	redactor_begin(r->redactor);
	for (size_t i = 0; i < work->n_earlier && e == ERR_OK; i++)
		e = learn_text(r, &work->earlier[i]);
	for (size_t i = 0; i < work->n_messages && e == ERR_OK; i++)
		e = learn_text(r, &work->messages[i]);
	return e;
}

enum err
redact_messages(struct redaction *r, struct arena *a, const struct uuid *workspace,
    const struct redaction_work *work)
{
	struct redact_token *tokens = NULL;
	enum err e = learn(r, work);

	r->policy = work->policy;
	r->n_found = 0;
	for (size_t i = 0; i < work->n_messages && e == ERR_OK; i++)
		e = find_in_message(r, &work->messages[i], work->n_earlier + i);
	for (size_t i = 0; i < work->n_words && e == ERR_OK; i++)
		e = find_in_text(r, work->words[i]);
	if (e == ERR_OK && r->n_found > 0)
		e = make_tokens(r, a, workspace, &tokens);
	if (e == ERR_OK && r->n_found > 0)
		e = render_all(r, a, tokens);
	buf_clear(r->scratch);
	drop_findings(r, IDLE_FINDINGS);
	redactor_begin(r->redactor);
	return e;
}
