/* SPDX-License-Identifier: Apache-2.0 */
/* Outside JSON on its way into types; see json.h. */
#include "wire/json.h"

#include <math.h>

#include "base/hex.h"
#include "wire/wire.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Walks the text once, aware of strings only. */
struct scan {
	struct str text;
	size_t at;
	size_t depth;
	size_t n_values; /* at most: each but the first of its parent follows a comma */
	bool has_lone_surrogate;
	char *patch; /* same length as text; NULL on the first walk */
};

static bool
read_escape(struct str text, size_t at, unsigned int *ret_unit)
{
	uint8_t unit[2];

	if (at + 6 > text.len || text.at[at] != '\\' || text.at[at + 1] != 'u' ||
	    !hex_decode(str_slice(text, at + 2, at + 6), unit, 2))
		return false;
	*ret_unit = (unsigned int)unit[0] << 8 | unit[1];
	return true;
}

/* At a backslash inside a string: steps over the escape, or over both of a surrogate pair. */
static void
scan_escape(struct scan *s)
{
	unsigned int first = 0;
	unsigned int second = 0;

	if (!read_escape(s->text, s->at, &first)) {
		s->at += 2;
		return;
	}
	if (first < 0xd800 || first > 0xdfff) {
		s->at += 6;
		return;
	}
	if (first <= 0xdbff && read_escape(s->text, s->at + 6, &second) && second >= 0xdc00 &&
	    second <= 0xdfff) {
		s->at += 12;
		return;
	}
	s->has_lone_surrogate = true;
	if (s->patch != NULL)
		memcpy(s->patch + s->at + 2, "fffd", 4);
	s->at += 6;
}

static void
scan_string(struct scan *s)
{
	s->at++;
	while (s->at < s->text.len && s->text.at[s->at] != '"') {
		if (s->text.at[s->at] == '\\')
			scan_escape(s);
		else
			s->at++;
	}
	s->at++;
}

/* ERR_MALFORMED: too deep; ERR_TOO_LARGE: too many values, whatever bytes they take here. */
static enum err
scan_all(struct scan *s)
{
	while (s->at < s->text.len) {
		char c = s->text.at[s->at];

		if ((c == '{' || c == '[' || c == ',') && ++s->n_values > WIRE_MAX_JSON_VALUES)
			return ERR_TOO_LARGE;

		if (c == '"') {
			scan_string(s);
			continue;
		}
		if ((c == '{' || c == '[') && ++s->depth > WIRE_MAX_JSON_DEPTH)
			return ERR_MALFORMED;
		if ((c == '}' || c == ']') && s->depth > 0)
			s->depth--;
		s->at++;
	}
	return ERR_OK;
}

