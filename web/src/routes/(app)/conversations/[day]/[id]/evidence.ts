// SPDX-License-Identifier: Apache-2.0
// Which quotes belong to which message, and whether a broken rule stands behind them.
import type { Verdict } from '#lib/api/types';

export interface Quoted {
	quotes: string[];
	isFailing: boolean;
}

export function quotesByMessage(verdicts: readonly Verdict[]): Map<number, Quoted> {
	const out = new Map<number, Quoted>();
	for (const verdict of verdicts)
		for (const { message, quote } of verdict.evidence) {
			const at = out.get(message) ?? { quotes: [], isFailing: false };
			at.quotes.push(quote);
			at.isFailing ||= verdict.verdict === 'fail';
			out.set(message, at);
		}
	return out;
}

export const anchor = (position: number): string => `message-${position}`;
