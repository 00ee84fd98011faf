// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { typeWords } from './entity';

it('words are small, abbreviations stay', () => {
	expect(['EMAIL', 'POSTAL_CODE', 'CPF', 'BE_NRN', 'STEUER_ID', 'PIX_KEY'].map(typeWords)).toEqual([
		'email',
		'postal code',
		'CPF',
		'BE NRN',
		'steuer ID',
		'PIX key'
	]);
});