static enum err
load(struct str text, json_t **ret_root, struct err_detail *reterr)
{
	json_error_t why;
	json_t *root = json_loadb(text.at, text.len, JSON_ALLOW_NUL, &why);

	/* An integer past 64 bits is fine as a number. */
	if (root == NULL && json_error_code(&why) == json_error_numeric_overflow)
		root =
		    json_loadb(text.at, text.len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
	/* The library's text quotes the input, so only the place is told. */
	if (root == NULL)
		return err_set(reterr, ERR_MALFORMED, "not JSON at line %d, column %d", why.line,
		    why.column);
	*ret_root = root;
	return ERR_OK;
}

enum err
json_read(struct str text, json_t **ret_root, struct err_detail *reterr)
{
	struct scan s = { .text = text };
	CLEANUP_MEM char *patched = NULL;
	enum err e;

	if (text.len == 0)
		return err_set(reterr, ERR_MALFORMED, "not JSON: empty");
	if (text.len > WIRE_MAX_BODY_BYTES)
		return err_set(reterr, ERR_TOO_LARGE, "a body over %u bytes", WIRE_MAX_BODY_BYTES);
	e = scan_all(&s);
	if (e == ERR_TOO_LARGE)
		return err_set(reterr, e, "JSON of more than %u values", WIRE_MAX_JSON_VALUES);
	if (e != ERR_OK)
		return err_set(reterr, e, "JSON nested more than %d deep", WIRE_MAX_JSON_DEPTH);
	if (!s.has_lone_surrogate)
		return load(text, ret_root, reterr);

	patched = malloc(text.len);
	if (patched == NULL)
		return ERR_NOMEM;
	memcpy(patched, text.at, text.len);
	s = (struct scan){ .text = text, .patch = patched };
	e = scan_all(&s);
	if (e != ERR_OK)
		return e;
	return load((struct str){ patched, text.len }, ret_root, reterr);
}

struct str
json_view(const json_t *value)
{
	if (!json_is_string(value))
		return STR("");
	return (struct str){ json_string_value(value), json_string_length(value) };
}

static size_t
count_nuls(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.at[i] == '\0';
	return n;
}

enum err
json_copy_view(struct arena *a, struct str s, struct str *ret_text)
{
	size_t extra = count_nuls(s) * (sizeof(REPLACEMENT) - 2);
	char *out = arena_alloc(a, s.len + extra + 1);
	size_t n = 0;

	if (out == NULL)
		return ERR_NOMEM;
	if (extra == 0 && s.len > 0)
		memcpy(out, s.at, s.len);
	for (size_t i = 0; extra > 0 && i < s.len; i++) {
		if (s.at[i] != '\0') {
			out[n++] = s.at[i];
			continue;
		}
		memcpy(out + n, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		n += sizeof(REPLACEMENT) - 1;
	}
	*ret_text = (struct str){ out, s.len + extra };
	return ERR_OK;
}

enum err
json_copy_text(struct arena *a, const json_t *value, struct str *ret_text)
{
	return json_copy_view(a, json_view(value), ret_text);
}

enum err
json_write_string(struct str s, struct buf *out)
{
	enum err e = buf_append_byte(out, '"');
	size_t from = 0;

	for (size_t i = 0; i < s.len && e == ERR_OK; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		e = buf_append_str(out, str_slice(s, from, i));
		from = i + 1;
		if (e == ERR_OK && c >= 0x20)
			e = buf_printf(out, "\\%c", c);
		else if (e == ERR_OK && c == '\n')
			e = buf_append_str(out, STR("\\n"));
		else if (e == ERR_OK && c == '\t')
			e = buf_append_str(out, STR("\\t"));
		else if (e == ERR_OK)
			e = buf_printf(out, "\\u%04x", c);
	}
	if (e == ERR_OK)
		e = buf_append_str(out, str_slice(s, from, s.len));
	return e != ERR_OK ? e : buf_append_byte(out, '"');
}

static enum err
write_real(double v, struct buf *out)
{
	char text[40];

	if (fabs(v) < 9007199254740992.0 && v == trunc(v))
		return buf_printf(out, "%lld", (long long)v);
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	return buf_append_str(out, str_from(text));
}

struct writer {
	struct buf *out;
	bool is_sorted; /* names of objects in byte order */
};

static enum err write_value(const struct writer *w, json_t *value);

static enum err
write_array(const struct writer *w, const json_t *value)
{
	enum err e = buf_append_byte(w->out, '[');

	for (size_t i = 0; i < json_array_size(value) && e == ERR_OK; i++) {
		if (i > 0)
			e = buf_append_byte(w->out, ',');
		if (e == ERR_OK)
			e = write_value(w, json_array_get(value, i));
	}
	return e != ERR_OK ? e : buf_append_byte(w->out, ']');
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(json_object_iter_key(*(void *const *)a),
	    json_object_iter_key(*(void *const *)b));
}

static enum err
write_member(const struct writer *w, void *member, bool is_first)
{
	struct str name = { json_object_iter_key(member), json_object_iter_key_len(member) };
	enum err e = is_first ? ERR_OK : buf_append_byte(w->out, ',');

	if (e == ERR_OK)
		e = json_write_string(name, w->out);
	if (e == ERR_OK)
		e = buf_append_byte(w->out, ':');
	return e != ERR_OK ? e : write_value(w, json_object_iter_value(member));
}

static enum err
write_object(const struct writer *w, json_t *object)
{
	size_t n = json_object_size(object);
	CLEANUP_MEM void **members = calloc(n + 1, sizeof(*members));
	enum err e = buf_append_byte(w->out, '{');

	if (members == NULL)
		return ERR_NOMEM;
	n = 0;
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i))
		members[n++] = i;
	if (w->is_sorted && n > 0)
		qsort(members, n, sizeof(*members), compare_names);
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = write_member(w, members[i], i == 0);
	return e != ERR_OK ? e : buf_append_byte(w->out, '}');
}

static enum err
write_value(const struct writer *w, json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return write_object(w, value);
	case JSON_ARRAY:
		return write_array(w, value);
	case JSON_STRING:
		return json_write_string(json_view(value), w->out);
	case JSON_INTEGER:
		return buf_printf(w->out, "%lld", (long long)json_integer_value(value));
	case JSON_REAL:
		return write_real(json_real_value(value), w->out);
	case JSON_TRUE:
		return buf_append_str(w->out, STR("true"));
	case JSON_FALSE:
		return buf_append_str(w->out, STR("false"));
	case JSON_NULL:
		break;
	}
	return buf_append_str(w->out, STR("null"));
}

enum err
json_write(json_t *value, struct buf *out)
{
	return write_value(&(struct writer){ .out = out }, value);
}

enum err
json_write_sorted(json_t *value, struct buf *out)
{
	return write_value(&(struct writer){ .out = out, .is_sorted = true }, value);
}

int64_t
json_count(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
									: -1;
}
