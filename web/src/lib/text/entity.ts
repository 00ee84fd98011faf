// SPDX-License-Identifier: Apache-2.0
// What people call a type of redacted data: words small, abbreviations as they are written.

const ABBREVIATIONS = new Set(
	(
		'CPF CNPJ RG CNH PIS CNS SSN ITIN EIN NINO NHS NIR DNI NIE CIF NIF BSN BE NRN PESEL HETU CPR CUIT CURP RFC RUT ' +
		'IBAN PIX IP MAC IMEI ID'
	).split(' ')
);

export function typeWords(type: string): string {
	return type
		.split('_')
		.map((word) => (ABBREVIATIONS.has(word) ? word : word.toLowerCase()))
		.join(' ');
}
