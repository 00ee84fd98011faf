/* SPDX-License-Identifier: Apache-2.0 */
/* judge - `rendfly judge render|parse|check`: the steps of judging one by one, on files. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "judge/judge.h"

static const char HELP[] =
    "usage: rendfly judge render --rules FILE --conversation FILE [--all] [--random]\n"
    "       rendfly judge parse  --rules FILE --conversation FILE [--all] [--nonce HEX] < ANSWER\n"
    "       rendfly judge check  --rules FILE --conversation FILE\n"
    "\n"
    "render  writes the exact messages that a judging model gets, as JSON\n"
    "parse   reads a model's answer strictly and writes the verdicts as JSON; anything malformed\n"
    "        is indeterminate\n"
    "check   writes the verdicts of the deterministic checks; a rule without a check is\n"
    "        indeterminate\n"
    "\n"
    "The prompt asks about the rules whose check is null; --all asks about every rule.\n"
    "\n"
    "Boundary and nonce of a prompt are random in the running product.  Here, so that parse knows\n"
    "what render wrote, both are derived with SHA-256 from the bytes of the two files.  render\n"
    "--random draws them instead; then give parse the nonce that the prompt shows with --nonce.\n"
    "\n"
    "A rule file is a JSON array of {\"name\",\"description\",\"category\",\"check\"}; a conversation is in\n"
    "OpenAI chat format.  Evidence names a message by its index in that file, system messages counted.\n"
    "Exit 0, or 2 for a bad file.\n";

struct options {
	const char *action;
	const char *rules;
	const char *conversation;
	const char *nonce; /* NULL: derived */
	bool is_random;
	bool is_all;
};

/* An option that takes a value: where it goes, or NULL. */
static const char **
value_of(struct options *o, const char *name)
{
	if (strcmp(name, "--rules") == 0)
		return &o->rules;
	if (strcmp(name, "--conversation") == 0)
		return &o->conversation;
	if (strcmp(name, "--nonce") == 0)
		return &o->nonce;
	return NULL;
}

static bool
parse_options(int argc, char **argv, struct options *o)
{
	if (argc < 2)
		return false;
	o->action = argv[1];
	for (int i = 2; i < argc; i++) {
		const char **value = value_of(o, argv[i]);

		if (strcmp(argv[i], "--random") == 0)
			o->is_random = true;
		else if (strcmp(argv[i], "--all") == 0)
			o->is_all = true;
		else if (value != NULL && i + 1 < argc)
			*value = argv[++i];
		else
			return false;
	}
	return o->rules != NULL && o->conversation != NULL;
}

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
	struct options o = { 0 };

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(HELP, stdout);
			return 0;
		}
	if (parse_options(argc, argv, &o) && (o.nonce == NULL || is_nonce(o.nonce)))
		for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
			if (strcmp(o.action, actions[i].name) == 0)
				return run_action(i, &o);
	(void)fputs(HELP, stderr);
	return EXIT_BAD_INPUT;
}
