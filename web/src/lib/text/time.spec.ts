// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { percent } from './number';
import { humanDuration, humanTime } from './time';

const NOW = Date.parse('2026-11-24T12:00:00Z');

it.each([
	['2026-11-24T11:59:30Z', 'just now'],
	['2026-11-24T11:30:00Z', '30 minutes ago'],
	['2026-11-24T10:00:00Z', '2 hours ago'],
	['2026-11-23T11:00:00Z', 'yesterday'],
	['2026-11-10T12:00:00Z', 'Nov 10'],
	['2024-11-10T12:00:00Z', 'Nov 10, 2024']
])('%s is said as %s', (iso, said) => expect(humanTime(iso, NOW)).toBe(said));

it.each([
	[420, '420 µs'],
	[84_000, '84 ms'],
	[1_240_000, '1.2 s'],
	[61_000_000, '61 s']
])('%i µs is said as %s', (us, said) => expect(humanDuration(us)).toBe(said));

it.each([
	[null, '–'],
	[1, '100 %'],
	[0.9999, '99.9 %'],
	[0.875, '87 %'],
	[0, '0 %']
])('a score of %s is said as %s', (score, said) => expect(percent(score)).toBe(said));
