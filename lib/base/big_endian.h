/* SPDX-License-Identifier: Apache-2.0 */
/* big_endian - numbers of 1 to 8 bytes in files and packets, the most significant first. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The low bytes of v; what is above them is lost. */
static inline void
big_endian_put(uint8_t *to, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

static inline uint64_t
big_endian_get(const void *from, size_t bytes)
{
	const uint8_t *at = from;
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | at[i];
	return v;
}
