/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_check - keys that end in a check of themselves: the last six bytes are the CRC-32 of what
 * stands before them, in base 62, of the whole or of what follows the last "_".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool key_crc_is_right(const uint8_t *key, size_t len);
