// SPDX-License-Identifier: Apache-2.0
// Cuts a redacted text into pieces: plain, placeholders, and what evidence quotes.

export interface Segment {
	text: string;
	/** The placeholder's type, when the piece is one. */
	placeholder: string | null;
	/** Indexes of the quotes that cover the piece. */
	quotes: number[];
}

/** `[EMAIL:k7f3qa]`, and with what a masked one still shows: `[CARD:k7f3qa:1111]`. */
const PLACEHOLDER = /\[([A-Z][A-Z_]{1,31}):([a-z0-9]{4,32})(?::[A-Za-z0-9.-]{4,64})?\]/g;

interface Range {
	start: number;
	end: number;
}

function placeholdersIn(text: string): (Range & { type: string })[] {
	return [...text.matchAll(PLACEHOLDER)].map((match) => ({
		start: match.index,
		end: match.index + match[0].length,
		type: match[1] ?? ''
	}));
}

/** The first place of a quote, widened so that it never cuts a placeholder. */
function placeOf(text: string, quote: string, placeholders: Range[]): Range | null {
	const start = quote === '' ? -1 : text.indexOf(quote);
	if (start < 0) return null;
	const range = { start, end: start + quote.length };
	for (const p of placeholders) {
		if (p.start < range.start && range.start < p.end) range.start = p.start;
		if (p.start < range.end && range.end < p.end) range.end = p.end;
	}
	return range;
}

export function segments(text: string, quotes: readonly string[]): Segment[] {
	const placeholders = placeholdersIn(text);
	const places = quotes.map((quote) => placeOf(text, quote, placeholders));
	const cuts = new Set([0, text.length]);
	for (const range of [...placeholders, ...places]) {
		if (range === null) continue;
		cuts.add(range.start);
		cuts.add(range.end);
	}
	const sorted = [...cuts].sort((a, b) => a - b);
	const out: Segment[] = [];
	for (const [i, start] of sorted.entries()) {
		const end = sorted[i + 1];
		if (end === undefined) break;
		out.push({
			text: text.slice(start, end),
			placeholder: placeholders.find((p) => p.start === start && p.end === end)?.type ?? null,
			quotes: places.flatMap((p, q) => (p !== null && p.start <= start && end <= p.end ? [q] : []))
		});
	}
	return out;
}

/** JSON laid out for reading; anything else as it is. */
export function prettyJson(text: string): string {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' ? JSON.stringify(value, null, 2) : text;
	} catch {
		return text;
	}
}
