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

bool json_is_document(const uint8_t *text, size_t len);

/* For text that json_is_document: where the string that begins at from (behind its quotation mark)
 * ends, and whether there are escapes in it. */
size_t json_string_end(const uint8_t *text, size_t len, size_t from, bool *ret_has_escapes);

size_t json_number_end(const uint8_t *text, size_t len, size_t from);
bool json_is_space(uint8_t c);
