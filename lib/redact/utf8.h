/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - strict UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_is_valid(const uint8_t *at, size_t len);

/* Both need valid UTF-8 (or a code point that exists); they return the length in bytes. */
size_t utf8_decode(const uint8_t *at, uint32_t *ret_code);
size_t utf8_encode(uint32_t code, uint8_t ret_bytes[static 4]);

/* The length of the run of ASCII bytes at the start. */
size_t utf8_ascii_run(const uint8_t *at, size_t len);
