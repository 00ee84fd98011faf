/* SPDX-License-Identifier: Apache-2.0 */
/* chat - conversations of messages: mostly prose, else code, log lines or a tool call. */
#include <string.h>

#include "chat.h"
#include "items.h"
#include "prose.h"

#define TEXT_BYTES (1u << 20)
#define BYTES_BETWEEN_ITEMS 310 /* an item itself has 30, and code has long lines */
#define TOOL_SHARE 5            /* of a hundred messages */

struct maker {
	struct dice dice;
	struct buf *text; /* of one message, not yet escaped */
	struct buf *lines;
	size_t n_items;
	bool is_ascii;    /* this conversation escapes what is not, as some clients do */
	size_t next_item; /* bytes of text until the next item is due */
};

/* One character that is not ASCII, of two or three bytes. */
static enum err
append_escaped(struct buf *out, const char *at, size_t *i)
{
	unsigned int c = (unsigned char)at[*i], next = (unsigned char)at[++*i] & 0x3f;

	if (c < 0xe0)
		return buf_printf(out, "\\u%04x", (c & 0x1f) << 6 | next);
	c = (c & 0xf) << 12 | next << 6 | ((unsigned char)at[++*i] & 0x3f);
	return buf_printf(out, "\\u%04x", c);
}

static enum err
append_string(struct buf *out, struct str text, bool is_ascii)
{
	enum err e = buf_append_byte(out, '"');

	for (size_t i = 0; i < text.len && e == ERR_OK; i++) {
		char c = text.at[i];

		if (is_ascii && (unsigned char)c >= 0x80)
			e = append_escaped(out, text.at, &i);
		else if (c == '\n')
			e = buf_append_str(out, STR("\\n"));
		else if (c == '\t')
			e = buf_append_str(out, STR("\\t"));
		else if (c == '"' || c == '\\')
			e = buf_printf(out, "\\%c", c);
		else
			e = buf_append_byte(out, c);
	}
	return e == ERR_OK ? buf_append_byte(out, '"') : e;
}

static enum err
append_form(struct maker *m, const struct prose *p)
{
	return items_append_form(&m->dice, p->forms[dice_below(&m->dice, p->n)], m->text);
}

static const struct prose *
choose_language(struct maker *m)
{
	size_t at = dice_below(&m->dice, 100);
	size_t i = 0;

	while (i + 1 < PROSE_LANGUAGES && at >= prose_languages[i].share)
		at -= prose_languages[i++].share;
	return &prose_languages[i];
}

/* Text of a kind with an item wherever one is due. */
static enum err
append_text(struct maker *m, const struct prose *p, size_t bytes)
{
	enum err e = ERR_OK;

	while (buf_len(m->text) < bytes && e == ERR_OK) {
		size_t before = buf_len(m->text), added;

		e = append_form(m, p);
		added = buf_len(m->text) - before;
		if (m->next_item > added) {
			m->next_item -= added;
			continue;
		}
		m->next_item =
		    dice_between(&m->dice, BYTES_BETWEEN_ITEMS / 2, BYTES_BETWEEN_ITEMS * 3 / 2);
		if (e == ERR_OK)
			e = items_append(&m->dice, m->text);
		if (e == ERR_OK)
			e = buf_append_str(m->text,
			    dice_below(&m->dice, 3) == 0 ? STR("\n") : STR(". "));
		m->n_items++;
	}
	return e;
}

static enum err
append_tool_call(struct maker *m)
{
	enum err e = buf_append_str(m->text, STR("{\"reservation\": \""));

	if (e == ERR_OK)
		e = items_append_form(&m->dice,
		    "{u6}\", \"amount\": {d3}.5, \"seats\": [1, 2, 3], \"note\": \"", m->text);
	if (e == ERR_OK)
		e = items_append(&m->dice, m->text);
	if (e == ERR_OK)
		e = buf_append_str(m->text, STR("\", \"confirmed\": true}"));
	m->n_items++;
	if (e == ERR_OK)
		e = buf_append_str(m->lines,
		    STR("{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\": "
			"\"call_1\", \"type\": \"function\", \"function\": {\"name\": \"change\", "
			"\"arguments\": "));
	if (e == ERR_OK)
		e = append_string(m->lines, buf_str(m->text), m->is_ascii);
	return e == ERR_OK ? buf_append_str(m->lines, STR("}}]}")) : e;
}

static enum err
append_message(struct maker *m, const struct prose *language, size_t bytes)
{
	size_t kind = dice_below(&m->dice, 100);
	const struct prose *p = language;
	enum err e;

	buf_clear(m->text);
	if (kind < TOOL_SHARE)
		return append_tool_call(m);
	kind -= TOOL_SHARE;
	if (kind < prose_code.share)
		p = &prose_code;
	else if (kind < prose_code.share + prose_logs.share)
		p = &prose_logs;
	e = append_text(m, p, bytes);
	if (e == ERR_OK)
		e = buf_printf(m->lines, "{\"role\": \"%s\", \"content\": ",
		    dice_below(&m->dice, 2) == 0 ? "user" : "assistant");
	if (e == ERR_OK)
		e = append_string(m->lines, buf_str(m->text), m->is_ascii);
	return e == ERR_OK ? buf_append_byte(m->lines, '}') : e;
}

static enum err
append_conversation(struct maker *m, size_t bytes)
{
	const struct prose *language = choose_language(m);
	size_t start = buf_len(m->lines);
	enum err e = buf_append_str(m->lines, STR("{\"messages\": ["));

	m->is_ascii = dice_below(&m->dice, 10) < 3;
	for (size_t i = 0; e == ERR_OK && buf_len(m->lines) - start < bytes; i++) {
		if (i > 0)
			e = buf_append_str(m->lines, STR(", "));
		if (e == ERR_OK)
			e = append_message(m, language, dice_between(&m->dice, 200, 1800));
	}
	return e == ERR_OK ? buf_append_str(m->lines, STR("]}\n")) : e;
}

enum err
chat_corpus_make(uint64_t seed, size_t bytes, size_t bytes_each, struct chat_corpus *ret_corpus)
{
	CLEANUP(buf) struct buf *text = NULL;
	CLEANUP(buf) struct buf *lines = NULL;
	struct maker m = { .dice = { seed }, .next_item = BYTES_BETWEEN_ITEMS };
	size_t n = 0;
	enum err e = buf_new(TEXT_BYTES, &text);

	if (e == ERR_OK)
		e = buf_new(bytes + 2 * bytes_each + TEXT_BYTES, &lines);
	m.text = text;
	m.lines = lines;
	while (e == ERR_OK && buf_len(lines) < bytes) {
		e = append_conversation(&m,
		    dice_between(&m.dice, bytes_each / 3, bytes_each * 5 / 3));
		n++;
	}
	if (e == ERR_OK)
		*ret_corpus = (struct chat_corpus){ TAKE(lines), n, m.n_items };
	return e;
}

void
chat_corpus_done(struct chat_corpus *c)
{
	buf_free(c->lines);
	c->lines = NULL;
}

bool
chat_corpus_next(struct str *rest, struct str *ret_line)
{
	const char *end = rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);

	if (end == NULL)
		return false;
	*ret_line = (struct str){ rest->at, (size_t)(end - rest->at) };
	*rest = str_slice(*rest, ret_line->len + 1, rest->len);
	return true;
}
