/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run - how many bytes at the start of a text are none of four given ones and, if asked, ASCII.
 *
 * Sixteen bytes at a time where SSE2 or NEON is (every x86-64 and arm64 has them), else one; the
 * result is the same.  The four stops are a literal, so that the compiler sees them; fewer are
 * repeated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define RUN_STEP 16

#if defined(__SSE2__)

/* A bit for each of 16 bytes that stops a run. */
static inline uint64_t
run_stops(const uint8_t *at, const char stops[static 4], bool stops_high)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i stop = _mm_cmpeq_epi8(v, _mm_set1_epi8(stops[0]));

	for (int i = 1; i < 4; i++)
		if (stops[i] != stops[i - 1])
			stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8(stops[i])));

	if (stops_high)
		stop = _mm_or_si128(stop, v);
	return (uint64_t)(uint32_t)_mm_movemask_epi8(stop);
}

#define RUN_BITS_A_BYTE 1

#elif defined(__aarch64__)

/* Four bits for each byte. */
static inline uint64_t
run_stops(const uint8_t *at, const char stops[static 4], bool stops_high)
{
	uint8x16_t v = vld1q_u8(at);
	uint8x16_t stop = vceqq_u8(v, vdupq_n_u8((uint8_t)stops[0]));

	for (int i = 1; i < 4; i++)
		if (stops[i] != stops[i - 1])
			stop = vorrq_u8(stop, vceqq_u8(v, vdupq_n_u8((uint8_t)stops[i])));

	if (stops_high)
		stop = vorrq_u8(stop, vcgeq_u8(v, vdupq_n_u8(0x80)));
	return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(stop), 4)), 0);
}

#define RUN_BITS_A_BYTE 4

#endif

static inline size_t
run_until(const uint8_t *at, size_t len, const char stops[static 4], bool stops_high)
{
	size_t i = 0;

#if defined(RUN_BITS_A_BYTE)
	for (; i + RUN_STEP <= len; i += RUN_STEP) {
		uint64_t found = run_stops(at + i, stops, stops_high);

		if (found != 0)
			return i + (size_t)__builtin_ctzll(found) / RUN_BITS_A_BYTE;
	}
#endif
	while (i < len && at[i] != (uint8_t)stops[0] && at[i] != (uint8_t)stops[1] &&
	    at[i] != (uint8_t)stops[2] && at[i] != (uint8_t)stops[3] &&
	    !(stops_high && at[i] >= 0x80))
		i++;
	return i;
}
