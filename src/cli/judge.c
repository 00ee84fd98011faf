/* SPDX-License-Identifier: Apache-2.0 */
/* judge - `rendfly judge render|parse|check`: the steps of judging one by one, on files. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "judge/judge.h"

static const struct manual_action manual_actions[] = {
	{ "render", NULL, "the exact messages that a judging model gets, as JSON" },
	{ "parse", NULL,
	    "reads a model's answer from standard input, strictly, and writes the verdicts as JSON; "
	    "anything malformed is indeterminate" },
	{ "check", NULL,
	    "the verdicts of the deterministic checks; a rule without a check is indeterminate" },
	{ 0 }
};

static const struct manual_option manual_options[] = {
	{ "--rules", "FILE", "a JSON array of {\"name\",\"description\",\"category\",\"check\"}",
	    true },
	{ "--conversation", "FILE", "in OpenAI chat format", true },
	{ "--all", NULL, "ask about every rule, not only about those whose check is null", false },
	{ "--random", NULL, "render: draw boundary and nonce, as the running product does", false },
	{ "--nonce", "HEX", "parse: the nonce that a prompt of --random shows", false }, { 0 }
};

const struct manual judge_manual = {
	.name = "judge",
	.summary = "render a judging prompt, parse its answer, run the checks on files",
	.usage = "render --rules FILE --conversation FILE [--all] [--random]\n"
		 "parse --rules FILE --conversation FILE [--all] [--nonce HEX] < ANSWER\n"
		 "check --rules FILE --conversation FILE",
	.about =
	    "The steps of judging, one by one, on files: no network, no database. Evidence names "
	    "a message by its index in the conversation, system messages counted.\n"
	    "So that parse knows what render wrote, boundary and nonce are derived with SHA-256 "
	    "from the bytes of the two files.",
	.exits = "0, or 2 for a bad file.",
	.actions = manual_actions,
	.options = manual_options,
};

struct options {
	const char *action;
	const char *rules;
	const char *conversation;
	const char *nonce; /* NULL: derived */
	bool is_random;
	bool is_all;
};

static bool
is_nonce(const char *text)
{
	uint8_t bytes[JUDGE_NONCE_CHARS / 2];

	return hex_decode(str_from(text), bytes, sizeof(bytes));
}

/* SHA-256 of both files, each behind its length. */
static enum err
seed_of(const struct inputs *in, char ret_hex[static 2 * 32 + 1])
{
	const struct buf *const files[] = { in->rules_bytes, in->conversation_bytes };
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t digest[EVP_MAX_MD_SIZE];
	bool is_done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; i < 2 && is_done; i++) {
		uint64_t len = buf_len(files[i]);

		is_done = EVP_DigestUpdate(context, &len, sizeof(len)) == 1 &&
		    EVP_DigestUpdate(context, buf_str(files[i]).at, len) == 1;
	}
	is_done = is_done && EVP_DigestFinal_ex(context, digest, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (!is_done)
		return ERR_IO;
	hex_encode(digest, 32, ret_hex);
	return ERR_OK;
}

static enum err
make_prompt(const struct inputs *in, const struct options *o, struct judge_prompt *ret_prompt)
{
	char seed[2 * 32 + 1];
	enum err e = seed_of(in, seed);

	if (e != ERR_OK)
		return e;
	if (o->is_random)
		return judge_render(in->arena, &in->rules, &in->conversation, !o->is_all,
		    ret_prompt);
	return judge_render_seeded(in->arena, &in->rules, &in->conversation, !o->is_all,
	    str_from(seed), ret_prompt);
}

static enum err
render(const struct inputs *in, const struct options *o, struct buf *out)
{
	struct judge_prompt prompt;
	enum err e = make_prompt(in, o, &prompt);

	if (e == ERR_OK)
		e = buf_append_str(out, prompt.messages_json);
	return e == ERR_OK ? buf_append_byte(out, '\n') : e;
}

static enum err
parse(const struct inputs *in, const struct options *o, struct buf *out)
{
	CLEANUP(buf) struct buf *answer = NULL;
	struct rule_verdict *verdicts;
	struct judge_prompt prompt;
	enum err e = make_prompt(in, o, &prompt);

	prompt.judge_name = STR("model");
	if (e == ERR_OK && o->nonce != NULL)
		(void)snprintf(prompt.nonce, sizeof(prompt.nonce), "%s", o->nonce);
	if (e == ERR_OK)
		e = buf_new((size_t)2 * JUDGE_MAX_ANSWER_BYTES, &answer);
	if (e == ERR_OK)
		e = file_read_fd(STDIN_FILENO, answer);
	if (e == ERR_TOO_LARGE)
		e = judge_all_indeterminate(in->arena, &in->rules, STR("model"),
		    "the answer is too large", &verdicts);
	else if (e == ERR_OK)
		e = judge_parse(in->arena, &in->rules, &in->conversation, &prompt, buf_str(answer),
		    &verdicts);
	return e == ERR_OK ? verdicts_write(verdicts, in->rules.n_rules, out) : e;
}

static enum err
check(const struct inputs *in, const struct options *o, struct buf *out)
{
	struct rule_verdict *verdicts;
	enum err e = judge_all_indeterminate(in->arena, &in->rules, STR("deterministic"),
	    "this rule has no deterministic check", &verdicts);

	(void)o;
	for (size_t i = 0; i < in->rules.n_rules && e == ERR_OK; i++) {
		e = rule_check_run(in->arena, &in->rules.rules[i], &in->conversation, &verdicts[i]);
		if (e == ERR_NOT_FOUND)
			e = ERR_OK;
	}
	return e == ERR_OK ? verdicts_write(verdicts, in->rules.n_rules, out) : e;
}

static const struct {
	const char *name;
	enum err (*run)(const struct inputs *in, const struct options *o, struct buf *out);
} actions[] = { { "render", render }, { "parse", parse }, { "check", check } };

static int
run_action(size_t action, const struct options *o)
{
	CLEANUP(buf) struct buf *out = NULL;
	struct inputs in;
	int code = 1;
	enum err e;

	if (!inputs_load(o->rules, o->conversation, &in))
		return EXIT_BAD_INPUT;
	e = buf_new((size_t)4 * INPUT_MAX_BYTES, &out);
	if (e == ERR_OK)
		e = actions[action].run(&in, o, out);
	if (e == ERR_OK)
		code = output_write(buf_str(out));
	else if (e == ERR_TOO_LARGE)
		(void)fprintf(stderr, "rendfly: %s is too long for one prompt\n", o->conversation);
	else
		(void)fprintf(stderr, "rendfly: %s\n", err_text(e));
	inputs_done(&in);
	return e == ERR_TOO_LARGE ? EXIT_BAD_INPUT : code;
}

int
judge_main(int argc, char **argv)
{
	struct options o;
	struct args args;
	int status;

	if (!args_read(&judge_manual, argc, argv, &args, &status))
		return status;
	o = (struct options){ .action = args.action->name,
		.rules = args_value(&args, "--rules"),
		.conversation = args_value(&args, "--conversation"),
		.nonce = args_value(&args, "--nonce"),
		.is_random = args_has(&args, "--random"),
		.is_all = args_has(&args, "--all") };
	if (o.nonce != NULL && !is_nonce(o.nonce))
		return args_complain(&judge_manual, "--nonce wants %d hexadecimal digits",
		    JUDGE_NONCE_CHARS);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(o.action, actions[i].name) == 0)
			return run_action(i, &o);
	return EXIT_BAD_INPUT;
}
