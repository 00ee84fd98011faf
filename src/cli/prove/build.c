/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build - the record that the last scan left beside the program: scan.json.
 *
 * It counts only for the very program that it names by its SHA-256, only for a week (what waits in
 * security updates changes daily), and only when both scans looked and found nothing.
 */
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/prove/prove.h"
#include "seal/seal.h"

#define SCAN_MAX_AGE_DAYS 7
#define PROGRAM_MAX_BYTES (256u << 20)
#define DIGEST_BYTES 32
#define REMEDY "run `make check`"

static bool
own_digest(char ret_hex[static 2 * DIGEST_BYTES + 1])
{
	CLEANUP(buf) struct buf *program = NULL;
	uint8_t digest[DIGEST_BYTES];

	if (buf_new(PROGRAM_MAX_BYTES, &program) != ERR_OK ||
	    file_read("/proc/self/exe", program, NULL) != ERR_OK ||
	    seal_sha256(buf_str(program), digest) != ERR_OK)
		return false;
	hex_encode(digest, sizeof(digest), ret_hex);
	return true;
}

static const char *
text_of(const json_t *scan, const char *name)
{
	const char *text = json_string_value(json_object_get(scan, name));

	return text == NULL ? "not said" : text;
}

static void
judge_scan(const json_t *scan, struct prove_result *r)
{
	const json_int_t at = json_integer_value(json_object_get(scan, "at"));
	const int64_t age_s = clock_wall_ms() / 1000 - at;
	const char *secrets = text_of(scan, "secrets"),
		   *dependencies = text_of(scan, "dependencies");
	const bool is_changed = !json_is_false(json_object_get(scan, "is_changed"));
	char digest[2 * DIGEST_BYTES + 1];

	if (!own_digest(digest)) {
		prove_say(r, false, "this program's own file cannot be read");
		return;
	}
	if (strcmp(text_of(scan, "program_sha256"), digest) != 0) {
		prove_say(r, false,
		    "the last scan was of another build than this program: " REMEDY);
		return;
	}
	if (age_s < 0 || age_s > SCAN_MAX_AGE_DAYS * INT64_C(86400)) {
		prove_say(r, false, "the last scan is %lld days old, %d are allowed: " REMEDY,
		    (long long)(age_s / 86400), SCAN_MAX_AGE_DAYS);
		return;
	}
	prove_say(r, strcmp(secrets, "clean") == 0 && strcmp(dependencies, "clean") == 0,
	    "scanned %lld hours ago at commit %.12s%s, this very program; secrets in tree and history: "
	    "%s; dependencies: %s",
	    (long long)(age_s / 3600), text_of(scan, "commit"),
	    is_changed ? " with changes not committed" : "", secrets, dependencies);
}

void
prove_scans(const struct prove_context *p, struct prove_result *r)
{
	char program[PATH_MAX] = "", path[PATH_MAX + 16];
	json_t *scan;

	(void)p;
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/scan.json", dirname(program));
	scan = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	if (scan == NULL) {
		prove_say(r, false, "no record of a scan beside the program: " REMEDY);
		return;
	}
	judge_scan(scan, r);
	json_decref(scan);
}
