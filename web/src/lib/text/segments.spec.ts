// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { prettyJson, segments } from './segments';

const joined = (text: string, quotes: string[]) => segments(text, quotes).map((s) => s.text).join('');

describe('segments', () => {
	it('lose no byte of the text, whatever is quoted', () => {
		const text = 'Hi [EMAIL:k7f3qa], I am [PERSON:abcd12]. Call [PHONE:zz99yy]!';
		for (let from = 0; from < text.length; from++)
			for (let to = from; to <= text.length; to += 3)
				expect(joined(text, [text.slice(from, to), 'not in it'])).toBe(text);
	});
	it('know placeholders by their type', () => {
		expect(segments('to [EMAIL:k7f3qa]', [])).toEqual([
			{ text: 'to ', placeholder: null, quotes: [] },
			{ text: '[EMAIL:k7f3qa]', placeholder: 'EMAIL', quotes: [] }
		]);
	});
	it('know masked and custom ones', () => {
		const found = segments('[CARD:k7f3qa:1111] [CUSTOM_ORDER_NUMBER:k7f3qa]', []).map((s) => s.placeholder);
		expect(found).toEqual(['CARD', null, 'CUSTOM_ORDER_NUMBER']);
	});
	it('never cut a placeholder that a quote ends in', () => {
		const marked = segments('to [EMAIL:k7f3qa] now', ['to [EMA']).filter((s) => s.quotes.length > 0);
		expect(marked.map((s) => s.text).join('')).toBe('to [EMAIL:k7f3qa]');
	});
	it('mark overlapping quotes on the part they share', () => {
		const shared = segments('one two three', ['one two', 'two three']).find((s) => s.text === 'two');
		expect(shared?.quotes).toEqual([0, 1]);
	});
	it('leave what only looks like a placeholder alone', () => {
		expect(segments('[note: x] [EMAIL:] [email:k7f3qa]', [])).toHaveLength(1);
	});
});

describe('prettyJson', () => {
	it('lays out objects and leaves the rest', () => {
		expect(prettyJson('{"a":1}')).toBe('{\n  "a": 1\n}');
		expect(prettyJson('{"a":')).toBe('{"a":');
		expect(prettyJson('5')).toBe('5');
	});
});
