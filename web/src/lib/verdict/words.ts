// SPDX-License-Identifier: Apache-2.0
// What the four verdicts and five categories are called, in the order that people want them.
import type { Category, VerdictKind } from '#lib/api/types';

export const VERDICTS = ['fail', 'indeterminate', 'pass', 'not_applicable'] as const satisfies VerdictKind[];

export const VERDICT_WORDS: Record<VerdictKind, string> = {
	pass: 'Passed',
	fail: 'Failed',
	not_applicable: 'Not applicable',
	indeterminate: 'Indeterminate'
};

export const CATEGORY_WORDS: Record<Category, string> = {
	refusal: 'Refusal',
	tone: 'Tone',
	routing: 'Routing',
	factual: 'Factual',
	other: 'Other'
};

export const isVerdict = (text: string | null): text is VerdictKind =>
	VERDICTS.some((verdict) => verdict === text);
