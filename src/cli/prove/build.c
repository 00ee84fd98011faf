/* SPDX-License-Identifier: Apache-2.0 */
/* build - the record that the last scan left beside the program: scan.json. */
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/prove/prove.h"

#define SCAN_MAX_AGE_DAYS 30

void
prove_scans(const struct prove_context *p, struct prove_result *r)
{
	char program[PATH_MAX] = "", path[PATH_MAX];
	json_int_t at, age_days;
	json_t *scan;

	(void)p;
	if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/scan.json", dirname(program));
	scan = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	if (scan == NULL) {
		prove_say(r, false, "no record of a scan beside the program: run `make check`");
		return;
	}
	at = json_integer_value(json_object_get(scan, "at"));
	age_days = (clock_wall_ms() / 1000 - at) / 86400;
	prove_say(r,
	    json_is_true(json_object_get(scan, "secrets_clean")) &&
		json_is_true(json_object_get(scan, "dependencies_clean")) && age_days >= 0 &&
		age_days <= SCAN_MAX_AGE_DAYS,
	    "last scan %lld days ago: secrets in tree and history %s, dependencies %s, commit %s",
	    (long long)age_days,
	    json_is_true(json_object_get(scan, "secrets_clean")) ? "none" : "FOUND",
	    json_is_true(json_object_get(scan, "dependencies_clean"))
		? "without pending security updates"
		: "with pending security updates or not looked at",
	    json_string_value(json_object_get(scan, "commit")) != NULL
		? json_string_value(json_object_get(scan, "commit"))
		: "unknown");
	json_decref(scan);
}
