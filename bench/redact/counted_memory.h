/* SPDX-License-Identifier: Apache-2.0 */
/* counted_memory - how often malloc, calloc and realloc were called so far. */
#pragma once

#include <stddef.h>

size_t counted_memory(void);
