/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock - the two clocks.  The wall clock may step in either direction and is for people and for
 * records; the monotonic one never goes back and is for every deadline and every duration.
 */
#pragma once

#include <stdint.h>

int64_t clock_wall_us(void);
int64_t clock_wall_ms(void);
int64_t clock_monotonic_us(void);
int64_t clock_monotonic_ms(void);
