/* SPDX-License-Identifier: Apache-2.0 */
/* manual - a command's manual as `--help` shows it; see manual.h. */
#include "cli/manual.h"

#include <string.h>

#define COLUMNS 80
#define TERM_COLUMNS 18 /* a longer option or action has its help on the next line */

/* Where the next word goes. */
struct line {
	FILE *to;
	size_t indent;
	size_t column;
	bool is_empty;
};

static void
begin_line(struct line *l)
{
	(void)fprintf(l->to, "\n%*s", (int)l->indent, "");
	l->column = l->indent;
	l->is_empty = true;
}

static void
put_word(struct line *l, const char *word, size_t len)
{
	if (!l->is_empty && l->column + 1 + len > COLUMNS)
		begin_line(l);
	l->column += (size_t)!l->is_empty + len;
	(void)fprintf(l->to, "%s%.*s", l->is_empty ? "" : " ", (int)len, word);
	l->is_empty = false;
}

void
manual_wrap(const char *text, size_t column, size_t indent, FILE *to)
{
	struct line l = { to, indent, column > indent ? column : indent, true };

	(void)fprintf(to, "%*s", (int)(l.column - column), "");
	while (*text != '\0') {
		size_t len = strcspn(text, " \n");

		if (len > 0)
			put_word(&l, text, len);
		text += len;
		if (*text == '\n') {
			(void)fputc('\n', to);
			begin_line(&l);
		}
		text += *text != '\0';
	}
	(void)fputc('\n', to);
}

static void
print_term(const char *term, const char *more, const char *help, FILE *to)
{
	int len = fprintf(to, "  %s%s%s", term, more == NULL ? "" : " ", more == NULL ? "" : more);
	size_t column = len < 0 ? 0 : (size_t)len;

	if (column > TERM_COLUMNS + 2) {
		(void)fputc('\n', to);
		column = 0;
	}
	manual_wrap(help, column, TERM_COLUMNS + 4, to);
}

static void
print_usage(const struct manual *m, FILE *to)
{
	const char *line = m->usage;

	for (const char *lead = "usage:"; line != NULL; lead = "      ") {
		size_t len = strcspn(line, "\n");

		(void)fprintf(to, "%s rendfly %s%s%.*s\n", lead, m->name, len > 0 ? " " : "",
		    (int)len, line);
		line = line[len] == '\0' ? NULL : line + len + 1;
	}
}

void
manual_print(const struct manual *m, FILE *to)
{
	print_usage(m, to);
	(void)fputc('\n', to);
	manual_wrap(m->about, 0, 0, to);
	(void)fputc('\n', to);
	for (const struct manual *const *c = m->children; c != NULL && *c != NULL; c++)
		print_term((*c)->name + strlen(m->name) + 1, NULL, (*c)->summary, to);
	for (const struct manual_action *a = m->actions; a != NULL && a->name != NULL; a++)
		print_term(a->name, a->operands, a->help, to);
	if (m->actions != NULL || m->children != NULL)
		(void)fputc('\n', to);
	for (const struct manual_option *o = m->options; o != NULL && o->name != NULL; o++)
		print_term(o->name, o->value, o->help, to);
	print_term("--help", NULL, "this text", to);
	if (m->exits != NULL) {
		int len = fprintf(to, "\nExit status: ");

		manual_wrap(m->exits, len < 1 ? 0 : (size_t)len - 1, 0, to);
	}
}
