/* SPDX-License-Identifier: Apache-2.0 */
/* element - an element of XML whose name says what it holds: "<email>…</email>", or the one before
 * it: "<td>E-mail</td><td>…</td>". */
#include "redact/layer.h"
#include "redact/scan.h"
#include "redact/words.h"

#define MAX_NAME 48
#define MAX_VALUE 256
#define MAX_TAG 96

static bool
is_of_name(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* The name from `at` to the ">", behind its namespace; *ret_end: the ">", or 0. */
static size_t
name_start(const struct scan *s, size_t at, size_t *ret_end)
{
	size_t start = at, i = at;

	while (i - at < MAX_NAME && (is_of_name(s->text[i]) || s->text[i] == ':')) {
		start = s->text[i] == ':' ? i + 1 : start;
		i++;
	}
	*ret_end = i > start && s->text[i] == '>' ? i : 0;
	return start;
}

/* Where the text before `end` begins: behind a tag; end when there is none. */
static size_t
text_start(const struct scan *s, size_t end)
{
	size_t floor = end > MAX_VALUE ? end - MAX_VALUE : 0, at = end;

	while (at > floor && s->text[at - 1] != '>' && s->text[at - 1] != '<' &&
	    s->text[at - 1] != LAYER_BREAK)
		at--;
	return at > floor && s->text[at - 1] == '>' ? at : end;
}

/* Back over a tag that ends before `at`, and the spaces before it; 0 when none does. */
static size_t
before_tag(const struct scan *s, size_t at, bool closes)
{
	size_t floor = at > MAX_TAG ? at - MAX_TAG : 0, i = at;

	if (i == 0 || s->text[i - 1] != '>')
		return 0;
	while (i > floor && s->text[i - 1] != '<' && s->text[i - 1] != LAYER_BREAK)
		i--;
	if (i <= 1 || s->text[i - 1] != '<' || (s->text[i] == '/') != closes)
		return 0;
	i--;
	while (i > floor && s->text[i - 1] <= ' ')
		i--;
	return i;
}

/* "<td>E-mail</td><td>…": what the element before the one whose text begins at `start` says. */
static uint64_t
types_of_label_before(const struct scan *s, size_t start)
{
	size_t behind = before_tag(s, start, false), end, label;
	bool is_bland;

	end = behind == 0 ? 0 : before_tag(s, behind, true);
	if (end == 0)
		return 0;
	label = text_start(s, end);
	while (end > label && (s->text[end - 1] == ':' || s->text[end - 1] == ' '))
		end--;
	return label == end ? 0 : words_of_key_in_layer(s->text + label, end - label, &is_bland);
}

void
match_element(struct scan *s, size_t slash)
{
	size_t end, name, start;
	struct field value;
	bool is_bland;

	if (slash < 2 || s->text[slash - 1] != '<')
		return;
	name = name_start(s, slash + 1, &end);
	if (end == 0)
		return;
	start = text_start(s, slash - 1);
	if (start == slash - 1)
		return;
	value = (struct field){ .start = (uint32_t)start, .end = (uint32_t)(slash - 1) };
	value.types = words_of_key_in_layer(s->text + name, end - name, &is_bland);
	if (value.types == 0)
		value.types = types_of_label_before(s, start);
	if (value.types != 0)
		match_field(s, &value);
}
