/* SPDX-License-Identifier: Apache-2.0 */
/* audit_verify - `rendfly audit verify`: judges an export of the audit log off line, with the
 * public key.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/export.h"
#include "cli/args.h"
#include "cli/audit.h"
#include "cli/audit_anchors.h"
#include "cli/inputs.h"

#define EXIT_NOT_GOOD 1

static const struct manual_option options[] = { { "--key", "FILE",
						    "the log's public key: name+id+base64", true },
	{ "--anchors", "FILE",
	    "checkpoints that were kept elsewhere before the export was made, one behind the other; "
	    "the log must still hold them, else it was rolled back or forked",
	    false },
	{ "--pruned", NULL, "events older than some entry may have been pruned, their hashes not",
	    false },
	{ 0 } };

const struct manual audit_verify_manual = {
	.name = "audit verify",
	.summary = "judge an export off line, with the public key",
	.usage = "FILE --key FILE [--anchors FILE] [--pruned]",
	.about =
	    "Checks an export of the audit log off line: every hash, the order, gaps in the numbers "
	    "of each workspace, the root and the signature at every checkpoint.",
	.exits =
	    "0 when all hold, 1 with the first bad entry when not, 2 when a file cannot be read.",
	.operands = "FILE",
	.options = options,
};

struct verify_options {
	const char *file;
	const char *key;
	const char *anchors;
	bool may_be_pruned;
};

static bool
read_key(const char *path, struct note_key *ret_key)
{
	CLEANUP(buf) struct buf *bytes = NULL;

	if (!input_read_file(path, &bytes))
		return false;
	if (note_key_read(str_trim(buf_str(bytes)), ret_key) == ERR_OK)
		return true;
	(void)fprintf(stderr, "rendfly: %s is no key of an audit log\n", path);
	return false;
}

static bool
add_anchors(struct export_verifier *v, const char *path)
{
	enum err e = path == NULL ? ERR_OK : audit_anchors_read(v, path);

	if (e == ERR_MALFORMED)
		(void)fprintf(stderr, "rendfly: %s holds what is no checkpoint of this key\n",
		    path);
	else if (e != ERR_OK)
		(void)fprintf(stderr, "rendfly: %s cannot be read\n", path);
	return e == ERR_OK;
}

/* Whole lines of what was read; a file that ends without newline ends with a line that is none. */
static enum err
feed_lines(struct export_verifier *v, struct buf *b, bool is_end)
{
	struct str left = buf_str(b);
	enum err e = ERR_OK;

	while (left.len > 0 && e == ERR_OK) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at) + 1;

		if (end == NULL && !is_end && left.len < EXPORT_LINE_MAX_BYTES)
			break;
		e = export_verifier_line(v, end == NULL ? STR("") : str_slice(left, 0, len - 1));
		left = str_slice(left, len, left.len);
	}
	buf_drop_front(b, buf_len(b) - left.len);
	return e;
}

static enum err
feed_file(struct export_verifier *v, FILE *file)
{
	CLEANUP(buf) struct buf *b = NULL;
	enum err e = buf_new((size_t)4 * EXPORT_LINE_MAX_BYTES, &b);

	while (e == ERR_OK) {
		char *at;
		size_t n;

		e = buf_reserve(b, EXPORT_LINE_MAX_BYTES, &at);
		if (e != ERR_OK)
			break;
		n = fread(at, 1, EXPORT_LINE_MAX_BYTES, file);
		buf_commit(b, n);
		if (ferror(file) != 0)
			return ERR_IO;
		e = feed_lines(v, b, n == 0);
		if (n == 0)
			break;
	}
	return e;
}

static int
tell(const struct export_verdict *v)
{
	if (v->is_good) {
		(void)printf("good: %" PRIu64 " events under a checkpoint of %" PRIu64
			     " entries, %" PRIu64 " pruned\n",
		    v->n_entries, v->size, v->n_pruned);
		return 0;
	}
	if (v->first_bad == v->last_bad)
		(void)printf("BAD at entry %" PRIu64 ": %s\n", v->first_bad, v->why);
	else
		(void)printf("BAD from entry %" PRIu64 " to %" PRIu64 ": %s\n", v->first_bad,
		    v->last_bad, v->why);
	return EXIT_NOT_GOOD;
}

static int
verify(const struct verify_options *o)
{
	CLEANUP(export_verifier) struct export_verifier *v = NULL;
	struct export_verdict verdict;
	struct note_key key;
	FILE *file;
	enum err e;

	if (!read_key(o->key, &key))
		return EXIT_BAD_INPUT;
	e = export_verifier_new(&key, o->may_be_pruned, &v);
	if (e == ERR_OK && !add_anchors(v, o->anchors))
		return EXIT_BAD_INPUT;
	file = fopen(o->file, "rbe");
	if (file == NULL) {
		(void)fprintf(stderr, "rendfly: %s cannot be opened\n", o->file);
		return EXIT_BAD_INPUT;
	}
	if (e == ERR_OK)
		e = feed_file(v, file);
	(void)fclose(file);
	if (e == ERR_OK)
		e = export_verifier_end(v, &verdict);
	if (e != ERR_OK) {
		(void)fprintf(stderr, "rendfly: %s: %s\n", o->file, err_text(e));
		return EXIT_BAD_INPUT;
	}
	return tell(&verdict);
}

int
audit_verify_main(int argc, char **argv)
{
	struct args args;
	int status;

	if (!args_read(&audit_verify_manual, argc, argv, &args, &status))
		return status;
	return verify(&(struct verify_options){ .file = args.operands[0],
	    .key = args_value(&args, "--key"),
	    .anchors = args_value(&args, "--anchors"),
	    .may_be_pruned = args_has(&args, "--pruned") });
}
