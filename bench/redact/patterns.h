/* SPDX-License-Identifier: Apache-2.0 */
/* patterns - regular expressions in the spirit of our entities, for the engines that we compare
 * with: no look-around and no back references, so that all engines take them. */
#pragma once

#include <stddef.h>

extern const char *const patterns[];
extern const size_t n_patterns;
