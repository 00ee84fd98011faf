/* SPDX-License-Identifier: Apache-2.0 */
/* Our own JSON formats, read without mercy; see strict_json.h. */
#include "base/strict_json.h"

static bool
is_depth_within_cap(struct str text)
{
	bool is_in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (is_in_string && c == '\\')
			i++;
		else if (c == '"')
			is_in_string = !is_in_string;
		else if (!is_in_string && (c == '{' || c == '[') && ++depth > STRICT_JSON_MAX_DEPTH)
			return false;
		else if (!is_in_string && (c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return true;
}

enum err
strict_json_read(struct str text, size_t limit_bytes, json_t **ret_root, struct err_detail *reterr)
{
	json_error_t why;
	json_t *root;

	if (text.len > limit_bytes)
		return err_set(reterr, ERR_TOO_LARGE, "more than %zu bytes of JSON", limit_bytes);
	if (text.len == 0)
		return err_set(reterr, ERR_MALFORMED, "not JSON: empty");
	if (!is_depth_within_cap(text))
		return err_set(reterr, ERR_MALFORMED, "JSON nested more than %d deep",
		    STRICT_JSON_MAX_DEPTH);
	root = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &why);
	/* The library's own text would quote the input. */
	if (root == NULL && json_error_code(&why) == json_error_duplicate_key)
		return err_set(reterr, ERR_MALFORMED, "a name stands twice in an object at line %d",
		    why.line);
	if (root == NULL)
		return err_set(reterr, ERR_MALFORMED, "not JSON at line %d, column %d", why.line,
		    why.column);
	*ret_root = root;
	return ERR_OK;
}

bool
strict_json_has_only(const json_t *object, const char *const *names, size_t n)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		known += json_object_get(object, names[i]) != NULL;
	return json_object_size(object) == known;
}

struct str
strict_json_text(const json_t *value)
{
	if (!json_is_string(value))
		return (struct str){ NULL, 0 };
	return (struct str){ json_string_value(value), json_string_length(value) };
}

static int
append_piece(const char *bytes, size_t len, void *out)
{
	return buf_append(out, bytes, len) == ERR_OK ? 0 : -1;
}

enum err
strict_json_write(const json_t *value, struct buf *out)
{
	size_t before = buf_len(out);

	if (json_dump_callback(value, append_piece, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
		return ERR_OK;
	buf_truncate(out, before);
	return ERR_TOO_LARGE;
}

json_t *
strict_json_string(struct str text)
{
	return json_stringn(text.len == 0 ? "" : text.at, text.len);
}
