// SPDX-License-Identifier: Apache-2.0
// Reads {"package", "numbers": {KIND: [text]}} from standard input, answers {KIND: [valid]} by the
// npm package stdnum, which knows nothing of ours.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const KINDS = {
	CPF: ['BR', 'cpf'], CNPJ: ['BR', 'cnpj'], NINO: ['GB', 'nino'], STEUER_ID: ['DE', 'idnr'], NIR: ['FR', 'nir'],
	DNI: ['ES', 'dni'], NIE: ['ES', 'nie'], CIF: ['ES', 'cif'], CODICE_FISCALE: ['IT', 'codicefiscale'],
	NIF: ['PT', 'nif'], BSN: ['NL', 'bsn'], BE_NRN: ['BE', 'nn'], PESEL: ['PL', 'pesel'],
	PERSONNUMMER: ['SE', 'personnummer'], HETU: ['FI', 'hetu'], CUIT: ['AR', 'cuit'], CURP: ['MX', 'curp'],
	RFC: ['MX', 'rfc'], RUT: ['CL', 'rut'], SSN: ['US', 'ssn'], EIN: ['US', 'ein'],
};
const asked = JSON.parse(readFileSync(0, 'utf8'));
const { stdnum } = createRequire(asked.package + '/')('stdnum');
const answer = {};
for (const [kind, numbers] of Object.entries(asked.numbers)) {
	const [country, name] = KINDS[kind];
	// Its RUT and DNI do not know dots.
	answer[kind] = numbers.map((number) => stdnum[country][name].validate(number.replaceAll('.', '')).isValid);
}
process.stdout.write(JSON.stringify(answer));
