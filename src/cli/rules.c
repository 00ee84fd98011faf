/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules - `rendfly rules extract`: a system message in, a rule file out.  The judging model of the
 * configuration splits it, or, --offline, its words alone.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/inputs.h"
#include "judge/judge.h"
#include "judge/model_open.h"

#define STEP_MS 500
#define TELL_EVERY_MS 2000

static const struct manual_action actions[] = {
	{ "extract", NULL,
	    "splits a system message into rules and writes them to standard output as a rule file" },
	{ 0 }
};

static const struct manual_option options[] = { { "--system-message", "FILE",
						    "the system message, UTF-8 text", true },
	{ "--offline", NULL, "split it by its words alone: no model, no configuration", false },
	{ "--dir", "DIR", "the data folder whose configuration names the model (default: var)",
	    false },
	{ 0 } };

const struct manual rules_manual = {
	.name = "rules",
	.summary = "split a system message into rules",
	.usage = "extract --system-message FILE [--offline | --dir DIR]",
	.about =
	    "A rule file is a JSON array of {\"name\",\"description\",\"category\",\"check\"}. A rule "
	    "whose check is null needs a judging model; the others are checked without any.\n"
	    "The judging model (judge_base_url, judge_model, judge_key_file) splits the message; the "
	    "text is sent to it as it is. Each rule must name a passage that stands in the message. "
	    "A check never comes from the model: it is seen in the passage's own words, and what "
	    "the words alone show is there whatever the model leaves out.",
	.exits =
	    "0; 1 when the model could not be asked or its answer is not taken, with the reason; 2 "
	    "for a file that cannot be read, or when no model is configured.",
	.actions = actions,
	.options = options,
};

struct asking {
	struct arena *arena;
	bool is_done;
	enum model_outcome outcome;
	struct str answer;
};

static void
take_answer(void *context, enum model_outcome outcome, struct str answer, int tries)
{
	struct asking *asking = context;

	(void)tries;
	asking->is_done = true;
	asking->outcome = outcome;
	asking->answer = arena_copy(asking->arena, answer);
}

/* Waits for the answer, and says so while it takes long. */
static enum err
ask(struct model_client *client, struct str messages_json, const char *model, struct asking *asking)
{
	int64_t began = clock_monotonic_ms(), told = began;
	enum err e = model_call_start(client, messages_json, NULL, take_answer, asking);

	while (e == ERR_OK && !asking->is_done) {
		int64_t now;

		e = model_client_step(client, STEP_MS);
		now = clock_monotonic_ms();
		if (!asking->is_done && now - told >= TELL_EVERY_MS) {
			(void)fprintf(stderr, "waiting for %s (%d s)\n", model,
			    (int)((now - began) / 1000));
			told = now;
		}
	}
	return e;
}

static enum err
ask_and_read(const struct conf *conf, struct model_client *client, struct arena *a,
    struct str message, struct rule_set *ret_rules, struct err_detail *reterr)
{
	struct asking asking = { .arena = a };
	struct err_detail reason = { "" };
	struct judge_prompt prompt;
	enum err e = judge_extract_render(a, message, &prompt);

	if (e == ERR_MALFORMED)
		return err_set(reterr, e, "the system message is not UTF-8 text");
	if (e == ERR_TOO_LARGE)
		return err_set(reterr, e,
		    "the system message is too long for one prompt; --offline takes it");
	if (e == ERR_OK)
		e = ask(client, prompt.messages_json, conf->judge_model, &asking);
	if (e != ERR_OK)
		return e;
	if (asking.outcome != MODEL_ANSWERED)
		return err_set(reterr, ERR_BUSY, "%s (%s at %s)",
		    model_outcome_text(asking.outcome), conf->judge_model, conf->judge_base_url);
	e = judge_extract_parse(a, message, &prompt, asking.answer, ret_rules, &reason);
	return e == ERR_MALFORMED
	    ? err_set(reterr, ERR_DENIED,
		  "the answer of %s is not taken: %s; ask again, or use --offline",
		  conf->judge_model, reason.text)
	    : e;
}

static enum err
extract_by_model(const struct args *args, struct arena *a, struct str message,
    struct rule_set *ret_rules, struct err_detail *reterr)
{
	CLEANUP(secret) struct secret *key = NULL;
	CLEANUP(model_client) struct model_client *client = NULL;
	struct conf conf;
	enum err e;

	if (!folder_load(args, &conf, reterr))
		return ERR_NOT_FOUND;
	e = model_open(&conf, &key, &client, reterr);
	if (e == ERR_OK && client == NULL)
		return err_set(reterr, ERR_NOT_FOUND,
		    "no judging model is configured: set judge_base_url, judge_model and "
		    "judge_key_file in %s/rendfly.conf, or use --offline, which reads the words alone",
		    conf.dir);
	return e == ERR_OK ? ask_and_read(&conf, client, a, message, ret_rules, reterr) : e;
}

static enum err
extract_offline(struct arena *a, struct str message, struct rule_set *ret_rules,
    struct err_detail *reterr)
{
	enum err e = rules_extract_offline(a, message, ret_rules);

	return e == ERR_MALFORMED ? err_set(reterr, e, "the system message is not UTF-8 text") : e;
}

static int
extract(const struct args *args)
{
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP(buf) struct buf *message = NULL, *out = NULL;
	struct err_detail detail = { "" };
	struct rule_set rules;
	enum err e;

	if (!input_read_file(args_value(args, "--system-message"), &message))
		return EXIT_BAD_INPUT;
	e = arena_new(INPUT_ARENA_BYTES, &a);
	if (e == ERR_OK)
		e = buf_new(INPUT_MAX_BYTES, &out);
	if (e == ERR_OK)
		e = args_has(args, "--offline")
		    ? extract_offline(a, buf_str(message), &rules, &detail)
		    : extract_by_model(args, a, buf_str(message), &rules, &detail);
	if (e == ERR_OK)
		e = rules_write(&rules, out);
	if (e == ERR_OK)
		return output_write(buf_str(out));
	(void)fprintf(stderr, "rendfly rules: %s\n",
	    detail.text[0] != '\0' ? detail.text : err_text(e));
	return e == ERR_NOT_FOUND || e == ERR_MALFORMED ? EXIT_BAD_INPUT : 1;
}

int
rules_main(int argc, char **argv)
{
	struct args args;
	int status;

	return args_read(&rules_manual, argc, argv, &args, &status) ? extract(&args) : status;
}
