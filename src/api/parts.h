/* SPDX-License-Identifier: Apache-2.0 */
/* parts - what several handlers read or write the same way. */
#pragma once

#include "api/request.h"
#include "store/store.h"

/* The project of the path, when it is in the session's workspace; inside a transaction. */
MUST_CHECK enum err part_find_project(struct request *r, struct uuid *ret_project);

struct verdict_counts {
	int64_t pass, fail, not_applicable, indeterminate;
};

/* Four columns beginning at one: pass, fail, not_applicable, indeterminate. */
struct verdict_counts part_counts_at(const struct store_rows *rows, size_t row, size_t column);

/* The fields "score" and "verdicts". */
void part_write_score(struct json_out *j, const struct verdict_counts *counts);
