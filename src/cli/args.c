/* SPDX-License-Identifier: Apache-2.0 */
/* args - reads a command's arguments by its manual; see args.h. */
#include "cli/args.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_CHARS 32
#define MAX_NAMES 32

int
args_complain(const struct manual *m, const char *format, ...)
{
	va_list list;

	(void)fprintf(stderr, "rendfly %s: ", m->name);
	va_start(list, format);
	(void)vfprintf(stderr, format, list);
	va_end(list);
	(void)fprintf(stderr, " (`rendfly %s --help` shows what there is)\n", m->name);
	return ARGS_EXIT_WRONG;
}

/* ---- what was perhaps meant */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or taken away. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_CHARS + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > NAME_MAX_CHARS || b_len > NAME_MAX_CHARS)
		return NAME_MAX_CHARS;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t before = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t changed = before + (a[i - 1] != b[j - 1]);

			before = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b_len];
}

const char *
args_nearest(const char *given, const char *const *names, size_t n)
{
	size_t best = 1 + strlen(given) / 3; /* of "xyz" nothing that shares one letter is near */
	const char *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (distance(given, names[i]) <= best) {
			best = distance(given, names[i]);
			found = names[i];
		}
	return found;
}

static int
complain_unknown(const struct manual *m, const char *kind, const char *given,
    const char *const *names, size_t n)
{
	const char *near = args_nearest(given, names, n);

	if (near == NULL)
		return args_complain(m, "there is no %s %s", kind, given);
	return args_complain(m, "there is no %s %s: do you mean %s?", kind, given, near);
}

static int
complain_option(const struct manual *m, const char *given)
{
	const char *names[MAX_NAMES];
	size_t n = 0;

	for (const struct manual_option *o = m->options; o != NULL && o->name != NULL; o++)
		names[n++] = o->name;
	return complain_unknown(m, "option", given, names, n);
}

static int
complain_action(const struct manual *m, const char *given)
{
	const char *names[MAX_NAMES];
	size_t n = 0;

	for (const struct manual_action *a = m->actions; a->name != NULL; a++)
		names[n++] = a->name;
	return complain_unknown(m, "command", given, names, n);
}

/* ---- reading */

/* The option's place in the manual; false when there is none.  "--dir=var" has a value behind it.
 */
static bool
find_option(const struct manual *m, const char *given, size_t *ret_at, const char **ret_value)
{
	size_t len = strcspn(given, "=");

	for (size_t i = 0; m->options != NULL && m->options[i].name != NULL; i++)
		if (strlen(m->options[i].name) == len &&
		    strncmp(m->options[i].name, given, len) == 0) {
			*ret_at = i;
			*ret_value = given[len] == '=' ? given + len + 1 : NULL;
			return true;
		}
	return false;
}

/* Takes the option at argv[*i], and its value; 0 or the status to end with. */
static int
take_option(struct args *a, int argc, char **argv, int *i)
{
	const struct manual_option *o;
	const char *value;
	size_t at;

	if (!find_option(a->manual, argv[*i], &at, &value))
		return complain_option(a->manual, argv[*i]);
	o = &a->manual->options[at];
	if (o->value == NULL && value != NULL)
		return args_complain(a->manual, "%s takes no value", o->name);
	if (o->value != NULL && value == NULL) {
		if (*i + 1 == argc || strncmp(argv[*i + 1], "--", 2) == 0)
			return args_complain(a->manual, "%s wants a value: %s %s", o->name, o->name,
			    o->value);
		value = argv[++*i];
	}
	a->values[at] = value == NULL ? "" : value;
	return 0;
}

static int
take_action(struct args *a, const char *given)
{
	for (const struct manual_action *row = a->manual->actions; row->name != NULL; row++)
		if (strcmp(row->name, given) == 0) {
			a->action = row;
			return 0;
		}
	return complain_action(a->manual, given);
}

static size_t
count_words(const char *text)
{
	size_t n = 0;

	for (const char *at = text; at != NULL && *at != '\0'; at += strspn(at, " ")) {
		n++;
		at += strcspn(at, " ");
	}
	return n;
}

static const char *
wanted_operands(const struct args *a)
{
	return a->action != NULL ? a->action->operands : a->manual->operands;
}

static int
take_word(struct args *a, const char *given)
{
	if (a->manual->actions != NULL && a->action == NULL)
		return take_action(a, given);
	if (a->n_operands == count_words(wanted_operands(a)) || a->n_operands == ARGS_MAX_OPERANDS)
		return args_complain(a->manual, "no argument %s is wanted", given);
	a->operands[a->n_operands++] = given;
	return 0;
}

/* What must be there and is not. */
static int
check_whole(const struct args *a)
{
	const struct manual *m = a->manual;
	const char *operands = wanted_operands(a);

	if (m->actions != NULL && a->action == NULL)
		return args_complain(m, "which command?");
	if (a->n_operands < count_words(operands))
		return args_complain(m, "%s%s%s is wanted",
		    a->action != NULL ? a->action->name : "", a->action != NULL ? ": " : "",
		    operands);
	for (size_t i = 0; m->options != NULL && m->options[i].name != NULL; i++)
		if (m->options[i].is_required && a->values[i] == NULL)
			return args_complain(m, "%s %s is wanted", m->options[i].name,
			    m->options[i].value);
	return 0;
}

bool
args_read(const struct manual *m, int argc, char **argv, struct args *ret_args, int *ret_status)
{
	int status = 0;

	*ret_args = (struct args){ .manual = m };
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			manual_print(m, stdout);
			*ret_status = 0;
			return false;
		}
	for (int i = 1; i < argc && status == 0; i++)
		status = argv[i][0] == '-' && argv[i][1] != '\0'
		    ? take_option(ret_args, argc, argv, &i)
		    : take_word(ret_args, argv[i]);
	if (status == 0)
		status = check_whole(ret_args);
	*ret_status = status;
	return status == 0;
}

const char *
args_value(const struct args *a, const char *name)
{
	for (size_t i = 0; a->manual->options != NULL && a->manual->options[i].name != NULL; i++)
		if (strcmp(a->manual->options[i].name, name) == 0)
			return a->values[i];
	abort(); /* the command asks for what its manual does not have */
}

const char *
args_value_or(const struct args *a, const char *name, const char *fallback)
{
	const char *value = args_value(a, name);

	return value == NULL ? fallback : value;
}

bool
args_has(const struct args *a, const char *name)
{
	return args_value(a, name) != NULL;
}
