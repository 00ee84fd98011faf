/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_class - which characters a "." , an escape such as \d or a class such as [a-z] takes. */
#pragma once

#include "redact/pattern_parts.h"
#include "redact/scan.h"

struct character_class {
	struct byte_set ascii;
	bool has_others; /* every character that is not ASCII, too */
};

struct class_fault {
	const char **what;
	const char **remedy;
};

void class_any(struct character_class *ret_class);

/* Of the character behind a backslash; false when it names no class. */
bool class_of_escape(uint8_t c, struct character_class *ret_class);

/* Reads "[…]"; returns how many bytes it was, 0 with the fault. */
size_t class_read(const uint8_t *text, size_t len, bool is_case_ignored,
    struct character_class *ret_class, const struct class_fault *ret_fault);
