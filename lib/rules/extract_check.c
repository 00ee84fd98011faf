/* SPDX-License-Identifier: Apache-2.0 */
/* The check that a sentence calls for, where words alone show one; see extract.h. */
#include "rules/extract_check.h"

#include "rules/check.h"

#define MAX_CHECK_BYTES (64u << 10)

bool
extract_has(const struct text *t, const char *const *phrases)
{
	size_t at, after;

	return text_find_any(t, 0, t->n, phrases, &at, &after);
}

/* Writes the JSON into the arena and lets go of it. */
static enum err
keep_json(struct arena *a, json_t *json, struct str *ret_json)
{
	CLEANUP_STRICT_JSON json_t *owned = json;
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = owned == NULL ? ERR_NOMEM : buf_new(MAX_CHECK_BYTES, &text);

	if (e == ERR_OK)
		e = strict_json_write(owned, text);
	if (e != ERR_OK)
		return e;
	*ret_json = arena_copy(a, buf_str(text));
	return ret_json->at == NULL ? ERR_NOMEM : ERR_OK;
}

enum err
extract_check(struct arena *a, const struct extract_sentence *sentence, struct str *ret_check_json)
{
	static json_t *(*const seers[])(const struct extract_sentence *) = {
		extract_see_single_tool_call,
		extract_see_confirm_before_tool,
		extract_see_handover,
		extract_see_price,
		extract_see_language,
		extract_see_quoted_text,
	};

	*ret_check_json = STR("");
	for (size_t i = 0; i < sizeof(seers) / sizeof(seers[0]); i++) {
		json_t *check = seers[i](sentence);

		if (check != NULL)
			return keep_json(a, check, ret_check_json);
	}
	return ERR_OK;
}

/* Adds the elements of one array to another that does not have them. */
static void
unite(json_t *into, const json_t *from)
{
	for (size_t i = 0; i < json_array_size(from); i++) {
		json_t *item = json_array_get(from, i);
		bool is_there = false;

		for (size_t k = 0; k < json_array_size(into) && !is_there; k++)
			is_there = json_equal(json_array_get(into, k), item) == 1;
		if (!is_there)
			(void)json_array_append(into, item);
	}
}

/* Lists grow by the second's; a parameter that only the first has, or in another form, goes. */
static void
join_members(json_t *first, const json_t *second)
{
	void *next;
	const char *key;
	json_t *value;

	json_object_foreach_safe(first, next, key, value)
	{
		const json_t *other = json_object_get(second, key);

		if (json_is_array(value))
			unite(value, other);
		else if (json_equal(value, other) != 1)
			(void)json_object_del(first, key);
	}
}

enum err
extract_join_checks(struct arena *a, struct rule *first, const struct rule *second)
{
	CLEANUP_STRICT_JSON json_t *json = NULL, *other = NULL;
	enum err e;

	if (second->check == NULL || str_equals(first->check_json, second->check_json))
		return ERR_OK;
	e = strict_json_read(first->check_json, MAX_CHECK_BYTES, &json, NULL);
	if (e == ERR_OK)
		e = strict_json_read(second->check_json, MAX_CHECK_BYTES, &other, NULL);
	if (e != ERR_OK)
		return e;
	join_members(json, other);
	e = check_parse(a, json, &first->check, NULL);
	return e == ERR_OK ? keep_json(a, json_incref(json), &first->check_json) : e;
}
