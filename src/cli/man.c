/* SPDX-License-Identifier: Apache-2.0 */
/* man - `rendfly man`: the manuals of all commands as pages for man(1). */
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

static const struct manual_action actions[] = { { "list", NULL, "the names of the pages" },
	{ "page", "NAME", "one page, for example `rendfly man page rendfly-status | man -l -`" },
	{ 0 } };

const struct manual man_manual = {
	.name = "man",
	.summary = "the man pages",
	.usage = "list\npage NAME",
	.about = "Writes the man page of a command, from the same table as its --help.",
	.actions = actions,
};

/* What begins a line of roff with a dot or a quote, and what a backslash or a hyphen would mean. */
static void
put_text(const char *text, FILE *to)
{
	bool is_start = true;

	for (; *text != '\0'; text++) {
		if (is_start && (*text == '.' || *text == '\''))
			(void)fputs("\\&", to);
		is_start = *text == '\n';
		if (*text == '\\')
			(void)fputs("\\e", to);
		else if (*text == '-')
			(void)fputs("\\-", to);
		else if (*text == '\n')
			(void)fputs("\n.PP\n", to);
		else
			(void)fputc(*text, to);
	}
}

static void
put_name(const char *name, FILE *to)
{
	for (; *name != '\0'; name++)
		(void)fputs(*name == ' ' ? "\\-" : (const char[]){ *name, '\0' }, to);
}

static void
put_paragraph(const char *text, FILE *to)
{
	put_text(text, to);
	(void)fputc('\n', to);
}

static void
put_term(const char *term, const char *more, const char *help, FILE *to)
{
	(void)fputs(".TP\n\\fB", to);
	put_text(term, to);
	(void)fputs("\\fR", to);
	if (more != NULL) {
		(void)fputs(" \\fI", to);
		put_text(more, to);
		(void)fputs("\\fR", to);
	}
	(void)fputc('\n', to);
	put_paragraph(help, to);
}

static void
put_synopsis(const struct manual *m, FILE *to)
{
	const char *line = m->usage;

	(void)fputs(".SH SYNOPSIS\n.nf\n", to);
	while (line != NULL) {
		size_t len = strcspn(line, "\n");

		(void)fprintf(to, "\\fBrendfly %s\\fR %.*s\n", m->name, (int)len, line);
		line = line[len] == '\0' ? NULL : line + len + 1;
	}
	(void)fputs(".fi\n", to);
}

static void
put_header(const char *name, const char *summary, FILE *to)
{
	(void)fputs(".\\\" Made by `rendfly man`; not to be edited.\n.TH RENDFLY", to);
	if (name != NULL) {
		(void)fputs("\\-", to);
		put_name(name, to);
	}
	(void)fprintf(to, " 1 \"\" \"rendfly %s\"\n.SH NAME\nrendfly", RENDFLY_VERSION);
	if (name != NULL) {
		(void)fputs("\\-", to);
		put_name(name, to);
	}
	(void)fprintf(to, " \\- %s\n", summary);
}

void
manual_print_page(const struct manual *m, FILE *to)
{
	put_header(m->name, m->summary, to);
	put_synopsis(m, to);
	(void)fputs(".SH DESCRIPTION\n", to);
	put_paragraph(m->about, to);
	if (m->actions != NULL || m->children != NULL)
		(void)fputs(".SH COMMANDS\n", to);
	for (const struct manual *const *c = m->children; c != NULL && *c != NULL; c++)
		put_term((*c)->name + strlen(m->name) + 1, NULL, (*c)->summary, to);
	for (const struct manual_action *a = m->actions; a != NULL && a->name != NULL; a++)
		put_term(a->name, a->operands, a->help, to);
	(void)fputs(".SH OPTIONS\n", to);
	for (const struct manual_option *o = m->options; o != NULL && o->name != NULL; o++)
		put_term(o->name, o->value, o->help, to);
	put_term("--help", NULL, "the same in short", to);
	(void)fputs(".SH EXIT STATUS\n", to);
	put_paragraph(m->exits != NULL
		? m->exits
		: "0, 1 when it could not be done, 2 for wrong arguments; the "
		  "reason is told on standard error.",
	    to);
	(void)fputs(".SH SEE ALSO\n.BR rendfly (1)\n", to);
}

/* rendfly(1): every command in a line. */
static void
print_overview(FILE *to)
{
	put_header(NULL, "watches AI agents in production", to);
	(void)fputs(".SH SYNOPSIS\n\\fBrendfly\\fR COMMAND [OPTIONS]\n.SH DESCRIPTION\n", to);
	put_text(
	    "A proxy in front of LLM providers and a pipeline behind it: conversations pass through "
	    "untouched, and a copy is redacted, stored sealed, and judged against the rules in "
	    "the agent's own system message.",
	    to);
	(void)fputs(".SH COMMANDS\n", to);
	for (size_t i = 0; command_manual(i) != NULL; i++)
		put_term(command_manual(i)->name, NULL, command_manual(i)->summary, to);
	(void)fputs(".SH FILES\n", to);
	put_term("DIR/rendfly.conf", NULL,
	    "the configuration; `rendfly config` explains each setting", to);
	put_term("DIR/log/rendfly.log", NULL, "the lines of all processes", to);
	(void)fputs(".SH SEE ALSO\n", to);
	for (size_t i = 0; command_manual(i) != NULL; i++)
		(void)fprintf(to, ".BR rendfly\\-%s (1)%s\n", command_manual(i)->name,
		    command_manual(i + 1) == NULL ? "" : ",");
}

/* "rendfly-audit-verify" of "audit verify". */
static bool
is_page_of(const char *page, const char *name)
{
	if (strncmp(page, "rendfly-", 8) != 0)
		return false;
	for (page += 8; *page != '\0' && *name != '\0'; page++, name++)
		if (*page != (*name == ' ' ? '-' : *name))
			return false;
	return *page == '\0' && *name == '\0';
}

static void
list_page(const struct manual *m)
{
	(void)fputs("rendfly-", stdout);
	for (const char *c = m->name; *c != '\0'; c++)
		(void)putchar(*c == ' ' ? '-' : *c);
	(void)putchar('\n');
}

static void
list(void)
{
	(void)puts("rendfly");
	for (size_t i = 0; command_manual(i) != NULL; i++) {
		const struct manual *const *child = command_manual(i)->children;

		list_page(command_manual(i));
		for (; child != NULL && *child != NULL; child++)
			list_page(*child);
	}
}

static const struct manual *
find_page(const char *page)
{
	for (size_t i = 0; command_manual(i) != NULL; i++) {
		const struct manual *const *child = command_manual(i)->children;

		if (is_page_of(page, command_manual(i)->name))
			return command_manual(i);
		for (; child != NULL && *child != NULL; child++)
			if (is_page_of(page, (*child)->name))
				return *child;
	}
	return NULL;
}

int
man_main(int argc, char **argv)
{
	const struct manual *m;
	struct args args;
	int status;

	if (!args_read(&man_manual, argc, argv, &args, &status))
		return status;
	if (args.n_operands == 0) {
		list();
		return 0;
	}
	m = find_page(args.operands[0]);
	if (m != NULL)
		manual_print_page(m, stdout);
	else if (strcmp(args.operands[0], "rendfly") == 0)
		print_overview(stdout);
	else
		return args_complain(&man_manual, "there is no page %s; `rendfly man list`",
		    args.operands[0]);
	return 0;
}
