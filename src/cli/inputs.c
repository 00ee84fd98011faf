/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the rule and judge tools read; see inputs.h. */
#include "cli/inputs.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

void
inputs_done(struct inputs *in)
{
	arena_free(in->arena);
	buf_free(in->rules_bytes);
	buf_free(in->conversation_bytes);
	*in = (struct inputs){ 0 };
}

bool
input_read_file(const char *path, struct buf **ret_bytes)
{
	CLEANUP(buf) struct buf *bytes = NULL;
	struct err_detail detail = { "" };
	enum err e = buf_new(INPUT_MAX_BYTES, &bytes);

	if (e == ERR_OK)
		e = file_read(path, bytes, &detail);
	if (e == ERR_OK) {
		*ret_bytes = TAKE(bytes);
		return true;
	}
	if (detail.text[0] != '\0')
		(void)fprintf(stderr, "rendfly: %s\n", detail.text);
	else
		(void)fprintf(stderr, "rendfly: %s cannot be read: %s\n", path,
		    e == ERR_TOO_LARGE ? "more than 32 MiB" : err_text(e));
	return false;
}

static bool
tell_malformed(const char *path, const char *what, enum err e, const struct err_detail *detail)
{
	if (e == ERR_OK)
		return true;
	(void)fprintf(stderr, "rendfly: %s is not %s: %s\n", path, what,
	    detail->text[0] != '\0' ? detail->text : err_text(e));
	return false;
}

static bool
parse_inputs(const char *rules_path, const char *conversation_path, struct inputs *in)
{
	struct err_detail detail = { "" };
	enum err e = arena_new(INPUT_ARENA_BYTES, &in->arena);

	if (e == ERR_OK)
		e = rules_parse(in->arena, buf_str(in->rules_bytes), &in->rules, &detail);
	if (!tell_malformed(rules_path, "a rule file", e, &detail))
		return false;
	e = wire_parse_conversation(in->arena, buf_str(in->conversation_bytes), &in->conversation,
	    &detail);
	return tell_malformed(conversation_path, "a conversation in OpenAI chat format", e,
	    &detail);
}

bool
inputs_load(const char *rules_path, const char *conversation_path, struct inputs *ret_inputs)
{
	struct inputs in = { 0 };

	if (input_read_file(rules_path, &in.rules_bytes) &&
	    input_read_file(conversation_path, &in.conversation_bytes) &&
	    parse_inputs(rules_path, conversation_path, &in)) {
		*ret_inputs = in;
		return true;
	}
	inputs_done(&in);
	return false;
}

int
output_write(struct str bytes)
{
	if (file_write_all(STDOUT_FILENO, bytes) == ERR_OK)
		return 0;
	(void)fprintf(stderr, "rendfly: standard output cannot be written\n");
	return 1;
}
