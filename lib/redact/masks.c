/* SPDX-License-Identifier: Apache-2.0 */
/* masks - three ways to the same bits: plain C, SSE2, AVX2. */
#include <stdlib.h>

#include "redact/layer.h"
#include "redact/masks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { IS_ALNUM = 1, IS_DIGIT = 2, IS_SIGN = 4, IS_HIGH = 8 };

static uint8_t
class_of(uint8_t c)
{
	uint8_t lower = c | 0x20;

	if (c >= '0' && c <= '9')
		return IS_ALNUM | IS_DIGIT;
	if (lower >= 'a' && lower <= 'z')
		return IS_ALNUM;
	if (c == '@' || c == ':' || c == '=' || c == '[' || c == '%' || c == '/')
		return IS_SIGN;
	return c >= 0x80 ? IS_HIGH : 0;
}

static void
masks_plain(const uint8_t *at, size_t n_blocks, struct masks *ret_masks)
{
	for (size_t b = 0; b < n_blocks; b++) {
		struct masks m = { 0 };

		for (unsigned int i = 0; i < MASKS_BLOCK; i++) {
			uint8_t c = class_of(at[b * MASKS_BLOCK + i]);

			m.alnum |= (uint64_t)(c & IS_ALNUM) << i;
			m.digit |= (uint64_t)(c >> 1 & 1) << i;
			m.sign |= (uint64_t)(c >> 2 & 1) << i;
			m.high |= (uint64_t)(c >> 3 & 1) << i;
		}
		ret_masks[b] = m;
	}
}

#if defined(__x86_64__)

/* A byte is in [low, low + width] when it is at or below the top after the shift that brings the
 * range to the bottom of the signed bytes. */
static __m128i
in_range_128(__m128i v, char low, char width)
{
	__m128i moved = _mm_add_epi8(v, _mm_set1_epi8((char)(-128 - low)));

	return _mm_cmpgt_epi8(_mm_set1_epi8((char)(-128 + width + 1)), moved);
}

static void
masks_of_16(const uint8_t *at, unsigned int shift, struct masks *m)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i digit = in_range_128(v, '0', 9);
	__m128i letter = in_range_128(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 25);
	__m128i sign = _mm_cmpeq_epi8(v, _mm_set1_epi8('@'));

	sign = _mm_or_si128(sign, _mm_cmpeq_epi8(v, _mm_set1_epi8(':')));
	sign = _mm_or_si128(sign, _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
	sign = _mm_or_si128(sign, _mm_cmpeq_epi8(v, _mm_set1_epi8('[')));
	sign = _mm_or_si128(sign, _mm_cmpeq_epi8(v, _mm_set1_epi8('%')));
	sign = _mm_or_si128(sign, _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));
	m->alnum |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(digit, letter)) << shift;
	m->digit |= (uint64_t)(uint32_t)_mm_movemask_epi8(digit) << shift;
	m->sign |= (uint64_t)(uint32_t)_mm_movemask_epi8(sign) << shift;
	m->high |= (uint64_t)(uint32_t)_mm_movemask_epi8(v) << shift;
}

static void
masks_sse2(const uint8_t *at, size_t n_blocks, struct masks *ret_masks)
{
	for (size_t b = 0; b < n_blocks; b++) {
		struct masks m = { 0 };

		for (unsigned int i = 0; i < MASKS_BLOCK; i += 16)
			masks_of_16(at + b * MASKS_BLOCK + i, i, &m);
		ret_masks[b] = m;
	}
}

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

AVX2 __m256i
in_range_256(__m256i v, char low, char width)
{
	__m256i moved = _mm256_add_epi8(v, _mm256_set1_epi8((char)(-128 - low)));

	return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(-128 + width + 1)), moved);
}

/* Signs by one look: the byte that stands at its low four bits in the table is the byte itself.
 * A byte past ASCII is looked up as 0. */
AVX2 __m256i
signs_of_32(__m256i v)
{
	/* '@' 40, '%' 25, ':' 3A, '[' 5B, '=' 3D, '/' 2F */
	const __m256i table = _mm256_setr_epi8('@', -1, -1, -1, -1, '%', -1, -1, -1, -1, ':', '[',
	    -1, '=', -1, '/', '@', -1, -1, -1, -1, '%', -1, -1, -1, -1, ':', '[', -1, '=', -1, '/');

	return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, v), v);
}

AVX2 void
masks_of_32(const uint8_t *at, unsigned int shift, struct masks *m)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)at);
	__m256i digit = in_range_256(v, '0', 9);
	__m256i letter = in_range_256(_mm256_or_si256(v, _mm256_set1_epi8(0x20)), 'a', 25);

	m->alnum |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(digit, letter))
	    << shift;
	m->digit |= (uint64_t)(uint32_t)_mm256_movemask_epi8(digit) << shift;
	m->sign |= (uint64_t)(uint32_t)_mm256_movemask_epi8(signs_of_32(v)) << shift;
	m->high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(v) << shift;
}

__attribute__((target("avx2"))) static void
masks_avx2(const uint8_t *at, size_t n_blocks, struct masks *ret_masks)
{
	for (size_t b = 0; b < n_blocks; b++) {
		struct masks m = { 0 };

		masks_of_32(at + b * MASKS_BLOCK, 0, &m);
		masks_of_32(at + b * MASKS_BLOCK + 32, 32, &m);
		ret_masks[b] = m;
	}
}

#endif

enum err
masks_fill(struct masked *m, masks_function *of, const uint8_t *text, size_t len)
{
	size_t n = masks_n_blocks(len);
	void *at = m->at;
	enum err e = grow(&at, &m->cap, n + 1, sizeof(*m->at));

	m->at = at;
	if (e != ERR_OK)
		return e;
	of(text, n, m->at);
	m->at[n] = (struct masks){ 0 };
	return ERR_OK;
}

void
masks_done(struct masked *m)
{
	free(m->at);
	*m = (struct masked){ 0 };
}

bool
masks_is_supported(enum masks_kind kind)
{
#if defined(__x86_64__)
	return kind != MASKS_AVX2 || __builtin_cpu_supports("avx2") != 0;
#else
	return kind == MASKS_PLAIN;
#endif
}

masks_function *
masks_of_kind(enum masks_kind kind)
{
#if defined(__x86_64__)
	static masks_function *const functions[MASKS_N_KINDS] = {
		[MASKS_PLAIN] = masks_plain,
		[MASKS_SSE2] = masks_sse2,
		[MASKS_AVX2] = masks_avx2,
	};

	return functions[kind];
#else
	(void)kind;
	return masks_plain;
#endif
}

masks_function *
masks_best(void)
{
	if (masks_is_supported(MASKS_AVX2))
		return masks_of_kind(MASKS_AVX2);
	return masks_of_kind(masks_is_supported(MASKS_SSE2) ? MASKS_SSE2 : MASKS_PLAIN);
}
