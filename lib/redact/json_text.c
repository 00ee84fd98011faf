/* SPDX-License-Identifier: Apache-2.0 */
/* json_text - the strings of JSON, unescaped and folded, in one layer. */
#include <string.h>

#include "redact/fold.h"
#include "redact/json_text.h"
#include "redact/utf8.h"
#include "redact/words.h"

#define MIN_NUMBER_DIGITS 7
#define MIN_SHORT_DIGITS 3 /* where the key says that a short number follows */
#define MAX_PLAIN_KEY 24
#define MAX_TRACKED_DEPTH 64

/* One walk over one document. */
struct walk {
	struct json_scratch *scratch;
	struct source *s;
	struct layer *l;
	struct fields *fields;
	size_t nesting;
	size_t depth;
	size_t string;    /* the next of those that are noted */
	size_t n_strings; /* where they end */
	uint64_t types;   /* what the last key says */
	bool is_at_key;   /* the next string is a key */
	bool was_bland;   /* the last key says nothing itself: "value", "number" */
	uint64_t
	    outer[MAX_TRACKED_DEPTH]; /* types of the key that each open bracket stands behind */
	bool is_object[MAX_TRACKED_DEPTH];
};

static enum err walk_document(struct walk *w);

static uint32_t
hex4(const uint8_t *at)
{
	uint32_t code = 0;

	for (size_t i = 0; i < 4; i++)
		code =
		    code << 4 | (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
	return code;
}

/* The code point of the escape at i (its backslash); lone surrogates become U+FFFD. */
static uint32_t
read_escape(const struct source *s, size_t i, size_t to, size_t *ret_len)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const char *letter = strchr(letters, s->text[i + 1]);
	uint32_t code, low;

	*ret_len = 2;
	if (letter != NULL)
		return (uint8_t)meanings[letter - letters];
	if (s->text[i + 1] != 'u')
		return s->text[i + 1];
	*ret_len = 6;
	code = hex4(s->text + i + 2);
	if (code < 0xD800 || code > 0xDFFF)
		return code;
	if (code >= 0xDC00 || to - i < 12 || s->text[i + 6] != '\\' || s->text[i + 7] != 'u')
		return 0xFFFD;
	low = hex4(s->text + i + 8);
	if (low < 0xDC00 || low > 0xDFFF)
		return 0xFFFD;
	*ret_len = 12;
	return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static enum err
unescape(struct source *s, size_t from, size_t to, struct layer *into)
{
	layer_clear(into);
	while (from < to) {
		const uint8_t *escape = memchr(s->text + from, '\\', to - from);
		size_t next = escape == NULL ? to : (size_t)(escape - s->text);
		enum err e = layer_copy(into, s, from, next);

		if (e == ERR_OK && next < to) {
			uint8_t bytes[4];
			size_t len;
			uint32_t code = read_escape(s, next, to, &len);

			e = layer_put(into, s, next, next + len, bytes, utf8_encode(code, bytes));
			next += len;
		}
		if (e != ERR_OK)
			return e;
		from = next;
	}
	return ERR_OK;
}

static enum err
add_field(struct walk *w, size_t start, bool is_number)
{
	void *at = w->fields->at;
	enum err e = grow(&at, &w->fields->cap, w->fields->n + 1, sizeof(*w->fields->at));

	w->fields->at = at;
	if (e != ERR_OK)
		return e;
	w->fields->at[w->fields->n++] = (struct field){
		.start = (uint32_t)start,
		.end = (uint32_t)w->l->len,
		.types = w->types,
		.is_number = is_number,
		.nesting = (uint8_t)(w->nesting + 1),
	};
	return ERR_OK;
}

static bool
starts_json(const uint8_t *text, size_t len)
{
	size_t i = 0;

	while (i < len && json_is_space(text[i]))
		i++;
	return i < len && (text[i] == '{' || text[i] == '[' || text[i] == '"');
}

/* Lays out the string [from, to) of s, which is JSON; its own strings are those noted last. */
static enum err
lay_document(struct walk *w, struct source *s, size_t from, size_t to)
{
	struct source inner = *s;
	struct walk nested = { .scratch = w->scratch,
		.s = &inner,
		.l = w->l,
		.fields = w->fields,
		.nesting = w->nesting + 1,
		.string = w->n_strings,
		.n_strings = w->scratch->strings.n,
		.types = w->types };
	enum err e;

	/* The walk reads the string as if it were the whole text: a view that ends there and begins
	 * there, whose pieces are shared. */
	if (from == 0 && to == s->len)
		return walk_document(&nested);
	layer_clear(&w->scratch->levels[w->nesting]);
	e = layer_copy(&w->scratch->levels[w->nesting], s, from, to);
	if (e != ERR_OK)
		return e;
	inner = source_of_layer(&w->scratch->levels[w->nesting]);
	return walk_document(&nested);
}

/* Lays out the string [from, to) of s, which has no escapes left. */
static enum err
lay_string(struct walk *w, struct source *s, size_t from, size_t to)
{
	size_t start = w->l->len;
	enum err e;

	if (w->nesting + 1 < JSON_MAX_NESTING && starts_json(s->text + from, to - from) &&
	    json_is_document(s->text + from, to - from, &w->scratch->strings)) {
		e = lay_document(w, s, from, to);
		w->scratch->strings.n = w->n_strings;
		return e;
	}
	w->scratch->strings.n = w->n_strings;
	e = fold_append(w->l, s, from, to);
	if (e == ERR_OK && w->types != 0 && w->l->len > start)
		e = add_field(w, start, false);
	if (e == ERR_OK && to > from)
		e = layer_break(w->l, s, to - 1);
	return e;
}

/* May the string be JSON itself, once it is unescaped? */
static bool
may_nest(const struct walk *w, size_t from, size_t to)
{
	while (from < to && json_is_space(w->s->text[from]))
		from++;
	return from < to && memchr("{[\"\\", w->s->text[from], 4) != NULL;
}

static enum err
string_value(struct walk *w, size_t from, size_t to, bool has_escapes)
{
	struct layer *level = &w->scratch->levels[w->nesting];
	struct source unescaped;
	enum err e;

	/* fold reads the escapes of a string that is no JSON itself. */
	if (!has_escapes || !may_nest(w, from, to))
		return lay_string(w, w->s, from, to);
	e = unescape(w->s, from, to, level);
	if (e != ERR_OK)
		return e;
	unescaped = source_of_layer(level);
	return lay_string(w, &unescaped, 0, unescaped.len);
}

/* A key is scanned too, unless it is a short identifier. */
static enum err
string_key(struct walk *w, size_t from, size_t to, bool has_escapes)
{
	const uint8_t *key = w->s->text + from;
	bool is_plain = to - from <= MAX_PLAIN_KEY;

	for (size_t i = 0; is_plain && i < to - from; i++)
		is_plain = (key[i] | 0x20) >= 'a' ? (key[i] | 0x20) <= 'z' || key[i] == '_'
						  : key[i] == '-' || key[i] == ' ';
	w->types = 0;
	if (!is_plain) {
		enum err e = string_value(w, from, to, has_escapes);

		if (e != ERR_OK)
			return e;
	}
	w->types = words_of_key(key, to - from, &w->was_bland);
	if (w->was_bland && w->types == 0 && w->depth > 0 && w->depth <= MAX_TRACKED_DEPTH)
		w->types = w->outer[w->depth - 1];
	return ERR_OK;
}

static enum err
number_value(struct walk *w, size_t from, size_t to)
{
	size_t n_digits = 0;
	size_t start = w->l->len;
	enum err e;

	for (size_t i = from; i < to; i++) {
		if (w->s->text[i] < '0' || w->s->text[i] > '9')
			return ERR_OK;
		n_digits++;
	}
	if (n_digits < ((w->types & WORD_SHORT) != 0 ? MIN_SHORT_DIGITS : MIN_NUMBER_DIGITS))
		return ERR_OK;
	e = layer_copy(w->l, w->s, from, to);
	if (e == ERR_OK)
		e = add_field(w, start, true);
	return e == ERR_OK ? layer_break(w->l, w->s, to - 1) : e;
}

static void
bracket(struct walk *w, uint8_t c)
{
	if (c == '{' || c == '[') {
		if (w->depth < MAX_TRACKED_DEPTH) {
			w->outer[w->depth] = w->types;
			w->is_object[w->depth] = c == '{';
		}
		w->depth++;
		w->is_at_key = c == '{';
		/* An array's values are what its key says; an object's keys speak for themselves.
		 */
		if (c == '{')
			w->types = 0;
		return;
	}
	w->depth--;
	w->types = w->depth < MAX_TRACKED_DEPTH ? w->outer[w->depth] : 0;
	w->is_at_key = false;
}

static void
comma(struct walk *w)
{
	bool is_object;

	/* Past the tracked depth, a string in key position is told by the colon behind it; treating
	 * it as a value only loses what its key says. */
	is_object = w->depth > 0 && w->depth <= MAX_TRACKED_DEPTH && w->is_object[w->depth - 1];
	w->is_at_key = is_object;
	if (w->depth > 0 && w->depth <= MAX_TRACKED_DEPTH && !is_object)
		w->types = w->outer[w->depth - 1];
}

/* The string whose quotation mark is at i. */
static struct json_string
next_string(struct walk *w, size_t i)
{
	if (w->string < w->n_strings)
		return w->scratch->strings.at[w->string++];
	return json_string_at(w->s->text, w->s->len, i + 1);
}

static enum err
walk_document(struct walk *w)
{
	const uint8_t *text = w->s->text;
	size_t i = 0, len = w->s->len, end;
	enum err e = ERR_OK;

	while (i < len && e == ERR_OK) {
		uint8_t c = text[i];

		if (c == '"') {
			struct json_string s = next_string(w, i);

			e = w->is_at_key ? string_key(w, i + 1, s.end, s.has_escapes)
					 : string_value(w, i + 1, s.end, s.has_escapes);
			w->is_at_key = false;
			i = (size_t)s.end + 1;
		} else if (c == '-' || (c >= '0' && c <= '9')) {
			end = json_number_end(text, len, i);
			e = number_value(w, i, end);
			i = end > i ? end : i + 1;
		} else {
			if (c == '{' || c == '[' || c == '}' || c == ']')
				bracket(w, c);
			else if (c == ',')
				comma(w);
			i++;
		}
	}
	return e;
}

enum err
json_lay_out(struct json_scratch *scratch, const uint8_t *text, size_t len, struct layer *l,
    struct fields *fields)
{
	struct source s = source_of_text(text, len);
	struct walk w = { .scratch = scratch,
		.s = &s,
		.l = l,
		.fields = fields,
		.n_strings = scratch->strings.n };

	return walk_document(&w);
}
