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
	size_t indent;   /* of that block's bullet; SIZE_MAX when it is none */
	size_t lead;     /* the sentence that leads the bullets that follow; SIZE_MAX when none */
	size_t lead_indent;
	bool is_in_code;
	bool is_in_example; /* inside <example> */
	bool is_in_example_section;
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
add_sentence(struct splitter *sp, struct str bytes, bool is_continuation)
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
	*item = (struct extract_sentence){
		.bytes = bytes,
		.block = sp->block,
		.is_continuation = is_continuation,
		.lead = sp->indent == SIZE_MAX ? SIZE_MAX : sp->lead,
	};
	sp->out.n++;
	return text_read(sp->arena, bytes, &item->text);
}

/* A block that ends with a colon leads the bullets below it. */
static void
set_lead(struct splitter *sp, struct str block)
{
	while (block.len > 0 && block.at[block.len - 1] == '*')
		block.len--;
	if (sp->out.n == 0 || block.len == 0 || block.at[block.len - 1] != ':')
		return;
	sp->lead = sp->out.n - 1;
	sp->lead_indent = sp->indent;
}

static enum err
end_block(struct splitter *sp)
{
	struct str block = str_slice(sp->message, sp->from, sp->to);
	size_t start = 0, depth = 0;
	bool is_continuation = false;
	enum err e = ERR_OK;

	for (size_t i = 0; i < block.len && e == ERR_OK; i++) {
		if (block.at[i] == '(')
			depth++;
		if (block.at[i] == ')' && depth > 0)
			depth--;
		if (depth > 0 || !ends_sentence(block, i))
			continue;
		e = add_sentence(sp, str_slice(block, start, i + 1), is_continuation);
		is_continuation = block.at[i] == ';';
		start = i + 1;
	}
	if (e == ERR_OK)
		e = add_sentence(sp, str_slice(block, start, block.len), is_continuation);
	set_lead(sp, block);
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

/* "User: hello": a line of an example dialogue. */
static bool
is_dialogue(struct str line)
{
	static const char *const speakers[] = { "user:", "customer:", "client:", "caller:",
		"human:", "assistant:", "agent:", "bot:", "ai:", "q:", "a:", "usuário:", "usuario:",
		"cliente:", "kunde:", NULL };

	while (line.len > 0 && line.at[0] == '*')
		line = str_slice(line, 1, line.len);
	for (size_t i = 0; speakers[i] != NULL; i++)
		if (str_equals_ignoring_case(str_slice(line, 0, strlen(speakers[i])),
			str_from(speakers[i])))
			return true;
	return false;
}

static bool
starts_with_any(struct str s, const char *const *beginnings)
{
	for (size_t i = 0; beginnings[i] != NULL; i++)
		if (str_equals_ignoring_case(str_slice(s, 0, strlen(beginnings[i])),
			str_from(beginnings[i])))
			return true;
	return false;
}

static const char *const example_words[] = { "example", "sample", "exemplo", "ejemplo", "beispiel",
	"exemple", NULL };

/* "<rules>", "</example>": a line that is one tag. */
static bool
take_tag(struct splitter *sp, struct str line)
{
	bool is_closing = line.len > 2 && line.at[1] == '/';

	if (line.len < 3 || line.at[0] != '<' || line.at[line.len - 1] != '>' ||
	    memchr(line.at, '>', line.len - 1) != NULL)
		return false;
	if (starts_with_any(str_slice(line, is_closing ? 2 : 1, line.len), example_words))
		sp->is_in_example = !is_closing;
	return true;
}

/* "<rule>Be kind.</rule>": what stands between. */
static struct str
without_tags(struct str line)
{
	const char *open = line.len > 1 ? memchr(line.at, '>', line.len) : NULL;
	const char *close = line.len > 1 ? memrchr(line.at, '<', line.len) : NULL;

	if (line.len < 2 || line.at[0] != '<' || !isalpha((unsigned char)line.at[1]) ||
	    line.at[line.len - 1] != '>' || open == NULL || close <= open)
		return line;
	return str_trim((struct str){ open + 1, (size_t)(close - open) - 1 });
}

/* "## Never" and "### Do not:" lead the bullets below them. */
static enum err
take_heading(struct splitter *sp, struct str line)
{
	static const char *const negative[] = { "never", "do not", "don't", "don’t", "donts",
		"must not", "you must not", "forbidden", "prohibited", "not allowed",
		"what not to do", "things to avoid", "nunca", "proibido", "prohibido", "verboten",
		"interdit", NULL };
	enum err e;

	while (line.len > 0 && (line.at[0] == '#' || line.at[0] == ' ' || line.at[0] == '*'))
		line = str_slice(line, 1, line.len);
	sp->is_in_example_section = starts_with_any(line, example_words);
	sp->lead = SIZE_MAX;
	/* Longer headings say something of their own. */
	if (!starts_with_any(line, negative) || line.len > 24)
		return ERR_OK;
	sp->indent = SIZE_MAX;
	e = add_sentence(sp, STR("Never:"), false);
	sp->lead = sp->out.n - 1;
	sp->lead_indent = SIZE_MAX;
	sp->block++;
	return e;
}

static void
begin_block(struct splitter *sp, size_t at, size_t indent)
{
	sp->from = at;
	sp->indent = indent;
	if (indent == SIZE_MAX || (sp->lead_indent != SIZE_MAX && indent <= sp->lead_indent))
		sp->lead = SIZE_MAX;
}

static enum err
take_line(struct splitter *sp, size_t from, size_t to)
{
	struct str line = without_tags(str_trim(str_slice(sp->message, from, to)));
	size_t at = (size_t)(line.at - sp->message.at), bullet = bullet_len(line);
	bool is_code_fence = str_starts_with(line, STR("```"));
	bool is_heading = line.len > 0 && line.at[0] == '#' && !sp->is_in_code;
	bool is_tag = take_tag(sp, line);
	bool is_prose = line.len > 0 && !is_heading && line.at[0] != '|' && !is_code_fence &&
	    !is_tag && !sp->is_in_code && !sp->is_in_example && !is_dialogue(line);
	enum err e = ERR_OK;

	if (is_code_fence)
		sp->is_in_code = !sp->is_in_code;
	if ((!is_prose || bullet > 0) && sp->to > sp->from)
		e = end_block(sp);
	if (e == ERR_OK && is_heading)
		e = take_heading(sp, line);
	if (e != ERR_OK || !is_prose || sp->is_in_example_section)
		return e;
	if (sp->to == sp->from)
		begin_block(sp, at + bullet, bullet > 0 ? at - from : SIZE_MAX);
	sp->to = at + line.len;
	return ERR_OK;
}

enum err
extract_split(struct arena *a, struct str system_message, struct extract_sentences *ret_sentences)
{
	struct splitter sp = {
		.arena = a, .message = system_message, .indent = SIZE_MAX, .lead = SIZE_MAX
	};
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
	for (size_t i = 0; i < sp.out.n; i++)
		if (sp.out.items[i].lead != SIZE_MAX)
			sp.out.items[sp.out.items[i].lead].is_lead = true;
	if (e == ERR_OK)
		*ret_sentences = sp.out;
	return e;
}
