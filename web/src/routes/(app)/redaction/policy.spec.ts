// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { RedactionSettings } from '#lib/api/types';
import { byGroup, draftOf, policyOf, turnedOff } from './policy';

const SETTINGS: RedactionSettings = {
	version: 3,
	redactor_version: 2,
	changed_at: null,
	changed_by: null,
	policy: {
		min_confidence: 0.3,
		entities: [{ type: 'CARD', action: 'mask', min_confidence: 0.8 }],
		custom: [
			{ name: 'ORDER', pattern: '\\bORD-\\d+', literals: [], ignore_case: false, action: 'replace' },
			{ name: 'PROJECT', pattern: null, literals: ['Falcon', 'Área 51'], ignore_case: true, action: 'drop' }
		],
		allow: [{ value: 'help@shop.example', type: 'EMAIL' }, { value: 'x', type: null }]
	},
	types: [
		{ type: 'EMAIL', group: 'contact', default_action: 'replace', may_mask: true, may_be_off: true },
		{ type: 'CARD', group: 'money', default_action: 'replace', may_mask: true, may_be_off: true },
		{ type: 'SECRET', group: 'secrets', default_action: 'replace', may_mask: false, may_be_off: false }
	]
};

describe('a policy that is worked on', () => {
	it('is the same policy when nothing was changed', () => {
		expect(policyOf(draftOf(SETTINGS))).toEqual(SETTINGS.policy);
	});
	it('offers what may be set and nothing else', () => {
		const actions = Object.fromEntries(draftOf(SETTINGS).entities.map((row) => [row.type, row.actions]));
		expect(actions['EMAIL']).toEqual(['replace', 'mask', 'drop', 'off']);
		expect(actions['SECRET']).toEqual(['replace', 'drop']);
	});
	it('knows what it turns off', () => {
		const draft = draftOf(SETTINGS);
		expect(turnedOff(SETTINGS, draft)).toEqual([]);
		for (const row of draft.entities) if (row.type === 'EMAIL') row.action = 'off';
		expect(turnedOff(SETTINGS, draft)).toEqual(['EMAIL']);
	});
	it('keeps each type in its group', () => {
		expect(byGroup(draftOf(SETTINGS).entities).map(({ group, rows }) => [group, rows.length])).toEqual([
			['contact', 1], ['money', 1], ['secrets', 1]
		]);
	});
});
