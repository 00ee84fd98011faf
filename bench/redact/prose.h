/* SPDX-License-Identifier: Apache-2.0 */
/* prose - sentences as forms (items.h) in the five languages of the corpus, code and log lines. */
#pragma once

#include <stddef.h>

struct prose {
	const char *const *forms;
	size_t n;
	unsigned int share; /* of a hundred */
};

#define PROSE_LANGUAGES 5

extern const struct prose prose_languages[PROSE_LANGUAGES];
extern const struct prose prose_code;
extern const struct prose prose_logs;
