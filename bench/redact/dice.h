/* SPDX-License-Identifier: Apache-2.0 */
/* dice - numbers that look random and are the same in every run (splitmix64). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t
dice_next(struct dice *d)
{
	uint64_t z = (d->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 to n - 1 */
static inline size_t
dice_below(struct dice *d, size_t n)
{
	return (size_t)(dice_next(d) % n);
}

static inline size_t
dice_between(struct dice *d, size_t low, size_t high)
{
	return low + dice_below(d, high - low + 1);
}
