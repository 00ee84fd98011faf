/* SPDX-License-Identifier: Apache-2.0 */
/* parts - what a redactor is made of, for this folder and its tests. */
#pragma once

#include "redact/cue.h"
#include "redact/encoded.h"
#include "redact/json_text.h"
#include "redact/masks.h"
#include "redact/number.h"
#include "redact/people.h"
#include "redact/redact.h"
#include "redact/scan.h"
#include "redact/thread.h"
#include "redact/wishes.h"

/* Where encoded words are decoded and scanned. */
struct inner {
	uint8_t bytes[ENCODED_MAX_BYTES];
	size_t n_bytes; /* written since they were wiped */
	struct layer folded;
	struct masked masks;
	struct fields fields;
	struct candidates found;
};

struct redactor {
	masks_function *masks_of;
	struct wishes wishes;
	struct number_run numbers;
	struct name_words names;
	struct json_scratch scratch;
	struct layer folded;
	struct masked masks;
	bool is_json; /* what was laid out */
	struct fields fields;
	struct candidates found;
	struct encoded_words encoded;
	struct inner inner;
	struct thread thread;
	struct people people; /* of the conversation */
	struct people alone;  /* of a text that stands alone */
	struct candidates mentions;
	struct candidates own; /* found by the policy's patterns */
};
