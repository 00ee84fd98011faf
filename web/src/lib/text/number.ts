// SPDX-License-Identifier: Apache-2.0
// Counts and scores as people read them.
const grouped = new Intl.NumberFormat('en');

export const count = (n: number): string => grouped.format(n);

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** Rounded down, so that 100 % means that nothing failed. */
export function percent(score: number | null): string {
	if (score === null) return '–';
	const hundredths = Math.floor(score * 1000) / 10;
	return hundredths >= 99 && hundredths < 100 ? `${hundredths.toFixed(1)} %` : `${Math.floor(score * 100)} %`;
}
