/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_syntax - is this text JSON?  One value or several in a row, each an object, an array or a
 * string; a bare number or word is prose.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 1024

/* Where strings end, in their order, and whether there are escapes in them: so many of one text
 * that mostly none is read a second time.  Those of a string that is JSON itself are put behind the
 * others, and taken away again. */
#define JSON_NOTED_STRINGS 4096

struct json_string {
	uint32_t end : 31; /* its quotation mark */
	uint32_t has_escapes : 1;
};

struct json_strings {
	struct json_string at[JSON_NOTED_STRINGS];
	size_t n;
};

/* Notes the strings of a document behind those that are noted. */
bool json_is_document(const uint8_t *text, size_t len, struct json_strings *strings);

/* For text that json_is_document: the string that begins at from, behind its quotation mark. */
struct json_string json_string_at(const uint8_t *text, size_t len, size_t from);

size_t json_number_end(const uint8_t *text, size_t len, size_t from);
bool json_is_space(uint8_t c);
