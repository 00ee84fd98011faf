/* SPDX-License-Identifier: Apache-2.0 */
/* A system message cut into bullets and paragraphs, and those into sentences; see extract.h. */
#include <ctype.h>

#include "rules/extract.h"

#define MAX_SENTENCES 4096

struct splitter {
	struct arena *arena;
	struct str message;
	struct extract_sentences out;
	size_t block;
	size_t from, to; /* the block that is being gathered; empty when from == to */
	bool is_in_code;
};

static bool
is_abbreviation(struct str s, size_t dot)
{
	static const char *const known[] = { "e.g", "i.e", "etc", "mr", "mrs", "ms", "dr", "no",
		"vs", "approx", "incl", "z.b", "p.ex", "ex", "sr", "sra", NULL };

	for (size_t i = 0; known[i] != NULL; i++) {
		size_t len = strlen(known[i]);

		if (dot >= len && (dot == len || !isalpha((unsigned char)s.at[dot - len - 1])) &&
		    str_equals_ignoring_case(str_slice(s, dot - len, dot), str_from(known[i])))
			return true;
	}
	return false;
}

/* A sentence ends behind this byte. */
static bool
ends_sentence(struct str s, size_t at)
{
	char c = s.at[at];

	if (c == ';')
		return true;
	if (c != '.' && c != '!' && c != '?')
		return false;
	if (at + 1 < s.len && !isspace((unsigned char)s.at[at + 1]))
		return false;
	return c != '.' || !is_abbreviation(s, at);
}

static enum err
add_sentence(struct splitter *sp, struct str bytes)
{
	struct extract_sentence *item = &sp->out.items[sp->out.n];

	bytes = str_trim(bytes);
	while (bytes.len > 0 && bytes.at[bytes.len - 1] == ';')
		bytes = str_trim(str_slice(bytes, 0, bytes.len - 1));
	if (bytes.len == 0)
		return ERR_OK;
	if (sp->out.n == MAX_SENTENCES) {
		sp->out.is_cut = true;
		return ERR_OK;
	}
	item->bytes = bytes;
	item->block = sp->block;
	sp->out.n++;
	return text_read(sp->arena, bytes, &item->text);
}

static enum err
end_block(struct splitter *sp)
{
	struct str block = str_slice(sp->message, sp->from, sp->to);
	size_t start = 0, depth = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < block.len && e == ERR_OK; i++) {
		if (block.at[i] == '(')
			depth++;
		if (block.at[i] == ')' && depth > 0)
			depth--;
		if (depth > 0 || !ends_sentence(block, i))
			continue;
		e = add_sentence(sp, str_slice(block, start, i + 1));
		start = i + 1;
	}
	if (e == ERR_OK)
		e = add_sentence(sp, str_slice(block, start, block.len));
	sp->from = sp->to = 0;
	sp->block++;
	return e;
}

/* "- ", "* ", "• ", "3. ", "b) ": its length with the blanks behind it, or 0. */
static size_t
bullet_len(struct str line)
{
	static const char *const bullets[] = { "- ", "* ", "+ ", "• ", "– ", "— ", NULL };
	size_t i = 0;

	for (size_t b = 0; bullets[b] != NULL; b++)
		if (str_starts_with(line, str_from(bullets[b])))
			return strlen(bullets[b]);
	while (i < line.len && i < 3 && isdigit((unsigned char)line.at[i]))
		i++;
	if (i == 0 && line.len > 1 && isalpha((unsigned char)line.at[0]) && line.at[1] == ')')
		i = 1;
	if (i == 0 || i + 1 >= line.len || (line.at[i] != '.' && line.at[i] != ')') ||
	    line.at[i + 1] != ' ')
		return 0;
	return i + 2;
}

static enum err
take_line(struct splitter *sp, size_t from, size_t to)
{
	struct str line = str_trim(str_slice(sp->message, from, to));
	size_t bullet = bullet_len(line);
	bool is_code_fence = str_starts_with(line, STR("```"));
	bool is_prose = line.len > 0 && line.at[0] != '#' && line.at[0] != '|' && !is_code_fence &&
	    !sp->is_in_code;
	enum err e = ERR_OK;

	if (is_code_fence)
		sp->is_in_code = !sp->is_in_code;
	if ((!is_prose || bullet > 0) && sp->to > sp->from)
		e = end_block(sp);
	if (e != ERR_OK || !is_prose)
		return e;
	if (sp->to == sp->from)
		sp->from = (size_t)(line.at - sp->message.at) + bullet;
	sp->to = (size_t)(line.at - sp->message.at) + line.len;
	return ERR_OK;
}

enum err
extract_split(struct arena *a, struct str system_message, struct extract_sentences *ret_sentences)
{
	struct splitter sp = { .arena = a, .message = system_message };
	enum err e = ERR_OK;
	size_t start = 0;

	sp.out.items = arena_alloc_array(a, MAX_SENTENCES + 1, sizeof(*sp.out.items));
	if (sp.out.items == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i <= system_message.len && e == ERR_OK; i++) {
		if (i < system_message.len && system_message.at[i] != '\n')
			continue;
		e = take_line(&sp, start, i);
		start = i + 1;
	}
	if (e == ERR_OK && sp.to > sp.from)
		e = end_block(&sp);
	if (e == ERR_OK)
		*ret_sentences = sp.out;
	return e;
}
