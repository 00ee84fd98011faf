/* SPDX-License-Identifier: Apache-2.0 */
/* parts - what a redactor is made of, for this folder and its tests. */
#pragma once

#include "redact/json_text.h"
#include "redact/masks.h"
#include "redact/prefix.h"
#include "redact/redact.h"
#include "redact/scan.h"

struct redactor {
	masks_function *masks_of;
	struct prefix_index prefixes;
	struct wishes wishes;
	struct json_scratch scratch;
	struct layer folded;
	struct fields fields;
	struct candidates found;
};
