/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion - `rendfly completion`: what the shells need to complete commands, actions and
 * options.  Both scripts are one table of words by command, and the few lines that look into it.
 */
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

static const struct manual_action actions[] = { { "bash", NULL,
						    "for bash: source <(rendfly completion bash)" },
	{ "zsh", NULL, "for zsh: source <(rendfly completion zsh)" }, { 0 } };

const struct manual completion_manual = {
	.name = "completion",
	.summary = "completion of commands and options for bash and zsh",
	.usage = "bash\nzsh",
	.about = "Writes a script for the shell, from the same table as --help.",
	.actions = actions,
};

/* The words that may come behind a command, as one line. */
static void
put_words(const struct manual *m, FILE *to)
{
	for (const struct manual *const *c = m->children; c != NULL && *c != NULL; c++)
		(void)fprintf(to, "%s ", (*c)->name + strlen(m->name) + 1);
	for (const struct manual_action *a = m->actions; a != NULL && a->name != NULL; a++)
		(void)fprintf(to, "%s ", a->name);
	for (const struct manual_option *o = m->options; o != NULL && o->name != NULL; o++)
		(void)fprintf(to, "%s ", o->name);
	(void)fputs("--help", to);
}

static void
put_case(const struct manual *m, FILE *to)
{
	(void)fprintf(to, "\t\"%s\") words=\"", m->name);
	put_words(m, to);
	(void)fputs("\" ;;\n", to);
	for (const struct manual *const *c = m->children; c != NULL && *c != NULL; c++)
		put_case(*c, to);
}

static void
put_cases(FILE *to)
{
	(void)fputs("\tcase $key in\n\t\"\") words=\"", to);
	for (size_t i = 0; command_manual(i) != NULL; i++)
		(void)fprintf(to, "%s ", command_manual(i)->name);
	(void)fputs("--help --version\" ;;\n", to);
	for (size_t i = 0; command_manual(i) != NULL; i++)
		put_case(command_manual(i), to);
	(void)fputs("\tesac\n", to);
}

/* The value of an option is a file or a folder as a rule; so is an operand. */
static void
put_bash(FILE *to)
{
	(void)fputs("# completion of rendfly for bash; made by `rendfly completion bash`\n"
		    "_rendfly() {\n"
		    "\tlocal current=${COMP_WORDS[COMP_CWORD]} key=${COMP_WORDS[1]} words=\"\"\n"
		    "\t[ \"$COMP_CWORD\" -gt 1 ] || key=\"\"\n"
		    "\t[ \"$key\" != audit ] || [ \"$COMP_CWORD\" -lt 3 ] || key=\"audit "
		    "${COMP_WORDS[2]}\"\n",
	    to);
	put_cases(to);
	(void)fputs("\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
		    "}\n"
		    "complete -o default -F _rendfly rendfly\n",
	    to);
}

static void
put_zsh(FILE *to)
{
	(void)fputs("#compdef rendfly\n"
		    "# completion of rendfly for zsh; made by `rendfly completion zsh`\n"
		    "_rendfly() {\n"
		    "\tlocal key=${words[2]} list=\"\"\n"
		    "\t(( CURRENT > 2 )) || key=\"\"\n"
		    "\t[[ $key == audit ]] && (( CURRENT > 3 )) && key=\"audit ${words[3]}\"\n"
		    "\tlist=$(_rendfly_words \"$key\")\n"
		    "\tcompadd -- ${=list} || _files\n"
		    "\t[[ ${words[CURRENT]} == -* ]] || (( CURRENT < 4 )) || _files\n"
		    "}\n"
		    "_rendfly_words() {\n"
		    "\tlocal key=$1 words=\"\"\n",
	    to);
	put_cases(to);
	(void)fputs(
	    "\tprint -r -- $words\n"
	    "}\n"
	    "if [ \"$funcstack[1]\" = _rendfly ]; then _rendfly \"$@\"; else compdef _rendfly rendfly; fi\n",
	    to);
}

int
completion_main(int argc, char **argv)
{
	struct args args;
	int status;

	if (!args_read(&completion_manual, argc, argv, &args, &status))
		return status;
	if (strcmp(args.action->name, "bash") == 0)
		put_bash(stdout);
	else
		put_zsh(stdout);
	return 0;
}
